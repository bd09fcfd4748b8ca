// Plans the prerequisites that many VMs share: resource groups, the vault and the Site Recovery
// objects in it. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import { isClassicId } from '../../../../core/armId.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { isInRegion, isInSubscription, keyOf, sortBy } from '../../../enabling/lookup.ts';
import {
  containerIdOf,
  containerMappingIdOf,
  fabricIdOf,
  freeName,
  resourceGroupIdOf,
  policyIdOf,
} from '../../../enabling/resourceNames.ts';
import type { Prerequisite, PrerequisiteSpec } from '../../../../azure/prerequisite.ts';
import type { PlannedPrerequisite } from '../../../enabling/notes.ts';

/** Builds a planned prerequisite. */
export function planPrerequisite(
  action: Prerequisite['action'],
  id: string,
  name: string,
  reason: string,
  dependsOn: readonly PlannedPrerequisite[],
  spec: PrerequisiteSpec,
): PlannedPrerequisite {
  return {
    id,
    name,
    action,
    reason,
    needs: [...new Set(dependsOn.map((prerequisite) => prerequisite.id))],
    spec,
    dependsOn,
  };
}

/** Plans a resource group; an existing group stays as it is. */
export function resourceGroupPrerequisite(
  scope: RequestScope,
  subscription: string,
  name: string,
  region: string,
): PlannedPrerequisite {
  const id = resourceGroupIdOf(subscription.toLowerCase(), name);
  return scope.computeOnce(`group ${keyOf(id)}`, () => {
    const existing = scope.lookup.resourceGroups.get(keyOf(id));
    return existing
      ? planPrerequisite('reuse', existing.id, existing.name, `It exists, in ${existing.region}.`, [], {
          kind: 'resourceGroup',
          region: existing.region,
        })
      : planPrerequisite(
          'create',
          id,
          name,
          `There is no such resource group yet; it is made in ${region}.`,
          [],
          {
            kind: 'resourceGroup',
            region,
          },
        );
  });
}

/** Plans the vault of the request. */
export function vaultPrerequisite(scope: RequestScope): PlannedPrerequisite {
  const { vault, request } = scope;
  return scope.computeOnce('vault', () => {
    const group = resourceGroupPrerequisite(scope, vault.subscription, vault.resourceGroup, vault.region);
    if (vault.facts)
      return planPrerequisite('reuse', vault.id, vault.name, `It exists, in ${vault.region}.`, [group], {
        kind: 'vault',
        region: vault.region,
      });
    const reason = request.vault
      ? 'It is the vault that was named, and does not exist yet.'
      : `No vault was named; this is the one for what is replicated to ${scope.target.region}.`;
    return planPrerequisite('create', vault.id, vault.name, reason, [group], {
      kind: 'vault',
      region: vault.region,
    });
  });
}

/** Plans the fabric of a region; each region has one fabric. */
export function fabricPrerequisite(scope: RequestScope, region: string): PlannedPrerequisite {
  return scope.computeOnce(`fabric ${region}`, () => {
    const vault = vaultPrerequisite(scope);
    const fabrics = sortBy(scope.vault.facts?.fabrics ?? [], ({ name }) => name);
    const existing = fabrics.find((fabric) => isInRegion(fabric, region));
    if (existing)
      return planPrerequisite(
        'reuse',
        existing.id,
        existing.name,
        `The vault has a fabric for ${region}.`,
        [vault],
        {
          kind: 'fabric',
          region,
        },
      );
    const name = freeName(
      `fabric-${region}`,
      (wanted) => fabrics.some((fabric) => sameId(fabric.name, wanted)),
      region,
    );
    return planPrerequisite(
      'create',
      fabricIdOf(scope.vault.id, name),
      name,
      `The vault has no fabric for ${region} yet.`,
      [vault],
      { kind: 'fabric', region },
    );
  });
}

const RECOVERY_SUFFIX = '-recovery';

/** Plans the source and target containers. For zone to zone, one fabric has both containers. */
export function containerPrerequisites(
  scope: RequestScope,
  policyId: string,
): { readonly from: PlannedPrerequisite; readonly to: PlannedPrerequisite } {
  return scope.computeOnce('containers', () => {
    const fromFabric = fabricPrerequisite(scope, scope.source.region);
    const toFabric = fabricPrerequisite(scope, scope.target.region);
    const pair = findContainerPair(scope, fromFabric, toFabric, policyId);
    const createContainer = (
      fabric: PlannedPrerequisite,
      region: string,
      suffix: string,
    ): PlannedPrerequisite => {
      const name = freeName(
        `container-${region}${suffix}`,
        (wanted) => containersOf(scope, fabric).some((container) => sameId(container.name, wanted)),
        region,
      );
      return planPrerequisite(
        'create',
        containerIdOf(fabric.id, name),
        name,
        `The fabric ${fabric.name} has no protection container for this yet.`,
        [fabric],
        { kind: 'container' },
      );
    };
    const reuseContainer = (
      fabric: PlannedPrerequisite,
      existing: { readonly id: string; readonly name: string },
    ): PlannedPrerequisite =>
      planPrerequisite(
        'reuse',
        existing.id,
        existing.name,
        `The fabric ${fabric.name} has this protection container.`,
        [fabric],
        { kind: 'container' },
      );
    return {
      from: pair.from
        ? reuseContainer(fromFabric, pair.from)
        : createContainer(fromFabric, scope.source.region, ''),
      to: pair.to
        ? reuseContainer(toFabric, pair.to)
        : createContainer(toFabric, scope.target.region, scope.zoneToZone ? RECOVERY_SUFFIX : ''),
    };
  });
}

const containersOf = (scope: RequestScope, fabric: PlannedPrerequisite) =>
  sortBy(scope.vault.facts?.containers ?? [], ({ name }) => name).filter(({ fabricName }) =>
    sameId(fabricName, fabric.name),
  );

/** Finds two existing containers. Prefers a pair with a mapping, and best with this policy. */
function findContainerPair(
  scope: RequestScope,
  fromFabric: PlannedPrerequisite,
  toFabric: PlannedPrerequisite,
  policyId: string,
) {
  const sources = containersOf(scope, fromFabric);
  const targets = containersOf(scope, toFabric);
  const mappings = scope.vault.facts?.containerMappings ?? [];
  const isMapped = (from: string, to: string, policy?: string): boolean =>
    mappings.some(
      (mapping) =>
        sameId(mapping.fromContainerId, from) &&
        sameId(mapping.toContainerId, to) &&
        (policy === undefined || sameId(mapping.policyId, policy)),
    );
  const pairs = sources.flatMap((from) =>
    targets
      .filter((to) => to.id !== from.id)
      .map((to) => {
        const suffixPenalty =
          scope.zoneToZone && (from.name.endsWith(RECOVERY_SUFFIX) || !to.name.endsWith(RECOVERY_SUFFIX))
            ? 1
            : 0;
        return {
          from,
          to,
          rank: (isMapped(from.id, to.id, policyId) ? 0 : isMapped(from.id, to.id) ? 4 : 8) + suffixPenalty,
        };
      }),
  );
  const [best] = pairs.sort((first, second) => first.rank - second.rank);
  const from = best?.from ?? sources.find(({ name }) => !scope.zoneToZone || !name.endsWith(RECOVERY_SUFFIX));
  return { from, to: best?.to ?? targets.find(({ id }) => id !== from?.id) };
}

/** Plans the mapping between two containers with this policy. */
export function containerMappingPrerequisite(
  scope: RequestScope,
  from: PlannedPrerequisite,
  to: PlannedPrerequisite,
  policy: PlannedPrerequisite,
  regions: readonly [string, string],
): PlannedPrerequisite {
  return scope.computeOnce(`mapping ${keyOf(from.id)} ${keyOf(to.id)}`, () => {
    const mappings = sortBy(scope.vault.facts?.containerMappings ?? [], ({ id }) => id).filter(
      ({ fromContainerId }) => sameId(fromContainerId, from.id),
    );
    const existing = mappings.find(
      (mapping) => sameId(mapping.toContainerId, to.id) && sameId(mapping.policyId, policy.id),
    );
    const spec = { kind: 'containerMapping', toContainerId: to.id, policyId: policy.id } as const;
    if (existing)
      return planPrerequisite(
        'reuse',
        existing.id,
        existing.name,
        `${from.name} is mapped to ${to.name} with the policy ${policy.name}.`,
        [from, to, policy],
        spec,
      );
    const name = freeName(
      `${regions[0]}-to-${regions[1]}-${policy.name}`,
      (wanted) => mappings.some((mapping) => sameId(mapping.name, wanted)),
      `${to.id} ${policy.id}`,
    );
    return planPrerequisite(
      'create',
      containerMappingIdOf(from.id, name),
      name,
      `${from.name} is not mapped to ${to.name} with the policy ${policy.name} yet.`,
      [from, to, policy],
      spec,
    );
  });
}

/** The ARM id of a policy in the vault of the request. */
export const policyIdInVault = (scope: RequestScope, name: string): string =>
  policyIdOf(scope.vault.id, name);

/** The storage accounts of a region and a subscription, in a fixed order. */
export const accountsIn = (scope: RequestScope, region: string, subscription: string, classic = false) =>
  [...scope.lookup.storageAccounts.values()].filter(
    (account) =>
      isInRegion(account, region) &&
      isInSubscription(account, subscription) &&
      isClassicId(account.id) === classic,
  );
