// Starts the orchestration of a job. No other file starts one.
import * as durable from 'durable-functions';
import type { RunJobInput } from '../orchestrators/runJob.ts';
import { startDelivery } from '../shared/delivery/relay.ts';
import type { Orchestrations } from '../shared/jobs/sweep.ts';
import type { JobDocument } from '../shared/journal/documents.ts';
import { orchestrationId, stateOfOrchestration, type OrchestrationContext } from './orchestrations.ts';

/**
 * Starts the orchestration. Throws if no orchestration of this job and epoch is alive afterwards.
 */
export async function startOrchestration(
  context: OrchestrationContext,
  jobId: string,
  epoch: number,
): Promise<void> {
  const input: RunJobInput = { jobId, epoch };
  try {
    await durable.getClient(context).startNew('runJob', { instanceId: orchestrationId(jobId, epoch), input });
  } catch (error) {
    // Another trigger, or the sweep, was first: one orchestration is enough.
    if ((await stateOfOrchestration(context, jobId, epoch)) !== 'alive') throw error;
  }
}

/** Never throws: the job is in the store, and the sweep starts it if this start fails. */
export async function startOrLeaveToSweep(context: OrchestrationContext, job: JobDocument): Promise<void> {
  await startOrchestration(context, job.jobId, job.epoch).catch((error: unknown) =>
    context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`),
  );
}

/** For a job as `acceptCommand` returned it: the same command again may return a job that runs or has ended. */
export async function startAccepted(context: OrchestrationContext, job: JobDocument): Promise<void> {
  if (job.state === 'accepted') await startOrLeaveToSweep(context, job);
  startDelivery(job.jobId);
}

/** The durable client, for the sweep and for the readiness check. */
export const orchestrationsWith = (context: OrchestrationContext): Orchestrations => ({
  start: (jobId, epoch) => startOrchestration(context, jobId, epoch),
  state: (jobId, epoch) => stateOfOrchestration(context, jobId, epoch),
});
