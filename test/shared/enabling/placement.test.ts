// Availability sets, zones and placement groups in a preview.
import type { AzureFacts, SourceVm } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import {
  FACTS,
  makeBlobDisk,
  storageAccountId,
  choiceOf,
  codesOf,
  factsWith,
  groupId,
  makeVm,
  nearId,
  onlyVm,
  prerequisitesOf,
  containingText,
  availabilitySetId,
  settingsOf,
  vmId,
  makeRequest,
  PRODUCTION,
} from './facts.ts';

const set = (
  name: string,
  group: string,
  region: string,
  more: Partial<AzureFacts['availabilitySets'][number]> = {},
) => ({
  id: availabilitySetId(name, group),
  name,
  region,
  faultDomains: 2,
  updateDomains: 5,
  aligned: true,
  placementGroupId: null,
  ...more,
});
const placementGroup = (name: string, group: string, region: string, zones: readonly string[] = []) => ({
  id: nearId(name, group),
  name,
  region,
  zones,
});
const SETS = [
  ...FACTS.availabilitySets,
  set('there', 'shop-asr', 'southeastasia'),
  set('south', 'shop-asr', 'southindia'),
  set('apart', 'other', 'southeastasia'),
  set('old', 'shop-asr', 'southeastasia', { aligned: false }),
];
const NEAR = [
  ...FACTS.placementGroups,
  placementGroup('there', 'shop-asr', 'southeastasia'),
  placementGroup('apart', 'other', 'southeastasia'),
  placementGroup('zoned', 'shop-asr', 'southeastasia', ['3']),
];
const of = (vm: Partial<SourceVm>, target: object = {}, more: Partial<AzureFacts> = {}) =>
  previewEnabling(
    factsWith({ vms: [makeVm('web', vm)], availabilitySets: SETS, placementGroups: NEAR, ...more }),
    makeRequest(['web'], { target }),
  );
const inSet = { availabilitySetId: availabilitySetId('app-set') };
const refusals = (preview: ReturnType<typeof of>) => codesOf(onlyVm(preview).refusals);

test('by default a VM in a set goes into a set with -asr in its own resource group [A2A-11]', () => {
  expect(settingsOf(of(inSet)).availability).toEqual({
    type: 'set',
    setId: availabilitySetId('app-set-asr', 'shop-asr'),
  });
  expect(prerequisitesOf(of(inSet), 'availabilitySet')).toMatchObject([
    {
      action: 'create',
      needs: [groupId('shop-asr')],
      spec: { region: 'southeastasia', faultDomains: 2, updateDomains: 5, aligned: true },
    },
  ]);
  expect(
    prerequisitesOf(
      of(inSet, {}, { availabilitySets: [...SETS, set('app-set-asr', 'shop-asr', 'southeastasia')] }),
      'availabilitySet',
    ),
  ).toMatchObject([{ action: 'reuse' }]);
  expect(settingsOf(of(inSet, { resourceGroup: 'else' })).availability).toEqual({
    type: 'set',
    setId: availabilitySetId('app-set-asr', 'else'),
  });
});

test("a new set has as many fault domains as its source, up to the region's limit [A2A-11]", () => {
  const wide = (aligned: boolean) => ({
    availabilitySets: [set('app-set', 'shop', 'eastasia', { faultDomains: 3, aligned })],
  });
  expect(prerequisitesOf(of(inSet, {}, wide(true)), 'availabilitySet')).toMatchObject([
    {
      spec: { faultDomains: 2 },
      reason: containingText('2 fault domains, the most that southeastasia has, where the source has 3'),
    },
  ]);
  expect(prerequisitesOf(of(inSet, {}, { ...wide(true), setLimits: [] }), 'availabilitySet')).toMatchObject([
    { spec: { faultDomains: 3 } },
  ]);
});

test('only a VM in a set, or a zonal VM without target zones, can choose a set [A2A-11]', () => {
  const there = { availabilitySetId: availabilitySetId('there', 'shop-asr') };
  expect(settingsOf(of(inSet, there)).availability).toEqual({
    type: 'set',
    setId: availabilitySetId('there', 'shop-asr'),
  });
  expect(
    settingsOf(
      of({ zone: '1' }, { region: 'southindia', availabilitySetId: availabilitySetId('south', 'shop-asr') }),
    ).availability,
  ).toEqual({ type: 'set', setId: availabilitySetId('south', 'shop-asr') });
  expect(refusals(of({ zone: '1' }, there))).toEqual(['SetNotPossible']);
  expect(refusals(of({}, there))).toEqual(['SetNotPossible']);
  expect(refusals(of({ zone: '1' }, { region: 'southindia', availability: 'set' }))).toEqual(['SetMissing']);
  expect(onlyVm(of(inSet, { availabilitySetId: availabilitySetId('missing', 'shop-asr') })).refusals).toEqual(
    [{ code: 'SetUnknown', message: containingText(availabilitySetId('there', 'shop-asr')) }],
  );
  expect(refusals(of(inSet, { availabilitySetId: availabilitySetId('south', 'shop-asr') }))).toEqual([
    'SetElsewhere',
  ]);
  expect(refusals(of(inSet, { availabilitySetId: availabilitySetId('apart', 'other') }))).toEqual([
    'SetInOtherGroup',
  ]);
  expect(refusals(of(inSet, { availabilitySetId: availabilitySetId('old', 'shop-asr') }))).toEqual([
    'SetForOtherDisks',
  ]);
});

test('a zonal VM keeps its zone number or becomes single in a region without zones [A2A-12]', () => {
  expect(settingsOf(of({ zone: '3' })).availability).toEqual({ type: 'zone', zone: '3' });
  expect(settingsOf(of({ zone: '3' }, { region: 'southindia' })).availability).toEqual({ type: 'single' });
  expect(choiceOf(of({ zone: '3' }, { region: 'southindia' }), 'availability')?.reason).toContain(
    'has no zones',
  );
  expect(settingsOf(of({ zone: '3' }, { zone: '1' })).availability).toEqual({ type: 'zone', zone: '1' });
  expect(settingsOf(of({ zone: '3' }, { availability: 'single' })).availability).toEqual({ type: 'single' });
  const two = {
    regions: FACTS.regions.map((region) =>
      region.name === 'southeastasia' ? { ...region, zones: ['2', '1'] } : region,
    ),
  };
  expect(settingsOf(of({ zone: '3' }, {}, two)).availability).toEqual({ type: 'zone', zone: '1' });
  expect(refusals(of({ zone: '3' }, { zone: '3' }, two))).toEqual(['ZoneUnknown']);
  expect(refusals(of({ zone: '3' }, { region: 'southindia', zone: '1' }))).toEqual(['NoZones']);
});

test('a VM in neither stays single; a request for a zone, or for two things, fails [A2A-12]', () => {
  expect(settingsOf(of({})).availability).toEqual({ type: 'single' });
  expect(refusals(of({}, { zone: '1' }))).toEqual(['ZoneNotPossible']);
  expect(
    refusals(of({ zone: '1' }, { zone: '1', availabilitySetId: availabilitySetId('there', 'shop-asr') })),
  ).toEqual(['AvailabilityUnclear']);
  expect(refusals(of({ zone: '1' }, { availability: 'single', zone: '1' }))).toEqual(['AvailabilityUnclear']);
});

test('the placement of one VM overrides all placements of the target [A2A-12]', () => {
  const facts = factsWith({ vms: [makeVm('web', { zone: '1' }), makeVm('app', { zone: '1' })] });
  const preview = previewEnabling(
    facts,
    makeRequest(['web', { id: vmId('app'), availability: 'single' }], { target: { zone: '2' } }),
  );
  expect(preview.vms.map(({ settings }) => settings?.availability)).toEqual([
    { type: 'zone', zone: '2' },
    { type: 'single' },
  ]);
});

test('a VM in a placement group gets a similar one with -asr, a given one, or none with null [PPG-1]', () => {
  const vm = { placementGroupId: nearId('near') };
  expect(settingsOf(of(vm)).placementGroupId).toBe(nearId('near-asr', 'shop-asr'));
  expect(prerequisitesOf(of(vm), 'placementGroup')).toMatchObject([
    { action: 'create', needs: [groupId('shop-asr')], spec: { region: 'southeastasia', zone: null } },
  ]);
  expect(
    prerequisitesOf(
      of(vm, {}, { placementGroups: [...NEAR, placementGroup('near-asr', 'shop-asr', 'southeastasia')] }),
      'placementGroup',
    ),
  ).toMatchObject([{ action: 'reuse' }]);
  expect(settingsOf(of({}, { placementGroupId: nearId('there', 'shop-asr') })).placementGroupId).toBe(
    nearId('there', 'shop-asr'),
  );
  expect(settingsOf(of(vm, { placementGroupId: null })).placementGroupId).toBeNull();
  expect(settingsOf(of({})).placementGroupId).toBeNull();
});

test('from zone to zone the new placement group uses the target zone and the VM sizes [PPG-1]', () => {
  const zonal = (target: object) =>
    of({ zone: '1', placementGroupId: nearId('near') }, { region: 'eastasia', ...target });
  expect(settingsOf(zonal({ zone: '2' }))).toMatchObject({
    availability: { type: 'zone', zone: '2' },
    placementGroupId: nearId('near-asr', 'shop-asr'),
  });
  expect(prerequisitesOf(zonal({ zone: '2' }), 'placementGroup')).toMatchObject([
    { spec: { region: 'eastasia', zone: '2', sizes: ['Standard_D2s_v5'] } },
  ]);
  const facts = factsWith({
    vms: ['web', 'app'].map((name) => makeVm(name, { zone: '1', placementGroupId: nearId('near') })),
  });
  const apart = previewEnabling(
    facts,
    makeRequest(['web', { id: vmId('app'), zone: '3' }], { target: { region: 'eastasia', zone: '2' } }),
  );
  expect(apart.vms.map(({ settings }) => settings?.placementGroupId?.split('/').at(-1))).toEqual([
    'near-asr',
    'near-asr-zone3',
  ]);
});

test('placement group, VM and set must be in one resource group [PPG-2]', () => {
  const apart = { placementGroupId: nearId('apart', 'other') };
  expect(onlyVm(of({}, apart)).refusals).toEqual([
    { code: 'PlacementGroupInOtherGroup', message: containingText(nearId('there', 'shop-asr')) },
  ]);
  expect(onlyVm(of({}, { ...apart, resourceGroup: 'other' })).verdict).toBe('enable');
  expect(refusals(of({}, { placementGroupId: nearId('missing', 'shop-asr') }))).toEqual([
    'PlacementGroupUnknown',
  ]);
  expect(refusals(of({}, { placementGroupId: nearId('near') }))).toEqual(['PlacementGroupElsewhere']);
  expect(refusals(of({ zone: '1' }, { placementGroupId: nearId('zoned', 'shop-asr') }))).toEqual([
    'PlacementGroupInOtherZone',
  ]);
  const both = of(inSet, {
    availabilitySetId: availabilitySetId('apart', 'other'),
    ...apart,
    resourceGroup: 'other',
  });
  expect(settingsOf(both)).toMatchObject({
    resourceGroupId: groupId('other'),
    availability: { setId: availabilitySetId('apart', 'other') },
    placementGroupId: nearId('apart', 'other'),
  });
});

test('a VM and its availability set go into the same placement group [PPG-2]', () => {
  const sets = [
    ...SETS,
    set('pinned', 'shop', 'eastasia', { placementGroupId: nearId('near') }),
    set('pinned-there', 'shop-asr', 'southeastasia', { placementGroupId: nearId('there', 'shop-asr') }),
  ];
  const pinned = (target: object = {}) =>
    of({ availabilitySetId: availabilitySetId('pinned'), placementGroupId: nearId('near') }, target, {
      availabilitySets: sets,
    });
  expect(prerequisitesOf(pinned(), 'availabilitySet')).toMatchObject([
    {
      needs: [groupId('shop-asr'), nearId('near-asr', 'shop-asr')],
      spec: { placementGroupId: nearId('near-asr', 'shop-asr') },
    },
  ]);
  expect(
    prerequisitesOf(pinned({ placementGroupId: nearId('there', 'shop-asr') }), 'availabilitySet'),
  ).toMatchObject([{ spec: { placementGroupId: nearId('there', 'shop-asr') } }]);
  expect(
    settingsOf(
      of(
        inSet,
        { availabilitySetId: availabilitySetId('pinned-there', 'shop-asr') },
        { availabilitySets: sets },
      ),
    ).placementGroupId,
  ).toBe(nearId('there', 'shop-asr'));
  const own = (more: object) =>
    previewEnabling(
      factsWith({
        vms: [
          makeVm('web', { availabilitySetId: availabilitySetId('pinned'), placementGroupId: nearId('near') }),
        ],
        availabilitySets: sets,
        placementGroups: NEAR,
      }),
      makeRequest([{ id: vmId('web'), ...more }]),
    );
  expect(refusals(own({ placementGroupId: nearId('there', 'shop-asr') }))).toEqual([
    'SetInOtherPlacementGroup',
  ]);
  expect(refusals(own({ placementGroupId: null }))).toEqual(['SetInPlacementGroup']);
});

test('a VM with unmanaged disks cannot have a placement group [PPG-3]', () => {
  const storage = {
    storageAccounts: [
      {
        id: storageAccountId('shoplegacy'),
        name: 'shoplegacy',
        subscription: PRODUCTION,
        region: 'eastasia',
        sku: 'Standard_LRS',
        kind: 'Storage',
        madeAsCache: false,
      },
    ],
  };
  const vm = { disks: [makeBlobDisk('web-os')] };
  expect(onlyVm(of({ ...vm, placementGroupId: nearId('near') }, {}, storage)).refusals).toEqual([
    { code: 'PlacementGroupNeedsManagedDisks', message: containingText('"placementGroupId": null') },
  ]);
  expect(refusals(of(vm, { placementGroupId: nearId('there', 'shop-asr') }, storage))).toEqual([
    'PlacementGroupNeedsManagedDisks',
  ]);
  expect(
    settingsOf(of({ ...vm, placementGroupId: nearId('near') }, { placementGroupId: null }, storage))
      .placementGroupId,
  ).toBeNull();
});
