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
export const PREPARING = ['prepare1', 'prepare2', 'prepare3', 'prepare4', 'prepare5'] as const;
export type Preparing = (typeof PREPARING)[number];

/** `action`: what a plan does around its groups and VMs, and its waits. */
export type Phase = PhaseOperation | Preparing | 'action';

/** What brings VMs over goes before what only prepares for that. */
export const URGENT: ReadonlySet<Phase> = new Set([
  'failover',
  'commit',
  'changeRecoveryPoint',
  'cancelFailover',
]);

export const isPreparing = (phase: Phase): phase is Preparing =>
  (PREPARING as readonly Phase[]).includes(phase);
export const isOperation = (phase: Phase): phase is PhaseOperation =>
  phase !== 'action' && !isPreparing(phase);

/** Which way replication runs: as it was first set up, or reversed by a reprotect. */
export const Direction = { original: 'original', reversed: 'reversed' } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

export const JobState = {
  accepted: 'accepted',
  running: 'running',
  completed: 'completed',
  completedWithExceptions: 'completedWithExceptions',
  failed: 'failed',
  /** By a person; nothing of it runs any more. */
  cancelled: 'cancelled',
} as const;
export type JobState = (typeof JobState)[keyof typeof JobState];

/**
 * `planned`: its turn in the plan has not come. `waiting`: nothing of ours runs yet, or it is known
 * to be free to begin again. `started`: an attempt is open, or its end is not yet seen.
 */
export const StepState = {
  planned: 'planned',
  waiting: 'waiting',
  started: 'started',
  settling: 'settling',
  following: 'following',
  succeeded: 'succeeded',
  alreadySo: 'alreadySo',
  takenOver: 'takenOver',
  failed: 'failed',
  skipped: 'skipped',
  /** Site Recovery goes on with it, and nobody waits for it any more. */
  leftRunning: 'leftRunning',
} as const;
export type StepState = (typeof StepState)[keyof typeof StepState];

/** An ARM write from intention to known end. */
export const AttemptState = {
  prepared: 'prepared',
  sending: 'sending',
  accepted: 'accepted',
  notAccepted: 'notAccepted',
  unknown: 'unknown',
} as const;
export type AttemptState = (typeof AttemptState)[keyof typeof AttemptState];

/** Which state may follow which. Whatever changes a document asks here first. */
export const MAY_FOLLOW = {
  job: {
    accepted: ['running', 'failed'],
    running: ['completed', 'completedWithExceptions', 'failed', 'cancelled'],
    completed: [],
    // What is left over may be tried again, at the next epoch.
    completedWithExceptions: ['accepted'],
    failed: ['accepted'],
    cancelled: ['accepted'],
  },
  step: {
    planned: ['waiting', 'failed', 'skipped'],
    waiting: ['started', 'following', 'settling', 'alreadySo', 'succeeded', 'failed', 'skipped'],
    // What only waits may be given up after it has begun; what acts may not.
    started: ['started', 'waiting', 'following', 'settling', 'succeeded', 'failed', 'skipped', 'leftRunning'],
    // Members of a torn group whose tests are cleaned up one after the other.
    settling: ['waiting', 'succeeded', 'takenOver', 'failed', 'leftRunning'],
    following: ['waiting', 'settling', 'failed', 'leftRunning'],
    // In a running job a person may say that what failed is tried again.
    succeeded: [],
    alreadySo: [],
    takenOver: [],
    failed: ['planned'],
    skipped: [],
    leftRunning: [],
  },
  attempt: {
    prepared: ['sending'],
    sending: ['accepted', 'notAccepted', 'unknown'],
    unknown: ['accepted', 'notAccepted'],
    accepted: [],
    notAccepted: [],
  },
} as const satisfies {
  job: Record<JobState, readonly JobState[]>;
  step: Record<StepState, readonly StepState[]>;
  attempt: Record<AttemptState, readonly AttemptState[]>;
};

const FINAL_STEPS: ReadonlySet<StepState> = new Set([
  'succeeded',
  'alreadySo',
  'takenOver',
  'failed',
  'skipped',
  'leftRunning',
]);
export const isFinalStep = (state: StepState): boolean => FINAL_STEPS.has(state);

const GOOD_STEPS: ReadonlySet<StepState> = new Set(['succeeded', 'alreadySo', 'takenOver']);
/** The VM is where the step was to bring it, whoever did it. */
export const isGoodStep = (state: StepState): boolean => GOOD_STEPS.has(state);

/** Ended, with something left over. */
export const MAY_BE_RETRIED: ReadonlySet<JobState> = new Set([
  'completedWithExceptions',
  'failed',
  'cancelled',
]);

export const isFinalJob = (state: JobState): boolean => state === 'completed' || MAY_BE_RETRIED.has(state);
