// Reads and writes schedules and their occurrences. Both share the partition of their plan.

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
/** The document id of a schedule. */
export const scheduleDocumentId = (scheduleId: string): string => `schedule:${scheduleId}`;
/** The document id of an occurrence. */
export const occurrenceId = (scheduleId: string, due: string): string => `occurrence:${scheduleId}:${due}`;

/** A Cosmos DB batch takes 100 writes, and the write of the schedule is one of them. */
export const MAX_DECIDED = 90;

/** Reads one schedule of a plan. */
export const readSchedule = (
  planId: string,
  scheduleId: string,
): Promise<WithEtag<ScheduleDocument> | undefined> =>
  readDocument<ScheduleDocument>(PLANS, scheduleDocumentId(scheduleId), planId);

/** Reads all schedules of a plan, in order of their ids. */
export const readSchedulesOf = (planId: string): Promise<WithEtag<ScheduleDocument>[]> =>
  queryDocuments<ScheduleDocument>(PLANS, {
    where: "c.type = 'schedule'",
    orderBy: 'c.id',
    partition: partitionOf(planId),
  });

/** The due work of the schedule timer. */
export interface DueSchedules {
  /** Schedules with a due start. */
  readonly schedules: readonly WithEtag<ScheduleDocument>[];
  /** Starting occurrences with an expired lease. */
  readonly interruptedStarts: readonly WithEtag<OccurrenceDocument>[];
  readonly toCleanUp: readonly WithEtag<OccurrenceDocument>[];
}

const STARTING = "c.outcome = 'starting' AND c.until <= @now";
/** Reads the due work of all plans in one query, because the timer runs each minute. */
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
 * Saves a schedule with the occurrences of its waiting starts. Returns false after a conflicting
 * write.
 */
export async function saveScheduleDocument(
  next: ScheduleDocument,
  before: WithEtag<ScheduleDocument> | undefined,
  waiting: readonly OccurrenceDocument[],
): Promise<boolean> {
  const write: BatchWrite = before ? { replace: next, etag: before._etag } : { create: next };
  return (await writeBatch(PLANS, next.planId, [write, ...waiting.map(createWrite)])) !== undefined;
}

/** Deletes a schedule, and saves the occurrences of its waiting starts. False: a conflicting write. */
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

/** Saves the decided starts and the schedule in one batch. Undefined: another instance was faster. */
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
  return etags && occurrences.map((occurrence, i) => ({ ...occurrence, _etag: etags[i + 1] ?? '' }));
}

/** Saves a change of an occurrence. Undefined: another instance has changed the occurrence. */
export async function saveOccurrence(
  occurrence: WithEtag<OccurrenceDocument>,
  change: Partial<OccurrenceDocument>,
): Promise<WithEtag<OccurrenceDocument> | undefined> {
  const next: OccurrenceDocument = { ...occurrence, ...change };
  const etags = await writeBatch(PLANS, occurrence.planId, [{ replace: next, etag: occurrence._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** Reads a page of a schedule's occurrences, newest first. */
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

/** The facts about schedules that the alarms need. */
export interface ScheduleAlarmFacts {
  /** The plans with a schedule that has a next start. */
  readonly scheduledPlanIds: ReadonlySet<string>;
  /** Occurrences with a refused clean-up that Lifeboat tries again. */
  readonly failedCleanUps: readonly OccurrenceDocument[];
}

/** Reads the facts about schedules of all plans. */
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
