// Saves the open questions of a run in its job, and sends new questions to persons.
// `advancePlan` calls this module after each change of the steps.

import type { ActionNode, Graph, Node } from '../plans/rules/graph.ts';
import { drillEndOf } from '../plans/rules/timeToLive.ts';
import { isFinalStepState } from '../core/states/step.ts';
import { askAboutJob } from '../delivery/askPeople.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { JobDocument, PendingQuestion } from '../journal/documents.ts';
import { saveJob } from '../journal/job.ts';
import type { StepSummary } from '../journal/steps.ts';
import type { SummaryByNode } from './nodeStates.ts';

/** A job document must stay small. Further questions appear after the first answers. */
const MAX_QUESTIONS = 50;

/** Saves and sends changed questions. After a conflicting write, the next call saves them. */
export async function savePendingQuestions(
  job: WithEtag<JobDocument>,
  graph: Graph,
  summaryByNode: SummaryByNode,
  nodesToAskAbout: readonly string[],
  now: Date,
): Promise<void> {
  const needs = pendingQuestionsOf(graph, summaryByNode, new Set(nodesToAskAbout)).slice(0, MAX_QUESTIONS);
  if (areSameQuestions(needs, job.needs)) {
    // A moved end of the drill is no reason to ask persons again.
    if (needs.some(({ until }, i) => until !== job.needs[i]?.until)) await saveJob(job, { needs }, [], now);
    return;
  }
  // Ask at once. The timer asks later if this call fails.
  if (await saveJob(job, { needs, asked: job.asked + 1 }, [], now))
    await askAboutJob(job.jobId).catch(() => undefined);
}

const questionKeyOf = ({ stepId, tries, kind }: PendingQuestion): string => `${stepId} ${tries} ${kind}`;
const areSameQuestions = (
  questions: readonly PendingQuestion[],
  others: readonly PendingQuestion[],
): boolean =>
  questions.length === others.length &&
  questions.every((need, i) => questionKeyOf(need) === (others[i] && questionKeyOf(others[i])));

function pendingQuestionsOf(
  { nodes }: Graph,
  summaryByNode: SummaryByNode,
  nodesToAskAbout: ReadonlySet<string>,
): readonly PendingQuestion[] {
  const drillEnd = findDrillEnd(nodes, summaryByNode);
  return nodes.flatMap((node) => {
    const summary = summaryByNode.get(node.id);
    const question =
      summary &&
      (nodesToAskAbout.has(node.id)
        ? failureQuestion(node, summary)
        : isFinalStepState(summary.state) || summary.startedAt === null
          ? undefined
          : openQuestion(node, summary));
    return question
      ? [
          {
            ...question,
            until:
              question.kind === 'hold' ? (drillEnd ?? question.until) : earlierOf(question.until, drillEnd),
          },
        ]
      : [];
  });
}

/** A drill ends even without answers from persons; null: nothing ends the drill now. */
function findDrillEnd(nodes: readonly Node[], summaryByNode: SummaryByNode): string | null {
  const holdNode = nodes.find((node) => node.kind === 'hold' && node.purpose === 'timeToLive');
  const summary = holdNode && summaryByNode.get(holdNode.id);
  if (holdNode?.kind !== 'hold' || !summary || summary.startedAt === null || isFinalStepState(summary.state))
    return null;
  return drillEndOf([...summaryByNode.values()], holdNode.minutes, summary.startedAt).toISOString();
}

const earlierOf = (first: string | null, second: string | null): string | null =>
  first === null || (second !== null && second < first) ? second : first;

const questionFields = (
  summary: StepSummary,
  since: string | null,
): Pick<PendingQuestion, 'stepId' | 'tries' | 'since'> => ({
  stepId: summary.id,
  tries: summary.tries,
  since: since ?? '',
});
const questionNameOf = (node: Node, summary: StepSummary): string =>
  node.kind === 'action' ? node.action.name : `${summary.phase} of ${summary.targetId}`;
const minutesAfter = (from: string | null, minutes: number | undefined): string | null =>
  from === null || minutes === undefined ? null : new Date(Date.parse(from) + minutes * 60_000).toISOString();

const failureQuestion = (node: Node, summary: StepSummary): PendingQuestion => ({
  ...questionFields(summary, summary.endedAt ?? summary.startedAt),
  kind: 'failure',
  name: questionNameOf(node, summary),
  until: null,
  message: summary.error?.message ?? 'The step takes longer than the plan allows. It still runs.',
  // Nobody can retry a step that still runs.
  answers: isFinalStepState(summary.state) ? ['tryAgain', 'goOn', 'stop'] : ['goOn', 'stop'],
});

function openQuestion(node: Node, summary: StepSummary): PendingQuestion | undefined {
  if (node.kind === 'hold') {
    const message =
      node.purpose === 'commitWindow'
        ? 'When the time is over, the plan continues with the next steps. "endNow" starts these ' +
          'steps at once; "skip" leaves them out.'
        : 'When the time is over, Lifeboat cleans up the test VMs, even if a step still waits. ' +
          '"endNow" cleans them up at once; "skip" keeps them.';
    return {
      ...questionFields(summary, summary.startedAt),
      kind: 'hold',
      name: node.purpose === 'commitWindow' ? 'Commit window' : 'Time to live',
      message,
      until: minutesAfter(summary.startedAt, node.minutes),
      answers: ['endNow', 'skip'],
    };
  }
  return node.kind === 'action' ? actionQuestion(node, summary) : undefined;
}

function actionQuestion({ action }: ActionNode, summary: StepSummary): PendingQuestion | undefined {
  const commonFields = {
    ...questionFields(summary, summary.startedAt),
    name: action.name,
    until: minutesAfter(summary.startedAt, action.timeoutMinutes),
  };
  if (action.kind === 'manual')
    return { ...commonFields, kind: 'manual', message: action.instructions, answers: ['done', 'notDone'] };
  if (action.kind === 'approval')
    return {
      ...commonFields,
      kind: 'approval',
      message:
        `${action.people === 2 ? 'Two other persons' : 'Another person'} than the requester of the ` +
        'run must approve it.',
      answers: ['approved', 'refused'],
    };
  return undefined;
}
