// Schedules and their occurrences, in the partition of their plan.
import { batch, page, query, read, type Page, type Stored, type Write } from '../store/cosmos.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';

const PLANS = 'plans';
const inPlan = (planId: string) => ({ key: 'planId', value: planId });
export const scheduleDocumentId = (scheduleId: string): string => `schedule:${scheduleId}`;
export const occurrenceId = (scheduleId: string, due: string): string => `occurrence:${scheduleId}:${due}`;

/** A batch takes a hundred writes, and the schedule's own is one of them. */
export const MOST_DECIDED = 90;

export const readSchedule = (
  planId: string,
  scheduleId: string,
): Promise<Stored<ScheduleDocument> | undefined> =>
  read<ScheduleDocument>(PLANS, scheduleDocumentId(scheduleId), planId);

export const schedulesOf = (planId: string): Promise<Stored<ScheduleDocument>[]> =>
  query<ScheduleDocument>(PLANS, { where: "c.type = 'schedule'", order: 'c.id', partition: inPlan(planId) });

export interface Due {
  /** Those that have a start to be looked at. */
  readonly schedules: readonly Stored<ScheduleDocument>[];
  /** Those that are starting, and nobody is at it any more. */
  readonly leftStarting: readonly Stored<OccurrenceDocument>[];
  readonly toCleanUp: readonly Stored<OccurrenceDocument>[];
}

const STARTING = "c.outcome = 'starting' AND c.until <= @now";
/** Of all plans, and in one question: it is asked each minute. */
export async function dueNow(now: Date): Promise<Due> {
  const at = now.toISOString();
  const due = await query<ScheduleDocument | OccurrenceDocument>(PLANS, {
    where:
      `(c.type = 'schedule' AND c.nextAt <= @now) OR (c.type = 'occurrence' AND ((${STARTING}) ` +
      'OR c.cleanUpAt <= @now))',
    parameters: { now: at },
  });
  const occurrences = due.filter((one) => one.type === 'occurrence');
  return {
    schedules: due.filter((one) => one.type === 'schedule'),
    leftStarting: occurrences.filter(
      ({ outcome, until }) => outcome === 'starting' && until !== null && until <= at,
    ),
    toCleanUp: occurrences.filter(({ cleanUpAt }) => cleanUpAt !== null && cleanUpAt <= at),
  };
}

const toCreate = (occurrence: OccurrenceDocument): Write => ({ create: occurrence });

/**
 * With what becomes of starts that still waited. False when somebody else has made or changed it
 * meanwhile.
 */
export async function putSchedule(
  next: ScheduleDocument,
  before: Stored<ScheduleDocument> | undefined,
  waiting: readonly OccurrenceDocument[],
): Promise<boolean> {
  const write: Write = before ? { replace: next, etag: before._etag } : { create: next };
  return (await batch(PLANS, next.planId, [write, ...waiting.map(toCreate)])) !== undefined;
}

export async function removeSchedule(
  schedule: Stored<ScheduleDocument>,
  waiting: readonly OccurrenceDocument[],
): Promise<boolean> {
  return (
    (await batch(PLANS, schedule.planId, [
      { remove: schedule.id, etag: schedule._etag },
      ...waiting.map(toCreate),
    ])) !== undefined
  );
}

/** What was decided, and that it was, in one batch. Undefined when another instance was first. */
export async function decideSchedule(
  before: Stored<ScheduleDocument>,
  change: Pick<ScheduleDocument, 'decidedUpTo' | 'nextAt'>,
  occurrences: readonly OccurrenceDocument[],
): Promise<readonly Stored<OccurrenceDocument>[] | undefined> {
  const next: ScheduleDocument = { ...before, ...change };
  const etags = await batch(PLANS, before.planId, [
    { replace: next, etag: before._etag },
    ...occurrences.map(toCreate),
  ]);
  return etags && occurrences.map((one, i) => ({ ...one, _etag: etags[i + 1] ?? '' }));
}

/** Undefined when somebody else has changed it meanwhile. */
export async function saveOccurrence(
  occurrence: Stored<OccurrenceDocument>,
  change: Partial<OccurrenceDocument>,
): Promise<Stored<OccurrenceDocument> | undefined> {
  const next: OccurrenceDocument = { ...occurrence, ...change };
  const etags = await batch(PLANS, occurrence.planId, [{ replace: next, etag: occurrence._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** Newest first. */
export const occurrencesOf = (
  planId: string,
  scheduleId: string,
  size: number,
  token?: string,
): Promise<Page<OccurrenceDocument>> =>
  page<OccurrenceDocument>(
    PLANS,
    {
      where: "c.type = 'occurrence' AND c.scheduleId = @scheduleId",
      parameters: { scheduleId },
      order: 'c.id DESC',
      partition: inPlan(planId),
    },
    size,
    token,
  );

export interface Watched {
  /** The plans for which something is due some day. */
  readonly scheduled: ReadonlySet<string>;
  /** Whose clean-up was refused, and is tried again. */
  readonly notCleanedUp: readonly OccurrenceDocument[];
}

export async function watchedSchedules(): Promise<Watched> {
  const both = await query<ScheduleDocument | OccurrenceDocument>(PLANS, {
    where:
      "(c.type = 'schedule' AND IS_STRING(c.nextAt)) OR (c.type = 'occurrence' AND " +
      'IS_STRING(c.cleanUpAt) AND IS_STRING(c.cleanUp.code))',
  });
  return {
    scheduled: new Set(both.filter(({ type }) => type === 'schedule').map(({ planId }) => planId)),
    notCleanedUp: both.filter((one) => one.type === 'occurrence'),
  };
}
