// The clouds of Azure, and the endpoints that a firewall or proxy must allow in each cloud. Only
// data and text.
/** A cloud of Azure. */
export type Cloud = 'public' | 'germany' | 'china';

/** One endpoint that replication needs. */
export interface Endpoint {
  readonly url: string;
  readonly serviceTag: string;
  /** Rules may narrow the service tag to this region. */
  readonly tagRegion: 'source' | 'target' | null;
  readonly purpose: string;
}

const endpoint = (
  url: string,
  serviceTag: string,
  tagRegion: Endpoint['tagRegion'],
  purpose: string,
): Endpoint => ({ url, serviceTag, tagRegion, purpose });

const endpoints = (
  storage: string,
  signIn: string,
  siteRecovery: string,
  monitoring: string,
): readonly Endpoint[] => [
  endpoint(storage, 'Storage', 'source', 'writing changes to the cache storage account'),
  endpoint(signIn, 'AzureActiveDirectory', null, 'signing in to Site Recovery'),
  endpoint(siteRecovery, 'AzureSiteRecovery', null, 'speaking with Site Recovery'),
  endpoint(monitoring, 'EventHub', 'target', 'monitoring and diagnostics'),
];

/** The endpoints of each cloud. */
export const ENDPOINTS: Readonly<Record<Cloud, readonly Endpoint[]>> = {
  public: endpoints(
    '*.blob.core.windows.net',
    'login.microsoftonline.com',
    '*.hypervrecoverymanager.windowsazure.com',
    '*.servicebus.windows.net',
  ),
  germany: endpoints(
    '*.blob.core.cloudapi.de',
    'login.microsoftonline.de',
    '*.hypervrecoverymanager.windowsazure.de',
    '*.servicebus.cloudapi.de',
  ),
  china: endpoints(
    '*.blob.core.chinacloudapi.cn',
    'login.chinacloudapi.cn',
    '*.hypervrecoverymanager.windowsazure.cn',
    '*.servicebus.chinacloudapi.cn',
  ),
};

/** Microsoft publishes the address ranges of the service tags here. */
export const ADDRESS_RANGE_URLS: Readonly<Record<Cloud, string>> = {
  public: 'https://www.microsoft.com/download/details.aspx?id=56519',
  germany: 'https://www.microsoft.com/download/details.aspx?id=57064',
  china: 'https://www.microsoft.com/download/details.aspx?id=57062',
};

const GERMAN_CLOUD: readonly string[] = ['germanycentral', 'germanynortheast'];

/** The cloud of a region. German regions with other names belong to the public cloud. */
export function cloudOf(region: string): Cloud {
  if (region.startsWith('china')) return 'china';
  return GERMAN_CLOUD.includes(region) ? 'germany' : 'public';
}

/** The service tag, and the same tag for one region, as rules write it. */
export function serviceTagsOf(
  { serviceTag, tagRegion }: Endpoint,
  regions: { readonly source: string; readonly target: string },
): readonly string[] {
  return tagRegion === null ? [serviceTag] : [serviceTag, `${serviceTag}.${regions[tagRegion]}`];
}

/** The text for people about the endpoints of a cloud. */
export function firewallText(
  cloud: Cloud,
  regions: { readonly source: string; readonly target: string },
): string {
  const byUrl = ENDPOINTS[cloud].map(({ url, purpose }) => `${url} (${purpose})`).join('; ');
  const byTag = ENDPOINTS[cloud].map((endpoint) => serviceTagsOf(endpoint, regions).at(-1)).join(', ');
  return (
    `By URL: ${byUrl}. By service tag: ${byTag}. By address range: those of these service ` +
    `tags, published at ${ADDRESS_RANGE_URLS[cloud]}; they change weekly. All on TCP 443, ` +
    'outbound.'
  );
}
