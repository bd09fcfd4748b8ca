// Set, zone or single: what the VM is on the target side. It can never be two of them.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { AvailabilitySetFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, key } from '../lookup.ts';
import { LONGEST, resourceIdOf, suffixed, TYPES } from '../prerequisites/names.ts';
import { choose, listed, need, refuse, type Notes, type Planned } from '../notes.ts';
import { part } from '../prerequisites/prerequisites.ts';
import { defaultPlacementGroup, type SetChoice } from './placement.ts';
import type { Availability } from '../../../siterecovery/vmSettings.ts';
import type { VmWishes } from '../request/requestOfVm.ts';

type Type = Availability['type'];
/** Before it is known which set it is: that depends on the placement group too. */
export type Meant =
  { readonly type: 'single' } | { readonly type: 'zone'; readonly zone: string } | { readonly type: 'set' };

const sourceType = (vm: SourceVm): Type =>
  vm.availabilitySetId !== null ? 'set' : vm.zone !== null ? 'zone' : 'single';

export function meantAvailability(
  ground: Ground,
  vm: SourceVm,
  wishes: VmWishes,
  notes: Notes,
): Meant | false {
  const { availability, zone, availabilitySetId } = wishes;
  const said: Type | undefined =
    availability ?? (availabilitySetId !== undefined ? 'set' : zone !== undefined ? 'zone' : undefined);
  if ((zone !== undefined && said !== 'zone') || (availabilitySetId !== undefined && said !== 'set')) {
    return refuse(
      notes,
      'AvailabilityUnclear',
      'A VM is in a set, or in a zone, or in neither; ' +
        `${said === 'single' ? '"single" was asked for together with one' : 'more than one was asked for'}. ` +
        'Name only "zone", only "availabilitySetId", or "availability": "single".',
    );
  }
  if (ground.zoneToZone) return betweenZones(ground, vm, said, zone, notes);
  if (said === 'set') return inSet(ground, vm, availabilitySetId, notes);
  if (said === 'zone') return inZone(ground, vm, zone, notes);
  if (said === 'single') {
    choose(notes, 'availability', 'single', 'It was asked for.');
    return { type: 'single' };
  }
  return byDefault(ground, vm, notes);
}

const zonesOf = (ground: Ground): readonly string[] => [...ground.targetRegion.zones].sort();

function byDefault(ground: Ground, vm: SourceVm, notes: Notes): Meant {
  const zones = zonesOf(ground);
  const { name } = ground.targetRegion;
  if (vm.availabilitySetId !== null) return { type: 'set' };
  const [first] = zones;
  if (vm.zone === null || first === undefined) {
    choose(
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
  choose(
    notes,
    'availability',
    `zone ${zone}`,
    zone === vm.zone
      ? 'It is the number of the zone of the source VM.'
      : `The source VM is in zone ${vm.zone}, which ${name} does not have; this is its first one.`,
  );
  return { type: 'zone', zone };
}

function betweenZones(
  ground: Ground,
  vm: SourceVm,
  said: Type | undefined,
  zone: string | undefined,
  notes: Notes,
): Meant | false {
  const others = zonesOf(ground).filter((one) => one !== vm.zone);
  if (vm.zone === null)
    return refuse(
      notes,
      'NotInZone',
      `Within ${ground.target.region} only VMs in a zone are replicated, to another zone; this ` +
        'one is in none. Name another target region.',
    );
  if (said !== undefined && said !== 'zone')
    return refuse(
      notes,
      'ZoneOnly',
      `Within ${ground.target.region} a VM goes to another zone; "${said}" was asked for. Name ` +
        `a zone: ${listed(others)}.`,
    );
  if (zone === undefined)
    return refuse(
      notes,
      'ZoneMissing',
      'The source and the target region are the same, and no target zone is named. Name one: ' +
        `${listed(others)}.`,
    );
  if (!others.includes(zone))
    return refuse(
      notes,
      'SameZone',
      `${zone === vm.zone ? `The VM is in zone ${zone} now` : `${ground.target.region} has no zone ${zone}`}. ` +
        `Name another: ${listed(others)}.`,
    );
  choose(
    notes,
    'availability',
    `zone ${zone}`,
    `It was asked for; the VM is in zone ${vm.zone} of the same region.`,
  );
  return { type: 'zone', zone };
}

function inZone(ground: Ground, vm: SourceVm, wished: string | undefined, notes: Notes): Meant | false {
  const zones = zonesOf(ground);
  const zone = wished ?? vm.zone ?? zones[0];
  if (zones.length === 0)
    return refuse(
      notes,
      'NoZones',
      `${ground.targetRegion.name} has no zones. Leave the zone out: the VM becomes a single instance there.`,
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
      `${ground.targetRegion.name} has no zone ${zone ?? ''}. Name one of: ${listed(zones)}.`,
    );
  choose(notes, 'availability', `zone ${zone}`, 'It was asked for.');
  return { type: 'zone', zone };
}

/** Only for a VM that is in one, or for a zonal VM whose target region has no zones. */
function inSet(ground: Ground, vm: SourceVm, id: string | undefined, notes: Notes): Meant | false {
  const type = sourceType(vm);
  if (type === 'single')
    return refuse(
      notes,
      'SetNotPossible',
      'The source VM is in no set and in no zone, so it stays a single instance. Leave the ' +
        'availability set out.',
    );
  if (type === 'zone' && ground.targetRegion.zones.length > 0)
    return refuse(
      notes,
      'SetNotPossible',
      `The source VM is in zone ${vm.zone ?? ''} and ${ground.targetRegion.name} has zones, so ` +
        `it goes to a zone: ${listed(zonesOf(ground))}. A set is possible only where there are ` +
        'none.',
    );
  if (type === 'zone' && id === undefined)
    return refuse(
      notes,
      'SetMissing',
      'The source VM is in no set that could be mirrored. Name one of ' +
        `${ground.targetRegion.name}: "availabilitySetId".`,
    );
  return { type: 'set' };
}

export const possibleSets = (
  ground: Ground,
  groupId: string,
  aligned: boolean,
): readonly AvailabilitySetFacts[] =>
  [...ground.look.sets.values()].filter(
    (one) =>
      isIn(one, ground.target.region) && sameId(resourceGroupOf(one.id), groupId) && one.aligned === aligned,
  );

export function chooseSet(
  ground: Ground,
  vm: SourceVm,
  wished: string | undefined,
  group: Planned,
  notes: Notes,
): SetChoice | undefined {
  const aligned = vm.disks.every(({ managed }) => managed);
  const chosen =
    wished !== undefined
      ? givenSet(ground, wished, group, aligned, notes)
      : ownSet(ground, vm, group, aligned, notes);
  if (!chosen) return undefined;
  need(notes, chosen);
  choose(notes, 'availability', `set ${chosen.name}`, chosen.reason);
  return {
    part: chosen,
    placementGroupId: chosen.spec.kind === 'availabilitySet' ? chosen.spec.placementGroupId : null,
  };
}

function givenSet(
  ground: Ground,
  id: string,
  group: Planned,
  aligned: boolean,
  notes: Notes,
): Planned | false {
  const there = ground.look.sets.get(key(id));
  const instead = `Name one of: ${listed(possibleSets(ground, group.id, aligned).map((one) => one.id))}.`;
  if (!there)
    return refuse(
      notes,
      'SetUnknown',
      `The availability set ${id} does not exist, or cannot be seen. ${instead}`,
    );
  if (!isIn(there, ground.target.region))
    return refuse(
      notes,
      'SetElsewhere',
      `The availability set ${there.name} is in ${there.region}, not in ${ground.target.region}. ${instead}`,
    );
  if (!sameId(resourceGroupOf(there.id), group.id))
    return refuse(
      notes,
      'SetInOtherGroup',
      `The availability set ${there.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(there.id))}, the VM is to be in ${group.name}; they must be in ` +
        `the same one. ${instead} Or name the set's resource group.`,
    );
  return reusedSet(ground, there, aligned, group, 'It was asked for.', instead, notes);
}

function reusedSet(
  ground: Ground,
  there: AvailabilitySetFacts,
  aligned: boolean,
  group: Planned,
  why: string,
  instead: string,
  notes: Notes,
): Planned | false {
  if (there.aligned !== aligned)
    return refuse(
      notes,
      'SetForOtherDisks',
      `The availability set ${there.name} is for ${there.aligned ? 'managed' : 'unmanaged'} ` +
        `disks, those of the VM are ${aligned ? 'managed' : 'not'}. ${instead}`,
    );
  return ground.once(`set ${key(there.id)} ${why}`, () => {
    const placement =
      there.placementGroupId === null
        ? undefined
        : ground.look.placementGroups.get(key(there.placementGroupId));
    const near = placement
      ? [
          part(
            'reuse',
            placement.id,
            placement.name,
            `The availability set ${there.name} is in it.`,
            [group],
            { kind: 'placementGroup', region: placement.region, zone: placement.zones[0] ?? null, sizes: [] },
          ),
        ]
      : [];
    const { region, faultDomains, updateDomains, placementGroupId } = there;
    return part('reuse', there.id, there.name, why, [group, ...near], {
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
 * Like the source's, its name with `-asr`, where the VM will be: Azure has a VM and its set in one
 * resource group.
 */
function ownSet(
  ground: Ground,
  vm: SourceVm,
  group: Planned,
  aligned: boolean,
  notes: Notes,
): Planned | false {
  const source = ground.look.sets.get(key(vm.availabilitySetId ?? ''));
  if (!source)
    return refuse(
      notes,
      'SetUnknown',
      `The availability set ${vm.availabilitySetId ?? ''} of the source VM does not exist, or ` +
        'cannot be seen, so it cannot be mirrored. Name a set of the target: "availabilitySetId".',
    );
  // Azure keeps VMs with and without managed disks in sets of their own; a mirror of this one could
  // not take the VM.
  if (source.aligned !== aligned)
    return refuse(
      notes,
      'SetForOtherDisks',
      `The availability set ${source.name} of the source is for ` +
        `${source.aligned ? 'managed' : 'unmanaged'} disks, those of the VM are ` +
        `${aligned ? 'managed' : 'not'}, so it cannot be mirrored. Name a set of the target: ` +
        '"availabilitySetId".',
    );
  const name = suffixed(source.name, LONGEST.availabilitySet);
  const id = resourceIdOf(group.id, TYPES.availabilitySet, name);
  const there = ground.look.sets.get(key(id));
  const instead =
    `Name one of: ${listed(possibleSets(ground, group.id, aligned).map((one) => one.id))}, ` +
    'or another resource group.';
  if (there && !isIn(there, ground.target.region))
    return refuse(
      notes,
      'SetElsewhere',
      `The availability set ${name} exists in ${there.region}, not in ${ground.target.region}. ${instead}`,
    );
  if (there)
    return reusedSet(
      ground,
      there,
      aligned,
      group,
      `By default the set of the source, ${source.name}, with the suffix -asr; it exists and is reused.`,
      instead,
      notes,
    );
  return ground.once(`own set ${key(id)} ${aligned}`, () => {
    const near = aligned ? placementOfSet(ground, source, group) : undefined;
    const most =
      ground.look.facts.setLimits.find(
        (limit) => isIn(limit, ground.target.region) && limit.aligned === aligned,
      )?.faultDomains ?? source.faultDomains;
    const faultDomains = Math.min(source.faultDomains, most);
    const fewer =
      faultDomains < source.faultDomains
        ? ` It has ${faultDomains} fault domains, the most that ${ground.target.region} has, where ` +
          `the source has ${source.faultDomains}.`
        : '';
    return part(
      'create',
      id,
      name,
      `By default a set like that of the source, ${source.name}, with the suffix -asr.${fewer}`,
      [group, ...(near ? [near] : [])],
      {
        kind: 'availabilitySet',
        region: ground.target.region,
        faultDomains,
        updateDomains: source.updateDomains,
        aligned,
        placementGroupId: near?.id ?? null,
      },
    );
  });
}

/**
 * Which placement group a new set is pinned to must not depend on which of its VMs is looked at
 * first: target and source set alone decide.
 */
function placementOfSet(ground: Ground, source: AvailabilitySetFacts, group: Planned): Planned | undefined {
  const wished = ground.wish.target.placementGroupId;
  if (wished === null || source.placementGroupId === null) return undefined;
  if (wished === undefined) return defaultPlacementGroup(ground, source.placementGroupId, group, null);
  const given = ground.look.placementGroups.get(key(wished));
  return (
    given &&
    part('reuse', given.id, given.name, 'It was asked for.', [group], {
      kind: 'placementGroup',
      region: given.region,
      zone: given.zones[0] ?? null,
      sizes: [],
    })
  );
}
