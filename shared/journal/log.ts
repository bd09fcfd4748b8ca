// The log of a job: what happened, line by line, in the order of the story.
import { batch, page, query, type Page, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { Actor, LogDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const logsOf = (jobId: string, most: number): Promise<Stored<LogDocument>[]> =>
  query<LogDocument>(JOBS, {
    where: "c.type = 'log'",
    order: 'c.id DESC',
    partition: partition(jobId),
    most,
  });

export const logPage = (
  jobId: string,
  order: 'newest' | 'oldest',
  size: number,
  token?: string,
): Promise<Page<LogDocument>> =>
  page<LogDocument>(
    JOBS,
    {
      where: "c.type = 'log'",
      order: order === 'newest' ? 'c.id DESC' : 'c.id',
      partition: partition(jobId),
    },
    size,
    token,
  );

/**
 * Lines of the same moment stand in the order of the story: what begins a job, what its steps did,
 * what ends it.
 */
export const Place = { first: '0', middle: '1', last: '2' } as const;
type Place = (typeof Place)[keyof typeof Place];

/** A line of the log. Its key makes it one line, also when an activity that runs again writes it again. */
export const logLine = (
  jobId: string,
  place: Place,
  key: string,
  message: string,
  now: Date,
  by?: Actor,
): LogDocument => ({
  id: `log:${now.toISOString()}:${place}:${key}`,
  type: 'log',
  schema: SCHEMA,
  jobId,
  at: now.toISOString(),
  targetName: null,
  phase: null,
  message,
  ...(by ? { by: actorOf(by) } : {}),
});
const actorOf = ({ id, name, roles, door }: Actor): Actor => ({ id, name, roles, door });

/** A line that stands beside the step's own: whoever writes it could not change the step. */
export async function addLine(step: StepDocument, key: string, message: string, now: Date): Promise<void> {
  const line: LogDocument = {
    ...logLine(step.jobId, Place.middle, key, message, now),
    targetName: step.targetName,
    phase: step.phase,
  };
  await batch(JOBS, step.jobId, [{ put: line }]);
}

/** The line that a change of a step writes. */
export function lineOf(step: StepDocument, message: string, now: Date, by: Actor | undefined): LogDocument {
  const key = `${String(step.order)}:${step.id}:${String(step.lines).padStart(4, '0')}`;
  return {
    ...logLine(step.jobId, Place.middle, key, message, now, by),
    targetName: step.targetName,
    phase: step.phase,
  };
}
