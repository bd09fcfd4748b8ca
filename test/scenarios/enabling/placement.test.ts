// Placement groups and sets without room, on failover and on failback, and the targets that a
// reprotect chooses.
import {
  makeStorageAccountId,
  makeAvailabilitySetId,
  makeContosoWith,
  EnablingEnvironment,
  makePlacementGroupId,
  PRODUCTION,
  makeShopVm,
  stepNames,
  makeVmId,
} from '../../support/enabling-environment.ts';
import { vmFieldsOf } from '../../support/vm-fields.ts';
import { story } from '../../support/story.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { withFault } from '../../support/test-environment.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let testEnvironment: EnablingEnvironment;
beforeAll(async () => {
  const environment = makeContosoWith({
    resourceGroups: [
      { name: 'near-away', subscription: 'contoso-production', region: 'southeastasia' },
      { name: 'shop-zones', subscription: 'contoso-production', region: 'eastasia' },
    ],
    placementGroups: [
      { name: 'full', resourceGroup: 'near-away', room: 0 },
      { name: 'zone-full', resourceGroup: 'shop-zones', room: 0 },
    ],
    availabilitySets: [{ name: 'pinned', placementGroup: 'full' }, { name: 'free' }].map((entry) => ({
      ...entry,
      resourceGroup: 'near-away',
      faultDomains: 2,
      updateDomains: 5,
      aligned: true,
    })),
    virtualMachines: [
      makeShopVm('near', { placementGroup: 'shop-near' }),
      makeShopVm('zoned', { zone: '2' }),
      makeShopVm('next-door', { zone: '1', placementGroup: 'shop-near' }),
      makeShopVm('crowded', { zone: '1', placementGroup: 'shop-near' }),
    ],
  });
  testEnvironment = await EnablingEnvironment.start({ environment });
});
afterAll(() => testEnvironment.stop());

interface Machine {
  readonly location: string;
  readonly zones?: readonly string[];
  readonly properties: {
    readonly availabilitySet?: { readonly id: string };
    readonly proximityPlacementGroup?: { readonly id: string };
  };
}
const FULL = makePlacementGroupId('near-away', 'full');
const ALL = ['app-set-1', 'app-set-2', 'near', 'zoned'];
const OVERCONSTRAINED = 'OverconstrainedAllocationRequest';
const last = (id: string | undefined) => id?.split('/').at(-1)?.toLowerCase();
const placed = async (name: string, group: string) => {
  const machine = await testEnvironment.readResource<Machine>(makeVmId(name, group));
  return {
    set: last(machine?.properties.availabilitySet?.id),
    near: last(machine?.properties.proximityPlacementGroup?.id),
    zone: machine?.zones?.[0],
  };
};
const on = async (operation: string, names: readonly string[] = ALL): Promise<Job> =>
  testEnvironment.runJob({
    operation,
    vms: await Promise.all(names.map(async (name) => (await testEnvironment.waitForReplication(name)).id)),
  });
const warningsOf = (job: Job) =>
  Object.fromEntries(
    job.exceptions.map(({ targetName, code, message }) => [targetName, `${code}: ${message}`]),
  );

test('VMs join a placement group with or without a set [PPG-1] [PPG-2] [A2A-11]', async () => {
  const done = await testEnvironment.enable(
    {
      target: { region: 'southeastasia', resourceGroup: 'near-away' },
      ...vmFieldsOf(
        { id: makeVmId('app-set-1'), availabilitySetId: makeAvailabilitySetId('near-away', 'pinned') },
        {
          id: makeVmId('app-set-2'),
          availabilitySetId: makeAvailabilitySetId('near-away', 'free'),
          placementGroupId: FULL,
        },
        { id: makeVmId('near'), placementGroupId: FULL },
        { id: makeVmId('zoned'), zone: '3' },
      ),
    },
    'owner',
  );
  expect(done).toMatchObject({ state: 'completed', exceptions: [] });
  for (const name of ALL.slice(0, 3))
    expect(await testEnvironment.readItemDetails(name)).toMatchObject({
      recoveryProximityPlacementGroupId: FULL,
    });
});

test('a VM without room in its placement group comes up outside, and the job reports this [PPG-5]', async () => {
  const done = await on('failover');
  expect(done.state).toBe('completedWithExceptions');
  for (const step of done.steps) expect(step).toMatchObject({ state: 'succeeded', attempts: 1 });
  const messages = warningsOf(done);
  expect(Object.keys(messages).sort()).toEqual(['app-set-1', 'app-set-2', 'near']);
  expect(messages['app-set-1']).toContain(
    `${OVERCONSTRAINED}: app-set-1 is up, outside of the proximity placement group full and ` +
      'the availability set pinned',
  );
  expect(messages['app-set-2']).toMatch(/outside of the proximity placement group full, because/);
  expect(messages['near']).toMatch(/outside of the proximity placement group full, because/);
  expect(await placed('app-set-1', 'near-away')).toEqual({});
  expect(await placed('app-set-2', 'near-away')).toEqual({ set: 'free' });
  expect(await placed('near', 'near-away')).toEqual({});
  expect(await placed('zoned', 'near-away')).toEqual({ zone: '3' });
  for (const name of ALL)
    expect(await testEnvironment.findReplication(name)).toMatchObject({ state: 'failedOver' });
});

test("a reprotect names each source VM's own target resources, and creates a cache [PPG-6] [OP-4]", async () => {
  expect(await on('commit')).toMatchObject({ state: 'completed' });
  const done = await on('reprotect');
  expect(done).toMatchObject({ state: 'completed', exceptions: [] });
  const [cache, ...others] = stepNames(done, 'prerequisite');
  expect(others).toEqual([]);
  const cacheId = makeStorageAccountId('near-away', cache ?? '');
  expect(await testEnvironment.readResource(cacheId)).toMatchObject({
    location: 'southeastasia',
    sku: { name: 'Standard_LRS' },
    tags: { lifeboat: 'cache' },
  });
  const near = makePlacementGroupId('contoso-shop', 'shop-near');
  const set = makeAvailabilitySetId('contoso-shop', 'shop-app-set');
  const expected = [
    [near, set, null],
    [near, set, null],
    [near, null, null],
    [null, null, '2'],
  ] as const;
  for (const [at, name] of ALL.entries()) {
    const details = await testEnvironment.readItemDetails(name);
    expect([
      details.recoveryProximityPlacementGroupId?.toLowerCase() ?? null,
      details.recoveryAvailabilitySet?.toLowerCase() ?? null,
      details.recoveryAvailabilityZone ?? null,
    ]).toEqual(expected[at]?.map((value) => value?.toLowerCase() ?? null));
    expect(details).toMatchObject({
      primaryFabricLocation: 'southeastasia',
      recoveryFabricLocation: 'eastasia',
      recoveryAzureResourceGroupId: expect.stringMatching(/\/contoso-shop$/i) as string,
    });
    for (const disk of details.protectedManagedDisks ?? [])
      expect(disk.primaryStagingAzureStorageAccountId).toBe(cacheId);
  }
});

test('a VM without room at home comes up outside its placement group [PPG-5] [PPG-6]', async () => {
  const rule = {
    point: 'operation',
    path: '/unplannedFailover',
    vm: 'near',
    times: 1,
    do: { kind: 'warn', code: OVERCONSTRAINED, message: 'Allocation failed.' },
  } as const;
  const { result: done, acted } = await withFault(testEnvironment.simulator, rule, () => on('failback'));
  expect(acted).toBe(1);
  expect(done.state).toBe('completedWithExceptions');
  expect(warningsOf(done)).toEqual({
    near: expect.stringMatching(
      /^OverconstrainedAllocationRequest: near is up, outside of the proximity placement group shop-near, because/,
    ) as string,
  });
  expect(done.steps.filter(({ phase }) => phase === 'failover').map(({ state }) => state)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'succeeded',
  ]);
  expect(await placed('near', 'contoso-shop')).toEqual({});
  expect(await placed('app-set-1', 'contoso-shop')).toEqual({ set: 'shop-app-set', near: 'shop-near' });
  expect(await placed('zoned', 'contoso-shop')).toEqual({ zone: '2' });
  // The next reprotect targets the other region in its current state: outside the full group.
  expect(await testEnvironment.readItemDetails('zoned')).toMatchObject({
    primaryFabricLocation: 'eastasia',
    recoveryAvailabilityZone: '3',
    recoveryAzureResourceGroupId: expect.stringMatching(/near-away$/i) as string,
  });
  for (const name of ALL)
    expect(await testEnvironment.findReplication(name)).toMatchObject({
      state: 'protected',
      direction: 'original',
    });
});

describe('from zone to zone of one region', () => {
  const test = story();
  const BOTH = ['next-door', 'crowded'];
  const AWAY = { next: { zone: '2', near: 'shop-near-asr' }, home: { zone: '1', near: 'shop-near' } };

  test('a job names the VM without room in the other zone [A2A-4] [A2A-12] [PPG-1]', async () => {
    const enabled = await testEnvironment.enable(
      {
        target: { region: 'eastasia', zone: '2', resourceGroup: 'shop-zones' },
        vault: {
          name: 'zones-vault',
          subscription: PRODUCTION,
          resourceGroup: 'contoso-recovery-services',
          region: 'southeastasia',
        },
        ...vmFieldsOf(makeVmId('next-door'), {
          id: makeVmId('crowded'),
          placementGroupId: makePlacementGroupId('shop-zones', 'zone-full'),
        }),
      },
      'owner',
    );
    expect(enabled).toMatchObject({ state: 'completed', exceptions: [] });
    for (const name of BOTH)
      expect(await testEnvironment.waitForReplication(name)).toMatchObject({
        direction: 'original',
        state: 'protected',
      });
    const done = await on('failover', BOTH);
    expect(done.state).toBe('completedWithExceptions');
    expect(warningsOf(done)).toEqual({
      crowded: expect.stringMatching(
        /^OverconstrainedAllocationRequest: crowded is up, outside of the proximity placement group zone-full, because/,
      ) as string,
    });
    for (const step of done.steps) expect(step).toMatchObject({ state: 'succeeded', attempts: 1 });
    expect(await placed('next-door', 'shop-zones')).toEqual(AWAY.next);
    expect(await placed('crowded', 'shop-zones')).toEqual({ zone: '2' });
  });

  test("a reprotect names the home zone and keeps the region's cache [OP-3] [OP-4] [PPG-6]", async () => {
    expect(await on('commit', BOTH)).toMatchObject({ state: 'completed' });
    const before = (await testEnvironment.readItemDetails('next-door')).protectedManagedDisks?.[0]
      ?.primaryStagingAzureStorageAccountId;
    const done = await on('reprotect', BOTH);
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(stepNames(done, 'prerequisite')).toEqual([]);
    for (const name of BOTH) {
      expect(await testEnvironment.waitForReplication(name)).toMatchObject({
        direction: 'reversed',
        state: 'protected',
      });
      expect(await testEnvironment.readItemDetails(name)).toMatchObject({
        primaryFabricLocation: 'eastasia',
        recoveryFabricLocation: 'eastasia',
        primaryAvailabilityZone: '2',
        recoveryAvailabilityZone: '1',
        recoveryProximityPlacementGroupId: expect.stringMatching(/shop-near$/) as string,
        recoveryAzureResourceGroupId: expect.stringMatching(/\/contoso-shop$/i) as string,
        protectedManagedDisks: [{ primaryStagingAzureStorageAccountId: before }],
      });
    }
  });

  test('a failback moves each VM to its own zone, and replicates again [OP-5] [PPG-5] [PPG-6]', async () => {
    const rule = {
      point: 'operation',
      path: '/unplannedFailover',
      vm: 'next-door',
      times: 1,
      do: { kind: 'warn', code: OVERCONSTRAINED, message: 'Allocation failed.' },
    } as const;
    const { result: done } = await withFault(testEnvironment.simulator, rule, () => on('failback', BOTH));
    expect(done.state).toBe('completedWithExceptions');
    expect(warningsOf(done)).toEqual({
      'next-door': expect.stringMatching(
        /next-door is up, outside of the proximity placement group shop-near, because/,
      ) as string,
    });
    expect(await placed('next-door', 'contoso-shop')).toEqual({ zone: '1' });
    expect(await placed('crowded', 'contoso-shop')).toEqual(AWAY.home);
    for (const [name, near] of [
      ['next-door', /shop-near-asr$/],
      ['crowded', null],
    ] as const) {
      const details = await testEnvironment.readItemDetails(name);
      expect(details).toMatchObject({ primaryAvailabilityZone: '1', recoveryAvailabilityZone: '2' });
      expect(details.recoveryProximityPlacementGroupId ?? null).toEqual(
        near === null ? null : expect.stringMatching(near),
      );
      expect(await testEnvironment.waitForReplication(name)).toMatchObject({
        direction: 'original',
        state: 'protected',
      });
    }
  });
});
