// Lists the endpoints that a firewall or proxy must allow. The firewall route calls it.
import {
  ADDRESS_RANGE_URLS,
  cloudOf,
  ENDPOINTS,
  serviceTagsOf,
  SIGN_IN_RANGE_URLS,
  type Cloud,
} from '../scenarios/enabling/clouds.ts';
import { hostEndpointsOf, type HostEndpoint } from '../scenarios/enabling/hostEndpoints.ts';
import { rejected } from '../core/errors.ts';
import type { FirewallQuery } from './queries.ts';

/**
 * The endpoints for a cloud and its regions. Throws 400 when a region belongs to another cloud. The
 * caller has checked that the regions exist.
 */
export function firewallView(query: FirewallQuery) {
  const { region, machines, 'target.region': targetRegion = region } = query;
  const { cloud = cloudOf(region) } = query;
  assertRegionsInCloud(cloud, [region, targetRegion]);
  const regions = { source: region, target: targetRegion };
  return {
    cloud,
    machines,
    source: { region },
    target: { region: targetRegion },
    direction: 'Outbound',
    endpoints: machines === 'azureVm' ? vmEndpointsOf(cloud, regions) : requireHostEndpoints(cloud),
    /** The addresses behind the service tags; they change weekly. */
    addressRanges: [
      { covers: 'all service tags, by region', publishedAt: ADDRESS_RANGE_URLS[cloud] },
      {
        covers: "Site Recovery's own endpoints: the tag AzureSiteRecovery",
        publishedAt: ADDRESS_RANGE_URLS[cloud],
      },
      {
        covers: 'the sign-in: Office 365, area Common, sets 56 and 59',
        publishedAt: SIGN_IN_RANGE_URLS[cloud],
      },
    ],
    check: {
      id: 'PRE-9',
      name: 'Firewalls and proxies',
      verdict: 'manual',
      message: 'Azure does not show the rules of a firewall or proxy.',
      remedy:
        'Allow each endpoint, by URL or by the address ranges of its service tag. Then confirm this check: ' +
        'POST /api/v1/check-confirmations.',
    },
  };
}

function assertRegionsInCloud(cloud: Cloud, names: readonly string[]): void {
  const wrongRegion = names.find((name) => cloudOf(name) !== cloud);
  if (wrongRegion === undefined) return;
  throw rejected(
    400,
    'Invalid',
    `The query is not valid: cloud: ${wrongRegion} is a region of the cloud "${cloudOf(wrongRegion)}", ` +
      `not of "${cloud}".`,
    {
      errors: [{ field: 'cloud', message: `must be ${cloudOf(wrongRegion)}, the cloud of ${wrongRegion}` }],
    },
  );
}

const vmEndpointsOf = (
  cloud: Cloud,
  regions: { readonly source: string; readonly target: string },
): readonly HostEndpoint[] =>
  ENDPOINTS[cloud].map((endpoint) => ({
    url: endpoint.url,
    protocol: 'Tcp',
    port: 443,
    serviceTags: serviceTagsOf(endpoint, regions),
    purpose: endpoint.purpose,
  }));

function requireHostEndpoints(cloud: Cloud): readonly HostEndpoint[] {
  const endpoints = hostEndpointsOf(cloud);
  if (endpoints) return endpoints;
  throw rejected(
    422,
    'CloudUnknown',
    `Microsoft has published no list of endpoints for hosts in the cloud "${cloud}". Nothing was changed. ` +
      'Name a region of another cloud, or machines=azureVm.',
  );
}
