// What the alarms have to know of drills: those whose time is over while something waited, and test
// VMs that stand too long.
import { later } from '../core/clock.ts';
import { config } from '../core/config.ts';
import type { DrillOver, Standing } from './rules/alarm.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { vmsOf } from '../plans/rules/runs.ts';
import { endOfDrill } from '../plans/rules/timeToLive.ts';
import { isLeftOverState } from '../core/states/step.ts';
import { planOfJob } from '../runs/graphOfJob.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { lastDrillOf, unfinishedJobs } from '../journal/job.ts';
import { marksOf, type Mark } from '../journal/steps.ts';
import { findLocks } from '../replications/registry.ts';
import { waitedIn } from './raise.ts';

export interface Drills {
  readonly over: readonly (DrillOver & { readonly planId: string })[];
  /** `planId`: the first plan that has the VM; null: none has. */
  readonly standing: readonly (Standing & { readonly planId: string | null })[];
}

/** For so long a clean-up may take before somebody is told. */
const GRACE_SECONDS = 3600;

export async function drillsNow(
  plans: readonly PlanDocument[],
  vms: readonly ReplicatedVmDocument[],
  now: Date,
): Promise<Drills> {
  const jobs = (await unfinishedJobs()).filter(
    ({ command, plan, laidOut }) => command.operation === 'testFailover' && plan !== null && laidOut,
  );
  const running = await Promise.all(jobs.map(async (job) => ({ job, marks: await marksOf(job.jobId) })));
  const dues = new Map(
    await Promise.all(running.map(async ({ job, marks }) => [job.jobId, await dueOf(job, marks)] as const)),
  );
  const tested = vms.filter((vm) => vmStateOf(vm) === 'testing');
  const holders = new Map(
    (await findLocks(tested.map(({ id }) => id))).map(({ targetId, jobId }) => [targetId, jobId]),
  );
  const planOf = new Map(
    plans.toReversed().flatMap(({ planId, plan }) => vmsOf(plan).map((vm) => [vm, planId] as const)),
  );
  const broken = await brokenCleanUps(
    new Set(tested.flatMap(({ id }) => (holders.has(id) ? [] : (planOf.get(id) ?? [])))),
  );
  const standing = tested.flatMap((vm) => {
    const [planId, since] = [planOf.get(vm.id) ?? null, vm.testingSince ?? vm.seen.at];
    const end = broken.get(planId ?? '');
    const isBroken = !holders.has(vm.id) && end !== undefined && end >= since;
    const due = isBroken
      ? new Date(end)
      : (dues.get(holders.get(vm.id) ?? '') ??
        later(new Date(since), config().LIFEBOAT_TEST_STANDS_HOURS * 3600));
    return due > now ? [] : [{ planId, vm: vm.id, name: vm.name, since, job: holders.get(vm.id) ?? null }];
  });
  return { over: running.flatMap(overOf), standing };
}

function overOf({
  job: { jobId, plan },
  marks,
}: {
  readonly job: JobDocument;
  readonly marks: readonly Mark[];
}): Drills['over'] {
  const waited = waitedIn(marks);
  return waited.length === 0 || plan === null ? [] : [{ planId: plan.id, job: jobId, waited }];
}

/** When the test VMs of a running drill are to be gone; undefined: nothing ends it. */
async function dueOf(job: JobDocument, marks: readonly Mark[]): Promise<Date | undefined> {
  const hold = marks.find(({ node }) => node === TIME_TO_LIVE);
  const minutes = (await planOfJob(job)).drill.cleanUpAfterMinutes;
  if (!hold?.startedAt || minutes === null) return undefined;
  if (isLeftOverState(hold.state)) return undefined;
  return later(
    hold.endedAt === null ? endOfDrill(marks, minutes, hold.startedAt) : new Date(hold.endedAt),
    GRACE_SECONDS,
  );
}

/** By plan: when its last drill ended, if that could not clean up all that it brought up. */
async function brokenCleanUps(planIds: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const ended = await Promise.all(
    [...planIds].map(async (planId) => {
      const drill = await lastDrillOf(planId);
      if (!drill?.endedAt) return [];
      const isBroken = (await marksOf(drill.jobId)).some(
        ({ phase, state }) => phase === 'cleanUpTestFailover' && state === 'failed',
      );
      return isBroken ? [[planId, drill.endedAt] as const] : [];
    }),
  );
  return new Map(ended.flat());
}
