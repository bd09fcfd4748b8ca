// Carries the news of jobs out of the store: numbers them, tells everybody who is to be told, and
// is found again wherever it died.
import { clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Stored } from '../store/cosmos.ts';
import { createRelay, quietRelay, settleRelay } from './deliverStore.ts';
import type { RelayDocument } from '../outbox/documents.ts';
import { entriesToNumber, jobsWithNews, numberEntries, readRelay } from '../journal/outbox.ts';
import { deliver } from './deliver.ts';
import { targetsOf } from './target.ts';

/** More than this at once, and the story goes on elsewhere: the timer comes again. */
const MOST_ROUNDS = 50;
/** A receiver that hangs holds one of these up for as long as a call may take. */
const JOBS_AT_ONCE = 32;

/** Goes on while others number meanwhile: they leave what is new to whoever holds the targets' leases. */
export async function relayJob(jobId: string): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const relay = await numbered(jobId);
    if (!relay || relay.settled) return;
    const told = await Promise.allSettled(relay.targets.map((target) => deliver(jobId, target, relay.last)));
    const broken = told.find((one) => one.status === 'rejected');
    if (broken) throw broken.reason;
    const waits = told.flatMap((one) =>
      one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [],
    );
    if (waits.length === 0 ? await settleRelay(relay) : await quietRelay(relay, waits.toSorted()[0] ?? ''))
      return;
  }
}

/**
 * Numbers what has no number yet. Whoever numbers at the same time meets the other at the
 * position's ETag, and one of them looks again.
 */
async function numbered(jobId: string): Promise<Stored<RelayDocument> | undefined> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [relay, entries] = await Promise.all([readRelay(jobId), entriesToNumber(jobId, MOST_ROUNDS)]);
    if (entries.length === 0) return relay;
    const position = relay ?? (await createRelay(jobId, await targetsOf(jobId)));
    if (!position) continue;
    const next = await numberEntries(position, entries);
    // Entries that came since have a kick of their own.
    if (next && next.last - position.last === entries.length) return next;
  }
  return readRelay(jobId);
}

/**
 * Everything that still waits, wherever its relay died. What goes wrong with one job keeps no other
 * waiting.
 */
export async function relayAll(warn: (message: string) => void): Promise<void> {
  const waiting = [...(await jobsWithNews(await clock().now()))];
  const work = async (): Promise<void> => {
    for (let jobId = waiting.shift(); jobId !== undefined; jobId = waiting.shift()) {
      const id = jobId;
      await relayJob(id).catch((error: unknown) =>
        warn(`The news of job ${id} wait for the next minute: ${messageOf(error)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: JOBS_AT_ONCE }, work));
}

/** Jobs whose news are under way in this process; true when there was more to tell meanwhile. */
const underWay = new Map<string, boolean>();

/** Says that a job may have news. Nobody waits for it, and whatever it fails at, the timer finds again. */
export function kick(jobId: string): void {
  const known = underWay.has(jobId);
  underWay.set(jobId, known);
  if (!known) void relayWhileKicked(jobId);
}

async function relayWhileKicked(jobId: string): Promise<void> {
  try {
    do {
      underWay.set(jobId, false);
      await relayJob(jobId);
    } while (underWay.get(jobId));
  } catch {
    // What was not told stands in the outbox.
  } finally {
    underWay.delete(jobId);
  }
}
