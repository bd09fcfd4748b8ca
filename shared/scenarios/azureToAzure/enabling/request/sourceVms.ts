// Decides for each VM of a source whether Site Recovery can replicate it, with the reasons against
// it. Pure.
import { ENABLING_FAILED } from '../../../../siterecovery/item.ts';
import type { SourceVm } from '../../../../azure/facts.ts';
import { keyOf, sortBy } from '../../../enabling/lookup.ts';
import type { Refusal } from '../../../../core/refusal.ts';
import type { FindRoleRefusal } from '../../../enabling/machineRoles.ts';
import { agentNotReadyRefusal, refusalsOfVm } from '../vm/support.ts';

import type { ExistingReplication, Protectability } from '../../../enabling/support.ts';
import { enablingFailedRefusal } from '../../../enabling/enablingFailed.ts';

/**
 * The protectability of each VM. `existingReplications` has the source VM ids in lower case as
 * keys.
 */
export function protectabilityOf(
  vms: readonly SourceVm[],
  existingReplications: ReadonlyMap<string, ExistingReplication>,
  findRoleRefusal: FindRoleRefusal,
): readonly Protectability[] {
  return sortBy(vms, ({ name, id }) => `${name} ${id}`).map((vm) => {
    const existing = existingReplications.get(keyOf(vm.id));
    const roleRefusal = findRoleRefusal(vm);
    // Nobody may enable such a machine, so its other problems do not matter.
    const isNotToBeEnabled =
      roleRefusal !== undefined || (existing !== undefined && existing.protectionState !== ENABLING_FAILED);
    const problems = isNotToBeEnabled
      ? []
      : [...refusalsOfVm(vm), ...[agentNotReadyRefusal(vm)].flatMap((refusal) => refusal ?? [])];
    const reasons = [
      ...(roleRefusal ? [roleRefusal] : []),
      ...(existing ? [existingReplicationRefusal(existing)] : []),
      ...problems,
    ];
    return { vm, canBeProtected: reasons.length === 0, reasons };
  });
}

const existingReplicationRefusal = ({ vault, itemId, protectionState }: ExistingReplication): Refusal =>
  protectionState === ENABLING_FAILED
    ? enablingFailedRefusal(itemId)
    : { code: 'AlreadyProtected', message: `The VM is replicated already, in the vault ${vault}.` };
