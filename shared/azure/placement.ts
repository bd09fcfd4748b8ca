// How a VM stands among others: its set, its zone, its proximity placement group.
import { groupNameOf, nameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { compute, orUndefined } from './clients.ts';
import { reading } from './faults.ts';
import { cloudServiceOf } from './classic.ts';
import { readClassicOne } from './reads.ts';

export interface Placement {
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  /** Of a VM of the classic model. */
  readonly cloudServiceId?: string;
}

const NOWHERE: Placement = { availabilitySetId: null, zone: null, placementGroupId: null };

/** Nowhere in particular also when the VM is gone. */
export async function sourceVmPlacement(vmId: string): Promise<Placement> {
  if (isClassicId(vmId)) {
    const cloudServiceId = cloudServiceOf(
      await reading(`the VM ${vmId}`, () => orUndefined(readClassicOne(vmId))),
    );
    return { ...NOWHERE, ...(cloudServiceId ? { cloudServiceId } : {}) };
  }
  if (!/\/providers\/Microsoft\.Compute\/virtualMachines\//i.test(vmId)) return NOWHERE;
  const vm = await reading(`the VM ${vmId}`, async () =>
    orUndefined((await compute(subscriptionOf(vmId))).virtualMachines.get(groupNameOf(vmId), nameOf(vmId))),
  );
  if (!vm) return NOWHERE;
  return {
    availabilitySetId: vm.availabilitySet?.id ?? null,
    zone: vm.zones?.[0] ?? null,
    placementGroupId: vm.proximityPlacementGroup?.id ?? null,
  };
}
