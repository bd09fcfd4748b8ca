// The requests of persons to a running job: pause, resume, cancel, source lost. They have their own
// documents, which the writes of the job never touch.
import { writeBatch, readDocument, type WithEtag, type BatchWrite } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Actor, ControlDocument, HandedOverVm, SourceLostDocument, StepDocument } from './documents.ts';
import { logLine, LogSection } from './log.ts';
import { vmIdsOfStep } from './stepVms.ts';

const JOBS = 'jobs';

/** Reads the control document. Undefined: no person has made a request. */
export const readControl = (jobId: string): Promise<WithEtag<ControlDocument> | undefined> =>
  readDocument<ControlDocument>(JOBS, 'control', jobId);

/** The clean-up of a drill continues in a paused or cancelled job. */
export const controlStateOfPhase = (
  { always }: Pick<StepDocument, 'always'>,
  control: Pick<ControlDocument, 'wish'> | undefined,
): ControlDocument['wish'] => (always ? 'running' : (control?.wish ?? 'running'));

type ControlledStep = Pick<StepDocument, 'always' | 'phase' | 'work' | 'targetId' | 'node'>;

/** The VMs of this clean-up that other jobs take over. */
export const handedOverVmsOf = (
  step: Pick<StepDocument, 'phase' | 'work' | 'targetId'>,
  control: Pick<ControlDocument, 'yields'> | undefined,
): readonly HandedOverVm[] =>
  step.phase === 'cleanUpTestFailover' && control !== undefined && control.yields.length > 0
    ? control.yields.filter(({ vmId }) => vmIdsOfStep(step).includes(vmId))
    : [];

/**
 * The control state for one step. Another job may take over the clean-up of a VM. Then the clean-up
 * waits for that job in a plan, and ends in a job on single VMs.
 */
export const controlStateFor = (
  step: ControlledStep,
  control: Pick<ControlDocument, 'wish' | 'yields'> | undefined,
): ControlDocument['wish'] =>
  handedOverVmsOf(step, control).length === 0
    ? controlStateOfPhase(step, control)
    : step.node === null
      ? 'cancelled'
      : 'paused';

/**
 * Reads the control document now. True: no person has paused or cancelled the job for this step.
 */
export const mayBegin = async (step: ControlledStep & Pick<StepDocument, 'jobId'>): Promise<boolean> =>
  controlStateFor(step, await readControl(step.jobId)) === 'running';

type ControlChange = Pick<ControlDocument, 'wish' | 'reason'> &
  Partial<Pick<ControlDocument, 'yields'>> & { readonly by: Actor };

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
    yields: before?.yields ?? [],
    ...change,
    by: by.name,
  };
  const verb = { paused: 'Paused', running: 'Resumed', cancelled: 'To be cancelled' }[change.wish];
  // Without handed over VMs, this is a request of a person.
  const handedOverCount = change.yields?.length ?? 0;
  const line = logLine(
    jobId,
    LogSection.first,
    handedOverCount === 0 ? `control:${change.wish}` : `control:yields:${handedOverCount}`,
    handedOverCount === 0
      ? `${verb} by ${by.name}${change.reason ? `: ${change.reason}` : '.'}`
      : (change.reason ?? ''),
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

/**
 * Saves the VMs that other jobs take over, with a log line. False: another request came at the same
 * time.
 */
export async function saveYields(
  jobId: string,
  before: WithEtag<ControlDocument>,
  yields: ControlDocument['yields'],
  message: string,
  now: Date,
): Promise<boolean> {
  const id = `control:yields:${now.toISOString()}`;
  const next: ControlDocument = { ...before, yields };
  const line = logLine(jobId, LogSection.first, id, message, now);
  return (
    (await writeBatch(JOBS, jobId, [{ replace: next, etag: before._etag }, { put: line }])) !== undefined
  );
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
