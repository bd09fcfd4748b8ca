// Updates of a replicating VM: the allowed changes, and the refusals with their remedies.
import { evaluateUpdate } from '../../../shared/scenarios/azureToAzure/enabling/update/evaluateUpdate.ts';
import {
  DEVELOPMENT,
  PRODUCTION,
  codesOf,
  factsWith,
  FACTS,
  groupId,
  nearId,
  makeNetwork,
  networkId,
  containingText,
  availabilitySetId,
} from './facts.ts';
import { UpdateRequest, type CurrentSettings } from '../../../shared/scenarios/enabling/updateRequest.ts';

const group = (name: string, region: string) => ({
  id: groupId(name),
  name,
  subscription: PRODUCTION,
  region,
});
const set = (name: string, inGroup: string, placementGroupId: string | null = null) => ({
  id: availabilitySetId(name, inGroup),
  name,
  region: 'southeastasia',
  faultDomains: 2,
  updateDomains: 5,
  aligned: true,
  placementGroupId,
});
const placementGroup = (name: string, inGroup: string, zones: readonly string[] = []) => ({
  id: nearId(name, inGroup),
  name,
  region: 'southeastasia',
  zones,
});
const facts = factsWith({
  resourceGroups: [
    ...FACTS.resourceGroups,
    group('shop-asr', 'southeastasia'),
    group('else', 'southeastasia'),
  ],
  networks: [
    ...FACTS.networks,
    makeNetwork('shop-network-asr', 'southeastasia', 'shop-asr'),
    makeNetwork('other', 'southeastasia', 'shop-asr', ['first']),
  ],
  availabilitySets: [
    set('one', 'shop-asr'),
    set('two', 'shop-asr'),
    set('pinned', 'shop-asr', nearId('a', 'shop-asr')),
    set('apart', 'else'),
  ],
  placementGroups: [
    placementGroup('a', 'shop-asr'),
    placementGroup('b', 'shop-asr'),
    placementGroup('z', 'shop-asr', ['3']),
    placementGroup('apart', 'else'),
  ],
});
const present: CurrentSettings = {
  name: 'web',
  source: { region: 'eastasia', zone: null },
  target: { region: 'southeastasia', subscription: PRODUCTION },
  generation: 'V2',
  size: 'Standard_D2s_v5',
  resourceGroupId: groupId('shop-asr'),
  isClassic: false,
  networkId: networkId('shop-network-asr', 'shop-asr'),
  testNetworkId: null,
  availability: { type: 'single' },
  placementGroupId: null,
  nics: [{ id: 'nic-1', subnet: 'web', address: null }],
  disks: [
    {
      id: 'os',
      name: 'web-os',
      isOs: true,
      managed: true,
      replicaType: 'Premium_LRS',
      targetType: 'Premium_LRS',
    },
  ],
};
const evaluate = (update: object, more: Partial<CurrentSettings> = {}) =>
  evaluateUpdate(facts, { ...present, ...more }, UpdateRequest.parse(update));
const refused = (update: object, more: Partial<CurrentSettings> = {}) => {
  const verdict = evaluate(update, more);
  expect(verdict.changes).toEqual({});
  return codesOf(verdict.refusals);
};
const inSet: Partial<CurrentSettings> = {
  availability: { type: 'set', setId: availabilitySetId('one', 'shop-asr') },
};
const inZone: Partial<CurrentSettings> = { availability: { type: 'zone', zone: '1' } };

test('the availability type cannot change during replication: refused, with the remedy [A2A-13]', () => {
  for (const [update, more] of [
    [{ zone: '2' }, {}],
    [{ availabilitySetId: availabilitySetId('one', 'shop-asr') }, inZone],
    [{ availability: 'single' }, inSet],
    [{ availability: 'set' }, inZone],
  ] as const) {
    expect(evaluate(update, more)).toMatchObject({
      verdict: 'refused',
      changes: {},
      refusals: [
        {
          code: 'AvailabilityTypeFixed',
          message: containingText('Disable replication of the VM, then enable it again'),
        },
      ],
    });
  }
});

test('another possible set or zone of the same type is allowed [A2A-13]', () => {
  expect(evaluate({ availabilitySetId: availabilitySetId('two', 'shop-asr') }, inSet)).toMatchObject({
    verdict: 'update',
    changes: { availabilitySetId: availabilitySetId('two', 'shop-asr') },
  });
  expect(evaluate({ zone: '2' }, inZone)).toMatchObject({ verdict: 'update', changes: { zone: '2' } });
  expect(evaluate({ availability: 'zone', zone: '1' }, inZone).verdict).toBe('alreadySo');
  expect(refused({ availabilitySetId: availabilitySetId('apart', 'else') }, inSet)).toEqual([
    'SetInOtherGroup',
  ]);
  expect(refused({ availabilitySetId: availabilitySetId('missing', 'shop-asr') }, inSet)).toEqual([
    'SetUnknown',
  ]);
  const zoneToZone = { ...inZone, source: { region: 'southeastasia', zone: '3' } };
  expect(refused({ zone: '3' }, zoneToZone)).toEqual(['SameZone']);
});

test('an update changes only the settings that differ from the present settings [A2A-18]', () => {
  expect(
    evaluate({
      size: 'Standard_D4s_v5',
      networkId: networkId('other', 'shop-asr'),
      testNetworkId: networkId('other', 'shop-asr'),
      resourceGroup: 'else',
      nics: [{ nic: 'NIC-1', subnet: 'first', address: '10.20.0.10' }],
      diskTypes: [{ disk: 'web-os', targetType: 'Standard_LRS', replicaType: 'Premium_LRS' }],
    }),
  ).toEqual({
    verdict: 'update',
    refusals: [],
    changes: {
      size: 'Standard_D4s_v5',
      networkId: networkId('other', 'shop-asr'),
      testNetworkId: networkId('other', 'shop-asr'),
      resourceGroupId: groupId('else'),
      nics: [{ nicId: 'nic-1', subnet: 'first', address: '10.20.0.10' }],
      disks: [{ id: 'os', targetType: 'Standard_LRS' }],
    },
  });
  expect(
    evaluate({
      size: 'standard_d2s_v5',
      resourceGroup: 'SHOP-ASR',
      nics: [{ nic: 'nic-1', subnet: 'web' }],
    }),
  ).toEqual({ verdict: 'alreadySo', refusals: [], changes: {} });
});

test('a network interface has its name or its id, and a name must mean one interface [A2A-18]', () => {
  const group = '/subscriptions/s/resourceGroups';
  const nicOf = (resourceGroup: string, name: string) => ({
    id: `${group}/${resourceGroup}/providers/Microsoft.Network/networkInterfaces/${name}`,
    subnet: 'web',
    address: null,
  });
  const nics = [nicOf('one', 'front'), nicOf('one', 'back'), nicOf('two', 'back')];
  const change = (...named: string[]) =>
    evaluate(
      { nics: named.map((nic) => ({ nic, address: null, subnet: 'first' })) },
      {
        nics,
        networkId: networkId('other', 'shop-asr'),
      },
    );
  for (const nic of ['front', 'FRONT', nics[0]?.id ?? ''])
    expect(change(nic).changes.nics).toEqual([{ nicId: nics[0]?.id, subnet: 'first' }]);
  expect(change('back').refusals).toEqual([
    {
      code: 'NicUnknown',
      message: containingText(
        `several network interfaces back. Name one by its ARM id: ${nics[1]?.id ?? ''}`,
      ),
    },
  ]);
  expect(change(nics[2]?.id ?? '').changes.nics).toEqual([{ nicId: nics[2]?.id, subnet: 'first' }]);
  expect(change('cellar').refusals).toEqual([
    { code: 'NicUnknown', message: 'web has no network interface cellar. It has: back, back, front.' },
  ]);
  expect(codesOf(change('front', nics[0]?.id ?? '').refusals)).toEqual(['NicNamedTwice']);
});

test('a refusal of an impossible update lists the possible values, and nothing changes [A2A-18]', () => {
  expect(refused({ size: 'Standard_M64s' })).toEqual(['SizeNotThere']);
  expect(refused({ networkId: networkId('shop-network') })).toEqual(['NetworkElsewhere']);
  expect(refused({ networkId: networkId('missing') })).toEqual(['NetworkUnknown']);
  expect(refused({ nics: [{ nic: 'nic-2', subnet: 'web' }] })).toEqual(['NicUnknown']);
  expect(refused({ nics: [{ nic: 'nic-1', subnet: 'db' }] })).toEqual(['SubnetUnknown']);
  for (const address of ['10.20.9.9', '10.20.0.3', '10.20.0.255'])
    expect(refused({ nics: [{ nic: 'nic-1', address }] })).toEqual(['AddressNotInSubnet']);
  expect(
    refused(
      { nics: [{ nic: 'nic-1', address: '10.20.0.10' }] },
      { nics: [...present.nics, { id: 'nic-2', subnet: 'web', address: '10.20.0.10' }] },
    ),
  ).toEqual(['AddressTwice']);
  expect(refused({ resourceGroup: 'shop' })).toEqual(['GroupInSourceRegion']);
  expect(refused({ resourceGroup: 'missing' })).toEqual(['GroupUnknown']);
  expect(refused({ diskTypes: [{ disk: 'data', targetType: 'Standard_LRS' }] })).toEqual(['DiskUnknown']);
  expect(refused({ size: 'Standard_D4s_v5', zone: '2' })).toEqual(['AvailabilityTypeFixed']);
  expect(() => UpdateRequest.parse({})).toThrow();
  expect(() => UpdateRequest.parse({ colour: 'red' })).toThrow();
  expect(() => UpdateRequest.parse({ nics: [{ nic: 'nic-1', address: '10.20.0' }] })).toThrow();
});

test('a resource group cannot change away from under its set or placement group [A2A-18] [PPG-2]', () => {
  expect(refused({ resourceGroup: 'else' }, inSet)).toEqual(['SetInOtherGroup']);
  expect(
    evaluate({ resourceGroup: 'else', availabilitySetId: availabilitySetId('apart', 'else') }, inSet).verdict,
  ).toBe('update');
  expect(refused({ resourceGroup: 'else' }, { placementGroupId: nearId('a', 'shop-asr') })).toEqual([
    'PlacementGroupInOtherGroup',
  ]);
  expect(
    evaluate(
      { resourceGroup: 'else', placementGroupId: nearId('apart', 'else') },
      { placementGroupId: nearId('a', 'shop-asr') },
    ).verdict,
  ).toBe('update');
});

test('an update sets or changes a placement group and refuses its removal [PPG-4]', () => {
  const has = { placementGroupId: nearId('a', 'shop-asr') };
  expect(evaluate({ placementGroupId: nearId('a', 'shop-asr') })).toMatchObject({
    verdict: 'update',
    changes: has,
  });
  expect(evaluate({ placementGroupId: nearId('b', 'shop-asr') }, has)).toMatchObject({
    verdict: 'update',
    changes: { placementGroupId: nearId('b', 'shop-asr') },
  });
  expect(
    evaluate(
      { placementGroupId: nearId('a', 'shop-asr').toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions') },
      has,
    ).verdict,
  ).toBe('alreadySo');
  expect(evaluate({ placementGroupId: null }, has)).toMatchObject({
    verdict: 'refused',
    changes: {},
    refusals: [
      {
        code: 'PlacementGroupStays',
        message: containingText('Disable replication of the VM, then enable it again'),
      },
    ],
  });
  expect(refused({ placementGroupId: nearId('apart', 'else') })).toEqual(['PlacementGroupInOtherGroup']);
  expect(refused({ placementGroupId: nearId('missing', 'shop-asr') })).toEqual(['PlacementGroupUnknown']);
  expect(refused({ placementGroupId: nearId('z', 'shop-asr') }, inZone)).toEqual([
    'PlacementGroupInOtherZone',
  ]);
  expect(
    refused(
      { placementGroupId: nearId('a', 'shop-asr') },
      { disks: present.disks.map((disk) => ({ ...disk, managed: false })) },
    ),
  ).toEqual(['PlacementGroupNeedsManagedDisks']);
  expect(
    refused(
      { placementGroupId: nearId('b', 'shop-asr') },
      { availability: { type: 'set', setId: availabilitySetId('pinned', 'shop-asr') }, ...has },
    ),
  ).toEqual(['SetInOtherPlacementGroup']);
});

test('a change of network moves each interface to a subnet of that network [A2A-18]', () => {
  const nics = [
    { id: 'nic-1', subnet: 'web', address: null },
    { id: 'nic-2', subnet: 'first', address: '10.20.0.9' },
  ];
  const other = { networkId: networkId('other', 'shop-asr') };
  expect(evaluate(other, { nics })).toMatchObject({
    verdict: 'update',
    changes: { ...other, nics: [{ nicId: 'nic-1', subnet: 'first' }] },
  });
  expect(
    evaluate({ ...other, nics: [{ nic: 'nic-1', address: '10.20.0.10' }] }, { nics }).changes.nics,
  ).toEqual([{ nicId: 'nic-1', subnet: 'first', address: '10.20.0.10' }]);
  expect(refused(other, { nics: [{ id: 'nic-1', subnet: 'first', address: '10.99.0.9' }] })).toEqual([
    'AddressNotInSubnet',
  ]);
});

test('two VMs that replicate to one network never get the same address [A2A-7] [A2A-18]', () => {
  const addresses = [
    {
      vm: 'app (vm-2)',
      networkId: networkId('shop-network-asr', 'shop-asr').toUpperCase(),
      address: '10.20.0.10',
    },
  ];
  const update = { nics: [{ nic: 'nic-1', address: '10.20.0.10' }] };
  expect(evaluate(update, { addresses }).refusals).toEqual([
    { code: 'AddressTwice', message: containingText('app (vm-2)') },
  ]);
  expect(evaluate({ ...update, networkId: networkId('other', 'shop-asr') }, { addresses }).verdict).toBe(
    'update',
  );
});

test('a VM leaves a foreign network together with its subnets, or not at all [A2A-6] [A2A-18]', () => {
  const foreign = { networkId: networkId('shop-network-asr', 'shop-asr').replace(PRODUCTION, DEVELOPMENT) };
  expect(refused({ nics: [{ nic: 'nic-1', subnet: 'web' }] }, foreign)).toContain('NetworkElsewhere');
  expect(
    evaluate(
      { nics: [{ nic: 'nic-1', subnet: 'first' }], networkId: networkId('other', 'shop-asr') },
      foreign,
    ).verdict,
  ).toBe('update');
});
