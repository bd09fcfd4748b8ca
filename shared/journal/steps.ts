// Queries for the steps of a job, and the writes that create and remove steps. saveStep.ts changes
// steps.
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
import { migrateWork } from '../store/prerequisitesIn12.ts';
import type { StepDocument, StepWork } from './documents.ts';

const JOBS = 'jobs';
const partition = (jobId: string) => ({ key: 'jobId', value: jobId });

/** The id of the step of a phase for a target. */
export const stepIdOf = (phase: string, targetId: string): string => `step:${phase}:${targetId}`;

/** Tells whether the step has not ended. */
export const isOpen = (step: StepDocument): boolean => !isFinalStepState(step.state);

/**
 * Tells whether the VM has arrived where the step leads. In a partially completed group only some
 * members have arrived.
 */
export const hasArrived = (
  { state, arrived }: Pick<StepDocument, 'state' | 'arrived'>,
  vm: string,
): boolean => isSuccessfulStepState(state) || (arrived?.some((member) => member.vm === vm) ?? false);

/** Reads one step. */
export const readStep = (jobId: string, stepId: string): Promise<WithEtag<StepDocument> | undefined> =>
  readDocument<StepDocument>(JOBS, stepId, jobId);

/** Creates the steps in batches. False if a step existed already. */
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

/**
 * Removes steps. If another process changed a step meanwhile, the whole batch of that step stays.
 */
export async function removeSteps(jobId: string, steps: readonly WithEtag<StepDocument>[]): Promise<void> {
  for (const chunk of splitIntoBatches(steps))
    await writeBatch(
      JOBS,
      jobId,
      chunk.map((step): BatchWrite => ({ remove: step.id, etag: step._etag })),
    );
}

/** All steps of a job. */
export const listSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, { where: "c.type = 'step'", partition: partition(jobId) });

export interface StepFilter {
  readonly state?: readonly StepState[] | undefined;
  readonly phase?: string | undefined;
}

/** One page of steps, in the order of the phases. */
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

/** The steps of a phase that have not ended. */
export const listOpenStepsInPhase = (jobId: string, phase: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = @phase AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { phase, open: OPEN_STEP_STATES },
    partition: partition(jobId),
  });

/** The steps of a phase for these targets. */
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

/**
 * The steps that a poll needs: neither ended steps, nor planned steps that still wait for other
 * steps.
 */
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

/** The action steps of a plan that are due. */
export const listDueActionSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND c.phase = 'action' AND ARRAY_CONTAINS(@open, c.state)",
    parameters: { open: DUE_OR_BEGUN_STEP_STATES },
    partition: partition(jobId),
  });

/** The steps of earlier phases that did not succeed. */
export const listUnsuccessfulStepsBefore = (
  jobId: string,
  order: number,
): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: `c.type = 'step' AND c["order"] < @order AND NOT ARRAY_CONTAINS(@good, c.state)`,
    parameters: { order, good: SUCCESSFUL_STEP_STATES },
    partition: partition(jobId),
  });

/** The successful steps that created a vault. */
export const listVaultCreationSteps = (jobId: string): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    // `part` is the field of a prerequisite before schema 12.
    where:
      "c.type = 'step' AND ARRAY_CONTAINS(@good, c.state) AND " +
      "(c.work.prerequisite.spec.kind = 'vault' OR c.work.part.spec.kind = 'vault')",
    parameters: { good: SUCCESSFUL_STEP_STATES },
    partition: partition(jobId),
  });

/** The fields of a step that the orchestration of a plan needs at each poll. */
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
/** The summaries of all steps of a job. */
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

type GraphShapeStep = Pick<StepDocument, 'phase' | 'targetId' | 'work'>;

/** The steps of a run that define the shape of its graph. */
export async function readGraphShapeSteps(jobId: string): Promise<GraphShapeStep[]> {
  const steps = await queryFields<GraphShapeStep>(JOBS, {
    fields: ['phase', 'targetId', 'work'],
    // 'group' is the kind of a multi-VM group before schema 12.
    where:
      "c.type = 'step' AND (c.work.kind IN ('multiVmGroup', 'group') OR c.phase = 'cleanUpTestFailover')",
    partition: partition(jobId),
  });
  // A query of single fields reads no schema version.
  return steps.map((step) => ({ ...step, work: migrateWork({ ...step.work }) as unknown as StepWork }));
}

/** The steps with these ids. */
export const listStepsById = (jobId: string, ids: readonly string[]): Promise<WithEtag<StepDocument>[]> =>
  queryDocuments<StepDocument>(JOBS, {
    where: "c.type = 'step' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: partition(jobId),
  });
