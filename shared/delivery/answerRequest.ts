// The one form of an answer. Questions of jobs, approvals and alert decisions all take it. Pure.
import * as z from 'zod';
import { AnswerValue } from '../journal/documents.ts';

/** The body of an answer. The id of the question names the job or decision, the step and its try. */
export const AnswerRequest = z.strictObject({
  question: z
    .string()
    .trim()
    .min(1)
    .max(400)
    .meta({ description: 'The id of the question. Another try of a step is another question.' }),
  answer: z.enum(AnswerValue).meta({ description: 'One of the answers that the question offers.' }),
  reason: z.string().trim().min(1).max(1000).optional().meta({ description: 'For the log and the report.' }),
});
/** The body of an answer. */
export type AnswerRequest = z.infer<typeof AnswerRequest>;

/** The complete request for one possible answer. A person or a program sends it unchanged. */
export interface ReadyRequest {
  readonly answer: AnswerValue;
  readonly method: 'POST';
  readonly path: string;
  readonly body: Pick<AnswerRequest, 'question' | 'answer'>;
}

/** One open question, with the ready requests that answer it. */
export interface OpenQuestion {
  readonly id: string;
  /** The step that asks. Null: an alert rule asks. */
  readonly step: string | null;
  readonly kind: 'failure' | 'manual' | 'approval' | 'hold';
  readonly name: string;
  readonly message: string;
  readonly since: string;
  /** Without an answer, Lifeboat decides at this time. Null: never. */
  readonly until: string | null;
  readonly answers: readonly ReadyRequest[];
}

/** The ready requests for the answers of one question. `about`: the path of the job or decision. */
export const readyRequestsFor = (
  about: string,
  question: string,
  answers: readonly AnswerValue[],
): readonly ReadyRequest[] =>
  answers.map((answer) => ({
    answer,
    method: 'POST',
    path: `${about}/answers`,
    body: { question, answer },
  }));
