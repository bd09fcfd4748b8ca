// Checks changes of the resource group, the availability set or zone, and the placement group of a
// replicated VM. Pure.
import { nameOf, resourceGroupOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import { isInRegion, isInSubscription, keyOf } from '../../../enabling/lookup.ts';
import { resourceGroupIdOf } from '../../../enabling/resourceNames.ts';
import { formatList, suggestOneOf, refuse } from '../../../enabling/notes.ts';
import type { UpdateContext } from './updateContext.ts';

const ENABLE_AGAIN_REMEDY = 'Disable replication of the VM, then enable it again with the new settings.';

/** Checks the placement settings of an update. */
export function evaluatePlacement(context: UpdateContext): void {
  checkAvailabilityType(context);
  const groupId = evaluateResourceGroup(context);
  if (groupId === undefined) return;
  evaluateAvailabilitySet(context, groupId);
  evaluateZone(context);
  evaluatePlacementGroup(context, groupId);
}

/** The enabling fixes the type: single, set or zone. */
function checkAvailabilityType(context: UpdateContext): void {
  const { request, current } = context;
  const { type } = current.availability;
  const requestedType = [
    request.availability,
    request.availabilitySetId === undefined ? undefined : 'set',
    request.zone === undefined ? undefined : 'zone',
  ].find((other) => other !== undefined && other !== type);
  const typeTexts = {
    single: 'as a single instance',
    set: 'into an availability set',
    zone: 'into an availability zone',
  } as const;
  if (requestedType === 'single' || requestedType === 'set' || requestedType === 'zone')
    refuse(
      context,
      'AvailabilityTypeFixed',
      `${current.name} replicates ${typeTexts[type]}, and cannot replicate ${typeTexts[requestedType]} ` +
        `instead. ${ENABLE_AGAIN_REMEDY}`,
    );
}

function evaluateResourceGroup(context: UpdateContext): string | undefined {
  const { request, current, lookup, changes } = context;
  if (request.resourceGroup === undefined) return current.resourceGroupId;
  const id = resourceGroupIdOf(current.target.subscription, request.resourceGroup);
  const existing = lookup.resourceGroups.get(keyOf(id));
  const zoneToZone = current.source.region === current.target.region;
  const possible = [...lookup.resourceGroups.values()]
    .filter(
      (group) =>
        isInSubscription(group, current.target.subscription) &&
        (zoneToZone || !isInRegion(group, current.source.region)),
    )
    .map(({ name }) => name);
  const problem = !existing
    ? 'does not exist, or cannot be seen'
    : isInRegion(existing, current.source.region) && !zoneToZone
      ? `is in the source region ${existing.region}`
      : undefined;
  if (!existing || problem !== undefined) {
    refuse(
      context,
      existing ? 'GroupInSourceRegion' : 'GroupUnknown',
      `The resource group ${request.resourceGroup} ${problem ?? ''}. ${suggestOneOf(possible)}`,
    );
    return undefined;
  }
  if (!sameId(existing.id, current.resourceGroupId)) changes.resourceGroupId = existing.id;
  return existing.id;
}

const availabilitySetIdOf = ({ request, current }: UpdateContext): string | null =>
  request.availabilitySetId ?? (current.availability.type === 'set' ? current.availability.setId : null);
const zoneOf = ({ request, current }: UpdateContext): string | null =>
  request.zone ?? (current.availability.type === 'zone' ? current.availability.zone : null);

function evaluateAvailabilitySet(context: UpdateContext, groupId: string): void {
  const { request, current, lookup, changes } = context;
  const id = availabilitySetIdOf(context);
  if (id === null || current.availability.type !== 'set') return;
  const set = lookup.availabilitySets.get(keyOf(id));
  const aligned = current.disks.every(({ managed }) => managed);
  const possible = [...lookup.availabilitySets.values()].filter(
    (other) =>
      isInRegion(other, current.target.region) &&
      sameId(resourceGroupOf(other.id), groupId) &&
      other.aligned === aligned,
  );
  const suggestion = suggestOneOf(possible.map((other) => other.id));
  if (!sameId(resourceGroupOf(id), groupId)) {
    refuse(
      context,
      'SetInOtherGroup',
      `The availability set ${nameOf(id)} is in the resource group ` +
        `${nameOf(resourceGroupOf(id))}, the VM would be in ${nameOf(groupId)}; they must be in ` +
        `the same one. ${suggestion}`,
    );
  }
  if (request.availabilitySetId === undefined) return;
  if (!set)
    refuse(
      context,
      'SetUnknown',
      `The availability set ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  else if (!isInRegion(set, current.target.region))
    refuse(
      context,
      'SetElsewhere',
      `The availability set ${set.name} is in ${set.region}, not in ${current.target.region}. ${suggestion}`,
    );
  else if (set.aligned !== aligned)
    refuse(
      context,
      'SetForOtherDisks',
      `The availability set ${set.name} is for ${set.aligned ? 'managed' : 'unmanaged'} disks, ` +
        `those of ${current.name} are ${aligned ? 'managed' : 'not'}. ${suggestion}`,
    );
  else if (!sameId(set.id, current.availability.setId)) changes.availabilitySetId = set.id;
}

function evaluateZone(context: UpdateContext): void {
  const { request, current, lookup, changes } = context;
  if (request.zone === undefined || current.availability.type !== 'zone') return;
  const currentZone = current.source.region === current.target.region ? current.source.zone : null;
  const zones = [...(lookup.regionByName.get(current.target.region)?.zones ?? [])]
    .filter((zone) => zone !== currentZone)
    .sort();
  if (request.zone === currentZone)
    refuse(
      context,
      'SameZone',
      `${current.name} is in zone ${request.zone} now, so it cannot be replicated there. Name one ` +
        `of: ${formatList(zones)}.`,
    );
  else if (!zones.includes(request.zone))
    refuse(
      context,
      'ZoneUnknown',
      `${current.target.region} has no zone ${request.zone}. ${suggestOneOf(zones)}`,
    );
  else if (request.zone !== current.availability.zone) changes.zone = request.zone;
}

/** A change to another group, or to a first group; never a removal. */
function evaluatePlacementGroup(context: UpdateContext, groupId: string): void {
  const { request, current, lookup } = context;
  const possible = [...lookup.placementGroups.values()]
    .filter((other) => isInRegion(other, current.target.region) && sameId(resourceGroupOf(other.id), groupId))
    .map(({ id }) => id);
  const suggestion = suggestOneOf(possible);
  if (request.placementGroupId === null && current.placementGroupId !== null) {
    refuse(
      context,
      'PlacementGroupStays',
      `The placement group of ${current.name} can be changed, not removed, while it ` +
        `replicates. ${ENABLE_AGAIN_REMEDY}${possible.length > 0 ? ` Or change it: ${suggestion}` : ''}`,
    );
    return;
  }
  const id = request.placementGroupId ?? current.placementGroupId;
  const set = lookup.availabilitySets.get(keyOf(availabilitySetIdOf(context) ?? ''));
  if (set && set.placementGroupId !== null && (id === null || !sameId(set.placementGroupId, id))) {
    refuse(
      context,
      'SetInOtherPlacementGroup',
      `The availability set ${set.name} is in the placement group ` +
        `${nameOf(set.placementGroupId)}, the VM would be in ` +
        `${id === null ? 'none' : nameOf(id)}. Name ${set.placementGroupId}, or another set.`,
    );
  }
  if (id === null) return;
  if (!sameId(resourceGroupOf(id), groupId))
    refuse(
      context,
      'PlacementGroupInOtherGroup',
      `The placement group ${nameOf(id)} is in the resource group ` +
        `${nameOf(resourceGroupOf(id))}, the VM would be in ${nameOf(groupId)}; they must be in ` +
        `the same one, and an availability set too. ${suggestion}`,
    );
  evaluateNewPlacementGroup(context, id, suggestion);
}

function evaluateNewPlacementGroup(context: UpdateContext, id: string, suggestion: string): void {
  const { request, current, lookup, changes } = context;
  const existing = lookup.placementGroups.get(keyOf(id));
  const zone = zoneOf(context);
  if (existing && zone !== null && existing.zones.length > 0 && !existing.zones.includes(zone))
    refuse(
      context,
      'PlacementGroupInOtherZone',
      `The placement group ${existing.name} is in zone ${existing.zones.join(', ')}, the VM would be ` +
        `in zone ${zone}. ${suggestion}`,
    );
  if (!request.placementGroupId) return;
  if (current.disks.some(({ managed }) => !managed))
    refuse(
      context,
      'PlacementGroupNeedsManagedDisks',
      `${current.name} has disks that are not managed, and so cannot be in a proximity ` +
        'placement group. Leave it out.',
    );
  if (!existing)
    refuse(
      context,
      'PlacementGroupUnknown',
      `The proximity placement group ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  else if (!isInRegion(existing, current.target.region))
    refuse(
      context,
      'PlacementGroupElsewhere',
      `The proximity placement group ${existing.name} is in ${existing.region}, not in ` +
        `${current.target.region}. ${suggestion}`,
    );
  else if (current.placementGroupId === null || !sameId(existing.id, current.placementGroupId))
    changes.placementGroupId = existing.id;
}
