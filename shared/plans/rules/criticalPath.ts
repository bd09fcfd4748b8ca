// Estimates the duration of a run, and finds its critical path.
// The critical path is the longest chain of nodes. That chain alone decides the total duration.

import type { BudgetLimit } from '../../core/tokenBucket.ts';
import { durationOfNode, type Duration, type LearnedDurations, type ScenarioOf } from './durations.ts';
import { ALL_UP, type Graph, type Node } from './graph.ts';

export interface Estimate {
  /** Seconds until all groups are up. */
  readonly seconds: number;
  /** Begin and end of each node, in seconds from the begin of the run. */
  readonly times: ReadonlyMap<string, { readonly begins: number; readonly ends: number }>;
  /** Ids in order, without gates: gates take no time. */
  readonly path: readonly string[];
  /** Ids of nodes before the end without a known duration. The estimate counts them as zero. */
  readonly unknownNodes: readonly string[];
}

export interface EstimateOptions {
  /** The usual duration, or the duration on a slow day. */
  readonly percentile?: 'median' | 'p90';
  /** Budget of ARM writes. With thousands of VMs, this budget decides the start times. */
  readonly writeBudget?: BudgetLimit | undefined;
  readonly scenarioOf?: ScenarioOf;
}

/** Estimates the duration of a run from learned durations. */
export function estimateRun(
  graph: Graph,
  learned: LearnedDurations,
  { percentile = 'median', writeBudget, scenarioOf }: EstimateOptions = {},
): Estimate {
  const durations = new Map(graph.nodes.map((node) => [node.id, durationOfNode(node, learned, scenarioOf)]));
  const secondsOf = ({ id }: Node): number => (durations.get(id) as Duration | null)?.[percentile] ?? 0;
  const withoutBudget = findLongestPath(graph, secondsOf);
  const withBudget = writeBudget
    ? findLongestPath(
        { ...graph, nodes: sortByStart(graph, withoutBudget) },
        secondsOf,
        waitForWriteBudget(writeBudget),
      )
    : withoutBudget;
  const nodesBeforeUp = nodesBefore(graph, ALL_UP);
  return {
    ...withBudget,
    unknownNodes: graph.nodes
      .filter(({ id }) => nodesBeforeUp.has(id) && durations.get(id) === null)
      .map(({ id }) => id),
  };
}

/**
 * Finds the critical path, for estimated and for measured durations alike. A node begins after the last
 * end among its needs.
 */
export function findLongestPath(
  { nodes }: Graph,
  secondsOf: (node: Node) => number,
  startOf: (node: Node, ready: number) => number = (_node, ready) => ready,
): Omit<Estimate, 'unknownNodes'> {
  const times = new Map<string, { begins: number; ends: number }>();
  const lastNeedOf = new Map<string, string | null>();
  for (const node of nodes) {
    const lastNeed = lastEndedNeed(node, times);
    const begins = startOf(node, lastNeed === null ? 0 : (times.get(lastNeed)?.ends ?? 0));
    times.set(node.id, { begins, ends: begins + secondsOf(node) });
    lastNeedOf.set(node.id, lastNeed);
  }
  const gates = new Set(nodes.filter(({ kind }) => kind === 'gate').map(({ id }) => id));
  const path: string[] = [];
  for (let id: string | null = ALL_UP; id !== null; id = lastNeedOf.get(id) ?? null)
    if (!gates.has(id)) path.unshift(id);
  return { seconds: times.get(ALL_UP)?.ends ?? 0, times, path };
}

/**
 * Sorts nodes by their start without a write budget. In this order, each node comes after its needs.
 */
const sortByStart = ({ nodes }: Graph, { times }: Pick<Estimate, 'times'>): readonly Node[] => {
  const begins = ({ id }: Node): number => times.get(id)?.begins ?? 0;
  return [...nodes].sort((a, b) => begins(a) - begins(b));
};

/** Delays each VM node until the budget has a free write. The writes go one after the other. */
function waitForWriteBudget(rule: BudgetLimit): (node: Node, ready: number) => number {
  let [tokens, nextFree] = [rule.burst, 0];
  return ({ kind }, ready) => {
    if (kind !== 'vms') return ready;
    const now = Math.max(ready, nextFree);
    tokens = Math.min(rule.burst, tokens + (now - nextFree) * rule.perSecond);
    nextFree = now + Math.max(0, 1 - tokens) / rule.perSecond;
    tokens = Math.max(0, tokens - 1);
    return nextFree;
  };
}

const lastEndedNeed = (
  { needs }: Node,
  times: ReadonlyMap<string, { readonly ends: number }>,
): string | null =>
  needs.reduce<string | null>(
    (last, id) => (last === null || (times.get(id)?.ends ?? 0) > (times.get(last)?.ends ?? 0) ? id : last),
    null,
  );

export function nodesBefore({ nodes }: Graph, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  // Each node comes after its needs, so one pass backwards finds all nodes.
  for (const node of [...nodes].reverse())
    if (found.has(node.id)) node.needs.forEach((needId) => found.add(needId));
  return found;
}
