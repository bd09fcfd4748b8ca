// The states of a node in the graph of a plan's run. Nothing stores them: each is read off the node's step.
import type { Transitions } from './transitions.ts';
import { isFinalStepState, isSuccessfulStepState, StepState } from './step.ts';

export const NodeState = {
  running: 'running',
  /** Also when somebody else has brought the VM there. */
  succeeded: 'succeeded',
  failed: 'failed',
  /** Too late for those who wait for it. What Site Recovery does goes on, and is followed to its end. */
  timedOut: 'timedOut',
  skipped: 'skipped',
  /** Left out because the run was cancelled, and for nothing else. */
  givenUp: 'givenUp',
} as const;
export type NodeState = (typeof NodeState)[keyof typeof NodeState];

/** How a node stands for those that come after it. `passed`: over, though not well, and the others go on. */
export type NodeProgress = 'open' | 'good' | 'passed' | 'skipped' | 'givenUp';

export const NODE_PROGRESS: Readonly<Record<NodeState, NodeProgress>> = {
  running: 'open',
  succeeded: 'good',
  failed: 'passed',
  timedOut: 'passed',
  skipped: 'skipped',
  givenUp: 'givenUp',
};
export const isSkippedOrGivenUp = (progress: NodeProgress | undefined): boolean =>
  progress === 'skipped' || progress === 'givenUp';
/** Begun and over, well or not. */
export const hasNodeEnded = (state: NodeState | undefined): boolean =>
  state !== undefined && (NODE_PROGRESS[state] === 'good' || NODE_PROGRESS[state] === 'passed');

/** `step`: the node's step has moved. `clock`: the time that the plan gives it is over. */
export type NodeTransitionCause = 'step' | 'clock';

/** A node whose step is planned has no state: to be tried again is to begin there once more. */
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

/** The code of a step that has ended because its time was over. */
export const TIMED_OUT_CODE = 'TimedOut';
/** The code of a step that was left out because the job was cancelled. */
export const CANCELLED_CODE = 'JobCancelled';

/** `code`: why the step did not end well. `isLate`: the time that the plan gives the step is over. */
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
