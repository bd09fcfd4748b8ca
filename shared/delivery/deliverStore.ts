// How far each target was told the news of a job, and the gaps where it was not.
import { batch, query, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { DeliveryDocument, GapDocument, RelayDocument } from '../outbox/documents.ts';
import type { LogDocument } from '../journal/documents.ts';

const JOBS = 'jobs';

export const deliveryIdOf = (target: string): string => `delivery:${target}`;
export const gapIdOf = (target: string, from: number, at: Date): string =>
  `gap:${target}:${from}:${at.getTime()}`;

/** The position of the job's news and of each target, all at once. Undefined when somebody else was first. */
export async function createRelay(
  jobId: string,
  targets: readonly string[],
): Promise<Stored<RelayDocument> | undefined> {
  const relay: RelayDocument = {
    id: 'relay',
    type: 'relay',
    schema: SCHEMA,
    jobId,
    last: 0,
    settled: true,
    quietUntil: '',
    targets,
  };
  const etags = await batch(JOBS, jobId, [
    { create: relay },
    ...targets.map((target) => ({ create: newDelivery(jobId, target) })),
  ]);
  return etags && { ...relay, _etag: etags[0] ?? '' };
}

const newDelivery = (jobId: string, target: string): DeliveryDocument => ({
  id: deliveryIdOf(target),
  type: 'delivery',
  schema: SCHEMA,
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

export const readDelivery = (jobId: string, target: string): Promise<Stored<DeliveryDocument> | undefined> =>
  read<DeliveryDocument>(JOBS, deliveryIdOf(target), jobId);

export const deliveriesOf = (jobId: string): Promise<Stored<DeliveryDocument>[]> =>
  query<DeliveryDocument>(JOBS, { where: "c.type = 'delivery'", partition: { key: 'jobId', value: jobId } });

/** Undefined when somebody else has changed it, who then is the one that tells the target. */
export async function saveDelivery(
  delivery: Stored<DeliveryDocument>,
  change: Partial<DeliveryDocument>,
): Promise<Stored<DeliveryDocument> | undefined> {
  const next: DeliveryDocument = { ...delivery, ...change };
  const etags = await batch(JOBS, delivery.jobId, [{ replace: next, etag: delivery._etag }]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** The gap, the stand-still and the line in the job's log, at once. */
export async function openGap(
  delivery: Stored<DeliveryDocument>,
  gap: GapDocument,
  line: LogDocument,
): Promise<boolean> {
  const stopped: DeliveryDocument = {
    ...delivery,
    lease: null,
    notBefore: null,
    gap: gap.id,
    failures: gap.failures,
    why: gap.why,
  };
  return (
    (await batch(JOBS, gap.jobId, [
      { replace: stopped, etag: delivery._etag },
      { create: gap },
      { put: line },
    ])) !== undefined
  );
}

export const readGap = (jobId: string, gapId: string): Promise<Stored<GapDocument> | undefined> =>
  read<GapDocument>(JOBS, gapId, jobId);

export const gapsOf = (jobId: string): Promise<Stored<GapDocument>[]> =>
  query<GapDocument>(JOBS, { where: "c.type = 'gap'", partition: { key: 'jobId', value: jobId } });

/** Of whatever stream; the newest so many. */
export const openGaps = (most: number): Promise<Stored<GapDocument>[]> =>
  query<GapDocument>(JOBS, {
    where: "c.type = 'gap' AND c.resumedAt = null",
    order: 'c.gaveUpAt DESC',
    most,
  });

export interface Closing {
  readonly gap: Stored<GapDocument>;
  readonly delivery: Stored<DeliveryDocument>;
  readonly relay: Stored<RelayDocument>;
}

/** The target goes on where it stood, and the relay looks at the job again. */
export async function closeGap(
  { gap, delivery, relay }: Closing,
  by: string,
  now: Date,
  line: LogDocument,
): Promise<boolean> {
  const closed: GapDocument = { ...gap, resumedAt: now.toISOString(), resumedBy: by };
  const going: DeliveryDocument = {
    ...delivery,
    gap: null,
    failures: 0,
    failingSince: null,
    notBefore: null,
    why: null,
  };
  const open: RelayDocument = { ...relay, settled: false, quietUntil: '' };
  const writes = [
    { replace: closed, etag: gap._etag },
    { replace: going, etag: delivery._etag },
    { replace: open, etag: relay._etag },
    { put: line },
  ];
  return (await batch(JOBS, gap.jobId, writes)) !== undefined;
}

/**
 * These are told too from now on, of what comes after a number; one that was there before, not
 * again of what it has. False when somebody has numbered meanwhile.
 */
export async function joinRelay(
  relay: Stored<RelayDocument>,
  late: readonly string[],
  known: readonly Stored<DeliveryDocument>[],
  after: number,
): Promise<boolean> {
  const next: RelayDocument = {
    ...relay,
    targets: [...new Set([...relay.targets, ...late])],
    settled: false,
    quietUntil: '',
  };
  const positions = late.map((target): Write => {
    const before = known.find((delivery) => delivery.target === target);
    const position: DeliveryDocument = {
      ...newDelivery(relay.jobId, target),
      delivered: Math.max(before?.delivered ?? 0, after),
    };
    return before ? { replace: position, etag: before._etag } : { create: position };
  });
  return (await batch(JOBS, relay.jobId, [{ replace: next, etag: relay._etag }, ...positions])) !== undefined;
}

/** Until then nobody needs to look. False when somebody has numbered or resumed something since. */
export async function quietRelay(relay: Stored<RelayDocument>, quietUntil: string): Promise<boolean> {
  if (relay.quietUntil === quietUntil) return true;
  const quiet: RelayDocument = { ...relay, quietUntil };
  return (await batch(JOBS, relay.jobId, [{ replace: quiet, etag: relay._etag }])) !== undefined;
}

/**
 * Nobody waits for anything any more. False when somebody has numbered or resumed something since:
 * then somebody does.
 */
export async function settleRelay(relay: Stored<RelayDocument>): Promise<boolean> {
  const settled: RelayDocument = { ...relay, settled: true };
  return (await batch(JOBS, relay.jobId, [{ replace: settled, etag: relay._etag }])) !== undefined;
}
