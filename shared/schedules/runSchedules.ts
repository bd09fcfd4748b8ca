// Once a minute: what is due is decided and begun, what was left half begun is taken up, and what
// outlived its time is cleaned up.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { JobDocument } from '../journal/documents.ts';
import { readDueSchedules } from './store.ts';
import { cleanUpDrill } from './cleanUpDrill.ts';
import { decideDueStarts } from './decideStarts.ts';
import { claimOccurrence, startOccurrence } from './startOccurrence.ts';

/** `begin` starts the walk of a job that was accepted. */
export async function runSchedules(startOrchestration: (job: JobDocument) => Promise<void>): Promise<void> {
  const now = await clock().now();
  const failed: string[] = [];
  /** One that fails holds no other up; it is tried again a minute later. */
  const forEachSafely = async <T>(
    list: readonly T[],
    work: (item: T) => Promise<JobDocument | undefined>,
  ): Promise<void> => {
    for (const one of list) {
      try {
        const job = await work(one);
        if (job) await startOrchestration(job);
      } catch (error) {
        failed.push(messageOf(error));
      }
    }
  };
  const { schedules, interruptedStarts, toCleanUp } = await readDueSchedules(now);
  const due = (await Promise.allSettled(schedules.map((schedule) => decideDueStarts(schedule, now)))).flatMap(
    (one) => {
      if (one.status === 'fulfilled') return one.value;
      failed.push(messageOf(one.reason));
      return [];
    },
  );
  await forEachSafely(due, startOccurrence);
  await forEachSafely(interruptedStarts, async (occurrence) => {
    const claimed = await claimOccurrence(occurrence, now);
    return claimed && startOccurrence(claimed);
  });
  await forEachSafely(toCleanUp, cleanUpDrill);
  if (failed.length > 0)
    throw new Error(`${failed.length} schedules or drills could not be dealt with now: ${failed.join('; ')}`);
}
