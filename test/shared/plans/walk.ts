// Walks a graph as a run would, in any order and with any luck.
import fc from 'fast-check';
import { TIME_TO_LIVE, type Graph, type Node } from '../../../shared/plans/rules/graph.ts';
import type { NodeState } from '../../../shared/core/states/node.ts';
import { next, type Control, type Next } from '../../../shared/plans/rules/next.ts';

export interface Walked {
  readonly states: ReadonlyMap<string, NodeState>;
  /** Ids, in the order in which they ended. */
  readonly ended: readonly string[];
  readonly begun: readonly string[];
  readonly last: Next;
}

type End = 'succeeded' | 'failed' | 'timedOut';

/** `patient`: the time to live of a drill ends when nothing else is to be done. */
export type Patience = Control & { readonly patient?: boolean };

/**
 * `pick` chooses among n; `endOf` says how a node ends. Questions are answered as `answer` says;
 * none: the walk stands there.
 */
export function walk(
  graph: Graph,
  pick: (n: number) => number,
  endOf: (node: Node) => End,
  answer?: 'goOn' | 'stop',
  { patient, ...control }: Patience = {},
): Walked {
  const states = new Map<string, NodeState>();
  const answers = new Map<string, 'goOn' | 'stop'>();
  const [ended, begun]: [string[], string[]] = [[], []];
  for (let round = 0; round <= graph.nodes.length * 4; round += 1) {
    const now = next(graph, states, { ...control, answers });
    now.skip.forEach(({ id }) => states.set(id, 'skipped'));
    const running = graph.nodes.filter(({ id }) => states.get(id) === 'running');
    const all = [...now.start, ...running];
    const others = all.filter(({ id }) => id !== TIME_TO_LIVE || states.get(id) !== 'running');
    const choices = patient === true && others.length > 0 ? others : all;
    const chosen = choices[pick(choices.length)];
    if (chosen) {
      const state = states.get(chosen.id) === 'running' ? endOf(chosen) : 'running';
      (state === 'running' ? begun : ended).push(chosen.id);
      states.set(chosen.id, state);
    } else if (now.asking.length > 0 && answer) now.asking.forEach((id) => answers.set(id, answer));
    else if (now.skip.length === 0) return { states, ended, begun, last: now };
  }
  throw new Error('The walk does not end.');
}

export const luck = fc.infiniteStream(fc.nat({ max: 1000 })).map(
  (stream) =>
    (n: number): number =>
      n === 0 ? -1 : stream.next().value % n,
);
export const fates: fc.Arbitrary<(node: Node) => End> = fc
  .func(fc.constantFrom<End>('succeeded', 'succeeded', 'succeeded', 'failed', 'timedOut'))
  .map(
    (fate) =>
      ({ id }) =>
        fate(id),
  );
