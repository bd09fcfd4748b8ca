// Resource group, set or zone, and placement group of a VM that replicates already.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { isIn, isOf, key } from '../lookup.ts';
import { groupIdOf } from '../prerequisites/names.ts';
import { listed, refuse } from '../notes.ts';
import type { Case } from './updateCase.ts';

const AGAIN = 'Disable replication of the VM, then enable it again with what is wanted.';

export function judgePlacing(one: Case): void {
  judgeType(one);
  const group = judgeGroup(one);
  if (group === undefined) return;
  judgeSet(one, group);
  judgeZone(one);
  judgePlacementGroup(one, group);
}

/** Single, in a set, in a zone: that is fixed when replication is enabled. */
function judgeType(one: Case): void {
  const { wish, present } = one;
  const { type } = present.availability;
  const wished = [
    wish.availability,
    wish.availabilitySetId === undefined ? undefined : 'set',
    wish.zone === undefined ? undefined : 'zone',
  ].find((other) => other !== undefined && other !== type);
  const words = {
    single: 'a single instance',
    set: 'in an availability set',
    zone: 'in an availability zone',
  } as const;
  if (wished === 'single' || wished === 'set' || wished === 'zone')
    refuse(
      one,
      'AvailabilityTypeFixed',
      `${present.name} is replicated to be ${words[type]}; that cannot become ${words[wished]} ` +
        `while it replicates. ${AGAIN}`,
    );
}

function judgeGroup(one: Case): string | undefined {
  const { wish, present, look, changes } = one;
  if (wish.resourceGroup === undefined) return present.resourceGroupId;
  const id = groupIdOf(present.target.subscription, wish.resourceGroup);
  const there = look.groups.get(key(id));
  const zoneToZone = present.source.region === present.target.region;
  const possible = [...look.groups.values()]
    .filter(
      (group) =>
        isOf(group, present.target.subscription) && (zoneToZone || !isIn(group, present.source.region)),
    )
    .map(({ name }) => name);
  const wrong = !there
    ? 'does not exist, or cannot be seen'
    : isIn(there, present.source.region) && !zoneToZone
      ? `is in the source region ${there.region}`
      : undefined;
  if (!there || wrong !== undefined) {
    refuse(
      one,
      there ? 'GroupInSourceRegion' : 'GroupUnknown',
      `The resource group ${wish.resourceGroup} ${wrong ?? ''}. Name one of: ${listed(possible)}.`,
    );
    return undefined;
  }
  if (!sameId(there.id, present.resourceGroupId)) changes.resourceGroupId = there.id;
  return there.id;
}

const setOf = ({ wish, present }: Case): string | null =>
  wish.availabilitySetId ?? (present.availability.type === 'set' ? present.availability.setId : null);
const zoneOf = ({ wish, present }: Case): string | null =>
  wish.zone ?? (present.availability.type === 'zone' ? present.availability.zone : null);

function judgeSet(one: Case, group: string): void {
  const { wish, present, look, changes } = one;
  const id = setOf(one);
  if (id === null || present.availability.type !== 'set') return;
  const set = look.sets.get(key(id));
  const aligned = present.disks.every(({ managed }) => managed);
  const possible = [...look.sets.values()].filter(
    (other) =>
      isIn(other, present.target.region) &&
      sameId(resourceGroupOf(other.id), group) &&
      other.aligned === aligned,
  );
  const instead = `Name one of: ${listed(possible.map((other) => other.id))}.`;
  if (!sameId(resourceGroupOf(id), group)) {
    refuse(
      one,
      'SetInOtherGroup',
      `The availability set ${nameOf(id)} is in the resource group ` +
        `${nameOf(resourceGroupOf(id))}, the VM would be in ${nameOf(group)}; they must be in ` +
        `the same one. ${instead}`,
    );
  }
  if (wish.availabilitySetId === undefined) return;
  if (!set)
    refuse(one, 'SetUnknown', `The availability set ${id} does not exist, or cannot be seen. ${instead}`);
  else if (!isIn(set, present.target.region))
    refuse(
      one,
      'SetElsewhere',
      `The availability set ${set.name} is in ${set.region}, not in ${present.target.region}. ${instead}`,
    );
  else if (set.aligned !== aligned)
    refuse(
      one,
      'SetForOtherDisks',
      `The availability set ${set.name} is for ${set.aligned ? 'managed' : 'unmanaged'} disks, ` +
        `those of ${present.name} are ${aligned ? 'managed' : 'not'}. ${instead}`,
    );
  else if (!sameId(set.id, present.availability.setId)) changes.availabilitySetId = set.id;
}

function judgeZone(one: Case): void {
  const { wish, present, look, changes } = one;
  if (wish.zone === undefined || present.availability.type !== 'zone') return;
  const own = present.source.region === present.target.region ? present.source.zone : null;
  const zones = [...(look.regionNamed.get(present.target.region)?.zones ?? [])]
    .filter((zone) => zone !== own)
    .sort();
  if (wish.zone === own)
    refuse(
      one,
      'SameZone',
      `${present.name} is in zone ${wish.zone} now, so it cannot be replicated there. Name one ` +
        `of: ${listed(zones)}.`,
    );
  else if (!zones.includes(wish.zone))
    refuse(
      one,
      'ZoneUnknown',
      `${present.target.region} has no zone ${wish.zone}. Name one of: ${listed(zones)}.`,
    );
  else if (wish.zone !== present.availability.zone) changes.zone = wish.zone;
}

/** Another one, or a first one; never none. */
function judgePlacementGroup(one: Case, group: string): void {
  const { wish, present, look } = one;
  const possible = [...look.placementGroups.values()]
    .filter((other) => isIn(other, present.target.region) && sameId(resourceGroupOf(other.id), group))
    .map(({ id }) => id);
  const instead = `Name one of: ${listed(possible)}.`;
  if (wish.placementGroupId === null && present.placementGroupId !== null) {
    refuse(
      one,
      'PlacementGroupStays',
      `The placement group of ${present.name} can be changed, not removed, while it ` +
        `replicates. ${AGAIN} Or change it: ${instead}`,
    );
    return;
  }
  const id = wish.placementGroupId ?? present.placementGroupId;
  const set = look.sets.get(key(setOf(one) ?? ''));
  if (set && set.placementGroupId !== null && (id === null || !sameId(set.placementGroupId, id))) {
    refuse(
      one,
      'SetInOtherPlacementGroup',
      `The availability set ${set.name} is in the placement group ` +
        `${nameOf(set.placementGroupId)}, the VM would be in ` +
        `${id === null ? 'none' : nameOf(id)}. Name ${set.placementGroupId}, or another set.`,
    );
  }
  if (id === null) return;
  if (!sameId(resourceGroupOf(id), group))
    refuse(
      one,
      'PlacementGroupInOtherGroup',
      `The placement group ${nameOf(id)} is in the resource group ` +
        `${nameOf(resourceGroupOf(id))}, the VM would be in ${nameOf(group)}; they must be in ` +
        `the same one, and an availability set too. ${instead}`,
    );
  judgeNewPlacementGroup(one, id, instead);
}

function judgeNewPlacementGroup(one: Case, id: string, instead: string): void {
  const { wish, present, look, changes } = one;
  const there = look.placementGroups.get(key(id));
  const zone = zoneOf(one);
  if (there && zone !== null && there.zones.length > 0 && !there.zones.includes(zone))
    refuse(
      one,
      'PlacementGroupInOtherZone',
      `The placement group ${there.name} is in zone ${there.zones.join(', ')}, the VM would be ` +
        `in zone ${zone}. ${instead}`,
    );
  if (!wish.placementGroupId) return;
  if (present.disks.some(({ managed }) => !managed))
    refuse(
      one,
      'PlacementGroupNeedsManagedDisks',
      `${present.name} has disks that are not managed, and so cannot be in a proximity ` +
        'placement group. Leave it out.',
    );
  if (!there)
    refuse(
      one,
      'PlacementGroupUnknown',
      `The proximity placement group ${id} does not exist, or cannot be seen. ${instead}`,
    );
  else if (!isIn(there, present.target.region))
    refuse(
      one,
      'PlacementGroupElsewhere',
      `The proximity placement group ${there.name} is in ${there.region}, not in ` +
        `${present.target.region}. ${instead}`,
    );
  else if (present.placementGroupId === null || !sameId(there.id, present.placementGroupId))
    changes.placementGroupId = there.id;
}
