// What a person reads who is asked something: what happened, where it stands, and the request that
// answers it.
import { config } from '../core/config.ts';
import type { JobDocument, Need } from '../journal/documents.ts';

/** One answer that may be given, as the request that gives it. */
export interface Answering {
  readonly answer: string;
  readonly method: 'POST';
  readonly address: string;
  readonly body: Readonly<Record<string, string | number>>;
}

export interface Question {
  /** Names the question: another one about the same thing has another key. */
  readonly key: string;
  readonly subject: string;
  readonly title: string;
  readonly text: string;
  readonly link: string;
  readonly since: string;
  /** When it is decided without them; null: never. */
  readonly until: string | null;
  readonly answers: readonly Answering[];
}

/** Told once, and nothing to answer. */
export type Note = Pick<Question, 'key' | 'subject' | 'title' | 'text' | 'link'>;

/** Whole where the app knows its own address; else the path. */
export const at = (path: string): string => `${(config().LIFEBOAT_ADDRESS ?? '').replace(/\/+$/, '')}${path}`;
export const linkOf = (path: 'jobs' | 'alert-decisions', id: string): string => at(`/api/v1/${path}/${id}`);

export const questionsOfJob = (job: JobDocument): Question[] =>
  job.needs.map((need) => ({
    key: `${need.stepId}:${need.tries}`,
    subject: need.stepId,
    title: `Lifeboat asks: ${need.name}`,
    text:
      `${whatRuns(job)}: ` +
      `${need.message}${need.until === null ? '' : ` Without an answer it is decided at ${need.until}.`}`,
    link: linkOf('jobs', job.jobId),
    since: need.since,
    until: need.until,
    answers: answersTo(job, need),
  }));

const whatRuns = ({ command, plan, jobId }: JobDocument): string =>
  `${command.operation}${plan ? ` by the plan ${plan.name}` : ''} (${jobId})`;

function answersTo(job: JobDocument, { kind, stepId, tries, answers }: Need): Answering[] {
  const link = linkOf('jobs', job.jobId);
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
