// What a plan does for each thing that it may be run for, and what it takes over from the failover.
import { RunName, type Action } from './action.ts';
import type { VmActions, Group, Plan } from './plan.ts';

/**
 * The groups of a run: its own, or else the failover's in the same order, with those of its actions
 * alone that say they belong there too.
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
    // A drill shows the point that the real thing would take. On the way back nothing is lost that
    // was not lost before: the latest is meant.
    ...(recoveryPoint && run === RunName.testFailover ? { recoveryPoint } : {}),
  };
}

/** Each VM of the plan once, whatever it is run for. */
export const vmsOfPlan = (plan: Plan): readonly string[] => [
  ...new Set(Object.values(RunName).flatMap((run) => groupsForRun(plan, run).flatMap(({ vms }) => vms))),
];

/** Every action of a group, wherever in it. */
export const actionsOfGroup = ({ before, after, perVm }: Group): readonly Action[] => [
  ...before,
  ...after,
  ...Object.values(perVm).flatMap((vmActions) => [...vmActions.before, ...vmActions.after]),
];

/** Every action of a plan, whatever it is run for. */
export const actionsOfPlan = (plan: Plan): readonly Action[] => [
  ...Object.values(RunName).flatMap((run) => groupsForRun(plan, run).flatMap(actionsOfGroup)),
  ...plan.drill.checks,
];
