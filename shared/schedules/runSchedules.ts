// Runs all schedules. The schedule timer calls this module once a minute.
// It decides and starts due drills, takes over interrupted starts, and cleans up expired drills.

import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { JobDocument } from '../journal/documents.ts';
import { readDueSchedules } from './store.ts';
import { cleanUpDrill } from './cleanUpDrill.ts';
import { decideDueStarts } from './decideStarts.ts';
import { claimOccurrence, startOccurrence } from './startOccurrence.ts';

/** Runs the due work once. `startOrchestration` starts the orchestration of an accepted job. */
export async function runSchedules(startOrchestration: (job: JobDocument) => Promise<void>): Promise<void> {
  const now = await clock().now();
  const failed: string[] = [];
  /** A failed item does not delay the other items. The timer tries it again a minute later. */
  const forEachSafely = async <T>(
    list: readonly T[],
    work: (item: T) => Promise<JobDocument | undefined>,
  ): Promise<void> => {
    for (const item of list) {
      try {
        const job = await work(item);
        if (job) await startOrchestration(job);
      } catch (error) {
        failed.push(messageOf(error));
      }
    }
  };
  const { schedules, interruptedStarts, toCleanUp } = await readDueSchedules(now);
  const due = (await Promise.allSettled(schedules.map((schedule) => decideDueStarts(schedule, now)))).flatMap(
    (result) => {
      if (result.status === 'fulfilled') return result.value;
      failed.push(messageOf(result.reason));
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
