// The possible values that a caller may choose for enabling replication.
import { choicesFor } from '../../../shared/scenarios/azureToAzure/enabling/request/choices.ts';
import {
  DEVELOPMENT,
  FACTS,
  PRODUCTION,
  storageAccountId,
  factsWith,
  groupId,
  nearId,
  makeNetwork,
  availabilitySetId,
} from './facts.ts';

const source = { region: 'eastasia', subscription: PRODUCTION };
const account = (name: string, region: string, madeAsCache = false) => ({
  id: storageAccountId(name),
  name,
  subscription: PRODUCTION,
  region,
  sku: 'Standard_LRS',
  kind: 'StorageV2',
  madeAsCache,
});
const facts = factsWith({
  resourceGroups: [
    ...FACTS.resourceGroups,
    { id: groupId('far'), name: 'far', subscription: PRODUCTION, region: 'southindia' },
    { id: groupId('there'), name: 'there', subscription: PRODUCTION, region: 'southeastasia' },
  ],
  networks: [...FACTS.networks, makeNetwork('target', 'southeastasia', 'there')],
  storageAccounts: [
    account('another', 'eastasia'),
    account('cache', 'eastasia', true),
    account('disks', 'southeastasia'),
  ],
  availabilitySets: [
    ...FACTS.availabilitySets,
    {
      id: availabilitySetId('set', 'there'),
      name: 'set',
      region: 'southeastasia',
      faultDomains: 2,
      updateDomains: 5,
      aligned: true,
      placementGroupId: null,
    },
  ],
  placementGroups: [
    ...FACTS.placementGroups,
    { id: nearId('beside', 'there'), name: 'beside', region: 'southeastasia', zones: [] },
  ],
});
const names = (list: readonly { readonly name: string }[] | undefined) => list?.map(({ name }) => name);

test("the choices hold the tenant's subscriptions, suitable regions and target resources [A2A-19]", () => {
  const choices = choicesFor(facts, source, { region: 'southeastasia', subscription: PRODUCTION });
  expect(choices.subscriptions.map(({ id }) => id)).toEqual([PRODUCTION, DEVELOPMENT]);
  expect(names(choices.regions)).toEqual(['southeastasia', 'eastasia', 'southindia']);
  expect(names(choices.cacheStorageAccounts)).toEqual(['cache', 'another']);
  expect(names(choices.target?.resourceGroups)).toEqual(['there', 'far']);
  expect(names(choices.target?.networks)).toEqual(['target']);
  expect(names(choices.target?.diskStorageAccounts)).toEqual(['disks']);
  expect(names(choices.target?.availabilitySets)).toEqual(['set']);
  expect(names(choices.target?.placementGroups)).toEqual(['beside']);
  expect(choices.target?.zones).toEqual(['1', '2', '3']);
});

test('the choices hold no target resources without a region or in a foreign subscription [A2A-19]', () => {
  expect(choicesFor(facts, source, null).target).toBeNull();
  const foreign = choicesFor(facts, source, { region: 'southeastasia', subscription: DEVELOPMENT }).target;
  expect([
    foreign?.resourceGroups,
    foreign?.networks,
    foreign?.availabilitySets,
    foreign?.placementGroups,
  ]).toEqual([[], [], [], []]);
});
