// What people say to a job while it runs, in a document that the job's own writes never touch.
import { writeBatch, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Actor, ControlDocument, SourceLostDocument, StepDocument } from './documents.ts';
import { logLine, LogSection } from './log.ts';

const JOBS = 'jobs';

export const readControl = (jobId: string): Promise<WithEtag<ControlDocument> | undefined> =>
  readDocument<ControlDocument>(JOBS, 'control', jobId);

/**
 * What holds for a step. A drill is cleaned up also in a job that is paused or cancelled,
 * unless the clean-up is left to another job that needs the VM at once.
 */
export const controlStateFor = (
  { always }: Pick<StepDocument, 'always'>,
  control: Pick<ControlDocument, 'wish' | 'yieldTo'> | undefined,
): ControlDocument['wish'] =>
  always && (control?.yieldTo ?? null) === null ? 'running' : (control?.wish ?? 'running');

/** Read at this moment: whether no person has paused or cancelled the job for this step. */
export const mayBegin = async (step: Pick<StepDocument, 'jobId' | 'always'>): Promise<boolean> =>
  controlStateFor(step, await readControl(step.jobId)) === 'running';

type ControlChange = Pick<ControlDocument, 'wish' | 'reason'> &
  Partial<Pick<ControlDocument, 'yieldTo'>> & { readonly by: Actor };

/** What a person says, and its line in the log, to be written in one batch. */
export function controlWrites(
  jobId: string,
  before: WithEtag<ControlDocument> | undefined,
  { by, ...change }: ControlChange,
  now: Date,
): readonly BatchWrite[] {
  const next: ControlDocument = {
    id: 'control',
    type: 'control',
    schema: SCHEMA_VERSION,
    jobId,
    at: now.toISOString(),
    yieldTo: null,
    ...change,
    by: by.name,
  };
  const verb = { paused: 'Paused', running: 'Resumed', cancelled: 'To be cancelled' }[change.wish];
  const line = logLine(
    jobId,
    LogSection.first,
    `control:${change.wish}`,
    `${verb} by ${by.name}${change.reason ? `: ${change.reason}` : '.'}`,
    now,
    by,
  );
  return [before ? { replace: next, etag: before._etag } : { create: next }, { put: line }];
}

/** False when somebody else said something at the same time; the caller reads again. */
export async function saveControl(
  jobId: string,
  before: WithEtag<ControlDocument> | undefined,
  change: ControlChange,
  now: Date,
): Promise<boolean> {
  return (await writeBatch(JOBS, jobId, controlWrites(jobId, before, change, now))) !== undefined;
}

/** False when it was said already. */
export async function saveSourceLost(jobId: string, by: Actor, reason: string, now: Date): Promise<boolean> {
  const document: SourceLostDocument = {
    id: 'sourceLost',
    type: 'sourceLost',
    schema: SCHEMA_VERSION,
    jobId,
    by: by.name,
    reason,
    at: now.toISOString(),
  };
  const line = logLine(
    jobId,
    LogSection.first,
    'sourceLost',
    `The source is lost, says ${by.name}: ${reason} What is begun from here on does not wait ` +
      'for it to shut down.',
    now,
    by,
  );
  return (await writeBatch(JOBS, jobId, [{ create: document }, { put: line }])) !== undefined;
}

export const isSourceLost = async (jobId: string): Promise<boolean> =>
  (await readDocument<SourceLostDocument>(JOBS, 'sourceLost', jobId)) !== undefined;
