// Measures recovery time and data loss of a job, from its steps alone.
// The measures of a running job are preliminary. Lifeboat stores them at the end of the job.

import { ALL_UP, type Graph, type VmNode } from '../plans/rules/graph.ts';
import {
  measureRun,
  type StoredMeasures,
  type RunMeasures,
  type NodeTimes,
} from '../plans/rules/measures.ts';
import type { PlanTargets } from '../plans/rules/plan.ts';
import { isPhaseOperation, type Operation } from '../core/operations.ts';
import { isFinalStepState, isSuccessfulStepState } from '../core/states/step.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { buildJobGraph, readPlanOfJob } from './jobGraph.ts';

/** The operations that start VMs in another region. Other operations have no recovery to measure. */
const MEASURED_OPERATIONS: ReadonlySet<Operation> = new Set(['failover', 'failback', 'testFailover']);

/** The measures of a run, with the targets of its plan. */
export interface JobMeasures extends RunMeasures {
  readonly targets: PlanTargets;
}

/** Measures a job; null: the operation starts no VMs. */
export async function measureJob(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<JobMeasures | null> {
  if (!MEASURED_OPERATIONS.has(job.command.operation)) return null;
  const { graph, targets } = await readRun(job, steps);
  const measures = measureRun(
    graph,
    targets,
    job.acceptedAt,
    nodeTimesOf(steps),
    steps.every(({ state }) => isFinalStepState(state)),
  );
  // A job without a plan has no groups.
  return { ...measures, groups: job.plan === null ? [] : measures.groups, targets };
}

const MAX_PATH_NODES = 1000;

/** Measures a job in the form that the job document stores. */
export async function measureJobToStore(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<StoredMeasures | null> {
  const measures = await measureJob(job, steps);
  return (
    measures && {
      plan: measures.plan,
      groups: measures.groups,
      criticalPath: measures.criticalPath.slice(-MAX_PATH_NODES),
      targets: measures.targets,
    }
  );
}

async function readRun(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<{ readonly graph: Graph; readonly targets: PlanTargets }> {
  // A job refused before Lifeboat saved its steps has no run.
  if (job.plan === null || !job.laidOut) return { graph: graphOfSteps(job, steps), targets: {} };
  const [graph, { targets }] = await Promise.all([buildJobGraph(job, steps), readPlanOfJob(job)]);
  return { graph, targets };
}

const isMain = ({ phase }: StepDocument): boolean => phase === 'failover' || phase === 'testFailover';
const nodeIdOfStep = (step: StepDocument): string => step.node ?? step.id;
const vmIdsOf = ({ work, targetId }: StepDocument): readonly string[] =>
  work.kind === 'multiVmGroup' ? work.vms.map(({ id }) => id) : [targetId];

/** The graph of a command that names VMs. Each VM waits only for its own earlier steps. */
function graphOfSteps({ command }: JobDocument, steps: readonly StepDocument[]): Graph {
  const common = { group: null, buildsOn: [], always: false, rule: { critical: true } };
  const main = steps.filter(isMain);
  const lastOrder = Math.max(-1, ...main.map(({ order }) => order));
  const countedSteps = [...steps]
    .filter(({ order, phase }) => isPhaseOperation(phase) && order <= lastOrder)
    .sort((a, b) => a.order - b.order);
  const nodes = countedSteps.map((step): VmNode => ({
    ...common,
    kind: 'vms',
    id: nodeIdOfStep(step),
    phase: step.phase as VmNode['phase'],
    vms: vmIdsOf(step),
    main: isMain(step),
    needs: countedSteps
      .filter((other) => other.order < step.order && other.targetId === step.targetId)
      .map(nodeIdOfStep),
  }));
  return {
    operation: command.operation as Graph['operation'],
    nodes: [...nodes, { ...common, kind: 'gate', id: ALL_UP, needs: main.map(nodeIdOfStep) }],
  };
}

export const nodeTimesOf = (steps: readonly StepDocument[]): ReadonlyMap<string, NodeTimes> =>
  new Map(
    steps.flatMap((step) => {
      // A step that found its target already in the wanted state never began.
      const beganAt = step.startedAt ?? (isSuccessfulStepState(step.state) ? step.endedAt : null);
      return beganAt === null
        ? []
        : [
            [
              nodeIdOfStep(step),
              {
                beganAt,
                endedAt: step.endedAt,
                ...armTimesOf(step),
                isGood: isSuccessfulStepState(step.state),
                points: pointTimesOf(step),
              },
            ] as const,
          ];
    }),
  );

/** In a partially completed group, the members that arrived earlier have earlier start times. */
function armTimesOf({
  arrived,
  armStartedAt,
  work,
}: StepDocument): Pick<NodeTimes, 'armBeganAt' | 'armBeganByVm'> {
  if (!arrived || work.kind !== 'multiVmGroup') return { armBeganAt: armStartedAt };
  const startByVm = new Map(arrived.map((arrival) => [arrival.vm, arrival.armStartedAt]));
  const began = work.vms.flatMap(({ id }): [string, string][] => {
    const at = startByVm.get(id) ?? armStartedAt;
    return at === null ? [] : [[id, at]];
  });
  return {
    armBeganAt: began.map(([, at]) => at).sort()[0] ?? armStartedAt,
    armBeganByVm: Object.fromEntries(began),
  };
}

export function pointTimesOf({
  recoveryPoint,
  work,
  targetId,
}: StepDocument): Readonly<Record<string, string>> {
  if (!recoveryPoint) return {};
  if (work.kind !== 'multiVmGroup') return { [targetId]: recoveryPoint.time };
  return Object.fromEntries(
    work.vms.flatMap(({ id, name }) => {
      const time = recoveryPoint.members?.[name];
      return time === undefined ? [] : [[id, time]];
    }),
  );
}
