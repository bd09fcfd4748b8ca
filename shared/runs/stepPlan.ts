// The step plan of a job: the VMs to lock, and all steps.
// A job saves its step plan before the first step begins.

import { prerequisiteStageOf, type Prerequisite } from '../azure/prerequisite.ts';
import type { JobWarning } from '../core/warning.ts';
import { PREREQUISITE_PHASES, type Direction, type Phase } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';
import { prerequisiteIdOf } from '../core/ids.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument, StepDocument, StepWork } from '../journal/documents.ts';
import { stepIdOf } from '../journal/steps.ts';

/** The locks and the steps of a job, before Lifeboat saves them. */
export interface StepPlan {
  /**
   * The VMs to lock before the first write of a step. Later epochs lock the VMs of the remaining
   * steps.
   */
  readonly lockTargets: readonly {
    readonly vaultId: string;
    readonly targetId: string;
    readonly name: string;
  }[];
  readonly steps: readonly StepDocument[];
  readonly vaults: readonly VaultTargets[];
  /** Warnings that do not stop the job. */
  readonly warnings?: readonly JobWarning[];
  /** Runs after Lifeboat has saved all steps. */
  readonly afterSave: () => Promise<void>;
}

/** A plan's recovery point rules and network for its VMs. */
export type StartupOptions = Pick<Extract<StepWork, { kind: 'replicatedVm' }>, 'points' | 'networkId'>;

/** A step before Lifeboat makes its document. */
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
  readonly planGroup?: string | null;
  readonly always?: boolean;
}

/** Makes the step documents. The order of `phases` is the order of execution. */
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
      planGroup = null,
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
      planGroup,
      always,
      tries: 0,
      output: null,
      lines: 0,
    }),
  );
}

/** The step that creates a prerequisite. An existing prerequisite has no step. */
export const prerequisiteStep = (
  prerequisite: Prerequisite,
  commonFields: Pick<PlannedStep, 'vaultId' | 'scenario' | 'begunIn'>,
): PlannedStep => ({
  ...commonFields,
  phase: PREREQUISITE_PHASES[prerequisiteStageOf(prerequisite.spec.kind)] ?? 'prepare5',
  targetId: prerequisiteIdOf(prerequisite.id),
  targetName: prerequisite.name,
  work: { kind: 'prerequisite', prerequisite },
  needs: prerequisite.needs.map(prerequisiteIdOf),
});
/** The targets of a job in one vault. */
export interface VaultTargets {
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly targetIds: readonly string[];
}
