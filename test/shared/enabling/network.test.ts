// The target networks and subnets in a preview.
import type { AzureFacts } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import {
  DEVELOPMENT,
  FACTS,
  PRODUCTION,
  choiceOf,
  factsWith,
  groupId,
  makeVm,
  makeNetwork,
  networkId,
  makeNic,
  onlyVm,
  prerequisitesOf,
  containingText,
  settingsOf,
  vaultId,
  makeVault,
  vmId,
  makeRequest,
} from './facts.ts';

const OTHER = makeNetwork('other', 'southeastasia', 'shop-far', ['first', 'app']);
const facts = factsWith({
  networks: [...FACTS.networks, OTHER, makeNetwork('shop-network-old', 'southindia')],
});
const subnetsOf = (preview: Parameters<typeof settingsOf>[0]) =>
  settingsOf(preview).nics.map(({ subnet }) => subnet);
const VAULT = vaultId('lifeboat-southeastasia');
const mapped = (to: string): AzureFacts => ({
  ...facts,
  vault: makeVault({
    fabrics: [
      { id: `${VAULT}/replicationFabrics/here`, name: 'here', region: 'eastasia' },
      { id: `${VAULT}/replicationFabrics/there`, name: 'there', region: 'southeastasia' },
    ],
    networkMappings: [
      {
        id: `${VAULT}/replicationFabrics/here/replicationNetworks/azureNetwork/replicationNetworkMappings/out`,
        name: 'out',
        fabricName: 'here',
        networkId: networkId('shop-network').toLowerCase(),
        recoveryNetworkId: to.toLowerCase(),
        recoveryFabricName: 'there',
      },
    ],
  }),
});

test('the default network is a copy of the source with -asr and mappings both ways [A2A-6]', () => {
  const preview = previewEnabling(facts, makeRequest(['web']));
  expect(prerequisitesOf(preview, 'network')).toMatchObject([
    {
      id: networkId('shop-network-asr', 'shop-asr'),
      action: 'create',
      spec: { region: 'southeastasia', addressPrefixes: ['10.20.0.0/16'] },
    },
  ]);
  expect(prerequisitesOf(preview, 'networkMapping').map(({ spec }) => spec)).toMatchObject([
    {
      networkId: networkId('shop-network'),
      recoveryNetworkId: networkId('shop-network-asr', 'shop-asr'),
      recoveryFabricName: 'fabric-southeastasia',
    },
    {
      networkId: networkId('shop-network-asr', 'shop-asr'),
      recoveryNetworkId: networkId('shop-network'),
      recoveryFabricName: 'fabric-eastasia',
    },
  ]);
  const there = {
    ...facts,
    networks: [...facts.networks, makeNetwork('shop-network-asr', 'southeastasia', 'shop-asr')],
    resourceGroups: [
      ...facts.resourceGroups,
      { id: groupId('shop-asr'), name: 'shop-asr', subscription: PRODUCTION, region: 'southeastasia' },
    ],
  };
  expect(prerequisitesOf(previewEnabling(there, makeRequest(['web'])), 'network')).toMatchObject([
    { action: 'reuse' },
  ]);
});

test("the vault's mapping of the network wins over the default, and the preview reuses the mapping [A2A-6]", () => {
  const preview = previewEnabling(mapped(OTHER.id), makeRequest(['web']));
  expect(settingsOf(preview).networkId).toBe(OTHER.id);
  expect(choiceOf(preview, 'network')?.reason).toContain('The vault maps the network shop-network to it');
  expect(prerequisitesOf(preview, 'networkMapping').map(({ action, name }) => [action, name])).toEqual([
    ['reuse', 'out'],
    ['create', expect.stringMatching(/^other-to-shop-network-/)],
  ]);
});

test('the preview takes a given network of the target and refuses any other network [A2A-6]', () => {
  const previewWithNetwork = (id: string, base = facts) =>
    previewEnabling(base, makeRequest(['web'], { target: { networkId: id } }));
  expect(settingsOf(previewWithNetwork(OTHER.id)).networkId).toBe(OTHER.id);
  expect(
    prerequisitesOf(previewWithNetwork(OTHER.id), 'networkMapping').map(({ spec }) => spec),
  ).toMatchObject([{ recoveryNetworkId: OTHER.id }, { networkId: OTHER.id }]);
  expect(onlyVm(previewWithNetwork(networkId('shop-network-old'))).refusals).toEqual([
    { code: 'NetworkElsewhere', message: containingText(OTHER.id) },
  ]);
  expect(onlyVm(previewWithNetwork(networkId('missing'))).refusals).toEqual([
    { code: 'NetworkUnknown', message: containingText(OTHER.id) },
  ]);
  const foreign = { ...OTHER, id: OTHER.id.replace(PRODUCTION, DEVELOPMENT), subscription: DEVELOPMENT };
  expect(
    onlyVm(previewWithNetwork(foreign.id, { ...facts, networks: [...facts.networks, foreign] })).refusals,
  ).toEqual([{ code: 'NetworkElsewhere', message: containingText(DEVELOPMENT) }]);
});

test("the preview accepts a given network against the vault's mapping, and the mapping stays [A2A-6]", () => {
  const base = mapped(networkId('mapped', 'shop-far'));
  const preview = previewEnabling(
    { ...base, networks: [...base.networks, makeNetwork('mapped', 'southeastasia', 'shop-far')] },
    makeRequest(['app', { id: vmId('web'), networkId: OTHER.id }]),
  );
  expect(preview.vms.map(({ settings }) => settings?.networkId)).toEqual([
    networkId('mapped', 'shop-far'),
    OTHER.id,
  ]);
  const forward = prerequisitesOf(preview, 'networkMapping')[0];
  expect(forward).toMatchObject({ action: 'reuse', name: 'out' });
  expect(preview.vms[0]?.needs).toContain(forward?.id);
  expect(preview.vms[1]?.needs).not.toContain(forward?.id);
});

test('two networks of one name become two networks, and a shared target gives a warning [A2A-6]', () => {
  const two = factsWith({
    networks: [makeNetwork('shop-network'), makeNetwork('shop-network', 'eastasia', 'ledger'), OTHER],
    vms: [
      makeVm('web'),
      makeVm('ledger', { nics: [makeNic('ledger-nic', { networkId: networkId('shop-network', 'ledger') })] }),
    ],
  });
  const names = prerequisitesOf(
    previewEnabling(two, makeRequest(['web', 'ledger'], { target: { resourceGroup: 'all' } })),
    'network',
  ).map(({ name }) => name);
  expect(names).toEqual([expect.stringMatching(/^shop-network-[0-9a-f]{6}-asr$/), 'shop-network-asr']);
  const joined = previewEnabling(two, makeRequest(['web', 'ledger'], { target: { networkId: OTHER.id } }));
  expect(prerequisitesOf(joined, 'networkMapping')).toHaveLength(3);
  expect(joined.warnings).toEqual([
    { code: 'NetworksShareTarget', message: containingText('Several networks replicate to other') },
  ]);
});

test('the preview refuses a VM with an unreadable network until the request names one [A2A-6]', () => {
  const blind = { ...facts, vms: [makeVm('web', { nics: [] })] };
  expect(onlyVm(previewEnabling(blind, makeRequest(['web']))).refusals[0]).toMatchObject({
    code: 'SourceNetworkUnknown',
    message: containingText('networkId'),
  });
  expect(
    onlyVm(previewEnabling(blind, makeRequest(['web'], { target: { networkId: OTHER.id } }))).verdict,
  ).toBe('enable');
});

test('a VM gets the subnet of the same name or else the first subnet [A2A-7]', () => {
  const into = (name: string, more: object = {}) =>
    previewEnabling(facts, makeRequest([{ id: vmId(name), networkId: OTHER.id, ...more }]));
  expect(subnetsOf(into('app'))).toEqual(['app']);
  expect(subnetsOf(into('web'))).toEqual(['first']);
  expect(choiceOf(into('web'), 'subnet')?.reason).toContain('no subnet "web", so the first one');
  expect(subnetsOf(into('web', { subnet: 'APP' }))).toEqual(['app']);
  expect(onlyVm(into('web', { subnet: 'db' })).refusals).toEqual([
    { code: 'SubnetUnknown', message: containingText('Name one of: first, app') },
  ]);
  const bare = { ...facts, networks: [...FACTS.networks, { ...OTHER, subnets: [] }] };
  expect(
    onlyVm(previewEnabling(bare, makeRequest([{ id: vmId('web'), networkId: OTHER.id }]))).refusals[0]?.code,
  ).toBe('NoSubnet');
});

test('the preview does not take a mapped network of another subscription [A2A-6]', () => {
  const foreign = { ...OTHER, id: OTHER.id.replace(PRODUCTION, DEVELOPMENT), subscription: DEVELOPMENT };
  const base = mapped(foreign.id);
  const request = makeRequest(['web']);
  // The list may contain the network, as it does for the source's subscription. It may also lack
  // the network.
  for (const seen of [[...base.networks, foreign], base.networks]) {
    const preview = previewEnabling({ ...base, networks: seen }, request);
    expect(settingsOf(preview).networkId).toBe(networkId('shop-network-asr', 'shop-asr'));
    expect(choiceOf(preview, 'network')?.reason).toContain(
      'The vault maps the network shop-network to other, which is in the subscription ' +
        `${DEVELOPMENT} and not in the target's, so that one is not taken.`,
    );
    expect(onlyVm(preview).warnings).toMatchObject([
      { code: 'MappedElsewhere', message: expect.stringContaining('is not taken') as string },
    ]);
    expect(prerequisitesOf(preview, 'networkMapping').map(({ action }) => action)).toEqual([
      'reuse',
      'create',
    ]);
    expect(onlyVm(preview).needs).not.toContain(prerequisitesOf(preview, 'networkMapping')[0]?.id);
  }
});

test('each network interface gets the subnet with the name of its source subnet [A2A-7]', () => {
  const nics = [
    makeNic('web-data', { primary: false, subnet: 'data' }),
    makeNic('web-nic', { subnet: 'app' }),
    makeNic('web-far', { primary: false, subnet: 'missing' }),
  ];
  const two = {
    ...facts,
    networks: [
      FACTS.networks[0],
      makeNetwork('three', 'southeastasia', 'shop-far', ['first', 'data', 'app']),
    ].flatMap((entry) => entry ?? []),
    vms: [makeVm('web', { nics })],
  };
  const into = (more: object = {}) =>
    previewEnabling(
      two,
      makeRequest([{ id: vmId('web'), networkId: networkId('three', 'shop-far'), ...more }]),
    );
  expect(
    settingsOf(into()).nics.map(({ name, primary, sourceSubnet, subnet, address }) => [
      name,
      primary,
      sourceSubnet,
      subnet,
      address,
    ]),
  ).toEqual([
    ['web-nic', true, 'app', 'app', null],
    ['web-data', false, 'data', 'data', null],
    ['web-far', false, 'missing', 'first', null],
  ]);
  expect(
    ['web-nic', 'web-data', 'web-far'].map((name) => choiceOf(into(), `subnet of ${name}`)?.chosen),
  ).toEqual(['app', 'data', 'first']);
  // A named subnet belongs to the primary interface.
  expect(subnetsOf(into({ subnet: 'first' }))).toEqual(['first', 'data', 'first']);
});
