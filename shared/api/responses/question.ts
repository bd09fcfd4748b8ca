// Response schemas of questions: of jobs, of decisions, and of the inbox.
import * as z from 'zod';
import { Operation } from '../../core/operations.ts';
import type { OpenQuestion } from '../../delivery/answerRequest.ts';
import { AnswerValue } from '../../journal/documents.ts';
import type * as inbox from '../inboxView.ts';
import { count, IdAndName, nullableText, nullableTime, pageOf, SelfLink, text, time } from './common.ts';

const answer = z.enum(AnswerValue).describe('The answer that this request gives.');
export const ReadyRequest = z
  .strictObject({
    answer,
    method: z.literal('POST').describe('The HTTP method.'),
    path: text.describe('The path of the request.'),
    body: z
      .strictObject({ question: text.describe('The id of the question.'), answer })
      .describe('The body of the request.'),
  })
  .meta({ description: 'The complete request for one answer: send it unchanged, or add a "reason".' });

export const Question = z.strictObject({
  id: text.meta({
    description: 'Another try of a step, or another request for approval, is another question.',
  }),
  step: nullableText.meta({ description: 'The step that asks; null: an alert rule asks.' }),
  kind: z
    .enum(['failure', 'manual', 'approval', 'hold'])
    .describe('A failed step, a manual step, an approval, or a wait.'),
  name: text.describe('The name of the step or of the alert rule.'),
  message: text.describe('The event or the task, and the possible answers.'),
  since: time.describe('The time since which the question is open.'),
  until: nullableTime.meta({ description: 'Without an answer Lifeboat decides at this time; null: never.' }),
  answers: z.array(ReadyRequest).describe('The possible answers, each as a ready request.'),
}) satisfies z.ZodType<OpenQuestion>;

export const InboxQuestion = z.strictObject({
  ...Question.shape,
  title: text.describe('The question in one line.'),
  operation: z
    .enum(Operation)
    .nullable()
    .describe('The operation of the job, or of the command of the rule.'),
  plan: z
    .strictObject({
      id: text.describe('The id of the plan.'),
      version: count.describe('The version in the question.'),
    })
    .nullable()
    .describe('The plan; null: the command names VMs.'),
  requestedBy: IdAndName.nullable().describe('The person behind the job, or behind the grant of the rule.'),
  job: nullableText.meta({ description: 'The job that asks; null: an alert rule asks.' }),
  decision: nullableText.meta({ description: 'The decision of an alert rule that asks; null: a job asks.' }),
  alertRule: nullableText.describe('The alert rule that asks; null: a job asks.'),
  links: SelfLink.describe('Paths of related objects.'),
}) satisfies z.ZodType<inbox.InboxQuestion>;
export const Inbox = pageOf({ questions: z.array(InboxQuestion).describe('The questions, oldest first.') });
