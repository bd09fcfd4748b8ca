// The VMs of a source, each with whether it can be replicated as it stands, and if not why.
import { ENABLING_FAILED } from '../../../siterecovery/item.ts';
import type { SourceVm } from '../../../azure/facts.ts';
import { key, sorted } from '../lookup.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { RoleOf } from '../roles.ts';
import { agentSilent, failedBefore, wrongWithVm } from '../vm/support.ts';

export interface Protectability {
  readonly vm: SourceVm;
  readonly canBeProtected: boolean;
  readonly reasons: readonly Refusal[];
}

/** In which vault a VM has an item already, and how that stands. */
export interface Taken {
  readonly vault: string;
  readonly itemId: string;
  readonly protectionState: string;
}

/** `taken`: by ids of source VMs in lower case. */
export function protectabilityOf(
  vms: readonly SourceVm[],
  taken: ReadonlyMap<string, Taken>,
  roleOf: RoleOf,
): readonly Protectability[] {
  return sorted(vms, ({ name, id }) => `${name} ${id}`).map((vm) => {
    const there = taken.get(key(vm.id));
    const role = roleOf(vm);
    // What such a machine lacks is to be mended by nobody: it is not to be enabled.
    const isSettled =
      role !== undefined || (there !== undefined && there.protectionState !== ENABLING_FAILED);
    const lacks = isSettled ? [] : [...wrongWithVm(vm), ...[agentSilent(vm)].flatMap((one) => one ?? [])];
    const reasons = [...(role ? [role] : []), ...(there ? [whyTaken(there)] : []), ...lacks];
    return { vm, canBeProtected: reasons.length === 0, reasons };
  });
}

const whyTaken = ({ vault, itemId, protectionState }: Taken): Refusal =>
  protectionState === ENABLING_FAILED
    ? failedBefore(itemId)
    : { code: 'AlreadyProtected', message: `The VM is replicated already, in the vault ${vault}.` };
