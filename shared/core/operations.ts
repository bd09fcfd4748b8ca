// The words of Lifeboat, once each. States and kinds are unions, never free strings.

/** What a command may ask for. */
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

/** What one phase does to each of its VMs: one Site Recovery operation. */
export type PhaseOperation = Exclude<Operation, 'failback' | 'prepareVault'>;

/** The ground for replicating is laid in stages; the parts of one stage do not need each other. */
export const PREREQUISITE_PHASES = ['prepare1', 'prepare2', 'prepare3', 'prepare4', 'prepare5'] as const;
export type PrerequisitePhase = (typeof PREREQUISITE_PHASES)[number];

/** `action`: what a plan does around its groups and VMs, and its waits. */
export type Phase = PhaseOperation | PrerequisitePhase | 'action';

/** What brings VMs over goes before what only prepares for that. */
export const URGENT_PHASES: ReadonlySet<Phase> = new Set([
  'failover',
  'commit',
  'changeRecoveryPoint',
  'cancelFailover',
]);

export const isPrerequisitePhase = (phase: Phase): phase is PrerequisitePhase =>
  (PREREQUISITE_PHASES as readonly Phase[]).includes(phase);
export const isPhaseOperation = (phase: Phase): phase is PhaseOperation =>
  phase !== 'action' && !isPrerequisitePhase(phase);

/** Which way replication runs: as it was first set up, or reversed by a reprotect. */
export const Direction = { original: 'original', reversed: 'reversed' } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];
