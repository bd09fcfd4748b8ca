// A disaster does not wait for the end of a drill: whoever brings VMs over or home has the drill
// give them back, and cleans up after it on the way.
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

/** Those of the jobs that hold VMs which would give them back to this command. */
export async function findYieldingJobs(
  jobIds: readonly string[],
  command: RequestingCommand,
): Promise<ReadonlySet<string>> {
  const jobs = RECOVERY_OPERATIONS.has(command.operation)
    ? await Promise.all([...new Set(jobIds)].map(readJob))
    : [];
  return new Set(jobs.flatMap((job) => (job && mayYield(job, command) ? [job.jobId] : [])));
}

/** Whether all of these jobs would give their VMs back: where one would not, nobody is asked in vain. */
export async function canAllYield(jobIds: readonly string[], command: RequestingCommand): Promise<boolean> {
  const ids = new Set(jobIds);
  return (await findYieldingJobs([...ids], command)).size === ids.size;
}

/** How soon it is looked again whether they are free. */
export const YIELD_POLL_SECONDS = 10;

/** Tells a drill to make way. Nothing is said to a drill that has just ended: its VMs will be free. */
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
  // Somebody said something at the same time: it is said again at the next look.
  await saveControl(holderId, control, change, await clock().now());
}
