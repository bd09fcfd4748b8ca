// The proximity placement group on the target side.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { PlacementGroupFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, key } from '../lookup.ts';
import { LONGEST, resourceIdOf, suffixed, TYPES } from '../prerequisites/names.ts';
import { choose, listed, need, refuse, type Notes, type Planned } from '../notes.ts';
import { part } from '../prerequisites/prerequisites.ts';
import type { VmWishes } from '../request/requestOfVm.ts';

export const possiblePlacementGroups = (ground: Ground, groupId: string): readonly PlacementGroupFacts[] =>
  [...ground.look.placementGroups.values()].filter(
    (one) => isIn(one, ground.target.region) && sameId(resourceGroupOf(one.id), groupId),
  );

const fits = (one: PlacementGroupFacts, zone: string | null): boolean =>
  one.zones.length === 0 || zone === null || one.zones.includes(zone);

const reused = (there: PlacementGroupFacts, why: string, group: Planned): Planned =>
  part('reuse', there.id, there.name, why, [group], {
    kind: 'placementGroup',
    region: there.region,
    zone: there.zones[0] ?? null,
    sizes: [],
  });

/**
 * Like the source's, with `-asr`, in the VM's resource group. From zone to zone it takes the zone,
 * and one of its own for each zone that is not the target's.
 */
export function defaultPlacementGroup(
  ground: Ground,
  sourceId: string,
  group: Planned,
  zone: string | null,
): Planned {
  const plain = suffixed(nameOf(sourceId), LONGEST.placementGroup - 6);
  const pinned = ground.zoneToZone ? zone : null;
  const name = pinned === null || pinned === ground.wish.target.zone ? plain : `${plain}-zone${pinned}`;
  const id = resourceIdOf(group.id, TYPES.placementGroup, name);
  return ground.once(`placement ${key(id)}`, () => {
    const there = ground.look.placementGroups.get(key(id));
    if (there)
      return reused(
        there,
        `By default the source's placement group ${nameOf(sourceId)} with the suffix -asr; it ` +
          'exists and is reused.',
        group,
      );
    return part(
      'create',
      id,
      name,
      `By default one like that of the source, ${nameOf(sourceId)}, with the suffix -asr.`,
      [group],
      { kind: 'placementGroup', region: ground.target.region, zone: pinned, sizes: [] },
    );
  });
}

/** False when refused; null when there is none. */
export function choosePlacementGroup(
  ground: Ground,
  vm: SourceVm,
  wishes: VmWishes,
  at: { readonly group: Planned; readonly set: SetChoice | undefined; readonly zone: string | null },
  notes: Notes,
): Planned | null | false {
  const { placementGroupId: wished } = wishes;
  const pinnedBy = at.set?.placementGroupId ?? null;
  if (wished === null || (wished === undefined && vm.placementGroupId === null && pinnedBy === null))
    return none(at, vm, notes);
  if (vm.disks.some(({ managed }) => !managed)) {
    return refuse(
      notes,
      'PlacementGroupNeedsManagedDisks',
      'The VM has disks that are not managed, and so cannot be in a proximity placement group. ' +
        'Convert them to managed disks, or ask for none: "placementGroupId": null.',
    );
  }
  const chosen = wished !== undefined ? given(ground, wished, at, notes) : unasked(ground, vm, at, notes);
  if (!chosen) return false;
  if (pinnedBy !== null && !sameId(pinnedBy, chosen.id)) {
    return refuse(
      notes,
      'SetInOtherPlacementGroup',
      `The availability set ${at.set?.part.name ?? ''} is in the placement group ` +
        `${nameOf(pinnedBy)}, the VM would be in ${chosen.name}. Name ${pinnedBy}, or another ` +
        'set.',
    );
  }
  choose(notes, 'placementGroup', chosen.name, chosen.reason);
  return need(notes, chosen);
}

function none(at: { readonly set: SetChoice | undefined }, vm: SourceVm, notes: Notes): null | false {
  const pinnedBy = at.set?.placementGroupId ?? null;
  if (pinnedBy !== null)
    return refuse(
      notes,
      'SetInPlacementGroup',
      `No placement group was asked for, but the availability set ${at.set?.part.name ?? ''} ` +
        `is in ${nameOf(pinnedBy)}. Name that one, or another set.`,
    );
  if (vm.placementGroupId !== null) choose(notes, 'placementGroup', 'none', 'It was asked for.');
  return null;
}

function given(
  ground: Ground,
  id: string,
  at: { readonly group: Planned; readonly zone: string | null },
  notes: Notes,
): Planned | false {
  const there = ground.look.placementGroups.get(key(id));
  const instead =
    'Name one of: ' + `${listed(possiblePlacementGroups(ground, at.group.id).map((one) => one.id))}.`;
  if (!there)
    return refuse(
      notes,
      'PlacementGroupUnknown',
      `The proximity placement group ${id} does not exist, or cannot be seen. ${instead}`,
    );
  if (!isIn(there, ground.target.region))
    return refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${there.name} is in ${there.region}, not in ` +
        `${ground.target.region}. ${instead}`,
    );
  if (!sameId(resourceGroupOf(there.id), at.group.id))
    return refuse(
      notes,
      'PlacementGroupInOtherGroup',
      `The proximity placement group ${there.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(there.id))}, the VM is to be in ${at.group.name}; they must be ` +
        'in the same one, and an availability set too. Name that resource group, or another ' +
        `placement group. ${instead}`,
    );
  if (!fits(there, at.zone))
    return refuse(
      notes,
      'PlacementGroupInOtherZone',
      `The proximity placement group ${there.name} is in zone ${there.zones.join(', ')}, the ` +
        `VM is to be in zone ${at.zone ?? ''}. ${instead}`,
    );
  return reused(there, 'It was asked for.', at.group);
}

function unasked(
  ground: Ground,
  vm: SourceVm,
  at: { readonly group: Planned; readonly set: SetChoice | undefined; readonly zone: string | null },
  notes: Notes,
): Planned | false {
  const pinnedTo = at.set?.placementGroupId ?? null;
  const pinnedBy = at.set?.part.before.find(({ spec }) => spec.kind === 'placementGroup');
  const instead =
    'Name one of: ' +
    `${listed(possiblePlacementGroups(ground, at.group.id).map((one) => one.id))}; or ` +
    'another availability set or resource group.';
  if (pinnedTo !== null && !pinnedBy)
    return refuse(
      notes,
      'PlacementGroupUnknown',
      `The availability set ${at.set?.part.name ?? ''} is in the placement group ${pinnedTo}, ` +
        `which does not exist, or cannot be seen. ${instead}`,
    );
  const chosen = pinnedBy ?? defaultPlacementGroup(ground, vm.placementGroupId ?? '', at.group, at.zone);
  const there = ground.look.placementGroups.get(key(chosen.id));
  const wrong =
    there &&
    (!isIn(there, ground.target.region) ||
      !fits(there, at.zone) ||
      !sameId(resourceGroupOf(there.id), at.group.id));
  if (wrong) {
    return refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${there.name} is in ` +
        `${there.region}${there.zones.length > 0 ? `, zone ${there.zones.join(', ')}` : ''}, in ` +
        `the resource group ${nameOf(resourceGroupOf(there.id))}: not where the VM is to be. ` +
        instead,
    );
  }
  return chosen;
}
export interface SetChoice {
  readonly part: Planned;
  readonly placementGroupId: string | null;
}
