// The graph of a job that runs a plan. It is made anew each time from the plan's version and from
// the job's own steps: of 5,000 VMs it is too long to be kept.
import { isOnPlan } from '../commands/command.ts';
import type { Graph } from '../plans/rules/graph.ts';
import type { RunFacts } from '../plans/rules/nodes.ts';
import { graphOf } from '../plans/rules/order.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { withoutVms } from '../plans/rules/without.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { shapingSteps } from '../journal/steps.ts';
import { readPlanVersion } from '../plans/store.ts';

export type Shaping = Pick<StepDocument, 'phase' | 'targetId' | 'work'>;

export async function graphOfJob(job: JobDocument, steps: readonly Shaping[]): Promise<Graph> {
  return shapeOf(job, await planOfJob(job), factsIn(steps));
}

/** The graphs of the jobs that are walked now: that of a job never changes once it is laid out. */
const made = new Map<string, Promise<Graph>>();
const MOST_MADE = 4;

export async function graphFor(job: JobDocument): Promise<Graph> {
  const known = made.get(job.jobId);
  if (known) return known;
  if (!job.laidOut) throw new Error(`Job ${job.jobId} is not laid out.`);
  const graph = shapingSteps(job.jobId).then((steps) => graphOfJob(job, steps));
  made.set(job.jobId, graph);
  for (const oldest of [...made.keys()].slice(0, -MOST_MADE)) made.delete(oldest);
  graph.catch(() => made.delete(job.jobId));
  return graph;
}

/** The plan as the job runs it. */
export async function planOfJob({ jobId, plan, command }: JobDocument): Promise<Plan> {
  if (plan === null || !isOnPlan(command)) throw new Error(`Job ${jobId} runs no plan.`);
  const version = await readPlanVersion(plan.id, plan.version);
  if (!version)
    throw new Error(
      `Version ${plan.version} of plan ${plan.id}, which job ${jobId} runs, is gone from the store.`,
    );
  return withoutVms(version.plan, command.exclude);
}

export function shapeOf({ jobId, command }: JobDocument, plan: Plan, facts: RunFacts): Graph {
  if (!isOnPlan(command)) throw new Error(`Job ${jobId} runs no plan.`);
  const graph = graphOf(plan, command.operation, facts);
  if ('findings' in graph)
    throw new Error(
      `The plan of job ${jobId} has no order: ${graph.findings.map(({ message }) => message).join(' ')}`,
    );
  return graph;
}

/** What was true of the VMs when the job was laid out stands in its steps. */
function factsIn(steps: readonly Shaping[]): RunFacts {
  const groups = new Map(
    steps.flatMap(({ work, targetId }) =>
      work.kind === 'group' ? work.vms.map(({ id }) => [id, targetId] as const) : [],
    ),
  );
  const testing = new Set(
    steps.flatMap(({ phase, work, targetId }) =>
      phase !== 'cleanUpTestFailover'
        ? []
        : work.kind === 'group'
          ? work.vms.map(({ id }) => id)
          : [targetId],
    ),
  );
  return { multiVmGroupOf: (vm) => groups.get(vm) ?? null, testing };
}
