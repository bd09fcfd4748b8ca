// What is said of a step that cannot go on: what happened, what was done about it, what to do next.
import { textOfWarning, type Warning } from '../core/warning.ts';
import { MOST_LOST } from './rules/attempt.ts';
import { failedBefore } from '../enabling/rules/vm/support.ts';
import type { Refusal } from '../core/refusal.ts';
import type { Part } from '../azure/prerequisite.ts';
import type { ArmJob, Item } from '../siterecovery/item.ts';
import type { RecoveryPoint, RecoveryPointWish } from '../siterecovery/recoveryPoint.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { StepDocument } from '../journal/documents.ts';

const rejected = (code: string, message: string): Fault => ({ kind: ErrorKind.rejected, code, message });

export const notFound = (vm: ReplicatedVmDocument): Fault =>
  rejected(
    'ItemNotFound',
    `Site Recovery has no replicated item for ${vm.name} under ${vm.armId}, nor under ` +
      'another id. Nothing was started. If its replication was disabled, enable it again.',
  );

export const unknownVm = (step: StepDocument): Fault =>
  rejected(
    'VmUnknown',
    `Lifeboat knows ${step.targetName} (${step.targetId}) no more: its vault no longer shows ` +
      `it as replicated. ${step.phase} was not started. ` +
      'If it is replicated, GET /api/v1/replications lists it within a minute; send a new ' +
      'command with the id that stands there. Otherwise enable its replication first.',
  );

export const rejectedBy = (step: StepDocument, allowed: readonly string[]): Fault =>
  rejected(
    'NotAllowedByAzure',
    `Site Recovery does not allow ${step.phase} of ${step.targetName} now; it allows ` +
      `${allowed.join(', ')}. Nothing was started.`,
  );

export const noCache = (vm: ReplicatedVmDocument): Fault =>
  rejected(
    'CacheStorageAccountMissing',
    `To reprotect ${vm.name}, Site Recovery needs a cache storage account in the region that ` +
      'is now its source, and none is known. Nothing was started. Send a reprotect with ' +
      'cacheStorageAccountId.',
  );

export const wrongCacheOf = (vm: ReplicatedVmDocument, { code, message }: Refusal): Fault =>
  rejected(
    code,
    `${vm.name} cannot be reprotected: ${message} Nothing was started. Send a reprotect with ` +
      'another cacheStorageAccountId.',
  );

export const networkElsewhere = (step: StepDocument, name: string, networkId: string): Fault =>
  rejected(
    'NetworkElsewhere',
    `${name} would come up on the network ${networkId}, which is of another subscription ` +
      `than the VM's resource group, and Azure refuses that. Nothing was started. ` +
      (step.phase === 'testFailover'
        ? 'Name a test network of that subscription.'
        : 'Send updateReplication with a networkId of that subscription, then send the command again.'),
  );

/** Told of a reprotect that has taken effect. */
export const otherCache = (step: StepDocument, asked: string, shown: readonly string[]): Warning => ({
  code: 'CacheNotAsAsked',
  message:
    `${step.targetName} is reprotected, and Site Recovery shows ` +
    `${shown.join(', ') || 'no account'} as its cache and not ${asked}, which was asked for. ` +
    'A cache is changed only by the next reprotect, or by disabling replication and enabling it again.',
});

export const blobsGone = (vm: ReplicatedVmDocument, item: Item): Fault =>
  rejected(
    'BlobsMissing',
    `To reprotect ${vm.name}, the blobs of its failed-over VM and the storage accounts that ` +
      'they came from must be there; of ' +
      `${item.disks.map((disk) => disk.recoveryName).join(', ')} not all can be seen. Nothing ` +
      `was started. Look at the disks of ${item.recoveryVmId ?? 'the failed-over VM'} and at ` +
      'the storage accounts of the source.',
  );

export function noSuchPoint(
  step: StepDocument,
  wish: RecoveryPointWish,
  points: readonly RecoveryPoint[],
): Fault {
  const newest = [...points]
    .sort((a, b) => (a.time < b.time ? 1 : -1))
    .slice(0, 5)
    .map(
      ({ name, time, appConsistent }) => `${name} (${time}, ${appConsistent ? 'app' : 'crash'}-consistent)`,
    );
  return rejected(
    'RecoveryPointMissing',
    `${step.targetName} has no recovery point such as ` +
      `${typeof wish === 'string' ? wish : wish.id}. Nothing was started. It has ` +
      `${points.length}${newest.length > 0 ? `, the newest of them ${newest.join(', ')}` : ''}. ` +
      'Name one of them, or another kind.',
  );
}

export const membersMissing = (step: StepDocument, names: readonly string[]): Fault =>
  rejected(
    'ItemNotFound',
    `Site Recovery shows no replicated item for ${names.join(', ')} of ${step.targetName}. ` +
      'The members of a multi-VM group go only together. Nothing was started.',
  );

export const membersRefused = (step: StepDocument, told: readonly string[]): Fault =>
  rejected(
    'NotAllowedByAzure',
    `Site Recovery does not allow ${step.phase} of ${step.targetName} now: ` +
      `${told.join('; ')}. The members of a multi-VM group go only together. Nothing was ` +
      'started. What others have moved is not taken for done: bring all of them to where they ' +
      'were or to where this leads, then have the step tried again, or go on without it.',
  );

/** `there`: those who have gone; none: the job brought nobody there. */
export function membersLeft(step: StepDocument, names: readonly string[], there: readonly string[]): Fault {
  const why = [...step.warnings.map(textOfWarning), ...(step.error ? [step.error.message] : [])].join('; ');
  const gone =
    there.length === 0
      ? 'Nobody has gone.'
      : `${there.join(', ')} ${there.length === 1 ? 'has' : 'have'} gone, and ` +
        `${there.length === 1 ? 'is' : 'are'} left as ` +
        `${there.length === 1 ? 'it is' : 'they are'}.`;
  return rejected(
    'MembersLeftBehind',
    `${step.phase} of ${step.targetName} has ended without ` +
      `${names.join(', ')}${why === '' ? '' : ` (${why})`}. ${gone} ` +
      `Have it tried again, and it is done for ${names.join(', ')} alone: while the job asks, ` +
      `answer "tryAgain" (POST /api/v1/jobs/${step.jobId}/answers); once it has ended, POST ` +
      `/api/v1/jobs/${step.jobId}/retry.`,
  );
}

export const noPlanForRest = (step: StepDocument, names: readonly string[]): Fault =>
  rejected(
    'PlanOfRestMissing',
    `${names.join(', ')} of ${step.targetName} are left, go only together, and the recovery ` +
      'plan of Site Recovery through which they would is not there. Nothing was started. Have ' +
      'the step tried again: it is made then.',
  );

export const testOfOthers = (step: StepDocument): Fault =>
  rejected(
    'TestOfOthers',
    `The test of ${step.targetName} was not begun by Lifeboat, but through another plan of ` +
      'Site Recovery. Nothing was started. Clean it up there, or send a clean-up for each of ' +
      'the VMs alone.',
  );

export const pointOfGroup = (step: StepDocument): Fault =>
  rejected(
    'RecoveryPointOfOneVm',
    `A recovery point by its id is one VM's, and ${step.targetName} goes together. Nothing ` +
      'was started. Name a kind of point, such as latestMultiVmConsistent.',
  );

export const nothingToUpdate = (step: StepDocument): Fault =>
  rejected(
    'NothingToUpdate',
    `There is nothing that could be changed of ${step.targetName}. Nothing was started.`,
  );

export const enabledNoMore = (step: StepDocument): Fault =>
  rejected(
    'EnabledNoMore',
    `${step.targetName} was replicated when this job began, and is not any more. Nothing was ` +
      'started. Send the command again.',
  );

export function enableStopped(item: Item): Fault {
  const { code, message } = failedBefore(item.armId);
  return rejected(code, message);
}

export const partDiffers = (part: Part, how: string): Fault =>
  rejected(
    'PartDiffers',
    `${part.spec.kind} ${part.name} is there, and is not what is needed: ${how}. It was not ` +
      'changed. Choose another name, or use it as it is.',
  );

export const partFailed = (part: Part): Fault =>
  rejected(
    'PartFailed',
    `Azure could not make the ${part.spec.kind} ${part.name}; it stands there as failed ` +
      `(${part.id}). Look at it in the portal, remove it, then send the command again.`,
  );

export const partMissing = (part: Part): Fault =>
  rejected(
    'PartMissing',
    `Azure took the write that makes the ${part.spec.kind} ${part.name}, and it is still not ` +
      `there (${part.id}). Look at the activity log of its resource group, then send the ` +
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
    `${MOST_LOST} attempts at ${step.phase} of ${step.targetName} were lost: no answer came, ` +
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
  rejected(
    answer.code,
    `Azure refused the write (${answer.status ?? 'no status'} ${answer.code}): ` +
      `${answer.message} Nothing was started.`,
  );

export function jobFailed(step: StepDocument, job: ArmJob): Fault {
  const [first] = job.errors;
  const why = first ? `${first.code}: ${first.message}` : 'it gave no reason.';
  const left =
    step.phase === 'enableReplication'
      ? ' If it left an item in the vault, GET /api/v1/replications lists that as ' +
        '"enablingFailed": disable it by its id, then enable the VM again.'
      : '';
  return {
    kind: ErrorKind.rejected,
    code: first?.code ?? (job.state === 'cancelled' ? 'JobCancelled' : 'JobFailed'),
    message:
      `Site Recovery's job ${job.id} for ${step.phase} of ${step.targetName} ended ` +
      `${job.state}: ${why}${left}`,
  };
}
