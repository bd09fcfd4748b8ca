// Delivers the events of one job to one target, in order and at least once. An event without a
// saved arrival goes out again. A lease makes sure that only one process delivers to a target at a
// time.
import { clock, addSeconds } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { isGivenUp, secondsToNextTry } from '../outbox/rules/events.ts';
import { newGuid } from '../core/ids.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { undeliveredRangeIdOf, createUndeliveredRange, readDelivery, saveDelivery } from './deliveryStore.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { DeliveryDocument, EventDocument, UndeliveredRangeDocument } from '../outbox/documents.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { listEvents } from '../journal/outbox.ts';
import { toCloudEvent } from './cloudEvent.ts';
import { findDeliveryTarget } from './findTargets.ts';
import { type DeliveryTarget } from './deliveryTarget.ts';

type DeliveryFailure = Exclude<Awaited<ReturnType<DeliveryTarget['deliver']>>, { delivered: true }>;

const MAX_EVENTS_PER_READ = 100;

/** The time limit of one try. Wall time, like the lease: both limit requests on a real network. */
const tryTimeoutSeconds = (): number => config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS;

/** A lease is longer than three tries without an answer. */
const newLeaseEnd = (): string => addSeconds(new Date(), 3 * tryTimeoutSeconds()).toISOString();

/**
 * A try starts only while the lease has room for two more tries. It sends nothing with less room
 * than one. This margin covers the clock difference between two machines.
 */
const latestStartOfTries = (lease: DeliveryDocument['lease'], tries: number): number =>
  Date.parse(lease?.until ?? '') - tries * tryTimeoutSeconds() * 1000;

/**
 * The simulated time of the next try. ANY_TIME while another process delivers, because that process
 * may die.
 */
export type WaitsUntil = string;
const ANY_TIME: WaitsUntil = '';

/**
 * Delivers all events up to `last`. Undefined when this target waits for nothing: it has all
 * events, has an undelivered range, or is gone.
 */
export async function deliverEvents(
  jobId: string,
  targetName: string,
  last: number,
): Promise<WaitsUntil | undefined> {
  const delivery = await readDelivery(jobId, targetName);
  if (!delivery) throw new Error(`The target ${targetName} of job ${jobId} has no position.`);
  if (isUpToDate(delivery, last)) return undefined;
  if (!(await isDue(delivery))) return delivery.notBefore ?? ANY_TIME;
  const target = await findDeliveryTarget(targetName);
  if (!target)
    return (await saveDelivery(delivery, {
      removed: true,
      lease: null,
      why: 'The target no longer exists.',
    }))
      ? undefined
      : ANY_TIME;
  const claimedDelivery = await saveDelivery(delivery, { lease: { owner: newGuid(), until: newLeaseEnd() } });
  return claimedDelivery ? deliverAllEvents(target, claimedDelivery, last) : ANY_TIME;
}

const isUpToDate = ({ delivered, gap, removed }: DeliveryDocument, last: number): boolean =>
  delivered >= last || gap !== null || removed;

async function isDue({ lease, notBefore }: DeliveryDocument): Promise<boolean> {
  if (lease && Date.parse(lease.until) > Date.now()) return false;
  return notBefore === null || Date.parse(notBefore) <= (await clock().now()).getTime();
}

async function deliverAllEvents(
  target: DeliveryTarget,
  claimedDelivery: WithEtag<DeliveryDocument>,
  last: number,
): Promise<WaitsUntil | undefined> {
  let position = claimedDelivery;
  while (position.delivered < last) {
    const events = await listEvents(claimedDelivery.jobId, position.delivered + 1, last, MAX_EVENTS_PER_READ);
    if (events.length === 0)
      throw new Error(
        `Job ${claimedDelivery.jobId} has no event from number ${position.delivered + 1} to ${last}.`,
      );
    for (const entry of events) {
      const result = await deliverOneEvent(target, position, entry, last);
      if ('stopped' in result) return result.stopped;
      position = result;
    }
  }
  return undefined;
}

/** The delivery failed and freed its lease, or another process took the lease. */
interface DeliveryStopped {
  readonly stopped: WaitsUntil | undefined;
}
const LEASE_LOST: DeliveryStopped = { stopped: ANY_TIME };

async function deliverOneEvent(
  target: DeliveryTarget,
  delivery: WithEtag<DeliveryDocument>,
  entry: EventDocument,
  last: number,
): Promise<WithEtag<DeliveryDocument> | DeliveryStopped> {
  let position: WithEtag<DeliveryDocument> | undefined = delivery;
  // Checks again after the renewal, because a renewal may be slow. A process that slept meanwhile
  // then finds that it lost the lease.
  while (position && !(Date.now() < latestStartOfTries(position.lease, 2)))
    position = await saveDelivery(position, renewedLease(position));
  if (!position) return LEASE_LOST;
  const result = await target.deliver(toCloudEvent(entry), latestStartOfTries(position.lease, 1));
  if (!result.delivered) return recordFailure(position, entry, result);
  const lease = entry.number < last ? renewedLease(position) : { lease: null };
  return (
    (await saveDelivery(position, {
      ...lease,
      delivered: entry.number,
      failures: 0,
      failingSince: null,
      notBefore: null,
      why: null,
    })) ?? LEASE_LOST
  );
}

const renewedLease = ({ lease }: DeliveryDocument): Pick<DeliveryDocument, 'lease'> => ({
  lease: lease && { ...lease, until: newLeaseEnd() },
});

async function recordFailure(
  position: WithEtag<DeliveryDocument>,
  entry: EventDocument,
  { reason, retryAfterSeconds }: DeliveryFailure,
): Promise<DeliveryStopped> {
  const now = await clock().now();
  const failures = position.failures + 1;
  const failingSince = position.failingSince ?? now.toISOString();
  if (isGivenUp(new Date(failingSince), now, config().LIFEBOAT_DELIVERY_GIVE_UP_HOURS)) {
    const range = newUndeliveredRange(position, entry, { failures, failingSince, why: reason }, now);
    const opened = await createUndeliveredRange(
      position,
      range,
      logLine(
        range.jobId,
        LogSection.middle,
        range.id,
        `Lifeboat stopped the delivery to ${range.target} at event ${range.from}: ${reason} Tried ` +
          `${failures} times since ${failingSince}. Nothing is lost. Resume the delivery when the ` +
          'target answers again.',
        now,
      ),
    );
    return { stopped: opened ? undefined : ANY_TIME };
  }
  const notBefore = addSeconds(now, secondsToNextTry(failures, retryAfterSeconds)).toISOString();
  return {
    stopped: (await saveDelivery(position, { lease: null, failures, failingSince, why: reason, notBefore }))
      ? notBefore
      : ANY_TIME,
  };
}

const newUndeliveredRange = (
  { jobId, target }: DeliveryDocument,
  { number }: EventDocument,
  failure: Pick<UndeliveredRangeDocument, 'failures' | 'failingSince' | 'why'>,
  now: Date,
): UndeliveredRangeDocument => ({
  id: undeliveredRangeIdOf(target, number, now),
  type: 'gap',
  schema: SCHEMA_VERSION,
  jobId,
  target,
  from: number,
  gaveUpAt: now.toISOString(),
  resumedAt: null,
  resumedBy: null,
  ...failure,
});
