// The log of a job: its lines in the order of the events.
import { writeBatch, queryPage, queryDocuments, type Page, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Actor, LogDocument, StepDocument } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

/** The newest log lines. */
export const listLogLines = (jobId: string, max: number): Promise<WithEtag<LogDocument>[]> =>
  queryDocuments<LogDocument>(JOBS, {
    where: "c.type = 'log'",
    orderBy: 'c.id DESC',
    partition: partition(jobId),
    limit: max,
  });

const MAX_PERSONAL_LINES = 1000;
/** The first log lines with a person behind them, the oldest first. */
export const listPersonalLogLines = (jobId: string): Promise<WithEtag<LogDocument>[]> =>
  queryDocuments<LogDocument>(JOBS, {
    where: `c.type = 'log' AND IS_DEFINED(c["by"])`,
    orderBy: 'c.id',
    partition: partition(jobId),
    limit: MAX_PERSONAL_LINES,
  });

/** One page of log lines. */
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
 * The order of lines with the same time: first the begin of the job, then its steps, then its end.
 */
export const LogSection = { first: '0', middle: '1', last: '2' } as const;
type Place = (typeof LogSection)[keyof typeof LogSection];

/** Builds a log line. Its key prevents a second line when an activity runs again. */
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

/** Adds a separate log line, because the caller could not change the step. */
export async function addLogLine(step: StepDocument, key: string, message: string, now: Date): Promise<void> {
  const line: LogDocument = {
    ...logLine(step.jobId, LogSection.middle, key, message, now),
    targetName: step.targetName,
    phase: step.phase,
  };
  await writeBatch(JOBS, step.jobId, [{ put: line }]);
}

/** Builds the log line for a change of a step. */
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
