// How far each target was told the news of a job, and the gaps where it was not.
import { writeBatch, queryDocuments, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { DeliveryDocument, UndeliveredRangeDocument, RelayDocument } from '../outbox/documents.ts';
import type { LogDocument } from '../journal/documents.ts';

const JOBS = 'jobs';

export const deliveryIdOf = (target: string): string => `delivery:${target}`;
export const undeliveredRangeIdOf = (target: string, from: number, at: Date): string =>
  `gap:${target}:${from}:${at.getTime()}`;

/** The position of the job's news and of each target, all at once. Undefined when somebody else was first. */
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

export const readDelivery = (
  jobId: string,
  target: string,
): Promise<WithEtag<DeliveryDocument> | undefined> =>
  readDocument<DeliveryDocument>(JOBS, deliveryIdOf(target), jobId);

export const readDeliveries = (jobId: string): Promise<WithEtag<DeliveryDocument>[]> =>
  queryDocuments<DeliveryDocument>(JOBS, {
    where: "c.type = 'delivery'",
    partition: { key: 'jobId', value: jobId },
  });

/** Undefined when somebody else has changed it, who then is the one that tells the target. */
export async function saveDelivery(
  delivery: WithEtag<DeliveryDocument>,
  change: Partial<DeliveryDocument>,
): Promise<WithEtag<DeliveryDocument> | undefined> {
  const next: DeliveryDocument = { ...delivery, ...change };
  const etags = await writeBatch(JOBS, delivery.jobId, [{ replace: next, etag: delivery._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** The gap, the stand-still and the line in the job's log, at once. */
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

export const readUndeliveredRange = (
  jobId: string,
  gapId: string,
): Promise<WithEtag<UndeliveredRangeDocument> | undefined> =>
  readDocument<UndeliveredRangeDocument>(JOBS, gapId, jobId);

export const readUndeliveredRanges = (jobId: string): Promise<WithEtag<UndeliveredRangeDocument>[]> =>
  queryDocuments<UndeliveredRangeDocument>(JOBS, {
    where: "c.type = 'gap'",
    partition: { key: 'jobId', value: jobId },
  });

/** Of whatever stream; the newest so many. */
export const readOpenUndeliveredRanges = (limit: number): Promise<WithEtag<UndeliveredRangeDocument>[]> =>
  queryDocuments<UndeliveredRangeDocument>(JOBS, {
    where: "c.type = 'gap' AND c.resumedAt = null",
    orderBy: 'c.gaveUpAt DESC',
    limit,
  });

export interface RangeToResume {
  readonly range: WithEtag<UndeliveredRangeDocument>;
  readonly delivery: WithEtag<DeliveryDocument>;
  readonly relay: WithEtag<RelayDocument>;
}

/** The target goes on where it stood, and the relay looks at the job again. */
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
 * These are told too from now on, of what comes after a number; one that was there before, not
 * again of what it has. False when somebody has numbered meanwhile.
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

/** Until then nobody needs to look. False when somebody has numbered or resumed something since. */
export async function postponeRelay(relay: WithEtag<RelayDocument>, quietUntil: string): Promise<boolean> {
  if (relay.quietUntil === quietUntil) return true;
  const postponedRelay: RelayDocument = { ...relay, quietUntil };
  return (
    (await writeBatch(JOBS, relay.jobId, [{ replace: postponedRelay, etag: relay._etag }])) !== undefined
  );
}

/**
 * Nobody waits for anything any more. False when somebody has numbered or resumed something since:
 * then somebody does.
 */
export async function finishRelay(relay: WithEtag<RelayDocument>): Promise<boolean> {
  const finishedRelay: RelayDocument = { ...relay, settled: true };
  return (await writeBatch(JOBS, relay.jobId, [{ replace: finishedRelay, etag: relay._etag }])) !== undefined;
}
