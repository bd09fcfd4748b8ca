// The failback to a Hyper-V site: it is not possible from each VM in Azure.
import type { Refusal } from '../../core/refusal.ts';
import type { OperationRequest, VmInOperation } from '../driver.ts';

/** The lasting reason against an operation on this VM; undefined without one. */
export function refusalOf(
  { name, settings }: VmInOperation,
  { operation, recoveryPoint }: OperationRequest,
): Refusal | undefined {
  if (operation !== 'failback' || !settings) return undefined;
  const obstacle =
    settings.placementGroupId !== null
      ? 'it is in a proximity placement group'
      : settings.disks.some(({ managed }) => managed)
        ? 'its disks are managed'
        : undefined;
  if (obstacle !== undefined)
    return {
      code: 'FailbackNotPossible',
      message:
        `${name} cannot fail back to Hyper-V, because ${obstacle}. Leave it in Azure, or copy its data back ` +
        'by other means.',
    };
  if (recoveryPoint !== undefined && recoveryPoint !== 'latest')
    return {
      code: 'NoRecoveryPointAtFailback',
      message:
        `A failback of ${name} to Hyper-V copies the present data of the VM and takes no recovery point. ` +
        'Leave "recoveryPoint" out.',
    };
  return undefined;
}
