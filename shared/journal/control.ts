// What people say to a job while it runs, in a document that the job's own writes never touch.
import { batch, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { Actor, ControlDocument, SourceLostDocument, StepDocument } from './documents.ts';
import { logLine, Place } from './log.ts';

const JOBS = 'jobs';

export const readControl = (jobId: string): Promise<Stored<ControlDocument> | undefined> =>
  read<ControlDocument>(JOBS, 'control', jobId);

/**
 * What holds for a step. A drill is cleaned up also in a job that is paused or cancelled,
 * unless the clean-up is left to another job that needs the VM at once.
 */
export const heldFor = (
  { always }: Pick<StepDocument, 'always'>,
  control: Pick<ControlDocument, 'wish' | 'yieldTo'> | undefined,
): ControlDocument['wish'] =>
  always && (control?.yieldTo ?? null) === null ? 'running' : (control?.wish ?? 'running');

/** Read at this moment: whether no person has paused or cancelled the job for this step. */
export const mayBegin = async (step: Pick<StepDocument, 'jobId' | 'always'>): Promise<boolean> =>
  heldFor(step, await readControl(step.jobId)) === 'running';

type Said = Pick<ControlDocument, 'wish' | 'reason'> &
  Partial<Pick<ControlDocument, 'yieldTo'>> & { readonly by: Actor };

/** What a person says, and its line in the log, to be written in one batch. */
export function controlWrites(
  jobId: string,
  before: Stored<ControlDocument> | undefined,
  { by, ...change }: Said,
  now: Date,
): readonly Write[] {
  const next: ControlDocument = {
    id: 'control',
    type: 'control',
    schema: SCHEMA,
    jobId,
    at: now.toISOString(),
    yieldTo: null,
    ...change,
    by: by.name,
  };
  const said = { paused: 'Paused', running: 'Resumed', cancelled: 'To be cancelled' }[change.wish];
  const line = logLine(
    jobId,
    Place.first,
    `control:${change.wish}`,
    `${said} by ${by.name}${change.reason ? `: ${change.reason}` : '.'}`,
    now,
    by,
  );
  return [before ? { replace: next, etag: before._etag } : { create: next }, { put: line }];
}

/** False when somebody else said something at the same time; the caller reads again. */
export async function saveControl(
  jobId: string,
  before: Stored<ControlDocument> | undefined,
  said: Said,
  now: Date,
): Promise<boolean> {
  return (await batch(JOBS, jobId, controlWrites(jobId, before, said, now))) !== undefined;
}

/** False when it was said already. */
export async function saySourceLost(jobId: string, by: Actor, reason: string, now: Date): Promise<boolean> {
  const lost: SourceLostDocument = {
    id: 'sourceLost',
    type: 'sourceLost',
    schema: SCHEMA,
    jobId,
    by: by.name,
    reason,
    at: now.toISOString(),
  };
  const line = logLine(
    jobId,
    Place.first,
    'sourceLost',
    `The source is lost, says ${by.name}: ${reason} What is begun from here on does not wait ` +
      'for it to shut down.',
    now,
    by,
  );
  return (await batch(JOBS, jobId, [{ create: lost }, { put: line }])) !== undefined;
}

export const isSourceLost = async (jobId: string): Promise<boolean> =>
  (await read<SourceLostDocument>(JOBS, 'sourceLost', jobId)) !== undefined;
