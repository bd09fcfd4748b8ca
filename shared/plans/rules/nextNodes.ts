// Decides the next steps of a run: nodes to start, nodes to skip, questions, and the end of the run.
// `advancePlan` and the outcome of a job call this module.
// This module is pure, so a new orchestration can continue the run at any time.

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

/** The states of nodes that have begun. Other nodes are not in the map. */
export type NodeStates = ReadonlyMap<string, NodeState>;

/** Requests of persons about a run, and their answers. */
export interface RunControl {
  /** True: the run starts nothing new until a person resumes it. */
  readonly isPaused?: boolean;
  /** True: the run starts nothing new, and follows running steps to their end. */
  readonly isCancelled?: boolean;
  /** VMs that other jobs have taken over. Their clean-up in this run waits for those jobs. */
  readonly handedOverVms?: ReadonlySet<string>;
  /** Answers of persons about failed steps. A retry resets the step's state instead. */
  readonly answers?: ReadonlyMap<string, 'goOn' | 'stop'>;
}

/** The reason for a skip: a missing node that the step builds on, or a stop of the run. */
export type SkipCode = 'NotBuiltOn' | 'RunStopped' | typeof CANCELLED_CODE | 'TimeToLiveOver';

export interface SkippedNode {
  readonly id: string;
  readonly code: SkipCode;
  readonly reason: string;
}

/** The decisions about a run at one moment. */
export interface NextNodes {
  readonly nodesToStart: readonly Exclude<Node, { kind: 'gate' }>[];
  readonly nodesToSkip: readonly SkippedNode[];
  /** Failed or late nodes that need a decision of a person. */
  readonly nodesToAskAbout: readonly string[];
  /** The cause of a stop: a node's id, `cancelled`, or the drill's time to live; null: no stop. */
  readonly stoppedBy: string | null;
  /** Null: the run still has open work or questions. */
  readonly jobEnd: FinalJobState | null;
  /** After the end: nodes that did not succeed, without those that a person has skipped. */
  readonly exceptions: readonly string[];
}

/** Decides from the graph, the node states and the requests of persons. Reads nothing else. */
export function nextNodes(graph: Graph, states: NodeStates, control: RunControl = {}): NextNodes {
  const stoppedBy = findStop(graph, states, control);
  const progressOf = new Map<string, NodeProgress>();
  const nodesToStart: NextNodes['nodesToStart'][number][] = [];
  const nodesToSkip: SkippedNode[] = [];
  // A clean-up must not start while an action still runs in the test VMs.
  const isActing = graph.nodes.some(({ id, kind }) => kind === 'action' && states.get(id) === 'running');
  const nodesToAskAbout: string[] = [];
  for (const node of graph.nodes) {
    const state = states.get(node.id);
    if (state === undefined) {
      const skipReason = findSkip(node, progressOf, stoppedBy);
      const isStartable =
        skipReason === null &&
        isReady(node, progressOf, states) &&
        !isHandedOver(node, control) &&
        !(isActing && node.always && node.kind === 'vms');
      progressOf.set(
        node.id,
        skipReason !== null ? 'skipped' : isStartable && node.kind === 'gate' ? 'good' : 'open',
      );
      if (skipReason !== null) nodesToSkip.push({ id: node.id, ...skipReason });
      // A pause does not stop the clean-up of test VMs.
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

/** The consequence of a failed or late step; null: no consequence. */
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
  // The answer "stop" stops the run, even if the late step succeeds after all.
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

const isHandedOver = (node: Node, { handedOverVms }: RunControl): boolean =>
  node.kind === 'vms' &&
  node.phase === 'cleanUpTestFailover' &&
  node.vms.some((vm) => handedOverVms?.has(vm) ?? false);

/** The run never skips a gate: each node after the gate decides about its own skip. */
function findSkip(
  node: Node,
  progressOf: ReadonlyMap<string, NodeProgress>,
  stoppedBy: string | null,
): Omit<SkippedNode, 'id'> | null {
  if (node.kind === 'gate') return null;
  if (stoppedBy !== null && !node.always) return skipOfStoppedRun(stoppedBy);
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
 * The final state follows the rules of every job. `cancelled`: the cancellation left work undone.
 * `failed`: no VM has arrived. `completed`: nothing is missing.
 * Optional VMs count only in a run without critical VMs.
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
 * A person who skips a hold decides against the nodes after the hold: they are no exceptions. A
 * cancellation during the hold is different: it gives up all remaining nodes, as exceptions.
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
