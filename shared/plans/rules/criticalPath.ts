// The longest way through a run: it alone decides how long the whole takes.
import type { BudgetRule } from '../../core/tokenBucket.ts';
import { durationOf, type Duration, type Learned } from './durations.ts';
import { UP, type Graph, type Node } from './graph.ts';

export interface Estimate {
  /** Until all groups are up. */
  readonly seconds: number;
  /** When each node begins and ends, from the begin of the run. */
  readonly times: ReadonlyMap<string, { readonly begins: number; readonly ends: number }>;
  /** Ids, in order; gates, which take no time, are left out. */
  readonly path: readonly string[];
  /** Ids of what stands on the way and of which nobody knows how long it takes: it is counted as nothing. */
  readonly unknown: readonly string[];
}

export interface Manner {
  /** As it usually does, or on a slow day. */
  readonly as?: 'median' | 'p90';
  /** Of ARM writes: with thousands of VMs it, and not Site Recovery, says when each begins. */
  readonly writes?: BudgetRule | undefined;
}

/** How long a run takes. */
export function estimate(graph: Graph, learned: Learned, { as = 'median', writes }: Manner = {}): Estimate {
  const durations = new Map(graph.nodes.map((node) => [node.id, durationOf(node, learned)]));
  const secondsOf = ({ id }: Node): number => (durations.get(id) as Duration | null)?.[as] ?? 0;
  const free = longest(graph, secondsOf);
  const measured = writes
    ? longest({ ...graph, nodes: inTime(graph, free) }, secondsOf, inTurn(writes))
    : free;
  const up = ancestorsOf(graph, UP);
  return {
    ...measured,
    unknown: graph.nodes.filter(({ id }) => up.has(id) && durations.get(id) === null).map(({ id }) => id),
  };
}

/** The same rule for what is expected and for what was measured: who ends last holds up who waits for it. */
export function longest(
  { nodes }: Graph,
  secondsOf: (node: Node) => number,
  turnOf: (node: Node, ready: number) => number = (_node, ready) => ready,
): Omit<Estimate, 'unknown'> {
  const times = new Map<string, { begins: number; ends: number }>();
  const heldBy = new Map<string, string | null>();
  for (const node of nodes) {
    const last = lastOf(node, times);
    const begins = turnOf(node, last === null ? 0 : (times.get(last)?.ends ?? 0));
    times.set(node.id, { begins, ends: begins + secondsOf(node) });
    heldBy.set(node.id, last);
  }
  const gates = new Set(nodes.filter(({ kind }) => kind === 'gate').map(({ id }) => id));
  const path: string[] = [];
  for (let id: string | null = UP; id !== null; id = heldBy.get(id) ?? null)
    if (!gates.has(id)) path.unshift(id);
  return { seconds: times.get(UP)?.ends ?? 0, times, path };
}

/**
 * As they would begin if nothing but each other held them up; that is an order in which each comes
 * after what it needs.
 */
const inTime = ({ nodes }: Graph, { times }: Pick<Estimate, 'times'>): readonly Node[] => {
  const begins = ({ id }: Node): number => times.get(id)?.begins ?? 0;
  return [...nodes].sort((a, b) => begins(a) - begins(b));
};

/** Who writes waits until the budget has a write to give, one after the other. */
function inTurn(rule: BudgetRule): (node: Node, ready: number) => number {
  let [tokens, at] = [rule.burst, 0];
  return ({ kind }, ready) => {
    if (kind !== 'vms') return ready;
    const now = Math.max(ready, at);
    tokens = Math.min(rule.burst, tokens + (now - at) * rule.perSecond);
    at = now + Math.max(0, 1 - tokens) / rule.perSecond;
    tokens = Math.max(0, tokens - 1);
    return at;
  };
}

const lastOf = ({ needs }: Node, times: ReadonlyMap<string, { readonly ends: number }>): string | null =>
  needs.reduce<string | null>(
    (last, id) => (last === null || (times.get(id)?.ends ?? 0) > (times.get(last)?.ends ?? 0) ? id : last),
    null,
  );

export function ancestorsOf({ nodes }: Graph, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  // Each comes after what it needs, so one look backwards finds all.
  for (const node of [...nodes].reverse())
    if (found.has(node.id)) node.needs.forEach((one) => found.add(one));
  return found;
}
