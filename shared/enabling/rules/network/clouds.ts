// The clouds of Azure, and what a firewall or proxy must let through in each. Data, to be read by people too.
export type Cloud = 'public' | 'germany' | 'china';

export interface Endpoint {
  readonly url: string;
  readonly serviceTag: string;
  /** The region that the service tag may be narrowed to. */
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

/** Where the address ranges of service tags are published. */
export const ADDRESS_RANGE_URLS: Readonly<Record<Cloud, string>> = {
  public: 'https://www.microsoft.com/download/details.aspx?id=56519',
  germany: 'https://www.microsoft.com/download/details.aspx?id=57064',
  china: 'https://www.microsoft.com/download/details.aspx?id=57062',
};

const GERMAN_CLOUD: readonly string[] = ['germanycentral', 'germanynortheast'];

/** The German regions with other names belong to the public cloud. */
export function cloudOf(region: string): Cloud {
  if (region.startsWith('china')) return 'china';
  return GERMAN_CLOUD.includes(region) ? 'germany' : 'public';
}

/** The service tag, or the same narrowed to a region, as rules write it. */
export function serviceTagsOf(
  { serviceTag, tagRegion }: Endpoint,
  regions: { readonly source: string; readonly target: string },
): readonly string[] {
  return tagRegion === null ? [serviceTag] : [serviceTag, `${serviceTag}.${regions[tagRegion]}`];
}

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
