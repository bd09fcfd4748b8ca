// Multi-VM groups among the VMs of a command: who must go together, and the small native plan
// through which they do.
import { upTo } from '../core/armId.ts';
import type { Part } from '../azure/prerequisite.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import type { PhaseOperation } from '../core/words.ts';
import { groupPlanNameOf } from '../core/ids.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { vmsOfVault } from './registry.ts';

/** What Site Recovery does with all members of a group or with none. */
const WHOLE: ReadonlySet<PhaseOperation> = new Set(['testFailover', 'failover', 'reprotect']);
export const mustBeWhole = (phase: PhaseOperation): boolean => WHOLE.has(phase);
/** A test that was begun through a plan ends through it. */
export const goesTogether = (phase: PhaseOperation): boolean =>
  mustBeWhole(phase) || phase === 'cleanUpTestFailover';

export interface VmGroup {
  readonly id: string;
  readonly name: string;
  readonly vms: readonly ReplicatedVmDocument[];
  /** Of the same group and in the same state, and not among them. */
  readonly left: readonly ReplicatedVmDocument[];
}

const groupIdOf = (vm: ReplicatedVmDocument): string | null => vm.settings?.multiVmGroup?.id ?? null;
const keyOf = (vm: ReplicatedVmDocument): string =>
  JSON.stringify([vm.vaultId, groupIdOf(vm), vm.direction, vmStateOf(vm)]);

/** The same for those that go together; null: the VM is in no group. */
export const groupKeyOf = (vm: ReplicatedVmDocument): string | null =>
  groupIdOf(vm) === null ? null : keyOf(vm);

/** A member that fell behind, or is ahead, is in another state: it goes by itself. */
export async function groupsAmong(vms: readonly ReplicatedVmDocument[]): Promise<readonly VmGroup[]> {
  const grouped = vms.filter((vm) => groupIdOf(vm) !== null);
  const known = (await Promise.all([...new Set(grouped.map((vm) => vm.vaultId))].map(vmsOfVault))).flat();
  const named = new Set(vms.map((vm) => vm.id));
  return [...Map.groupBy(grouped, keyOf)].flatMap(([key, members]) => {
    const [first] = members;
    const { id = '', name = '' } = first?.settings?.multiVmGroup ?? {};
    const left = known.filter((vm) => groupIdOf(vm) !== null && keyOf(vm) === key && !named.has(vm.id));
    return members.length + left.length > 1 ? [{ id, name, vms: members, left }] : [];
  });
}

/** Named after what it holds: after a reprotect, when the members' ids are others, it is another plan. */
export function planPartOf(
  { name, vms }: Pick<VmGroup, 'name' | 'vms'>,
  planName = groupPlanNameOf(vms.map((vm) => vm.armId)),
): Part {
  const [first] = vms;
  return {
    id: `${first?.vaultArmId ?? ''}/replicationRecoveryPlans/${planName}`,
    name: planName,
    action: 'create',
    needs: [],
    reason:
      `The members of the multi-VM group ${name} fail over only together, and Site Recovery ` +
      'does that through a plan.',
    spec: {
      kind: 'recoveryPlan',
      primaryFabricId: upTo(first?.armId ?? '', 'replicationFabrics'),
      recoveryFabricId: upTo(first?.settings?.recoveryContainerId ?? '', 'replicationFabrics'),
      items: vms.map((vm) => ({ id: vm.armId, virtualMachineId: vm.sourceVmId })),
    },
  };
}
