// What is due of a schedule gets its occurrence, once, whichever instance looks.
import { createHash } from 'node:crypto';
import { addSeconds } from '../core/clock.ts';
import {
  decideStarts,
  giveUpStarts,
  GIVE_UP_REASONS,
  IN_TIME_MS,
  nextStartOf,
  type Jitter,
  type DecidedStart,
} from './rules/schedule.ts';
import { splitIntoBatches, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';
import { saveDecidedStarts, MAX_DECIDED, occurrenceId } from './store.ts';

/** Whoever has begun to start one has so long before another instance goes on. */
export const START_LEASE_SECONDS = 120;
const MINUTE_MS = 60_000;

/** The same share for the same start, on every machine. */
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

export function nextStartAt(
  document: Pick<ScheduleDocument, 'planId' | 'scheduleId' | 'schedule'>,
  after: number,
): string | null {
  const next = document.schedule.enabled ? nextStartOf(document.schedule, after, jitterOf(document)) : null;
  return next === null ? null : new Date(next).toISOString();
}

/** Those that are to be begun now. Another instance that looks at the same time finds that it is done. */
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
  // Each holds the command, which may name thousands of VMs.
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

/** What becomes of starts that still wait when the schedule is removed, or gets other times. */
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
