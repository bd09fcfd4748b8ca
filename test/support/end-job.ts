// Ends a job as its orchestration would, for tests that play no orchestration.
import { clock } from '../../shared/core/clock.ts';
import { readJob, transitionJob } from '../../shared/journal/job.ts';

/** The summary of the job stays as it was. */
export async function endJob(jobId: string): Promise<void> {
  const now = await clock().now();
  for (const [cause, state] of [
    ['begin', 'running'],
    ['close', 'failed'],
  ] as const) {
    const job = await readJob(jobId);
    if (!job || !(await transitionJob(job, cause, { state }, [], now)))
      throw new Error(`The job ${jobId} does not move to ${state}.`);
  }
}
