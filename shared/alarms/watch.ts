// Every few minutes each plan is looked at, and every VM that is in test; what is wrong is raised
// once, and cleared once it is right.
import { clock } from '../core/clock.ts';
import { findingOfVm, findingsOf, type WatchedPlan, type WatchedVm } from './rules/alarm.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { vmsOf } from '../plans/rules/runs.ts';
import { LifeboatError } from '../core/errors.ts';
import { kick } from '../delivery/relay.ts';
import { previewOfRun } from '../runs/preview.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { clearAlarm, openAlarms } from './store.ts';
import type { Stored } from '../store/cosmos.ts';
import type { AlarmDocument } from './documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { lastGoodDrill } from '../journal/job.ts';
import { allPlans, readPlanVersion } from '../plans/store.ts';
import { allVms } from '../replications/registry.ts';
import { watchedSchedules, type Watched } from '../schedules/store.ts';
import { drillsNow, type Drills } from './drills.ts';
import { keyOf, raise, type Found } from './raise.ts';

export async function watchPlans(): Promise<{ readonly raised: number; readonly cleared: number }> {
  const now = await clock().now();
  const schedules = await watchedSchedules();
  const plans = await allPlans();
  const vms = new Map((await allVms()).map((vm) => [vm.id, vm]));
  const rpos = await rpoOf(
    plans.flatMap(({ plan }) =>
      plan.targets.dataLossMinutes === undefined ? [] : vmsOf(plan).flatMap((id) => vms.get(id) ?? []),
    ),
  );
  const drills = await drillsNow(plans, [...vms.values()], now);
  const watched = await Promise.all(plans.map((plan) => watchedPlan(plan, { schedules, drills }, vms, rpos)));
  const ofPlans = watched.flatMap((plan) =>
    findingsOf(plan, now.getTime()).map((finding) => ({ ...finding, plan })),
  );
  const ofVms = drills.standing
    .filter(({ planId }) => planId === null)
    .map((one) => ({ ...findingOfVm(one), plan: null }));
  return say([...ofPlans, ...ofVms], now);
}

type Rpos = ReadonlyMap<string, WatchedVm['rpo']>;

/** By Lifeboat's ids; one list for each vault. */
async function rpoOf(vms: readonly ReplicatedVmDocument[]): Promise<Rpos> {
  const byVault = Map.groupBy(vms, ({ vaultArmId }) => vaultArmId);
  const read = await Promise.all(
    [...byVault].map(async ([vault, its]) => {
      const items = await siteRecoveryOf(vault)
        .then((port) => port.items())
        .catch(() => undefined);
      const rpos = new Map(items?.map(({ lifecycleId, rpo }) => [lifecycleId?.toLowerCase(), rpo]));
      return its.map(
        ({ id, lifecycleId }) =>
          [id, items ? (rpos.get(lifecycleId?.toLowerCase()) ?? null) : 'unread'] as const,
      );
    }),
  );
  return new Map(read.flat());
}

interface Around {
  readonly schedules: Watched;
  readonly drills: Drills;
}

async function watchedPlan(
  { planId, plan }: PlanDocument,
  { schedules: { scheduled, notCleanedUp }, drills }: Around,
  vms: ReadonlyMap<string, ReplicatedVmDocument>,
  rpos: Rpos,
): Promise<WatchedPlan> {
  const {
    targets: { dataLossMinutes = null },
    drill: { everyDays = null },
  } = plan;
  const stuck = notCleanedUp
    .filter((drill) => drill.planId === planId)
    .map(({ scheduleId, cleanUpAt, cleanUp }) => ({
      schedule: scheduleId,
      since: cleanUpAt ?? '',
      message: cleanUp?.message ?? '',
    }));
  const known = vmsOf(plan).flatMap((id) => vms.get(id) ?? []);
  return {
    planId,
    name: plan.name,
    dataLossMinutes,
    everyDays,
    lastDrill: everyDays === null ? null : await lastDrill(planId),
    vms: known.map((vm) => ({
      id: vm.id,
      name: vm.name,
      state: vmStateOf(vm),
      seenAt: vm.seen.at,
      rpo: rpos.get(vm.id) ?? null,
    })),
    missing: vmsOf(plan).filter((id) => !vms.has(id)),
    refusals: everyDays !== null || scheduled.has(planId) ? await refusalsOf({ planId, plan }) : null,
    notCleanedUp: stuck,
    standing: drills.standing.filter((one) => one.planId === planId),
    drillsOver: drills.over.filter((one) => one.planId === planId),
  };
}

async function lastDrill(planId: string): Promise<WatchedPlan['lastDrill']> {
  const drill = await lastGoodDrill(planId);
  if (drill?.endedAt) return { at: drill.endedAt, how: 'drilled' };
  const first = await readPlanVersion(planId, 1);
  return first ? { at: first.savedAt, how: 'made' } : null;
}

/** What passes by itself is no reason for an alarm: a job that holds a VM, an operation that runs. */
async function refusalsOf(run: Pick<PlanDocument, 'planId' | 'plan'>): Promise<readonly string[]> {
  try {
    const { preview, vms } = await previewOfRun(run, 'testFailover');
    const passing = new Set([
      ...preview.obstacles.filter(({ code }) => code === 'VmHeld').map(({ vm }) => vm),
      ...vms.filter((vm) => vmStateOf(vm) === 'busy').map(({ id }) => id),
    ]);
    return preview.obstacles
      .filter(({ refuses, vm }) => refuses && !(vm !== null && passing.has(vm)))
      .map(({ message }) => message);
  } catch (error) {
    if (error instanceof LifeboatError && error.kind === 'Rejected') return [error.message];
    throw error;
  }
}

const RIGHT = 'It is right again.';
const UNWATCHED = 'It is watched no more: the plan, its target or its policy is another, or gone.';

async function say(found: readonly Found[], now: Date): Promise<{ raised: number; cleared: number }> {
  const open = new Map((await openAlarms()).map((alarm) => [alarm.key, alarm]));
  const byKey = new Map(found.map((one) => [keyOf(one), one]));
  let [raised, cleared] = [0, 0];
  for (const [key, one] of byKey)
    if (one.holds === true && !open.has(key) && (await raise(key, one, now))) raised++;
  for (const [key, alarm] of open) {
    const one = byKey.get(key);
    if (one && one.holds !== false) continue;
    if (await clear(alarm, one || alarm.planId === null ? RIGHT : UNWATCHED, now)) cleared++;
  }
  return { raised, cleared };
}

async function clear(alarm: Stored<AlarmDocument>, because: string, now: Date): Promise<boolean> {
  const isOurs = await clearAlarm(alarm, because, now);
  kick(alarm.jobId);
  return isOurs;
}
