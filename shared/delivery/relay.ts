// Delivers the events of jobs: gives each event a number and sends it to every target. The timer
// finds and repeats the work of a dead process.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { createRelay, postponeRelay, finishRelay } from './deliveryStore.ts';
import type { RelayDocument } from '../outbox/documents.ts';
import { listEventsToNumber, listJobsWithPendingEvents, numberEvents, readRelay } from '../journal/outbox.ts';
import { deliverEvents } from './deliverEvents.ts';
import { findDeliveryTargets } from './findTargets.ts';

/** After this many rounds the relay stops. The timer continues the work. */
const MAX_ROUNDS = 50;
/** A slow receiver blocks one of these workers for the length of a request. */
const MAX_CONCURRENT_JOBS = 32;

/**
 * Repeats while other processes add numbers. Those leave new events to the process with the
 * target's lease.
 */
export async function relayJob(jobId: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const relay = await readNumberedRelay(jobId);
    if (!relay || relay.settled) return;
    const results = await Promise.allSettled(
      relay.targets.map((target) => deliverEvents(jobId, target, relay.last)),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    const waitTimes = results.flatMap((result) =>
      result.status === 'fulfilled' && result.value !== undefined ? [result.value] : [],
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
 * Numbers the events without a number. Two processes may number at the same time; the ETag lets
 * only one of them win, and the other reads again.
 */
async function readNumberedRelay(jobId: string): Promise<WithEtag<RelayDocument> | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const [relay, events] = await Promise.all([readRelay(jobId), listEventsToNumber(jobId, MAX_ROUNDS)]);
    if (events.length === 0) return relay;
    const position = relay ?? (await createRelay(jobId, await findDeliveryTargets(jobId)));
    if (!position) continue;
    const next = await numberEvents(position, events);
    // Each later event starts a relay of its own.
    if (next && next.last - position.last === events.length) return next;
  }
  return readRelay(jobId);
}

/**
 * The timer calls this: delivers all waiting events, even after a crash. One failing job does not
 * stop the others.
 */
export async function relayAll(warn: (message: string) => void): Promise<void> {
  const waiting = [...(await listJobsWithPendingEvents(await clock().now()))];
  const worker = async (): Promise<void> => {
    for (let jobId = waiting.shift(); jobId !== undefined; jobId = waiting.shift()) {
      const id = jobId;
      await relayJob(id).catch((error: unknown) =>
        warn(`The events of job ${id} wait for the next minute: ${messageOf(error)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_JOBS }, worker));
}

/** The jobs with a running relay in this process. True when new events came meanwhile. */
const runningRelays = new Map<string, boolean>();

/**
 * Starts the relay of a job in the background. The caller does not wait, and the timer repeats a
 * failure.
 */
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
    // Undelivered events stay in the outbox.
  } finally {
    runningRelays.delete(jobId);
  }
}
