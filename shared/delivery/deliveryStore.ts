// Stores the delivery position of each target of a job, and the undelivered ranges. The files of
// this folder and the delivery routes call this module.
import { writeBatch, queryDocuments, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { DeliveryDocument, UndeliveredRangeDocument, RelayDocument } from '../outbox/documents.ts';
import type { LogDocument } from '../journal/documents.ts';

const JOBS = 'jobs';

/** The document id of a delivery position. */
export const deliveryIdOf = (target: string): string => `delivery:${target}`;
/** The document id of an undelivered range. */
export const undeliveredRangeIdOf = (target: string, from: number, at: Date): string =>
  `gap:${target}:${from}:${at.getTime()}`;

/**
 * Creates the relay of a job and the position of each target in one batch. Undefined when another
 * process was first.
 */
export async function createRelay(
  jobId: string,
  targets: readonly string[],
): Promise<WithEtag<RelayDocument> | undefined> {
  const relay: RelayDocument = {
    id: 'relay',
    type: 'relay',
    schema: SCHEMA_VERSION,
    jobId,
    last: 0,
    settled: true,
    quietUntil: '',
    targets,
  };
  const etags = await writeBatch(JOBS, jobId, [
    { create: relay },
    ...targets.map((target) => ({ create: newDelivery(jobId, target) })),
  ]);
  return etags && { ...relay, _etag: etags[0] ?? '' };
}

const newDelivery = (jobId: string, target: string): DeliveryDocument => ({
  id: deliveryIdOf(target),
  type: 'delivery',
  schema: SCHEMA_VERSION,
  jobId,
  target,
  delivered: 0,
  lease: null,
  failures: 0,
  failingSince: null,
  notBefore: null,
  why: null,
  gap: null,
  removed: false,
});

/** Reads the position of one target. */
export const readDelivery = (
  jobId: string,
  target: string,
): Promise<WithEtag<DeliveryDocument> | undefined> =>
  readDocument<DeliveryDocument>(JOBS, deliveryIdOf(target), jobId);

/** Reads the positions of all targets of a job. */
export const readDeliveries = (jobId: string): Promise<WithEtag<DeliveryDocument>[]> =>
  queryDocuments<DeliveryDocument>(JOBS, {
    where: "c.type = 'delivery'",
    partition: { key: 'jobId', value: jobId },
  });

/**
 * Saves a delivery position. Undefined when another process has changed it: that process now
 * delivers to the target.
 */
export async function saveDelivery(
  delivery: WithEtag<DeliveryDocument>,
  change: Partial<DeliveryDocument>,
): Promise<WithEtag<DeliveryDocument> | undefined> {
  const next: DeliveryDocument = { ...delivery, ...change };
  const etags = await writeBatch(JOBS, delivery.jobId, [{ replace: next, etag: delivery._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** Saves the undelivered range, stops the delivery and writes a log line, in one batch. */
export async function createUndeliveredRange(
  delivery: WithEtag<DeliveryDocument>,
  range: UndeliveredRangeDocument,
  line: LogDocument,
): Promise<boolean> {
  const stoppedDelivery: DeliveryDocument = {
    ...delivery,
    lease: null,
    notBefore: null,
    gap: range.id,
    failures: range.failures,
    why: range.why,
  };
  return (
    (await writeBatch(JOBS, range.jobId, [
      { replace: stoppedDelivery, etag: delivery._etag },
      { create: range },
      { put: line },
    ])) !== undefined
  );
}

/** Reads one undelivered range of a job. */
export const readUndeliveredRange = (
  jobId: string,
  gapId: string,
): Promise<WithEtag<UndeliveredRangeDocument> | undefined> =>
  readDocument<UndeliveredRangeDocument>(JOBS, gapId, jobId);

/** Reads all undelivered ranges of a job, open and resumed. */
export const readUndeliveredRanges = (jobId: string): Promise<WithEtag<UndeliveredRangeDocument>[]> =>
  queryDocuments<UndeliveredRangeDocument>(JOBS, {
    where: "c.type = 'gap'",
    partition: { key: 'jobId', value: jobId },
  });

/** The newest open ranges of all streams, up to the limit. */
export const readOpenUndeliveredRanges = (limit: number): Promise<WithEtag<UndeliveredRangeDocument>[]> =>
  queryDocuments<UndeliveredRangeDocument>(JOBS, {
    where: "c.type = 'gap' AND c.resumedAt = null",
    orderBy: 'c.gaveUpAt DESC',
    limit,
  });

/** The three documents that a resume changes. */
export interface RangeToResume {
  readonly range: WithEtag<UndeliveredRangeDocument>;
  readonly delivery: WithEtag<DeliveryDocument>;
  readonly relay: WithEtag<RelayDocument>;
}

/** Lets the target continue at its position, and makes the relay check the job again. */
export async function closeUndeliveredRange(
  { range, delivery, relay }: RangeToResume,
  by: string,
  now: Date,
  line: LogDocument,
): Promise<boolean> {
  const resumedRange: UndeliveredRangeDocument = { ...range, resumedAt: now.toISOString(), resumedBy: by };
  const resumedDelivery: DeliveryDocument = {
    ...delivery,
    gap: null,
    failures: 0,
    failingSince: null,
    notBefore: null,
    why: null,
  };
  const reopenedRelay: RelayDocument = { ...relay, settled: false, quietUntil: '' };
  const writes = [
    { replace: resumedRange, etag: range._etag },
    { replace: resumedDelivery, etag: delivery._etag },
    { replace: reopenedRelay, etag: relay._etag },
    { put: line },
  ];
  return (await writeBatch(JOBS, range.jobId, writes)) !== undefined;
}

/**
 * Delivers to these targets all events after a number. A target that was there before does not get
 * its events again. False when another process has numbered events meanwhile.
 */
export async function addRelayTargets(
  relay: WithEtag<RelayDocument>,
  newTargets: readonly string[],
  deliveries: readonly WithEtag<DeliveryDocument>[],
  after: number,
): Promise<boolean> {
  const next: RelayDocument = {
    ...relay,
    targets: [...new Set([...relay.targets, ...newTargets])],
    settled: false,
    quietUntil: '',
  };
  const positions = newTargets.map((target): BatchWrite => {
    const existing = deliveries.find((delivery) => delivery.target === target);
    const position: DeliveryDocument = {
      ...newDelivery(relay.jobId, target),
      delivered: Math.max(existing?.delivered ?? 0, after),
    };
    return existing ? { replace: position, etag: existing._etag } : { create: position };
  });
  return (
    (await writeBatch(JOBS, relay.jobId, [{ replace: next, etag: relay._etag }, ...positions])) !== undefined
  );
}

/**
 * No relay needs to check the job before this time. False when another process has numbered events
 * or resumed a delivery since.
 */
export async function postponeRelay(relay: WithEtag<RelayDocument>, quietUntil: string): Promise<boolean> {
  if (relay.quietUntil === quietUntil) return true;
  const postponedRelay: RelayDocument = { ...relay, quietUntil };
  return (
    (await writeBatch(JOBS, relay.jobId, [{ replace: postponedRelay, etag: relay._etag }])) !== undefined
  );
}

/**
 * No target waits for an event any more. False when another process has numbered events or resumed
 * a delivery since: then a target does wait.
 */
export async function finishRelay(relay: WithEtag<RelayDocument>): Promise<boolean> {
  const finishedRelay: RelayDocument = { ...relay, settled: true };
  return (await writeBatch(JOBS, relay.jobId, [{ replace: finishedRelay, etag: relay._etag }])) !== undefined;
}
