// Builds the questions for people: the event, the state and the requests that answer. Pure; jobs
// and alert decisions use it.
import { config } from '../core/config.ts';
import { questionIdOf } from '../journal/answers.ts';
import type { JobDocument, PendingQuestion } from '../journal/documents.ts';
import { readyRequestsFor, type OpenQuestion, type ReadyRequest } from './answerRequest.ts';

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
  readonly answers: readonly ReadyRequest[];
}

/** A message that people get once, without an answer. */
export type Note = Pick<Question, 'key' | 'subject' | 'title' | 'text' | 'link'>;

/** The full address when the app knows its own address; else only the path. */
export const toAbsoluteUrl = (path: string): string =>
  `${(config().LIFEBOAT_ADDRESS ?? '').replace(/\/+$/, '')}${path}`;
/** The path of a job or a decision in the API. */
export const apiPathOf = (kind: 'jobs' | 'alert-decisions', id: string): string => `/api/v1/${kind}/${id}`;
/** The address of a job or a decision in the API. */
export const apiLinkOf = (kind: 'jobs' | 'alert-decisions', id: string): string =>
  toAbsoluteUrl(apiPathOf(kind, id));

/** The title of a question for people. */
export const questionTitleOf = ({ name }: Pick<OpenQuestion, 'name'>): string => `Lifeboat asks: ${name}`;

/** One question of a job, with its ready requests. */
export function openQuestionOf(jobId: string, question: PendingQuestion): OpenQuestion {
  const { stepId: step, kind, name, message, since, until, answers } = question;
  const id = questionIdOf(question);
  const requests = readyRequestsFor(apiPathOf('jobs', jobId), id, answers);
  return { id, step, kind, name, message, since, until, answers: requests };
}

/** The questions that a job asks now, with their ready requests. */
export const openQuestionsOf = ({ jobId, needs }: Pick<JobDocument, 'jobId' | 'needs'>): OpenQuestion[] =>
  needs.map((question) => openQuestionOf(jobId, question));

/** The questions that a job asks now, as messages to people. */
export const questionsOfJob = (job: JobDocument): Question[] =>
  job.needs.map((pendingQuestion) => {
    const { id, since, until, answers, ...question } = openQuestionOf(job.jobId, pendingQuestion);
    return {
      key: id,
      subject: pendingQuestion.stepId,
      title: questionTitleOf(question),
      text:
        `${jobText(job)}: ${question.message}` +
        (until === null ? '' : ` Without an answer Lifeboat decides at ${until}.`),
      link: apiLinkOf('jobs', job.jobId),
      since,
      until,
      answers,
    };
  });

const jobText = ({ command, plan, jobId }: JobDocument): string =>
  `${command.operation}${plan ? ` by the plan ${plan.name}` : ''} (${jobId})`;
