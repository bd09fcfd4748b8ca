// Finds the place of the replicas after a reprotect: resource group, set, zone and placement group.
// By default they go beside the VM that the failover left behind, and get its placement.
import type { VmPlacement } from '../../azure/vmPlacement.ts';
import { nameOf, regionName, resourceGroupOf, subscriptionOf } from '../../core/armId.ts';
import type { Refusal } from '../../core/refusal.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { ReprotectPlace, ReprotectReads, VmOnSite, VmSites } from '../driver.ts';
import { resourceGroupIdOf } from '../enabling/resourceNames.ts';

/** The place of the replicas. */
export type FoundPlace = VmPlacement & { readonly resourceGroupId: string };

/** Returns the place, or the reason against it. */
export async function findPlace(
  reads: ReprotectReads,
  vm: VmSites & VmOnSite,
  place: ReprotectPlace,
): Promise<FoundPlace | { readonly wrongPlace: Refusal }> {
  const placement = await reads.readVmPlacement(vm.sourceVmId);
  const { resourceGroupId: ownGroupId } = vm.sites[vm.direction];
  const groupId =
    place.resourceGroup === undefined
      ? ownGroupId
      : resourceGroupIdOf(subscriptionOf(ownGroupId), place.resourceGroup);
  const placementGroupId =
    place.placementGroupId === undefined ? placement.placementGroupId : place.placementGroupId;
  if (place.resourceGroup !== undefined || place.placementGroupId !== undefined) {
    const wrongPlace =
      (await checkGroup(reads, vm, place, placement, groupId)) ??
      checkSet(vm, placement, groupId, placementGroupId) ??
      (await checkPlacementGroup(reads, vm, place, placement, groupId));
    if (wrongPlace) return { wrongPlace };
  }
  return { ...placement, resourceGroupId: groupId, placementGroupId };
}

const regionsOf = ({ sites, direction }: VmSites) => ({
  target: regionName(sites[direction].region),
  source: regionName(sites[direction === 'original' ? 'reversed' : 'original'].region),
});

async function checkGroup(
  reads: ReprotectReads,
  vm: VmSites & VmOnSite,
  { resourceGroup }: ReprotectPlace,
  { cloudServiceId }: VmPlacement,
  groupId: string,
): Promise<Refusal | undefined> {
  if (resourceGroup === undefined) return undefined;
  if (cloudServiceId !== undefined)
    return {
      code: 'PlaceOfClassicVm',
      message:
        `${vm.name} is a classic VM, and comes up in the cloud service ${nameOf(cloudServiceId)}. Leave ` +
        'resourceGroup out.',
    };
  const group = await reads.readResourceGroup(groupId);
  if (group === 'hidden') return undefined;
  const subscription = subscriptionOf(groupId);
  if (!group)
    return {
      code: 'GroupUnknown',
      message:
        `The resource group ${resourceGroup} does not exist in the subscription ${subscription}, or Lifeboat ` +
        'cannot see it. Name a group of that subscription.',
    };
  const { source, target } = regionsOf(vm);
  if (group.region !== source || source === target) return undefined;
  return {
    code: 'GroupInSourceRegion',
    message:
      `The resource group ${resourceGroup} is in ${source}, where ${vm.name} runs. Name a group in another ` +
      `region, best in ${target}.`,
  };
}

function checkSet(
  vm: VmOnSite,
  { availabilitySetId, placementGroupId: ownPlacementGroupId }: VmPlacement,
  groupId: string,
  placementGroupId: string | null,
): Refusal | undefined {
  if (availabilitySetId === null) return undefined;
  const set = nameOf(availabilitySetId);
  if (!sameId(resourceGroupOf(availabilitySetId), groupId))
    return {
      code: 'SetInOtherGroup',
      message:
        `${vm.name} belongs to the availability set ${set} in ${nameOf(resourceGroupOf(availabilitySetId))}; ` +
        `a VM and its set must be in one resource group, and ${nameOf(groupId)} was named. Leave ` +
        'resourceGroup out.',
    };
  if (ownPlacementGroupId === null || sameId(ownPlacementGroupId, placementGroupId ?? '')) return undefined;
  return {
    code: 'SetInOtherPlacementGroup',
    message:
      `The availability set ${set} of ${vm.name} is in the placement group ${nameOf(ownPlacementGroupId)}. ` +
      'A VM and its set must be in one. Leave placementGroupId out.',
  };
}

async function checkPlacementGroup(
  reads: ReprotectReads,
  vm: VmSites & VmOnSite,
  { placementGroupId: requested }: ReprotectPlace,
  { zone, placementGroupId: own }: VmPlacement,
  groupId: string,
): Promise<Refusal | undefined> {
  const id = requested === undefined ? own : requested;
  if (id === null) return undefined;
  const otherGroup = checkGroupOfPlacementGroup(id, groupId);
  if (otherGroup || requested === undefined) return otherGroup;
  if (vm.hasUnmanagedDisks)
    return {
      code: 'PlacementGroupNeedsManagedDisks',
      message:
        `${vm.name} has disks that are not managed, and so cannot be in a proximity placement group. Leave ` +
        'placementGroupId out.',
    };
  const found = await reads.readPlacementGroup(id);
  if (found === 'hidden') return undefined;
  if (!found)
    return {
      code: 'PlacementGroupUnknown',
      message: `The proximity placement group ${id} does not exist, or Lifeboat cannot see it. Name another.`,
    };
  const { target } = regionsOf(vm);
  if (found.region !== target)
    return {
      code: 'PlacementGroupElsewhere',
      message:
        `The proximity placement group ${nameOf(id)} is in ${found.region}, and ${vm.name} will be replicated ` +
        `to ${target}. Name one in ${target}.`,
    };
  if (zone === null || found.zones.length === 0 || found.zones.includes(zone)) return undefined;
  return {
    code: 'PlacementGroupInOtherZone',
    message:
      `The proximity placement group ${nameOf(id)} is in zone ${found.zones.join(', ')}, and ${vm.name} will be ` +
      `in zone ${zone}. Name one of that zone.`,
  };
}

/** The door checks this with stored facts, too. */
export function checkGroupOfPlacementGroup(id: string, groupId: string): Refusal | undefined {
  if (sameId(resourceGroupOf(id), groupId)) return undefined;
  return {
    code: 'PlacementGroupInOtherGroup',
    message:
      `The proximity placement group ${nameOf(id)} is in the resource group ${nameOf(resourceGroupOf(id))}, and ` +
      `the VM would be in ${nameOf(groupId)}; they must be in one. Name that resourceGroup, or another ` +
      'placementGroupId, or null for none.',
  };
}
