// What a run waits for persons to say, as it stands in the job and is told to the world.
import type { ActionNode, Graph, Node } from '../plans/rules/graph.ts';
import { endOfDrill } from '../plans/rules/timeToLive.ts';
import { isFinalStep } from '../core/states/step.ts';
import { askAboutJob } from '../delivery/askPersons.ts';
import type { Stored } from '../store/cosmos.ts';
import type { JobDocument, Need } from '../journal/documents.ts';
import { saveJob } from '../journal/job.ts';
import type { Mark } from '../journal/steps.ts';

/** A job's document must stay small; once some are answered, the others come. */
const MOST_NEEDS = 50;

type ByNode = ReadonlyMap<string, Mark>;

/** Should somebody else change the job at this moment, the next look tells it. */
export async function tellNeeds(
  job: Stored<JobDocument>,
  graph: Graph,
  byNode: ByNode,
  asking: readonly string[],
  now: Date,
): Promise<void> {
  const needs = needsOf(graph, byNode, new Set(asking)).slice(0, MOST_NEEDS);
  if (sameNeeds(needs, job.needs)) {
    // Nobody is asked anew because the end of the drill has moved.
    if (needs.some(({ until }, i) => until !== job.needs[i]?.until)) await saveJob(job, { needs }, [], now);
    return;
  }
  // Persons are asked at once; what goes wrong there, the timer finds.
  if (await saveJob(job, { needs, asked: job.asked + 1 }, [], now))
    await askAboutJob(job.jobId).catch(() => undefined);
}

const keyOf = ({ stepId, tries, kind }: Need): string => `${stepId} ${tries} ${kind}`;
const sameNeeds = (some: readonly Need[], others: readonly Need[]): boolean =>
  some.length === others.length && some.every((need, i) => keyOf(need) === (others[i] && keyOf(others[i])));

function needsOf({ nodes }: Graph, byNode: ByNode, asking: ReadonlySet<string>): readonly Need[] {
  const end = endOfRun(nodes, byNode);
  return nodes.flatMap((node) => {
    const mark = byNode.get(node.id);
    const need =
      mark &&
      (asking.has(node.id)
        ? failureOf(node, mark)
        : isFinalStep(mark.state) || mark.startedAt === null
          ? undefined
          : openOf(node, mark));
    return need
      ? [{ ...need, until: need.kind === 'hold' ? (end ?? need.until) : earlier(need.until, end) }]
      : [];
  });
}

/** A drill ends though persons have not answered; null: nothing ends it now. */
function endOfRun(nodes: readonly Node[], byNode: ByNode): string | null {
  const hold = nodes.find((node) => node.kind === 'hold' && node.why === 'timeToLive');
  const mark = hold && byNode.get(hold.id);
  if (hold?.kind !== 'hold' || !mark || mark.startedAt === null || isFinalStep(mark.state)) return null;
  return endOfDrill([...byNode.values()], hold.minutes, mark.startedAt).toISOString();
}

const earlier = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && other < one) ? other : one;

const base = (mark: Mark, since: string | null): Pick<Need, 'stepId' | 'tries' | 'since'> => ({
  stepId: mark.id,
  tries: mark.tries,
  since: since ?? '',
});
const nameOf = (node: Node, mark: Mark): string =>
  node.kind === 'action' ? node.action.name : `${mark.phase} of ${mark.targetId}`;
const later = (from: string | null, minutes: number | undefined): string | null =>
  from === null || minutes === undefined ? null : new Date(Date.parse(from) + minutes * 60_000).toISOString();

const failureOf = (node: Node, mark: Mark): Need => ({
  ...base(mark, mark.endedAt ?? mark.startedAt),
  kind: 'failure',
  name: nameOf(node, mark),
  until: null,
  message: mark.error?.message ?? 'It takes longer than the plan allows, and is followed on.',
  // What still runs cannot be begun a second time.
  answers: isFinalStep(mark.state) ? ['tryAgain', 'goOn', 'stop'] : ['goOn', 'stop'],
});

function openOf(node: Node, mark: Mark): Need | undefined {
  if (node.kind === 'hold') {
    const message =
      node.why === 'commitWindow'
        ? 'When the time is over, the plan goes on by itself. "endNow" does at once what then ' +
          'follows; "skip" keeps it from being done.'
        : 'The test VMs are cleaned up when the time is over, whatever waits then. "endNow" does ' +
          'it at once; "skip" leaves them as they are.';
    return {
      ...base(mark, mark.startedAt),
      kind: 'hold',
      name: node.why === 'commitWindow' ? 'Commit window' : 'Time to live',
      message,
      until: later(mark.startedAt, node.minutes),
      answers: ['endNow', 'skip'],
    };
  }
  return node.kind === 'action' ? askedBy(node, mark) : undefined;
}

function askedBy({ action }: ActionNode, mark: Mark): Need | undefined {
  const asked = {
    ...base(mark, mark.startedAt),
    name: action.name,
    until: later(mark.startedAt, action.timeoutMinutes),
  };
  if (action.kind === 'manual')
    return { ...asked, kind: 'manual', message: action.instructions, answers: ['done', 'notDone'] };
  if (action.kind === 'approval')
    return {
      ...asked,
      kind: 'approval',
      message:
        `${action.people === 2 ? 'Two persons' : 'A person'} other than who asked for the run ` +
        'must approve it.',
      answers: ['approved', 'refused'],
    };
  return undefined;
}
