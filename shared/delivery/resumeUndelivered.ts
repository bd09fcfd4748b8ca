// Resumes a stopped delivery at the first undelivered event, when a person asks for it. The
// delivery routes call this module.
import { clock } from '../core/clock.ts';
import { rejected, transient } from '../core/errors.ts';
import { closeUndeliveredRange, readDelivery, readUndeliveredRange } from './deliveryStore.ts';
import type { Actor } from '../journal/documents.ts';
import type { UndeliveredRangeDocument } from '../outbox/documents.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { readRelay } from '../journal/outbox.ts';
import { startDelivery } from './relay.ts';

const MAX_TRIES = 5;

/** Gives the undelivered range after the resume. A range that is already resumed stays the same. */
export async function resumeDelivery(
  jobId: string,
  undeliveredId: string,
  by: Actor,
): Promise<UndeliveredRangeDocument> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const range = await readUndeliveredRange(jobId, undeliveredId);
    if (range?.type !== 'gap')
      throw rejected(
        404,
        'UndeliveredUnknown',
        `${jobId} has no undelivered range ${undeliveredId}. Nothing was changed. GET ` +
          '/api/v1/undelivered lists the open ones.',
      );
    if (range.resumedAt !== null) return range;
    const [delivery, relay, now] = await Promise.all([
      readDelivery(jobId, range.target),
      readRelay(jobId),
      clock().now(),
    ]);
    if (!delivery || !relay)
      throw new Error(`The undelivered range ${undeliveredId} of job ${jobId} has no position.`);
    const line = logLine(
      jobId,
      LogSection.middle,
      `${undeliveredId}:resumed`,
      `${by.name} resumes the events for ${range.target} from number ${range.from} on.`,
      now,
      by,
    );
    if (await closeUndeliveredRange({ range, delivery, relay }, by.name, now, line)) startDelivery(jobId);
  }
  throw transient(
    'UndeliveredContended',
    `The undelivered range ${undeliveredId} was changed by others each time Lifeboat read it. Lifeboat will try again.`,
  );
}
