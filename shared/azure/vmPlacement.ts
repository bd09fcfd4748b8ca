// Reads the placement of a VM: its availability set, its zone and its proximity placement group.
import { resourceGroupNameOf, nameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { computeClient, undefinedIfNotFound } from './clients.ts';
import { withReadFaults } from './readFaults.ts';
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
