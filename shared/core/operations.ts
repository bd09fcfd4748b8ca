// The names of operations, phases and directions. Commands, documents and orchestration histories
// store these words, so no release may change them.

/** The operations that a command can request. */
export const Operation = {
  prepareVault: 'prepareVault',
  enableReplication: 'enableReplication',
  updateReplication: 'updateReplication',
  disableReplication: 'disableReplication',
  testFailover: 'testFailover',
  cleanUpTestFailover: 'cleanUpTestFailover',
  failover: 'failover',
  changeRecoveryPoint: 'changeRecoveryPoint',
  commit: 'commit',
  cancelFailover: 'cancelFailover',
  reprotect: 'reprotect',
  failback: 'failback',
} as const;
export type Operation = (typeof Operation)[keyof typeof Operation];

/** The Site Recovery operation that one phase runs on each of its VMs. */
export type PhaseOperation = Exclude<Operation, 'failback' | 'prepareVault'>;

/** The phases that create prerequisites. The prerequisites of one phase do not need each other. */
export const PREREQUISITE_PHASES = ['prepare1', 'prepare2', 'prepare3', 'prepare4', 'prepare5'] as const;
export type PrerequisitePhase = (typeof PREREQUISITE_PHASES)[number];

/** `action`: the actions of a plan around its groups and VMs, and its waits. */
export type Phase = PhaseOperation | PrerequisitePhase | 'action';

/** Phases with priority in the write budget: they move VMs, other phases only prepare. */
export const URGENT_PHASES: ReadonlySet<Phase> = new Set([
  'failover',
  'commit',
  'changeRecoveryPoint',
  'cancelFailover',
]);

export const isPrerequisitePhase = (phase: Phase): phase is PrerequisitePhase =>
  (PREREQUISITE_PHASES as readonly Phase[]).includes(phase);
/** True for a phase that runs a Site Recovery operation on VMs. */
export const isPhaseOperation = (phase: Phase): phase is PhaseOperation =>
  phase !== 'action' && !isPrerequisitePhase(phase);

/** The direction of replication: the original one, or the reversed one after a reprotect. */
export const Direction = { original: 'original', reversed: 'reversed' } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];
