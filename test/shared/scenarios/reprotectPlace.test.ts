// The place of the replicas after a reprotect: by default beside the VM that was failed over, else as
// the caller names it, within the rules of Azure.
import { findPlace } from '../../../shared/scenarios/azureToAzure/reprotectPlace.ts';
import type { ReprotectPlace, ReprotectReads } from '../../../shared/scenarios/driver.ts';
import type { VmPlacement } from '../../../shared/azure/vmPlacement.ts';

const group = (name: string): string => `/subscriptions/s/resourceGroups/${name}`;
const near = (name: string, inGroup: string): string =>
  `${group(inGroup)}/providers/Microsoft.Compute/proximityPlacementGroups/${name}`;
const SET = `${group('shop')}/providers/Microsoft.Compute/availabilitySets/set`;
const GROUPS: Readonly<Record<string, string>> = { apart: 'eastasia', away: 'southeastasia' };
const NEAR: Readonly<Record<string, { region: string; zones: readonly string[] }>> = {
  home: { region: 'eastasia', zones: [] },
  zoned: { region: 'eastasia', zones: ['2'] },
  away: { region: 'southeastasia', zones: [] },
};
const ALONE: VmPlacement = { availabilitySetId: null, zone: null, placementGroupId: null };

const readsWith = (placement: VmPlacement): ReprotectReads => ({
  siteRecoveryClientOf: () => Promise.reject(new Error('not needed')),
  readVmPlacement: () => Promise.resolve(placement),
  readResourceGroup: (id) => {
    const region = GROUPS[id.split('/').at(-1) ?? ''];
    return Promise.resolve(region === undefined ? undefined : { region });
  },
  readPlacementGroup: (id) => Promise.resolve(NEAR[id.split('/').at(-1) ?? '']),
  readStorageAccount: () => Promise.reject(new Error('The place needs no account.')),
  findRecoveredBlobs: () => Promise.reject(new Error('The place needs no blobs.')),
});
const site = (region: string, name: string) => ({
  region,
  resourceGroupId: group(name),
  cacheStorageAccountId: null,
});
const VM = {
  name: 'web',
  armId: '/web',
  sourceVmId: '/web',
  hasUnmanagedDisks: false,
  direction: 'original' as const,
  sites: { original: site('eastasia', 'shop'), reversed: site('southeastasia', 'shop-asr') },
};
const find = (place: ReprotectPlace, placement = ALONE, vm: Partial<typeof VM> = {}) =>
  findPlace(readsWith(placement), { ...VM, ...vm }, place);
async function refusalOf(place: ReprotectPlace, placement = ALONE, vm: Partial<typeof VM> = {}) {
  const found = await find(place, placement, vm);
  return 'wrongPlace' in found ? found.wrongPlace.code : 'fits';
}

test('by default the replicas get the group and the placement of the VM [PPG-6]', async () => {
  const placement = { availabilitySetId: SET, zone: null, placementGroupId: near('home', 'shop') };
  expect(await find({}, placement)).toEqual({ ...placement, resourceGroupId: group('shop') });
});

test('a named group and placement group replace those of the VM [PPG-6]', async () => {
  const place = { resourceGroup: 'apart', placementGroupId: near('home', 'apart') };
  expect(await find(place)).toMatchObject({
    resourceGroupId: group('apart'),
    placementGroupId: place.placementGroupId,
  });
  const own = { ...ALONE, placementGroupId: near('home', 'shop') };
  expect(await find({ placementGroupId: null }, own)).toMatchObject({ placementGroupId: null });
});

test.each<[string, ReprotectPlace, VmPlacement, string]>([
  ['an unknown group', { resourceGroup: 'missing' }, ALONE, 'GroupUnknown'],
  ['a group where the VM runs', { resourceGroup: 'away' }, ALONE, 'GroupInSourceRegion'],
  [
    'a group without the set of the VM',
    { resourceGroup: 'apart' },
    { ...ALONE, availabilitySetId: SET },
    'SetInOtherGroup',
  ],
  [
    'a group without the placement group of the VM',
    { resourceGroup: 'apart' },
    { ...ALONE, placementGroupId: near('home', 'shop') },
    'PlacementGroupInOtherGroup',
  ],
  [
    'a placement group of another group',
    { placementGroupId: near('home', 'apart') },
    ALONE,
    'PlacementGroupInOtherGroup',
  ],
  [
    'another placement group than that of the set',
    { placementGroupId: near('home', 'shop') },
    { ...ALONE, availabilitySetId: SET, placementGroupId: near('zoned', 'shop') },
    'SetInOtherPlacementGroup',
  ],
  [
    'an unknown placement group',
    { placementGroupId: near('missing', 'shop') },
    ALONE,
    'PlacementGroupUnknown',
  ],
  [
    'a placement group of the other region',
    { placementGroupId: near('away', 'shop') },
    ALONE,
    'PlacementGroupElsewhere',
  ],
  [
    'a placement group of another zone',
    { placementGroupId: near('zoned', 'shop') },
    { ...ALONE, zone: '1' },
    'PlacementGroupInOtherZone',
  ],
  [
    'a group for a classic VM',
    { resourceGroup: 'apart' },
    { ...ALONE, cloudServiceId: '/domainNames/till' },
    'PlaceOfClassicVm',
  ],
])('Lifeboat refuses %s [PPG-6] [PPG-2]', async (_what, place, placement, code) => {
  expect(await refusalOf(place, placement)).toBe(code);
});

test('a VM with unmanaged disks gets no placement group [PPG-6] [PPG-3]', async () => {
  const place = { placementGroupId: near('home', 'shop') };
  expect(await refusalOf(place)).toBe('fits');
  expect(await refusalOf(place, ALONE, { hasUnmanagedDisks: true })).toBe('PlacementGroupNeedsManagedDisks');
});

test('from zone to zone the group may be in the region of the VM [PPG-6]', async () => {
  const zones = { original: site('eastasia', 'shop'), reversed: site('eastasia', 'shop-asr') };
  expect(await refusalOf({ resourceGroup: 'apart' }, ALONE, { sites: zones })).toBe('fits');
});
