// The clouds of Azure, and the endpoints that a firewall or proxy must allow in each cloud. Only
// data and text.
/** The clouds of Azure with known endpoints. */
export const CLOUDS = ['public', 'usGovernment', 'germany', 'china'] as const;
/** A cloud of Azure. */
export type Cloud = (typeof CLOUDS)[number];

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
  usGovernment: endpoints(
    '*.blob.core.usgovcloudapi.net',
    'login.microsoftonline.us',
    '*.hypervrecoverymanager.windowsazure.us',
    '*.servicebus.usgovcloudapi.net',
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
  usGovernment: 'https://www.microsoft.com/download/details.aspx?id=57063',
  germany: 'https://www.microsoft.com/download/details.aspx?id=57064',
  china: 'https://www.microsoft.com/download/details.aspx?id=57062',
};

/**
 * Microsoft publishes the addresses of Office 365 here. The sets 56 and 59 of the area Common are
 * the addresses of the sign-in.
 */
export const SIGN_IN_RANGE_URLS: Readonly<Record<Cloud, string>> = {
  public: 'https://endpoints.office.com/endpoints/Worldwide',
  usGovernment: 'https://endpoints.office.com/endpoints/USGovGCCHigh',
  germany: 'https://endpoints.office.com/endpoints/Germany',
  china: 'https://endpoints.office.com/endpoints/China',
};

/** The regions of the sovereign clouds. The subscriptions of another cloud do not list them. */
const SOVEREIGN_REGIONS: Readonly<Record<Exclude<Cloud, 'public'>, readonly string[]>> = {
  usGovernment: ['usgovvirginia', 'usgovtexas', 'usgovarizona', 'usgoviowa', 'usdodcentral', 'usdodeast'],
  germany: ['germanycentral', 'germanynortheast'],
  china: ['chinaeast', 'chinaeast2', 'chinaeast3', 'chinanorth', 'chinanorth2', 'chinanorth3'],
};
const AIR_GAPPED_REGION = /^us(nat|sec)/;

/** True for a region of a cloud whose endpoints Microsoft does not publish. */
export const isAirGapped = (region: string): boolean => AIR_GAPPED_REGION.test(region);

/** The sovereign cloud of a region; undefined for all other names. */
export const sovereignCloudOf = (region: string): Cloud | undefined =>
  CLOUDS.find((cloud) => cloud !== 'public' && SOVEREIGN_REGIONS[cloud].includes(region));

/**
 * The cloud of an existing region, also of a newer one. German regions with other names belong to
 * the public cloud.
 */
export function cloudOf(region: string): Cloud {
  if (region.startsWith('china')) return 'china';
  if (/^us(gov|dod)/.test(region)) return 'usGovernment';
  return sovereignCloudOf(region) ?? 'public';
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
    `tags, published at ${ADDRESS_RANGE_URLS[cloud]}; they change weekly. The sign-in also has the ` +
    `addresses of Office 365 (sets 56 and 59 of Common), published at ${SIGN_IN_RANGE_URLS[cloud]}. ` +
    "Site Recovery's own addresses are those of the tag AzureSiteRecovery. All on TCP 443, outbound."
  );
}
