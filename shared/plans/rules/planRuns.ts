// Finds the groups and actions of each run of a plan.
// A run without its own groups inherits the failover's groups.

import { RunName, type Action } from './action.ts';
import type { VmActions, Group, Plan } from './plan.ts';

/**
 * The groups of a run: its own groups, or the failover's groups in the same order. Inherited groups
 * keep only the actions with this run in `alsoIn`.
 */
export function groupsForRun(plan: Plan, run: RunName): readonly Group[] {
  if (run === RunName.failover) return plan.runs.failover;
  return plan.runs[run] ?? plan.runs.failover.map((group) => inheritedGroup(group, run));
}

function inheritedGroup(group: Group, run: Exclude<RunName, 'failover'>): Group {
  const actionsAlsoInRun = (actions: readonly Action[]): Action[] =>
    actions.filter(({ alsoIn }) => alsoIn.includes(run));
  const inheritedVmActions = ({ before, after, ...rest }: VmActions): VmActions => ({
    ...rest,
    before: actionsAlsoInRun(before),
    after: actionsAlsoInRun(after),
  });
  const { recoveryPoint, ...rest } = group;
  return {
    ...rest,
    before: actionsAlsoInRun(group.before),
    after: actionsAlsoInRun(group.after),
    perVm: Object.fromEntries(
      Object.entries(group.perVm).map(([vm, vmActions]) => [vm, inheritedVmActions(vmActions)]),
    ),
    // A drill uses the point of a real failover. A failback uses the latest point, because a failback
    // must not lose further data.
    ...(recoveryPoint && run === RunName.testFailover ? { recoveryPoint } : {}),
  };
}

/** Each VM of the plan once, from all runs. */
export const vmsOfPlan = (plan: Plan): readonly string[] => [
  ...new Set(Object.values(RunName).flatMap((run) => groupsForRun(plan, run).flatMap(({ vms }) => vms))),
];

/** Every action of a group, also the actions around its VMs. */
export const actionsOfGroup = ({ before, after, perVm }: Group): readonly Action[] => [
  ...before,
  ...after,
  ...Object.values(perVm).flatMap((vmActions) => [...vmActions.before, ...vmActions.after]),
];

/** Every action of a plan, from all runs and the drill's checks. */
export const actionsOfPlan = (plan: Plan): readonly Action[] => [
  ...Object.values(RunName).flatMap((run) => groupsForRun(plan, run).flatMap(actionsOfGroup)),
  ...plan.drill.checks,
];
