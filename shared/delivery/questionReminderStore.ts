// Stores the questions about a job or a decision together with their messages, in one batch. The
// relay delivers the messages like all events.
import { EventName, EventSection } from '../outbox/rules/events.ts';
import { writeBatch, queryDocuments, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { EventDocument } from '../outbox/documents.ts';
import { ASKING_JOB_CONDITION } from '../journal/askingJobs.ts';
import type { QuestionRemindersDocument } from './documents.ts';
import type { JobDocument } from '../journal/documents.ts';

const JOBS = 'jobs';
const STREAM_PREFIX = 'asks-';

/** The stream of the questions about a job or a decision. */
export const questionStreamOf = (about: string): string => `${STREAM_PREFIX}${about}`;
/** The job or the decision behind a question stream; undefined for any other stream. */
export const subjectOfQuestionStream = (stream: string): string | undefined =>
  stream.startsWith(STREAM_PREFIX) ? stream.slice(STREAM_PREFIX.length) : undefined;
/** Tells whether an id belongs to an alert decision. */
export const isDecisionId = (about: string): boolean => about.startsWith('decision-');

/** The job behind an event stream. Undefined for a decision, an alarm or a runbook. */
export function jobIdOfStream(stream: string): string | undefined {
  const about = subjectOfQuestionStream(stream) ?? stream;
  return about.startsWith('job-') ? about : undefined;
}

/** Reads the saved questions about a job or a decision. */
export const readQuestionReminders = (
  about: string,
): Promise<WithEtag<QuestionRemindersDocument> | undefined> =>
  readDocument<QuestionRemindersDocument>(JOBS, 'asking', questionStreamOf(about));

/**
 * The jobs and decisions with open or saved questions, in one query, because the timer runs it each
 * minute.
 */
export async function findQuestionSubjects(): Promise<readonly string[]> {
  const asking = `(c.type = 'asking' AND c.going = true) OR (${ASKING_JOB_CONDITION})`;
  const documents = await queryDocuments<QuestionRemindersDocument | JobDocument>(JOBS, { where: asking });
  return documents.map((document) => (document.type === 'asking' ? document.about : document.jobId));
}

/** One message to people about a question. */
export interface QuestionMessage {
  readonly eventName: (typeof EventName)['questionAsked' | 'questionNoted' | 'questionClosed'];
  readonly subject: string;
  readonly data: EventDocument['data'];
}

/** False when another process has asked meanwhile; then nothing was written. */
export async function saveQuestionReminders(
  before: WithEtag<QuestionRemindersDocument> | undefined,
  next: Pick<QuestionRemindersDocument, 'about' | 'callerId' | 'open' | 'told'>,
  messages: readonly QuestionMessage[],
  now: Date,
): Promise<boolean> {
  const jobId = questionStreamOf(next.about);
  const firstPosition = before?.written ?? 0;
  const reminders: QuestionRemindersDocument = {
    id: 'asking',
    type: 'asking',
    schema: SCHEMA_VERSION,
    jobId,
    ...next,
    going: next.open.length > 0,
    written: firstPosition + messages.length,
  };
  const eventWrites = messages.map((message, i): BatchWrite => ({
    create: questionEventOf(jobId, message, firstPosition + i, now),
  }));
  return (
    (await writeBatch(JOBS, jobId, [
      before ? { replace: reminders, etag: before._etag } : { create: reminders },
      ...eventWrites,
    ])) !== undefined
  );
}

/** The event that carries a message to people. */
export const questionEventOf = (
  stream: string,
  { eventName, subject, data }: QuestionMessage,
  position: number,
  now: Date,
): EventDocument => ({
  id: `news:${String(position).padStart(6, '0')}`,
  type: 'news',
  schema: SCHEMA_VERSION,
  jobId: stream,
  number: 0,
  at: now.toISOString(),
  news: eventName,
  subject,
  place: { epoch: 1, part: EventSection.steps, phase: position, step: '', change: 0 },
  data,
});
