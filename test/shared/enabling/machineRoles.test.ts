// The machines of a replicated VM: the role of each, and no advice to start or enable the wrong
// one.
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import { roleRefusalsFrom } from '../../../shared/scenarios/enabling/machineRoles.ts';
import { mergeKnownMachines } from '../../../shared/siterecovery/knownMachines.ts';
import type { ReplicatedVmFacts, ReplicaMachines } from '../../../shared/azure/replicatedVmFacts.ts';
import { protectabilityOf } from '../../../shared/scenarios/azureToAzure/enabling/request/sourceVms.ts';
import { codesOf, factsWith, makeVm, onlyVm, vaultId, makeVault, vmId, makeRequest } from './facts.ts';

const HOME = vmId('sql').toLowerCase();
const AWAY = vmId('away').toLowerCase();
const ITEM = `${vaultId('lifeboat-southeastasia')}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/sql`;
const PROTECTED: ReplicaMachines = {
  source: HOME,
  other: null,
  expected: AWAY,
  test: null,
  failedOver: false,
  failingOver: false,
  reversed: false,
  region: 'eastasia',
};
const replica = (
  machines: Partial<ReplicaMachines>,
  ownVmId: string | null = 'vm-1',
  itemId = ITEM,
): ReplicatedVmFacts => ({ name: 'sql', vmId: ownVmId, itemId, machines: { ...PROTECTED, ...machines } });
const roles = (
  power: 'running' | 'deallocated',
  fresh: readonly ReplicatedVmFacts[],
  remembered: readonly ReplicatedVmFacts[] = [],
) => {
  const roleOf = roleRefusalsFrom(fresh, remembered);
  return [HOME, AWAY].map((id) => roleOf({ id: id.toUpperCase(), power })?.code ?? null);
};

test("Site Recovery's data gives each machine its role, at every stage of failover and failback [A2A-2]", () => {
  expect(roles('running', [replica({})])).toEqual([null, null]);
  expect(roles('running', [replica({ failingOver: true })])).toEqual([null, 'FailedOver']);
  expect(roles('deallocated', [replica({ failedOver: true, other: AWAY, region: 'southeastasia' })])).toEqual(
    ['OtherSide', 'FailedOver'],
  );
  const turned = { source: AWAY, expected: HOME, reversed: true };
  expect(roles('deallocated', [replica(turned)])).toEqual(['OtherSide', null]);
  expect(roles('running', [replica(turned)])).toEqual(['OtherSide', null]);
  expect(roles('deallocated', [replica({ ...turned, failedOver: true, other: HOME })])).toEqual([
    'FailedOver',
    'OtherSide',
  ]);
  expect(roles('running', [replica({ test: AWAY })])).toEqual([null, 'TestVm']);
});

test('a machine keeps its remembered role when the item no longer shows the role [A2A-2]', () => {
  const home = replica({ expected: null });
  expect(roles('running', [home])).toEqual([null, null]);
  expect(roles('running', [home], [replica({ other: AWAY })])).toEqual([null, 'OtherSide']);
  // A reprotect that the registry has not seen yet.
  expect(roles('running', [replica({ source: AWAY, expected: null })], [replica({})])).toEqual([
    'OtherSide',
    null,
  ]);
  expect(roles('running', [replica({ source: AWAY, expected: null }, null)], [replica({})])).toEqual([
    'OtherSide',
    null,
  ]);
  expect(roles('deallocated', [replica({})])).toEqual([null, 'OtherSide']);
  const elsewhere = ITEM.replace('lifeboat-southeastasia', 'another');
  expect(roles('running', [home], [replica({ other: AWAY }, 'vm-2', elsewhere)])).toEqual([
    null,
    'OtherSide',
  ]);
  expect(mergeKnownMachines(PROTECTED, { ...PROTECTED, source: AWAY }).other).toBe(AWAY);
  expect(mergeKnownMachines({ ...PROTECTED, other: AWAY }, { ...PROTECTED, other: HOME }).other).toBe(AWAY);
});

test('the preview refuses the other side of a VM and never advises a start [A2A-2]', () => {
  const off = makeVm('away', { power: 'deallocated', agentReady: false });
  const vault = makeVault({ replicatedVms: [replica({ source: HOME, other: AWAY })] });
  const facts = factsWith({ vms: [off, makeVm('web', { power: 'deallocated' })], vault });
  const preview = previewEnabling(facts, makeRequest(['away', 'web'], { allowFailedChecks: ['PRE-10'] }));
  expect(preview.vms.map(({ verdict, refusals }) => [verdict, codesOf(refusals)])).toEqual([
    ['refused', ['OtherSide']],
    ['refused', ['Deallocated']],
  ]);
  const message = 'It is the other side of sql (vm-1), which runs in eastasia. Leave it off.';
  expect(preview.vms[0]).toMatchObject({ refusals: [{ message }], settings: null, needs: [] });
  expect(preview.vms[0]?.checks.find(({ id }) => id === 'PRE-10')).toMatchObject({
    verdict: 'fail',
    message,
  });
  expect(JSON.stringify(preview.vms[0])).not.toMatch(/start/i);
  const [listed] = protectabilityOf([off], new Map(), roleRefusalsFrom(vault.replicatedVms, []));
  expect(listed).toEqual({ vm: off, canBeProtected: false, reasons: [{ code: 'OtherSide', message }] });
  const running = onlyVm(previewEnabling(factsWith({ vms: [makeVm('away')], vault }), makeRequest(['away'])));
  expect(running.refusals[0]?.message).toContain(
    'It runs now, with the same name and the same data: shut it down.',
  );
});

test('after a failover the source machine is the other side of its VM [A2A-2]', () => {
  const off = makeVm('sql', { power: 'deallocated' });
  const taken = new Map([
    [HOME, { vault: 'lifeboat-southeastasia', itemId: ITEM, protectionState: 'Protected' }],
  ]);
  const reasonsWith = (machines: Partial<ReplicaMachines>) =>
    codesOf(protectabilityOf([off], taken, roleRefusalsFrom([replica(machines)], []))[0]?.reasons ?? []);
  expect(reasonsWith({})).toEqual(['AlreadyProtected']);
  expect(reasonsWith({ failedOver: true, other: AWAY, region: 'southeastasia' })).toEqual([
    'OtherSide',
    'AlreadyProtected',
  ]);
  const item = {
    id: ITEM,
    name: 'sql',
    friendlyName: 'sql',
    sourceVmId: HOME,
    protectionState: 'UnplannedFailoverCommitted',
    multiVmGroupName: null,
    multiVmGroupId: null,
  };
  const vault = makeVault({
    items: [item],
    replicatedVms: [replica({ failedOver: true, other: AWAY, region: 'southeastasia' })],
  });
  expect(onlyVm(previewEnabling(factsWith({ vms: [off], vault }), makeRequest(['sql'])))).toMatchObject({
    verdict: 'refused',
    refusals: [{ code: 'OtherSide' }],
  });
});
