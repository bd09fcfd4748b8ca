// The log of a job: what happened, line by line, in the order of the story.
import { writeBatch, queryPage, queryDocuments, type Page, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Actor, LogDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const listLogLines = (jobId: string, max: number): Promise<WithEtag<LogDocument>[]> =>
  queryDocuments<LogDocument>(JOBS, {
    where: "c.type = 'log'",
    orderBy: 'c.id DESC',
    partition: partition(jobId),
    limit: max,
  });

export const listLogPage = (
  jobId: string,
  order: 'newest' | 'oldest',
  size: number,
  token?: string,
): Promise<Page<LogDocument>> =>
  queryPage<LogDocument>(
    JOBS,
    {
      where: "c.type = 'log'",
      orderBy: order === 'newest' ? 'c.id DESC' : 'c.id',
      partition: partition(jobId),
    },
    size,
    token,
  );

/**
 * Lines of the same moment stand in the order of the story: what begins a job, what its steps did,
 * what ends it.
 */
export const LogSection = { first: '0', middle: '1', last: '2' } as const;
type Place = (typeof LogSection)[keyof typeof LogSection];

/** A line of the log. Its key makes it one line, also when an activity that runs again writes it again. */
export const logLine = (
  jobId: string,
  section: Place,
  key: string,
  message: string,
  now: Date,
  by?: Actor,
): LogDocument => ({
  id: `log:${now.toISOString()}:${section}:${key}`,
  type: 'log',
  schema: SCHEMA_VERSION,
  jobId,
  at: now.toISOString(),
  targetName: null,
  phase: null,
  message,
  ...(by ? { by: actorOf(by) } : {}),
});
const actorOf = ({ id, name, roles, door }: Actor): Actor => ({ id, name, roles, door });

/** A line that stands beside the step's own: whoever writes it could not change the step. */
export async function addLogLine(step: StepDocument, key: string, message: string, now: Date): Promise<void> {
  const line: LogDocument = {
    ...logLine(step.jobId, LogSection.middle, key, message, now),
    targetName: step.targetName,
    phase: step.phase,
  };
  await writeBatch(JOBS, step.jobId, [{ put: line }]);
}

/** The line that a change of a step writes. */
export function stepLogLine(
  step: StepDocument,
  message: string,
  now: Date,
  by: Actor | undefined,
): LogDocument {
  const key = `${String(step.order)}:${step.id}:${String(step.lines).padStart(4, '0')}`;
  return {
    ...logLine(step.jobId, LogSection.middle, key, message, now, by),
    targetName: step.targetName,
    phase: step.phase,
  };
}
