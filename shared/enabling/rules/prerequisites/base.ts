// What every VM of a wish needs of the vault.
import { cachePart } from './accounts.ts';
import type { SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { key } from '../lookup.ts';
import { multiVmGroupOf, type MultiVmGroup } from '../vm/multiVm.ts';
import { emptyNotes, type Notes, type Planned } from '../notes.ts';
import { containerMappingPart, containerParts, vaultPart } from './prerequisites.ts';
import { policyPart } from './policy.ts';

export interface Base {
  readonly policy: Planned;
  readonly from: Planned;
  readonly to: Planned;
  readonly forward: Planned;
  /** What failback uses. */
  readonly back: Planned;
  readonly multiVm: MultiVmGroup | null;
  /** All that are, or may come to be, members of the multi-VM group. */
  readonly members: readonly SourceVm[];
}

export function layBase(ground: Ground, notes: Notes): Base {
  // First of all, so that its group is made in its own region, whoever else uses it.
  vaultPart(ground);
  const policy = policyPart(ground, notes);
  const { from, to } = containerParts(ground, policy.id);
  const { source, target, wish, look } = ground;
  const multiVm = multiVmGroupOf(ground);
  const members = multiVm
    ? [...wish.vms.map(({ id }) => id), ...multiVm.present.map(({ sourceVmId }) => sourceVmId)].flatMap(
        (id) => look.vms.get(key(id)) ?? [],
      )
    : [];
  return {
    policy,
    from,
    to,
    multiVm,
    members,
    forward: containerMappingPart(ground, from, to, policy, [source.region, target.region]),
    back: containerMappingPart(ground, to, from, policy, [target.region, source.region]),
  };
}

/** What a vault is prepared with, when no VM is named. */
export function preparedParts(
  ground: Ground,
  base: Base,
): { readonly parts: readonly Planned[]; readonly notes: Notes } {
  const notes = emptyNotes();
  const cache = cachePart(ground, ground.wish.target.cacheStorageAccountId, notes);
  return { parts: [base.forward, base.back, ...(cache ? [cache] : [])], notes };
}
