// Raises alarms. Several instances may find the same problem, but only one of them raises the alarm.
// The alarm timer calls this module. The advance of a plan's run calls it for an expired drill.

import { type AlarmFinding, timeToLiveFinding } from './rules/alarm.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { alarmIdOf } from '../core/ids.ts';
import { startDelivery } from '../delivery/relay.ts';
import { readLastAlarm, createAlarm } from './store.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlarmDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { StepSummary } from '../journal/steps.ts';

export type AlarmFindingOfPlan = AlarmFinding & {
  readonly plan: { readonly planId: string; readonly name: string } | null;
};
export const alarmKeyOf = ({ kind, vm, plan }: AlarmFindingOfPlan): string =>
  JSON.stringify([kind, plan?.planId ?? null, vm?.id ?? null]);

export async function raiseAlarmOnce(
  key: string,
  { kind, vm, message, plan }: AlarmFindingOfPlan,
  now: Date,
): Promise<boolean> {
  const last = await readLastAlarm(key);
  // Another instance may have raised the alarm after the read of the open alarms. Or another instance
  // has cleared the alarm, with newer facts than these.
  if (last && (last.clearedAt === null || Date.parse(last.clearedAt) > now.getTime())) return false;
  const count = (last?.count ?? 0) + 1;
  const alarm: AlarmDocument = {
    id: 'alarm',
    type: 'alarm',
    schema: SCHEMA_VERSION,
    jobId: alarmIdOf(key, count),
    key,
    count,
    kind,
    planId: plan?.planId ?? null,
    planName: plan?.name ?? null,
    vm: vm?.id ?? null,
    vmName: vm?.name ?? null,
    message,
    raisedAt: now.toISOString(),
    clearedAt: null,
    clearedBecause: null,
  };
  const isRaisedHere = await createAlarm(alarm);
  startDelivery(alarm.jobId);
  return isRaisedHere;
}

/** The messages of started steps that the end of the drill's time to live has ended. */
export const givenUpStepsIn = (stepSummaries: readonly StepSummary[]): readonly string[] =>
  stepSummaries.flatMap(({ error, startedAt }) =>
    error?.code === 'TimeToLiveOver' && startedAt !== null ? [error.message] : [],
  );

/** Raises the alarm of an expired drill at once, once for each drill. The timer clears it at the end. */
export async function raiseTimeToLiveAlarm(
  { jobId, plan }: JobDocument,
  stepSummaries: readonly StepSummary[],
  now: Date,
): Promise<void> {
  const givenUpSteps = givenUpStepsIn(stepSummaries);
  const endedAt = stepSummaries.find(({ node }) => node === TIME_TO_LIVE)?.endedAt;
  if (plan === null || givenUpSteps.length === 0 || !endedAt) return;
  const finding: AlarmFindingOfPlan = {
    ...timeToLiveFinding([{ job: jobId, givenUpSteps }]),
    plan: { planId: plan.id, name: plan.name },
  };
  const last = await readLastAlarm(alarmKeyOf(finding));
  if (last === undefined || last.raisedAt < endedAt) await raiseAlarmOnce(alarmKeyOf(finding), finding, now);
}
