// The states of a step, and who moves it where. Their order here is the order in which they are listed.
import { statesWhere, type Transitions } from './transitions.ts';

export const StepState = {
  /** Its turn in the plan has not come. */
  planned: 'planned',
  /** Nothing of ours runs yet, or it is known to be free to begin again. */
  waiting: 'waiting',
  /** An attempt is open, or its end is not yet seen. */
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

/**
 * `arrived`: the target is where the step leads, whoever brought it there.
 * `leftOver`: ended without that; a retry opens the step again.
 */
export type StepStage = 'notDue' | 'due' | 'begun' | 'arrived' | 'leftOver';

const STEP_STAGES: Readonly<Record<StepState, StepStage>> = {
  planned: 'notDue',
  waiting: 'due',
  started: 'begun',
  settling: 'begun',
  following: 'begun',
  succeeded: 'arrived',
  alreadySo: 'arrived',
  takenOver: 'arrived',
  failed: 'leftOver',
  skipped: 'leftOver',
  leftRunning: 'leftOver',
};

/**
 * `turn`: the run of a plan opens the step.
 * `work`: the attempt protocol and the actions; also what ends a step that has not begun.
 * `person`: in a running job a person has a failed step tried again.
 * `retry`: a job that had ended goes on at its next epoch.
 * A take-over moves no state: it raises the epoch of open steps.
 */
export type StepTransitionCause = 'turn' | 'work' | 'person' | 'retry';

export const STEP_TRANSITIONS: Transitions<StepState, StepTransitionCause> = {
  planned: { waiting: ['turn'], failed: ['work'], skipped: ['work'] },
  waiting: {
    started: ['work'],
    following: ['work'],
    // Somebody else's operation without a job that could be followed.
    settling: ['work'],
    alreadySo: ['work'],
    // The end of a drill's time, in a job that is cancelled.
    succeeded: ['work'],
    failed: ['work'],
    skipped: ['work'],
  },
  started: {
    // Nothing was sent, or nothing came of what was sent.
    waiting: ['work'],
    following: ['work'],
    settling: ['work'],
    // Only the intention was written down, and meanwhile somebody else has brought the target there.
    alreadySo: ['work'],
    succeeded: ['work'],
    failed: ['work'],
    // Only for an action that waits: Azure knows nothing of it.
    skipped: ['work'],
  },
  settling: {
    // Members of a group whose tests are cleaned up one after the other.
    waiting: ['work'],
    succeeded: ['work'],
    takenOver: ['work'],
    failed: ['work'],
    leftRunning: ['work'],
  },
  following: { waiting: ['work'], settling: ['work'] },
  // A drill whose tests are tried again needs its time to live and its clean-ups again.
  succeeded: { planned: ['retry'] },
  alreadySo: { planned: ['retry'] },
  takenOver: { planned: ['retry'] },
  // A retry opens a step of a plan as `planned`, any other as `waiting`.
  // It ends a step as `failed` when another job holds the VM by then.
  failed: { planned: ['person', 'retry'], waiting: ['retry'] },
  skipped: { planned: ['retry'], waiting: ['retry'], failed: ['retry'] },
  leftRunning: { waiting: ['retry'], failed: ['retry'] },
};

const statesInStages = (...stages: readonly StepStage[]): readonly StepState[] =>
  statesWhere(STEP_STAGES, (stage) => stages.includes(stage));

export const OPEN_STEP_STATES = statesInStages('notDue', 'due', 'begun');
/** Those that a look is for: neither what has ended, nor what waits in a plan for others. */
export const DUE_OR_BEGUN_STEP_STATES = statesInStages('due', 'begun');
export const SUCCESSFUL_STEP_STATES = statesInStages('arrived');

const isInStage =
  (...stages: readonly StepStage[]) =>
  (state: StepState): boolean =>
    stages.includes(STEP_STAGES[state]);

export const isFinalStepState = isInStage('arrived', 'leftOver');
/** The VM is where the step was to bring it, whoever did it. */
export const isSuccessfulStepState = isInStage('arrived');
export const isUnsuccessfulStepState = isInStage('leftOver');
export const isDueOrBegun = isInStage('due', 'begun');
export const hasBegun = isInStage('begun');
/** Azure knows nothing of it, and it may still be left out. */
export const isNotBegun = isInStage('notDue', 'due');
