// What is due of a schedule gets its occurrence, once, whichever instance looks.
import { createHash } from 'node:crypto';
import { later } from '../core/clock.ts';
import { decide, giveUp, Given, IN_TIME, nextLook, type Dice, type Due } from './rules/schedule.ts';
import { chunks, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { OccurrenceDocument, ScheduleDocument } from './documents.ts';
import { decideSchedule, MOST_DECIDED, occurrenceId } from './store.ts';

/** Whoever has begun to start one has so long before another instance goes on. */
export const AT_IT_SECONDS = 120;
const MINUTE = 60_000;

/** The same share for the same start, on every machine. */
export const diceOf = ({ planId, scheduleId }: Pick<ScheduleDocument, 'planId' | 'scheduleId'>): Dice => ({
  share: (due) =>
    createHash('sha256')
      .update(JSON.stringify([planId, scheduleId, due]))
      .digest()
      .readUInt32BE() /
    2 ** 32,
});

export function nextAtOf(
  document: Pick<ScheduleDocument, 'planId' | 'scheduleId' | 'schedule'>,
  after: number,
): string | null {
  const next = document.schedule.enabled ? nextLook(document.schedule, after, diceOf(document)) : null;
  return next === null ? null : new Date(next).toISOString();
}

/** Those that are to be begun now. Another instance that looks at the same time finds that it is done. */
export async function decideDue(
  document: Stored<ScheduleDocument>,
  now: Date,
): Promise<readonly Stored<OccurrenceDocument>[]> {
  if (!document.schedule.enabled) return [];
  const { decided: all } = decide(
    document.schedule,
    Date.parse(document.decidedUpTo),
    now.getTime(),
    diceOf(document),
  );
  // Each holds the command, which may name thousands of VMs.
  const [decided = []] = chunks(
    all.map((one) => occurrenceOf(document, one, now)),
    MOST_DECIDED,
  );
  const last = decided.at(-1);
  if (!last) return [];
  const change = { decidedUpTo: last.due, nextAt: nextAtOf(document, Date.parse(last.due)) };
  const occurrences = await decideSchedule(document, change, decided);
  return (occurrences ?? []).filter(({ outcome }) => outcome === 'starting');
}

/** What becomes of starts that still wait when the schedule is removed, or gets other times. */
export const givenUp = (
  document: ScheduleDocument,
  now: Date,
  why: keyof typeof Given,
): readonly OccurrenceDocument[] =>
  !document.schedule.enabled
    ? []
    : giveUp(
        document.schedule,
        Date.parse(document.decidedUpTo),
        now.getTime(),
        diceOf(document),
        Given[why],
      ).map((one) => occurrenceOf(document, one, now));

function occurrenceOf(
  { planId, scheduleId, version, schedule, command, grant }: ScheduleDocument,
  { due, begin, verdict }: Due,
  now: Date,
): OccurrenceDocument {
  const dueAt = new Date(due).toISOString();
  const starts = verdict.do === 'start';
  return {
    id: occurrenceId(scheduleId, dueAt),
    type: 'occurrence',
    schema: SCHEMA,
    planId,
    scheduleId,
    scheduleVersion: version,
    due: dueAt,
    begin: new Date(begin).toISOString(),
    outcome: starts ? 'starting' : verdict.outcome,
    how: starts ? verdict.how : null,
    command,
    grant,
    decidedAt: now.toISOString(),
    until: starts ? later(now, AT_IT_SECONDS).toISOString() : null,
    notAfter: new Date(begin + Math.max(2 * IN_TIME, schedule.catchUpMinutes * MINUTE)).toISOString(),
    jobId: null,
    code: starts ? null : verdict.code,
    message: starts ? null : verdict.why,
    details: null,
    cleanUpAt: null,
    timeToLiveMinutes: schedule.timeToLiveMinutes ?? null,
    cleanUp: null,
  };
}
