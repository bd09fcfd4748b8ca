// The failback to VMware: it takes the present data of the VM in Azure.
import type { Refusal } from '../../core/refusal.ts';
import type { OperationRequest, VmInOperation } from '../driver.ts';

/** The lasting reason against an operation on this VM; undefined without one. */
export const refusalOf = (
  { name }: VmInOperation,
  { operation, recoveryPoint }: OperationRequest,
): Refusal | undefined =>
  operation === 'failback' && recoveryPoint !== undefined && recoveryPoint !== 'latest'
    ? {
        code: 'NoRecoveryPointAtFailback',
        message:
          `A failback of ${name} to VMware copies the present data of the VM and takes no recovery point. ` +
          'Leave "recoveryPoint" out.',
      }
    : undefined;
