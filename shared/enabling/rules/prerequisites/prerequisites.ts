// Parts that many VMs share: groups, the vault and what of Site Recovery stands in it.
import { sameId } from '../../../siterecovery/item.ts';
import { isClassicId } from '../../../core/armId.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, isOf, key, sorted } from '../lookup.ts';
import { containerIdOf, containerMappingIdOf, fabricIdOf, freeName, groupIdOf, policyIdOf } from './names.ts';
import type { Part, PartSpec } from '../../../azure/prerequisite.ts';
import type { Planned } from '../notes.ts';

export function part(
  action: Part['action'],
  id: string,
  name: string,
  why: string,
  before: readonly Planned[],
  spec: PartSpec,
): Planned {
  return { id, name, action, reason: why, needs: [...new Set(before.map((one) => one.id))], spec, before };
}

/** A resource group; one that is there is taken as it is. */
export function groupPart(ground: Ground, subscription: string, name: string, region: string): Planned {
  const id = groupIdOf(subscription.toLowerCase(), name);
  return ground.once(`group ${key(id)}`, () => {
    const there = ground.look.groups.get(key(id));
    return there
      ? part('reuse', there.id, there.name, `It exists, in ${there.region}.`, [], {
          kind: 'resourceGroup',
          region: there.region,
        })
      : part('create', id, name, `There is no such resource group yet; it is made in ${region}.`, [], {
          kind: 'resourceGroup',
          region,
        });
  });
}

export function vaultPart(ground: Ground): Planned {
  const { vault, wish } = ground;
  return ground.once('vault', () => {
    const group = groupPart(ground, vault.subscription, vault.resourceGroup, vault.region);
    if (vault.facts)
      return part('reuse', vault.id, vault.name, `It exists, in ${vault.region}.`, [group], {
        kind: 'vault',
        region: vault.region,
      });
    const why = wish.vault
      ? 'It is the vault that was named, and does not exist yet.'
      : `No vault was named; this is the one for what is replicated to ${ground.target.region}.`;
    return part('create', vault.id, vault.name, why, [group], { kind: 'vault', region: vault.region });
  });
}

/** One per region. */
export function fabricPart(ground: Ground, region: string): Planned {
  return ground.once(`fabric ${region}`, () => {
    const vault = vaultPart(ground);
    const fabrics = sorted(ground.vault.facts?.fabrics ?? [], ({ name }) => name);
    const there = fabrics.find((one) => isIn(one, region));
    if (there)
      return part('reuse', there.id, there.name, `The vault has a fabric for ${region}.`, [vault], {
        kind: 'fabric',
        region,
      });
    const name = freeName(
      `fabric-${region}`,
      (wanted) => fabrics.some((one) => sameId(one.name, wanted)),
      region,
    );
    return part(
      'create',
      fabricIdOf(ground.vault.id, name),
      name,
      `The vault has no fabric for ${region} yet.`,
      [vault],
      { kind: 'fabric', region },
    );
  });
}

const RECOVERY = '-recovery';

/** The containers of source and target. Zone to zone they are two of one fabric. */
export function containerParts(
  ground: Ground,
  policyId: string,
): { readonly from: Planned; readonly to: Planned } {
  return ground.once('containers', () => {
    const fromFabric = fabricPart(ground, ground.source.region);
    const toFabric = fabricPart(ground, ground.target.region);
    const found = existingPair(ground, fromFabric, toFabric, policyId);
    const make = (fabric: Planned, region: string, ending: string): Planned => {
      const name = freeName(
        `container-${region}${ending}`,
        (wanted) => containersOf(ground, fabric).some((one) => sameId(one.name, wanted)),
        region,
      );
      return part(
        'create',
        containerIdOf(fabric.id, name),
        name,
        `The fabric ${fabric.name} has no protection container for this yet.`,
        [fabric],
        { kind: 'container' },
      );
    };
    const take = (fabric: Planned, there: { readonly id: string; readonly name: string }): Planned =>
      part(
        'reuse',
        there.id,
        there.name,
        `The fabric ${fabric.name} has this protection container.`,
        [fabric],
        { kind: 'container' },
      );
    return {
      from: found.from ? take(fromFabric, found.from) : make(fromFabric, ground.source.region, ''),
      to: found.to
        ? take(toFabric, found.to)
        : make(toFabric, ground.target.region, ground.zoneToZone ? RECOVERY : ''),
    };
  });
}

const containersOf = (ground: Ground, fabric: Planned) =>
  sorted(ground.vault.facts?.containers ?? [], ({ name }) => name).filter(({ fabricName }) =>
    sameId(fabricName, fabric.name),
  );

/** Of the containers that are there, the two that are mapped to each other already, best with this policy. */
function existingPair(ground: Ground, fromFabric: Planned, toFabric: Planned, policyId: string) {
  const sources = containersOf(ground, fromFabric);
  const targets = containersOf(ground, toFabric);
  const mappings = ground.vault.facts?.containerMappings ?? [];
  const isMapped = (from: string, to: string, policy?: string): boolean =>
    mappings.some(
      (one) =>
        sameId(one.fromContainerId, from) &&
        sameId(one.toContainerId, to) &&
        (policy === undefined || sameId(one.policyId, policy)),
    );
  const pairs = sources.flatMap((from) =>
    targets
      .filter((to) => to.id !== from.id)
      .map((to) => {
        const unlike =
          ground.zoneToZone && (from.name.endsWith(RECOVERY) || !to.name.endsWith(RECOVERY)) ? 1 : 0;
        return {
          from,
          to,
          rank: (isMapped(from.id, to.id, policyId) ? 0 : isMapped(from.id, to.id) ? 4 : 8) + unlike,
        };
      }),
  );
  const [best] = pairs.sort((a, b) => a.rank - b.rank);
  const from = best?.from ?? sources.find(({ name }) => !ground.zoneToZone || !name.endsWith(RECOVERY));
  return { from, to: best?.to ?? targets.find(({ id }) => id !== from?.id) };
}

/** A mapping between two containers by this policy. */
export function containerMappingPart(
  ground: Ground,
  from: Planned,
  to: Planned,
  policy: Planned,
  regions: readonly [string, string],
): Planned {
  return ground.once(`mapping ${key(from.id)} ${key(to.id)}`, () => {
    const existing = sorted(ground.vault.facts?.containerMappings ?? [], ({ id }) => id).filter(
      ({ fromContainerId }) => sameId(fromContainerId, from.id),
    );
    const there = existing.find((one) => sameId(one.toContainerId, to.id) && sameId(one.policyId, policy.id));
    const spec = { kind: 'containerMapping', toContainerId: to.id, policyId: policy.id } as const;
    if (there)
      return part(
        'reuse',
        there.id,
        there.name,
        `${from.name} is mapped to ${to.name} with the policy ${policy.name}.`,
        [from, to, policy],
        spec,
      );
    const name = freeName(
      `${regions[0]}-to-${regions[1]}-${policy.name}`,
      (wanted) => existing.some((one) => sameId(one.name, wanted)),
      `${to.id} ${policy.id}`,
    );
    return part(
      'create',
      containerMappingIdOf(from.id, name),
      name,
      `${from.name} is not mapped to ${to.name} with the policy ${policy.name} yet.`,
      [from, to, policy],
      spec,
    );
  });
}

export const policyPartId = (ground: Ground, name: string): string => policyIdOf(ground.vault.id, name);

/** Accounts of a region in a subscription, in a fixed order. */
export const accountsIn = (ground: Ground, region: string, subscription: string, classic = false) =>
  [...ground.look.accounts.values()].filter(
    (one) => isIn(one, region) && isOf(one, subscription) && isClassicId(one.id) === classic,
  );
