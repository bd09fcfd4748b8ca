// Finds the multi-VM groups among the VMs of a command. Site Recovery runs some phases only for a
// whole group, through a small recovery plan. Job planning and previews call this module.
import { idUpTo } from '../core/armId.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import type { PhaseOperation } from '../core/operations.ts';
import { groupPlanNameOf } from '../core/ids.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { readVmsOfVault } from './registry.ts';

/** Site Recovery runs these phases for all members of a group or for none. */
const WHOLE_GROUP_PHASES: ReadonlySet<PhaseOperation> = new Set(['testFailover', 'failover', 'reprotect']);
/** Tells whether this phase needs the whole group. */
export const needsWholeGroup = (phase: PhaseOperation): boolean => WHOLE_GROUP_PHASES.has(phase);
/** A test that started through a recovery plan also ends through the plan. */
export const actsOnWholeGroup = (phase: PhaseOperation): boolean =>
  needsWholeGroup(phase) || phase === 'cleanUpTestFailover';

/** The selected VMs of one multi-VM group. */
export interface MultiVmGroupSelection {
  readonly id: string;
  readonly name: string;
  readonly vms: readonly ReplicatedVmDocument[];
  /** Other members of the same group in the same state; the command does not contain them. */
  readonly otherMembers: readonly ReplicatedVmDocument[];
}

const groupIdOf = (vm: ReplicatedVmDocument): string | null => vm.settings?.multiVmGroup?.id ?? null;
const groupStateKeyOf = (vm: ReplicatedVmDocument): string =>
  JSON.stringify([vm.vaultId, groupIdOf(vm), vm.direction, vmStateOf(vm)]);

/** The same key for all VMs that move together; null: the VM has no group. */
export const groupKeyOf = (vm: ReplicatedVmDocument): string | null =>
  groupIdOf(vm) === null ? null : groupStateKeyOf(vm);

/** Finds the groups among the VMs. A member in another state moves alone. */
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

/**
 * The plan name follows from its members. A reprotect changes the ids of the members, so the next
 * plan is a new one.
 */
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
