// Finds the jobs that ask persons, and the documents that decide about an answer. The job itself
// holds its questions, so no second list can differ from it.
import { queryDocuments, type WithEtag } from '../store/cosmos.ts';
import type { AnswerDocument, ControlDocument, JobDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';

/** The condition for a running job with open questions. */
export const ASKING_JOB_CONDITION = "c.type = 'job' AND c.state = 'running' AND ARRAY_LENGTH(c.needs) > 0";

/** The next asking jobs in the order of their ids. `after`: the last id so far, or an empty text. */
export const listAskingJobs = (
  after: string,
  limit: number,
  approvalsOnly: boolean,
): Promise<WithEtag<JobDocument>[]> =>
  queryDocuments<JobDocument>(JOBS, {
    where:
      `${ASKING_JOB_CONDITION} AND c.jobId > @after` +
      (approvalsOnly ? " AND EXISTS(SELECT VALUE n FROM n IN c.needs WHERE n.kind = 'approval')" : ''),
    parameters: { after },
    orderBy: 'c.jobId',
    limit,
  });

/** The documents of some jobs that decide about an answer. */
export interface AnswerFacts {
  readonly steps: ReadonlyMap<string, StepDocument>;
  readonly controls: ReadonlyMap<string, ControlDocument>;
  /** The ids of all answers and votes. */
  readonly answerIds: ReadonlySet<string>;
}

/** A key for a document of a job. */
export const keyInJob = (jobId: string, id: string): string => `${jobId} ${id}`;

/** Reads the asking steps of these jobs, their answers, and the requests of persons, in one query. */
export async function readAnswerFacts(jobs: readonly JobDocument[]): Promise<AnswerFacts> {
  const documents =
    jobs.length === 0
      ? []
      : await queryDocuments<StepDocument | ControlDocument | AnswerDocument>(JOBS, {
          where:
            "ARRAY_CONTAINS(@jobs, c.jobId) AND (c.type = 'control' OR " +
            "(c.type = 'step' AND ARRAY_CONTAINS(@steps, c.id)) OR " +
            "(c.type = 'answer' AND ARRAY_CONTAINS(@steps, c.stepId)))",
          parameters: {
            jobs: jobs.map(({ jobId }) => jobId),
            steps: [...new Set(jobs.flatMap(({ needs }) => needs.map(({ stepId }) => stepId)))],
          },
        });
  const steps = documents.filter((document) => document.type === 'step');
  const controls = documents.filter((document) => document.type === 'control');
  const answers = documents.filter((document) => document.type === 'answer');
  return {
    steps: new Map(steps.map((step) => [keyInJob(step.jobId, step.id), step])),
    controls: new Map(controls.map((control) => [control.jobId, control])),
    answerIds: new Set(answers.map(({ jobId, id }) => keyInJob(jobId, id))),
  };
}
