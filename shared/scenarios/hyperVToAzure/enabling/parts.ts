// The prerequisites of a request for VMs of a Hyper-V site. Pure.
import { nameOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { Prerequisite, PrerequisiteSpec } from '../../../azure/prerequisite.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { formatList, refuse, type Notes } from '../../enabling/notes.ts';
import {
  containerMappingIdOf,
  fabricIdOf,
  policyIdOf,
  resourceGroupIdOf,
} from '../../enabling/resourceNames.ts';
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

const part = (
  action: Prerequisite['action'],
  id: string,
  reason: string,
  spec: PrerequisiteSpec,
  needs: readonly string[] = [],
): Prerequisite => ({ id, name: nameOf(id), action, reason, needs, spec });

/** Plans the site, the policy and the mapping between them. */
export function planVaultParts(scope: SiteScope, notes: Notes): VaultParts {
  const site = sitePart(scope);
  const policy = policyPart(scope, notes);
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

function policyPart({ vault, request }: SiteScope, notes: Notes): Prerequisite {
  const { name, retentionHours, appConsistentHours } = request.policy;
  const spec = {
    kind: 'policy',
    retentionMinutes: retentionHours * 60,
    appConsistentMinutes: appConsistentHours === 'off' ? 0 : appConsistentHours * 60,
  } as const;
  const snapshots = appConsistentHours === 'off' ? 'off' : `${appConsistentHours}h`;
  const wantedName = name ?? `site-${retentionHours}h-snapshots-${snapshots}`;
  const policies = vault?.policies ?? [];
  const named = policies.find((policy) => sameId(policy.name, wantedName));
  const fits = (policy: (typeof policies)[number]): boolean =>
    sameId(policy.instanceType, HYPER_V) &&
    policy.retentionMinutes === spec.retentionMinutes &&
    policy.appConsistentMinutes === spec.appConsistentMinutes;
  const existing = name === undefined ? (policies.find(fits) ?? named) : named;
  if (existing && !fits(existing))
    refuse(
      notes,
      'PolicyDiffers',
      `The vault has a policy "${existing.name}" with other values or for another scenario. Give another ` +
        `name. Policies with the wanted values: ${formatList(policies.filter(fits).map((policy) => policy.name))}.`,
    );
  return existing
    ? part('reuse', existing.id, 'The vault has a policy with these values.', spec)
    : part('create', policyIdOf(request.vault.id, wantedName), 'The vault has no such policy yet.', spec);
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

/** Plans the target resource group of one VM. */
export function resourceGroupPart({ lookup, target }: SiteScope, name: string): Prerequisite {
  const id = resourceGroupIdOf(target.subscription, name);
  const existing = lookup.resourceGroups.get(keyOf(id));
  return existing
    ? part('reuse', existing.id, `It exists, in ${existing.region}.`, {
        kind: 'resourceGroup',
        region: existing.region,
      })
    : part('create', id, `There is no such resource group yet; it is made in ${target.region}.`, {
        kind: 'resourceGroup',
        region: target.region,
      });
}
