// Reads the placement of a VM: its availability set, its zone and its proximity placement group. Also
// reads a placement group and a resource group for another placement.
import { resourceGroupNameOf, nameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { computeClient, resourcesClient, undefinedIfNotFound } from './clients.ts';
import type { PlacementGroupFacts, ResourceGroupFacts } from './facts.ts';
import { hiddenIfForbidden, withReadFaults } from './readFaults.ts';
import { toPlacementGroup, toResourceGroup } from './resourceFacts.ts';
import { cloudServiceIdOf } from './classic.ts';
import { readClassicResource } from './subscriptionReads.ts';

/** The placement of a VM in its region. */
export interface VmPlacement {
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  /** Only for a classic VM. */
  readonly cloudServiceId?: string;
}

const NO_PLACEMENT: VmPlacement = { availabilitySetId: null, zone: null, placementGroupId: null };

/** Returns the placement of a VM. A missing VM has an empty placement. */
export async function readVmPlacement(vmId: string): Promise<VmPlacement> {
  if (isClassicId(vmId)) {
    const cloudServiceId = cloudServiceIdOf(
      await withReadFaults(`the VM ${vmId}`, () => undefinedIfNotFound(readClassicResource(vmId))),
    );
    return { ...NO_PLACEMENT, ...(cloudServiceId ? { cloudServiceId } : {}) };
  }
  if (!/\/providers\/Microsoft\.Compute\/virtualMachines\//i.test(vmId)) return NO_PLACEMENT;
  const vm = await withReadFaults(`the VM ${vmId}`, async () =>
    undefinedIfNotFound(
      (await computeClient(subscriptionOf(vmId))).virtualMachines.get(
        resourceGroupNameOf(vmId),
        nameOf(vmId),
      ),
    ),
  );
  if (!vm) return NO_PLACEMENT;
  return {
    availabilitySetId: vm.availabilitySet?.id ?? null,
    zone: vm.zones?.[0] ?? null,
    placementGroupId: vm.proximityPlacementGroup?.id ?? null,
  };
}

/** The location of a group never changes, and a thousand VMs may share one group. */
const cachedPlacementGroups = new Map<string, PlacementGroupFacts>();
const cachedResourceGroups = new Map<string, ResourceGroupFacts>();
const MAX_CACHED_GROUPS = 500;

/** Reads a proximity placement group. `hidden`: Lifeboat may not read it, so only Azure can check it. */
export const readPlacementGroup = (id: string): Promise<PlacementGroupFacts | undefined | 'hidden'> =>
  readOnce(cachedPlacementGroups, id, 'proximity placement group', async () =>
    toPlacementGroup(
      await (
        await computeClient(subscriptionOf(id))
      ).proximityPlacementGroups.get(resourceGroupNameOf(id), nameOf(id)),
    ),
  );

/** Reads a resource group. `hidden`: Lifeboat may not read it. */
export const readResourceGroup = (id: string): Promise<ResourceGroupFacts | undefined | 'hidden'> =>
  readOnce(cachedResourceGroups, id, 'resource group', async () =>
    toResourceGroup(
      await (await resourcesClient(subscriptionOf(id))).resourceGroups.get(resourceGroupNameOf(id)),
    ),
  );

async function readOnce<T extends object>(
  cache: Map<string, T>,
  id: string,
  type: string,
  read: () => Promise<T>,
): Promise<T | undefined | 'hidden'> {
  const cached = cache.get(id.toLowerCase());
  if (cached) return cached;
  const found = await withReadFaults(`the ${type} ${id}`, () => undefinedIfNotFound(read())).catch(
    hiddenIfForbidden,
  );
  if (found === undefined || found === 'hidden') return found;
  if (cache.size >= MAX_CACHED_GROUPS) cache.clear();
  cache.set(id.toLowerCase(), found);
  return found;
}
