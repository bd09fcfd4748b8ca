// What a job is about to do: whom it holds, and all of its steps.
import { prerequisiteStageOf, type Prerequisite } from '../azure/prerequisite.ts';
import type { JobWarning } from '../core/warning.ts';
import { PREREQUISITE_PHASES, type Direction, type Phase } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';
import { prerequisiteIdOf } from '../core/ids.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument, StepDocument, StepWork } from '../journal/documents.ts';
import { stepIdOf } from '../journal/steps.ts';

export interface StepPlan {
  /**
   * The VMs to hold before the first of the steps is written. Later epochs hold those of the steps
   * that are left.
   */
  readonly lockTargets: readonly {
    readonly vaultId: string;
    readonly targetId: string;
    readonly name: string;
  }[];
  readonly steps: readonly StepDocument[];
  readonly vaults: readonly VaultTargets[];
  /** What the job goes ahead in spite of. */
  readonly warnings?: readonly JobWarning[];
  /** What is left to do once all steps stand. */
  readonly afterSave: () => Promise<void>;
}

/** What a plan says about where and when its VMs come up. */
export type StartupOptions = Pick<Extract<StepWork, { kind: 'replicatedVm' }>, 'points' | 'networkId'>;

export interface PlannedStep {
  readonly phase: Phase;
  readonly targetId: string;
  readonly targetName: string;
  readonly work: StepWork;
  readonly needs?: readonly string[];
  readonly vaultId: string;
  readonly scenario: Scenario;
  readonly begunIn: Direction;
  readonly node?: string;
  readonly always?: boolean;
}

/** Phases go in the order of their names here; preparing comes before what it prepares. */
export function toStepDocuments(
  job: Pick<JobDocument, 'jobId' | 'epoch'>,
  phases: readonly Phase[],
  steps: readonly PlannedStep[],
): StepDocument[] {
  return steps.map(
    ({
      phase,
      targetId,
      targetName,
      work,
      needs = [],
      vaultId,
      scenario,
      begunIn,
      node = null,
      always = false,
    }) => ({
      id: stepIdOf(phase, targetId),
      type: 'step',
      schema: SCHEMA_VERSION,
      jobId: job.jobId,
      epoch: job.epoch,
      phase,
      order: phases.indexOf(phase),
      targetId,
      targetName,
      work,
      needs,
      vaultId,
      scenario,
      begunIn,
      state: node === null ? 'waiting' : 'planned',
      attempt: 0,
      armJobId: null,
      foreign: false,
      notBefore: null,
      waitsFor: null,
      error: null,
      warnings: [],
      startedAt: null,
      endedAt: null,
      armStartedAt: null,
      armEndedAt: null,
      recoveryPoint: null,
      armIdBefore: null,
      armIdAfter: null,
      replicationId: null,
      node,
      always,
      tries: 0,
      output: null,
      lines: 0,
    }),
  );
}

/** Only what is to be made has a step. */
export const prerequisiteStep = (
  prerequisite: Prerequisite,
  commonFields: Pick<PlannedStep, 'vaultId' | 'scenario' | 'begunIn'>,
): PlannedStep => ({
  ...commonFields,
  phase: PREREQUISITE_PHASES[prerequisiteStageOf(prerequisite.spec.kind)] ?? 'prepare5',
  targetId: prerequisiteIdOf(prerequisite.id),
  targetName: prerequisite.name,
  work: { kind: 'part', part: prerequisite },
  needs: prerequisite.needs.map(prerequisiteIdOf),
});
export interface VaultTargets {
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly targetIds: readonly string[];
}
