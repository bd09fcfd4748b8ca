// The events of a job, in the partition of the job. Each event is in the same batch as its change,
// so that no event gets lost. The relay numbers and delivers the events later.
import {
  compareEventPositions,
  EventName,
  EventSection,
  type EventPosition,
} from '../outbox/rules/events.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { isFinalStepState } from '../core/states/step.ts';
import {
  writeBatch,
  splitIntoBatches,
  queryDocuments,
  readDocument,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type {
  DeliveryDocument,
  EventDocument,
  UndeliveredRangeDocument,
  RelayDocument,
} from '../outbox/documents.ts';
import type { JobDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';
const MAX_BATCH_SIZE = 100;
/** An event carries at most this many warnings. The job itself has more. */
const MAX_WARNINGS = 5;

type EventContent = {
  readonly news: EventName;
  readonly subject: string;
  readonly place: EventPosition;
  readonly data: EventDocument['data'];
};

const eventDocumentOf = (
  jobId: string,
  now: Date,
  { news, subject, place, data }: EventContent,
): EventDocument => ({
  id: `news:${place.epoch}:${place.part}:${place.phase}:${place.step}:${place.change}`,
  type: 'news',
  schema: SCHEMA_VERSION,
  jobId,
  number: 0,
  at: now.toISOString(),
  news,
  subject,
  place,
  data,
});

const jobEvent = (
  job: JobDocument,
  now: Date,
  news: EventName,
  part: EventSection,
  change: number,
  data: EventDocument['data'],
): EventDocument =>
  eventDocumentOf(job.jobId, now, {
    news,
    subject: job.jobId,
    place: { epoch: job.epoch, part, phase: 0, step: '', change },
    data: { ...data, state: job.state, epoch: job.epoch },
  });

const jobAccepted = (job: JobDocument, now: Date): EventDocument =>
  jobEvent(job, now, EventName.jobAccepted, EventSection.begin, 0, {
    operation: job.command.operation,
    vms: job.vmCount,
    plan: job.plan?.id ?? null,
    requestedBy: job.caller.name,
    ticket: job.command.ticket ?? null,
  });
const jobTakenOver = (job: JobDocument, now: Date): EventDocument =>
  jobEvent(job, now, EventName.jobTakenOver, EventSection.begin, 1, {});
const jobRetried = (job: JobDocument, now: Date): EventDocument =>
  jobEvent(job, now, EventName.jobRetried, EventSection.begin, 1, {});
const jobRunning = (job: JobDocument, now: Date): EventDocument =>
  jobEvent(job, now, EventName.jobRunning, EventSection.begin, 2, {});
const jobEnded = (job: JobDocument, now: Date): EventDocument =>
  jobEvent(job, now, EventName.jobEnded, EventSection.end, 0, {
    exceptions: job.exceptionCount,
    warnings: job.warningCount,
    firstWarnings: job.warnings.slice(0, MAX_WARNINGS),
    error: job.error && { code: job.error.code, message: job.error.message },
  });

/** Its position is after all earlier changes of the steps that the questions are about. */
const jobNeedsPerson = (job: JobDocument, now: Date): EventDocument =>
  eventDocumentOf(job.jobId, now, {
    news: EventName.jobNeedsPerson,
    subject: job.jobId,
    place: {
      epoch: job.epoch,
      part: EventSection.steps,
      phase: Number.MAX_SAFE_INTEGER,
      step: 'needs',
      change: job.asked,
    },
    data: {
      state: job.state,
      epoch: job.epoch,
      questions: job.needs.length,
      first: job.needs[0]?.name ?? null,
      message: job.needs[0]?.message ?? null,
    },
  });

/** The events of a change of the job. `before` is undefined for a new job. */
export function eventsOfJobChange(
  before: JobDocument | undefined,
  job: JobDocument,
  now: Date,
): EventDocument[] {
  if (!before) return [jobAccepted(job, now)];
  if (isFinalJobState(job.state) && !isFinalJobState(before.state)) return [jobEnded(job, now)];
  if (isFinalJobState(before.state) && !isFinalJobState(job.state)) return [jobRetried(job, now)];
  if (job.epoch > before.epoch) return [jobTakenOver(job, now)];
  if (job.asked > before.asked) return job.needs.length > 0 ? [jobNeedsPerson(job, now)] : [];
  return job.run !== null && before.run === null ? [jobRunning(job, now)] : [];
}

const stepEvent = (
  step: StepDocument,
  now: Date,
  news: EventName,
  change: number,
  data: EventDocument['data'],
): EventDocument =>
  eventDocumentOf(step.jobId, now, {
    news,
    subject: step.targetId,
    place: { epoch: step.epoch, part: EventSection.steps, phase: step.order, step: step.id, change },
    data: {
      target: step.targetId,
      kind: step.work.kind,
      name: step.targetName,
      phase: step.phase,
      siteRecoveryJob: step.armJobId,
      ...data,
    },
  });

const stepStarted = (step: StepDocument, now: Date, change: number): EventDocument =>
  stepEvent(step, now, EventName.stepStarted, change, { attempt: step.attempt, foreign: step.foreign });
const stepEnded = (step: StepDocument, now: Date, change: number): EventDocument =>
  stepEvent(step, now, EventName.stepEnded, change, {
    state: step.state,
    warnings: step.warnings.length,
    error: step.error && { code: step.error.code, message: step.error.message },
  });

/**
 * The events of a change of a step. A step has started once it knows a Site Recovery job, ours or a
 * foreign one. `change` numbers the reported changes of the step.
 */
export function eventsOfStepChange(
  before: StepDocument,
  step: StepDocument,
  change: number,
  now: Date,
): EventDocument[] {
  if (isFinalStepState(step.state) && !isFinalStepState(before.state)) return [stepEnded(step, now, change)];
  return step.armJobId !== null && step.armJobId !== before.armJobId ? [stepStarted(step, now, change)] : [];
}

const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

const listUnnumberedEvents = (jobId: string): Promise<WithEtag<EventDocument>[]> =>
  queryDocuments<EventDocument>(JOBS, {
    where: "c.type = 'news' AND c.number = 0",
    partition: partition(jobId),
  });

/**
 * The events without a number, in order. A query reads page by page during other writes, and may
 * miss an event that precedes another. If two reads show the same events, the second read has seen
 * every predecessor.
 */
export async function listEventsToNumber(
  jobId: string,
  maxReads: number,
): Promise<readonly WithEtag<EventDocument>[]> {
  let firstRead = await listUnnumberedEvents(jobId);
  for (let reads = 1; firstRead.length > 0 && reads < maxReads; reads++) {
    const secondRead = await listUnnumberedEvents(jobId);
    if (haveSameIds(firstRead, secondRead))
      return secondRead.sort((a, b) => compareEventPositions(a.place, b.place));
    firstRead = secondRead;
  }
  return [];
}

function haveSameIds(entries: readonly EventDocument[], others: readonly EventDocument[]): boolean {
  return (
    entries.length === others.length &&
    new Set(entries.map(({ id }) => id)).symmetricDifference(new Set(others.map(({ id }) => id))).size === 0
  );
}

/**
 * Numbers the events in one batch with the counter. Returns undefined if another process has
 * numbered events meanwhile.
 */
export async function numberEvents(
  relay: WithEtag<RelayDocument>,
  entries: readonly WithEtag<EventDocument>[],
): Promise<WithEtag<RelayDocument> | undefined> {
  const [firstBatch = []] = splitIntoBatches(entries, MAX_BATCH_SIZE - 1);
  const next: RelayDocument = {
    ...relay,
    last: relay.last + firstBatch.length,
    settled: false,
    quietUntil: '',
  };
  const numbered = firstBatch.map((event, i): BatchWrite => {
    const entryWithNumber: EventDocument = { ...event, number: relay.last + i + 1 };
    return { replace: entryWithNumber, etag: event._etag };
  });
  const etags = await writeBatch(JOBS, relay.jobId, [{ replace: next, etag: relay._etag }, ...numbered]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** The events of a range of numbers, in order. */
export const listEvents = (
  jobId: string,
  first: number,
  last: number,
  max: number,
): Promise<WithEtag<EventDocument>[]> =>
  queryDocuments<EventDocument>(JOBS, {
    where: "c.type = 'news' AND c.number >= @first AND c.number <= @last",
    parameters: { first, last },
    orderBy: 'c.number',
    partition: partition(jobId),
    limit: max,
  });

/** The relay document of a job: the counter and the state of its delivery. */
export const readRelay = (jobId: string): Promise<WithEtag<RelayDocument> | undefined> =>
  readDocument<RelayDocument>(JOBS, 'relay', jobId);

const WAITING_CONDITION =
  "(c.type = 'news' AND c.number = 0) OR (c.type = 'relay' AND c.settled = false AND (NOT " +
  'IS_DEFINED(c.quietUntil) OR c.quietUntil <= @now))';

/**
 * The jobs with an event that has no number, or with a due delivery that did not reach every
 * target.
 */
export async function listJobsWithPendingEvents(now: Date): Promise<readonly string[]> {
  const waiting = await queryDocuments<EventDocument | RelayDocument>(JOBS, {
    where: WAITING_CONDITION,
    parameters: { now: now.toISOString() },
  });
  return [...new Set(waiting.map(({ jobId }) => jobId))];
}

/**
 * The lag of the delivery: the oldest event without a number, the oldest failing delivery, and the
 * number of undelivered ranges. Null: none.
 */
export async function readDeliveryLag(): Promise<{
  readonly unnumbered: string | null;
  readonly failing: string | null;
  readonly undelivered: number;
}> {
  const [entry, delivery, undelivered] = await Promise.all([
    queryDocuments<EventDocument>(JOBS, {
      where: "c.type = 'news' AND c.number = 0",
      orderBy: 'c.at',
      limit: 1,
    }),
    queryDocuments<DeliveryDocument>(JOBS, {
      where: "c.type = 'delivery' AND IS_STRING(c.failingSince) AND c.gap = null AND c.removed = false",
      orderBy: 'c.failingSince',
      limit: 1,
    }),
    queryDocuments<UndeliveredRangeDocument>(JOBS, { where: "c.type = 'gap' AND c.resumedAt = null" }),
  ]);
  return {
    unnumbered: entry[0]?.at ?? null,
    failing: delivery[0]?.failingSince ?? null,
    undelivered: undelivered.length,
  };
}
