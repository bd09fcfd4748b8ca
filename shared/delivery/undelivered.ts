// Delivery that was given up is resumed by a person, from the first event that did not arrive.
import { clock } from '../core/clock.ts';
import { rejected, transient } from '../core/errors.ts';
import { closeGap, readDelivery, readGap } from './deliverStore.ts';
import type { Actor } from '../journal/documents.ts';
import type { GapDocument } from '../outbox/documents.ts';
import { logLine, Place } from '../journal/log.ts';
import { readRelay } from '../journal/outbox.ts';
import { kick } from './relay.ts';

const MOST_TRIES = 5;

/** The gap as it is then; one that was resumed already stays as it is. */
export async function resumeDelivery(jobId: string, undeliveredId: string, by: Actor): Promise<GapDocument> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const gap = await readGap(jobId, undeliveredId);
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
      Place.middle,
      `${undeliveredId}:resumed`,
      `${by.name} resumes the events for ${gap.target} from number ${gap.from} on.`,
      now,
      by,
    );
    if (await closeGap({ gap, delivery, relay }, by.name, now, line)) kick(jobId);
  }
  throw transient(
    'UndeliveredContended',
    `The undelivered range ${undeliveredId} was changed by others each time it was read. It will be tried again.`,
  );
}
