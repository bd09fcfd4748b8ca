// The states of a node in the graph of a plan's run. Nothing stores them: each is read off the node's step.
import type { Moves } from './moves.ts';
import { isFinalStep, isGoodStep, StepState } from './step.ts';

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
export type Standing = 'open' | 'good' | 'passed' | 'skipped' | 'givenUp';

export const STANDING: Readonly<Record<NodeState, Standing>> = {
  running: 'open',
  succeeded: 'good',
  failed: 'passed',
  timedOut: 'passed',
  skipped: 'skipped',
  givenUp: 'givenUp',
};
export const isUndone = (one: Standing | undefined): boolean => one === 'skipped' || one === 'givenUp';
/** Begun and over, well or not. */
export const hasEnded = (state: NodeState | undefined): boolean =>
  state !== undefined && (STANDING[state] === 'good' || STANDING[state] === 'passed');

/** `step`: the node's step has moved. `clock`: the time that the plan gives it is over. */
export type NodeMover = 'step' | 'clock';

/** A node whose step is planned has no state: to be tried again is to begin there once more. */
export const NODE_MOVES: Moves<NodeState, NodeMover> = {
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
export const TIMED_OUT = 'TimedOut';
/** The code of a step that was left out because the job was cancelled. */
export const CANCELLED = 'JobCancelled';

/** `code`: why the step did not end well. `isLate`: the time that the plan gives the step is over. */
export function nodeStateOf(
  state: StepState,
  code: string | undefined,
  isLate: boolean,
): NodeState | undefined {
  if (state === StepState.planned) return undefined;
  if (isGoodStep(state)) return NodeState.succeeded;
  if (state === StepState.skipped) return code === CANCELLED ? NodeState.givenUp : NodeState.skipped;
  if (isFinalStep(state)) return code === TIMED_OUT ? NodeState.timedOut : NodeState.failed;
  return isLate ? NodeState.timedOut : NodeState.running;
}
