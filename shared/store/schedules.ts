// Schedules and their occurrences, in the partition of their plan.
import { batch, page, query, read, type Page, type Stored, type Write } from './cosmos.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';

const PLANS = 'plans';
const inPlan = (planId: string) => ({ key: 'planId', value: planId });
export const scheduleDocumentId = (scheduleId: string): string => `schedule:${scheduleId}`;
export const occurrenceId = (scheduleId: string, due: string): string => `occurrence:${scheduleId}:${due}`;

/** A batch takes a hundred writes, and the schedule's own is one of them. */
export const MOST_DECIDED = 90;

export const readSchedule = (planId: string, scheduleId: string): Promise<Stored<ScheduleDocument> | undefined> => read<ScheduleDocument>(PLANS, scheduleDocumentId(scheduleId), planId);

export const schedulesOf = (planId: string): Promise<Stored<ScheduleDocument>[]> =>
  query<ScheduleDocument>(PLANS, { where: "c.type = 'schedule'", order: 'c.id', partition: inPlan(planId) });

/** Of all plans: those that have a start to be looked at. */
export const dueSchedules = (now: Date): Promise<Stored<ScheduleDocument>[]> =>
  query<ScheduleDocument>(PLANS, { where: "c.type = 'schedule' AND c.nextAt <= @now", parameters: { now: now.toISOString() } });

/** False when somebody else has made or changed it meanwhile. */
export async function putSchedule(next: ScheduleDocument, before: Stored<ScheduleDocument> | undefined): Promise<boolean> {
  return (await batch(PLANS, next.planId, [before ? { replace: next, etag: before._etag } : { create: next }])) !== undefined;
}

export async function removeSchedule(schedule: Stored<ScheduleDocument>): Promise<boolean> {
  return (await batch(PLANS, schedule.planId, [{ remove: schedule.id, etag: schedule._etag }])) !== undefined;
}

/** What was decided, and that it was, in one batch. Undefined when another instance was first. */
export async function decideSchedule(before: Stored<ScheduleDocument>, change: Pick<ScheduleDocument, 'decidedUpTo' | 'nextAt'>, occurrences: readonly OccurrenceDocument[]): Promise<readonly Stored<OccurrenceDocument>[] | undefined> {
  const next: ScheduleDocument = { ...before, ...change };
  const etags = await batch(PLANS, before.planId, [{ replace: next, etag: before._etag }, ...occurrences.map((one): Write => ({ create: one }))]);
  return etags && occurrences.map((one, i) => ({ ...one, _etag: etags[i + 1] ?? '' }));
}

/** Undefined when somebody else has changed it meanwhile. */
export async function saveOccurrence(occurrence: Stored<OccurrenceDocument>, change: Partial<OccurrenceDocument>): Promise<Stored<OccurrenceDocument> | undefined> {
  const next: OccurrenceDocument = { ...occurrence, ...change };
  const etags = await batch(PLANS, occurrence.planId, [{ replace: next, etag: occurrence._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** Those that are starting, and nobody is at it any more. */
export const leftStarting = (now: Date): Promise<Stored<OccurrenceDocument>[]> =>
  query<OccurrenceDocument>(PLANS, { where: "c.type = 'occurrence' AND c.outcome = 'starting' AND c.until <= @now", parameters: { now: now.toISOString() } });

export const toCleanUp = (now: Date): Promise<Stored<OccurrenceDocument>[]> =>
  query<OccurrenceDocument>(PLANS, { where: "c.type = 'occurrence' AND c.cleanUpAt <= @now", parameters: { now: now.toISOString() } });

/** Newest first. */
export const occurrencesOf = (planId: string, scheduleId: string, size: number, token?: string): Promise<Page<OccurrenceDocument>> =>
  page<OccurrenceDocument>(PLANS, { where: "c.type = 'occurrence' AND c.scheduleId = @scheduleId", parameters: { scheduleId }, order: 'c.id DESC', partition: inPlan(planId) }, size, token);

/** Those for which something is due some day. */
export const plansWithSchedules = async (): Promise<readonly string[]> =>
  [...new Set((await query<ScheduleDocument>(PLANS, { where: "c.type = 'schedule' AND IS_STRING(c.nextAt)" })).map(({ planId }) => planId))];
