// Removes excluded VMs from a plan, together with the actions around these VMs.

import type { Group, Plan } from './plan.ts';

/** Returns the plan without the excluded VMs. */
export function withoutVms(plan: Plan, excluded: readonly string[]): Plan {
  if (excluded.length === 0) return plan;
  const excludedIds = new Set(excluded);
  const groupWithoutVms = (group: Group): Group => ({
    ...group,
    vms: group.vms.filter((vm) => !excludedIds.has(vm)),
    perVm: Object.fromEntries(Object.entries(group.perVm).filter(([vm]) => !excludedIds.has(vm))),
  });
  const runs = Object.fromEntries(
    Object.entries(plan.runs)
      .filter(([, groups]) => groups !== undefined)
      .map(([run, groups]) => [run, (groups ?? []).map(groupWithoutVms)]),
  ) as Plan['runs'];
  return { ...plan, runs };
}
