// The states of a step and their allowed transitions. Lists of steps show the states in this order.
import { statesWhere, type Transitions } from './transitions.ts';

/** The states of a step. */
export const StepState = {
  /** The plan has not reached the step. */
  planned: 'planned',
  /** Lifeboat runs no operation yet, or Lifeboat knows that the step may begin again. */
  waiting: 'waiting',
  /** An attempt is open, or Lifeboat has not yet seen its end. */
  started: 'started',
  settling: 'settling',
  following: 'following',
  succeeded: 'succeeded',
  alreadySo: 'alreadySo',
  takenOver: 'takenOver',
  failed: 'failed',
  skipped: 'skipped',
  /** Site Recovery still works on the step, but the job no longer waits for it. */
  leftRunning: 'leftRunning',
} as const;
export type StepState = (typeof StepState)[keyof typeof StepState];

/**
 * The stage of a step.
 * `arrived`: the target is in the requested state, no matter which actor moved it.
 * `leftOver`: the step ended without that; a retry opens the step again.
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
 * The code that may cause a transition.
 * `turn`: the run of a plan opens the step.
 * `work`: the attempt protocol and the actions; also the end of a step that has not begun.
 * `person`: a person retries a failed step in a running job.
 * `retry`: an ended job continues at its next epoch.
 * A take-over changes no state: it raises the epoch of open steps.
 */
export type StepTransitionCause = 'turn' | 'work' | 'person' | 'retry';

/** The allowed transitions of a step. */
export const STEP_TRANSITIONS: Transitions<StepState, StepTransitionCause> = {
  planned: { waiting: ['turn'], failed: ['work'], skipped: ['work'] },
  waiting: {
    started: ['work'],
    following: ['work'],
    // Another actor's operation, without a job that Lifeboat could poll.
    settling: ['work'],
    alreadySo: ['work'],
    // In a cancelled job: the drill's time limit has passed.
    succeeded: ['work'],
    failed: ['work'],
    skipped: ['work'],
  },
  started: {
    // Lifeboat sent no request, or the request had no effect.
    waiting: ['work'],
    following: ['work'],
    settling: ['work'],
    // Only the intention exists, and meanwhile another actor moved the target to the requested
    // state.
    alreadySo: ['work'],
    succeeded: ['work'],
    failed: ['work'],
    // Only for a waiting action: Azure has no record of such an action.
    skipped: ['work'],
  },
  settling: {
    // Lifeboat cleans up the tests of a group's members one after the other.
    waiting: ['work'],
    succeeded: ['work'],
    takenOver: ['work'],
    failed: ['work'],
    leftRunning: ['work'],
  },
  following: { waiting: ['work'], settling: ['work'] },
  // When a drill retries its tests, its time limit and its clean-ups must run again.
  succeeded: { planned: ['retry'] },
  alreadySo: { planned: ['retry'] },
  takenOver: { planned: ['retry'] },
  // A retry opens a step of a plan as `planned`, any other step as `waiting`. The retry ends the
  // step as `failed` when another job has locked the VM meanwhile.
  failed: { planned: ['person', 'retry'], waiting: ['retry'] },
  skipped: { planned: ['retry'], waiting: ['retry'], failed: ['retry'] },
  leftRunning: { waiting: ['retry'], failed: ['retry'] },
};

const statesInStages = (...stages: readonly StepStage[]): readonly StepState[] =>
  statesWhere(STEP_STAGES, (stage) => stages.includes(stage));

/** The states of a step that has not ended. */
export const OPEN_STEP_STATES = statesInStages('notDue', 'due', 'begun');
/** The states that a poll covers: neither ended steps, nor steps that wait in a plan for others. */
export const DUE_OR_BEGUN_STEP_STATES = statesInStages('due', 'begun');
/** The states of a step that reached its target. */
export const SUCCESSFUL_STEP_STATES = statesInStages('arrived');

const isInStage =
  (...stages: readonly StepStage[]) =>
  (state: StepState): boolean =>
    stages.includes(STEP_STAGES[state]);

/** True when the step has ended. */
export const isFinalStepState = isInStage('arrived', 'leftOver');
/** True when the target is in the requested state, no matter which actor moved it. */
export const isSuccessfulStepState = isInStage('arrived');
/** True when the step ended without its target. */
export const isUnsuccessfulStepState = isInStage('leftOver');
/** True when a poll covers the step. */
export const isDueOrBegun = isInStage('due', 'begun');
/** True when the step has begun and has not ended. */
export const hasBegun = isInStage('begun');
/** True when Azure has no record of the step, so the job may still skip it. */
export const isNotBegun = isInStage('notDue', 'due');
