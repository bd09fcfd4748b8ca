// Starts the job of an occurrence, at most once.
// Each occurrence has its own idempotency key, so a repeated start finds the same job.

import { callerOfGrant } from '../access/grant.ts';
import { clock, addSeconds } from '../core/clock.ts';
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { jobIdOf } from '../core/ids.ts';
import { acceptCommand } from '../jobs/acceptCommand.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { OccurrenceDocument } from './documents.ts';
import { readJob } from '../journal/job.ts';
import { saveOccurrence } from './store.ts';
import { START_LEASE_SECONDS } from './decideStarts.ts';

const MAX_DETAILS_CHARS = 30_000;

/** The idempotency key of an occurrence's command. */
export const idempotencyKeyOfOccurrence = ({
  planId,
  scheduleId,
  due,
}: Pick<OccurrenceDocument, 'planId' | 'scheduleId' | 'due'>): string =>
  `schedule:${planId}:${scheduleId}:${due}`;

/** Returns the accepted job; undefined: no job started, and the occurrence stores the reason. */
export async function startOccurrence(
  occurrence: WithEtag<OccurrenceDocument>,
): Promise<JobDocument | undefined> {
  const now = await clock().now();
  try {
    const job = await acceptCommand(
      occurrence.command,
      idempotencyKeyOfOccurrence(occurrence),
      callerOfGrant(occurrence.grant, 'schedule', now),
    );
    await saveStarted(occurrence, job);
    return job;
  } catch (error) {
    if (error instanceof LifeboatError && error.kind === ErrorKind.rejected) {
      await saveOccurrence(occurrence, {
        outcome: 'refused',
        until: null,
        code: error.code,
        message: error.message,
        details: JSON.stringify(error.details).length > MAX_DETAILS_CHARS ? null : error.details,
      });
      return undefined;
    }
    return missOrRetry(occurrence, now, error);
  }
}

async function saveStarted(
  occurrence: WithEtag<OccurrenceDocument>,
  { jobId, acceptedAt }: JobDocument,
): Promise<void> {
  const { timeToLiveMinutes, how } = occurrence;
  const cleanUpAt =
    timeToLiveMinutes === null
      ? null
      : addSeconds(new Date(acceptedAt), timeToLiveMinutes * 60).toISOString();
  await saveOccurrence(occurrence, { outcome: how ?? 'started', until: null, jobId, cleanUpAt });
}

/**
 * After a temporary fault, such as an unavailable store, the timer tries again until `notAfter`.
 * Then the occurrence becomes missed, unless its job exists after all.
 */
async function missOrRetry(
  occurrence: WithEtag<OccurrenceDocument>,
  now: Date,
  error: unknown,
): Promise<JobDocument | undefined> {
  if (now.getTime() <= Date.parse(occurrence.notAfter)) throw error;
  const { tenant, id } = occurrence.grant.by;
  const job = await readJob(jobIdOf(tenant, id, idempotencyKeyOfOccurrence(occurrence)));
  if (job) await saveStarted(occurrence, job);
  else
    await saveOccurrence(occurrence, {
      outcome: 'missed',
      until: null,
      code: 'CouldNotBegin',
      message: `It could not be begun in its time: ${messageOf(error)}`,
    });
  return job;
}

/** Takes over an interrupted start. Returns undefined if another instance was faster. */
export const claimOccurrence = async (
  occurrence: WithEtag<OccurrenceDocument>,
  now: Date,
): Promise<WithEtag<OccurrenceDocument> | undefined> =>
  saveOccurrence(occurrence, { until: addSeconds(now, START_LEASE_SECONDS).toISOString() });
