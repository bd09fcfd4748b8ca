// A scenario that Lifeboat can only read: its items hide nothing, and commands on its VMs fail
// without any write.
import { readFileSync } from 'node:fs';
import { siteRecoveryClient, writeClients } from '../../../shared/azure/clients.ts';
import { subscriptionOf } from '../../../shared/core/armId.ts';
import { clock } from '../../../shared/core/clock.ts';
import { jobIdOf, vaultKeyOf, vmIdOf } from '../../../shared/core/ids.ts';
import { startStepOfTarget } from '../../../shared/attempts/startStep.ts';
import { acceptCommand } from '../../../shared/jobs/acceptCommand.ts';
import { readJob } from '../../../shared/journal/job.ts';
import { readStep } from '../../../shared/journal/steps.ts';
import { readFactsOfVault as readVaultFacts } from '../../../shared/replications/vaultFacts.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { refreshVault } from '../../../shared/replications/refreshVaults.ts';
import { addVm, readAllVms } from '../../../shared/replications/registry.ts';
import { driverOf } from '../../../shared/scenarios/drivers.ts';
import { createJobOnVm } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { hyperVToAzureItems } from './items/hyperVToAzure.ts';
import { VAULT, makeWireItem, type WireItem } from './items/recordedItem.ts';

const caller = { id: 'c', name: 'ada', tenant: 't', roles: ['Owner'], door: 'rest' } as const;

let store: SimulatedStore;
let vault: string;
beforeAll(async () => {
  jest.replaceProperty(driverOf('hyperVToAzure') as { capabilities: null }, 'capabilities', null);
  store = await startSimulatedStore(1, {}, { trace: true });
  vault = store.addresses.vaults[0] ?? '';
  await refreshVault(vault);
});
afterAll(() => store.close());

/** Adds these items to Site Recovery's answers about the vault. */
async function addToLists(items: readonly WireItem[]): Promise<void> {
  const subscription = subscriptionOf(vault);
  for (const client of [
    await siteRecoveryClient(subscription),
    await writeClients.siteRecovery(subscription),
  ])
    client.pipeline.addPolicy(
      {
        name: 'strangers',
        async sendRequest(request, next) {
          const response = await next(request);
          if (!/\/vaults\/[^/]+\/replicationProtectedItems\?(?!.*skipToken)/i.test(request.url))
            return response;
          const { value, ...page } = JSON.parse(response.bodyAsText ?? '') as { value: WireItem[] };
          return { ...response, bodyAsText: JSON.stringify({ ...page, value: [...items, ...value] }) };
        },
      },
      { phase: 'Sign' },
    );
}

const requestedWrites = (): readonly string[] =>
  readFileSync(store.trace, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { method: string; path: string })
    .filter(({ method, path }) => method !== 'GET' && path.includes('/Microsoft.RecoveryServices/'))
    .map(({ method, path }) => `${method} ${path}`);

/** A VM in the registry from a later build. */
async function hyperVVm(name: string): Promise<ReplicatedVmDocument> {
  const [known] = await readAllVms();
  if (!known) throw new Error('The vault shows no VM.');
  const vm: ReplicatedVmDocument = {
    ...known,
    id: vmIdOf(known.vaultId, name),
    name,
    lifecycleId: name,
    armId: `${known.armId}-${name}`,
    scenario: 'hyperVToAzure',
  };
  await addVm(vm);
  return vm;
}

test('items of unsupported scenarios hide no other items of their vault [OP-9] [OP-11]', async () => {
  const ofAzure = async () =>
    (await readAllVms()).filter(
      ({ vaultId, lifecycleId }) => vaultId === vaultKeyOf(vault) && !lifecycleId?.startsWith('later-'),
    );
  const before = await ofAzure();
  expect(before.length).toBeGreaterThan(0);
  const hyperV = hyperVToAzureItems.slice(0, 3).map(({ wire }, at) => ({ ...wire, id: `${wire.id}-${at}` }));
  const unknown = makeWireItem(`${VAULT}/replicationFabrics/x/replicationProtectionContainers/y`, 'other', {
    friendlyName: 'other',
    providerSpecificDetails: { instanceType: 'HyperVReplica2012' },
  });
  await addToLists([...hyperV, unknown]);
  await refreshVault(vault);
  const after = await ofAzure();
  expect(after.map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  expect(new Set(after.map(({ scenario }) => scenario))).toEqual(new Set(['azureToAzure']));
  const facts = await readVaultFacts(vault);
  expect(facts?.replicatedVms).toHaveLength(before.length);
  expect(facts?.items).toHaveLength(before.length + 4);
  expect(facts?.items.filter(({ friendlyName }) => friendlyName === 'press')).toEqual(
    expect.arrayContaining([expect.objectContaining({ sourceVmId: '', multiVmGroupName: null })]),
  );
});

test('a command on a VM of an unsupported scenario fails with a code, and makes no job [OP-2]', async () => {
  const vm = await hyperVVm('later-press');
  const command = { operation: 'failover', vms: [vm.id], ticket: 'INC-1', reason: 'The plant is dark' };
  await expect(acceptCommand(command, 'INC-1', caller)).rejects.toMatchObject({
    code: 'ScenarioNotPossibleYet',
    status: 422,
    message: expect.stringContaining('Hyper-V to Azure') as string,
  });
  expect(await readJob(jobIdOf('t', 'c', 'INC-1'))).toBeUndefined();
});

test('a step on a VM of an unsupported scenario ends with the code and sends nothing [OP-2]', async () => {
  const vm = await hyperVVm('later-lathe');
  const of = {
    jobId: 'job-press',
    epoch: 1,
    phase: 'failover',
    vaultId: vm.vaultId,
    targetId: vm.id,
  } as const;
  await createJobOnVm(of.jobId, vm, await clock().now());
  expect(await startStepOfTarget(of)).toBe('ended');
  expect(await readStep(of.jobId, `step:failover:${vm.id}`)).toMatchObject({
    state: 'failed',
    attempt: 0,
    error: { code: 'ScenarioNotPossibleYet' },
  });
  expect(requestedWrites()).toEqual([]);
});
