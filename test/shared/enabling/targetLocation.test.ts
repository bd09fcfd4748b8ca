// The source, the target and the vault in a preview: regions, subscriptions and resource groups.
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { previewRequest } from '../../../shared/enabling/rules/previewRequest.ts';
import { checkGoal, OFFERED_GOALS, resolveScenario } from '../../../shared/enabling/rules/request/goal.ts';
import { enablingDrivers } from '../../../shared/scenarios/drivers.ts';
import { choicesFor } from '../../../shared/scenarios/azureToAzure/enabling/request/choices.ts';
import { suitableRegions } from '../../../shared/scenarios/azureToAzure/enabling/request/locations.ts';
import { createLookup } from '../../../shared/scenarios/enabling/lookup.ts';
import { PrepareRequest } from '../../../shared/scenarios/azureToAzure/enabling/request/request.ts';
import {
  DEVELOPMENT,
  FABRIKAM,
  FACTS,
  PRODUCTION,
  TENANT,
  codesOf,
  factsWith,
  groupId,
  idOf,
  makeVm,
  makeNetwork,
  makeNic,
  networkId,
  onlyVm,
  prerequisitesOf,
  containingText,
  settingsOf,
  vaultId,
  makeVault,
  vmId,
  makeRequest,
} from './facts.ts';

const refusalsOf = (
  more: Parameters<typeof makeRequest>[1],
  facts = FACTS,
  names: Parameters<typeof makeRequest>[0] = ['web'],
) => previewRequest(facts, makeRequest(names, more)).refusals;

test('the preview creates a vault in the target region and refuses the source region [VAULT-1]', () => {
  const preview = previewEnabling(FACTS, makeRequest(['web']));
  expect(preview.vault).toEqual({
    id: vaultId('lifeboat-southeastasia'),
    name: 'lifeboat-southeastasia',
    region: 'southeastasia',
  });
  expect(preview.warnings).toEqual([]);
  expect(preview.checks[0]).toMatchObject({ id: 'VAULT-1', verdict: 'pass' });
  const previewWithVault = (region: string) =>
    previewEnabling(
      FACTS,
      makeRequest(['web'], {
        vault: { name: 'mine', subscription: PRODUCTION, resourceGroup: 'vaults', region },
      }),
    );
  expect(previewWithVault('southindia').refusals).toEqual([]);
  expect(previewWithVault('southindia').warnings[0]).toEqual({
    code: 'VaultNotInTargetRegion',
    message: containingText('the target region southeastasia is recommended'),
  });
  expect(previewWithVault('southindia').checks[0]).toMatchObject({ id: 'VAULT-1', verdict: 'warn' });
  const refused = previewWithVault('eastasia');
  expect(codesOf(refused.refusals)).toEqual(['VaultInSourceRegion']);
  expect(refused.checks[0]).toMatchObject({ id: 'VAULT-1', verdict: 'fail' });
  expect(refused.prerequisites).toEqual([]);
  expect(refused.vms[0]).toMatchObject({ verdict: 'refused', settings: null });
});

test('from zone to zone the vault of the same region gives a warning, no refusal [VAULT-1]', () => {
  const zonal = factsWith({ vms: [makeVm('web', { zone: '1' })] });
  const preview = previewEnabling(zonal, makeRequest(['web'], { target: { region: 'eastasia', zone: '2' } }));
  expect(preview.refusals).toEqual([]);
  expect(preview.warnings[0]).toEqual({
    code: 'VaultInSameRegion',
    message: containingText('when the whole region fails, the vault fails with it'),
  });
});

test('the preview accepts a vault by its id and refuses an unknown or misplaced vault [VAULT-1]', () => {
  const vault = makeVault({ id: vaultId('mine', 'vaults'), name: 'mine', resourceGroup: 'vaults' });
  const preview = previewEnabling(
    factsWith({ vault }),
    makeRequest(['web'], {
      vault: {
        id: vault.id
          .toUpperCase()
          .replace('/SUBSCRIPTIONS', '/subscriptions')
          .replace('/RESOURCEGROUPS', '/resourceGroups')
          .replace('/PROVIDERS', '/providers'),
      },
    }),
  );
  expect(preview.refusals).toEqual([]);
  expect(preview.vault.id).toBe(vault.id);
  expect(prerequisitesOf(preview, 'vault')).toMatchObject([{ action: 'reuse', id: vault.id }]);
  expect(codesOf(refusalsOf({ vault: { id: vault.id } }))).toEqual(['VaultUnknown']);
  expect(
    codesOf(
      refusalsOf(
        { vault: { name: 'mine', subscription: PRODUCTION, resourceGroup: 'vaults', region: 'southindia' } },
        factsWith({ vault }),
      ),
    ),
  ).toEqual(['VaultElsewhere']);
});

test('a new vault needs a region with Site Recovery and a subscription of the tenant [VAULT-3]', () => {
  const request = (more: object = {}) => ({
    vault: { name: 'mine', subscription: PRODUCTION, resourceGroup: 'vaults', ...more },
  });
  expect(previewEnabling(FACTS, makeRequest([], request())).prerequisites.slice(0, 2)).toMatchObject([
    { name: 'vaults', action: 'create', spec: { region: 'southeastasia' } },
    { name: 'mine', action: 'create' },
  ]);
  const there = factsWith({
    resourceGroups: [
      ...FACTS.resourceGroups,
      { id: groupId('vaults'), name: 'vaults', subscription: PRODUCTION, region: 'southindia' },
    ],
  });
  expect(previewEnabling(there, makeRequest([], request())).prerequisites[0]).toMatchObject({
    name: 'vaults',
    action: 'reuse',
    spec: { region: 'southindia' },
  });
  expect(refusalsOf(request({ region: 'nowhere' }))).toEqual([
    { code: 'RegionWithoutSiteRecovery', message: containingText('Name one of: southeastasia, southindia.') },
  ]);
  expect(codesOf(refusalsOf(request({ region: 'atlantis' })))).toEqual(['RegionWithoutSiteRecovery']);
  expect(refusalsOf(request({ subscription: FABRIKAM }))).toEqual([
    { code: 'OtherTenant', message: containingText(`${DEVELOPMENT} (development)`) },
  ]);
  expect(
    PrepareRequest.safeParse({
      target: { region: 'southeastasia' },
      vault: { name: '7', subscription: PRODUCTION, resourceGroup: 'vaults' },
    }).success,
  ).toBe(false);
});

test('the goal alone decides the scenario, and an impossible pair fails [VAULT-4]', () => {
  const meant = (
    protect: 'azureVm' | 'vmwareVm' | 'hyperVVm' | 'hyperVVmInVmm',
    to: 'azure' | 'secondSite',
    vmmServers?: 1 | 2,
  ) => {
    const found = resolveScenario({ protect, to, ...(vmmServers && { vmmServers }) });
    return 'code' in found ? found.code : found.scenario;
  };
  expect(meant('azureVm', 'azure')).toBe('azureToAzure');
  expect(meant('vmwareVm', 'azure')).toBe('vmwareToAzure');
  expect(meant('hyperVVm', 'azure')).toBe('hyperVToAzure');
  expect(meant('hyperVVmInVmm', 'azure', 1)).toBe('hyperVInVmmToAzure');
  expect(meant('hyperVVmInVmm', 'secondSite', 1)).toBe('hyperVToSecondarySite');
  expect(meant('hyperVVmInVmm', 'secondSite', 2)).toBe('hyperVToSecondarySite');
  for (const impossible of [
    meant('azureVm', 'secondSite'),
    meant('vmwareVm', 'secondSite'),
    meant('hyperVVm', 'secondSite'),
    meant('azureVm', 'azure', 1),
    meant('hyperVVm', 'azure', 2),
  ])
    expect(impossible).toBe('ImpossibleGoal');
  expect(codesOf(refusalsOf({ goal: { protect: 'azureVm', to: 'secondSite' } }))).toEqual(['ImpossibleGoal']);
});

test('each refused goal names exactly the goals that a driver can enable [VAULT-4]', () => {
  const built = enablingDrivers.flatMap(({ replicationGoals }) => replicationGoals);
  const isBuilt = ({ protect, to }: { protect: string; to: string }): boolean =>
    built.some((goal) => goal.protect === protect && goal.to === to);
  expect(OFFERED_GOALS.map(({ protect, to }) => `${protect} to ${to}`)).toEqual([
    'azureVm to azure',
    'vmwareVm to azure',
    'hyperVVm to azure',
    'hyperVVmInVmm to azure',
    'hyperVVmInVmm to secondSite',
  ]);
  expect(
    OFFERED_GOALS.filter(({ canBeEnabled }) => canBeEnabled).map(({ protect, to }) => ({ protect, to })),
  ).toEqual(built);
  const canEnable = `Lifeboat can enable now: ${built.map(({ protect, to }) => `${protect} to ${to}`).join(', ')}.`;
  for (const goal of OFFERED_GOALS.filter((offered) => !isBuilt(offered)))
    expect(checkGoal(goal)).toEqual({
      code: 'ScenarioNotBuilt',
      message: containingText(`"${goal.scenario}") yet. ${canEnable}`),
    });
  for (const goal of OFFERED_GOALS.filter(isBuilt)) expect(checkGoal(goal)).toBeUndefined();
  expect(checkGoal({ protect: 'azureVm', to: 'secondSite' })).toEqual({
    code: 'ImpossibleGoal',
    message: containingText(`to Azure only. ${canEnable}`),
  });
});

test('enabling may start from the id of one VM, with its region and subscription [VAULT-4]', () => {
  const preview = previewEnabling(
    FACTS,
    PrepareRequest.parse({ target: { region: 'southeastasia' }, vms: [vmId('web')] }),
  );
  expect(preview.source).toEqual({ region: 'eastasia', subscription: PRODUCTION });
  expect(onlyVm(preview).verdict).toBe('enable');
});

test('VMs of several regions need a named source, and an empty request fails too [A2A-1]', () => {
  const facts = factsWith({ vms: [...FACTS.vms, makeVm('far', { region: 'southindia' })] });
  const request = { target: { region: 'southeastasia' }, vms: [vmId('web'), vmId('far')] };
  expect(codesOf(previewEnabling(facts, PrepareRequest.parse(request)).refusals)).toEqual(['SourceUnclear']);
  expect(codesOf(previewEnabling(facts, PrepareRequest.parse({ target: request.target })).refusals)).toEqual([
    'SourceMissing',
  ]);
  const preview = previewEnabling(facts, makeRequest(['web', 'far']));
  expect(preview.vms.map(({ verdict, refusals }) => [verdict, codesOf(refusals)])).toEqual([
    ['enable', []],
    ['refused', ['NotInRegion']],
  ]);
});

test('the preview accepts only enabled subscriptions of the tenant as the source [A2A-1]', () => {
  const from = (subscription: string, facts = FACTS) =>
    refusalsOf({ source: { region: 'eastasia', subscription } }, facts, []);
  expect(from(DEVELOPMENT)).toEqual([]);
  expect(from(FABRIKAM)).toEqual([
    {
      code: 'OtherTenant',
      message: containingText(
        `Name one of the tenant ${TENANT}: ${PRODUCTION} (production), ${DEVELOPMENT} (development)`,
      ),
    },
  ]);
  expect(codesOf(from('11111111-2222-3333-4444-555555555555'))[0]).toBe('SubscriptionUnknown');
  const disabled = factsWith({
    subscriptions: FACTS.subscriptions.map((subscriptionFacts) => ({
      ...subscriptionFacts,
      enabled: subscriptionFacts.id !== DEVELOPMENT,
    })),
  });
  expect(codesOf(from(DEVELOPMENT, disabled))[0]).toBe('SubscriptionDisabled');
});

test('from a region without Site Recovery nothing replicates [A2A-1]', () => {
  expect(refusalsOf({ source: { region: 'nowhere', subscription: PRODUCTION } }, FACTS, [])).toEqual([
    {
      code: 'RegionWithoutSiteRecovery',
      message: containingText('Name VMs of one of: chinaeast2, eastasia'),
    },
  ]);
});

test("the preview refuses VMs outside the source's resource group or deployment model by name [A2A-1]", () => {
  const facts = factsWith({ vms: [...FACTS.vms, makeVm('ledger', { resourceGroup: 'ledger' })] });
  const preview = previewEnabling(
    facts,
    makeRequest(['web', { id: vmId('ledger', 'ledger') }], {
      source: { region: 'eastasia', subscription: PRODUCTION, resourceGroup: 'shop' },
    }),
  );
  expect(preview.vms.map(({ verdict, refusals }) => [verdict, codesOf(refusals)])).toEqual([
    ['enable', []],
    ['refused', ['NotInResourceGroup']],
  ]);
});

test('a classic VM needs its cloud service and goes to present classic resources [A2A-1] [A2A-9]', () => {
  const classic = (provider: string, type: string, name: string, region = 'southeastasia') => ({
    id: idOf('shop', `Microsoft.Classic${provider}/${type}`, name),
    name,
    subscription: PRODUCTION,
    region,
  });
  const disk = {
    ...makeVm('x').disks[0],
    name: 'till-os',
    id: 'https://old.blob/till.vhd',
    managed: false,
    accountType: null,
    storageAccountId: classic('Storage', 'storageAccounts', 'old').id,
  } as never;
  const nic = {
    ...makeVm('x').nics[0],
    networkId: classic('Network', 'virtualNetworks', 'tills').id,
  } as never;
  const till = makeVm('till', {
    model: 'classic',
    cloudService: 'tills',
    id: classic('Compute', 'virtualMachines', 'till').id,
    disks: [disk],
    nics: [nic],
  });
  const network = (name: string, region?: string) => ({
    ...classic('Network', 'virtualNetworks', name, region),
    addressPrefixes: ['10.0.0.0/16'],
    subnets: [{ name: 'web', addressPrefixes: ['10.0.1.0/24'], securityGroupId: null }],
  });
  const account = (name: string, region?: string) => ({
    ...classic('Storage', 'storageAccounts', name, region),
    sku: 'Standard_LRS',
    kind: 'Storage',
    madeAsCache: false,
  });
  const home = {
    vms: [...FACTS.vms, till],
    networks: [...FACTS.networks, network('tills', 'eastasia')],
    storageAccounts: [account('old', 'eastasia')],
  };
  const away = {
    ...home,
    cloudServices: ['tills-asr', 'tills', 'others'].map((name) => classic('Compute', 'domainNames', name)),
    networks: [...home.networks, network('tills-asr')],
    storageAccounts: [...home.storageAccounts, account('oldasr')],
  };
  const of = (facts: object, cloudService?: string) =>
    previewEnabling(
      factsWith(facts),
      makeRequest([{ id: till.id }], {
        source: {
          region: 'eastasia',
          subscription: PRODUCTION,
          model: 'classic',
          ...(cloudService && { cloudService }),
        },
      }),
    );
  const preview = of(away, 'tills');
  expect(onlyVm(preview)).toMatchObject({
    verdict: 'enable',
    settings: {
      cloudServiceId: away.cloudServices[0]?.id,
      networkId: network('tills-asr').id,
      disks: [{ managed: false, storageAccountId: account('oldasr').id }],
    },
  });
  expect(
    preview.prerequisites.filter(({ action, id }) => action === 'create' && /classic/i.test(id)),
  ).toEqual([]);
  expect(codesOf(onlyVm(of(home, 'tills')).refusals)).toEqual(['TargetServiceMissing', 'NetworkMissing']);
  expect(codesOf(onlyVm(of({ ...away, storageAccounts: home.storageAccounts }, 'tills')).refusals)).toEqual([
    'DiskAccountMissing',
  ]);
  expect(of(away).refusals).toEqual([{ code: 'CloudServiceMissing', message: containingText('tills') }]);
  expect(codesOf(onlyVm(of(away, 'others')).refusals)).toEqual(['NotInCloudService']);
  expect(of(away, 'nope').refusals).toEqual([
    { code: 'SourceServiceUnknown', message: containingText('tills-asr') },
  ]);
  expect(
    codesOf(
      onlyVm(
        previewEnabling(
          factsWith(away),
          makeRequest([{ id: till.id }], { source: { region: 'eastasia', subscription: PRODUCTION } }),
        ),
      ).refusals,
    ),
  ).toEqual(['OtherModel']);
});

test("the target subscription is the source's or another subscription of the tenant [A2A-3]", () => {
  expect(previewEnabling(FACTS, makeRequest(['web'])).target.subscription).toBe(PRODUCTION);
  const other = previewEnabling(FACTS, makeRequest(['web'], { target: { subscription: DEVELOPMENT } }));
  expect(settingsOf(other)).toMatchObject({
    resourceGroupId: groupId('shop-asr', DEVELOPMENT),
    networkId: containingText(DEVELOPMENT),
  });
  expect(codesOf(refusalsOf({ target: { subscription: FABRIKAM } }))[0]).toBe('OtherTenant');
});

test('suitable regions: the paired one first, never without Site Recovery or of another cloud [A2A-4]', () => {
  expect(suitableRegions(createLookup(FACTS), 'eastasia').map(({ name }) => name)).toEqual([
    'southeastasia',
    'eastasia',
    'southindia',
  ]);
  expect(suitableRegions(createLookup(FACTS), 'southindia').map(({ name }) => name)).toEqual([
    'eastasia',
    'southeastasia',
  ]);
  for (const region of ['nowhere', 'atlantis', 'chinaeast2'])
    expect(refusalsOf({ target: { region } })[0]?.message).toContain(
      'Name one of: southeastasia, southindia',
    );
  expect(
    previewEnabling(FACTS, makeRequest(['web'], { target: { region: 'southindia' } })).warnings,
  ).toContainEqual({ code: 'OtherGeography', message: containingText('leave their geography') });
});

test('the source region can be the target from one zone to another only [A2A-4]', () => {
  const facts = factsWith({ vms: [makeVm('web', { zone: '1' }), makeVm('app')] });
  expect(codesOf(refusalsOf({ target: { region: 'eastasia' } }, facts))).toEqual(['SameRegion']);
  const preview = previewEnabling(
    facts,
    makeRequest(['web', 'app'], { target: { region: 'eastasia', zone: '2' } }),
  );
  expect(preview.vms.map(({ verdict, refusals }) => [verdict, codesOf(refusals)])).toEqual([
    ['enable', []],
    ['refused', ['NotInZone']],
  ]);
  expect(preview.vms[0]?.settings?.availability).toEqual({ type: 'zone', zone: '2' });
  expect(
    codesOf(
      onlyVm(previewEnabling(facts, makeRequest(['web'], { target: { region: 'eastasia', zone: '1' } })))
        .refusals,
    ),
  ).toEqual(['SameZone']);
  expect(prerequisitesOf(preview, 'fabric')).toHaveLength(1);
  expect(prerequisitesOf(preview, 'container').map(({ name }) => name)).toEqual([
    'container-eastasia',
    'container-eastasia-recovery',
  ]);
});

test('another default group replaces a default group in the source region [A2A-5]', () => {
  const facts = factsWith({
    resourceGroups: [
      ...FACTS.resourceGroups,
      { id: groupId('shop-asr'), name: 'shop-asr', subscription: PRODUCTION, region: 'eastasia' },
    ],
  });
  const [group] = prerequisitesOf(previewEnabling(facts, makeRequest(['web'])), 'resourceGroup').filter(
    ({ name }) => name.startsWith('shop'),
  );
  expect(group).toMatchObject({ name: 'shop-southeastasia-asr', action: 'create' });
  expect(
    codesOf(
      onlyVm(previewEnabling(facts, makeRequest(['web'], { target: { resourceGroup: 'shop-asr' } })))
        .refusals,
    ),
  ).toContain('GroupInSourceRegion');
});

test('the preview uses the group with -asr or a given group outside of the source region [A2A-5]', () => {
  const group = (name: string, region: string) => ({
    id: groupId(name),
    name,
    subscription: PRODUCTION,
    region,
  });
  const facts = factsWith({
    resourceGroups: [
      ...FACTS.resourceGroups,
      group('far', 'southindia'),
      group('near', 'southeastasia'),
      group('home', 'eastasia'),
    ],
  });
  const into = (resourceGroup?: string, base = facts) =>
    previewEnabling(base, makeRequest(['web'], { target: resourceGroup ? { resourceGroup } : {} }));
  expect(settingsOf(into()).resourceGroupId).toBe(groupId('shop-asr'));
  expect(prerequisitesOf(into(), 'resourceGroup')[0]).toMatchObject({
    name: 'shop-asr',
    action: 'create',
    spec: { region: 'southeastasia' },
  });
  expect(
    prerequisitesOf(
      into(
        undefined,
        factsWith({ resourceGroups: [...facts.resourceGroups, group('shop-asr', 'southindia')] }),
      ),
      'resourceGroup',
    )[0],
  ).toMatchObject({ name: 'shop-asr', action: 'reuse' });
  expect(prerequisitesOf(into('far'), 'resourceGroup')[0]).toMatchObject({ name: 'far', action: 'reuse' });
  expect(onlyVm(into('home')).refusals[0]).toMatchObject({
    code: 'GroupInSourceRegion',
    message: containingText('one of: near, far'),
  });
  const zonal = factsWith({ vms: [makeVm('web', { zone: '1' })], resourceGroups: facts.resourceGroups });
  expect(
    onlyVm(
      previewEnabling(
        zonal,
        makeRequest(['web'], { target: { region: 'eastasia', zone: '2', resourceGroup: 'home' } }),
      ),
    ).verdict,
  ).toBe('enable');
  expect(
    choicesFor(
      facts,
      { region: 'eastasia', subscription: PRODUCTION },
      { region: 'southeastasia', subscription: PRODUCTION },
    ).target?.resourceGroups.map(({ name }) => name),
  ).toEqual(['near', 'far']);
});

test('a name too long for the suffix becomes shorter and stays unique [A2A-5]', () => {
  const long = 'g'.repeat(88);
  const facts = factsWith({
    vms: [
      makeVm('web', { resourceGroup: long, nics: [makeNic('n', { networkId: networkId('shop-network') })] }),
    ],
    networks: [makeNetwork('shop-network')],
  });
  const settings = settingsOf(previewEnabling(facts, makeRequest([{ id: vmId('web', long) }])));
  expect(settings.resourceGroupId.split('/').at(-1)).toMatch(/^g{79}-[0-9a-f]{6}-asr$/);
});
