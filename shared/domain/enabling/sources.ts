// The VMs of a source, each with whether it can be replicated as it stands, and if not why.
import type { SourceVm } from './facts.ts';
import { key, sorted } from './lookup.ts';
import type { Refusal } from './preview.ts';
import { agentSilent, wrongWithVm } from './support.ts';

export interface Protectability {
  readonly vm: SourceVm;
  readonly canBeProtected: boolean;
  readonly reasons: readonly Refusal[];
}

/** `protectedIn`: the vaults in which source VMs are replicated already, by their ids in lower case. */
export function protectabilityOf(vms: readonly SourceVm[], protectedIn: ReadonlyMap<string, string>): readonly Protectability[] {
  return sorted(vms, ({ name, id }) => `${name} ${id}`).map((vm) => {
    const vault = protectedIn.get(key(vm.id));
    const already: Refusal[] = vault === undefined ? [] : [{ code: 'AlreadyProtected', message: `The VM is replicated already, in the vault ${vault}.` }];
    const reasons = [...already, ...wrongWithVm(vm), ...[agentSilent(vm)].flatMap((one) => one ?? [])];
    return { vm, canBeProtected: reasons.length === 0, reasons };
  });
}
