// Decides about each due start of a schedule, and saves the decision as an occurrence.
// The schedule timer and changes of a schedule call this module.
// Each start gets one occurrence, even with several instances at the same time.

import { createHash } from 'node:crypto';
import { addSeconds } from '../core/clock.ts';
import {
  decideStarts,
  giveUpStarts,
  GIVE_UP_REASONS,
  IN_TIME_MS,
  nextStartOf,
  nextStartOutsideBlackouts,
  type Jitter,
  type DecidedStart,
} from './rules/schedule.ts';
import { splitIntoBatches, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';
import { saveDecidedStarts, MAX_DECIDED, occurrenceId } from './store.ts';

/** An instance has this time to start an occurrence. Then another instance may take over. */
export const START_LEASE_SECONDS = 120;
const MINUTE_MS = 60_000;

/** The jitter of a schedule: the same share for the same start, on every machine. */
export const jitterOf = ({
  planId,
  scheduleId,
}: Pick<ScheduleDocument, 'planId' | 'scheduleId'>): Jitter => ({
  share: (due) =>
    createHash('sha256')
      .update(JSON.stringify([planId, scheduleId, due]))
      .digest()
      .readUInt32BE() /
    2 ** 32,
});

/**
 * The time of the next decision: the next start with jitter, also in a black-out. Null: disabled, or
 * no further start.
 */
export function nextStartAt(
  document: Pick<ScheduleDocument, 'planId' | 'scheduleId' | 'schedule'>,
  after: number,
): string | null {
  const next = document.schedule.enabled ? nextStartOf(document.schedule, after, jitterOf(document)) : null;
  return next === null ? null : new Date(next).toISOString();
}

/** The next start that no black-out skips; null: disabled, or no such start. */
export function nextPossibleStartAt(document: ScheduleDocument): string | null {
  const { schedule, decidedUpTo } = document;
  const next = schedule.enabled
    ? nextStartOutsideBlackouts(schedule, Date.parse(decidedUpTo), jitterOf(document))
    : null;
  return next === null ? null : new Date(next).toISOString();
}

/**
 * Returns the occurrences that the caller must start now. If several instances call this at the same
 * time, only one of them gets the occurrences.
 */
export async function decideDueStarts(
  document: WithEtag<ScheduleDocument>,
  now: Date,
): Promise<readonly WithEtag<OccurrenceDocument>[]> {
  if (!document.schedule.enabled) return [];
  const { decided: dueStarts } = decideStarts(
    document.schedule,
    Date.parse(document.decidedUpTo),
    now.getTime(),
    jitterOf(document),
  );
  // Small batches: each occurrence contains the command, and a command can name thousands of VMs.
  const [decided = []] = splitIntoBatches(
    dueStarts.map((start) => newOccurrence(document, start, now)),
    MAX_DECIDED,
  );
  const last = decided.at(-1);
  if (!last) return [];
  const change = { decidedUpTo: last.due, nextAt: nextStartAt(document, Date.parse(last.due)) };
  const occurrences = await saveDecidedStarts(document, change, decided);
  return (occurrences ?? []).filter(({ outcome }) => outcome === 'starting');
}

/** The occurrences of starts that still wait while a person deletes the schedule or changes its times. */
export const givenUpOccurrences = (
  document: ScheduleDocument,
  now: Date,
  cause: keyof typeof GIVE_UP_REASONS,
): readonly OccurrenceDocument[] =>
  !document.schedule.enabled
    ? []
    : giveUpStarts(
        document.schedule,
        Date.parse(document.decidedUpTo),
        now.getTime(),
        jitterOf(document),
        GIVE_UP_REASONS[cause],
      ).map((start) => newOccurrence(document, start, now));

function newOccurrence(
  { planId, scheduleId, version, schedule, command, grant }: ScheduleDocument,
  { due, begin, verdict }: DecidedStart,
  now: Date,
): OccurrenceDocument {
  const dueAt = new Date(due).toISOString();
  const isStart = verdict.do === 'start';
  return {
    id: occurrenceId(scheduleId, dueAt),
    type: 'occurrence',
    schema: SCHEMA_VERSION,
    planId,
    scheduleId,
    scheduleVersion: version,
    due: dueAt,
    begin: new Date(begin).toISOString(),
    outcome: isStart ? 'starting' : verdict.outcome,
    how: isStart ? verdict.how : null,
    command,
    grant,
    decidedAt: now.toISOString(),
    until: isStart ? addSeconds(now, START_LEASE_SECONDS).toISOString() : null,
    notAfter: new Date(begin + Math.max(2 * IN_TIME_MS, schedule.catchUpMinutes * MINUTE_MS)).toISOString(),
    jobId: null,
    code: isStart ? null : verdict.code,
    message: isStart ? null : verdict.reason,
    details: null,
    cleanUpAt: null,
    timeToLiveMinutes: schedule.timeToLiveMinutes ?? null,
    cleanUp: null,
  };
}
