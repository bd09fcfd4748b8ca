// The VMs of a source, each with whether it can be replicated as it stands, and if not why.
import { ENABLING_FAILED } from '../../../siterecovery/item.ts';
import type { SourceVm } from '../../../azure/facts.ts';
import { keyOf, sortBy } from '../lookup.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { FindRoleRefusal } from '../machineRoles.ts';
import { agentNotReadyRefusal, enablingFailedRefusal, refusalsOfVm } from '../vm/support.ts';

export interface Protectability {
  readonly vm: SourceVm;
  readonly canBeProtected: boolean;
  readonly reasons: readonly Refusal[];
}

/** In which vault a VM has an item already, and how that stands. */
export interface ExistingReplication {
  readonly vault: string;
  readonly itemId: string;
  readonly protectionState: string;
}

/** `taken`: by ids of source VMs in lower case. */
export function protectabilityOf(
  vms: readonly SourceVm[],
  existingReplications: ReadonlyMap<string, ExistingReplication>,
  findRoleRefusal: FindRoleRefusal,
): readonly Protectability[] {
  return sortBy(vms, ({ name, id }) => `${name} ${id}`).map((vm) => {
    const existing = existingReplications.get(keyOf(vm.id));
    const roleRefusal = findRoleRefusal(vm);
    // What such a machine lacks is to be mended by nobody: it is not to be enabled.
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
