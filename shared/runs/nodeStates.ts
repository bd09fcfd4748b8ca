// Translates the stored steps, the control document and the answers of a run into graph states.

import type { Graph, Node } from '../plans/rules/graph.ts';
import { isDueOrBegun } from '../core/states/step.ts';
import { nodeStateOf, type NodeState } from '../core/states/node.ts';
import type { RunControl } from '../plans/rules/nextNodes.ts';
import { findAnswerToFailure } from '../journal/answers.ts';
import type { AnswerDocument, ControlDocument } from '../journal/documents.ts';
import type { StepSummary } from '../journal/steps.ts';

/** The step of each node that has one. */
export type SummaryByNode = ReadonlyMap<string, StepSummary>;

/** Finds the step of each node. The step of a multi-VM group wins over the steps of its members. */
export function summariesByNode(stepSummaries: readonly StepSummary[]): SummaryByNode {
  const nodeSummaries = stepSummaries.filter(
    (summary): summary is StepSummary & { node: string } => summary.node !== null,
  );
  return new Map(
    [...nodeSummaries]
      .sort((a, b) => Number(isGroup(a)) - Number(isGroup(b)))
      .map((summary) => [summary.node, summary]),
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

/** Only VM nodes have a limit here: an action ends itself at its timeout. */
const timeoutAtMs = ({ startedAt }: Pick<StepSummary, 'startedAt'>, node: Node): number | null =>
  node.kind !== 'vms' || node.rule.timeoutMinutes === undefined || startedAt === null
    ? null
    : Date.parse(startedAt) + node.rule.timeoutMinutes * 60_000;

/** Seconds until the next running step reaches its timeout. */
export function secondsToTimeout({ nodes }: Graph, summaryByNode: SummaryByNode, now: Date): number | null {
  const secondsLeft = nodes.flatMap((node) => {
    const summary = summaryByNode.get(node.id);
    const limit = summary && isDueOrBegun(summary.state) ? timeoutAtMs(summary, node) : null;
    return limit !== null && limit > now.getTime() ? [Math.ceil((limit - now.getTime()) / 1000)] : [];
  });
  return secondsLeft.length === 0 ? null : secondsLeft.reduce((a, b) => Math.min(a, b));
}

/** A person may request a retry for each failed step of a plan's run. */
export const isRetryRequested = (summary: StepSummary, answers: readonly AnswerDocument[]): boolean =>
  summary.state === 'failed' &&
  summary.node !== null &&
  findAnswerToFailure(answers, summary)?.answer === 'tryAgain';

export function runControlOf(
  control: ControlDocument | undefined,
  answers: readonly AnswerDocument[],
  summaryByNode: SummaryByNode,
): RunControl {
  const answersByNode = [...summaryByNode].flatMap(([id, summary]) => {
    const answer = answers.length === 0 ? undefined : findAnswerToFailure(answers, summary)?.answer;
    return answer === 'goOn' || answer === 'stop' ? [[id, answer] as const] : [];
  });
  return {
    isPaused: control?.wish === 'paused',
    isCancelled: control?.wish === 'cancelled',
    handedOverVms: new Set(control?.yields.map(({ vmId }) => vmId)),
    answers: new Map(answersByNode),
  };
}
