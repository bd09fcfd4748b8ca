// What a job took and lost, from its steps alone: while it runs so far, and when it has ended for good.
import { UP, type Graph, type VmNode } from '../plans/rules/graph.ts';
import { measure, type KeptMeasures, type Measures, type NodeTimes } from '../plans/rules/measures.ts';
import type { Targets } from '../plans/rules/plan.ts';
import { isOperation, type Operation } from '../core/words.ts';
import { isFinalStep, isGoodStep } from '../core/states/step.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { graphOfJob, planOfJob } from './graphOfJob.ts';

/** What brings VMs up somewhere: of the others there is no recovery to be measured. */
const MEASURED: ReadonlySet<Operation> = new Set(['failover', 'failback', 'testFailover']);

export interface JobMeasures extends Measures {
  readonly targets: Targets;
}

/** Null: the operation brings nothing up. */
export async function vmMeasuresOf(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<JobMeasures | null> {
  if (!MEASURED.has(job.command.operation)) return null;
  const { graph, targets } = await runOf(job, steps);
  const measures = measure(
    graph,
    targets,
    job.acceptedAt,
    timesOf(steps),
    steps.every(({ state }) => isFinalStep(state)),
  );
  // Without a plan there are no groups of its.
  return { ...measures, groups: job.plan === null ? [] : measures.groups, targets };
}

const MOST_ON_PATH = 1000;

/** The same as it is kept with the job. */
export async function measuresOf(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<KeptMeasures | null> {
  const measures = await vmMeasuresOf(job, steps);
  return (
    measures && {
      plan: measures.plan,
      groups: measures.groups,
      criticalPath: measures.criticalPath.slice(-MOST_ON_PATH),
      targets: measures.targets,
    }
  );
}

async function runOf(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<{ readonly graph: Graph; readonly targets: Targets }> {
  // One that was refused before its steps stood has no run.
  if (job.plan === null || !job.laidOut) return { graph: graphOfSteps(job, steps), targets: {} };
  const [graph, { targets }] = await Promise.all([graphOfJob(job, steps), planOfJob(job)]);
  return { graph, targets };
}

const isMain = ({ phase }: StepDocument): boolean => phase === 'failover' || phase === 'testFailover';
const nodeOf = (step: StepDocument): string => step.node ?? step.id;
const vmsOf = ({ work, targetId }: StepDocument): readonly string[] =>
  work.kind === 'group' ? work.vms.map(({ id }) => id) : [targetId];

/** VMs that a command named: each goes for itself, after what its own earlier steps did. */
function graphOfSteps({ command }: JobDocument, steps: readonly StepDocument[]): Graph {
  const common = { group: null, buildsOn: [], always: false, rule: { critical: true } };
  const main = steps.filter(isMain);
  const upTo = Math.max(-1, ...main.map(({ order }) => order));
  const counted = [...steps]
    .filter(({ order, phase }) => isOperation(phase) && order <= upTo)
    .sort((a, b) => a.order - b.order);
  const nodes = counted.map((step): VmNode => ({
    ...common,
    kind: 'vms',
    id: nodeOf(step),
    phase: step.phase as VmNode['phase'],
    vms: vmsOf(step),
    main: isMain(step),
    needs: counted
      .filter((other) => other.order < step.order && other.targetId === step.targetId)
      .map(nodeOf),
  }));
  return {
    operation: command.operation as Graph['operation'],
    nodes: [...nodes, { ...common, kind: 'gate', id: UP, needs: main.map(nodeOf) }],
  };
}

export const timesOf = (steps: readonly StepDocument[]): ReadonlyMap<string, NodeTimes> =>
  new Map(
    steps.flatMap((step) => {
      // What was so already was never begun.
      const beganAt = step.startedAt ?? (isGoodStep(step.state) ? step.endedAt : null);
      return beganAt === null
        ? []
        : [
            [
              nodeOf(step),
              {
                beganAt,
                endedAt: step.endedAt,
                ...armTimesOf(step),
                good: isGoodStep(step.state),
                points: pointsOf(step),
              },
            ] as const,
          ];
    }),
  );

/** Of a group that was torn, who went first was begun with first. */
function armTimesOf({
  arrived,
  armStartedAt,
  work,
}: StepDocument): Pick<NodeTimes, 'armBeganAt' | 'armBeganWith'> {
  if (!arrived || work.kind !== 'group') return { armBeganAt: armStartedAt };
  const earlier = new Map(arrived.map((one) => [one.vm, one.armStartedAt]));
  const began = work.vms.flatMap(({ id }): [string, string][] => {
    const at = earlier.get(id) ?? armStartedAt;
    return at === null ? [] : [[id, at]];
  });
  return {
    armBeganAt: began.map(([, at]) => at).sort()[0] ?? armStartedAt,
    armBeganWith: Object.fromEntries(began),
  };
}

export function pointsOf({ recoveryPoint, work, targetId }: StepDocument): Readonly<Record<string, string>> {
  if (!recoveryPoint) return {};
  if (work.kind !== 'group') return { [targetId]: recoveryPoint.time };
  return Object.fromEntries(
    work.vms.flatMap(({ id, name }) => {
      const time = recoveryPoint.members?.[name];
      return time === undefined ? [] : [[id, time]];
    }),
  );
}
