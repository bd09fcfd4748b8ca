// The requests of persons to a running job: pause, resume, cancel, source lost. They have their own
// documents, which the writes of the job never touch.
import { writeBatch, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Actor, ControlDocument, SourceLostDocument, StepDocument } from './documents.ts';
import { logLine, LogSection } from './log.ts';

const JOBS = 'jobs';

/** Reads the control document. Undefined: no person has made a request. */
export const readControl = (jobId: string): Promise<WithEtag<ControlDocument> | undefined> =>
  readDocument<ControlDocument>(JOBS, 'control', jobId);

/**
 * The control state for one step. The clean-up of a drill continues in a paused or cancelled job.
 * The exception: another job needs the VM at once and takes over the clean-up.
 */
export const controlStateFor = (
  { always }: Pick<StepDocument, 'always'>,
  control: Pick<ControlDocument, 'wish' | 'yieldTo'> | undefined,
): ControlDocument['wish'] =>
  always && (control?.yieldTo ?? null) === null ? 'running' : (control?.wish ?? 'running');

/**
 * Reads the control document now. True: no person has paused or cancelled the job for this step.
 */
export const mayBegin = async (step: Pick<StepDocument, 'jobId' | 'always'>): Promise<boolean> =>
  controlStateFor(step, await readControl(step.jobId)) === 'running';

type ControlChange = Pick<ControlDocument, 'wish' | 'reason'> &
  Partial<Pick<ControlDocument, 'yieldTo'>> & { readonly by: Actor };

/** The writes for the request of a person and its log line, for one batch. */
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

/**
 * Saves a request. False: another request came at the same time, and the caller must read again.
 */
export async function saveControl(
  jobId: string,
  before: WithEtag<ControlDocument> | undefined,
  change: ControlChange,
  now: Date,
): Promise<boolean> {
  return (await writeBatch(JOBS, jobId, controlWrites(jobId, before, change, now))) !== undefined;
}

/** Records that the source is lost. False: a person has reported that already. */
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
    `The source is lost, says ${by.name}: ${reason} From now on no operation waits ` + 'for its shutdown.',
    now,
    by,
  );
  return (await writeBatch(JOBS, jobId, [{ create: document }, { put: line }])) !== undefined;
}

/** Tells whether a person has reported the source as lost. */
export const isSourceLost = async (jobId: string): Promise<boolean> =>
  (await readDocument<SourceLostDocument>(JOBS, 'sourceLost', jobId)) !== undefined;

/**
 * The writes that withdraw the report of a lost source, for the batch of a retry. A retry may come
 * days later, when the source runs again: without its shutdown, both sides would run.
 */
export async function sourceFoundWrites(
  jobId: string,
  epoch: number,
  by: Actor,
  now: Date,
): Promise<readonly BatchWrite[]> {
  const report = await readDocument<SourceLostDocument>(JOBS, 'sourceLost', jobId);
  if (!report) return [];
  const message =
    'The retry shuts the source down again. If the source is still lost, report that again ' +
    `(POST /api/v1/jobs/${jobId}/source-lost).`;
  const line = logLine(jobId, LogSection.first, `sourceFound:${epoch}`, message, now, by);
  return [{ remove: report.id, etag: report._etag }, { put: line }];
}
