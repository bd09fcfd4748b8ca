// The VMs in a preview: which ones Lifeboat can protect, their names, multi-VM groups and policies.
import type { AzureFacts, SourceVm } from '../../../shared/azure/facts.ts';
import { itemNameOf } from '../../../shared/scenarios/enabling/resourceNames.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { protectabilityOf } from '../../../shared/scenarios/azureToAzure/enabling/request/sourceVms.ts';
import {
  FACTS,
  choiceOf,
  codesOf,
  makeDisk,
  factsWith,
  makeVm,
  onlyVm,
  prerequisitesOf,
  containingText,
  settingsOf,
  vaultId,
  makeVault,
  vmId,
  makeRequest,
} from './facts.ts';

const of = (vm: Partial<SourceVm>, more: Parameters<typeof makeRequest>[1] = {}) =>
  previewEnabling(factsWith({ vms: [makeVm('web', vm)] }), makeRequest(['web'], more));
const item = (name: string, group: string | null = null, state = 'Protected') => ({
  id: `${vaultId('lifeboat-southeastasia')}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/${name}`,
  name,
  friendlyName: name,
  sourceVmId: vmId(name).toLowerCase(),
  protectionState: state,
  multiVmGroupName: group,
  multiVmGroupId: group && 'the-group',
});

const CANNOT: readonly (readonly [string, Partial<SourceVm>])[] = [
  ['Deallocated', { power: 'deallocated' }],
  ['Stopped', { power: 'stopped' }],
  ['UnsupportedDisk', { disks: [makeDisk('web-os'), makeDisk('web-data', { accountType: 'UltraSSD_LRS' })] }],
  [
    'UnsupportedDisk',
    { disks: [makeDisk('web-os'), makeDisk('web-data', { accountType: 'PremiumV2_LRS' })] },
  ],
  ['UnsupportedDisk', { disks: [makeDisk('web-os'), makeDisk('web-data', { shared: true })] }],
  ['UnsupportedDisk', { disks: [makeDisk('web-os', { sizeGb: 5000 })] }],
  ['NoOsDisk', { disks: [makeDisk('web-data')] }],
  [
    'InScaleSet',
    {
      scaleSetId:
        '/subscriptions/s/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/many',
    },
  ],
  ['AgentNotReady', { agentReady: false }],
];

test.each(CANNOT)(
  'the preview refuses an unsupported VM by name with the reason: %s [A2A-2] [PRE-10]',
  (code, vm) => {
    const preview = onlyVm(of(vm));
    expect(codesOf(preview.refusals)).toContain(code);
    expect(preview.verdict).toBe('refused');
    expect(preview.checks.find(({ id }) => id === 'PRE-10')).toMatchObject({ verdict: 'fail' });
    expect(protectabilityOf([makeVm('web', vm)], new Map(), () => undefined)).toMatchObject([
      { canBeProtected: false, reasons: [{ code }] },
    ]);
  },
);

test('the list tells protectable VMs from protected VMs, and a refusal names an unknown VM [A2A-2]', () => {
  const protectabilityWhile = (protectionState: string) =>
    protectabilityOf(
      FACTS.vms,
      new Map([[vmId('web').toLowerCase(), { vault: 'mine', itemId: '/items/web', protectionState }]]),
      () => undefined,
    );
  const summaryWhile = (protectionState: string) =>
    protectabilityWhile(protectionState).map(({ vm, canBeProtected, reasons }) => [
      vm.name,
      canBeProtected,
      codesOf(reasons),
    ]);
  expect(summaryWhile('Protected')).toEqual([
    ['app', true, []],
    ['web', false, ['AlreadyProtected']],
  ]);
  expect(summaryWhile('EnablingFailed')).toEqual([
    ['app', true, []],
    ['web', false, ['EnablingFailedBefore']],
  ]);
  expect(onlyVm(previewEnabling(FACTS, makeRequest(['ghost']))).refusals).toEqual([
    { code: 'VmUnknown', message: containingText('ghost') },
  ]);
});

test('an excluded unsupported data disk no longer causes a refusal [A2A-2] [A2A-8]', () => {
  const facts = factsWith({
    vms: [
      makeVm('web', { disks: [makeDisk('web-os'), makeDisk('web-data', { accountType: 'UltraSSD_LRS' })] }),
    ],
  });
  const preview = previewEnabling(
    facts,
    makeRequest([{ id: vmId('web'), disks: [{ disk: 'web-data', exclude: true }] }]),
  );
  expect(settingsOf(preview).disks).toHaveLength(1);
});

test('a request can ignore a silent agent but not a stopped VM [PRE-10]', () => {
  expect(onlyVm(of({ agentReady: null })).checks.find(({ id }) => id === 'PRE-10')).toMatchObject({
    verdict: 'warn',
  });
  expect(onlyVm(of({ power: 'unknown' })).verdict).toBe('enable');
  expect(onlyVm(of({ agentReady: false }, { allowFailedChecks: ['PRE-10'] })).verdict).toBe('enable');
  expect(onlyVm(of({ power: 'deallocated' }, { allowFailedChecks: ['PRE-10'] })).verdict).toBe('refused');
});

test('a refused or already enabled VM does not stop the other VMs [A2A-17]', () => {
  const facts = factsWith({
    vms: [...FACTS.vms, makeVm('off', { power: 'deallocated' }), makeVm('done')],
    vault: makeVault({ items: [item('done', null, 'InitialReplicationInProgress')] }),
  });
  const preview = previewEnabling(facts, makeRequest(['web', 'off', 'done', 'ghost', 'app']));
  expect(preview.vms.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['web', 'enable'],
    ['off', 'refused'],
    ['done', 'alreadyEnabled'],
    ['ghost', 'refused'],
    ['app', 'enable'],
  ]);
  expect(preview.vms[2]).toMatchObject({
    itemId: item('done').id,
    settings: null,
    warnings: [{ code: 'NotProtectedYet', message: containingText('InitialReplicationInProgress') }],
  });
  const alone = previewEnabling(facts, makeRequest(['off', 'done']));
  expect(alone.prerequisites).toEqual([]);
});

test('the name of an item depends only on the source VM and the count of its enablings [A2A-20]', () => {
  const id =
    '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web';
  expect(itemNameOf(id, 1)).toBe('68db63eb-5498-5d49-9e2c-c2eec53ad77a');
  expect(itemNameOf(id.toUpperCase(), 1)).toBe(itemNameOf(id, 1));
  expect(itemNameOf(id, 2)).not.toBe(itemNameOf(id, 1));
  const second = previewEnabling(
    { ...FACTS, enableCounts: { [id.toLowerCase()]: 2 } },
    makeRequest(['web', 'app']),
  );
  expect(second.vms.map(({ itemId }) => itemId.split('/').at(-1))).toEqual([
    itemNameOf(id, 2),
    itemNameOf(vmId('app'), 1),
  ]);
});

const many = (count: number): AzureFacts =>
  factsWith({ vms: Array.from({ length: count }, (_, at) => makeVm(`vm-${at}`)), quotas: [] });
const requestForAll = (count: number) =>
  makeRequest(
    Array.from({ length: count }, (_, at) => `vm-${at}`),
    { multiVmGroup: { name: 'Shop' } },
  );

test('a multi-VM group takes at most 16 VMs and warns of its load [A2A-15]', () => {
  expect(settingsOf(of({})).multiVmGroup).toBeNull();
  const sixteen = previewEnabling(many(16), requestForAll(16));
  expect(new Set(sixteen.vms.map(({ verdict }) => verdict))).toEqual(new Set(['enable']));
  expect(sixteen.vms[0]?.settings?.multiVmGroup).toEqual({ name: 'Shop', id: null });
  expect(sixteen.warnings.slice(0, 2)).toEqual([
    { code: 'GroupLoad', message: containingText('load on each of them') },
    { code: 'GroupFailsOverTogether', message: containingText('fail over together') },
  ]);
  const seventeen = previewEnabling(many(17), requestForAll(17));
  expect(seventeen.vms.map(({ refusals }) => codesOf(refusals))).toEqual(
    Array.from({ length: 17 }, () => ['GroupTooLarge']),
  );
  expect(seventeen.prerequisites).toEqual([]);
});

test('a new member joins an existing group by its id, and present members count [A2A-15]', () => {
  const vault = makeVault({
    items: Array.from({ length: 15 }, (_, at) => item(`old-${at}`, 'shop')).concat(item('vm-2')),
  });
  const joined = previewEnabling({ ...many(3), vault }, requestForAll(1));
  expect(settingsOf(joined).multiVmGroup).toEqual({ name: 'shop', id: 'the-group' });
  const two = previewEnabling({ ...many(3), vault }, requestForAll(2));
  expect(two.vms[0]?.refusals).toEqual([
    { code: 'GroupTooLarge', message: containingText('Ask for 1 at most') },
  ]);
  const third = previewEnabling(
    { ...many(3), vault },
    makeRequest(['vm-2'], { multiVmGroup: { name: 'shop' } }),
  );
  expect(third.vms[0]).toMatchObject({
    verdict: 'alreadyEnabled',
    warnings: [{ code: 'StaysInItsGroup', message: containingText('in no multi-VM group') }],
  });
});

const policy = (name: string, retentionMinutes: number, appConsistentMinutes: number, provider = 'A2A') => ({
  id: `${vaultId('lifeboat-southeastasia')}/replicationPolicies/${name}`,
  name,
  instanceType: provider,
  retentionMinutes,
  appConsistentMinutes,
});
const withPolicies = (requested: object | undefined, ...policies: ReturnType<typeof policy>[]) =>
  previewEnabling(
    factsWith({ vault: makeVault({ policies }) }),
    makeRequest(['web'], requested ? { policy: requested } : {}),
  );

test('24 hours and 60 minutes by default; reusable by values or name; off is possible [A2A-14]', () => {
  expect(prerequisitesOf(withPolicies(undefined), 'policy')).toMatchObject([
    {
      action: 'create',
      name: 'retention-24h-snapshots-1h',
      spec: { retentionMinutes: 1440, appConsistentMinutes: 60 },
    },
  ]);
  expect(
    prerequisitesOf(
      withPolicies(undefined, policy('z', 1440, 60), policy('day', 1440, 60), policy('b', 1440, 240)),
      'policy',
    ),
  ).toMatchObject([{ action: 'reuse', name: 'day' }]);
  expect(prerequisitesOf(withPolicies({ name: 'DAY' }, policy('day', 1440, 60)), 'policy')).toMatchObject([
    { action: 'reuse', name: 'day' },
  ]);
  expect(prerequisitesOf(withPolicies({ name: 'mine' }, policy('day', 1440, 60)), 'policy')).toMatchObject([
    { action: 'create', name: 'mine' },
  ]);
  expect(
    prerequisitesOf(withPolicies({ retentionHours: 72, appConsistentHours: 'off' }), 'policy'),
  ).toMatchObject([
    { name: 'retention-72h-snapshots-off', spec: { retentionMinutes: 4320, appConsistentMinutes: 0 } },
  ]);
  expect(choiceOf(withPolicies(undefined), 'policy')?.chosen).toBe('retention-24h-snapshots-1h');
});

test('the preview refuses a known policy name with other values or provider [A2A-14]', () => {
  expect(withPolicies({ name: 'day' }, policy('day', 1440, 240), policy('fits', 1440, 60)).refusals).toEqual([
    { code: 'PolicyDiffers', message: containingText('fits') },
  ]);
  expect(
    codesOf(withPolicies({ name: 'day' }, policy('day', 1440, 60, 'HyperVReplicaAzure')).refusals),
  ).toEqual(['PolicyDiffers']);
  for (const wrong of [
    { retentionHours: 0 },
    { retentionHours: 73 },
    { appConsistentHours: 13 },
    { appConsistentHours: 0 },
    { retentionHours: 1.5 },
  ])
    expect(() => makeRequest(['web'], { policy: wrong })).toThrow();
});
