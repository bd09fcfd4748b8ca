// Once a minute: what is due is decided and begun, what was left half begun is taken up, and what
// outlived its time is cleaned up.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { JobDocument } from '../journal/documents.ts';
import { dueNow } from './store.ts';
import { cleanUpAfter } from './cleanUp.ts';
import { decideDue } from './decide.ts';
import { claimOccurrence, startOccurrence } from './start.ts';

/** `begin` starts the walk of a job that was accepted. */
export async function runSchedules(begin: (job: JobDocument) => Promise<void>): Promise<void> {
  const now = await clock().now();
  const failed: string[] = [];
  /** One that fails holds no other up; it is tried again a minute later. */
  const each = async <T>(
    list: readonly T[],
    work: (one: T) => Promise<JobDocument | undefined>,
  ): Promise<void> => {
    for (const one of list) {
      try {
        const job = await work(one);
        if (job) await begin(job);
      } catch (error) {
        failed.push(messageOf(error));
      }
    }
  };
  const { schedules, leftStarting, toCleanUp } = await dueNow(now);
  const due = (await Promise.allSettled(schedules.map((schedule) => decideDue(schedule, now)))).flatMap(
    (one) => {
      if (one.status === 'fulfilled') return one.value;
      failed.push(messageOf(one.reason));
      return [];
    },
  );
  await each(due, startOccurrence);
  await each(leftStarting, async (occurrence) => {
    const mine = await claimOccurrence(occurrence, now);
    return mine && startOccurrence(mine);
  });
  await each(toCleanUp, cleanUpAfter);
  if (failed.length > 0)
    throw new Error(`${failed.length} schedules or drills could not be dealt with now: ${failed.join('; ')}`);
}
