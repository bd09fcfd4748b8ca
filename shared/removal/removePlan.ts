// Removes a plan that nothing uses. Its jobs and versions stay: a job shows the version that it ran.
// The plan route calls this module.
import { readAllAlertRules } from '../alerts/alertRules.ts';
import { isPlanCommand } from '../commands/command.ts';
import { rejected } from '../core/errors.ts';
import { assertIfMatch, changedByOthers } from '../core/etags.ts';
import { readPlan, removePlan as removePlanDocument } from '../plans/store.ts';
import { requirePlan } from '../schedules/saveSchedule.ts';
import { readSchedulesOf } from '../schedules/store.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import { assertUnused, findOpenJobs } from './users.ts';

/** Removes a plan. Refuses a native plan, a stale ETag, and a plan in use. */
export async function removePlan(planId: string, ifMatch: string | null): Promise<void> {
  const plan = await requirePlan(planId);
  if (plan.origin.kind === 'native')
    throw rejected(
      409,
      'PlanIsNative',
      `Site Recovery keeps the plan ${planId} (${plan.origin.armId}), and Lifeboat only reads it. Nothing ` +
        'was changed. Remove it there, and it disappears here.',
    );
  const label = { noun: 'Plan', name: `the plan ${planId}` };
  assertIfMatch(label, plan, ifMatch);
  const [jobs, schedules, rules] = await Promise.all([
    findOpenJobs((job) => job.plan?.id === planId),
    readSchedulesOf(planId),
    readAllAlertRules(),
  ]);
  assertUnused('PlanInUse', label.name, {
    jobs,
    schedules: schedules.map(({ scheduleId }) => scheduleId),
    alertRules: rules
      .filter(({ rule: { command } }) => isPlanCommand(command) && command.plan === planId)
      .map(documentNameOf),
  });
  if (!(await removePlanDocument(plan))) throw changedByOthers(label, await readPlan(planId));
}
