// Checks the names of regions against Azure. The firewall route calls this module.
import { rejected } from '../core/errors.ts';
import { readRegions, readSubscriptions } from '../azure/subscriptionReads.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { config } from '../core/config.ts';
import { isAirGapped, sovereignCloudOf } from '../scenarios/enabling/clouds.ts';
import { formatList } from '../scenarios/enabling/notes.ts';

/** Throws 422 for a region that does not exist, or whose cloud has no published endpoints. */
export async function assertRegionsKnown(names: readonly string[]): Promise<void> {
  const airGapped = names.find(isAirGapped);
  if (airGapped !== undefined)
    throw rejected(
      422,
      'CloudUnknown',
      `${airGapped} is a region of an air-gapped cloud, and Microsoft does not publish its endpoints. ` +
        'Nothing was changed. Ask the operator of that cloud for the list.',
    );
  // Only the public cloud gets new regions so often that a list in the code would be out of date.
  const otherNames = names.filter((name) => sovereignCloudOf(name) === undefined);
  if (otherNames.length === 0) return;
  const regions = await readRegionNames();
  const unknown = otherNames.find((name) => !regions.includes(name));
  if (unknown !== undefined)
    throw rejected(
      422,
      'RegionUnknown',
      `There is no region "${unknown}". Nothing was changed. Name one of: ${formatList(regions)}, or a ` +
        'region of a sovereign cloud, such as usgovvirginia.',
    );
}

/** The regions of Lifeboat's own cloud: all its subscriptions have the same regions. */
const readRegionNames = (): Promise<readonly string[]> =>
  withReadFaults('the regions', async () => {
    const subscriptions = await readSubscriptions();
    const own = subscriptions.find(
      ({ tenant, enabled }) => tenant === config().LIFEBOAT_TENANT_ID && enabled,
    );
    return own ? (await readRegions(own.id)).map(({ name }) => name).sort() : [];
  });
