// Stores the last published state of each plan's runbook, with its event in the same batch.
// `publishRunbook.ts` calls this module.
import { EventName, EventSection } from '../outbox/rules/events.ts';
import { writeBatch, readDocument, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { EventDocument } from '../outbox/documents.ts';
import type { RunbookDocument } from '../plans/documents.ts';

const JOBS = 'jobs';
const STREAM_PREFIX = 'runbook-';

/** The event stream of a plan's runbook. */
export const runbookStreamOf = (planId: string): string => `${STREAM_PREFIX}${planId}`;
/** The plan behind a runbook stream; undefined for any other stream. */
export const planIdOfRunbookStream = (stream: string): string | undefined =>
  stream.startsWith(STREAM_PREFIX) ? stream.slice(STREAM_PREFIX.length) : undefined;

/** Reads the last published runbook of a plan. */
export const readPublishedRunbook = (planId: string): Promise<WithEtag<RunbookDocument> | undefined> =>
  readDocument<RunbookDocument>(JOBS, 'runbook', runbookStreamOf(planId));

/** False when another instance has published a runbook meanwhile. */
export const savePublishedRunbook = async (
  before: WithEtag<RunbookDocument> | undefined,
  next: RunbookDocument,
  data: EventDocument['data'],
): Promise<boolean> =>
  (await writeBatch(JOBS, next.jobId, [
    before ? { replace: next, etag: before._etag } : { create: next },
    { create: runbookEventOf(next, data) },
  ])) !== undefined;

/** The event about a changed runbook. */
export const runbookEventOf = (
  { jobId, planId, count, madeAt }: RunbookDocument,
  data: EventDocument['data'],
): EventDocument => ({
  id: `news:${String(count).padStart(6, '0')}`,
  type: 'news',
  schema: SCHEMA_VERSION,
  jobId,
  number: 0,
  at: madeAt,
  news: EventName.runbookChanged,
  subject: planId,
  place: { epoch: 1, part: EventSection.steps, phase: count, step: '', change: 0 },
  data,
});
