// Delivery that was given up is resumed by a person, from the first event that did not arrive.
import { clock } from '../core/clock.ts';
import { rejected, transient } from '../core/errors.ts';
import { closeUndeliveredRange, readDelivery, readUndeliveredRange } from './deliveryStore.ts';
import type { Actor } from '../journal/documents.ts';
import type { UndeliveredRangeDocument } from '../outbox/documents.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { readRelay } from '../journal/outbox.ts';
import { startDelivery } from './relay.ts';

const MAX_TRIES = 5;

/** The gap as it is then; one that was resumed already stays as it is. */
export async function resumeDelivery(
  jobId: string,
  undeliveredId: string,
  by: Actor,
): Promise<UndeliveredRangeDocument> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const gap = await readUndeliveredRange(jobId, undeliveredId);
    if (gap?.type !== 'gap')
      throw rejected(
        404,
        'UndeliveredUnknown',
        `${jobId} has no undelivered range ${undeliveredId}. Nothing was changed. GET ` +
          '/api/v1/undelivered lists the open ones.',
      );
    if (gap.resumedAt !== null) return gap;
    const [delivery, relay, now] = await Promise.all([
      readDelivery(jobId, gap.target),
      readRelay(jobId),
      clock().now(),
    ]);
    if (!delivery || !relay) throw new Error(`The gap ${undeliveredId} of job ${jobId} has no position.`);
    const line = logLine(
      jobId,
      LogSection.middle,
      `${undeliveredId}:resumed`,
      `${by.name} resumes the events for ${gap.target} from number ${gap.from} on.`,
      now,
      by,
    );
    if (await closeUndeliveredRange({ range: gap, delivery, relay }, by.name, now, line))
      startDelivery(jobId);
  }
  throw transient(
    'UndeliveredContended',
    `The undelivered range ${undeliveredId} was changed by others each time it was read. It will be tried again.`,
  );
}
