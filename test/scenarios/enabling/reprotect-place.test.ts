// Reprotect and failback into a named resource group and placement group.
import {
  EnablingEnvironment,
  makeContosoWith,
  makePlacementGroupId,
  PRODUCTION,
} from '../../support/enabling-environment.ts';

let environment: EnablingEnvironment;
beforeAll(async () => {
  const ofProduction = { subscription: 'contoso-production' } as const;
  environment = await EnablingEnvironment.start({
    environment: makeContosoWith({
      resourceGroups: [
        { name: 'apart', region: 'eastasia', ...ofProduction },
        { name: 'apart-away', region: 'southeastasia', ...ofProduction },
      ],
      placementGroups: [
        { name: 'apart-near', resourceGroup: 'apart' },
        { name: 'apart-away-near', resourceGroup: 'apart-away' },
      ],
    }),
  });
});
afterAll(() => environment.stop());

const groupId = (name: string): string => `/subscriptions/${PRODUCTION}/resourceGroups/${name}`;
const NEAR = makePlacementGroupId('apart', 'apart-near');
const NEAR_AWAY = makePlacementGroupId('apart-away', 'apart-away-near');
const on = async (operation: string, name: string, more: object = {}) => ({
  operation,
  vms: [(await environment.waitForReplication(name)).id],
  ...more,
});
const placeOf = async (name: string) => {
  const { recoveryAzureResourceGroupId: group, recoveryProximityPlacementGroupId: near } =
    await environment.readItemDetails(name);
  return { group, near };
};

test('reprotect and failback put the replicas where the caller says [PPG-6] [OP-4] [OP-5]', async () => {
  await environment.runJob(await on('failover', 'web'));
  expect(
    await environment.runJob(
      await on('reprotect', 'web', { resourceGroup: 'apart', placementGroupId: NEAR }),
    ),
  ).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await placeOf('web')).toEqual({ group: groupId('apart'), near: NEAR });
  expect(
    await environment.runJob(
      await on('failback', 'web', { resourceGroup: 'apart-away', placementGroupId: NEAR_AWAY }),
    ),
  ).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await placeOf('web')).toEqual({ group: groupId('apart-away'), near: NEAR_AWAY });
  // The VM came back in the group that the reprotect named.
  expect(
    await environment.readResource(`${groupId('apart')}/providers/Microsoft.Compute/virtualMachines/web`),
  ).toMatchObject({ location: 'eastasia' });
});

test('a wrong place is refused before a failback moves anything [PPG-6]', async () => {
  await environment.runJob(await on('failover', 'app'));
  const before = environment.listArmWrites().length;
  for (const [more, code] of [
    [{ resourceGroup: 'nope' }, 'GroupUnknown'],
    [{ placementGroupId: NEAR }, 'PlacementGroupInOtherGroup'],
    [{ resourceGroup: 'apart', placementGroupId: NEAR_AWAY }, 'PlacementGroupInOtherGroup'],
    [{ resourceGroup: 'apart-away' }, 'GroupInSourceRegion'],
  ] as const) {
    const job = await environment.runJob(await on('reprotect', 'app', more));
    expect(job).toMatchObject({ state: 'failed', error: { code }, steps: [] });
    expect(job.error?.message).toMatch(/^app: .* Nothing was started\.$/);
  }
  expect(environment.listArmWrites().slice(before)).toEqual([]);
  expect(
    await environment.sendRefused(await on('reprotect', 'app', { placementGroupId: 'near' })),
  ).toMatchObject({ status: 400, code: 'Invalid' });

  await environment.runJob(await on('reprotect', 'app'));
  const moved = environment.listArmWrites().length;
  expect(
    await environment.runJob(await on('failback', 'app', { placementGroupId: NEAR_AWAY })),
  ).toMatchObject({ state: 'failed', error: { code: 'PlacementGroupInOtherGroup' }, steps: [] });
  expect(environment.listArmWrites().slice(moved)).toEqual([]);
});

test('a multi-VM group takes no place of its own [PPG-6]', async () => {
  const orders = (await environment.lifeboat.listReplications()).filter(({ name }) =>
    name.startsWith('orders-'),
  );
  const vms = orders.map(({ id }) => id);
  await environment.runJob({ operation: 'failover', vms });
  expect(
    await environment.sendRefused({ operation: 'reprotect', vms, resourceGroup: 'apart' }),
  ).toMatchObject({ status: 422, code: 'PlaceOfGroup' });
});
