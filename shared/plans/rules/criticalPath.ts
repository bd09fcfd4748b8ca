// The longest way through a run: it alone decides how long the whole takes.
import type { BudgetLimit } from '../../core/tokenBucket.ts';
import { durationOfNode, type Duration, type LearnedDurations } from './durations.ts';
import { ALL_UP, type Graph, type Node } from './graph.ts';

export interface Estimate {
  /** Until all groups are up. */
  readonly seconds: number;
  /** When each node begins and ends, from the begin of the run. */
  readonly times: ReadonlyMap<string, { readonly begins: number; readonly ends: number }>;
  /** Ids, in order; gates, which take no time, are left out. */
  readonly path: readonly string[];
  /** Ids of what stands on the way and of which nobody knows how long it takes: it is counted as nothing. */
  readonly unknownNodes: readonly string[];
}

export interface EstimateOptions {
  /** As it usually does, or on a slow day. */
  readonly percentile?: 'median' | 'p90';
  /** Of ARM writes: with thousands of VMs it, and not Site Recovery, says when each begins. */
  readonly writeBudget?: BudgetLimit | undefined;
}

/** How long a run takes. */
export function estimateRun(
  graph: Graph,
  learned: LearnedDurations,
  { percentile = 'median', writeBudget }: EstimateOptions = {},
): Estimate {
  const durations = new Map(graph.nodes.map((node) => [node.id, durationOfNode(node, learned)]));
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

/** The same rule for what is expected and for what was measured: who ends last holds up who waits for it. */
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
 * As they would begin if nothing but each other held them up; that is an order in which each comes
 * after what it needs.
 */
const sortByStart = ({ nodes }: Graph, { times }: Pick<Estimate, 'times'>): readonly Node[] => {
  const begins = ({ id }: Node): number => times.get(id)?.begins ?? 0;
  return [...nodes].sort((a, b) => begins(a) - begins(b));
};

/** Who writes waits until the budget has a write to give, one after the other. */
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
  // Each comes after what it needs, so one look backwards finds all.
  for (const node of [...nodes].reverse())
    if (found.has(node.id)) node.needs.forEach((needId) => found.add(needId));
  return found;
}
