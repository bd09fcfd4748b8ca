// Decides the final state of a plan's run, from its graph, its steps and the answers of persons.

import type { FinalJobState } from '../core/states/job.ts';
import { nextNodes } from '../plans/rules/nextNodes.ts';
import { failureExceptionsOf, warningExceptionsOf, type JobOutcome } from '../core/jobOutcome.ts';
import { clock } from '../core/clock.ts';
import { listAnswers } from '../journal/answers.ts';
import { readControl } from '../journal/control.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { buildJobGraph } from './jobGraph.ts';
import { runControlOf, summariesByNode, nodeStatesOf } from './nodeStates.ts';

export type PlanRunOutcome = Omit<JobOutcome, 'state'> & { readonly state: FinalJobState };

/** Returns the final state and the exceptions of an ended run. Throws for a run that still goes on. */
export async function readRunOutcome(
  job: JobDocument,
  steps: readonly StepDocument[],
): Promise<PlanRunOutcome> {
  const [graph, control, answers, now] = await Promise.all([
    buildJobGraph(job, steps),
    readControl(job.jobId),
    listAnswers(job.jobId),
    clock().now(),
  ]);
  const summaryByNode = summariesByNode(steps);
  const { jobEnd, exceptions } = nextNodes(
    graph,
    nodeStatesOf(graph, summaryByNode, now),
    runControlOf(control, answers, summaryByNode),
  );
  if (jobEnd === null) throw new Error(`The run of job ${job.jobId} is not over.`);
  const stepIdsToReport = new Set(exceptions.flatMap((id) => summaryByNode.get(id)?.id ?? []));
  // For a step that a person skipped, the job reports only the warnings.
  const reported = steps.flatMap((step) => {
    const end = { ...step, ofVm: true };
    return [
      ...warningExceptionsOf(end),
      ...(step.node === null || stepIdsToReport.has(step.id) ? failureExceptionsOf(end) : []),
    ];
  });
  return {
    state: jobEnd === 'completed' && reported.length > 0 ? 'completedWithExceptions' : jobEnd,
    exceptions: reported,
  };
}
