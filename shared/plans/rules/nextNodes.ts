// Where a run stands: what may start now, what is not done any more, who is asked, and whether it
// is over. Pure, so that whoever walks it may be begun anew at any time.
import {
  CANCELLED_CODE,
  hasNodeEnded,
  isSkippedOrGivenUp,
  NODE_PROGRESS,
  type NodeState,
  type NodeProgress,
} from '../../core/states/node.ts';
import type { FinalJobState } from '../../core/states/job.ts';
import { TIME_TO_LIVE, type Graph, type HoldNode, type Node } from './graph.ts';
import { consequenceOfFailure, consequenceOfTimeout, type Consequence } from './rule.ts';

/** Of what was begun; what was not is not in the map. */
export type NodeStates = ReadonlyMap<string, NodeState>;

export interface RunControl {
  /** Nothing new is started until it is resumed. */
  readonly isPaused?: boolean;
  /** Nothing new is started any more; what runs is followed to its end. */
  readonly isCancelled?: boolean;
  /** Cancelled for one who needs the VMs at once: what a run does even then is left to them. */
  readonly isYielding?: boolean;
  /** What persons have answered about steps that failed. To try again is to forget the step's state. */
  readonly answers?: ReadonlyMap<string, 'goOn' | 'stop'>;
}

/** Why a step is not done: what it builds on is missing, or the run was stopped, by whichever way. */
export type SkipCode = 'NotBuiltOn' | 'RunStopped' | typeof CANCELLED_CODE | 'TimeToLiveOver';

export interface SkippedNode {
  readonly id: string;
  readonly code: SkipCode;
  readonly reason: string;
}

export interface NextNodes {
  readonly nodesToStart: readonly Exclude<Node, { kind: 'gate' }>[];
  readonly nodesToSkip: readonly SkippedNode[];
  /** Steps that have failed, and about which a person must say what follows. */
  readonly nodesToAskAbout: readonly string[];
  /** What stopped the run: the id of a step, or `cancelled`. The time to live of a drill stops it too. */
  readonly stoppedBy: string | null;
  /** Null while anything is to be done, runs, or is asked. */
  readonly jobEnd: FinalJobState | null;
  /** Once it is over: what did not go well, and nobody wanted so. */
  readonly exceptions: readonly string[];
}

export function nextNodes(graph: Graph, states: NodeStates, control: RunControl = {}): NextNodes {
  const stoppedBy = findStop(graph, states, control);
  const progressOf = new Map<string, NodeProgress>();
  const nodesToStart: NextNodes['nodesToStart'][number][] = [];
  const nodesToSkip: SkippedNode[] = [];
  // Nothing is cleaned up under an action that still runs.
  const isActing = graph.nodes.some(({ id, kind }) => kind === 'action' && states.get(id) === 'running');
  const nodesToAskAbout: string[] = [];
  for (const node of graph.nodes) {
    const state = states.get(node.id);
    if (state === undefined) {
      const skipReason = findSkip(node, progressOf, stoppedBy, control);
      const isStartable =
        skipReason === null &&
        isReady(node, progressOf, states) &&
        !(isActing && node.always && node.kind === 'vms');
      progressOf.set(
        node.id,
        skipReason !== null ? 'skipped' : isStartable && node.kind === 'gate' ? 'good' : 'open',
      );
      if (skipReason !== null) nodesToSkip.push({ id: node.id, ...skipReason });
      // A pause does not keep test VMs standing.
      else if (isStartable && node.kind !== 'gate' && (control.isPaused !== true || node.always))
        nodesToStart.push(node);
      continue;
    }
    const isAsked = stoppedBy === null && consequenceOf(node, state, control) === 'ask';
    if (isAsked) nodesToAskAbout.push(node.id);
    progressOf.set(node.id, isAsked ? 'open' : NODE_PROGRESS[state]);
  }
  const isOver = [...progressOf.values()].every((progress) => progress !== 'open');
  const exceptions = isOver
    ? graph.nodes.filter(
        (node) => progressOf.get(node.id) !== 'good' && !isWaived(node, graph.nodes, progressOf),
      )
    : [];
  return {
    nodesToStart,
    nodesToSkip,
    nodesToAskAbout,
    stoppedBy,
    jobEnd: isOver ? jobEndOf(graph, progressOf, exceptions, stoppedBy) : null,
    exceptions: exceptions.map(({ id }) => id),
  };
}

/** What follows from a step that did not go well; null: nothing. */
function consequenceOf(
  node: Node,
  state: NodeState | undefined,
  { answers }: RunControl,
): Consequence | null {
  const consequence =
    state === 'failed'
      ? consequenceOfFailure(node.rule)
      : state === 'timedOut'
        ? consequenceOfTimeout(node.rule)
        : null;
  return consequence === 'ask' ? (answers?.get(node.id) ?? 'ask') : consequence;
}

function findStop({ nodes }: Graph, states: NodeStates, control: RunControl): string | null {
  if (control.isCancelled === true) return 'cancelled';
  // An answer "stop" has stopped the run, even when the step that took too long ends well after all.
  const stoppingNode = nodes.find(
    (node) =>
      control.answers?.get(node.id) === 'stop' ||
      consequenceOf(node, states.get(node.id), control) === 'stop',
  );
  return stoppingNode?.id ?? (states.get(TIME_TO_LIVE) === 'succeeded' ? TIME_TO_LIVE : null);
}

function isReady(node: Node, progressOf: ReadonlyMap<string, NodeProgress>, states: NodeStates): boolean {
  if (node.needs.every((id) => progressOf.get(id) !== 'open')) return true;
  return node.kind === 'hold' && node.early === true && node.needs.some((id) => hasNodeEnded(states.get(id)));
}

/** Gates are never skipped: what comes after them knows by itself. */
function findSkip(
  node: Node,
  progressOf: ReadonlyMap<string, NodeProgress>,
  stoppedBy: string | null,
  { isYielding }: RunControl,
): Omit<SkippedNode, 'id'> | null {
  if (node.kind === 'gate') return null;
  if (stoppedBy !== null && (!node.always || isYielding === true)) return skipOfStoppedRun(stoppedBy);
  const missing = node.buildsOn.find(({ id, how }) => {
    const needed = progressOf.get(id);
    return isSkippedOrGivenUp(needed) || (how === 'good' && needed === 'passed');
  });
  if (!missing) return null;
  const reason =
    `It builds on ${missing.id}, which ` +
    `${isSkippedOrGivenUp(progressOf.get(missing.id)) ? 'was not done' : 'did not succeed'}.`;
  return { code: 'NotBuiltOn', reason };
}

function skipOfStoppedRun(by: string): Omit<SkippedNode, 'id'> {
  if (by === 'cancelled')
    return { code: CANCELLED_CODE, reason: 'The run was cancelled before its turn came.' };
  if (by === TIME_TO_LIVE)
    return { code: 'TimeToLiveOver', reason: "The drill's time to live was over before its turn came." };
  return { code: 'RunStopped', reason: `The run was stopped by ${by} before its turn came.` };
}

/**
 * As for every job: cancelled when something was left undone for that, failed when no VM has
 * arrived, never completed with something left out. Optional VMs count only where there are no
 * others.
 */
function jobEndOf(
  { nodes }: Graph,
  progressOf: ReadonlyMap<string, NodeProgress>,
  exceptions: readonly Node[],
  stoppedBy: string | null,
): FinalJobState {
  const main = nodes.filter((node) => node.kind === 'vms' && node.main);
  const countedNodes = main.some(({ rule }) => rule.critical)
    ? main.filter(({ rule }) => rule.critical)
    : main;
  const vms = (list: readonly Node[]): Set<string> =>
    new Set(list.flatMap((node) => (node.kind === 'vms' ? node.vms : [])));
  const missingVms = vms(countedNodes.filter(({ id }) => progressOf.get(id) !== 'good'));
  if (stoppedBy === 'cancelled' && exceptions.length > 0) return 'cancelled';
  if (countedNodes.length > 0 && vms(countedNodes).difference(missingVms).size === 0) return 'failed';
  if (
    countedNodes.length === 0 &&
    exceptions.length > 0 &&
    nodes.every((node) => node.kind === 'gate' || progressOf.get(node.id) !== 'good')
  )
    return 'failed';
  return exceptions.length > 0 ? 'completedWithExceptions' : 'completed';
}

/**
 * A person who skips a wait has decided that what follows it is not to be done: that is no
 * exception. Who cancels the run while it waits has given that up with all the rest.
 */
function isWaived(
  node: Node,
  nodes: readonly Node[],
  progressOf: ReadonlyMap<string, NodeProgress>,
): boolean {
  if (progressOf.get(node.id) !== 'skipped') return false;
  const holds = new Set(
    nodes
      .filter((other): other is HoldNode => other.kind === 'hold' && progressOf.get(other.id) === 'skipped')
      .map(({ id }) => id),
  );
  return holds.has(node.id) || node.buildsOn.some(({ id }) => holds.has(id));
}
