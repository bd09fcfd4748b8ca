// The longest way through a run: it alone decides how long the whole takes.
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

/** How long a run takes: as it usually does, or on a slow day. */
export function estimate(graph: Graph, learned: Learned, as: 'median' | 'p90' = 'median'): Estimate {
  const durations = new Map(graph.nodes.map((node) => [node.id, durationOf(node, learned)]));
  const measured = longest(graph, ({ id }) => (durations.get(id) as Duration | null)?.[as] ?? 0);
  const up = ancestorsOf(graph, UP);
  return { ...measured, unknown: graph.nodes.filter(({ id }) => up.has(id) && durations.get(id) === null).map(({ id }) => id) };
}

/** The same rule for what is expected and for what was measured: who ends last holds up who waits for it. */
export function longest({ nodes }: Graph, secondsOf: (node: Node) => number): Omit<Estimate, 'unknown'> {
  const times = new Map<string, { begins: number; ends: number }>();
  const heldBy = new Map<string, string | null>();
  for (const node of nodes) {
    const last = lastOf(node, times);
    const begins = last === null ? 0 : times.get(last)?.ends ?? 0;
    times.set(node.id, { begins, ends: begins + secondsOf(node) });
    heldBy.set(node.id, last);
  }
  const gates = new Set(nodes.filter(({ kind }) => kind === 'gate').map(({ id }) => id));
  const path: string[] = [];
  for (let id: string | null = UP; id !== null; id = heldBy.get(id) ?? null) if (!gates.has(id)) path.unshift(id);
  return { seconds: times.get(UP)?.ends ?? 0, times, path };
}

const lastOf = ({ needs }: Node, times: ReadonlyMap<string, { readonly ends: number }>): string | null =>
  needs.reduce<string | null>((last, id) => (last === null || (times.get(id)?.ends ?? 0) > (times.get(last)?.ends ?? 0) ? id : last), null);

export function ancestorsOf({ nodes }: Graph, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  // Each comes after what it needs, so one look backwards finds all.
  for (const node of [...nodes].reverse()) if (found.has(node.id)) node.needs.forEach((one) => found.add(one));
  return found;
}
