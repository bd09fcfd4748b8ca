// A disaster does not wait for the end of a drill: whoever brings VMs over or home has the drill give them back, and cleans up after it on the way.
import { clock } from '../clock.ts';
import { isFinalJob, type Operation } from '../domain/words.ts';
import { readControl, saveControl } from '../store/control.ts';
import type { JobDocument } from '../store/documents.ts';
import { readJob } from '../store/jobs.ts';

const BRINGS: ReadonlySet<Operation> = new Set(['failover', 'failback']);
const YIELDS: ReadonlySet<Operation> = new Set(['testFailover', 'cleanUpTestFailover']);

type Asking = { readonly operation: Operation };
const mayYield = (holder: Pick<JobDocument, 'command'>, { operation }: Asking): boolean => BRINGS.has(operation) && YIELDS.has(holder.command.operation);

/** Those of the jobs that hold VMs which would give them back to this command. */
export async function yieldingAmong(jobIds: readonly string[], command: Asking): Promise<ReadonlySet<string>> {
  const jobs = BRINGS.has(command.operation) ? await Promise.all([...new Set(jobIds)].map(readJob)) : [];
  return new Set(jobs.flatMap((job) => (job && mayYield(job, command) ? [job.jobId] : [])));
}

/** How soon it is looked again whether they are free. */
export const UNTIL_YIELDED = 10;

/** True when the holder is a drill that has been told, or has just ended: the VMs will be free. */
export async function askToYield(holderId: string, { jobId, command, caller }: JobDocument): Promise<boolean> {
  const holder = await readJob(holderId);
  if (!holder || !mayYield(holder, command)) return false;
  if (isFinalJob(holder.state)) return true;
  const control = await readControl(holderId);
  if (control?.yieldTo === jobId) return true;
  const said = { wish: 'cancelled' as const, by: caller, reason: `The VMs are needed at once by job ${jobId} (${command.operation}), which cleans up after this drill.`, yieldTo: jobId };
  // Somebody said something at the same time: it is said again at the next look.
  await saveControl(holderId, control, said, await clock().now());
  return true;
}
