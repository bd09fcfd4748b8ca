// Response schemas of questions: of jobs, of decisions, and of the inbox.
import * as z from 'zod';
import { Operation } from '../../core/operations.ts';
import type { OpenQuestion } from '../../delivery/answerRequest.ts';
import { AnswerValue } from '../../journal/documents.ts';
import type * as inbox from '../inboxView.ts';
import { count, IdAndName, nullableText, nullableTime, pageOf, SelfLink, text, time } from './common.ts';

export const ReadyRequest = z
  .strictObject({
    answer: z.enum(AnswerValue),
    method: z.literal('POST'),
    path: text,
    body: z.strictObject({ question: text, answer: z.enum(AnswerValue) }),
  })
  .meta({ description: 'The complete request for one answer: send it unchanged, or add a "reason".' });

export const Question = z.strictObject({
  id: text.meta({
    description: 'Another try of a step, or another request for approval, is another question.',
  }),
  step: nullableText.meta({ description: 'The step that asks; null: an alert rule asks.' }),
  kind: z.enum(['failure', 'manual', 'approval', 'hold']),
  name: text,
  message: text,
  since: time,
  until: nullableTime.meta({ description: 'Without an answer Lifeboat decides at this time; null: never.' }),
  answers: z.array(ReadyRequest),
}) satisfies z.ZodType<OpenQuestion>;

export const InboxQuestion = z.strictObject({
  ...Question.shape,
  title: text,
  operation: z.enum(Operation).nullable(),
  plan: z.strictObject({ id: text, version: count }).nullable(),
  requestedBy: IdAndName.nullable(),
  job: nullableText.meta({ description: 'The job that asks; null: an alert rule asks.' }),
  decision: nullableText.meta({ description: 'The decision of an alert rule that asks; null: a job asks.' }),
  alertRule: nullableText,
  links: SelfLink,
}) satisfies z.ZodType<inbox.InboxQuestion>;
export const Inbox = pageOf({ questions: z.array(InboxQuestion) });
