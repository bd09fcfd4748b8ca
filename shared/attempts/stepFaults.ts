// What is said of a step that cannot go on: what happened, what was done about it, what to do next.
import { formatWarning, type Warning } from '../core/warning.ts';
import { MAX_LOST_ATTEMPTS } from './rules/attemptRules.ts';
import { enablingFailedRefusal } from '../enabling/rules/vm/support.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { ArmJob, ReplicatedItem } from '../siterecovery/item.ts';
import type { RecoveryPoint, RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { StepDocument } from '../journal/documents.ts';

const rejectedFault = (code: string, message: string): Fault => ({ kind: ErrorKind.rejected, code, message });

export const itemNotFound = (vm: ReplicatedVmDocument): Fault =>
  rejectedFault(
    'ItemNotFound',
    `Site Recovery has no replicated item for ${vm.name} under ${vm.armId}, nor under ` +
      'another id. Nothing was started. If its replication was disabled, enable it again.',
  );

export const unknownVm = (step: StepDocument): Fault =>
  rejectedFault(
    'VmUnknown',
    `Lifeboat knows ${step.targetName} (${step.targetId}) no more: its vault no longer shows ` +
      `it as replicated. ${step.phase} was not started. ` +
      'If it is replicated, GET /api/v1/replications lists it within a minute; send a new ' +
      'command with the id that stands there. Otherwise enable its replication first.',
  );

export const notAllowedByAzure = (step: StepDocument, allowed: readonly string[]): Fault =>
  rejectedFault(
    'NotAllowedByAzure',
    `Site Recovery does not allow ${step.phase} of ${step.targetName} now; it allows ` +
      `${allowed.join(', ')}. Nothing was started.`,
  );

export const cacheMissing = (vm: ReplicatedVmDocument): Fault =>
  rejectedFault(
    'CacheStorageAccountMissing',
    `To reprotect ${vm.name}, Site Recovery needs a cache storage account in the region that ` +
      'is now its source, and none is known. Nothing was started. Send a reprotect with ' +
      'cacheStorageAccountId.',
  );

export const wrongCacheFault = (vm: ReplicatedVmDocument, { code, message }: Refusal): Fault =>
  rejectedFault(
    code,
    `${vm.name} cannot be reprotected: ${message} Nothing was started. Send a reprotect with ` +
      'another cacheStorageAccountId.',
  );

export const networkInOtherSubscription = (step: StepDocument, name: string, networkId: string): Fault =>
  rejectedFault(
    'NetworkElsewhere',
    `${name} would come up on the network ${networkId}, which is of another subscription ` +
      `than the VM's resource group, and Azure refuses that. Nothing was started. ` +
      (step.phase === 'testFailover'
        ? 'Name a test network of that subscription.'
        : 'Send updateReplication with a networkId of that subscription, then send the command again.'),
  );

/** Told of a reprotect that has taken effect. */
export const otherCacheWarning = (
  step: StepDocument,
  requested: string,
  actual: readonly string[],
): Warning => ({
  code: 'CacheNotAsAsked',
  message:
    `${step.targetName} is reprotected, and Site Recovery shows ` +
    `${actual.join(', ') || 'no account'} as its cache and not ${requested}, which was asked for. ` +
    'A cache is changed only by the next reprotect, or by disabling replication and enabling it again.',
});

export const blobsMissingFault = (vm: ReplicatedVmDocument, item: ReplicatedItem): Fault =>
  rejectedFault(
    'BlobsMissing',
    `To reprotect ${vm.name}, the blobs of its failed-over VM and the storage accounts that ` +
      'they came from must be there; of ' +
      `${item.disks.map((disk) => disk.recoveryName).join(', ')} not all can be seen. Nothing ` +
      `was started. Look at the disks of ${item.recoveryVmId ?? 'the failed-over VM'} and at ` +
      'the storage accounts of the source.',
  );

export function recoveryPointMissing(
  step: StepDocument,
  requested: RecoveryPointRequest,
  points: readonly RecoveryPoint[],
): Fault {
  const newest = [...points]
    .sort((a, b) => (a.time < b.time ? 1 : -1))
    .slice(0, 5)
    .map(
      ({ name, time, appConsistent }) => `${name} (${time}, ${appConsistent ? 'app' : 'crash'}-consistent)`,
    );
  return rejectedFault(
    'RecoveryPointMissing',
    `${step.targetName} has no recovery point such as ` +
      `${typeof requested === 'string' ? requested : requested.id}. Nothing was started. It has ` +
      `${points.length}${newest.length > 0 ? `, the newest of them ${newest.join(', ')}` : ''}. ` +
      'Name one of them, or another kind.',
  );
}

export const membersMissing = (step: StepDocument, names: readonly string[]): Fault =>
  rejectedFault(
    'ItemNotFound',
    `Site Recovery shows no replicated item for ${names.join(', ')} of ${step.targetName}. ` +
      'The members of a multi-VM group go only together. Nothing was started.',
  );

export const membersRefused = (step: StepDocument, reasons: readonly string[]): Fault =>
  rejectedFault(
    'NotAllowedByAzure',
    `Site Recovery does not allow ${step.phase} of ${step.targetName} now: ` +
      `${reasons.join('; ')}. The members of a multi-VM group go only together. Nothing was ` +
      'started. What others have moved is not taken for done: bring all of them to where they ' +
      'were or to where this leads, then have the step tried again, or go on without it.',
  );

/** `there`: those who have gone; none: the job brought nobody there. */
export function membersLeftBehind(
  step: StepDocument,
  remaining: readonly string[],
  completed: readonly string[],
): Fault {
  const reasons = [...step.warnings.map(formatWarning), ...(step.error ? [step.error.message] : [])].join(
    '; ',
  );
  const completedText =
    completed.length === 0
      ? 'Nobody has gone.'
      : `${completed.join(', ')} ${completed.length === 1 ? 'has' : 'have'} gone, and ` +
        `${completed.length === 1 ? 'is' : 'are'} left as ` +
        `${completed.length === 1 ? 'it is' : 'they are'}.`;
  return rejectedFault(
    'MembersLeftBehind',
    `${step.phase} of ${step.targetName} has ended without ` +
      `${remaining.join(', ')}${reasons === '' ? '' : ` (${reasons})`}. ${completedText} ` +
      `Have it tried again, and it is done for ${remaining.join(', ')} alone: while the job asks, ` +
      `answer "tryAgain" (POST /api/v1/jobs/${step.jobId}/answers); once it has ended, POST ` +
      `/api/v1/jobs/${step.jobId}/retry.`,
  );
}

export const remainingPlanMissing = (step: StepDocument, names: readonly string[]): Fault =>
  rejectedFault(
    'PlanOfRestMissing',
    `${names.join(', ')} of ${step.targetName} are left, go only together, and the recovery ` +
      'plan of Site Recovery through which they would is not there. Nothing was started. Have ' +
      'the step tried again: it is made then.',
  );

export const testOfOtherPlan = (step: StepDocument): Fault =>
  rejectedFault(
    'TestOfOthers',
    `The test of ${step.targetName} was not begun by Lifeboat, but through another plan of ` +
      'Site Recovery. Nothing was started. Clean it up there, or send a clean-up for each of ' +
      'the VMs alone.',
  );

export const recoveryPointOfOneVm = (step: StepDocument): Fault =>
  rejectedFault(
    'RecoveryPointOfOneVm',
    `A recovery point by its id is one VM's, and ${step.targetName} goes together. Nothing ` +
      'was started. Name a kind of point, such as latestMultiVmConsistent.',
  );

export const nothingToUpdate = (step: StepDocument): Fault =>
  rejectedFault(
    'NothingToUpdate',
    `There is nothing that could be changed of ${step.targetName}. Nothing was started.`,
  );

export const noLongerReplicated = (step: StepDocument): Fault =>
  rejectedFault(
    'EnabledNoMore',
    `${step.targetName} was replicated when this job began, and is not any more. Nothing was ` +
      'started. Send the command again.',
  );

export function enablingFailedBefore(item: ReplicatedItem): Fault {
  const { code, message } = enablingFailedRefusal(item.armId);
  return rejectedFault(code, message);
}

export const prerequisiteDiffers = (prerequisite: Prerequisite, difference: string): Fault =>
  rejectedFault(
    'PartDiffers',
    `${prerequisite.spec.kind} ${prerequisite.name} is there, and is not what is needed: ${difference}. It was not ` +
      'changed. Choose another name, or use it as it is.',
  );

export const prerequisiteFailed = (prerequisite: Prerequisite): Fault =>
  rejectedFault(
    'PartFailed',
    `Azure could not make the ${prerequisite.spec.kind} ${prerequisite.name}; it stands there as failed ` +
      `(${prerequisite.id}). Look at it in the portal, remove it, then send the command again.`,
  );

export const prerequisiteMissing = (prerequisite: Prerequisite): Fault =>
  rejectedFault(
    'PartMissing',
    `Azure took the write that makes the ${prerequisite.spec.kind} ${prerequisite.name}, and it is still not ` +
      `there (${prerequisite.id}). Look at the activity log of its resource group, then send the ` +
      'command again.',
  );

export const stillReplicating = (step: StepDocument, seconds: number): Fault => ({
  kind: ErrorKind.needsHuman,
  code: 'StillReplicating',
  message:
    `${step.targetName} is not yet protected after ${Math.round(seconds / 360) / 10} hours, ` +
    'the limit of this command. Its replication goes on in Azure; look at it there, or send ' +
    'the command again to wait on.',
});

export const tooManyAttempts = (step: StepDocument): Fault => ({
  kind: ErrorKind.needsHuman,
  code: 'TooManyAttempts',
  message:
    `${MAX_LOST_ATTEMPTS} attempts at ${step.phase} of ${step.targetName} were lost: no answer came, ` +
    'and none of them has started anything. ' +
    'See the log, and whether Azure can be reached. Then have it tried again: while the job ' +
    'asks, answer "tryAgain"; ' +
    `once it has ended, POST /api/v1/jobs/${step.jobId}/retry.`,
});

export const refusedByAzure = (answer: {
  readonly status: number | null;
  readonly code: string;
  readonly message: string;
}): Fault =>
  rejectedFault(
    answer.code,
    `Azure refused the write (${answer.status ?? 'no status'} ${answer.code}): ` +
      `${answer.message} Nothing was started.`,
  );

export function jobFailed(step: StepDocument, job: ArmJob): Fault {
  const [first] = job.errors;
  const reason = first ? `${first.code}: ${first.message}` : 'it gave no reason.';
  const leftoverHint =
    step.phase === 'enableReplication'
      ? ' If it left an item in the vault, GET /api/v1/replications lists that as ' +
        '"enablingFailed": disable it by its id, then enable the VM again.'
      : '';
  return {
    kind: ErrorKind.rejected,
    code: first?.code ?? (job.state === 'cancelled' ? 'JobCancelled' : 'JobFailed'),
    message:
      `Site Recovery's job ${job.id} for ${step.phase} of ${step.targetName} ended ` +
      `${job.state}: ${reason}${leftoverHint}`,
  };
}
