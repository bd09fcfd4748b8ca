// A plan without some of its VMs: what a run leaves out, it also does nothing around.
import type { Group, Plan } from './plan.ts';

export function withoutVms(plan: Plan, left: readonly string[]): Plan {
  if (left.length === 0) return plan;
  const gone = new Set(left);
  const without = (group: Group): Group => ({
    ...group,
    vms: group.vms.filter((vm) => !gone.has(vm)),
    perVm: Object.fromEntries(Object.entries(group.perVm).filter(([vm]) => !gone.has(vm))),
  });
  const runs = Object.fromEntries(
    Object.entries(plan.runs)
      .filter(([, groups]) => groups !== undefined)
      .map(([run, groups]) => [run, (groups ?? []).map(without)]),
  ) as Plan['runs'];
  return { ...plan, runs };
}
