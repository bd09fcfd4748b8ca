// Reading the steps of a job; creating them, and removing those that are no part of it.
import {
  SUCCESSFUL_STEP_STATES,
  isFinalStepState,
  isSuccessfulStepState,
  OPEN_STEP_STATES,
  DUE_OR_BEGUN_STEP_STATES,
  type StepState,
} from '../core/states/step.ts';
import type { DrillStepSummary } from '../plans/rules/timeToLive.ts';
import {
  writeBatch,
  splitIntoBatches,
  queryPage,
  queryFields,
  queryDocuments,
  readDocument,
  type Page,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import type { StepDocument } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

export const stepIdOf = (phase: string, targetId: string): string => `step:${phase}:${targetId}`;

export const isOpen = (step: StepDocument): boolean => !isFinalStepState(step.state);

/** Whether this VM is where the step leads: of a group that was torn some are. */
export const hasArrived = (
  { state, arrived }: Pick<StepDocument, 'state' | 'arrived'>,
  vm: string,
): boolean => isSuccessfulStepState(state) || (arrived?.some((member) => member.vm === vm) ?? false);

export const readStep = (jobId: string, stepId: string): Promise<WithEtag<StepDocument> | undefined> =>
  readDocument<StepDocument>(JOBS, stepId, jobId);

export async function createSteps(jobId: string, steps: readonly StepDocument[]): Promise<boolean> {
  const done = await Promise.all(
    splitIntoBatches(steps).map((chunk) =>
      writeBatch(
        JOBS,
        jobId,
        chunk.map((step): BatchWrite => ({ create: step })),
      ),
    ),
  );
  return done.every((etags) => etags !== undefined);
}

/** Those that somebody changed meanwhile stay, with the others of their batch. */
export async function removeSteps(jobId: string, steps: readonly WithEtag<StepDocument>[]): Promise<void> {
  for (const chunk of splitIntoBatches(steps))
    await writeBatch(
      JOBS,
      jobId,
      chunk.map((step): BatchWrite => ({ remove: step.id, etag: step._etag })),
    );
}

export const listSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, { where: "c.type = 'step'", partition: partition(jobId) });

export interface StepFilter {
  readonly state?: readonly StepState[] | undefined;
  readonly phase?: string | undefined;
}

/** In the order of the phases. */
export const listStepsPage = (
  jobId: string,
  { state, phase }: StepFilter,
  size: number,
  token?: string,
): Promise<Page<StepDocument>> =>
  queryPage<StepDocument>(
    JOBS,
    {
      where: [
        "c.type = 'step'",
        ...(state ? ['ARRAY_CONTAINS(@state, c.state)'] : []),
        ...(phase === undefined ? [] : ['c.phase = @phase']),
      ].join(' AND '),
      parameters: { ...(state ? { state } : {}), ...(phase === undefined ? {} : { phase }) },
      orderBy: 'c["order"]',
      partition: partition(jobId),
    },
    size,
    token,
  );

export const listOpenStepsInPhase = (jobId: string, phase: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { phase, open: OPEN_STEP_STATES },
    partition: partition(jobId),
  });

export const listStepsOfTargets = (
  jobId: string,
  phase: string,
  targetIds: readonly string[],
): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@ids, c.targetId)",
    parameters: { phase, ids: targetIds },
    partition: partition(jobId),
  });

/** Those that a look is for: neither what has ended long ago, nor what waits in a plan for others. */
export const listDueSteps = (
  jobId: string,
  phase: string,
  vaultId: string,
): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state) AND c.vaultId = @vault",
    parameters: { phase, open: DUE_OR_BEGUN_STEP_STATES, vault: vaultId },
    partition: partition(jobId),
  });

/** What a plan does around its VMs and has its turn. */
export const listDueActionSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = 'action' AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { open: DUE_OR_BEGUN_STEP_STATES },
    partition: partition(jobId),
  });

/** Those before a phase that did not bring their target there. */
export const listUnsuccessfulStepsBefore = (
  jobId: string,
  order: number,
): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: `c.type = 'step' AND c["order"] < @order AND NOT ARRAY_CONTAINS(@good, c.state)`,
    parameters: { order, good: SUCCESSFUL_STEP_STATES },
    partition: partition(jobId),
  });

export const listVaultCreationSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.work.part.spec.kind = 'vault' AND ARRAY_CONTAINS(@good, c.state)",
    parameters: { good: SUCCESSFUL_STEP_STATES },
    partition: partition(jobId),
  });

/** What the walk of a plan has to know of each of its steps, at each look. */
export type StepSummary = Pick<
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

const STEP_SUMMARY_FIELDS = [
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
] as const satisfies readonly (keyof StepSummary)[];
export const readStepSummaries = (jobId: string): Promise<StepSummary[]> =>
  queryFields<StepSummary>(JOBS, {
    fields: STEP_SUMMARY_FIELDS,
    where: "c.type = 'step'",
    partition: partition(jobId),
  });

/** The test failovers of a drill and their clean-ups. */
export const readDrillStepSummaries = (jobId: string): Promise<DrillStepSummary[]> =>
  queryFields<DrillStepSummary>(JOBS, {
    fields: ['phase', 'targetId', 'state', 'startedAt', 'endedAt'],
    where: "c.type = 'step' AND c.phase IN ('testFailover', 'cleanUpTestFailover')",
    partition: partition(jobId),
  });

/** Those of a plan's run from which the shape of its graph is read. */
export const readGraphShapeSteps = (
  jobId: string,
): Promise<Pick<StepDocument, 'phase' | 'targetId' | 'work'>[]> =>
  queryFields(JOBS, {
    fields: ['phase', 'targetId', 'work'],
    where: "c.type = 'step' AND (c.work.kind = 'group' OR c.phase = 'cleanUpTestFailover')",
    partition: partition(jobId),
  });

export const listStepsById = (jobId: string, ids: readonly string[]): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: partition(jobId),
  });
