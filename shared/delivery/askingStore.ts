// What persons were asked about a job or a decision, and the messages that ask: written in one
// batch, carried by the relay as all news are.
import { News, Part } from '../outbox/rules/events.ts';
import { batch, query, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import type { AskingDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';

const JOBS = 'jobs';
const STREAM = 'asks-';

export const streamOf = (about: string): string => `${STREAM}${about}`;
/** The job or the decision that a stream of news asks about; undefined for a job's own. */
export const aboutOf = (stream: string): string | undefined =>
  stream.startsWith(STREAM) ? stream.slice(STREAM.length) : undefined;
export const isDecision = (about: string): boolean => about.startsWith('decision-');

/** The job that a stream of news is about; undefined: a decision, an alarm, a runbook. */
export function jobOfStream(stream: string): string | undefined {
  const about = aboutOf(stream) ?? stream;
  return about.startsWith('job-') ? about : undefined;
}

export const readAsking = (about: string): Promise<Stored<AskingDocument> | undefined> =>
  read<AskingDocument>(JOBS, 'asking', streamOf(about));

/**
 * About what something is asked as far as is written, and the jobs that ask, in one question: it is
 * asked each minute.
 */
export async function askedAndAsking(): Promise<readonly string[]> {
  const asking =
    "(c.type = 'asking' AND c.going = true) OR (c.type = 'job' AND c.state = 'running' AND " +
    'ARRAY_LENGTH(c.needs) > 0)';
  const both = await query<AskingDocument | JobDocument>(JOBS, { where: asking });
  return both.map((one) => (one.type === 'asking' ? one.about : one.jobId));
}

export interface Message {
  readonly news: typeof News.questionAsked | typeof News.questionClosed;
  readonly subject: string;
  readonly data: EntryDocument['data'];
}

/** False when somebody else has asked meanwhile, and nothing was written. */
export async function saveAsking(
  before: Stored<AskingDocument> | undefined,
  next: Pick<AskingDocument, 'about' | 'callerId' | 'open' | 'told'>,
  messages: readonly Message[],
  now: Date,
): Promise<boolean> {
  const jobId = streamOf(next.about);
  const first = before?.written ?? 0;
  const asking: AskingDocument = {
    id: 'asking',
    type: 'asking',
    schema: SCHEMA,
    jobId,
    ...next,
    going: next.open.length > 0,
    written: first + messages.length,
  };
  const entries = messages.map((message, i): Write => ({ create: entryOf(jobId, message, first + i, now) }));
  return (
    (await batch(JOBS, jobId, [
      before ? { replace: asking, etag: before._etag } : { create: asking },
      ...entries,
    ])) !== undefined
  );
}

export const entryOf = (
  stream: string,
  { news, subject, data }: Message,
  place: number,
  now: Date,
): EntryDocument => ({
  id: `news:${String(place).padStart(6, '0')}`,
  type: 'news',
  schema: SCHEMA,
  jobId: stream,
  number: 0,
  at: now.toISOString(),
  news,
  subject,
  place: { epoch: 1, part: Part.steps, phase: place, step: '', change: 0 },
  data,
});
