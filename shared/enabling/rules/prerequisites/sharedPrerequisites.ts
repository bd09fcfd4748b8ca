// What every VM of a wish needs of the vault.
import { cachePrerequisite } from './storageAccounts.ts';
import type { SourceVm } from '../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { keyOf } from '../lookup.ts';
import { multiVmGroupOf, type MultiVmGroup } from '../vm/multiVmGroup.ts';
import { emptyNotes, type Notes, type PlannedPrerequisite } from '../notes.ts';
import { containerMappingPrerequisite, containerPrerequisites, vaultPrerequisite } from './prerequisites.ts';
import { policyPrerequisite } from './policy.ts';

export interface SharedPrerequisites {
  readonly policy: PlannedPrerequisite;
  readonly sourceContainer: PlannedPrerequisite;
  readonly targetContainer: PlannedPrerequisite;
  readonly forwardMapping: PlannedPrerequisite;
  /** What failback uses. */
  readonly failbackMapping: PlannedPrerequisite;
  readonly multiVmGroup: MultiVmGroup | null;
  /** All that are, or may come to be, members of the multi-VM group. */
  readonly members: readonly SourceVm[];
}

export function planSharedPrerequisites(scope: RequestScope, notes: Notes): SharedPrerequisites {
  // First of all, so that its group is made in its own region, whoever else uses it.
  vaultPrerequisite(scope);
  const policy = policyPrerequisite(scope, notes);
  const { from: sourceContainer, to: targetContainer } = containerPrerequisites(scope, policy.id);
  const { source, target, request, lookup } = scope;
  const multiVmGroup = multiVmGroupOf(scope);
  const members = multiVmGroup
    ? [
        ...request.vms.map(({ id }) => id),
        ...multiVmGroup.existingMembers.map(({ sourceVmId }) => sourceVmId),
      ].flatMap((id) => lookup.vms.get(keyOf(id)) ?? [])
    : [];
  return {
    policy,
    sourceContainer,
    targetContainer,
    multiVmGroup,
    members,
    forwardMapping: containerMappingPrerequisite(scope, sourceContainer, targetContainer, policy, [
      source.region,
      target.region,
    ]),
    failbackMapping: containerMappingPrerequisite(scope, targetContainer, sourceContainer, policy, [
      target.region,
      source.region,
    ]),
  };
}

/** What a vault is prepared with, when no VM is named. */
export function prerequisitesWithoutVms(
  scope: RequestScope,
  shared: SharedPrerequisites,
): { readonly prerequisites: readonly PlannedPrerequisite[]; readonly notes: Notes } {
  const notes = emptyNotes();
  const cache = cachePrerequisite(scope, scope.request.target.cacheStorageAccountId, notes);
  return { prerequisites: [shared.forwardMapping, shared.failbackMapping, ...(cache ? [cache] : [])], notes };
}
