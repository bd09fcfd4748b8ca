// The runbook of a plan as plan and registry stand now.
import { clock } from '../clock.ts';
import { momentOf } from '../domain/lifecycle.ts';
import { runbookOf, type RunbookVm } from '../domain/plan/runbook.ts';
import { rejected } from '../errors.ts';
import { opposite } from '../siterecovery/items.ts';
import type { ReplicatedVmDocument } from '../store/documents.ts';
import { readPlan } from '../store/plans.ts';
import { findVms } from '../store/registry.ts';

export async function runbookOfPlan(planId: string): Promise<string> {
  const document = await readPlan(planId);
  if (!document) throw rejected(404, 'PlanUnknown', `There is no plan ${planId}. GET /api/v1/plans lists those that there are.`);
  const { plan, version, savedAt } = document;
  const vms = await findVms(plan.runs.failover.flatMap((group) => group.vms));
  return runbookOf(plan, { planId, version, savedAt, renderedAt: (await clock().now()).toISOString(), vms: new Map(vms.map((vm) => [vm.id, factsOf(vm)])) });
}

const factsOf = (vm: ReplicatedVmDocument): RunbookVm => ({
  id: vm.id, name: vm.name, armId: vm.armId, vaultArmId: vm.vaultArmId, runsIn: vm.sites[vm.direction].region, comesUpIn: vm.sites[opposite(vm.direction)].region,
  moment: momentOf(vm.seen), seenAt: vm.seen.at, multiVmGroup: vm.settings?.multiVmGroup?.name ?? null,
});
