// The endpoints that VMM servers and Hyper-V hosts need. They differ from the endpoints of Azure VMs.
// Only data.
import type { Cloud } from './clouds.ts';

/** One endpoint of a host. */
export interface HostEndpoint {
  readonly url: string;
  readonly protocol: 'Tcp' | 'Udp';
  readonly port: number;
  readonly serviceTags: readonly string[];
  readonly purpose: string;
}

/** The domains that differ between clouds. */
interface CloudDomains {
  readonly signIn: string;
  /** The documents name it for two clouds only. */
  readonly accessControl: string | null;
  readonly service: string;
  readonly storage: string;
}

/** Germany is missing: Microsoft has published no list of hosts for this closed cloud. */
const DOMAINS: Readonly<Partial<Record<Cloud, CloudDomains>>> = {
  public: {
    signIn: 'login.microsoftonline.com',
    accessControl: '*.accesscontrol.windows.net',
    service: 'windowsazure.com',
    storage: 'core.windows.net',
  },
  usGovernment: {
    signIn: 'login.microsoftonline.us',
    accessControl: null,
    service: 'windowsazure.us',
    storage: 'core.usgovcloudapi.net',
  },
  china: {
    signIn: 'login.chinacloudapi.cn',
    accessControl: '*.accesscontrol.chinacloudapi.cn',
    service: 'windowsazure.cn',
    storage: 'core.chinacloudapi.cn',
  },
};

const NTP_PORT = 123;
const https = (url: string, serviceTags: readonly string[], purpose: string): HostEndpoint => ({
  url,
  protocol: 'Tcp',
  port: 443,
  serviceTags,
  purpose,
});
const time = (url: string): HostEndpoint => ({
  url,
  protocol: 'Udp',
  port: NTP_PORT,
  serviceTags: [],
  purpose: 'comparing the clock with global time',
});

/** The endpoints of VMM servers and Hyper-V hosts; undefined: the cloud has no known list. */
export function hostEndpointsOf(cloud: Cloud): readonly HostEndpoint[] | undefined {
  const domains = DOMAINS[cloud];
  return (
    domains && [
      https(domains.signIn, ['AzureActiveDirectory'], 'signing in to Site Recovery'),
      ...(domains.accessControl === null
        ? []
        : [https(domains.accessControl, [], 'access control of older providers')]),
      https(
        `*.hypervrecoverymanager.${domains.service}`,
        ['AzureSiteRecovery'],
        'speaking with Site Recovery',
      ),
      https(`*.store.${domains.storage}`, ['Storage'], 'replication data and metadata'),
      https(`*.blob.${domains.storage}`, ['Storage'], 'replication data; only for replication to Azure'),
      https(
        `*.backup.${domains.service}`,
        ['AzureBackup'],
        'transfer of replication data; only for replication to Azure',
      ),
      { ...https('www.msftncsi.com/ncsi.txt', [], 'the test of Windows for internet access'), port: 80 },
      time('time.windows.com'),
      time('time.nist.gov'),
    ]
  );
}
