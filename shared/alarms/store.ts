// Alarms: each in a partition of its own, with the news that tell of it written in the same batch.
import { News, Part } from '../outbox/rules/events.ts';
import { batch, query, read, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlarmDocument } from './documents.ts';
import type { EntryDocument } from '../outbox/documents.ts';

const JOBS = 'jobs';

export const readAlarm = (id: string): Promise<Stored<AlarmDocument> | undefined> =>
  read<AlarmDocument>(JOBS, 'alarm', id);

export const openAlarms = (): Promise<Stored<AlarmDocument>[]> =>
  query<AlarmDocument>(JOBS, { where: "c.type = 'alarm' AND c.clearedAt = null" });

export const newestAlarms = (most: number): Promise<Stored<AlarmDocument>[]> =>
  query<AlarmDocument>(JOBS, { where: "c.type = 'alarm'", order: 'c.raisedAt DESC', most });

/** The newest about this, cleared or not. */
export async function lastAlarm(key: string): Promise<Stored<AlarmDocument> | undefined> {
  const [last] = await query<AlarmDocument>(JOBS, {
    where: "c.type = 'alarm' AND c.key = @key",
    parameters: { key },
    order: 'c["count"] DESC',
    most: 1,
  });
  return last;
}

/** False when another instance has raised it. */
export const raiseAlarm = async (alarm: AlarmDocument): Promise<boolean> =>
  (await batch(JOBS, alarm.jobId, [
    { create: alarm },
    { create: alarmEntry(alarm, News.alarmRaised, alarm.raisedAt, alarm.message) },
  ])) !== undefined;

/** False when another instance has cleared it. */
export async function clearAlarm(alarm: Stored<AlarmDocument>, because: string, now: Date): Promise<boolean> {
  const next: AlarmDocument = { ...alarm, clearedAt: now.toISOString(), clearedBecause: because };
  return (
    (await batch(JOBS, alarm.jobId, [
      { replace: next, etag: alarm._etag },
      { create: alarmEntry(next, News.alarmCleared, now.toISOString(), because) },
    ])) !== undefined
  );
}

export function alarmEntry(
  { jobId, kind, planId, planName, vm, vmName, raisedAt }: AlarmDocument,
  news: typeof News.alarmRaised | typeof News.alarmCleared,
  at: string,
  message: string,
): EntryDocument {
  const part = news === News.alarmRaised ? Part.begin : Part.end;
  return {
    id: `news:1:${part}`,
    type: 'news',
    schema: SCHEMA,
    jobId,
    number: 0,
    at,
    news,
    subject: vm ?? planId ?? '',
    place: { epoch: 1, part, phase: 0, step: '', change: 0 },
    data: { kind, plan: planId, planName, vm, vmName, message, raisedAt },
  };
}
