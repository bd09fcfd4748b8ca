// How the run of a plan ended: what counts is which VMs the plan is for, and what persons have
// wanted left out.
import type { JobEnd } from '../core/states/job.ts';
import { next } from '../plans/rules/next.ts';
import { failureOf, warningsOf, type Outcome } from '../core/outcome.ts';
import { clock } from '../core/clock.ts';
import { answersOf } from '../journal/answers.ts';
import { readControl } from '../journal/control.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { graphOfJob } from './graphOfJob.ts';
import { controlOf, marksByNode, statesOf } from './standing.ts';

export type EndOfRun = Omit<Outcome, 'state'> & { readonly state: JobEnd };

export async function outcomeOfRun(job: JobDocument, steps: readonly StepDocument[]): Promise<EndOfRun> {
  const [graph, control, answers, now] = await Promise.all([
    graphOfJob(job, steps),
    readControl(job.jobId),
    answersOf(job.jobId),
    clock().now(),
  ]);
  const byNode = marksByNode(steps);
  const { over, exceptions } = next(graph, statesOf(graph, byNode, now), controlOf(control, answers, byNode));
  if (over === null) throw new Error(`The run of job ${job.jobId} is not over.`);
  const meant = new Set(exceptions.flatMap((id) => byNode.get(id)?.id ?? []));
  // Of a step that a person wanted left out its warnings are told, and no more.
  const told = steps.flatMap((step) => {
    const end = { ...step, ofVm: true };
    return [...warningsOf(end), ...(step.node === null || meant.has(step.id) ? failureOf(end) : [])];
  });
  return {
    state: over === 'completed' && told.length > 0 ? 'completedWithExceptions' : over,
    exceptions: told,
  };
}
