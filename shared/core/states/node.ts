// The states of a node in the graph of a plan's run. No document stores them: `nodeStateOf`
// computes each state from the node's step.
import type { Transitions } from './transitions.ts';
import { isFinalStepState, isSuccessfulStepState, StepState } from './step.ts';

/** The states of a node. */
export const NodeState = {
  running: 'running',
  /** The VM is at its target, even when another actor moved it there. */
  succeeded: 'succeeded',
  failed: 'failed',
  /**
   * The node is too late for its successors. Site Recovery still works, and the job polls it to its
   * end.
   */
  timedOut: 'timedOut',
  skipped: 'skipped',
  /** The run skipped the node, only because a person cancelled the run. */
  givenUp: 'givenUp',
} as const;
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

/**
 * The meaning of a node's state for its successors. `passed`: the node ended, but not well, and its
 * successors go on.
 */
export type NodeProgress = 'open' | 'good' | 'passed' | 'skipped' | 'givenUp';

/** The progress that each node state means. */
export const NODE_PROGRESS: Readonly<Record<NodeState, NodeProgress>> = {
  running: 'open',
  succeeded: 'good',
  failed: 'passed',
  timedOut: 'passed',
  skipped: 'skipped',
  givenUp: 'givenUp',
};
/** True when the node never ran. */
export const isSkippedOrGivenUp = (progress: NodeProgress | undefined): boolean =>
  progress === 'skipped' || progress === 'givenUp';
/** True when the node ran and ended, well or not. */
export const hasNodeEnded = (state: NodeState | undefined): boolean =>
  state !== undefined && (NODE_PROGRESS[state] === 'good' || NODE_PROGRESS[state] === 'passed');

/** `step`: the state of the node's step changed. `clock`: the plan's time limit for the node passed. */
export type NodeTransitionCause = 'step' | 'clock';

/**
 * The allowed transitions. A node with a planned step has no state, so a retry starts from the
 * beginning.
 */
export const NODE_TRANSITIONS: Transitions<NodeState, NodeTransitionCause> = {
  running: {
    succeeded: ['step'],
    failed: ['step'],
    timedOut: ['step', 'clock'],
    skipped: ['step'],
    givenUp: ['step'],
  },
  timedOut: { succeeded: ['step'], failed: ['step'], skipped: ['step'], givenUp: ['step'] },
  succeeded: {},
  failed: {},
  skipped: {},
  givenUp: {},
};

/** The error code of a step that exceeded its time limit. */
export const TIMED_OUT_CODE = 'TimedOut';
/** The error code of a step that the job skipped after its cancellation. */
export const CANCELLED_CODE = 'JobCancelled';
/** The error code of a clean-up that another job has done. */
export const CLEANED_UP_CODE = 'CleanedUpByOtherJob';

/**
 * Computes the state of a node from its step. `code`: the error code of a step that did not end
 * well. `isTimeOver`: the plan's time limit for the step has passed.
 */
export function nodeStateOf(
  state: StepState,
  code: string | undefined,
  isTimeOver: boolean,
): NodeState | undefined {
  if (state === StepState.planned) return undefined;
  if (isSuccessfulStepState(state)) return NodeState.succeeded;
  if (state === StepState.skipped) return code === CANCELLED_CODE ? NodeState.givenUp : NodeState.skipped;
  if (isFinalStepState(state)) return code === TIMED_OUT_CODE ? NodeState.timedOut : NodeState.failed;
  return isTimeOver ? NodeState.timedOut : NodeState.running;
}
