// The offers of a region and the remaining capacity: cores under a quota, and machines in a
// placement group.

import type { Faults } from '../wire/fault.ts';
import { isQuotaExhausted } from './fault-conditions.ts';
import { subscriptionId } from './ids.ts';
import { SIZE_FAMILIES, findSize, SIZES } from './sizes.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { AzureWorld, Region } from './world.ts';
import type { Resource } from './resource.ts';

/** The quota of a region without its own quota. */
const DEFAULT_QUOTA = 100_000;

export interface CoreUsage {
  /** A family, or `cores` for the sum of all families. */
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

export const sizeOfMachine = ({ properties }: Resource): string =>
  (properties['hardwareProfile'] as { readonly vmSize?: string } | undefined)?.vmSize ?? '';

const machinesIn = (world: AzureWorld, subscription: string, region: string): Resource[] =>
  world
    .list({ type: RESOURCE_TYPES.virtualMachine, under: subscriptionId(subscription) })
    .filter(({ location }) => location === region);

/**
 * Returns the used cores of all families and of each family. A deallocated machine still uses its
 * cores.
 */
export function coreUsages(
  world: AzureWorld,
  faults: Faults,
  subscription: string,
  region: Region,
): CoreUsage[] {
  const used = new Map<string, number>();
  for (const machine of machinesIn(world, subscription, region.name)) {
    const size = findSize(sizeOfMachine(machine));
    if (!size) continue;
    for (const name of ['cores', size.family]) used.set(name, (used.get(name) ?? 0) + size.vCpus);
  }
  return ['cores', ...SIZE_FAMILIES].map((name) => {
    const usedNow = used.get(name) ?? 0;
    return {
      name,
      used: usedNow,
      limit: isQuotaExhausted(faults, region.name, name) ? usedNow : (region.quotas[name] ?? DEFAULT_QUOTA),
    };
  });
}

/** Returns the quota that one more machine of this size would exceed, if any. */
export function exceededQuota(
  world: AzureWorld,
  faults: Faults,
  subscription: string,
  region: Region,
  sizeName: string,
): CoreUsage | undefined {
  const size = findSize(sizeName);
  return (
    size &&
    coreUsages(world, faults, subscription, region).find(
      ({ name, used, limit }) => (name === 'cores' || name === size.family) && used + size.vCpus > limit,
    )
  );
}

/**
 * Returns the regions that offer a resource type. Vaults need a region with Site Recovery; all
 * regions offer the other types.
 */
export const regionsOffering = (world: AzureWorld, type: string): readonly Region[] =>
  world.regions().filter(({ offersSiteRecovery }) => type !== RESOURCE_TYPES.vault || offersSiteRecovery);

/** Returns the largest number of fault domains of an availability set. */
export const maxFaultDomains = (region: Region, aligned: boolean): number =>
  aligned && region.zones.length > 0 ? 2 : 3;

/** Whether a subscription may create machines of this size in the region. */
export const isSizeOffered = (region: Region, sizeName: string): boolean =>
  SIZES.some(({ name }) => name === sizeName) &&
  !region.missingSizes.includes(sizeName) &&
  !region.restrictedSizes.includes(sizeName);

const refersTo =
  (property: string, id: string) =>
  ({ properties }: Resource): boolean =>
    (properties[property] as { readonly id: string } | undefined)?.id.toLowerCase() === id.toLowerCase();

export const machinesInPlacementGroup = (world: AzureWorld, placementGroupId: string): Resource[] =>
  world
    .list({ type: RESOURCE_TYPES.virtualMachine })
    .filter(refersTo('proximityPlacementGroup', placementGroupId));

export const availabilitySetsInPlacementGroup = (world: AzureWorld, placementGroupId: string): Resource[] =>
  world
    .list({ type: RESOURCE_TYPES.availabilitySet })
    .filter(refersTo('proximityPlacementGroup', placementGroupId));

export const machinesInAvailabilitySet = (world: AzureWorld, setId: string): Resource[] =>
  world.list({ type: RESOURCE_TYPES.virtualMachine }).filter(refersTo('availabilitySet', setId));

/**
 * Whether one more machine fits into a placement group. Otherwise Azure answers
 * OverconstrainedAllocationRequest.
 */
export function hasPlacementGroupCapacity(world: AzureWorld, placementGroupId: string): boolean {
  const capacity = world.get(placementGroupId)?.hidden?.['room'] as number | undefined;
  return capacity === undefined || machinesInPlacementGroup(world, placementGroupId).length < capacity;
}
