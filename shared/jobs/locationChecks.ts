// Checks the networks, the cache and the place in a command. acceptCommand.ts uses the stored facts.
// Before the first step, beginJob.ts checks against Azure.
import { reprotectReads, requestedCacheId, requestedPlaceOf } from '../attempts/reprotectTarget.ts';
import { mapLimited } from '../azure/clients.ts';
import { readStorageAccount } from '../azure/storageAccounts.ts';
import { regionName, subscriptionOf } from '../core/armId.ts';
import type { ReplicatedVmCommand } from '../commands/command.ts';
import { checkCacheAccount } from '../azure/cacheAccount.ts';
import type { Refusal } from '../core/refusal.ts';
import { sameId } from '../siterecovery/item.ts';
import { ErrorKind, rejected, type Fault } from '../core/errors.ts';
import { oppositeDirection } from '../replications/items.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { ReprotectPlace } from '../scenarios/driver.ts';
import { driverOf, requireCapabilities } from '../scenarios/drivers.ts';
import { findMultiVmGroups } from '../replications/multiVmGroups.ts';
import { findTestNetworkRefusal } from '../replications/testNetwork.ts';

/** The region that replication reads from after a reprotect. */
const regionAfterReprotect = (vm: ReplicatedVmDocument): string =>
  regionName(vm.sites[oppositeDirection(vm.direction)].region);

/** The check at the routes. It does not call Azure. */
export async function assertLocationsFit(
  command: ReplicatedVmCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<void> {
  const refused =
    findTestNetworkRefusal(command, vms) ??
    (await checkCacheLocation(requestedCacheId(command), vms)) ??
    (await checkPlaceOfMany(requestedPlaceOf(command), vms)) ??
    (await checkWayBack(command, vms));
  if (refused) throw rejected(422, refused.code, `${refused.message} Nothing was started.`);
}

const refusal = (code: string, message: string): Refusal => ({ code, message });

async function checkCacheLocation(
  id: string | undefined,
  vms: readonly ReplicatedVmDocument[],
): Promise<Refusal | undefined> {
  if (id === undefined) return undefined;
  const withoutCache = vms.find((vm) => !requireCapabilities(vm.scenario).reprotect);
  if (withoutCache)
    return refusal(
      'CacheNotUsed',
      `${withoutCache.name} replicates from ${driverOf(withoutCache.scenario).title}, where no reprotect uses a ` +
        'cache storage account. Omit the account, or send a separate command for the other VMs.',
    );
  const [group] = await findMultiVmGroups(vms);
  if (group) {
    return refusal(
      'CacheOfGroup',
      `The multi-VM group ${group.name} is reprotected through a recovery plan of Site Recovery, ` +
        'which takes no cache storage account. Omit the account, or send a separate command for the ' +
        'other VMs.',
    );
  }
  const regions = [...new Set(vms.map(regionAfterReprotect))].sort();
  if (regions.length > 1) {
    return refusal(
      'CacheElsewhere',
      `Replication of these VMs will read from ${regions.join(' and ')}, ` +
        'and one cache storage account is in one region. Send a command for the VMs of each region.',
    );
  }
  const wrong = vms.find((vm) => isCacheOfOtherSide(vm, id));
  return (
    wrong &&
    refusal(
      'CacheElsewhere',
      `The cache storage account ${id} is the one in ${wrong.sites[wrong.direction].region}; ` +
        `a cache must be in the region that replication reads from, ${regionAfterReprotect(wrong)}. Name ` +
        'one of that region.',
    )
  );
}

async function checkWayBack(
  command: ReplicatedVmCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<Refusal | undefined> {
  if (requestedPlaceOf(command).wayBack === undefined) return undefined;
  const without = vms.find(({ scenario }) => !requireCapabilities(scenario).reprotect?.checksEveryReprotect);
  if (without)
    return refusal(
      'WayBackNotUsed',
      `${without.name} replicates from ${driverOf(without.scenario).title}, where a reprotect uses no server on ` +
        'premises. Omit "wayBack", or send a separate command for the other VMs.',
    );
  const [group] = await findMultiVmGroups(vms);
  return (
    group &&
    refusal(
      'PlaceOfGroup',
      `The multi-VM group ${group.name} is reprotected through a recovery plan of Site Recovery, which takes ` +
        'no server. Omit "wayBack", or send a separate command for the other VMs.',
    )
  );
}

const namesPlace = ({ resourceGroup, placementGroupId }: ReprotectPlace): boolean =>
  resourceGroup !== undefined || placementGroupId !== undefined;

/** The region and the subscription of the replicas after a reprotect. */
const placeAfterReprotect = ({ sites, direction }: ReplicatedVmDocument): string =>
  `${regionName(sites[direction].region)} in ${subscriptionOf(sites[direction].resourceGroupId)}`;

async function checkPlaceOfMany(
  place: ReprotectPlace,
  vms: readonly ReplicatedVmDocument[],
): Promise<Refusal | undefined> {
  if (!namesPlace(place)) return undefined;
  const withoutPlace = vms.find((vm) => !requireCapabilities(vm.scenario).reprotect?.takesPlace);
  if (withoutPlace)
    return refusal(
      'PlaceNotUsed',
      `${withoutPlace.name} replicates from ${driverOf(withoutPlace.scenario).title}, where a reprotect takes no ` +
        'resource group and no placement group. Omit them, or send a separate command for the other VMs.',
    );
  const [group] = await findMultiVmGroups(vms);
  if (group)
    return refusal(
      'PlaceOfGroup',
      `The multi-VM group ${group.name} is reprotected through a recovery plan of Site Recovery, which takes ` +
        'no resource group and no placement group. Omit them, or send a separate command for the other VMs.',
    );
  const places = [...new Set(vms.map(placeAfterReprotect))].sort();
  return places.length > 1
    ? refusal(
        'PlaceOfSeveralRegions',
        `These VMs will be replicated to ${places.join(' and ')}, and one place is in one region and ` +
          'subscription. Send a command for the VMs of each.',
      )
    : undefined;
}

/**
 * Runs before the first step: a failback must not discover a wrong place after it has moved its VMs.
 */
export async function checkPlaceInAzure(
  command: ReplicatedVmCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<Fault | undefined> {
  const place = requestedPlaceOf(command);
  const reprotects = command.operation === 'reprotect' || command.operation === 'failback';
  const checked = vms.filter(
    ({ scenario }) =>
      namesPlace(place) ||
      (reprotects && (requireCapabilities(scenario).reprotect?.checksEveryReprotect ?? false)),
  );
  const faults = await mapLimited(checked, async (vm): Promise<readonly Fault[]> => {
    const { name, armId, sourceVmId, sites, direction, settings } = vm;
    const hasUnmanagedDisks = settings?.disks.some(({ managed }) => !managed) ?? false;
    const wrong = await requireCapabilities(vm.scenario).reprotect?.checkPlace(
      reprotectReads,
      { name, armId, sourceVmId, sites, direction, hasUnmanagedDisks },
      place,
    );
    const message = `${name}: ${wrong?.message ?? ''} Nothing was started.`;
    return wrong ? [{ kind: ErrorKind.rejected, code: wrong.code, message }] : [];
  });
  return faults.flat()[0];
}

function isCacheOfOtherSide(vm: ReplicatedVmDocument, id: string): boolean {
  const from = vm.sites[vm.direction];
  return (
    regionName(from.region) !== regionAfterReprotect(vm) &&
    from.cacheStorageAccountId !== null &&
    sameId(from.cacheStorageAccountId, id)
  );
}

/**
 * Runs before the first step: a failback must not discover a wrong cache after it has moved its
 * VMs.
 */
export async function checkCacheInAzure(
  command: ReplicatedVmCommand,
  vms: readonly ReplicatedVmDocument[],
): Promise<Fault | undefined> {
  const id = requestedCacheId(command);
  const [region] = vms.map(regionAfterReprotect);
  if (id === undefined || region === undefined) return undefined;
  const wrong = checkCacheAccount(await readStorageAccount(id), id, region);
  const message =
    `${wrong?.message ?? ''} Nothing was started. Name a standard storage account in ` +
    `${region}, or none.`;
  return wrong && { kind: ErrorKind.rejected, code: wrong.code, message };
}
