// Chooses the availability of a VM on the target side: a set, a zone or a single instance. Only one
// of them is possible. Pure.
import { nameOf, resourceGroupOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import type { AvailabilitySetFacts, SourceVm } from '../../../../azure/facts.ts';
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
  formatList,
  suggestOneOf,
  addPrerequisite,
  refuse,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import { planPrerequisite } from '../prerequisites/prerequisites.ts';
import { defaultPlacementGroup, type AvailabilitySetChoice } from './placementGroup.ts';
import type { Availability } from '../../../../siterecovery/vmSettings.ts';
import type { ResolvedVmRequest } from '../request/vmRequest.ts';

type AvailabilityType = Availability['type'];
/**
 * The type of availability. The exact set also depends on the placement group, so its choice comes
 * later.
 */
export type ResolvedAvailability =
  { readonly type: 'single' } | { readonly type: 'zone'; readonly zone: string } | { readonly type: 'set' };

const sourceType = (vm: SourceVm): AvailabilityType =>
  vm.availabilitySetId !== null ? 'set' : vm.zone !== null ? 'zone' : 'single';

/** Resolves the type of availability. False after a refusal. */
export function resolveAvailability(
  scope: RequestScope,
  vm: SourceVm,
  resolved: ResolvedVmRequest,
  notes: Notes,
): ResolvedAvailability | false {
  const { availability, zone, availabilitySetId } = resolved;
  const requestedType: AvailabilityType | undefined =
    availability ?? (availabilitySetId !== undefined ? 'set' : zone !== undefined ? 'zone' : undefined);
  if (
    (zone !== undefined && requestedType !== 'zone') ||
    (availabilitySetId !== undefined && requestedType !== 'set')
  ) {
    return refuse(
      notes,
      'AvailabilityUnclear',
      'A VM is in a set, or in a zone, or in neither; ' +
        `${requestedType === 'single' ? '"single" was asked for together with one' : 'more than one was asked for'}. ` +
        'Name only "zone", only "availabilitySetId", or "availability": "single".',
    );
  }
  if (scope.zoneToZone) return resolveZoneToZone(scope, vm, requestedType, zone, notes);
  if (requestedType === 'set') return resolveSet(scope, vm, availabilitySetId, notes);
  if (requestedType === 'zone') return resolveZone(scope, vm, zone, notes);
  if (requestedType === 'single') {
    recordChoice(notes, 'availability', 'single', 'It was asked for.');
    return { type: 'single' };
  }
  return defaultAvailability(scope, vm, notes);
}

const targetZonesOf = (scope: RequestScope): readonly string[] => [...scope.targetRegion.zones].sort();

function defaultAvailability(scope: RequestScope, vm: SourceVm, notes: Notes): ResolvedAvailability {
  const zones = targetZonesOf(scope);
  const { name } = scope.targetRegion;
  if (vm.availabilitySetId !== null) return { type: 'set' };
  const [first] = zones;
  if (vm.zone === null || first === undefined) {
    recordChoice(
      notes,
      'availability',
      'single',
      vm.zone === null
        ? 'The source VM is in no set and in no zone.'
        : `The source VM is in zone ${vm.zone}, but ${name} has no zones.`,
    );
    return { type: 'single' };
  }
  const zone = zones.includes(vm.zone) ? vm.zone : first;
  recordChoice(
    notes,
    'availability',
    `zone ${zone}`,
    zone === vm.zone
      ? 'It is the number of the zone of the source VM.'
      : `The source VM is in zone ${vm.zone}, which ${name} does not have; this is its first one.`,
  );
  return { type: 'zone', zone };
}

function resolveZoneToZone(
  scope: RequestScope,
  vm: SourceVm,
  requestedType: AvailabilityType | undefined,
  zone: string | undefined,
  notes: Notes,
): ResolvedAvailability | false {
  const otherZones = targetZonesOf(scope).filter((candidate) => candidate !== vm.zone);
  if (vm.zone === null)
    return refuse(
      notes,
      'NotInZone',
      `Within ${scope.target.region} only VMs in a zone are replicated, to another zone; this ` +
        'one is in none. Name another target region.',
    );
  if (requestedType !== undefined && requestedType !== 'zone')
    return refuse(
      notes,
      'ZoneOnly',
      `Within ${scope.target.region} a VM goes to another zone; "${requestedType}" was asked for. Name ` +
        `a zone: ${formatList(otherZones)}.`,
    );
  if (zone === undefined)
    return refuse(
      notes,
      'ZoneMissing',
      'The source and the target region are the same, and no target zone is named. Name one: ' +
        `${formatList(otherZones)}.`,
    );
  if (!otherZones.includes(zone))
    return refuse(
      notes,
      'SameZone',
      `${zone === vm.zone ? `The VM is in zone ${zone} now` : `${scope.target.region} has no zone ${zone}`}. ` +
        `Name another: ${formatList(otherZones)}.`,
    );
  recordChoice(
    notes,
    'availability',
    `zone ${zone}`,
    `It was asked for; the VM is in zone ${vm.zone} of the same region.`,
  );
  return { type: 'zone', zone };
}

function resolveZone(
  scope: RequestScope,
  vm: SourceVm,
  requested: string | undefined,
  notes: Notes,
): ResolvedAvailability | false {
  const zones = targetZonesOf(scope);
  const zone = requested ?? vm.zone ?? zones[0];
  if (zones.length === 0)
    return refuse(
      notes,
      'NoZones',
      `${scope.targetRegion.name} has no zones. Leave the zone out: the VM becomes a single instance there.`,
    );
  if (sourceType(vm) === 'single')
    return refuse(
      notes,
      'ZoneNotPossible',
      'The source VM is in no set and in no zone, so it stays a single instance. Leave the zone out.',
    );
  if (zone === undefined || !zones.includes(zone))
    return refuse(
      notes,
      'ZoneUnknown',
      `${scope.targetRegion.name} has no zone ${zone ?? ''}. ${suggestOneOf(zones)}`,
    );
  recordChoice(notes, 'availability', `zone ${zone}`, 'It was asked for.');
  return { type: 'zone', zone };
}

/**
 * A set is possible only for a VM in a set, or for a zonal VM with a target region without zones.
 */
function resolveSet(
  scope: RequestScope,
  vm: SourceVm,
  id: string | undefined,
  notes: Notes,
): ResolvedAvailability | false {
  const type = sourceType(vm);
  if (type === 'single')
    return refuse(
      notes,
      'SetNotPossible',
      'The source VM is in no set and in no zone, so it stays a single instance. Leave the ' +
        'availability set out.',
    );
  if (type === 'zone' && scope.targetRegion.zones.length > 0)
    return refuse(
      notes,
      'SetNotPossible',
      `The source VM is in zone ${vm.zone ?? ''} and ${scope.targetRegion.name} has zones, so ` +
        `it goes to a zone: ${formatList(targetZonesOf(scope))}. A set is possible only where there are ` +
        'none.',
    );
  if (type === 'zone' && id === undefined)
    return refuse(
      notes,
      'SetMissing',
      'The source VM is in no set that could be mirrored. Name one of ' +
        `${scope.targetRegion.name}: "availabilitySetId".`,
    );
  return { type: 'set' };
}

/** The availability sets in the target group for this kind of disks. */
export const possibleAvailabilitySets = (
  scope: RequestScope,
  groupId: string,
  aligned: boolean,
): readonly AvailabilitySetFacts[] =>
  [...scope.lookup.availabilitySets.values()].filter(
    (set) =>
      isInRegion(set, scope.target.region) &&
      sameId(resourceGroupOf(set.id), groupId) &&
      set.aligned === aligned,
  );

/** Chooses the availability set of a VM. Undefined after a refusal. */
export function chooseAvailabilitySet(
  scope: RequestScope,
  vm: SourceVm,
  requested: string | undefined,
  group: PlannedPrerequisite,
  notes: Notes,
): AvailabilitySetChoice | undefined {
  const aligned = vm.disks.every(({ managed }) => managed);
  const chosen =
    requested !== undefined
      ? requestedSet(scope, requested, group, aligned, notes)
      : mirroredSet(scope, vm, group, aligned, notes);
  if (!chosen) return undefined;
  addPrerequisite(notes, chosen);
  recordChoice(notes, 'availability', `set ${chosen.name}`, chosen.reason);
  return {
    prerequisite: chosen,
    placementGroupId: chosen.spec.kind === 'availabilitySet' ? chosen.spec.placementGroupId : null,
  };
}

function requestedSet(
  scope: RequestScope,
  id: string,
  group: PlannedPrerequisite,
  aligned: boolean,
  notes: Notes,
): PlannedPrerequisite | false {
  const existing = scope.lookup.availabilitySets.get(keyOf(id));
  const possible = possibleAvailabilitySets(scope, group.id, aligned).map((set) => set.id);
  const suggestion = suggestOneOf(possible);
  if (!existing)
    return refuse(
      notes,
      'SetUnknown',
      `The availability set ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  if (!isInRegion(existing, scope.target.region))
    return refuse(
      notes,
      'SetElsewhere',
      `The availability set ${existing.name} is in ${existing.region}, not in ${scope.target.region}. ${suggestion}`,
    );
  if (!sameId(resourceGroupOf(existing.id), group.id))
    return refuse(
      notes,
      'SetInOtherGroup',
      `The availability set ${existing.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(existing.id))}, the VM is to be in ${group.name}; they must be in ` +
        `the same one. ${suggestion} Or name the set's resource group.`,
    );
  return reuseSet(scope, existing, aligned, group, 'It was asked for.', suggestion, notes);
}

function reuseSet(
  scope: RequestScope,
  existing: AvailabilitySetFacts,
  aligned: boolean,
  group: PlannedPrerequisite,
  reason: string,
  suggestion: string,
  notes: Notes,
): PlannedPrerequisite | false {
  if (existing.aligned !== aligned)
    return refuse(
      notes,
      'SetForOtherDisks',
      `The availability set ${existing.name} is for ${existing.aligned ? 'managed' : 'unmanaged'} ` +
        `disks, those of the VM are ${aligned ? 'managed' : 'not'}. ${suggestion}`,
    );
  return scope.computeOnce(`set ${keyOf(existing.id)} ${reason}`, () => {
    const placementGroup =
      existing.placementGroupId === null
        ? undefined
        : scope.lookup.placementGroups.get(keyOf(existing.placementGroupId));
    const placementGroups = placementGroup
      ? [
          planPrerequisite(
            'reuse',
            placementGroup.id,
            placementGroup.name,
            `The availability set ${existing.name} is in it.`,
            [group],
            {
              kind: 'placementGroup',
              region: placementGroup.region,
              zone: placementGroup.zones[0] ?? null,
              sizes: [],
            },
          ),
        ]
      : [];
    const { region, faultDomains, updateDomains, placementGroupId } = existing;
    return planPrerequisite('reuse', existing.id, existing.name, reason, [group, ...placementGroups], {
      kind: 'availabilitySet',
      region,
      faultDomains,
      updateDomains,
      aligned,
      placementGroupId,
    });
  });
}

/**
 * A set like the source set, with the name suffix `-asr`, in the group of the VM. Azure requires
 * one resource group for a VM and its set.
 */
function mirroredSet(
  scope: RequestScope,
  vm: SourceVm,
  group: PlannedPrerequisite,
  aligned: boolean,
  notes: Notes,
): PlannedPrerequisite | false {
  const source = scope.lookup.availabilitySets.get(keyOf(vm.availabilitySetId ?? ''));
  if (!source)
    return refuse(
      notes,
      'SetUnknown',
      `The availability set ${vm.availabilitySetId ?? ''} of the source VM does not exist, or ` +
        'cannot be seen, so it cannot be mirrored. Name a set of the target: "availabilitySetId".',
    );
  // In Azure, managed and unmanaged VMs use different sets. A mirror of this set could not contain
  // the VM.
  if (source.aligned !== aligned)
    return refuse(
      notes,
      'SetForOtherDisks',
      `The availability set ${source.name} of the source is for ` +
        `${source.aligned ? 'managed' : 'unmanaged'} disks, those of the VM are ` +
        `${aligned ? 'managed' : 'not'}, so it cannot be mirrored. Name a set of the target: ` +
        '"availabilitySetId".',
    );
  const name = withAsrSuffix(source.name, MAX_NAME_LENGTHS.availabilitySet);
  const id = resourceIdOf(group.id, RESOURCE_TYPES.availabilitySet, name);
  const existing = scope.lookup.availabilitySets.get(keyOf(id));
  const possible = possibleAvailabilitySets(scope, group.id, aligned).map((set) => set.id);
  const suggestion = suggestOneOf(possible, undefined, 'name another resource group');
  if (existing && !isInRegion(existing, scope.target.region))
    return refuse(
      notes,
      'SetElsewhere',
      `The availability set ${name} exists in ${existing.region}, not in ${scope.target.region}. ${suggestion}`,
    );
  if (existing)
    return reuseSet(
      scope,
      existing,
      aligned,
      group,
      `By default the set of the source, ${source.name}, with the suffix -asr; it exists and is reused.`,
      suggestion,
      notes,
    );
  return scope.computeOnce(`own set ${keyOf(id)} ${aligned}`, () => {
    const placementGroup = aligned ? placementGroupOfSet(scope, source, group) : undefined;
    const maxFaultDomains =
      scope.lookup.facts.setLimits.find(
        (limit) => isInRegion(limit, scope.target.region) && limit.aligned === aligned,
      )?.faultDomains ?? source.faultDomains;
    const faultDomains = Math.min(source.faultDomains, maxFaultDomains);
    const fewerDomainsNote =
      faultDomains < source.faultDomains
        ? ` It has ${faultDomains} fault domains, the most that ${scope.target.region} has, where ` +
          `the source has ${source.faultDomains}.`
        : '';
    return planPrerequisite(
      'create',
      id,
      name,
      `By default a set like that of the source, ${source.name}, with the suffix -asr.${fewerDomainsNote}`,
      [group, ...(placementGroup ? [placementGroup] : [])],
      {
        kind: 'availabilitySet',
        region: scope.target.region,
        faultDomains,
        updateDomains: source.updateDomains,
        aligned,
        placementGroupId: placementGroup?.id ?? null,
      },
    );
  });
}

/**
 * The placement group of a new set must not depend on the order of its VMs. So only the target and
 * the source set decide.
 */
function placementGroupOfSet(
  scope: RequestScope,
  source: AvailabilitySetFacts,
  group: PlannedPrerequisite,
): PlannedPrerequisite | undefined {
  const requestedId = scope.request.target.placementGroupId;
  if (requestedId === null || source.placementGroupId === null) return undefined;
  if (requestedId === undefined) return defaultPlacementGroup(scope, source.placementGroupId, group, null);
  const requestedGroup = scope.lookup.placementGroups.get(keyOf(requestedId));
  return (
    requestedGroup &&
    planPrerequisite('reuse', requestedGroup.id, requestedGroup.name, 'It was asked for.', [group], {
      kind: 'placementGroup',
      region: requestedGroup.region,
      zone: requestedGroup.zones[0] ?? null,
      sizes: [],
    })
  );
}
