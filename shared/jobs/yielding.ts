// A disaster does not wait for the end of a drill. A failover or failback asks the drill to release
// the VMs that it needs, and cleans up their tests on the way. The drill cleans up its other VMs.
// beginJob.ts and the accept modules call this module; runs/handedOver.ts is the drill's side.
import { clock } from '../core/clock.ts';
import type { Operation } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { hasBegun } from '../core/states/step.ts';
import { readControl, saveControl } from '../journal/control.ts';
import type { JobDocument } from '../journal/documents.ts';
import { readJob } from '../journal/job.ts';
import { listSteps } from '../journal/steps.ts';
import { vmIdsOfStep } from '../journal/stepVms.ts';
import { releaseLocksOn } from '../replications/registry.ts';
import type { NamedLockTarget } from '../runs/lockTargets.ts';

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
 * Asks a job to release VMs, and releases the VMs on which that job does nothing. A drill ends with
 * the clean-up of its other VMs; a clean-up goes on with them. A job that has just ended gets no
 * request: its VMs become free anyway. `freed`: at least one VM is free now.
 */
export async function askToYield(
  holderId: string,
  wanted: readonly NamedLockTarget[],
  { jobId, command, caller }: JobDocument,
): Promise<'freed' | 'asked'> {
  const [holder, control] = await Promise.all([readJob(holderId), readControl(holderId)]);
  if (!holder || isFinalJobState(holder.state)) return 'asked';
  const yields = control?.yields ?? [];
  // The first job to ask keeps the VM. If that job ends without the VM, the drill takes the VM back.
  const missing = wanted.filter(({ targetId }) => !yields.some(({ vmId }) => vmId === targetId));
  if (missing.length === 0) return (await releaseIdle(holderId, wanted)) ? 'freed' : 'asked';
  const change = {
    wish: holder.command.operation === 'testFailover' ? ('cancelled' as const) : (control?.wish ?? 'running'),
    by: caller,
    reason:
      `Job ${jobId} (${command.operation}) needs ${missing.map(({ name }) => name).join(', ')} at once, ` +
      'and cleans up there after this job.',
    yields: [...yields, ...missing.map(({ targetId }) => ({ vmId: targetId, jobId }))],
  };
  const saved = await saveControl(holderId, control, change, await clock().now());
  // If another request came at the same time, the next try repeats this one.
  return saved && (await releaseIdle(holderId, wanted)) ? 'freed' : 'asked';
}

/**
 * Releases the VMs on which the job has no running step. The job begins no step there any more: each
 * write checks the control document again after its claim. While an action runs, its test VMs stay.
 */
async function releaseIdle(holderId: string, wanted: readonly NamedLockTarget[]): Promise<boolean> {
  const runningSteps = (await listSteps(holderId)).filter(({ state }) => hasBegun(state));
  if (runningSteps.some(({ work }) => work.kind === 'action')) return false;
  const busy = new Set(runningSteps.flatMap(vmIdsOfStep));
  const idle = wanted.map(({ targetId }) => targetId).filter((id) => !busy.has(id));
  return (await releaseLocksOn(holderId, idle)) > 0;
}
