// The prerequisites of a request for VMs of a Hyper-V site. Pure.
import { nameOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import { refuse, type Notes } from '../../enabling/notes.ts';
import { planPolicy } from '../../enabling/onPremises/policyPart.ts';
import { part } from '../../enabling/onPremises/target.ts';
import { containerMappingIdOf, fabricIdOf } from '../../enabling/resourceNames.ts';
import { HYPER_V } from '../instanceType.ts';
import type { SiteScope } from './scope.ts';

/** Site Recovery's name for Azure as the target of a site. */
const AZURE = 'Microsoft Azure';

/** The prerequisites in the vault. `mapping` is null while the site has no host. */
export interface VaultParts {
  readonly site: Prerequisite;
  readonly policy: Prerequisite;
  readonly mapping: Prerequisite | null;
}

/** Plans the site, the policy and the mapping between them. */
export function planVaultParts(scope: SiteScope, notes: Notes): VaultParts {
  const site = sitePart(scope);
  const { vault, request } = scope;
  const policy = planPolicy(
    { vault, vaultId: request.vault.id },
    request.policy,
    { instanceType: HYPER_V, prefix: 'site' },
    notes,
  );
  return { site, policy, mapping: mappingPart(scope, policy, notes) };
}

function sitePart({ site, request }: SiteScope): Prerequisite {
  return site
    ? part('reuse', site.id, `The vault has the site ${site.name}.`, { kind: 'site' })
    : part(
        'create',
        fabricIdOf(request.vault.id, request.source.site),
        'The vault has no site by this name yet. Its hosts register afterwards.',
        { kind: 'site' },
      );
}

/** A container of a site has one mapping to Azure for each policy. */
function mappingPart({ vault, site }: SiteScope, policy: Prerequisite, notes: Notes): Prerequisite | null {
  if (!site?.containerId) return null;
  const { containerId } = site;
  const mappings = (vault?.containerMappings ?? []).filter(({ fromContainerId }) =>
    sameId(fromContainerId, containerId),
  );
  const spec = { kind: 'containerMapping', toContainerId: AZURE, policyId: policy.id } as const;
  const existing = mappings.find(({ policyId }) => sameId(policyId, policy.id));
  if (existing) return part('reuse', existing.id, 'The policy is associated with the site.', spec);
  const [other] = mappings;
  if (other)
    refuse(
      notes,
      'OtherPolicyOfSite',
      `The site ${site.name} is associated with the policy ${nameOf(other.policyId)}. Name this policy, or ` +
        'another site.',
    );
  const name = `map-${policy.name}`.slice(0, 90);
  return part(
    'create',
    containerMappingIdOf(containerId, name),
    'The policy is not associated with the site yet.',
    spec,
    policy.action === 'create' ? [policy.id] : [],
  );
}
