// Tells one target the news of one job, in order and at least once: what is not marked as arrived
// is told again.
import { clock, later } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { isGivenUp, secondsToNextTry } from '../outbox/rules/events.ts';
import { freshGuid } from '../core/ids.ts';
import type { Stored } from '../store/cosmos.ts';
import { gapIdOf, openGap, readDelivery, saveDelivery } from './deliverStore.ts';
import { SCHEMA } from '../store/schema.ts';
import type { DeliveryDocument, EntryDocument, GapDocument } from '../outbox/documents.ts';
import { logLine, Place } from '../journal/log.ts';
import { entriesFrom } from '../journal/outbox.ts';
import { eventOf } from './cloudEvent.ts';
import { targetNamed } from './target.ts';
import { type Target } from './receiver.ts';

type Failure = Exclude<Awaited<ReturnType<Target['deliver']>>, { delivered: true }>;

const AT_ONCE = 100;

/** How long one try may last. Wall time, as that of the lease: both bound requests on a real network. */
const timeout = (): number => config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS;

/** A lease outlasts three tries that get no answer. */
const leaseEnd = (): string => later(new Date(), 3 * timeout()).toISOString();

/**
 * A try begins so early that two more would fit, and sends nothing once there is room for one
 * alone: by so much two machines' clocks may differ.
 */
const leaves = (lease: DeliveryDocument['lease'], tries: number): number =>
  Date.parse(lease?.until ?? '') - tries * timeout() * 1000;

/**
 * When a target that waits is to be told again, in story time; ANY_TIME while somebody else tells
 * it, who may die.
 */
export type Waits = string;
const ANY_TIME: Waits = '';

/**
 * Undefined when this target waits for nothing up to `last`: it has it, stands still at a gap, or
 * is gone.
 */
export async function deliver(jobId: string, name: string, last: number): Promise<Waits | undefined> {
  const known = await readDelivery(jobId, name);
  if (!known) throw new Error(`The target ${name} of job ${jobId} has no position.`);
  if (hasAll(known, last)) return undefined;
  if (!(await isDue(known))) return known.notBefore ?? ANY_TIME;
  const target = await targetNamed(name);
  if (!target)
    return (await saveDelivery(known, { removed: true, lease: null, why: 'The target is no longer there.' }))
      ? undefined
      : ANY_TIME;
  const claimed = await saveDelivery(known, { lease: { owner: freshGuid(), until: leaseEnd() } });
  return claimed ? tellAll(target, claimed, last) : ANY_TIME;
}

const hasAll = ({ delivered, gap, removed }: DeliveryDocument, last: number): boolean =>
  delivered >= last || gap !== null || removed;

async function isDue({ lease, notBefore }: DeliveryDocument): Promise<boolean> {
  if (lease && Date.parse(lease.until) > Date.now()) return false;
  return notBefore === null || Date.parse(notBefore) <= (await clock().now()).getTime();
}

async function tellAll(
  target: Target,
  claimed: Stored<DeliveryDocument>,
  last: number,
): Promise<Waits | undefined> {
  let position = claimed;
  while (position.delivered < last) {
    const entries = await entriesFrom(claimed.jobId, position.delivered + 1, last, AT_ONCE);
    if (entries.length === 0)
      throw new Error(`Job ${claimed.jobId} has no news from number ${position.delivered + 1} to ${last}.`);
    for (const entry of entries) {
      const next = await tell(target, position, entry, last);
      if ('stopped' in next) return next.stopped;
      position = next;
    }
  }
  return undefined;
}

/** The lease went with a failure, or to somebody else. */
interface Stopped {
  readonly stopped: Waits | undefined;
}
const LOST: Stopped = { stopped: ANY_TIME };

async function tell(
  target: Target,
  held: Stored<DeliveryDocument>,
  entry: EntryDocument,
  last: number,
): Promise<Stored<DeliveryDocument> | Stopped> {
  let position: Stored<DeliveryDocument> | undefined = held;
  // Also after a prolonging that took long. Who slept meanwhile finds out here that somebody else goes on.
  while (position && !(Date.now() < leaves(position.lease, 2)))
    position = await saveDelivery(position, prolonged(position));
  if (!position) return LOST;
  const outcome = await target.deliver(eventOf(entry), leaves(position.lease, 1));
  if (!outcome.delivered) return failed(position, entry, outcome);
  const lease = entry.number < last ? prolonged(position) : { lease: null };
  return (
    (await saveDelivery(position, {
      ...lease,
      delivered: entry.number,
      failures: 0,
      failingSince: null,
      notBefore: null,
      why: null,
    })) ?? LOST
  );
}

const prolonged = ({ lease }: DeliveryDocument): Pick<DeliveryDocument, 'lease'> => ({
  lease: lease && { ...lease, until: leaseEnd() },
});

async function failed(
  position: Stored<DeliveryDocument>,
  entry: EntryDocument,
  { reason: why, retryAfterSeconds }: Failure,
): Promise<Stopped> {
  const now = await clock().now();
  const failures = position.failures + 1;
  const failingSince = position.failingSince ?? now.toISOString();
  if (isGivenUp(new Date(failingSince), now, config().LIFEBOAT_NEWS_GIVE_UP_HOURS)) {
    const gap = gapOf(position, entry, { failures, failingSince, why }, now);
    const opened = await openGap(
      position,
      gap,
      logLine(
        gap.jobId,
        Place.middle,
        gap.id,
        `Delivery to ${gap.target} was given up from event ${gap.from} on: ${why} Tried ` +
          `${failures} times since ${failingSince}. Nothing is lost. Resume it when the ` +
          'target answers again.',
        now,
      ),
    );
    return { stopped: opened ? undefined : ANY_TIME };
  }
  const notBefore = later(now, secondsToNextTry(failures, retryAfterSeconds)).toISOString();
  return {
    stopped: (await saveDelivery(position, { lease: null, failures, failingSince, why, notBefore }))
      ? notBefore
      : ANY_TIME,
  };
}

const gapOf = (
  { jobId, target }: DeliveryDocument,
  { number }: EntryDocument,
  failing: Pick<GapDocument, 'failures' | 'failingSince' | 'why'>,
  now: Date,
): GapDocument => ({
  id: gapIdOf(target, number, now),
  type: 'gap',
  schema: SCHEMA,
  jobId,
  target,
  from: number,
  gaveUpAt: now.toISOString(),
  resumedAt: null,
  resumedBy: null,
  ...failing,
});
