// Builds the graph of a job that runs a plan, from the plan's version and the job's steps.
// Lifeboat does not store the graph: for 5,000 VMs the graph is too large for the store.

import { isPlanCommand } from '../commands/command.ts';
import type { Graph } from '../plans/rules/graph.ts';
import type { RunFacts } from '../plans/rules/nodes.ts';
import { buildGraph } from '../plans/rules/buildGraph.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { withoutVms } from '../plans/rules/withoutVms.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { readGraphShapeSteps } from '../journal/steps.ts';
import { readPlanVersion } from '../plans/store.ts';

export type GraphStep = Pick<StepDocument, 'phase' | 'targetId' | 'work'>;

/** Builds the graph from the given steps, without the cache. */
export async function buildJobGraph(job: JobDocument, steps: readonly GraphStep[]): Promise<Graph> {
  return buildRunGraph(job, await readPlanOfJob(job), runFactsOfSteps(steps));
}

/** The graphs of the running jobs. A graph never changes after the job has saved its step plan. */
const graphCache = new Map<string, Promise<Graph>>();
const MAX_CACHED_GRAPHS = 4;

/** Returns the graph of a job with a saved step plan. Throws for a job without one. */
export async function readJobGraph(job: JobDocument): Promise<Graph> {
  const cached = graphCache.get(job.jobId);
  if (cached) return cached;
  if (!job.laidOut) throw new Error(`Job ${job.jobId} has no saved step plan.`);
  const graph = readGraphShapeSteps(job.jobId).then((steps) => buildJobGraph(job, steps));
  graphCache.set(job.jobId, graph);
  for (const oldest of [...graphCache.keys()].slice(0, -MAX_CACHED_GRAPHS)) graphCache.delete(oldest);
  graph.catch(() => graphCache.delete(job.jobId));
  return graph;
}

/** Reads the plan version of the job, without the VMs that the command excludes. */
export async function readPlanOfJob({ jobId, plan, command }: JobDocument): Promise<Plan> {
  if (plan === null || !isPlanCommand(command)) throw new Error(`Job ${jobId} runs no plan.`);
  const version = await readPlanVersion(plan.id, plan.version);
  if (!version)
    throw new Error(
      `Version ${plan.version} of plan ${plan.id}, which job ${jobId} runs, is gone from the store.`,
    );
  return withoutVms(version.plan, command.exclude);
}

/** Builds the graph of a job from a plan and from facts about its VMs. */
export function buildRunGraph({ jobId, command }: JobDocument, plan: Plan, facts: RunFacts): Graph {
  if (!isPlanCommand(command)) throw new Error(`Job ${jobId} runs no plan.`);
  const graph = buildGraph(plan, command.operation, facts);
  if ('findings' in graph)
    throw new Error(
      `The plan of job ${jobId} has no order: ${graph.findings.map(({ message }) => message).join(' ')}`,
    );
  return graph;
}

/** The steps keep the facts about the VMs from the time of planning. */
function runFactsOfSteps(steps: readonly GraphStep[]): RunFacts {
  const groups = new Map(
    steps.flatMap(({ work, targetId }) =>
      work.kind === 'multiVmGroup' ? work.vms.map(({ id }) => [id, targetId] as const) : [],
    ),
  );
  const vmsInTest = new Set(
    steps.flatMap(({ phase, work, targetId }) =>
      phase !== 'cleanUpTestFailover'
        ? []
        : work.kind === 'multiVmGroup'
          ? work.vms.map(({ id }) => id)
          : [targetId],
    ),
  );
  return { multiVmGroupOf: (vm) => groups.get(vm) ?? null, vmsInTest };
}
