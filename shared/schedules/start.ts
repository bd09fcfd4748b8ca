// An occurrence becomes a job, once: the key that stands for it is its own, so whoever tries again
// meets the same job.
import { callerUnder } from '../access/grant.ts';
import { clock, later } from '../core/clock.ts';
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { jobIdOf } from '../core/ids.ts';
import { accept } from '../jobs/accept.ts';
import type { Stored } from '../store/cosmos.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { OccurrenceDocument } from './documents.ts';
import { readJob } from '../journal/job.ts';
import { saveOccurrence } from './store.ts';
import { AT_IT_SECONDS } from './decide.ts';

const MOST_DETAILS = 30_000;

export const keyOf = ({
  planId,
  scheduleId,
  due,
}: Pick<OccurrenceDocument, 'planId' | 'scheduleId' | 'due'>): string =>
  `schedule:${planId}:${scheduleId}:${due}`;

/** Undefined when it was not begun: what became of it stands in the occurrence. */
export async function startOccurrence(
  occurrence: Stored<OccurrenceDocument>,
): Promise<JobDocument | undefined> {
  const now = await clock().now();
  try {
    const job = await accept(
      occurrence.command,
      keyOf(occurrence),
      callerUnder(occurrence.grant, 'schedule', now),
    );
    await begun(occurrence, job);
    return job;
  } catch (error) {
    if (error instanceof LifeboatError && error.kind === ErrorKind.rejected) {
      await saveOccurrence(occurrence, {
        outcome: 'refused',
        until: null,
        code: error.code,
        message: error.message,
        details: JSON.stringify(error.details).length > MOST_DETAILS ? null : error.details,
      });
      return undefined;
    }
    return giveUpOrLeave(occurrence, now, error);
  }
}

async function begun(
  occurrence: Stored<OccurrenceDocument>,
  { jobId, acceptedAt }: JobDocument,
): Promise<void> {
  const { timeToLiveMinutes, how } = occurrence;
  const cleanUpAt =
    timeToLiveMinutes === null ? null : later(new Date(acceptedAt), timeToLiveMinutes * 60).toISOString();
  await saveOccurrence(occurrence, { outcome: how ?? 'started', until: null, jobId, cleanUpAt });
}

/**
 * The store was away, or something else that passes: it is tried again until its time is over; then
 * it is missed, unless its job is there after all.
 */
async function giveUpOrLeave(
  occurrence: Stored<OccurrenceDocument>,
  now: Date,
  error: unknown,
): Promise<JobDocument | undefined> {
  if (now.getTime() <= Date.parse(occurrence.notAfter)) throw error;
  const { tenant, id } = occurrence.grant.by;
  const job = await readJob(jobIdOf(tenant, id, keyOf(occurrence)));
  if (job) await begun(occurrence, job);
  else
    await saveOccurrence(occurrence, {
      outcome: 'missed',
      until: null,
      code: 'CouldNotBegin',
      message: `It could not be begun in its time: ${messageOf(error)}`,
    });
  return job;
}

/** Of one that another instance has left: undefined when somebody is quicker. */
export const claimOccurrence = async (
  occurrence: Stored<OccurrenceDocument>,
  now: Date,
): Promise<Stored<OccurrenceDocument> | undefined> =>
  saveOccurrence(occurrence, { until: later(now, AT_IT_SECONDS).toISOString() });
