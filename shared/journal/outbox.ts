// News of a job, in its own partition: each entry is written in the batch with the change that it tells of.
import { inOrder, News, Part, type Place } from '../outbox/rules/events.ts';
import { isFinalJob } from '../core/states/job.ts';
import { isFinalStep } from '../core/states/step.ts';
import { batch, chunks, query, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { DeliveryDocument, EntryDocument, GapDocument, RelayDocument } from '../outbox/documents.ts';
import type { JobDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';
const MOST_IN_A_BATCH = 100;
/** An event names so many of the warnings; the job has more. */
const MOST_WARNINGS = 5;

type Told = {
  readonly news: News;
  readonly subject: string;
  readonly place: Place;
  readonly data: EntryDocument['data'];
};

const entry = (jobId: string, now: Date, { news, subject, place, data }: Told): EntryDocument => ({
  id: `news:${place.epoch}:${place.part}:${place.phase}:${place.step}:${place.change}`,
  type: 'news',
  schema: SCHEMA,
  jobId,
  number: 0,
  at: now.toISOString(),
  news,
  subject,
  place,
  data,
});

const ofJob = (
  job: JobDocument,
  now: Date,
  news: News,
  part: Part,
  change: number,
  data: EntryDocument['data'],
): EntryDocument =>
  entry(job.jobId, now, {
    news,
    subject: job.jobId,
    place: { epoch: job.epoch, part, phase: 0, step: '', change },
    data: { ...data, state: job.state, epoch: job.epoch },
  });

const jobAccepted = (job: JobDocument, now: Date): EntryDocument =>
  ofJob(job, now, News.jobAccepted, Part.begin, 0, {
    operation: job.command.operation,
    vms: job.vmCount,
    plan: job.plan?.id ?? null,
    requestedBy: job.caller.name,
    ticket: job.command.ticket ?? null,
  });
const jobTakenOver = (job: JobDocument, now: Date): EntryDocument =>
  ofJob(job, now, News.jobTakenOver, Part.begin, 1, {});
const jobRetried = (job: JobDocument, now: Date): EntryDocument =>
  ofJob(job, now, News.jobRetried, Part.begin, 1, {});
const jobRunning = (job: JobDocument, now: Date): EntryDocument =>
  ofJob(job, now, News.jobRunning, Part.begin, 2, {});
const jobEnded = (job: JobDocument, now: Date): EntryDocument =>
  ofJob(job, now, News.jobEnded, Part.end, 0, {
    exceptions: job.exceptionCount,
    warnings: job.warningCount,
    firstWarnings: job.warnings.slice(0, MOST_WARNINGS),
    error: job.error && { code: job.error.code, message: job.error.message },
  });

/** It comes after what has happened so far to the steps it asks about. */
const jobNeedsPerson = (job: JobDocument, now: Date): EntryDocument =>
  entry(job.jobId, now, {
    news: News.jobNeedsPerson,
    subject: job.jobId,
    place: {
      epoch: job.epoch,
      part: Part.steps,
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

/** What a change of the job tells; nothing before it was there. */
export function newsOfJob(before: JobDocument | undefined, job: JobDocument, now: Date): EntryDocument[] {
  if (!before) return [jobAccepted(job, now)];
  if (isFinalJob(job.state) && !isFinalJob(before.state)) return [jobEnded(job, now)];
  if (isFinalJob(before.state) && !isFinalJob(job.state)) return [jobRetried(job, now)];
  if (job.epoch > before.epoch) return [jobTakenOver(job, now)];
  if (job.asked > before.asked) return job.needs.length > 0 ? [jobNeedsPerson(job, now)] : [];
  return job.run !== null && before.run === null ? [jobRunning(job, now)] : [];
}

const ofStep = (
  step: StepDocument,
  now: Date,
  news: News,
  change: number,
  data: EntryDocument['data'],
): EntryDocument =>
  entry(step.jobId, now, {
    news,
    subject: step.targetId,
    place: { epoch: step.epoch, part: Part.steps, phase: step.order, step: step.id, change },
    data: {
      target: step.targetId,
      kind: step.work.kind,
      name: step.targetName,
      phase: step.phase,
      siteRecoveryJob: step.armJobId,
      ...data,
    },
  });

const stepStarted = (step: StepDocument, now: Date, change: number): EntryDocument =>
  ofStep(step, now, News.stepStarted, change, { attempt: step.attempt, foreign: step.foreign });
const stepEnded = (step: StepDocument, now: Date, change: number): EntryDocument =>
  ofStep(step, now, News.stepEnded, change, {
    state: step.state,
    warnings: step.warnings.length,
    error: step.error && { code: step.error.code, message: step.error.message },
  });

/**
 * A step has started when a job of Site Recovery is known, ours or the one that is followed;
 * `change` numbers what is told of the step.
 */
export function newsOfStep(
  before: StepDocument,
  step: StepDocument,
  change: number,
  now: Date,
): EntryDocument[] {
  if (isFinalStep(step.state) && !isFinalStep(before.state)) return [stepEnded(step, now, change)];
  return step.armJobId !== null && step.armJobId !== before.armJobId ? [stepStarted(step, now, change)] : [];
}

const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

const unnumbered = (jobId: string): Promise<Stored<EntryDocument>[]> =>
  query<EntryDocument>(JOBS, { where: "c.type = 'news' AND c.number = 0", partition: partition(jobId) });

/**
 * The entries that have no number yet, in order. A query reads page by page while others write, and
 * might see a thing without
 * what came before it; once two looks show the same, what came before the first was seen by the second.
 */
export async function entriesToNumber(
  jobId: string,
  mostLooks: number,
): Promise<readonly Stored<EntryDocument>[]> {
  let seen = await unnumbered(jobId);
  for (let looks = 1; seen.length > 0 && looks < mostLooks; looks++) {
    const again = await unnumbered(jobId);
    if (sameIds(seen, again)) return again.sort((a, b) => inOrder(a.place, b.place));
    seen = again;
  }
  return [];
}

function sameIds(some: readonly EntryDocument[], others: readonly EntryDocument[]): boolean {
  return (
    some.length === others.length &&
    new Set(some.map(({ id }) => id)).symmetricDifference(new Set(others.map(({ id }) => id))).size === 0
  );
}

/**
 * The next numbers, in one batch with the position that they were taken from. False when somebody
 * else has numbered meanwhile.
 */
export async function numberEntries(
  relay: Stored<RelayDocument>,
  entries: readonly Stored<EntryDocument>[],
): Promise<Stored<RelayDocument> | undefined> {
  const [some = []] = chunks(entries, MOST_IN_A_BATCH - 1);
  const next: RelayDocument = { ...relay, last: relay.last + some.length, settled: false, quietUntil: '' };
  const numbered = some.map((one, i): Write => {
    const entryWithNumber: EntryDocument = { ...one, number: relay.last + i + 1 };
    return { replace: entryWithNumber, etag: one._etag };
  });
  const etags = await batch(JOBS, relay.jobId, [{ replace: next, etag: relay._etag }, ...numbered]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** The entries from a number up to another, in order. */
export const entriesFrom = (
  jobId: string,
  first: number,
  last: number,
  most: number,
): Promise<Stored<EntryDocument>[]> =>
  query<EntryDocument>(JOBS, {
    where: "c.type = 'news' AND c.number >= @first AND c.number <= @last",
    parameters: { first, last },
    order: 'c.number',
    partition: partition(jobId),
    most,
  });

export const readRelay = (jobId: string): Promise<Stored<RelayDocument> | undefined> =>
  read<RelayDocument>(JOBS, 'relay', jobId);

const WAITING =
  "(c.type = 'news' AND c.number = 0) OR (c.type = 'relay' AND c.settled = false AND (NOT " +
  'IS_DEFINED(c.quietUntil) OR c.quietUntil <= @now))';

/** Jobs with news that have no number, or that have one, did not reach everybody, and may be tried now. */
export async function jobsWithNews(now: Date): Promise<readonly string[]> {
  const waiting = await query<EntryDocument | RelayDocument>(JOBS, {
    where: WAITING,
    parameters: { now: now.toISOString() },
  });
  return [...new Set(waiting.map(({ jobId }) => jobId))];
}

/**
 * Since when the oldest entry waits that nobody has numbered, and the one that a target cannot be
 * told; null: none does.
 */
export async function oldestUntold(): Promise<{
  readonly unnumbered: string | null;
  readonly failing: string | null;
  readonly gaps: number;
}> {
  const [entry, delivery, gaps] = await Promise.all([
    query<EntryDocument>(JOBS, { where: "c.type = 'news' AND c.number = 0", order: 'c.at', most: 1 }),
    query<DeliveryDocument>(JOBS, {
      where: "c.type = 'delivery' AND IS_STRING(c.failingSince) AND c.gap = null AND c.removed = false",
      order: 'c.failingSince',
      most: 1,
    }),
    query<GapDocument>(JOBS, { where: "c.type = 'gap' AND c.resumedAt = null" }),
  ]);
  return { unnumbered: entry[0]?.at ?? null, failing: delivery[0]?.failingSince ?? null, gaps: gaps.length };
}
