import { RECOVERY_SIDE, TestAzure, PRIMARY_SIDE, MINUTE, SINGLE_MACHINES } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
  await run('PUT', '/replicationRecoveryPlans/shop', plan([['sql'], ['web', 'app']]));
});
afterEach(() => azure.close());

const itemId = (name: string): string =>
  `${azure.vaultPath}/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}/replicationProtectedItems/${name}`;
const plan = (groups: readonly (readonly string[])[]) => ({
  properties: {
    primaryFabricId: `${azure.vaultPath}/replicationFabrics/${PRIMARY_SIDE.fabric}`,
    recoveryFabricId: `${azure.vaultPath}/replicationFabrics/${RECOVERY_SIDE.fabric}`,
    failoverDeploymentModel: 'ResourceManager',
    groups: groups.map((names) => ({
      groupType: 'Boot',
      replicationProtectedItems: names.map((name) => ({ id: itemId(name), virtualMachineId: name })),
    })),
  },
});
const FAILOVER = {
  properties: {
    failoverDirection: 'PrimaryToRecovery',
    sourceSiteOperations: 'Required',
    providerSpecificDetails: [{ instanceType: 'A2A', recoveryPointType: 'Latest' }],
  },
};

interface Member {
  readonly name: string;
  readonly state: string;
  readonly customDetails: { readonly skippedReason: string; readonly jobTask: { readonly jobId: string } };
}
interface Task {
  readonly name: string;
  readonly state: string;
  readonly groupTaskCustomDetails: {
    readonly rpGroupType: string;
    readonly childTasks: readonly Member[];
  } | null;
}
interface JobSeen {
  readonly state: string;
  readonly errors: readonly { readonly serviceErrorDetails: { readonly code: string } }[];
  readonly tasks: readonly Task[];
  readonly allowedActions: readonly string[];
}

const seen = async (id: string): Promise<JobSeen> =>
  ((await azure.sendRaw('GET', `/replicationJobs/${id}`)).body as { properties: JobSeen }).properties;

async function start(method: string, path: string, body?: unknown): Promise<string> {
  const answer = await azure.sendRaw(method, path, body);
  expect([path, answer.status]).toEqual([path, 202]);
  return (answer.headers?.['Azure-AsyncOperation'] ?? '').split('?')[0]?.split('/').at(-1) ?? '';
}

async function run(method: string, path: string, body?: unknown): Promise<JobSeen> {
  const id = await start(method, path, body);
  await azure.advance(15 * MINUTE);
  return seen(id);
}

const shown = async () =>
  (
    (await azure.sendRaw('GET', '/replicationRecoveryPlans/shop')).body as {
      properties: {
        allowedOperations: string[];
        currentScenario: unknown;
        currentScenarioStatus: string;
        groups: { groupType: string }[];
      };
    }
  ).properties;
const states = async (among = SINGLE_MACHINES) =>
  Object.fromEntries(
    (await azure.readTrueItems())
      .filter(({ name }) => among.includes(name))
      .map(({ name, state }) => [name, state]),
  );

it('returns all groups that the service adds, and cannot be created twice', async () => {
  expect((await shown()).groups.map(({ groupType }) => groupType)).toEqual([
    'Shutdown',
    'Failover',
    'Boot',
    'Boot',
  ]);
  expect(await azure.sendRaw('PUT', '/replicationRecoveryPlans/shop', plan([['web']]))).toMatchObject({
    status: 400,
    body: { error: { details: [{ code: 'ArmResourceNameNotAvailable' }] } },
  });
  expect(await azure.sendRaw('PUT', '/replicationRecoveryPlans/other', plan([['ghost']]))).toMatchObject({
    status: 400,
  });
  expect(
    await azure.sendRaw('PUT', '/replicationRecoveryPlans/other', plan([['web'], ['web']])),
  ).toMatchObject({
    status: 400,
  });
  const filtered = (
    await azure.sendRaw(
      'GET',
      `/replicationProtectedItems?api-version=2023-06-01&$filter=${encodeURIComponent("RecoveryPlanName eq 'shop'")}`,
    )
  ).body as { value: unknown[] };
  expect(filtered.value).toHaveLength(3);
});

it('fails over its machines in order, with a job for each machine and phase', async () => {
  const job = await run('POST', '/replicationRecoveryPlans/shop/unplannedFailover', FAILOVER);
  expect(job.state).toBe('Succeeded');
  expect(job.tasks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'RpSrsPrerequisitesCheck Succeeded',
    'ShutdownAllActionGroup Succeeded',
    'FailoverAllActionGroup Succeeded',
    'Group1 Succeeded',
    'Group2 Succeeded',
    'EndRecoveryPlanTask Succeeded',
  ]);
  const children = job.tasks.flatMap(
    ({ groupTaskCustomDetails }) => groupTaskCustomDetails?.childTasks ?? [],
  );
  expect(new Set(children.map(({ customDetails }) => customDetails.jobTask.jobId)).size).toBe(9);
  expect(await states()).toEqual({ web: 'failedOver', app: 'failedOver', sql: 'failedOver' });
  expect((await shown()).allowedOperations).toEqual(['UnplannedFailover', 'TestFailover', 'Commit']);
  await run('POST', '/replicationRecoveryPlans/shop/failoverCommit');
  expect(await states()).toEqual({ web: 'committed', app: 'committed', sql: 'committed' });
  await run('POST', '/replicationRecoveryPlans/shop/reProtect');
  await azure.advance(30 * MINUTE);
  expect(await states()).toEqual({ web: 'protected', app: 'protected', sql: 'protected' });
  expect((await azure.readItem('web', RECOVERY_SIDE)).properties?.activeLocation).toBe('Primary');
});

it('blocks its machines for other operations while it runs, also over a kill', async () => {
  const id = await start('POST', '/replicationRecoveryPlans/shop/testFailover', {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      networkType: 'VmNetworkAsInput',
      providerSpecificDetails: [],
    },
  });
  await azure.advance(MINUTE);
  expect((await azure.readItem('web')).properties?.allowedOperations).toEqual([]);
  const other = await run('POST', `${itemId('web')}/unplannedFailover`, {
    properties: { providerSpecificDetails: { instanceType: 'A2A' } },
  });
  expect(other.errors[0]?.serviceErrorDetails.code).toBe('532');
  azure.killAndStart();
  await azure.advance(10 * MINUTE);
  expect((await seen(id)).state).toBe('Succeeded');
  expect(await states()).toEqual({ web: 'testing', app: 'testing', sql: 'testing' });
  expect(await shown()).toMatchObject({
    allowedOperations: ['TestFailoverCleanup'],
    currentScenarioStatus: 'Suspended',
  });
  expect(
    (await run('POST', '/replicationRecoveryPlans/shop/testFailoverCleanup', { properties: {} })).state,
  ).toBe('Succeeded');
  expect(Object.values(await states()).every((state) => state === 'tested' || state === 'protected')).toBe(
    true,
  );
});

it('continues without a machine that fell behind, and reports it', async () => {
  azure.faults.add({ id: 'behind', point: 'operation', vm: 'web', do: { kind: 'fail', code: '150097' } });
  const job = await run('POST', '/replicationRecoveryPlans/shop/unplannedFailover', FAILOVER);
  expect(job).toMatchObject({
    state: 'PartiallySucceeded',
    allowedActions: ['Restart'],
    errors: [{ serviceErrorDetails: { code: '25014' } }],
  });
  expect(await states()).toEqual({ web: 'protected', app: 'failedOver', sql: 'failedOver' });
  const boot = job.tasks
    .find(({ name }) => name === 'Group2')
    ?.groupTaskCustomDetails?.childTasks.map(({ name, state, customDetails }) => [
      name,
      state,
      customDetails.skippedReason,
    ]);
  expect(boot).toEqual(
    expect.arrayContaining([
      ['app', 'Succeeded', 'None'],
      ['web', 'Other', 'PreviousPhaseFailed'],
    ]),
  );
  for (const item of await azure.readTrueItems()) expect(item.busyWith).toBeNull();
});

it('changes nothing when a machine is not ready', async () => {
  await run('POST', `${itemId('web')}/unplannedFailover`, {
    properties: { providerSpecificDetails: { instanceType: 'A2A' } },
  });
  const job = await run('POST', '/replicationRecoveryPlans/shop/unplannedFailover', FAILOVER);
  expect(job).toMatchObject({ state: 'Failed', errors: [{ serviceErrorDetails: { code: '25014' } }] });
  expect(await states()).toEqual({ web: 'failedOver', app: 'protected', sql: 'protected' });
});
