// The way of the source documents, from start to end over REST: site, policy, mapping, enabling with
// a placement group, settings, failover, and the way home.
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import { PRODUCTION } from '../../support/hyper-v-environment.ts';
import type { Job, Problem, Replication, Reply } from '../../support/lifeboat-client.ts';
import { callAsPortalUser } from '../../support/portal.ts';

const resourceId = (group: string, type: string, name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/${type}/${name}`;
const GROUP = 'contoso-office-recovery';
const VAULT = resourceId('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'office-vault');
const NETWORK = resourceId(GROUP, 'Microsoft.Network/virtualNetworks', 'office-network-recovery');
const NEAR = resourceId(GROUP, 'Microsoft.Compute/proximityPlacementGroups', 'office-near');
const NEAR_ELSEWHERE = resourceId(
  'contoso-elsewhere',
  'Microsoft.Compute/proximityPlacementGroups',
  'elsewhere-near',
);
const REQUEST = {
  goal: { protect: 'hyperVVm', to: 'azure' },
  vault: { id: VAULT },
  source: { site: 'head-office' },
  policy: { name: 'office-policy', retentionHours: 12 },
};
const TARGET = {
  region: 'southeastasia',
  osType: 'Windows',
  resourceGroup: GROUP,
  networkId: NETWORK,
  subnet: 'servers',
  storageAccountId: resourceId(GROUP, 'Microsoft.Storage/storageAccounts', 'office1disks'),
};

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['scada'], { environment: 'contoso-hyper-v' });
});
afterAll(() => environment.simulator.stop());

const send = (command: object): Promise<Reply<Job & Problem>> =>
  environment.lifeboat.send(command, undefined, { principal: 'contributor' });
async function run(command: object): Promise<Job> {
  const { status, body } = await send(command);
  expect([status, body]).toEqual([202, body]);
  const job = await environment.lifeboat.waitForJobEnd(body.id);
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  return job;
}
const now = async (name: string): Promise<Replication> =>
  (await environment.lifeboat.listReplications()).find((vm) => vm.name === name) as Replication;

async function registerHosts(): Promise<void> {
  const { body: known } = await environment.lifeboat.call<{ vaults: { id: string; name: string }[] }>(
    '/api/v1/vaults',
  );
  const vault = known.vaults.find(({ name }) => name === 'office-vault')?.id ?? '';
  const { body } = await environment.lifeboat.call<{ key: string }>(
    `/api/v1/vaults/${vault}/registration-keys`,
    { method: 'POST', principal: 'contributor', body: { goal: REQUEST.goal, site: 'head-office' } },
  );
  for (const host of ['office-hv-01', 'office-hv-02', 'office-hv-03'])
    await environment.simulator.siteRecovery.register(host, body.key);
}

async function machineIds(): Promise<Readonly<Record<string, string>>> {
  const { body } = await environment.lifeboat.call<{
    sites: { machines: { id: string; name: string }[] }[];
  }>(`/api/v1/sources/sites?vault=${encodeURIComponent(VAULT)}&site=head-office`);
  return Object.fromEntries((body.sites[0]?.machines ?? []).map(({ id, name }) => [name, id]));
}

// Also covers [H2A-2] [H2A-3] [H2A-4] [PPG-8].
test('a VM goes the way of the source documents, with a placement group [H2A-1] [H2A-5] [PPG-7]', async () => {
  await run({ operation: 'prepareVault', ...REQUEST, target: { region: TARGET.region } });
  await registerHosts();
  const { 'erp-web': web = '', 'erp-db': database = '' } = await machineIds();
  // A placement group of another region, and one of a VM with disks in a storage account, are refused.
  const command = { operation: 'enableReplication', ...REQUEST, vms: [web] };
  for (const [target, code] of [
    [{ placementGroupId: NEAR_ELSEWHERE }, 'PlacementGroupElsewhere'],
    [{ placementGroupId: NEAR, managedDisks: false }, 'PlacementGroupNeedsManagedDisks'],
  ] as const) {
    const { body } = await send({ ...command, target: { ...TARGET, ...target } });
    const refused = await environment.lifeboat.waitForJobEnd(body.id);
    expect(refused.steps.map(({ error }) => error?.code)).toContain(code);
  }
  expect(await environment.simulator.siteRecovery.items()).toHaveLength(2);

  // One VM replicates into the placement group, the other one keeps the way home open.
  const enabled = await run({ ...command, target: { ...TARGET, placementGroupId: NEAR } });
  expect(enabled.warnings.map(({ code }) => code)).toContain('FailbackNotPossible');
  await run({
    ...command,
    vms: [database],
    target: { ...TARGET, managedDisks: false },
    perVm: { [database]: { osDisk: 'erp-db-system' } },
  });
  const [webVm, databaseVm] = [await now('erp-web'), await now('erp-db')];

  // Size, network and subnet of an interface follow later.
  const { body: details } = await environment.lifeboat.call<{ settings: { nics: { id: string }[] } }>(
    `/api/v1/replications/${databaseVm.id}`,
  );
  const [nic] = details.settings.nics;
  await run({
    operation: 'updateReplication',
    vms: [databaseVm.id],
    change: { size: 'Standard_D4s_v5', networkId: NETWORK, nics: [{ nic: nic?.id, subnet: 'clients' }] },
  });
  const { body: changed } = await environment.lifeboat.call(`/api/v1/replications/${databaseVm.id}`);
  expect(changed).toMatchObject({ settings: { size: 'Standard_D4s_v5', nics: [{ subnet: 'clients' }] } });
  expect(
    await send({
      operation: 'updateReplication',
      vms: [databaseVm.id],
      change: { nics: [{ nic: nic?.id, subnet: 'cellar' }] },
    }),
  ).toMatchObject({ status: 422, body: { code: 'SubnetUnknown' } });

  // Both fail over. The VM in the placement group stays in Azure, the other one comes home.
  const vms = [webVm.id, databaseVm.id];
  await run({ operation: 'failover', vms });
  await run({ operation: 'commit', vms });
  const { body: inAzure } = await callAsPortalUser(
    environment.simulator,
    'GET',
    resourceId(GROUP, 'Microsoft.Compute/virtualMachines', 'erp-web'),
  );
  expect(inAzure).toMatchObject({
    properties: { proximityPlacementGroup: { id: expect.stringMatching(/office-near$/i) as string } },
  });
  const writes = (await environment.simulator.siteRecovery.writes()).length;
  expect(await send({ operation: 'failback', vms: [webVm.id] })).toMatchObject({
    status: 422,
    body: { code: 'FailbackNotPossible' },
  });
  expect((await environment.simulator.siteRecovery.writes()).length).toBe(writes);
  const home = await run({ operation: 'failback', vms: [databaseVm.id] });
  expect(home.steps.map(({ phase }) => phase)).toEqual(['failover', 'commit', 'reprotect']);
  expect(await now('erp-db')).toMatchObject({ state: 'protected', direction: 'original' });
  expect(await environment.simulator.siteRecovery.unknown()).toEqual([]);
});
