// Runs through a graph as a run would, in any order and with any outcomes.
import fc from 'fast-check';
import { TIME_TO_LIVE, type Graph, type Node } from '../../../shared/plans/rules/graph.ts';
import type { NodeState } from '../../../shared/core/states/node.ts';
import { nextNodes, type RunControl, type NextNodes } from '../../../shared/plans/rules/nextNodes.ts';

export interface GraphRun {
  readonly states: ReadonlyMap<string, NodeState>;
  /** Ids, in the order of their ends. */
  readonly ended: readonly string[];
  readonly begun: readonly string[];
  readonly lastNodes: NextNodes;
}

type NodeEnd = 'succeeded' | 'failed' | 'timedOut';

/** `isTimeToLiveLast`: the time to live of a drill ends after everything else. */
export type RunGraphOptions = RunControl & { readonly isTimeToLiveLast?: boolean };

/**
 * `pick` chooses among n, and `endOf` returns the end of a node. `answer` answers the questions.
 * Without an answer the run stops there.
 */
export function runGraph(
  graph: Graph,
  pick: (n: number) => number,
  endOf: (node: Node) => NodeEnd,
  answer?: 'goOn' | 'stop',
  { isTimeToLiveLast, ...control }: RunGraphOptions = {},
): GraphRun {
  const states = new Map<string, NodeState>();
  const answers = new Map<string, 'goOn' | 'stop'>();
  const [ended, begun]: [string[], string[]] = [[], []];
  for (let round = 0; round <= graph.nodes.length * 4; round += 1) {
    const now = nextNodes(graph, states, { ...control, answers });
    now.nodesToSkip.forEach(({ id }) => states.set(id, 'skipped'));
    const running = graph.nodes.filter(({ id }) => states.get(id) === 'running');
    const candidates = [...now.nodesToStart, ...running];
    const withoutTimeToLive = candidates.filter(
      ({ id }) => id !== TIME_TO_LIVE || states.get(id) !== 'running',
    );
    const choices =
      isTimeToLiveLast === true && withoutTimeToLive.length > 0 ? withoutTimeToLive : candidates;
    const chosen = choices[pick(choices.length)];
    if (chosen) {
      const state = states.get(chosen.id) === 'running' ? endOf(chosen) : 'running';
      (state === 'running' ? begun : ended).push(chosen.id);
      states.set(chosen.id, state);
    } else if (now.nodesToAskAbout.length > 0 && answer)
      now.nodesToAskAbout.forEach((id) => answers.set(id, answer));
    else if (now.nodesToSkip.length === 0) return { states, ended, begun, lastNodes: now };
  }
  throw new Error('The run does not end.');
}

export const anyPick = fc.infiniteStream(fc.nat({ max: 1000 })).map(
  (stream) =>
    (n: number): number =>
      n === 0 ? -1 : stream.next().value % n,
);
export const anyNodeEnds: fc.Arbitrary<(node: Node) => NodeEnd> = fc
  .func(fc.constantFrom<NodeEnd>('succeeded', 'succeeded', 'succeeded', 'failed', 'timedOut'))
  .map(
    (fate) =>
      ({ id }) =>
        fate(id),
  );
