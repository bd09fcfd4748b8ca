// An alarm is raised once, by whichever instance is first.
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
  // Another instance has raised it since those that are open were read; or has cleared it, by what
  // it saw later than this one.
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

/** The steps of a drill that were given up when its time to live was over, though their turn had come. */
export const givenUpStepsIn = (stepSummaries: readonly StepSummary[]): readonly string[] =>
  stepSummaries.flatMap(({ error, startedAt }) =>
    error?.code === 'TimeToLiveOver' && startedAt !== null ? [error.message] : [],
  );

/** At once, and once for each drill: the timer clears it when the drill has ended. */
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
