// The faults and warnings of a step that cannot continue. Each message tells the event, the state
// after it, and the next action of the reader.
import { formatWarning, type Warning } from '../core/warning.ts';
import { MAX_LOST_ATTEMPTS } from './rules/attemptRules.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { ArmJob, ReplicatedItem } from '../siterecovery/item.ts';
import type { RecoveryPoint, RecoveryPointRequest } from '../siterecovery/recoveryPoint.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { StepDocument } from '../journal/documents.ts';
import { enablingFailedRefusal } from '../scenarios/enabling/enablingFailed.ts';

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
    `Lifeboat no longer knows ${step.targetName} (${step.targetId}): its vault no longer shows ` +
      `it as replicated. ${step.phase} was not started. ` +
      'If the VM is replicated, GET /api/v1/replications lists it within a minute; send a new ' +
      'command with the id from that list. Otherwise enable its replication first.',
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
      'is now its source, and Lifeboat knows none. Nothing was started. Send a reprotect with ' +
      'cacheStorageAccountId.',
  );

export const wrongCacheFault = (vm: ReplicatedVmDocument, { code, message }: Refusal): Fault =>
  rejectedFault(
    code,
    `${vm.name} cannot be reprotected: ${message} Nothing was started. Send a reprotect with ` +
      'another cacheStorageAccountId.',
  );

export const wrongPlaceFault = (vm: ReplicatedVmDocument, { code, message }: Refusal): Fault =>
  rejectedFault(
    code,
    `${vm.name} cannot be reprotected: ${message} Nothing was started. Send a reprotect with another place.`,
  );

export const networkInOtherSubscription = (step: StepDocument, name: string, networkId: string): Fault =>
  rejectedFault(
    'NetworkElsewhere',
    `${name} would come up on the network ${networkId}. This network and the resource group of ` +
      `the VM are in different subscriptions, and Azure refuses that. Nothing was started. ` +
      (step.phase === 'testFailover'
        ? 'Name a test network of that subscription.'
        : 'Send updateReplication with a networkId of that subscription, then send the command again.'),
  );

/** A warning about a finished reprotect. */
export const otherCacheWarning = (
  step: StepDocument,
  requested: string,
  actual: readonly string[],
): Warning => ({
  code: 'CacheNotAsAsked',
  message:
    `${step.targetName} is reprotected, but Site Recovery shows ` +
    `${actual.join(', ') || 'no account'} as its cache, not the requested ${requested}. ` +
    'To change the cache, wait for the next reprotect, or disable the replication and enable it again.',
});

/** A warning about a finished reprotect. */
export const otherPlaceWarning = (step: StepDocument, requested: string, actual: string): Warning => ({
  code: 'PlaceNotAsAsked',
  message:
    `${step.targetName} is reprotected, but Site Recovery shows ${actual}, not the requested ${requested}. ` +
    'Send updateReplication to change the place.',
});

export const blobsMissingFault = (vm: ReplicatedVmDocument, item: ReplicatedItem): Fault =>
  rejectedFault(
    'BlobsMissing',
    `To reprotect ${vm.name}, Site Recovery needs the blobs of its failed-over VM and the storage ` +
      'accounts of their source. Some are missing or not visible: ' +
      `${item.disks.map((disk) => disk.recoveryName).join(', ')}. Nothing ` +
      `was started. Check the disks of ${item.recoveryVmId ?? 'the failed-over VM'} and ` +
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
      'Name one of them, or another kind of point.',
  );
}

export const membersMissing = (step: StepDocument, names: readonly string[]): Fault =>
  rejectedFault(
    'ItemNotFound',
    `Site Recovery shows no replicated item for ${names.join(', ')} of ${step.targetName}. ` +
      'The members of a multi-VM group can only move together. Nothing was started.',
  );

export const membersRefused = (step: StepDocument, reasons: readonly string[]): Fault =>
  rejectedFault(
    'NotAllowedByAzure',
    `Site Recovery does not allow ${step.phase} of ${step.targetName} now: ` +
      `${reasons.join('; ')}. The members of a multi-VM group can only move together. Nothing was ` +
      'started. Members that somebody else moved do not count as done. Bring all members back, or bring ' +
      'all of them to the target of this step. Then try the step again, or continue without it.',
  );

/** `completed`: the members that have moved. Empty: the job moved no member. */
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
      ? 'No member has moved.'
      : `${completed.join(', ')} ${completed.length === 1 ? 'has' : 'have'} moved and ` +
        `${completed.length === 1 ? 'stays' : 'stay'} unchanged.`;
  return rejectedFault(
    'MembersLeftBehind',
    `${step.phase} of ${step.targetName} has ended without ` +
      `${remaining.join(', ')}${reasons === '' ? '' : ` (${reasons})`}. ${completedText} ` +
      `Another try moves ${remaining.join(', ')} alone: while the job asks, ` +
      `answer "tryAgain" (POST /api/v1/jobs/${step.jobId}/answers); once the job has ended, POST ` +
      `/api/v1/jobs/${step.jobId}/retry.`,
  );
}

export const remainingPlanMissing = (step: StepDocument, names: readonly string[]): Fault =>
  rejectedFault(
    'PlanOfRestMissing',
    `${names.join(', ')} of ${step.targetName} have not moved yet and can only move together. ` +
      'The recovery plan of Site Recovery for them does not exist. Nothing was started. Try ' +
      'the step again: that creates the plan.',
  );

export const testOfOtherPlan = (step: StepDocument): Fault =>
  rejectedFault(
    'TestOfOthers',
    `The test of ${step.targetName} started through another plan of Site Recovery, not through ` +
      'Lifeboat. Nothing was started. Clean up the test there, or send a separate clean-up for ' +
      'each VM.',
  );

export const recoveryPointOfOneVm = (step: StepDocument): Fault =>
  rejectedFault(
    'RecoveryPointOfOneVm',
    `The id of a recovery point belongs to one VM, but ${step.targetName} is a group. Nothing ` +
      'was started. Name a kind of point, such as latestMultiVmConsistent.',
  );

export const nothingToUpdate = (step: StepDocument): Fault =>
  rejectedFault('NothingToUpdate', `The command changes nothing of ${step.targetName}. Nothing was started.`);

export const noLongerReplicated = (step: StepDocument): Fault =>
  rejectedFault(
    'EnabledNoMore',
    `${step.targetName} was replicated at the start of this job, but is no longer replicated. Nothing was ` +
      'started. Send the command again.',
  );

export function enablingFailedBefore(item: ReplicatedItem): Fault {
  const { code, message } = enablingFailedRefusal(item.armId);
  return rejectedFault(code, message);
}

export const prerequisiteDiffers = (prerequisite: Prerequisite, difference: string): Fault =>
  rejectedFault(
    'PrerequisiteDiffers',
    `${prerequisite.spec.kind} ${prerequisite.name} exists, but differs from the required ` +
      `one: ${difference}. ` +
      'It was not changed. Choose another name, or use the existing one as it is.',
  );

export const prerequisiteFailed = (prerequisite: Prerequisite): Fault =>
  rejectedFault(
    'PrerequisiteFailed',
    `Azure could not create the ${prerequisite.spec.kind} ${prerequisite.name} and shows it as failed ` +
      `(${prerequisite.id}). Check it in the portal, remove it, then send the command again.`,
  );

export const prerequisiteMissing = (prerequisite: Prerequisite): Fault =>
  rejectedFault(
    'PrerequisiteMissing',
    `Azure accepted the request to create the ${prerequisite.spec.kind} ${prerequisite.name}, but it still ` +
      `does not exist (${prerequisite.id}). Check the activity log of its resource group, then send the ` +
      'command again.',
  );

export const stillReplicating = (step: StepDocument, seconds: number): Fault => ({
  kind: ErrorKind.needsHuman,
  code: 'StillReplicating',
  message:
    `${step.targetName} is not yet protected after ${Math.round(seconds / 360) / 10} hours, ` +
    'the limit of this command. Its replication continues in Azure; check it there, or send ' +
    'the command again to wait longer.',
});

export const tooManyAttempts = (step: StepDocument): Fault => ({
  kind: ErrorKind.needsHuman,
  code: 'TooManyAttempts',
  message:
    `${MAX_LOST_ATTEMPTS} attempts at ${step.phase} of ${step.targetName} were lost: no answer came, ` +
    'and none of them has started anything. ' +
    'Check the log and the connection to Azure. Then try again: while the job ' +
    'asks, answer "tryAgain"; ' +
    `once the job has ended, POST /api/v1/jobs/${step.jobId}/retry.`,
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
      ? ' If the job left an item in the vault, GET /api/v1/replications lists it as ' +
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
