// Where the steps of a run stand, in the words of its graph.
import type { Graph, Node } from '../plans/rules/graph.ts';
import { isAtTurn } from '../core/states/step.ts';
import { nodeStateOf, type NodeState } from '../core/states/node.ts';
import type { Control } from '../plans/rules/next.ts';
import { answerToFailure } from '../journal/answers.ts';
import type { AnswerDocument, ControlDocument } from '../journal/documents.ts';
import type { Mark } from '../journal/steps.ts';

type ByNode = ReadonlyMap<string, Mark>;

/** A multi-VM group's step stands for its members. */
export function marksByNode(marks: readonly Mark[]): ByNode {
  const own = marks.filter((mark): mark is Mark & { node: string } => mark.node !== null);
  return new Map(
    [...own].sort((a, b) => Number(isGroup(a)) - Number(isGroup(b))).map((mark) => [mark.node, mark]),
  );
}
const isGroup = ({ targetId }: Mark): boolean => targetId.startsWith('group-');

export function statesOf({ nodes }: Graph, byNode: ByNode, now: Date): ReadonlyMap<string, NodeState> {
  return new Map(
    nodes.flatMap((node) => {
      const mark = byNode.get(node.id);
      const state = mark && stateOf(mark, node, now);
      return state ? [[node.id, state] as const] : [];
    }),
  );
}

function stateOf({ state, error, ...mark }: Mark, node: Node, now: Date): NodeState | undefined {
  const limit = limitOf(mark, node);
  return nodeStateOf(state, error?.code, limit !== null && limit <= now.getTime());
}

/** An action ends when its time is over, and says so itself. */
const limitOf = ({ startedAt }: Pick<Mark, 'startedAt'>, node: Node): number | null =>
  node.kind !== 'vms' || node.rule.timeoutMinutes === undefined || startedAt === null
    ? null
    : Date.parse(startedAt) + node.rule.timeoutMinutes * 60_000;

/** Until the next of the steps that run is too late. */
export function secondsToLimit({ nodes }: Graph, byNode: ByNode, now: Date): number | null {
  const limits = nodes.flatMap((node) => {
    const mark = byNode.get(node.id);
    const limit = mark && isAtTurn(mark.state) ? limitOf(mark, node) : null;
    return limit !== null && limit > now.getTime() ? [Math.ceil((limit - now.getTime()) / 1000)] : [];
  });
  return limits.length === 0 ? null : limits.reduce((a, b) => Math.min(a, b));
}

/** Of a run of a plan that has failed a person may want each step tried anew. */
export const isTriedAgain = (mark: Mark, answers: readonly AnswerDocument[]): boolean =>
  mark.state === 'failed' && mark.node !== null && answerToFailure(answers, mark)?.answer === 'tryAgain';

export function controlOf(
  control: ControlDocument | undefined,
  answers: readonly AnswerDocument[],
  byNode: ByNode,
): Control {
  const said = [...byNode].flatMap(([id, mark]) => {
    const answer = answers.length === 0 ? undefined : answerToFailure(answers, mark)?.answer;
    return answer === 'goOn' || answer === 'stop' ? [[id, answer] as const] : [];
  });
  return {
    paused: control?.wish === 'paused',
    cancelled: control?.wish === 'cancelled',
    yielding: control?.wish === 'cancelled' && control.yieldTo !== null,
    answers: new Map(said),
  };
}
