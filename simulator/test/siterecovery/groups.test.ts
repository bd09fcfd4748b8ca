// Machines with shared recovery points: they fail over and return only together, through a recovery
// plan.

import {
  all,
  RECOVERY_SIDE,
  TestAzure,
  cacheAccountOf,
  VAULT_GROUP,
  PRIMARY_SIDE,
  MINUTE,
  type ContainerLocation,
  sendReprotect,
  VAULT,
} from './test-azure.ts';

const ORDERS = ['orders-1', 'orders-2'];
const PLAN = '/replicationRecoveryPlans/orders';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const itemPath = (name: string, { fabric, container }: ContainerLocation = PRIMARY_SIDE): string =>
  `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}/replicationProtectedItems/${name}`;
const states = async (): Promise<string[]> =>
  (await azure.readTrueItems()).filter(({ name }) => ORDERS.includes(name)).map(({ state }) => state);

interface Seen {
  readonly state: string;
  readonly errors: readonly {
    readonly serviceErrorDetails: { readonly code: string; readonly possibleCauses: string };
  }[];
  readonly tasks: readonly {
    readonly name: string;
    readonly state: string;
    readonly taskType: string;
    readonly customDetails: unknown;
  }[];
  readonly customDetails: {
    readonly protectedItemDetails?: readonly { readonly recoveryPointTime: string }[];
  };
}

async function run(path: string, body?: unknown, method = 'POST'): Promise<Seen> {
  const answer = await azure.sendRaw(method, path, body);
  expect([path, answer.status]).toEqual([path, 202]);
  await azure.advance(15 * MINUTE);
  const id = (answer.headers?.['Azure-AsyncOperation'] ?? '').split('?')[0]?.split('/').at(-1) ?? '';
  return ((await azure.sendRaw('GET', `/replicationJobs/${id}`)).body as { properties: Seen }).properties;
}

const failoverBody = (failoverDirection = 'PrimaryToRecovery') => ({
  properties: {
    failoverDirection,
    sourceSiteOperations: 'Required',
    providerSpecificDetails: [
      {
        instanceType: 'A2A',
        recoveryPointType: 'Latest',
        multiVmSyncPointOption: 'UseMultiVmSyncRecoveryPoint',
      },
    ],
  },
});

it('the environment has a consistency group with a plan and shared recovery points', async () => {
  const { properties } = await azure.client.replicationRecoveryPlans.get(VAULT, VAULT_GROUP, 'orders');
  expect(properties).toMatchObject({
    allowedOperations: ['UnplannedFailover', 'TestFailover'],
    primaryFabricFriendlyName: 'East Asia',
    replicationProviders: ['A2A'],
  });
  expect(
    properties?.groups?.map(({ groupType, replicationProtectedItems }) => [
      groupType,
      replicationProtectedItems?.map(({ id }) => id?.split('/').at(-1)),
    ]),
  ).toEqual([
    ['Shutdown', []],
    ['Failover', []],
    ['Boot', ORDERS],
  ]);
  const [one, other] = await Promise.all(ORDERS.map((name) => azure.readItem(name)));
  const details = one?.properties?.providerSpecificDetails as { multiVmGroupId?: string } | undefined;
  expect(details).toMatchObject({ multiVmGroupName: 'orders', multiVmGroupCreateOption: 'UserSpecified' });
  expect((other?.properties?.providerSpecificDetails as typeof details)?.multiVmGroupId).toBe(
    details?.multiVmGroupId,
  );
  const [point] = await all(
    azure.client.recoveryPoints.listByReplicationProtectedItems(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'orders-1',
    ),
  );
  expect(point?.properties?.providerSpecificDetails).toMatchObject({
    recoveryPointSyncType: 'MultiVmSyncRecoveryPoint',
  });
});

it('a plan takes one shared point for all members, also across a five-minute boundary', async () => {
  const testFailover = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      networkType: 'NoNetworkAttachAsInput',
      providerSpecificDetails: failoverBody().properties.providerSpecificDetails,
    },
  };
  // The test VMs come up 85 to 115 seconds after the start, and not at the same second.
  for (let secondsToBoundary = 88; secondsToBoundary <= 112; secondsToBoundary += 2) {
    const boundary = Math.ceil((azure.clock.now() + 5 * MINUTE) / (5 * MINUTE)) * 5 * MINUTE;
    await azure.advance(boundary - secondsToBoundary * 1000 - azure.clock.now());
    const { state, customDetails } = await run(`${PLAN}/testFailover`, testFailover);
    const { protectedItemDetails } = customDetails;
    const points = new Set(protectedItemDetails?.map(({ recoveryPointTime }) => recoveryPointTime));
    expect([secondsToBoundary, state, protectedItemDetails?.length, points.size]).toEqual([
      secondsToBoundary,
      'Succeeded',
      2,
      1,
    ]);
    expect((await run(`${PLAN}/testFailoverCleanup`, { properties: {} })).state).toBe('Succeeded');
  }
});

it('fails over and returns through its plan', async () => {
  expect((await run(`${PLAN}/unplannedFailover`, failoverBody())).state).toBe('Succeeded');
  expect((await run(`${PLAN}/failoverCommit`)).state).toBe('Succeeded');
  expect((await run(`${PLAN}/reProtect`)).state).toBe('Succeeded');
  await azure.advance(30 * MINUTE);
  const { properties } = await azure.readItem('orders-1', RECOVERY_SIDE);
  expect(properties).toMatchObject({
    protectionState: 'Protected',
    providerSpecificDetails: {
      protectedManagedDisks: [
        { primaryStagingAzureStorageAccountId: cacheAccountOf(azure, RECOVERY_SIDE) },
        {},
      ],
    },
  });
  expect((await run(`${PLAN}/unplannedFailover`, failoverBody('RecoveryToPrimary'))).state).toBe('Succeeded');
  for (const step of ['failoverCommit', 'reProtect'])
    expect((await run(`${PLAN}/${step}`)).state).toBe('Succeeded');
  await azure.advance(30 * MINUTE);
  expect((await azure.readItem('orders-2', PRIMARY_SIDE)).properties?.protectionState).toBe('Protected');
});

it('refuses a failover, test or reprotect of a single machine', async () => {
  const a2a = { instanceType: 'A2A' };
  for (const operation of ['unplannedFailover', 'testFailover']) {
    const job = await run(`${itemPath('orders-1')}/${operation}`, {
      properties: { providerSpecificDetails: a2a },
    });
    expect(job).toMatchObject({
      state: 'Failed',
      errors: [
        {
          serviceErrorDetails: { code: '539', possibleCauses: expect.stringContaining('orders-2') as string },
        },
      ],
    });
  }
  await run(`${PLAN}/unplannedFailover`, failoverBody());
  const { jobId } = await sendReprotect(azure, 'orders-1');
  await azure.advance(15 * MINUTE);
  expect((await azure.readJob(jobId)).properties).toMatchObject({
    state: 'Failed',
    errors: [{ serviceErrorDetails: { code: '539' } }],
  });
  expect(await states()).toEqual(['failedOver', 'failedOver']);
});

it('lets a machine that fell behind follow later, alone or with a restart of the plan', async () => {
  azure.faults.add({
    id: 'once',
    point: 'operation',
    vm: 'orders-1',
    times: 1,
    do: { kind: 'fail', code: '150097' },
  });
  await run(`${PLAN}/unplannedFailover`, failoverBody());
  expect(await states()).toEqual(['protected', 'failedOver']);
  const partial = (await azure.listJobs()).find(
    ({ properties }) => properties?.state === 'PartiallySucceeded',
  );
  await run(`/replicationJobs/${partial?.name ?? ''}/restart`);
  expect(await states()).toEqual(['failedOver', 'failedOver']);
});

it('accepts no seventeenth machine', async () => {
  const policyId = `${azure.vaultPath}/replicationPolicies/day-of-points`;
  const groups = azure.vaultPath.replace(/\/[^/]+\/providers\/.*/, '');
  const pattern = azure.world.get(
    `${groups}/contoso-shop/providers/Microsoft.Compute/virtualMachines/web-zone-1`,
  );
  for (let number = 3; number <= 17; number += 1) {
    if (pattern)
      azure.world.put({ ...pattern, id: `${pattern.id}-${number}`, name: `${pattern.name}-${number}` });
    const details = {
      instanceType: 'A2A',
      recoveryResourceGroupId: azure.world.get(`${groups}/contoso-shop-recovery`)?.id,
      fabricObjectId: `${pattern?.id ?? ''}-${number}`,
      recoveryContainerId: `${azure.vaultPath}/replicationFabrics/${RECOVERY_SIDE.fabric}/replicationProtectionContainers/${RECOVERY_SIDE.container}`,
      multiVmGroupName: 'orders',
    };
    await azure.sendRaw('PUT', itemPath(`orders-${number}`), {
      properties: { policyId, providerSpecificDetails: details },
    });
  }
  await azure.advance(15 * MINUTE);
  const failed = (await azure.readWrites()).filter(({ errorCode }) => errorCode === '539');
  expect(failed.map(({ itemName }) => itemName)).toEqual(['orders-17']);
});

describe('scripts and runbooks of a plan', () => {
  const action = (actionName: string, customDetails: object, failoverDirections = ['PrimaryToRecovery']) => ({
    actionName,
    failoverTypes: ['UnplannedFailover'],
    failoverDirections,
    customDetails,
  });
  const runbookId =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/ops/runbooks/open-ports';

  beforeEach(async () => {
    const items = ORDERS.map((name) => ({
      id: `${azure.vaultPath}${itemPath(name)}`,
      virtualMachineId: name,
    }));
    const startGroupActions = [
      action('Open ports', {
        instanceType: 'AutomationRunbookActionDetails',
        runbookId,
        timeout: 'PT5M',
        fabricLocation: 'Recovery',
      }),
    ];
    const endGroupActions = [
      action('Check', {
        instanceType: 'ScriptActionDetails',
        path: '\\\\share\\check.ps1',
        timeout: 'PT5M',
        fabricLocation: 'Recovery',
      }),
      action('Only home', { instanceType: 'ManualActionDetails', description: 'Call home.' }, [
        'RecoveryToPrimary',
      ]),
    ];
    await run(
      PLAN,
      {
        properties: {
          groups: [
            { groupType: 'Boot', replicationProtectedItems: items, startGroupActions, endGroupActions },
          ],
        },
      },
      'PATCH',
    );
  });

  it('run before and after their group, in their direction', async () => {
    const job = await run(`${PLAN}/unplannedFailover`, failoverBody());
    expect([job.state, job.tasks.map(({ name, state }) => `${name} ${state}`).slice(3)]).toEqual([
      'Succeeded',
      ['Open ports Succeeded', 'Group1 Succeeded', 'Check Succeeded', 'EndRecoveryPlanTask Succeeded'],
    ]);
    expect(job.tasks.find(({ name }) => name === 'Open ports')).toMatchObject({
      taskType: 'AutomationRunbookTaskDetails',
      customDetails: { accountName: 'ops', runbookName: 'open-ports', runbookId },
    });
    expect(job.tasks.find(({ name }) => name === 'Check')).toMatchObject({
      taskType: 'ScriptActionTaskDetails',
      customDetails: { path: '\\\\share\\check.ps1', isPrimarySideScript: false },
    });
  });

  it('do not stop the plan when they fail, and the plan reports the failure', async () => {
    azure.faults.add({
      id: 'script',
      point: 'operation',
      subject: '^Check$',
      do: { kind: 'fail', code: '9001', message: 'The script stopped.' },
    });
    const job = await run(`${PLAN}/unplannedFailover`, failoverBody());
    expect(job).toMatchObject({
      state: 'PartiallySucceeded',
      errors: [{ serviceErrorDetails: { code: '9001' } }],
    });
    expect(job.tasks.find(({ name }) => name === 'Check')?.state).toBe('Failed');
    expect(await states()).toEqual(['failedOver', 'failedOver']);
  });

  it('a planned failover of a plan is refused for Azure to Azure, but is a known call', async () => {
    expect(await azure.sendRaw('POST', `${PLAN}/plannedFailover`, { properties: {} })).toMatchObject({
      status: 400,
      body: { error: { code: 'BadRequest' } },
    });
    expect(await azure.admin('unknown')).toEqual([]);
  });
});
