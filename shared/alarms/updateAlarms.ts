// Checks each plan and each VM in test, and raises or clears alarms.
// The alarm timer calls this module every few minutes.

import { clock } from '../core/clock.ts';
import {
  overdueTestVmFinding,
  alarmFindingsOf,
  unreadablePlanFinding,
  type WatchedPlan,
  type WatchedVm,
} from './rules/alarm.ts';
import { vmStateOf } from '../scenarios/drivers.ts';
import { vmsOfPlan } from '../plans/rules/planRuns.ts';
import { LifeboatError, messageOf } from '../core/errors.ts';
import { startDelivery } from '../delivery/relay.ts';
import { previewFromStore } from '../runs/previewFromStore.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { clearAlarm, readOpenAlarms } from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { AlarmDocument } from './documents.ts';
import type { PlanDocument } from '../plans/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { findLastGoodDrill } from '../journal/job.ts';
import { readAllReadablePlans, readPlanVersion, type UnreadablePlan } from '../plans/store.ts';
import { readAllVms } from '../replications/registry.ts';
import { readScheduleAlarmFacts, type ScheduleAlarmFacts } from '../schedules/store.ts';
import { readDrillProblems, type DrillProblems } from './drills.ts';
import { alarmKeyOf, raiseAlarmOnce, type AlarmFindingOfPlan } from './raise.ts';

/** Updates all alarms once. Returns the number of raised and cleared alarms. */
export async function updateAlarms(): Promise<{ readonly raised: number; readonly cleared: number }> {
  const now = await clock().now();
  const schedules = await readScheduleAlarmFacts();
  const { plans, unreadable: damagedPlans } = await readAllReadablePlans();
  const vms = new Map((await readAllVms()).map((vm) => [vm.id, vm]));
  const rpos = await readRpos(
    plans.flatMap(({ plan }) =>
      plan.targets.dataLossMinutes === undefined ? [] : vmsOfPlan(plan).flatMap((id) => vms.get(id) ?? []),
    ),
  );
  const drills = await readDrillProblems(plans, [...vms.values()], now);
  // Each plan is read on its own: the fault of one plan must not hide the alarms of the others.
  const unreadable: UnreadablePlan[] = [...damagedPlans];
  const watchedPlans = await Promise.all(
    plans.map((plan) =>
      readWatchedPlan(plan, { schedules, drills }, vms, rpos).catch((error: unknown) => {
        unreadable.push({ planId: plan.planId, reason: messageOf(error) });
        return undefined;
      }),
    ),
  );
  const planFindings = watchedPlans.flatMap((plan) =>
    plan ? alarmFindingsOf(plan, now.getTime()).map((finding) => ({ ...finding, plan })) : [],
  );
  const unreadableFindings = unreadable.map(({ planId, reason }) => ({
    ...unreadablePlanFinding(reason),
    plan: { planId, name: planId },
  }));
  const vmFindings = drills.overdueTestVms
    .filter(({ planId }) => planId === null)
    .map((testVm) => ({ ...overdueTestVmFinding(testVm), plan: null }));
  return raiseAndClearAlarms(
    [...planFindings, ...unreadableFindings, ...vmFindings],
    new Set(unreadable.map(({ planId }) => planId)),
    now,
  );
}

type Rpos = ReadonlyMap<string, WatchedVm['rpo']>;

/** The RPO by Lifeboat's ids. Lifeboat lists the items of each vault once. */
async function readRpos(vms: readonly ReplicatedVmDocument[]): Promise<Rpos> {
  const byVault = Map.groupBy(vms, ({ vaultArmId }) => vaultArmId);
  const read = await Promise.all(
    [...byVault].map(async ([vault, vmsOfVault]) => {
      const items = await siteRecoveryClientFor(vault)
        .then((port) => port.listItems())
        .catch(() => undefined);
      const rpos = new Map(items?.map(({ lifecycleId, rpo }) => [lifecycleId?.toLowerCase(), rpo]));
      return vmsOfVault.map(
        ({ id, lifecycleId }) =>
          [id, items ? (rpos.get(lifecycleId?.toLowerCase()) ?? null) : 'unread'] as const,
      );
    }),
  );
  return new Map(read.flat());
}

interface AlarmContext {
  readonly schedules: ScheduleAlarmFacts;
  readonly drills: DrillProblems;
}

async function readWatchedPlan(
  { planId, plan }: PlanDocument,
  { schedules: { scheduledPlanIds, failedCleanUps: notCleanedUp }, drills }: AlarmContext,
  vms: ReadonlyMap<string, ReplicatedVmDocument>,
  rpos: Rpos,
): Promise<WatchedPlan> {
  const {
    targets: { dataLossMinutes = null },
    drill: { everyDays = null },
  } = plan;
  const failedCleanUps = notCleanedUp
    .filter((drill) => drill.planId === planId)
    .map(({ scheduleId, cleanUpAt, cleanUp }) => ({
      schedule: scheduleId,
      since: cleanUpAt ?? '',
      message: cleanUp?.message ?? '',
    }));
  const knownVms = vmsOfPlan(plan).flatMap((id) => vms.get(id) ?? []);
  return {
    planId,
    name: plan.name,
    dataLossMinutes,
    everyDays,
    lastDrill: everyDays === null ? null : await readLastDrill(planId),
    vms: knownVms.map((vm) => ({
      id: vm.id,
      name: vm.name,
      state: vmStateOf(vm),
      lastReadAt: vm.seen.at,
      rpo: rpos.get(vm.id) ?? null,
    })),
    missingVmIds: vmsOfPlan(plan).filter((id) => !vms.has(id)),
    refusals:
      everyDays !== null || scheduledPlanIds.has(planId) ? await findRefusals({ planId, plan }) : null,
    notCleanedUp: failedCleanUps,
    overdueTestVms: drills.overdueTestVms.filter((testVm) => testVm.planId === planId),
    expiredDrills: drills.expiredDrills.filter((drill) => drill.planId === planId),
  };
}

async function readLastDrill(planId: string): Promise<WatchedPlan['lastDrill']> {
  const drill = await findLastGoodDrill(planId);
  if (drill?.endedAt) return { at: drill.endedAt, how: 'drilled' };
  const first = await readPlanVersion(planId, 1);
  return first ? { at: first.savedAt, how: 'made' } : null;
}

/** Temporary obstacles are no reason for an alarm: a lock of another job, or a running operation. */
async function findRefusals(run: Pick<PlanDocument, 'planId' | 'plan'>): Promise<readonly string[]> {
  try {
    const { preview, vms } = await previewFromStore(run, 'testFailover');
    const temporaryVmIds = new Set([
      ...preview.obstacles.filter(({ code }) => code === 'VmHeld').map(({ vm }) => vm),
      ...vms.filter((vm) => vmStateOf(vm) === 'busy').map(({ id }) => id),
    ]);
    return preview.obstacles
      .filter(({ refuses, vm }) => refuses && !(vm !== null && temporaryVmIds.has(vm)))
      .map(({ message }) => message);
  } catch (error) {
    if (error instanceof LifeboatError && error.kind === 'Rejected') return [error.message];
    throw error;
  }
}

const RESOLVED_TEXT = 'It is right again.';
const NOT_WATCHED_TEXT = 'It is watched no more: the plan, its target or its policy is another, or gone.';

async function raiseAndClearAlarms(
  findings: readonly AlarmFindingOfPlan[],
  unreadablePlanIds: ReadonlySet<string>,
  now: Date,
): Promise<{ raised: number; cleared: number }> {
  const openByKey = new Map((await readOpenAlarms()).map((alarm) => [alarm.key, alarm]));
  const byKey = new Map(findings.map((finding) => [alarmKeyOf(finding), finding]));
  let [raised, cleared] = [0, 0];
  for (const [key, finding] of byKey)
    if (finding.applies === true && !openByKey.has(key) && (await raiseAlarmOnce(key, finding, now)))
      raised++;
  for (const [key, alarm] of openByKey) {
    const finding = byKey.get(key);
    if (finding && finding.applies !== false) continue;
    // Nobody knows whether the problem of an unreadable plan is over.
    if (!finding && unreadablePlanIds.has(alarm.planId ?? '')) continue;
    const isResolved = finding !== undefined || alarm.planId === null;
    if (await clearAndDeliver(alarm, isResolved ? RESOLVED_TEXT : NOT_WATCHED_TEXT, now)) cleared++;
  }
  return { raised, cleared };
}

async function clearAndDeliver(alarm: WithEtag<AlarmDocument>, reason: string, now: Date): Promise<boolean> {
  const isClearedHere = await clearAlarm(alarm, reason, now);
  startDelivery(alarm.jobId);
  return isClearedHere;
}
