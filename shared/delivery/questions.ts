// Builds the questions for people: the event, the state and the request that answers. Pure; jobs
// and alert decisions use it.
import { config } from '../core/config.ts';
import type { JobDocument, PendingQuestion } from '../journal/documents.ts';

/** One possible answer, as the request that gives it. */
export interface AnswerLink {
  readonly answer: string;
  readonly method: 'POST';
  readonly address: string;
  readonly body: Readonly<Record<string, string | number>>;
}

/** One question to people. */
export interface Question {
  /** The key of the question. Another question about the same subject has another key. */
  readonly key: string;
  readonly subject: string;
  readonly title: string;
  readonly text: string;
  readonly link: string;
  readonly since: string;
  /** Without an answer Lifeboat decides at this time; null: never. */
  readonly until: string | null;
  readonly answers: readonly AnswerLink[];
}

/** A message that people get once, without an answer. */
export type Note = Pick<Question, 'key' | 'subject' | 'title' | 'text' | 'link'>;

/** The full address when the app knows its own address; else only the path. */
export const toAbsoluteUrl = (path: string): string =>
  `${(config().LIFEBOAT_ADDRESS ?? '').replace(/\/+$/, '')}${path}`;
/** The address of a job or a decision in the API. */
export const apiLinkOf = (path: 'jobs' | 'alert-decisions', id: string): string =>
  toAbsoluteUrl(`/api/v1/${path}/${id}`);

/** The questions that a job asks now. */
export const questionsOfJob = (job: JobDocument): Question[] =>
  job.needs.map((pendingQuestion) => ({
    key: `${pendingQuestion.stepId}:${pendingQuestion.tries}`,
    subject: pendingQuestion.stepId,
    title: `Lifeboat asks: ${pendingQuestion.name}`,
    text:
      `${jobText(job)}: ` +
      pendingQuestion.message +
      (pendingQuestion.until === null
        ? ''
        : ` Without an answer Lifeboat decides at ${pendingQuestion.until}.`),
    link: apiLinkOf('jobs', job.jobId),
    since: pendingQuestion.since,
    until: pendingQuestion.until,
    answers: answerLinksFor(job, pendingQuestion),
  }));

const jobText = ({ command, plan, jobId }: JobDocument): string =>
  `${command.operation}${plan ? ` by the plan ${plan.name}` : ''} (${jobId})`;

function answerLinksFor(job: JobDocument, { kind, stepId, tries, answers }: PendingQuestion): AnswerLink[] {
  const link = apiLinkOf('jobs', job.jobId);
  if (kind !== 'approval')
    return answers.map((answer) => ({
      answer,
      method: 'POST',
      address: `${link}/answers`,
      body: { step: stepId, tries, answer },
    }));
  const planVersion = job.plan?.version ?? 0;
  return (['approved', 'refused'] as const).map((decision) => ({
    answer: decision,
    method: 'POST',
    address: `${link}/approvals`,
    body: { step: stepId, decision, planVersion },
  }));
}
