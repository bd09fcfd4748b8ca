// Where the steps of a run stand, in the words of its graph.
import type { Graph, Node } from '../plans/rules/graph.ts';
import { isDueOrBegun } from '../core/states/step.ts';
import { nodeStateOf, type NodeState } from '../core/states/node.ts';
import type { RunControl } from '../plans/rules/nextNodes.ts';
import { findAnswerToFailure } from '../journal/answers.ts';
import type { AnswerDocument, ControlDocument } from '../journal/documents.ts';
import type { StepSummary } from '../journal/steps.ts';

type SummaryByNode = ReadonlyMap<string, StepSummary>;

/** A multi-VM group's step stands for its members. */
export function summariesByNode(stepSummaries: readonly StepSummary[]): SummaryByNode {
  const nodeSummaries = stepSummaries.filter(
    (mark): mark is StepSummary & { node: string } => mark.node !== null,
  );
  return new Map(
    [...nodeSummaries]
      .sort((a, b) => Number(isGroup(a)) - Number(isGroup(b)))
      .map((mark) => [mark.node, mark]),
  );
}
const isGroup = ({ targetId }: StepSummary): boolean => targetId.startsWith('group-');

export function nodeStatesOf(
  { nodes }: Graph,
  summaryByNode: SummaryByNode,
  now: Date,
): ReadonlyMap<string, NodeState> {
  return new Map(
    nodes.flatMap((node) => {
      const summary = summaryByNode.get(node.id);
      const state = summary && nodeStateOfStep(summary, node, now);
      return state ? [[node.id, state] as const] : [];
    }),
  );
}

function nodeStateOfStep(
  { state, error, ...summary }: StepSummary,
  node: Node,
  now: Date,
): NodeState | undefined {
  const limit = timeoutAtMs(summary, node);
  return nodeStateOf(state, error?.code, limit !== null && limit <= now.getTime());
}

/** An action ends when its time is over, and says so itself. */
const timeoutAtMs = ({ startedAt }: Pick<StepSummary, 'startedAt'>, node: Node): number | null =>
  node.kind !== 'vms' || node.rule.timeoutMinutes === undefined || startedAt === null
    ? null
    : Date.parse(startedAt) + node.rule.timeoutMinutes * 60_000;

/** Until the next of the steps that run is too late. */
export function secondsToTimeout({ nodes }: Graph, summaryByNode: SummaryByNode, now: Date): number | null {
  const secondsLeft = nodes.flatMap((node) => {
    const summary = summaryByNode.get(node.id);
    const limit = summary && isDueOrBegun(summary.state) ? timeoutAtMs(summary, node) : null;
    return limit !== null && limit > now.getTime() ? [Math.ceil((limit - now.getTime()) / 1000)] : [];
  });
  return secondsLeft.length === 0 ? null : secondsLeft.reduce((a, b) => Math.min(a, b));
}

/** Of a run of a plan that has failed a person may want each step tried anew. */
export const isRetryRequested = (summary: StepSummary, answers: readonly AnswerDocument[]): boolean =>
  summary.state === 'failed' &&
  summary.node !== null &&
  findAnswerToFailure(answers, summary)?.answer === 'tryAgain';

export function runControlOf(
  control: ControlDocument | undefined,
  answers: readonly AnswerDocument[],
  summaryByNode: SummaryByNode,
): RunControl {
  const answersByNode = [...summaryByNode].flatMap(([id, mark]) => {
    const answer = answers.length === 0 ? undefined : findAnswerToFailure(answers, mark)?.answer;
    return answer === 'goOn' || answer === 'stop' ? [[id, answer] as const] : [];
  });
  return {
    isPaused: control?.wish === 'paused',
    isCancelled: control?.wish === 'cancelled',
    isYielding: control?.wish === 'cancelled' && control.yieldTo !== null,
    answers: new Map(answersByNode),
  };
}
