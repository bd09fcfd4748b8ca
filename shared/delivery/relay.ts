// Carries the news of jobs out of the store: numbers them, tells everybody who is to be told, and
// is found again wherever it died.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { createRelay, postponeRelay, finishRelay } from './deliveryStore.ts';
import type { RelayDocument } from '../outbox/documents.ts';
import { listEventsToNumber, listJobsWithPendingEvents, numberEvents, readRelay } from '../journal/outbox.ts';
import { deliverEvents } from './deliverEvents.ts';
import { findDeliveryTargets } from './findTargets.ts';

/** More than this at once, and the story goes on elsewhere: the timer comes again. */
const MAX_ROUNDS = 50;
/** A receiver that hangs holds one of these up for as long as a call may take. */
const MAX_CONCURRENT_JOBS = 32;

/** Goes on while others number meanwhile: they leave what is new to whoever holds the targets' leases. */
export async function relayJob(jobId: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const relay = await readNumberedRelay(jobId);
    if (!relay || relay.settled) return;
    const results = await Promise.allSettled(
      relay.targets.map((target) => deliverEvents(jobId, target, relay.last)),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    const waitTimes = results.flatMap((one) =>
      one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [],
    );
    if (
      waitTimes.length === 0
        ? await finishRelay(relay)
        : await postponeRelay(relay, waitTimes.toSorted()[0] ?? '')
    )
      return;
  }
}

/**
 * Numbers what has no number yet. Whoever numbers at the same time meets the other at the
 * position's ETag, and one of them looks again.
 */
async function readNumberedRelay(jobId: string): Promise<WithEtag<RelayDocument> | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const [relay, events] = await Promise.all([readRelay(jobId), listEventsToNumber(jobId, MAX_ROUNDS)]);
    if (events.length === 0) return relay;
    const position = relay ?? (await createRelay(jobId, await findDeliveryTargets(jobId)));
    if (!position) continue;
    const next = await numberEvents(position, events);
    // Entries that came since have a kick of their own.
    if (next && next.last - position.last === events.length) return next;
  }
  return readRelay(jobId);
}

/**
 * Everything that still waits, wherever its relay died. What goes wrong with one job keeps no other
 * waiting.
 */
export async function relayAll(warn: (message: string) => void): Promise<void> {
  const waiting = [...(await listJobsWithPendingEvents(await clock().now()))];
  const worker = async (): Promise<void> => {
    for (let jobId = waiting.shift(); jobId !== undefined; jobId = waiting.shift()) {
      const id = jobId;
      await relayJob(id).catch((error: unknown) =>
        warn(`The news of job ${id} wait for the next minute: ${messageOf(error)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_JOBS }, worker));
}

/** Jobs whose news are under way in this process; true when there was more to tell meanwhile. */
const runningRelays = new Map<string, boolean>();

/** Says that a job may have news. Nobody waits for it, and whatever it fails at, the timer finds again. */
export function startDelivery(jobId: string): void {
  const isRunning = runningRelays.has(jobId);
  runningRelays.set(jobId, isRunning);
  if (!isRunning) void relayUntilDone(jobId);
}

async function relayUntilDone(jobId: string): Promise<void> {
  try {
    do {
      runningRelays.set(jobId, false);
      await relayJob(jobId);
    } while (runningRelays.get(jobId));
  } catch {
    // What was not told stands in the outbox.
  } finally {
    runningRelays.delete(jobId);
  }
}
