// Chooses the proximity placement group of a VM on the target side. Pure.
import { nameOf, resourceGroupOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import type { PlacementGroupFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { isInRegion, keyOf } from '../../../enabling/lookup.ts';
import {
  MAX_NAME_LENGTHS,
  resourceIdOf,
  withAsrSuffix,
  RESOURCE_TYPES,
} from '../../../enabling/resourceNames.ts';
import {
  recordChoice,
  suggestOneOf,
  addPrerequisite,
  refuse,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import { planPrerequisite } from '../prerequisites/prerequisites.ts';
import type { ResolvedVmRequest } from '../request/vmRequest.ts';

/** The placement groups in the target group. */
export const possiblePlacementGroups = (
  scope: RequestScope,
  groupId: string,
): readonly PlacementGroupFacts[] =>
  [...scope.lookup.placementGroups.values()].filter(
    (candidate) =>
      isInRegion(candidate, scope.target.region) && sameId(resourceGroupOf(candidate.id), groupId),
  );

const fitsZone = (candidate: PlacementGroupFacts, zone: string | null): boolean =>
  candidate.zones.length === 0 || zone === null || candidate.zones.includes(zone);

const reusePlacementGroup = (
  existing: PlacementGroupFacts,
  reason: string,
  group: PlannedPrerequisite,
): PlannedPrerequisite =>
  planPrerequisite('reuse', existing.id, existing.name, reason, [group], {
    kind: 'placementGroup',
    region: existing.region,
    zone: existing.zones[0] ?? null,
    sizes: [],
  });

/**
 * A group like the source group, with `-asr`, in the resource group of the VM. For zone to zone the
 * group has a zone, and each zone besides the target zone gets its own group.
 */
export function defaultPlacementGroup(
  scope: RequestScope,
  sourceId: string,
  group: PlannedPrerequisite,
  zone: string | null,
): PlannedPrerequisite {
  const baseName = withAsrSuffix(nameOf(sourceId), MAX_NAME_LENGTHS.placementGroup - 6);
  const pinnedZone = scope.zoneToZone ? zone : null;
  const name =
    pinnedZone === null || pinnedZone === scope.request.target.zone
      ? baseName
      : `${baseName}-zone${pinnedZone}`;
  const id = resourceIdOf(group.id, RESOURCE_TYPES.placementGroup, name);
  return scope.computeOnce(`placement ${keyOf(id)}`, () => {
    const existing = scope.lookup.placementGroups.get(keyOf(id));
    if (existing)
      return reusePlacementGroup(
        existing,
        `By default the source's placement group ${nameOf(sourceId)} with the suffix -asr; it ` +
          'exists and is reused.',
        group,
      );
    return planPrerequisite(
      'create',
      id,
      name,
      `By default one like that of the source, ${nameOf(sourceId)}, with the suffix -asr.`,
      [group],
      { kind: 'placementGroup', region: scope.target.region, zone: pinnedZone, sizes: [] },
    );
  });
}

/** False after a refusal; null when the VM gets no placement group. */
export function choosePlacementGroup(
  scope: RequestScope,
  vm: SourceVm,
  resolved: ResolvedVmRequest,
  destination: {
    readonly group: PlannedPrerequisite;
    readonly set: AvailabilitySetChoice | undefined;
    readonly zone: string | null;
  },
  notes: Notes,
): PlannedPrerequisite | null | false {
  const { placementGroupId: requested } = resolved;
  const groupIdOfSet = destination.set?.placementGroupId ?? null;
  if (
    requested === null ||
    (requested === undefined && vm.placementGroupId === null && groupIdOfSet === null)
  )
    return choosePlacementGroupNone(destination, vm, notes);
  if (vm.disks.some(({ managed }) => !managed)) {
    return refuse(
      notes,
      'PlacementGroupNeedsManagedDisks',
      'The VM has disks that are not managed, and so cannot be in a proximity placement group. ' +
        'Convert them to managed disks, or ask for none: "placementGroupId": null.',
    );
  }
  const chosen =
    requested !== undefined
      ? requestedPlacementGroup(scope, requested, destination, notes)
      : inheritedPlacementGroup(scope, vm, destination, notes);
  if (!chosen) return false;
  if (groupIdOfSet !== null && !sameId(groupIdOfSet, chosen.id)) {
    return refuse(
      notes,
      'SetInOtherPlacementGroup',
      `The availability set ${destination.set?.prerequisite.name ?? ''} is in the placement group ` +
        `${nameOf(groupIdOfSet)}, the VM would be in ${chosen.name}. Name ${groupIdOfSet}, or another ` +
        'set.',
    );
  }
  recordChoice(notes, 'placementGroup', chosen.name, chosen.reason);
  return addPrerequisite(notes, chosen);
}

function choosePlacementGroupNone(
  destination: { readonly set: AvailabilitySetChoice | undefined },
  vm: SourceVm,
  notes: Notes,
): null | false {
  const groupIdOfSet = destination.set?.placementGroupId ?? null;
  if (groupIdOfSet !== null)
    return refuse(
      notes,
      'SetInPlacementGroup',
      `No placement group was asked for, but the availability set ${destination.set?.prerequisite.name ?? ''} ` +
        `is in ${nameOf(groupIdOfSet)}. Name that one, or another set.`,
    );
  if (vm.placementGroupId !== null) recordChoice(notes, 'placementGroup', 'none', 'It was asked for.');
  return null;
}

function requestedPlacementGroup(
  scope: RequestScope,
  id: string,
  destination: { readonly group: PlannedPrerequisite; readonly zone: string | null },
  notes: Notes,
): PlannedPrerequisite | false {
  const existing = scope.lookup.placementGroups.get(keyOf(id));
  const suggestion = suggestOneOf(
    possiblePlacementGroups(scope, destination.group.id).map((candidate) => candidate.id),
  );
  if (!existing)
    return refuse(
      notes,
      'PlacementGroupUnknown',
      `The proximity placement group ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  if (!isInRegion(existing, scope.target.region))
    return refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${existing.name} is in ${existing.region}, not in ` +
        `${scope.target.region}. ${suggestion}`,
    );
  if (!sameId(resourceGroupOf(existing.id), destination.group.id))
    return refuse(
      notes,
      'PlacementGroupInOtherGroup',
      `The proximity placement group ${existing.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(existing.id))}, the VM is to be in ${destination.group.name}; they must be ` +
        'in the same one, and an availability set too. Name that resource group, or another ' +
        `placement group. ${suggestion}`,
    );
  if (!fitsZone(existing, destination.zone))
    return refuse(
      notes,
      'PlacementGroupInOtherZone',
      `The proximity placement group ${existing.name} is in zone ${existing.zones.join(', ')}, the ` +
        `VM is to be in zone ${destination.zone ?? ''}. ${suggestion}`,
    );
  return reusePlacementGroup(existing, 'It was asked for.', destination.group);
}

function inheritedPlacementGroup(
  scope: RequestScope,
  vm: SourceVm,
  destination: {
    readonly group: PlannedPrerequisite;
    readonly set: AvailabilitySetChoice | undefined;
    readonly zone: string | null;
  },
  notes: Notes,
): PlannedPrerequisite | false {
  const groupIdOfSet = destination.set?.placementGroupId ?? null;
  const groupOfSet = destination.set?.prerequisite.dependsOn.find(
    ({ spec }) => spec.kind === 'placementGroup',
  );
  const suggestion = suggestOneOf(
    possiblePlacementGroups(scope, destination.group.id).map((candidate) => candidate.id),
    undefined,
    'name another availability set or resource group',
  );
  if (groupIdOfSet !== null && !groupOfSet)
    return refuse(
      notes,
      'PlacementGroupUnknown',
      `The availability set ${destination.set?.prerequisite.name ?? ''} is in the placement group ${groupIdOfSet}, ` +
        `which does not exist, or cannot be seen. ${suggestion}`,
    );
  const chosen =
    groupOfSet ??
    defaultPlacementGroup(scope, vm.placementGroupId ?? '', destination.group, destination.zone);
  const existing = scope.lookup.placementGroups.get(keyOf(chosen.id));
  const isElsewhere =
    existing &&
    (!isInRegion(existing, scope.target.region) ||
      !fitsZone(existing, destination.zone) ||
      !sameId(resourceGroupOf(existing.id), destination.group.id));
  if (isElsewhere) {
    return refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${existing.name} is in ` +
        `${existing.region}${existing.zones.length > 0 ? `, zone ${existing.zones.join(', ')}` : ''}, in ` +
        `the resource group ${nameOf(resourceGroupOf(existing.id))}: not where the VM is to be. ` +
        suggestion,
    );
  }
  return chosen;
}
/** The chosen availability set with its placement group. */
export interface AvailabilitySetChoice {
  readonly prerequisite: PlannedPrerequisite;
  readonly placementGroupId: string | null;
}
