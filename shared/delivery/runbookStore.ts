// What was told last of each plan's runbook, with the news that tell of it written in the same batch.
import { News, Part } from '../outbox/rules/events.ts';
import { batch, read, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import type { RunbookDocument } from '../plans/documents.ts';

const JOBS = 'jobs';
const STREAM = 'runbook-';

export const runbookStreamOf = (planId: string): string => `${STREAM}${planId}`;
/** The plan of whose runbook a stream of news tells; undefined for any other stream. */
export const planOfRunbook = (stream: string): string | undefined =>
  stream.startsWith(STREAM) ? stream.slice(STREAM.length) : undefined;

export const readTold = (planId: string): Promise<Stored<RunbookDocument> | undefined> =>
  read<RunbookDocument>(JOBS, 'runbook', runbookStreamOf(planId));

/** False when another instance has told of it meanwhile. */
export const saveTold = async (
  before: Stored<RunbookDocument> | undefined,
  next: RunbookDocument,
  data: EntryDocument['data'],
): Promise<boolean> =>
  (await batch(JOBS, next.jobId, [
    before ? { replace: next, etag: before._etag } : { create: next },
    { create: runbookEntry(next, data) },
  ])) !== undefined;

export const runbookEntry = (
  { jobId, planId, count, madeAt }: RunbookDocument,
  data: EntryDocument['data'],
): EntryDocument => ({
  id: `news:${String(count).padStart(6, '0')}`,
  type: 'news',
  schema: SCHEMA,
  jobId,
  number: 0,
  at: madeAt,
  news: News.runbookChanged,
  subject: planId,
  place: { epoch: 1, part: Part.steps, phase: count, step: '', change: 0 },
  data,
});
