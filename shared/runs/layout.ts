// What a job is about to do: whom it holds, and all of its steps.
import { stageOf, type Part } from '../azure/prerequisite.ts';
import type { JobWarning } from '../core/warning.ts';
import { PREPARING, type Direction, type Phase } from '../core/words.ts';
import type { Scenario } from '../core/scenario.ts';
import { partIdOf } from '../core/ids.ts';
import { SCHEMA } from '../store/schema.ts';
import type { JobDocument, StepDocument, Work } from '../journal/documents.ts';
import { stepIdOf } from '../journal/steps.ts';

export interface Layout {
  /**
   * The VMs to hold before the first of the steps is written. Later epochs hold those of the steps
   * that are left.
   */
  readonly held: readonly { readonly vaultId: string; readonly targetId: string; readonly name: string }[];
  readonly steps: readonly StepDocument[];
  readonly vaults: readonly VaultGroup[];
  /** What the job goes ahead in spite of. */
  readonly warnings?: readonly JobWarning[];
  /** What is left to do once all steps stand. */
  readonly whenLaid: () => Promise<void>;
}

/** What a plan says about where and when its VMs come up. */
export type ComingUp = Pick<Extract<Work, { kind: 'replicatedVm' }>, 'points' | 'networkId'>;

export interface StepLayout {
  readonly phase: Phase;
  readonly targetId: string;
  readonly targetName: string;
  readonly work: Work;
  readonly needs?: readonly string[];
  readonly vaultId: string;
  readonly scenario: Scenario;
  readonly begunIn: Direction;
  readonly node?: string;
  readonly always?: boolean;
}

/** Phases go in the order of their names here; preparing comes before what it prepares. */
export function toSteps(
  job: Pick<JobDocument, 'jobId' | 'epoch'>,
  phases: readonly Phase[],
  steps: readonly StepLayout[],
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
      schema: SCHEMA,
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
export const partLayout = (
  part: Part,
  of: Pick<StepLayout, 'vaultId' | 'scenario' | 'begunIn'>,
): StepLayout => ({
  ...of,
  phase: PREPARING[stageOf(part.spec.kind)] ?? 'prepare5',
  targetId: partIdOf(part.id),
  targetName: part.name,
  work: { kind: 'part', part },
  needs: part.needs.map(partIdOf),
});
export interface VaultGroup {
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly targetIds: readonly string[];
}
