// The partition of one job: the job, its steps, their attempts, its log.
import type { DrillMark } from '../plans/rules/timeToLive.ts';
import { MAY_FOLLOW, isFinalStep, isGoodStep, StepState } from '../core/words.ts';
import { ErrorKind } from '../core/errors.ts';
import {
  batch,
  chunks,
  create,
  page,
  pick,
  query,
  read,
  type Page,
  type Stored,
  type Write,
} from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type {
  Actor,
  AttemptDocument,
  JobDocument,
  LogDocument,
  PreviewDocument,
  StepDocument,
  VmPreviewDocument,
} from './documents.ts';
import type { EntryDocument } from '../outbox/documents.ts';
import { newsOfJob, newsOfStep } from './outbox.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const stepIdOf = (phase: string, targetId: string): string => `step:${phase}:${targetId}`;
export const attemptIdOf = (stepId: string, number: number): string => `attempt:${stepId}:${number}`;

/** A walk of an older epoch may neither write to ARM nor to the job any more. */
export const isSuperseded = (document: { readonly epoch: number }, epoch: number): boolean =>
  document.epoch !== epoch;

/** False when the job is already there. */
export async function createJob(job: JobDocument): Promise<boolean> {
  const news = newsOfJob(undefined, job, new Date(job.acceptedAt));
  return (await batch(JOBS, job.jobId, [{ create: job }, ...news.map(toCreate)])) !== undefined;
}

export const readJob = (jobId: string): Promise<Stored<JobDocument> | undefined> =>
  read<JobDocument>(JOBS, 'job', jobId);

/**
 * False when somebody else changed the job in between; the caller reads again. `also`: writes of
 * the same batch.
 */
export async function saveJob(
  job: Stored<JobDocument>,
  change: Partial<JobDocument>,
  log: readonly LogDocument[],
  now: Date,
  also: readonly Write[] = [],
): Promise<boolean> {
  const next: JobDocument = { ...job, ...change };
  if (next.state !== job.state) mustFollow('job', job.state, next.state);
  const writes = [
    { replace: next, etag: job._etag },
    ...log.map(toPut),
    ...newsOfJob(job, next, now).map(toCreate),
    ...also,
  ];
  return (await batch(JOBS, job.jobId, writes)) !== undefined;
}

export const unfinishedJobs = (): Promise<Stored<JobDocument>[]> =>
  query<JobDocument>(JOBS, { where: "c.type = 'job' AND c.state IN ('accepted', 'running')" });

/** The newest drill of a whole plan that completed, without exceptions. */
export async function lastGoodDrill(planId: string): Promise<Stored<JobDocument> | undefined> {
  const whole = '(NOT IS_DEFINED(c.command.leaveOut) OR ARRAY_LENGTH(c.command.leaveOut) = 0)';
  const [drill] = await query<JobDocument>(JOBS, {
    where:
      `c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND ` +
      `c.state = 'completed' AND ${whole}`,
    parameters: { planId },
    order: 'c.endedAt DESC',
    most: 1,
  });
  return drill;
}

/** The newest run of a plan's drill that has ended, however it ended. */
export async function lastDrillOf(planId: string): Promise<Stored<JobDocument> | undefined> {
  const [drill] = await query<JobDocument>(JOBS, {
    where:
      "c.type = 'job' AND c.plan.id = @planId AND c.command.operation = 'testFailover' AND " +
      'IS_STRING(c.endedAt)',
    parameters: { planId },
    order: 'c.endedAt DESC',
    most: 1,
  });
  return drill;
}

export async function createSteps(jobId: string, steps: readonly StepDocument[]): Promise<boolean> {
  const done = await Promise.all(
    chunks(steps).map((some) =>
      batch(
        JOBS,
        jobId,
        some.map((step): Write => ({ create: step })),
      ),
    ),
  );
  return done.every((etags) => etags !== undefined);
}

/** Those that somebody changed meanwhile stay, with the others of their batch. */
export async function removeSteps(jobId: string, steps: readonly Stored<StepDocument>[]): Promise<void> {
  for (const some of chunks(steps))
    await batch(
      JOBS,
      jobId,
      some.map((step): Write => ({ remove: step.id, etag: step._etag })),
    );
}

export const stepsOf = (jobId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, { where: "c.type = 'step'", partition: partition(jobId) });

export interface StepFilter {
  readonly state?: readonly StepState[] | undefined;
  readonly phase?: string | undefined;
}

/** In the order of the phases. */
export const stepsPage = (
  jobId: string,
  { state, phase }: StepFilter,
  size: number,
  token?: string,
): Promise<Page<StepDocument>> =>
  page<StepDocument>(
    JOBS,
    {
      where: [
        "c.type = 'step'",
        ...(state ? ['ARRAY_CONTAINS(@state, c.state)'] : []),
        ...(phase === undefined ? [] : ['c.phase = @phase']),
      ].join(' AND '),
      parameters: { ...(state ? { state } : {}), ...(phase === undefined ? {} : { phase }) },
      order: 'c["order"]',
      partition: partition(jobId),
    },
    size,
    token,
  );

const OPEN = Object.values(StepState).filter((state) => !isFinalStep(state));
const GOOD = Object.values(StepState).filter(isGoodStep);

export const openStepsInPhase = (jobId: string, phase: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { phase, open: OPEN },
    partition: partition(jobId),
  });

export const stepsOfTargets = (
  jobId: string,
  phase: string,
  targetIds: readonly string[],
): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@ids, c.targetId)",
    parameters: { phase, ids: targetIds },
    partition: partition(jobId),
  });

const AT_TURN = OPEN.filter((state) => state !== StepState.planned);

/** Those that a look is for: neither what has ended long ago, nor what waits in a plan for others. */
export const stepsAtTurn = (jobId: string, phase: string, vaultId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state) AND c.vaultId = @vault",
    parameters: { phase, open: AT_TURN, vault: vaultId },
    partition: partition(jobId),
  });

/** What a plan does around its VMs and has its turn. */
export const actionStepsAtTurn = (jobId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = 'action' AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { open: AT_TURN },
    partition: partition(jobId),
  });

/** Those before a phase that did not bring their target there. */
export const badStepsBefore = (jobId: string, order: number): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: `c.type = 'step' AND c["order"] < @order AND NOT ARRAY_CONTAINS(@good, c.state)`,
    parameters: { order, good: GOOD },
    partition: partition(jobId),
  });

export const vaultsMade = (jobId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.work.part.spec.kind = 'vault' AND ARRAY_CONTAINS(@good, c.state)",
    parameters: { good: GOOD },
    partition: partition(jobId),
  });

/** What the walk of a plan has to know of each of its steps, at each look. */
export type Mark = Pick<
  StepDocument,
  | 'id'
  | 'epoch'
  | 'node'
  | 'state'
  | 'error'
  | 'tries'
  | 'always'
  | 'phase'
  | 'targetId'
  | 'vaultId'
  | 'needs'
  | 'startedAt'
  | 'endedAt'
>;

const MARK = [
  'id',
  'epoch',
  'node',
  'state',
  'error',
  'tries',
  'always',
  'phase',
  'targetId',
  'vaultId',
  'needs',
  'startedAt',
  'endedAt',
] as const satisfies readonly (keyof Mark)[];
export const marksOf = (jobId: string): Promise<Mark[]> =>
  pick<Mark>(JOBS, { fields: MARK, where: "c.type = 'step'", partition: partition(jobId) });

/** The test failovers of a drill and their clean-ups. */
export const drillMarksOf = (jobId: string): Promise<DrillMark[]> =>
  pick<DrillMark>(JOBS, {
    fields: ['phase', 'targetId', 'state', 'startedAt', 'endedAt'],
    where: "c.type = 'step' AND c.phase IN ('testFailover', 'cleanUpTestFailover')",
    partition: partition(jobId),
  });

/** Those of a plan's run from which the shape of its graph is read. */
export const shapingSteps = (jobId: string): Promise<Pick<StepDocument, 'phase' | 'targetId' | 'work'>[]> =>
  pick(JOBS, {
    fields: ['phase', 'targetId', 'work'],
    where: "c.type = 'step' AND (c.work.kind = 'group' OR c.phase = 'cleanUpTestFailover')",
    partition: partition(jobId),
  });

export const stepsNamed = (jobId: string, ids: readonly string[]): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: partition(jobId),
  });

/**
 * Their turn has come. Whoever changed one of them meanwhile keeps the others of its batch for the
 * next look.
 */
export async function openSteps(
  jobId: string,
  steps: readonly Stored<StepDocument>[],
): Promise<readonly StepDocument[]> {
  const opened = await Promise.all(
    chunks(steps).map(async (some) => {
      const next = some.map(({ _etag, ...step }) => ({
        step: { ...step, state: StepState.waiting } satisfies StepDocument,
        etag: _etag,
      }));
      return (await batch(
        JOBS,
        jobId,
        next.map(({ step, etag }) => ({ replace: step, etag })),
      ))
        ? next.map(({ step }) => step)
        : [];
    }),
  );
  return opened.flat();
}

export const readStep = (jobId: string, stepId: string): Promise<Stored<StepDocument> | undefined> =>
  read<StepDocument>(JOBS, stepId, jobId);

/**
 * Raises steps to an epoch, so that what an older walk still writes under their old ETags is
 * refused; those that had ended begin again.
 */
export async function raiseSteps(
  jobId: string,
  steps: readonly Stored<StepDocument>[],
  epoch: number,
): Promise<boolean> {
  const raised = steps.map((step): Write => {
    const next: StepDocument = isOpen(step)
      ? { ...step, epoch }
      : {
          ...step,
          epoch,
          state: step.node === null ? 'waiting' : 'planned',
          startedAt: step.node === null ? step.startedAt : null,
          tries: step.tries + 1,
          lost: 0,
          error: null,
          endedAt: null,
          waitsFor: null,
          notBefore: null,
          armJobId: null,
          foreign: false,
          warnings: [],
        };
    return { replace: next, etag: step._etag };
  });
  const done = await Promise.all(chunks(raised).map((some) => batch(JOBS, jobId, some)));
  return done.every((etags) => etags !== undefined);
}

/** In a running job a person has said so. */
export const triedAgain = ({ tries }: StepDocument): Partial<StepDocument> => ({
  state: 'planned',
  tries: tries + 1,
  lost: 0,
  error: null,
  startedAt: null,
  endedAt: null,
  waitsFor: null,
  notBefore: null,
  armJobId: null,
  foreign: false,
  warnings: [],
  output: null,
});

export const readAttempt = (step: StepDocument): Promise<Stored<AttemptDocument> | undefined> =>
  step.attempt === 0
    ? Promise.resolve(undefined)
    : read<AttemptDocument>(JOBS, attemptIdOf(step.id, step.attempt), step.jobId);

export const attemptsInPhase = (jobId: string, phase: string): Promise<Stored<AttemptDocument>[]> =>
  query<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND STARTSWITH(c.stepId, @step)",
    parameters: { step: stepIdOf(phase, '') },
    partition: partition(jobId),
  });

/** Of one step, from a moment on. */
export const attemptsSince = (
  jobId: string,
  stepId: string,
  since: string,
): Promise<Stored<AttemptDocument>[]> =>
  query<AttemptDocument>(JOBS, {
    where: "c.type = 'attempt' AND c.stepId = @step AND c.preparedAt >= @since",
    parameters: { step: stepId, since },
    partition: partition(jobId),
  });

/** The next state of an attempt, which must be one that may follow. */
export function advance(
  attempt: AttemptDocument,
  state: AttemptDocument['state'],
  change: Partial<AttemptDocument> = {},
): AttemptDocument {
  mustFollow('attempt', attempt.state, state);
  return { ...attempt, ...change, state };
}

export interface StepChange {
  readonly step?: Partial<StepDocument>;
  readonly attempt?: AttemptDocument;
  readonly log?: string;
  /** Whose word it was. */
  readonly by?: Actor;
}

/**
 * One batch under the step's ETag: the step, its attempt, the line and the news that tell of it
 * change together, or not at all.
 */
export async function saveStep(
  step: Stored<StepDocument>,
  change: StepChange,
  now: Date,
): Promise<Stored<StepDocument> | undefined> {
  const changed: StepDocument = { ...step, ...change.step };
  if (changed.state !== step.state) mustFollow('step', step.state, changed.state);
  const news = newsOfStep(step, changed, step.lines + 1, now);
  const next: StepDocument = {
    ...changed,
    lines: step.lines + (change.log === undefined && news.length === 0 ? 0 : 1),
  };
  const line = change.log === undefined ? [] : [toPut(logOf(next, change.log, now, change.by))];
  const attempt = change.attempt ? [toPut(change.attempt)] : [];
  const etags = await batch(JOBS, step.jobId, [
    { replace: next, etag: step._etag },
    ...attempt,
    ...line,
    ...news.map(toCreate),
  ]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** What was decided before the job did anything; undefined until all of its steps stand. */
export const readPreview = (jobId: string): Promise<Stored<PreviewDocument> | undefined> =>
  read<PreviewDocument>(JOBS, 'preview', jobId);

/** Those of the VMs: a walk that died on the way writes the same again. */
export async function putVmPreviews(
  jobId: string,
  previews: readonly Pick<VmPreviewDocument, 'targetId' | 'preview'>[],
): Promise<void> {
  await Promise.all(
    chunks(previews).map((some) =>
      batch(
        JOBS,
        jobId,
        some.map((one): Write => {
          const document: VmPreviewDocument = {
            id: `preview:${one.targetId}`,
            type: 'vmPreview',
            schema: SCHEMA,
            jobId,
            ...one,
          };
          return { put: document };
        }),
      ),
    ),
  );
}

/** An older walk may have written it just now: it has read the same steps. */
export async function createPreview(preview: PreviewDocument): Promise<void> {
  await create(JOBS, preview);
}

/** A step that was not begun when its job was cancelled. */
export const cancelledStep = (now: Date): StepChange => {
  const message = 'Not begun, because the job was cancelled.';
  return {
    step: {
      state: 'skipped',
      endedAt: now.toISOString(),
      waitsFor: null,
      error: { kind: ErrorKind.rejected, code: 'JobCancelled', message },
    },
    log: message,
  };
};

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
  await batch(JOBS, step.jobId, [toPut(line)]);
}

function logOf(step: StepDocument, message: string, now: Date, by: Actor | undefined): LogDocument {
  const key = `${String(step.order)}:${step.id}:${String(step.lines).padStart(4, '0')}`;
  return {
    ...logLine(step.jobId, Place.middle, key, message, now, by),
    targetName: step.targetName,
    phase: step.phase,
  };
}

const toPut = (document: LogDocument | AttemptDocument): Write => ({ put: document });
const toCreate = (document: EntryDocument): Write => ({ create: document });

function mustFollow(kind: keyof typeof MAY_FOLLOW, from: string, to: string): void {
  const table: Readonly<Record<string, readonly string[]>> = MAY_FOLLOW[kind];
  if (!table[from]?.includes(to)) throw new Error(`A ${kind} may not go from ${from} to ${to}.`);
}

export const isOpen = (step: StepDocument): boolean => !isFinalStep(step.state);

/** Whether this VM is where the step leads: of a group that was torn some are. */
export const isThere = ({ state, arrived }: Pick<StepDocument, 'state' | 'arrived'>, vm: string): boolean =>
  isGoodStep(state) || (arrived?.some((one) => one.vm === vm) ?? false);
