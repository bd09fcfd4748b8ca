// The prerequisites of a request for VMs of a vCenter. Pure.
import { nameOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import type { VaultFacts } from '../../../azure/facts.ts';
import type { Notes } from '../../enabling/notes.ts';
import { planPolicy } from '../../enabling/onPremises/policyPart.ts';
import { part } from '../../enabling/onPremises/target.ts';
import { containerMappingIdOf, policyIdOf } from '../../enabling/resourceNames.ts';
import { AZURE } from '../prerequisites.ts';
import { vCenterAccountOf, type VmwareScope } from './scope.ts';

/** The prerequisites in the vault. */
export interface VaultParts {
  readonly policy: Prerequisite;
  /** Null while the vault does not show the container. */
  readonly mapping: Prerequisite | null;
  /** The failback policy and its mapping. Empty when Site Recovery makes both with the mapping. */
  readonly wayHome: readonly Prerequisite[];
  /** The vCenter to add, if any. */
  readonly vCenter: readonly Prerequisite[];
}

/** Plans the policy, and the mappings to Azure and home. */
export function planVaultParts(scope: VmwareScope, notes: Notes): VaultParts {
  const { vault, request, forms } = scope;
  const policy = planPolicy(
    { vault, vaultId: request.vault.id },
    request.policy,
    { instanceType: forms.toAzure, prefix: 'vmware', form: forms.toAzure },
    notes,
  );
  const mapping = mappingPart(scope, policy);
  return {
    policy,
    mapping,
    wayHome: wayHomeParts(scope, policy, mapping),
    vCenter: vCenterParts(scope),
  };
}

function vCenterParts(scope: VmwareScope): readonly Prerequisite[] {
  const { site, request, server } = scope;
  const wanted = request.source.vCenter;
  const account = vCenterAccountOf(scope);
  const reader = server ?? site?.hosts.find(({ kind }) => kind === 'configurationServer');
  if (!site?.isRetiring || !wanted || !account || !reader?.id) return [];
  const { address } = wanted;
  const spec = {
    kind: 'vCenter',
    address,
    port: String(wanted.port),
    serverId: reader.id,
    accountId: account.id,
  } as const;
  const id = `${site.id}/replicationvCenters/${wanted.name}`;
  return (site.vCenters ?? []).some((vCenter) => sameId(vCenter.address, address))
    ? [part('reuse', id, 'The configuration server reads this vCenter.', spec)]
    : [part('create', id, 'The configuration server does not read this vCenter yet.', spec)];
}

type Mapping = VaultFacts['containerMappings'][number];
const mappingsOf = ({ vault, site }: VmwareScope): readonly Mapping[] =>
  (vault?.containerMappings ?? []).filter(({ fromContainerId }) =>
    sameId(fromContainerId, site?.containerId ?? ''),
  );

function mappingPart(scope: VmwareScope, policy: Prerequisite): Prerequisite | null {
  const containerId = scope.site?.containerId;
  if (!containerId) return null;
  const { toAzure: form } = scope.forms;
  const spec = { kind: 'containerMapping', toContainerId: AZURE, policyId: policy.id, form } as const;
  const existing = mappingsOf(scope).find(({ policyId }) => sameId(policyId, policy.id));
  return existing
    ? part('reuse', existing.id, 'The policy is mapped to the container of the site.', spec)
    : part(
        'create',
        containerMappingIdOf(containerId, `map-${policy.name}`.slice(0, 80)),
        'The policy is not mapped to the container of the site yet. Site Recovery makes the failback policy ' +
          'and its mapping with it.',
        spec,
        policy.action === 'create' ? [policy.id] : [],
      );
}

/** The mapped failback policy of the site, if any. */
export function mappedFailbackPolicy(scope: VmwareScope): { readonly id: string } | undefined {
  const mapped = new Set(mappingsOf(scope).map(({ policyId }) => policyId.toLowerCase()));
  return scope.vault?.policies.find(
    ({ id, instanceType }) => instanceType === scope.forms.home && mapped.has(id.toLowerCase()),
  );
}

/** Site Recovery makes the way home with a new mapping to Azure. Another tool may have removed it. */
function wayHomeParts(
  scope: VmwareScope,
  policy: Prerequisite,
  mapping: Prerequisite | null,
): readonly Prerequisite[] {
  const containerId = scope.site?.containerId;
  if (!containerId || mapping?.action !== 'reuse' || mappedFailbackPolicy(scope)) return [];
  const { home: form } = scope.forms;
  if (policy.spec.kind !== 'policy') return [];
  const name = `${policy.name}-failback`;
  const existing = scope.vault?.policies.find(
    (candidate) => sameId(candidate.name, name) && candidate.instanceType === form,
  );
  const { retentionMinutes, appConsistentMinutes } = policy.spec;
  const homePolicy = existing
    ? part('reuse', existing.id, 'The vault has the failback policy.', {
        kind: 'policy',
        retentionMinutes: existing.retentionMinutes,
        appConsistentMinutes: existing.appConsistentMinutes,
        form,
      })
    : part('create', policyIdOf(scope.request.vault.id, name), 'The failback policy is missing.', {
        kind: 'policy',
        retentionMinutes,
        appConsistentMinutes,
        form,
      });
  const homeMapping = part(
    'create',
    containerMappingIdOf(containerId, `${nameOf(mapping.id)}-failback`.slice(0, 90)),
    'The failback policy is not mapped to the container of the site.',
    { kind: 'containerMapping', toContainerId: containerId, policyId: homePolicy.id, form },
    homePolicy.action === 'create' ? [homePolicy.id] : [],
  );
  return [homePolicy, homeMapping];
}
