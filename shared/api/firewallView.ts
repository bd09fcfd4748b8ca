// Lists the endpoints that a firewall or proxy must allow. The firewall route calls it.
import { ADDRESS_RANGE_URLS, cloudOf, ENDPOINTS, serviceTagsOf } from '../scenarios/enabling/clouds.ts';
import { rejected } from '../core/errors.ts';
import type { FirewallQuery } from './queries.ts';

/** The endpoints for a cloud and its regions. Throws 400 when a region belongs to another cloud. */
export function firewallView({ cloud, region, 'target.region': targetRegion = region }: FirewallQuery) {
  const wrongRegion = [region, targetRegion].find((name) => cloudOf(name) !== cloud);
  if (wrongRegion !== undefined)
    throw rejected(
      400,
      'Invalid',
      `The query is not valid: cloud: ${wrongRegion} is a region of the cloud "${cloudOf(wrongRegion)}", ` +
        `not of "${cloud}".`,
      {
        errors: [{ field: 'cloud', message: `must be ${cloudOf(wrongRegion)}, the cloud of ${wrongRegion}` }],
      },
    );
  const regions = { source: region, target: targetRegion };
  return {
    cloud,
    source: { region },
    target: { region: targetRegion },
    protocol: 'Tcp',
    port: 443,
    direction: 'Outbound',
    endpoints: ENDPOINTS[cloud].map((endpoint) => ({
      purpose: endpoint.purpose,
      url: endpoint.url,
      serviceTags: serviceTagsOf(endpoint, regions),
    })),
    /** The address ranges behind the service tags; they change weekly. */
    addressRanges: ADDRESS_RANGE_URLS[cloud],
    check: {
      id: 'PRE-9',
      name: 'Firewalls and proxies',
      verdict: 'manual',
      message: 'Azure does not show the rules of a firewall or proxy.',
      remedy:
        'Allow each endpoint, by URL or by the address ranges of its service tag; then confirm this check.',
    },
  };
}
