// The VMs on their way to protection stand in the list of replicated VMs, whoever enables them. The
// clock flows slowly enough that a busy machine still sees each state.
import { startTestEnvironment } from '../../support/test-environment.ts';
import {
  EnablingEnvironment,
  makeContosoWith,
  makeResourceId,
  makeShopVm,
  makeStorageAccountId,
  makeVmId,
} from '../../support/enabling-environment.ts';
import {
  hyperVEnvironment,
  SITE_NETWORK,
  SITE_STORAGE,
  SITE_VAULT,
} from '../../support/hyper-v-environment.ts';
import type { LifeboatClient, Replication } from '../../support/lifeboat-client.ts';
import { callAsPortalUser } from '../../support/portal.ts';

const VAULT = makeResourceId(
  'contoso-recovery-services',
  'Microsoft.RecoveryServices/vaults',
  'contoso-vault',
);

let environment: EnablingEnvironment;
beforeAll(async () => {
  environment = await EnablingEnvironment.start({
    clock: 'scaled:120',
    environment: makeContosoWith({
      virtualMachines: [makeShopVm('slow'), makeShopVm('portal'), makeShopVm('sleeper')],
    }),
  });
}, 60_000);
afterAll(() => environment.stop());

const findInList = async (lifeboat: LifeboatClient, name: string): Promise<readonly Replication[]> =>
  (await lifeboat.listAllReplications()).filter((replication) => replication.name === name);

/** All entries of the VM in the list, until it is protected. */
async function watchList(lifeboat: LifeboatClient, name: string): Promise<readonly Replication[]> {
  const seen: Replication[] = [];
  await lifeboat.waitFor(async () => {
    const entries = await findInList(lifeboat, name);
    expect(entries.length).toBeLessThanOrEqual(1);
    seen.push(...entries);
    return entries[0]?.enabling === null ? true : undefined;
  }, `${name} protected`);
  return seen;
}

/** The list shows the way of the VM: synchronising with rising percents, then protected. */
function expectWay(seen: readonly Replication[], job: string | null): void {
  const onTheWay = seen.slice(0, -1);
  for (const entry of onTheWay)
    expect(entry).toMatchObject({ state: 'synchronising', allowed: [], enabling: { job } });
  const percents = onTheWay.flatMap(({ enabling }) => enabling?.percent ?? []);
  expect(Math.max(...percents)).toBeGreaterThan(Math.min(...percents));
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({
    id: expect.stringMatching(/^vm-/) as string,
    // Site Recovery may still finalize the protection.
    state: expect.stringMatching(/^(protected|busy)$/) as string,
    enabling: null,
  });
}

test('a VM that a job enables stands in the list from its first step on, with percent and job [A2A-16]', async () => {
  const id = await environment.sendAccepted(
    {
      operation: 'enableReplication',
      target: { region: 'southeastasia' },
      vms: [makeVmId('slow'), makeVmId('kiosk')],
    },
    'owner',
  );
  const step = await environment.lifeboat.waitFor(
    async () => (await environment.lifeboat.readJob(id)).steps.find(({ name }) => name === 'slow'),
    'the step of slow',
  );
  const [first] = await findInList(environment.lifeboat, 'slow');
  expect(first).toMatchObject({
    id: step.replication,
    scenario: 'azureToAzure',
    sites: { original: { region: 'eastasia' }, reversed: { region: 'southeastasia' } },
    enabling: { job: id },
  });
  // A refused VM is never on its way.
  expect(await findInList(environment.lifeboat, 'kiosk')).toEqual([]);
  expectWay(await watchList(environment.lifeboat, 'slow'), id);
});

test('a VM that the portal enables is on its way in the list, too [A2A-16] [OP-11]', async () => {
  const container = (region: string): string =>
    `${VAULT}/replicationFabrics/fabric-${region}/replicationProtectionContainers/container-${region}`;
  const recoveryResourceGroupId = makeVmId('', 'contoso-shop-recovery').replace(/\/providers.*/, '');
  const { status } = await callAsPortalUser(
    environment.simulator,
    'PUT',
    `${container('eastasia')}/replicationProtectedItems/from-the-portal`,
    {
      properties: {
        policyId: `${VAULT}/replicationPolicies/day-of-points`,
        providerSpecificDetails: {
          instanceType: 'A2A',
          fabricObjectId: makeVmId('portal'),
          recoveryContainerId: container('southeastasia'),
          recoveryResourceGroupId,
          vmManagedDisks: [
            {
              diskId: makeResourceId('contoso-shop', 'Microsoft.Compute/disks', 'portal-os'),
              primaryStagingAzureStorageAccountId: makeStorageAccountId('contoso-shop', 'shopcacheeastasia'),
              recoveryResourceGroupId,
            },
          ],
        },
      },
    },
  );
  expect(status).toBe(202);
  const [entry] = await environment.lifeboat.waitFor(async () => {
    const entries = await findInList(environment.lifeboat, 'portal');
    return entries.length > 0 ? entries : undefined;
  }, 'portal in the list');
  expect((await environment.lifeboat.call(`/api/v1/replications/${entry?.id ?? ''}`)).body).toMatchObject({
    friendlyName: 'portal',
    enabling: { job: null },
  });
  expectWay(await watchList(environment.lifeboat, 'portal'), null);
});

test('a VM whose enabling ended without an item leaves the list [A2A-16]', async () => {
  await environment.simulator.faults.add({
    id: 'no',
    service: 'arm',
    path: 'replicationProtectedItems/',
    method: 'PUT',
    point: 'received',
    do: { kind: 'status', status: 400, body: { error: { code: 'Refused', message: 'No.' } } },
  });
  const id = await environment.sendAccepted(
    { operation: 'enableReplication', target: { region: 'southeastasia' }, vms: [makeVmId('sleeper')] },
    'owner',
  );
  expect(await environment.lifeboat.waitForJobEnd(id)).toMatchObject({ state: 'failed' });
  await environment.simulator.faults.remove('no');
  expect(await findInList(environment.lifeboat, 'sleeper')).toEqual([]);
});

test('a machine of a Hyper-V site is on its way in the list [A2A-16] [H2A-3]', async () => {
  const { lifeboat, simulator } = await startTestEnvironment(['press'], {
    clock: 'scaled:120',
    environment: hyperVEnvironment({ replicated: ['press'] }),
  });
  try {
    await watchMachine(lifeboat);
  } finally {
    await simulator.stop();
  }
});

async function watchMachine(lifeboat: LifeboatClient): Promise<void> {
  const { body } = await lifeboat.call<{
    sites: { machines: { id: string; name: string }[] }[];
  }>('/api/v1/sources/sites');
  const machine = body.sites[0]?.machines.find(({ name }) => name === 'lathe');
  const { body: job } = await lifeboat.send(
    {
      operation: 'enableReplication',
      goal: { protect: 'hyperVVm', to: 'azure' },
      vault: { id: SITE_VAULT },
      source: { site: 'factory' },
      vms: [machine?.id],
      target: {
        region: 'southeastasia',
        resourceGroup: 'contoso-shop-recovery',
        networkId: SITE_NETWORK,
        subnet: 'web',
        storageAccountId: SITE_STORAGE,
        osType: 'Windows',
      },
    },
    undefined,
    { principal: 'contributor' },
  );
  expectWay(await watchList(lifeboat, 'lathe'), job.id);
}
