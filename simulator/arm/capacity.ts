// What a region offers, and how much room there still is: cores under a quota, places near each
// other in a placement group.

import type { Faults } from '../wire/fault.ts';
import { isQuotaGone } from './conditions.ts';
import { subscriptionId } from './ids.ts';
import { FAMILIES, sizeNamed, SIZES } from './sizes.ts';
import { TYPES } from './types.ts';
import type { AzureWorld, Region } from './world.ts';
import type { Resource } from './resource.ts';

/** What a region has for whoever asks no more than usual. */
const PLENTY = 100_000;

export interface CoreUsage {
  /** A family, or `cores` for all of them together. */
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

export const sizeOfMachine = ({ properties }: Resource): string =>
  (properties['hardwareProfile'] as { readonly vmSize?: string } | undefined)?.vmSize ?? '';

const machinesIn = (world: AzureWorld, subscription: string, region: string): Resource[] =>
  world
    .list({ type: TYPES.virtualMachine, under: subscriptionId(subscription) })
    .filter(({ location }) => location === region);

/** Cores in use of all families and of each. A machine uses its cores even when it is deallocated. */
export function coreUsages(
  world: AzureWorld,
  faults: Faults,
  subscription: string,
  region: Region,
): CoreUsage[] {
  const used = new Map<string, number>();
  for (const machine of machinesIn(world, subscription, region.name)) {
    const size = sizeNamed(sizeOfMachine(machine));
    if (!size) continue;
    for (const name of ['cores', size.family]) used.set(name, (used.get(name) ?? 0) + size.vCpus);
  }
  return ['cores', ...FAMILIES].map((name) => {
    const usedNow = used.get(name) ?? 0;
    return {
      name,
      used: usedNow,
      limit: isQuotaGone(faults, region.name, name) ? usedNow : (region.quotas[name] ?? PLENTY),
    };
  });
}

/** What stands in the way of one more machine of this size: the usage that would go over its limit. */
export function quotaShort(
  world: AzureWorld,
  faults: Faults,
  subscription: string,
  region: Region,
  sizeName: string,
): CoreUsage | undefined {
  const size = sizeNamed(sizeName);
  return (
    size &&
    coreUsages(world, faults, subscription, region).find(
      ({ name, used, limit }) => (name === 'cores' || name === size.family) && used + size.vCpus > limit,
    )
  );
}

/**
 * Where a type of resource can be had: a vault only where Site Recovery is offered, anything else
 * everywhere.
 */
export const regionsWith = (world: AzureWorld, type: string): readonly Region[] =>
  world.regions().filter(({ offersSiteRecovery }) => type !== TYPES.vault || offersSiteRecovery);

/** How many fault domains an availability set can have. */
export const mostFaultDomains = (region: Region, aligned: boolean): number =>
  aligned && region.zones.length > 0 ? 2 : 3;

/** Whether a subscription may have machines of this size in the region at all. */
export const isSizeSold = (region: Region, sizeName: string): boolean =>
  SIZES.some(({ name }) => name === sizeName) &&
  !region.missingSizes.includes(sizeName) &&
  !region.restrictedSizes.includes(sizeName);

const refersTo =
  (property: string, id: string) =>
  ({ properties }: Resource): boolean =>
    (properties[property] as { readonly id: string } | undefined)?.id.toLowerCase() === id.toLowerCase();

export const machinesNear = (world: AzureWorld, placementGroupId: string): Resource[] =>
  world.list({ type: TYPES.virtualMachine }).filter(refersTo('proximityPlacementGroup', placementGroupId));

export const setsNear = (world: AzureWorld, placementGroupId: string): Resource[] =>
  world.list({ type: TYPES.availabilitySet }).filter(refersTo('proximityPlacementGroup', placementGroupId));

export const machinesInSet = (world: AzureWorld, setId: string): Resource[] =>
  world.list({ type: TYPES.virtualMachine }).filter(refersTo('availabilitySet', setId));

/**
 * Whether one more machine finds room in a placement group; Azure answers
 * OverconstrainedAllocationRequest otherwise.
 */
export function hasRoomNear(world: AzureWorld, placementGroupId: string): boolean {
  const room = world.get(placementGroupId)?.hidden?.['room'] as number | undefined;
  return room === undefined || machinesNear(world, placementGroupId).length < room;
}
