// Schedules and their occurrences, in the partition of their plan.
import {
  writeBatch,
  queryPage,
  queryDocuments,
  readDocument,
  type Page,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';

const PLANS = 'plans';
const partitionOf = (planId: string) => ({ key: 'planId', value: planId });
export const scheduleDocumentId = (scheduleId: string): string => `schedule:${scheduleId}`;
export const occurrenceId = (scheduleId: string, due: string): string => `occurrence:${scheduleId}:${due}`;

/** A batch takes a hundred writes, and the schedule's own is one of them. */
export const MAX_DECIDED = 90;

export const readSchedule = (
  planId: string,
  scheduleId: string,
): Promise<WithEtag<ScheduleDocument> | undefined> =>
  readDocument<ScheduleDocument>(PLANS, scheduleDocumentId(scheduleId), planId);

export const readSchedulesOf = (planId: string): Promise<WithEtag<ScheduleDocument>[]> =>
  queryDocuments<ScheduleDocument>(PLANS, {
    where: "c.type = 'schedule'",
    orderBy: 'c.id',
    partition: partitionOf(planId),
  });

export interface DueSchedules {
  /** Those that have a start to be looked at. */
  readonly schedules: readonly WithEtag<ScheduleDocument>[];
  /** Those that are starting, and nobody is at it any more. */
  readonly interruptedStarts: readonly WithEtag<OccurrenceDocument>[];
  readonly toCleanUp: readonly WithEtag<OccurrenceDocument>[];
}

const STARTING = "c.outcome = 'starting' AND c.until <= @now";
/** Of all plans, and in one question: it is asked each minute. */
export async function readDueSchedules(now: Date): Promise<DueSchedules> {
  const nowText = now.toISOString();
  const documents = await queryDocuments<ScheduleDocument | OccurrenceDocument>(PLANS, {
    where:
      `(c.type = 'schedule' AND c.nextAt <= @now) OR (c.type = 'occurrence' AND ((${STARTING}) ` +
      'OR c.cleanUpAt <= @now))',
    parameters: { now: nowText },
  });
  const occurrences = documents.filter((document) => document.type === 'occurrence');
  return {
    schedules: documents.filter((document) => document.type === 'schedule'),
    interruptedStarts: occurrences.filter(
      ({ outcome, until }) => outcome === 'starting' && until !== null && until <= nowText,
    ),
    toCleanUp: occurrences.filter(({ cleanUpAt }) => cleanUpAt !== null && cleanUpAt <= nowText),
  };
}

const createWrite = (occurrence: OccurrenceDocument): BatchWrite => ({ create: occurrence });

/**
 * With what becomes of starts that still waited. False when somebody else has made or changed it
 * meanwhile.
 */
export async function saveScheduleDocument(
  next: ScheduleDocument,
  before: WithEtag<ScheduleDocument> | undefined,
  waiting: readonly OccurrenceDocument[],
): Promise<boolean> {
  const write: BatchWrite = before ? { replace: next, etag: before._etag } : { create: next };
  return (await writeBatch(PLANS, next.planId, [write, ...waiting.map(createWrite)])) !== undefined;
}

export async function removeScheduleDocument(
  schedule: WithEtag<ScheduleDocument>,
  waiting: readonly OccurrenceDocument[],
): Promise<boolean> {
  return (
    (await writeBatch(PLANS, schedule.planId, [
      { remove: schedule.id, etag: schedule._etag },
      ...waiting.map(createWrite),
    ])) !== undefined
  );
}

/** What was decided, and that it was, in one batch. Undefined when another instance was first. */
export async function saveDecidedStarts(
  before: WithEtag<ScheduleDocument>,
  change: Pick<ScheduleDocument, 'decidedUpTo' | 'nextAt'>,
  occurrences: readonly OccurrenceDocument[],
): Promise<readonly WithEtag<OccurrenceDocument>[] | undefined> {
  const next: ScheduleDocument = { ...before, ...change };
  const etags = await writeBatch(PLANS, before.planId, [
    { replace: next, etag: before._etag },
    ...occurrences.map(createWrite),
  ]);
  return etags && occurrences.map((one, i) => ({ ...one, _etag: etags[i + 1] ?? '' }));
}

/** Undefined when somebody else has changed it meanwhile. */
export async function saveOccurrence(
  occurrence: WithEtag<OccurrenceDocument>,
  change: Partial<OccurrenceDocument>,
): Promise<WithEtag<OccurrenceDocument> | undefined> {
  const next: OccurrenceDocument = { ...occurrence, ...change };
  const etags = await writeBatch(PLANS, occurrence.planId, [{ replace: next, etag: occurrence._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** Newest first. */
export const readOccurrencePage = (
  planId: string,
  scheduleId: string,
  size: number,
  token?: string,
): Promise<Page<OccurrenceDocument>> =>
  queryPage<OccurrenceDocument>(
    PLANS,
    {
      where: "c.type = 'occurrence' AND c.scheduleId = @scheduleId",
      parameters: { scheduleId },
      orderBy: 'c.id DESC',
      partition: partitionOf(planId),
    },
    size,
    token,
  );

export interface ScheduleAlarmFacts {
  /** The plans for which something is due some day. */
  readonly scheduledPlanIds: ReadonlySet<string>;
  /** Whose clean-up was refused, and is tried again. */
  readonly failedCleanUps: readonly OccurrenceDocument[];
}

export async function readScheduleAlarmFacts(): Promise<ScheduleAlarmFacts> {
  const documents = await queryDocuments<ScheduleDocument | OccurrenceDocument>(PLANS, {
    where:
      "(c.type = 'schedule' AND IS_STRING(c.nextAt)) OR (c.type = 'occurrence' AND " +
      'IS_STRING(c.cleanUpAt) AND IS_STRING(c.cleanUp.code))',
  });
  return {
    scheduledPlanIds: new Set(
      documents.filter(({ type }) => type === 'schedule').map(({ planId }) => planId),
    ),
    failedCleanUps: documents.filter((document) => document.type === 'occurrence'),
  };
}
