// Reads and writes alarms. Each alarm has its own partition, and its event is in the same batch.

import { EventName, EventSection } from '../outbox/rules/events.ts';
import { writeBatch, queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlarmDocument } from './documents.ts';
import type { EventDocument } from '../outbox/documents.ts';

const JOBS = 'jobs';

/** Reads an alarm by its id. */
export const readAlarm = (id: string): Promise<WithEtag<AlarmDocument> | undefined> =>
  readDocument<AlarmDocument>(JOBS, 'alarm', id);

/** Reads the alarms without a clearing time. */
export const readOpenAlarms = (): Promise<WithEtag<AlarmDocument>[]> =>
  queryDocuments<AlarmDocument>(JOBS, { where: "c.type = 'alarm' AND c.clearedAt = null" });

/** Reads the newest alarms, open or cleared. */
export const readNewestAlarms = (limit: number): Promise<WithEtag<AlarmDocument>[]> =>
  queryDocuments<AlarmDocument>(JOBS, {
    where: "c.type = 'alarm'",
    orderBy: 'c.raisedAt DESC',
    limit,
  });

/** Reads the newest alarm of a key, open or cleared. */
export async function readLastAlarm(key: string): Promise<WithEtag<AlarmDocument> | undefined> {
  const [last] = await queryDocuments<AlarmDocument>(JOBS, {
    where: "c.type = 'alarm' AND c.key = @key",
    parameters: { key },
    orderBy: 'c["count"] DESC',
    limit: 1,
  });
  return last;
}

/** Saves a new alarm with its event. False: another instance has raised the alarm. */
export const createAlarm = async (alarm: AlarmDocument): Promise<boolean> =>
  (await writeBatch(JOBS, alarm.jobId, [
    { create: alarm },
    { create: alarmEventOf(alarm, EventName.alarmRaised, alarm.raisedAt, alarm.message) },
  ])) !== undefined;

/** Clears an alarm and saves the event. False: another instance has changed the alarm. */
export async function clearAlarm(
  alarm: WithEtag<AlarmDocument>,
  reason: string,
  now: Date,
): Promise<boolean> {
  const next: AlarmDocument = { ...alarm, clearedAt: now.toISOString(), clearedBecause: reason };
  return (
    (await writeBatch(JOBS, alarm.jobId, [
      { replace: next, etag: alarm._etag },
      { create: alarmEventOf(next, EventName.alarmCleared, now.toISOString(), reason) },
    ])) !== undefined
  );
}

/** The event of a raised or cleared alarm. */
export function alarmEventOf(
  { jobId, kind, planId, planName, vm, vmName, raisedAt }: AlarmDocument,
  eventName: typeof EventName.alarmRaised | typeof EventName.alarmCleared,
  at: string,
  message: string,
): EventDocument {
  const part = eventName === EventName.alarmRaised ? EventSection.begin : EventSection.end;
  return {
    id: `news:1:${part}`,
    type: 'news',
    schema: SCHEMA_VERSION,
    jobId,
    number: 0,
    at,
    news: eventName,
    subject: vm ?? planId ?? '',
    place: { epoch: 1, part, phase: 0, step: '', change: 0 },
    data: { kind, plan: planId, planName, vm, vmName, message, raisedAt },
  };
}
