// Plans the prerequisites in the vault that every VM of a request needs. Pure.
import { cachePrerequisite } from './storageAccounts.ts';
import type { SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { keyOf } from '../../../enabling/lookup.ts';
import { multiVmGroupOf, type MultiVmGroup } from '../vm/multiVmGroup.ts';
import { emptyNotes, type Notes, type PlannedPrerequisite } from '../../../enabling/notes.ts';
import { containerMappingPrerequisite, containerPrerequisites, vaultPrerequisite } from './prerequisites.ts';
import { policyPrerequisite } from './policy.ts';

/** The prerequisites that all VMs of a request share. */
export interface SharedPrerequisites {
  readonly policy: PlannedPrerequisite;
  readonly sourceContainer: PlannedPrerequisite;
  readonly targetContainer: PlannedPrerequisite;
  readonly forwardMapping: PlannedPrerequisite;
  /** The mapping for failback. */
  readonly failbackMapping: PlannedPrerequisite;
  readonly multiVmGroup: MultiVmGroup | null;
  /** All present and future members of the multi-VM group. */
  readonly members: readonly SourceVm[];
}

/** Plans the shared prerequisites of a request. */
export function planSharedPrerequisites(scope: RequestScope, notes: Notes): SharedPrerequisites {
  // The vault comes first, so that its resource group gets the region of the vault.
  vaultPrerequisite(scope);
  const policy = policyPrerequisite(scope, notes);
  const { from: sourceContainer, to: targetContainer } = containerPrerequisites(scope, policy.id);
  const { source, target, request, lookup } = scope;
  const multiVmGroup = multiVmGroupOf(scope);
  const members = multiVmGroup
    ? [...request.vms, ...multiVmGroup.existingMembers.map(({ sourceVmId }) => sourceVmId)].flatMap(
        (id) => lookup.vms.get(keyOf(id)) ?? [],
      )
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

/** The prerequisites of a vault for a request without VMs. */
export function prerequisitesWithoutVms(
  scope: RequestScope,
  shared: SharedPrerequisites,
): { readonly prerequisites: readonly PlannedPrerequisite[]; readonly notes: Notes } {
  const notes = emptyNotes();
  const cache = cachePrerequisite(scope, scope.request.target.cacheStorageAccountId, notes);
  return { prerequisites: [shared.forwardMapping, shared.failbackMapping, ...(cache ? [cache] : [])], notes };
}
