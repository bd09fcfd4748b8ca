// What is said of a step that cannot go on: what happened, what was done about it, what to do next.
import { MOST_ATTEMPTS } from '../domain/attempt.ts';
import type { ArmJob } from '../domain/item.ts';
import { ErrorKind, type Fault } from '../errors.ts';
import type { ReplicatedVmDocument, StepDocument } from '../store/documents.ts';

const rejected = (code: string, message: string): Fault => ({ kind: ErrorKind.rejected, code, message });

export const notFound = (vm: ReplicatedVmDocument): Fault => rejected('ItemNotFound',
  `Site Recovery has no replicated item for ${vm.name} under ${vm.armId}, nor under another id. Nothing was started. If its replication was disabled, enable it again.`);

export const rejectedBy = (step: StepDocument, allowed: readonly string[]): Fault => rejected('NotAllowedByAzure',
  `Site Recovery does not allow ${step.phase} of ${step.vmName} now; it allows ${allowed.join(', ')}. Nothing was started.`);

export const noCache = (vm: ReplicatedVmDocument): Fault => rejected('CacheStorageAccountMissing',
  `To reprotect ${vm.name}, Site Recovery needs a cache storage account in the region that is now its source, and none is known. Nothing was started. Send a reprotect with cacheStorageAccountId.`);

export const tooManyAttempts = (step: StepDocument): Fault => ({
  kind: ErrorKind.needsHuman, code: 'TooManyAttempts',
  message: `${MOST_ATTEMPTS} attempts at ${step.phase} of ${step.vmName} were refused or lost. None of them runs. See the log for Azure's answers, then send the command anew.`,
});

export const refusedByAzure = (answer: { readonly status: number | null; readonly code: string; readonly message: string }): Fault => rejected(answer.code,
  `Azure refused the write (${answer.status ?? 'no status'} ${answer.code}): ${answer.message} Nothing was started.`);

export function jobFailed(step: StepDocument, job: ArmJob): Fault {
  const [first] = job.errors;
  const why = first ? `${first.code}: ${first.message}` : 'it gave no reason.';
  return {
    kind: ErrorKind.rejected, code: first?.code ?? (job.state === 'cancelled' ? 'JobCancelled' : 'JobFailed'),
    message: `Site Recovery's job ${job.id} for ${step.phase} of ${step.vmName} ended ${job.state}: ${why}`,
  };
}
