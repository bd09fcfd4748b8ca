// Multi-VM groups among the VMs of a command: who must go together, and the small native plan
// through which they do.
import { idUpTo } from '../core/armId.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import type { PhaseOperation } from '../core/operations.ts';
import { groupPlanNameOf } from '../core/ids.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { readVmsOfVault } from './registry.ts';

/** What Site Recovery does with all members of a group or with none. */
const WHOLE_GROUP_PHASES: ReadonlySet<PhaseOperation> = new Set(['testFailover', 'failover', 'reprotect']);
export const needsWholeGroup = (phase: PhaseOperation): boolean => WHOLE_GROUP_PHASES.has(phase);
/** A test that was begun through a plan ends through it. */
export const actsOnWholeGroup = (phase: PhaseOperation): boolean =>
  needsWholeGroup(phase) || phase === 'cleanUpTestFailover';

export interface MultiVmGroupSelection {
  readonly id: string;
  readonly name: string;
  readonly vms: readonly ReplicatedVmDocument[];
  /** Of the same group and in the same state, and not among them. */
  readonly otherMembers: readonly ReplicatedVmDocument[];
}

const groupIdOf = (vm: ReplicatedVmDocument): string | null => vm.settings?.multiVmGroup?.id ?? null;
const groupStateKeyOf = (vm: ReplicatedVmDocument): string =>
  JSON.stringify([vm.vaultId, groupIdOf(vm), vm.direction, vmStateOf(vm)]);

/** The same for those that go together; null: the VM is in no group. */
export const groupKeyOf = (vm: ReplicatedVmDocument): string | null =>
  groupIdOf(vm) === null ? null : groupStateKeyOf(vm);

/** A member that fell behind, or is ahead, is in another state: it goes by itself. */
export async function findMultiVmGroups(
  vms: readonly ReplicatedVmDocument[],
): Promise<readonly MultiVmGroupSelection[]> {
  const grouped = vms.filter((vm) => groupIdOf(vm) !== null);
  const vaultVms = (
    await Promise.all([...new Set(grouped.map((vm) => vm.vaultId))].map(readVmsOfVault))
  ).flat();
  const givenIds = new Set(vms.map((vm) => vm.id));
  return [...Map.groupBy(grouped, groupStateKeyOf)].flatMap(([key, members]) => {
    const [first] = members;
    const { id = '', name = '' } = first?.settings?.multiVmGroup ?? {};
    const otherMembers = vaultVms.filter(
      (vm) => groupIdOf(vm) !== null && groupStateKeyOf(vm) === key && !givenIds.has(vm.id),
    );
    return members.length + otherMembers.length > 1 ? [{ id, name, vms: members, otherMembers }] : [];
  });
}

/** Named after what it holds: after a reprotect, when the members' ids are others, it is another plan. */
export function groupPlanPrerequisite(
  { name, vms }: Pick<MultiVmGroupSelection, 'name' | 'vms'>,
  planName = groupPlanNameOf(vms.map((vm) => vm.armId)),
): Prerequisite {
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
      primaryFabricId: idUpTo(first?.armId ?? '', 'replicationFabrics'),
      recoveryFabricId: idUpTo(first?.settings?.recoveryContainerId ?? '', 'replicationFabrics'),
      items: vms.map((vm) => ({ id: vm.armId, virtualMachineId: vm.sourceVmId })),
    },
  };
}
