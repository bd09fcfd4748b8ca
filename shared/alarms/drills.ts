// Finds the drill problems for the alarms: expired drills with waiting steps, and old test VMs.
// The alarm timer calls this module.

import { addSeconds } from '../core/clock.ts';
import { config } from '../core/config.ts';
import type { ExpiredDrill, OverdueTestVm } from './rules/alarm.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { drillEndOf } from '../plans/rules/timeToLive.ts';
import { isUnsuccessfulStepState } from '../core/states/step.ts';
import { readPlanOfJob } from '../runs/jobGraph.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { findLastDrill, listUnfinishedJobs } from '../journal/job.ts';
import { readStepSummaries, type StepSummary } from '../journal/steps.ts';
import { findLocks } from '../replications/registry.ts';
import { givenUpStepsIn } from './raise.ts';

export interface DrillProblems {
  readonly expiredDrills: readonly (ExpiredDrill & { readonly planId: string })[];
  /** `planId`: the first plan with the VM; null: no plan has the VM. */
  readonly overdueTestVms: readonly (OverdueTestVm & { readonly planId: string | null })[];
}

/** A clean-up may take this time before an alarm. */
const GRACE_SECONDS = 3600;

export async function readDrillProblems(
  plans: readonly PlanDocument[],
  vms: readonly ReplicatedVmDocument[],
  now: Date,
): Promise<DrillProblems> {
  const jobs = (await listUnfinishedJobs()).filter(
    ({ command, plan, laidOut }) => command.operation === 'testFailover' && plan !== null && laidOut,
  );
  const runningDrills = await Promise.all(
    jobs.map(async (job) => ({ job, stepSummaries: await readStepSummaries(job.jobId) })),
  );
  const cleanUpDueDates = new Map(
    await Promise.all(
      runningDrills.map(
        async ({ job, stepSummaries }) => [job.jobId, await cleanUpDueAt(job, stepSummaries)] as const,
      ),
    ),
  );
  const vmsInTest = vms.filter((vm) => vmStateOf(vm) === 'testing');
  const lockOwners = new Map(
    (await findLocks(vmsInTest.map(({ id }) => id))).map(({ targetId, jobId }) => [targetId, jobId]),
  );
  const planIdByVm = new Map(
    plans.toReversed().flatMap(({ planId, plan }) => vmsOfPlan(plan).map((vm) => [vm, planId] as const)),
  );
  const failedCleanUps = await readFailedCleanUps(
    new Set(vmsInTest.flatMap(({ id }) => (lockOwners.has(id) ? [] : (planIdByVm.get(id) ?? [])))),
  );
  const overdueTestVms = vmsInTest.flatMap((vm) => {
    const [planId, since] = [planIdByVm.get(vm.id) ?? null, vm.testingSince ?? vm.seen.at];
    const end = failedCleanUps.get(planId ?? '');
    const isCleanUpFailed = !lockOwners.has(vm.id) && end !== undefined && end >= since;
    const due = isCleanUpFailed
      ? new Date(end)
      : (cleanUpDueDates.get(lockOwners.get(vm.id) ?? '') ??
        addSeconds(new Date(since), config().LIFEBOAT_TEST_STANDS_HOURS * 3600));
    return due > now ? [] : [{ planId, vm: vm.id, name: vm.name, since, job: lockOwners.get(vm.id) ?? null }];
  });
  return { expiredDrills: runningDrills.flatMap(expiredDrillsOf), overdueTestVms };
}

function expiredDrillsOf({
  job: { jobId, plan },
  stepSummaries,
}: {
  readonly job: JobDocument;
  readonly stepSummaries: readonly StepSummary[];
}): DrillProblems['expiredDrills'] {
  const givenUpSteps = givenUpStepsIn(stepSummaries);
  return givenUpSteps.length === 0 || plan === null ? [] : [{ planId: plan.id, job: jobId, givenUpSteps }];
}

/** Latest time for the clean-up of a running drill; undefined: nothing ends the drill. */
async function cleanUpDueAt(
  job: JobDocument,
  stepSummaries: readonly StepSummary[],
): Promise<Date | undefined> {
  const holdStep = stepSummaries.find(({ node }) => node === TIME_TO_LIVE);
  const minutes = (await readPlanOfJob(job)).drill.cleanUpAfterMinutes;
  if (!holdStep?.startedAt || minutes === null) return undefined;
  if (isUnsuccessfulStepState(holdStep.state)) return undefined;
  return addSeconds(
    holdStep.endedAt === null
      ? drillEndOf(stepSummaries, minutes, holdStep.startedAt)
      : new Date(holdStep.endedAt),
    GRACE_SECONDS,
  );
}

/** By plan: the end of its last drill, if that drill has a failed clean-up. */
async function readFailedCleanUps(planIds: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const ended = await Promise.all(
    [...planIds].map(async (planId) => {
      const drill = await findLastDrill(planId);
      if (!drill?.endedAt) return [];
      const isCleanUpFailed = (await readStepSummaries(drill.jobId)).some(
        ({ phase, state }) => phase === 'cleanUpTestFailover' && state === 'failed',
      );
      return isCleanUpFailed ? [[planId, drill.endedAt] as const] : [];
    }),
  );
  return new Map(ended.flat());
}
