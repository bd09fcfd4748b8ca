// Reading the steps of a job; creating them, and removing those that are no part of it.
import {
  GOOD_STEP_STATES,
  isFinalStep,
  isGoodStep,
  OPEN_STEP_STATES,
  STEP_STATES_AT_TURN,
  type StepState,
} from '../core/states/step.ts';
import type { DrillMark } from '../plans/rules/timeToLive.ts';
import {
  batch,
  chunks,
  page,
  pick,
  query,
  read,
  type Page,
  type Stored,
  type Write,
} from '../store/cosmos.ts';
import type { StepDocument } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const stepIdOf = (phase: string, targetId: string): string => `step:${phase}:${targetId}`;

export const isOpen = (step: StepDocument): boolean => !isFinalStep(step.state);

/** Whether this VM is where the step leads: of a group that was torn some are. */
export const isThere = ({ state, arrived }: Pick<StepDocument, 'state' | 'arrived'>, vm: string): boolean =>
  isGoodStep(state) || (arrived?.some((one) => one.vm === vm) ?? false);

export const readStep = (jobId: string, stepId: string): Promise<Stored<StepDocument> | undefined> =>
  read<StepDocument>(JOBS, stepId, jobId);

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

export const openStepsInPhase = (jobId: string, phase: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { phase, open: OPEN_STEP_STATES },
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

/** Those that a look is for: neither what has ended long ago, nor what waits in a plan for others. */
export const stepsAtTurn = (jobId: string, phase: string, vaultId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state) AND c.vaultId = @vault",
    parameters: { phase, open: STEP_STATES_AT_TURN, vault: vaultId },
    partition: partition(jobId),
  });

/** What a plan does around its VMs and has its turn. */
export const actionStepsAtTurn = (jobId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = 'action' AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { open: STEP_STATES_AT_TURN },
    partition: partition(jobId),
  });

/** Those before a phase that did not bring their target there. */
export const badStepsBefore = (jobId: string, order: number): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: `c.type = 'step' AND c["order"] < @order AND NOT ARRAY_CONTAINS(@good, c.state)`,
    parameters: { order, good: GOOD_STEP_STATES },
    partition: partition(jobId),
  });

export const vaultsMade = (jobId: string): Promise<Stored<StepDocument>[]> =>
  query<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.work.part.spec.kind = 'vault' AND ARRAY_CONTAINS(@good, c.state)",
    parameters: { good: GOOD_STEP_STATES },
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
