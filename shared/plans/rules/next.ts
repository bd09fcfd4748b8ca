// Where a run stands: what may start now, what is not done any more, who is asked, and whether it
// is over. Pure, so that whoever walks it may be begun anew at any time.
import {
  CANCELLED,
  hasEnded,
  isUndone,
  STANDING,
  type NodeState,
  type Standing,
} from '../../core/states/node.ts';
import type { JobEnd } from '../../core/states/job.ts';
import { TIME_TO_LIVE, type Graph, type HoldNode, type Node } from './graph.ts';
import { onFailure, onTimeout, type Consequence } from './rule.ts';

/** Of what was begun; what was not is not in the map. */
export type NodeStates = ReadonlyMap<string, NodeState>;

export interface Control {
  /** Nothing new is started until it is resumed. */
  readonly paused?: boolean;
  /** Nothing new is started any more; what runs is followed to its end. */
  readonly cancelled?: boolean;
  /** Cancelled for one who needs the VMs at once: what a run does even then is left to them. */
  readonly yielding?: boolean;
  /** What persons have answered about steps that failed. To try again is to forget the step's state. */
  readonly answers?: ReadonlyMap<string, 'goOn' | 'stop'>;
}

/** Why a step is not done: what it builds on is missing, or the run was stopped, by whichever way. */
export type SkipCode = 'NotBuiltOn' | 'RunStopped' | typeof CANCELLED | 'TimeToLiveOver';

export interface Skip {
  readonly id: string;
  readonly code: SkipCode;
  readonly why: string;
}

export interface Next {
  readonly start: readonly Exclude<Node, { kind: 'gate' }>[];
  readonly skip: readonly Skip[];
  /** Steps that have failed, and about which a person must say what follows. */
  readonly asking: readonly string[];
  /** What stopped the run: the id of a step, or `cancelled`. The time to live of a drill stops it too. */
  readonly stoppedBy: string | null;
  /** Null while anything is to be done, runs, or is asked. */
  readonly over: JobEnd | null;
  /** Once it is over: what did not go well, and nobody wanted so. */
  readonly exceptions: readonly string[];
}

export function next(graph: Graph, states: NodeStates, control: Control = {}): Next {
  const stoppedBy = stopOf(graph, states, control);
  const standing = new Map<string, Standing>();
  const start: Next['start'][number][] = [];
  const skip: Skip[] = [];
  // Nothing is cleaned up under an action that still runs.
  const isActing = graph.nodes.some(({ id, kind }) => kind === 'action' && states.get(id) === 'running');
  const asking: string[] = [];
  for (const node of graph.nodes) {
    const state = states.get(node.id);
    if (state === undefined) {
      const skipped = skippedWhy(node, standing, stoppedBy, control);
      const free =
        skipped === null &&
        isFree(node, standing, states) &&
        !(isActing && node.always && node.kind === 'vms');
      standing.set(node.id, skipped !== null ? 'skipped' : free && node.kind === 'gate' ? 'good' : 'open');
      if (skipped !== null) skip.push({ id: node.id, ...skipped });
      // A pause does not keep test VMs standing.
      else if (free && node.kind !== 'gate' && (control.paused !== true || node.always)) start.push(node);
      continue;
    }
    const asked = stoppedBy === null && consequenceOf(node, state, control) === 'ask';
    if (asked) asking.push(node.id);
    standing.set(node.id, asked ? 'open' : STANDING[state]);
  }
  const isOver = [...standing.values()].every((one) => one !== 'open');
  const exceptions = isOver
    ? graph.nodes.filter((node) => standing.get(node.id) !== 'good' && !waived(node, graph.nodes, standing))
    : [];
  return {
    start,
    skip,
    asking,
    stoppedBy,
    over: isOver ? endOf(graph, standing, exceptions, stoppedBy) : null,
    exceptions: exceptions.map(({ id }) => id),
  };
}

/** What follows from a step that did not go well; null: nothing. */
function consequenceOf(node: Node, state: NodeState | undefined, { answers }: Control): Consequence | null {
  const ruled =
    state === 'failed' ? onFailure(node.rule) : state === 'timedOut' ? onTimeout(node.rule) : null;
  return ruled === 'ask' ? (answers?.get(node.id) ?? 'ask') : ruled;
}

function stopOf({ nodes }: Graph, states: NodeStates, control: Control): string | null {
  if (control.cancelled === true) return 'cancelled';
  // An answer "stop" has stopped the run, even when the step that took too long ends well after all.
  const stopping = nodes.find(
    (node) =>
      control.answers?.get(node.id) === 'stop' ||
      consequenceOf(node, states.get(node.id), control) === 'stop',
  );
  return stopping?.id ?? (states.get(TIME_TO_LIVE) === 'succeeded' ? TIME_TO_LIVE : null);
}

function isFree(node: Node, standing: ReadonlyMap<string, Standing>, states: NodeStates): boolean {
  if (node.needs.every((id) => standing.get(id) !== 'open')) return true;
  return node.kind === 'hold' && node.early === true && node.needs.some((id) => hasEnded(states.get(id)));
}

/** Gates are never skipped: what comes after them knows by itself. */
function skippedWhy(
  node: Node,
  standing: ReadonlyMap<string, Standing>,
  stoppedBy: string | null,
  { yielding }: Control,
): Omit<Skip, 'id'> | null {
  if (node.kind === 'gate') return null;
  if (stoppedBy !== null && (!node.always || yielding === true)) return stopped(stoppedBy);
  const missing = node.buildsOn.find(({ id, how }) => {
    const one = standing.get(id);
    return isUndone(one) || (how === 'good' && one === 'passed');
  });
  if (!missing) return null;
  const why =
    `It builds on ${missing.id}, which ` +
    `${isUndone(standing.get(missing.id)) ? 'was not done' : 'did not succeed'}.`;
  return { code: 'NotBuiltOn', why };
}

function stopped(by: string): Omit<Skip, 'id'> {
  if (by === 'cancelled') return { code: CANCELLED, why: 'The run was cancelled before its turn came.' };
  if (by === TIME_TO_LIVE)
    return { code: 'TimeToLiveOver', why: "The drill's time to live was over before its turn came." };
  return { code: 'RunStopped', why: `The run was stopped by ${by} before its turn came.` };
}

/**
 * As for every job: cancelled when something was left undone for that, failed when no VM has
 * arrived, never completed with something left out. Optional VMs count only where there are no
 * others.
 */
function endOf(
  { nodes }: Graph,
  standing: ReadonlyMap<string, Standing>,
  exceptions: readonly Node[],
  stoppedBy: string | null,
): JobEnd {
  const main = nodes.filter((node) => node.kind === 'vms' && node.main);
  const counted = main.some(({ rule }) => rule.critical) ? main.filter(({ rule }) => rule.critical) : main;
  const vms = (list: readonly Node[]): Set<string> =>
    new Set(list.flatMap((node) => (node.kind === 'vms' ? node.vms : [])));
  const left = vms(counted.filter(({ id }) => standing.get(id) !== 'good'));
  if (stoppedBy === 'cancelled' && exceptions.length > 0) return 'cancelled';
  if (counted.length > 0 && vms(counted).difference(left).size === 0) return 'failed';
  if (
    counted.length === 0 &&
    exceptions.length > 0 &&
    nodes.every((node) => node.kind === 'gate' || standing.get(node.id) !== 'good')
  )
    return 'failed';
  return exceptions.length > 0 ? 'completedWithExceptions' : 'completed';
}

/**
 * A person who skips a wait has decided that what follows it is not to be done: that is no
 * exception. Who cancels the run while it waits has given that up with all the rest.
 */
function waived(node: Node, nodes: readonly Node[], standing: ReadonlyMap<string, Standing>): boolean {
  if (standing.get(node.id) !== 'skipped') return false;
  const holds = new Set(
    nodes
      .filter((one): one is HoldNode => one.kind === 'hold' && standing.get(one.id) === 'skipped')
      .map(({ id }) => id),
  );
  return holds.has(node.id) || node.buildsOn.some(({ id }) => holds.has(id));
}
