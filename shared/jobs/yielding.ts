// A disaster does not wait for the end of a drill. A failover or failback asks the drill to release
// its VMs, and cleans up the test on the way. beginJob.ts and the accept modules call this module.
import { clock } from '../core/clock.ts';
import type { Operation } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { readControl, saveControl } from '../journal/control.ts';
import type { JobDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';

const RECOVERY_OPERATIONS: ReadonlySet<Operation> = new Set(['failover', 'failback']);
const DRILL_OPERATIONS: ReadonlySet<Operation> = new Set(['testFailover', 'cleanUpTestFailover']);

type RequestingCommand = { readonly operation: Operation };
const mayYield = (holder: Pick<JobDocument, 'command'>, { operation }: RequestingCommand): boolean =>
  RECOVERY_OPERATIONS.has(operation) && DRILL_OPERATIONS.has(holder.command.operation);

/** The jobs that lock VMs and would release them for this command. */
export async function findYieldingJobs(
  jobIds: readonly string[],
  command: RequestingCommand,
): Promise<ReadonlySet<string>> {
  const jobs = RECOVERY_OPERATIONS.has(command.operation)
    ? await Promise.all([...new Set(jobIds)].map(readJob))
    : [];
  return new Set(jobs.flatMap((job) => (job && mayYield(job, command) ? [job.jobId] : [])));
}

/**
 * Tells whether all these jobs would release their VMs. If one job would not, no job gets a request
 * in vain.
 */
export async function canAllYield(jobIds: readonly string[], command: RequestingCommand): Promise<boolean> {
  const ids = new Set(jobIds);
  return (await findYieldingJobs([...ids], command)).size === ids.size;
}

/** How soon the job checks again whether the VMs are free. */
export const YIELD_POLL_SECONDS = 10;

/**
 * Asks a drill to release its VMs. A drill that has just ended gets no request: its VMs become free
 * anyway.
 */
export async function askToYield(holderId: string, { jobId, command, caller }: JobDocument): Promise<void> {
  const [holder, control] = await Promise.all([readJob(holderId), readControl(holderId)]);
  if (!holder || isFinalJobState(holder.state) || control?.yieldTo === jobId) return;
  const change = {
    wish: 'cancelled' as const,
    by: caller,
    reason:
      `The VMs are needed at once by job ${jobId} (${command.operation}), which cleans up ` +
      'after this drill.',
    yieldTo: jobId,
  };
  // If another request came at the same time, the next try repeats this one.
  await saveControl(holderId, control, change, await clock().now());
}
