// An alarm is raised once, by whichever instance is first.
import { type Finding, timeOver } from './rules/alarm.ts';
import { TIME_TO_LIVE } from '../plans/rules/graph.ts';
import { alarmIdOf } from '../core/ids.ts';
import { kick } from '../delivery/relay.ts';
import { lastAlarm, raiseAlarm } from './store.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlarmDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Mark } from '../journal/steps.ts';

export type Found = Finding & { readonly plan: { readonly planId: string; readonly name: string } | null };
export const keyOf = ({ kind, vm, plan }: Found): string =>
  JSON.stringify([kind, plan?.planId ?? null, vm?.id ?? null]);

export async function raise(key: string, { kind, vm, message, plan }: Found, now: Date): Promise<boolean> {
  const last = await lastAlarm(key);
  // Another instance has raised it since those that are open were read; or has cleared it, by what
  // it saw later than this one.
  if (last && (last.clearedAt === null || Date.parse(last.clearedAt) > now.getTime())) return false;
  const count = (last?.count ?? 0) + 1;
  const alarm: AlarmDocument = {
    id: 'alarm',
    type: 'alarm',
    schema: SCHEMA,
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
  const isOurs = await raiseAlarm(alarm);
  kick(alarm.jobId);
  return isOurs;
}

/** The steps of a drill that were given up when its time to live was over, though their turn had come. */
export const waitedIn = (marks: readonly Mark[]): readonly string[] =>
  marks.flatMap(({ error, startedAt }) =>
    error?.code === 'TimeToLiveOver' && startedAt !== null ? [error.message] : [],
  );

/** At once, and once for each drill: the timer clears it when the drill has ended. */
export async function raiseTimeOver(
  { jobId, plan }: JobDocument,
  marks: readonly Mark[],
  now: Date,
): Promise<void> {
  const waited = waitedIn(marks);
  const endedAt = marks.find(({ node }) => node === TIME_TO_LIVE)?.endedAt;
  if (plan === null || waited.length === 0 || !endedAt) return;
  const found: Found = { ...timeOver([{ job: jobId, waited }]), plan: { planId: plan.id, name: plan.name } };
  const last = await lastAlarm(keyOf(found));
  if (last === undefined || last.raisedAt < endedAt) await raise(keyOf(found), found, now);
}
