// From unprotected VMs to protected VMs over REST: the app creates the vault, fabrics, targets and
// mappings.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { readArmActions } from '../../support/arm-trace.ts';
import {
  EnablingEnvironment,
  PRODUCTION,
  stepNames,
  TO_SOUTH_EAST,
  makeVmId,
} from '../../support/enabling-environment.ts';
import { callAsPortalUser } from '../../support/portal.ts';
import { story } from '../../support/story.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: EnablingEnvironment;
beforeAll(async () => {
  environment = await EnablingEnvironment.start();
});
afterAll(() => environment.stop());

describe('with only VMs and a target region', () => {
  // Also covers [A2A-6] [A2A-12] [PPG-1] [OP-9].
  test('the defaults protect two VMs [VAULT-2] [A2A-3] [A2A-5]', async () => {
    const done = await environment.enable({ vms: [makeVmId('web-zone-1'), makeVmId('app-set-1')] }, 'owner');
    expect(done).toMatchObject({ state: 'completed', exceptions: [], error: null });
    expect(stepNames(done, 'prerequisite').sort()).toEqual(
      expect.arrayContaining([
        'contoso-shop-asr',
        'lifeboat-southeastasia',
        'shop-network-asr',
        'shop-near-asr',
        'shop-app-set-asr',
        'fabric-eastasia',
        'fabric-southeastasia',
        'container-eastasia',
        'container-southeastasia',
      ]),
    );
    expect(stepNames(done, 'newVm').sort()).toEqual(['app-set-1', 'web-zone-1']);
    for (const step of done.steps) expect(step).toMatchObject({ state: 'succeeded', attempts: 1 });
    const made = environment.listArmWrites();
    expect(made.length).toBe(done.steps.length);
    expect(new Set(made).size).toBe(made.length);
    expect(await environment.findReplication('web-zone-1')).toMatchObject({
      state: 'protected',
      direction: 'original',
      sites: { original: { region: 'eastasia' }, reversed: { region: 'southeastasia' } },
    });
    expect(await environment.findReplication('app-set-1')).toMatchObject({
      id: done.steps.find((step) => step.name === 'app-set-1')?.replication,
    });
  });

  test('a second command for the same VMs writes nothing [A2A-17] [A2A-20]', async () => {
    const before = environment.listArmWrites();
    const done = await environment.enable({
      vms: [makeVmId('web-zone-1'), makeVmId('app-set-1')],
    });
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(done.steps.map(({ name, state }) => ({ name, state }))).toEqual([
      { name: 'app-set-1', state: 'alreadySo' },
      { name: 'web-zone-1', state: 'alreadySo' },
    ]);
    expect(environment.listArmWrites()).toEqual(before);
  });

  test('a VM that cannot be protected does not stop the others [A2A-2] [A2A-17] [PRE-10]', async () => {
    const done = await environment.enable({
      vms: [makeVmId('night-batch'), makeVmId('web-zone-2'), makeVmId('pricing'), makeVmId('nobody')],
    });
    expect(done.state).toBe('completedWithExceptions');
    expect(done.exceptions.map(({ targetName, state }) => ({ targetName, state }))).toEqual(
      expect.arrayContaining(
        ['night-batch', 'pricing', 'nobody'].map((targetName) => ({ targetName, state: 'failed' })),
      ),
    );
    expect(done.exceptions).toHaveLength(3);
    expect(done.exceptions.find(({ targetName }) => targetName === 'night-batch')?.message).toMatch(
      /night-batch.*(deallocated|not running)/i,
    );
    expect(await environment.findReplication('web-zone-2')).toMatchObject({ state: 'protected' });
  });
});

describe('refused by the route, and nothing starts', () => {
  test.each([
    [
      'the source region as target [A2A-4]',
      {
        vms: [makeVmId('web')],
        source: { region: 'eastasia', subscription: PRODUCTION },
        target: { region: 'eastasia' },
      },
      'SameRegion',
      /another region.*zone/,
    ],
    [
      'a goal without a scenario [VAULT-4]',
      { vms: [makeVmId('web')], goal: { protect: 'azureVm', to: 'secondSite' } },
      'ImpossibleGoal',
      /azureVm to azure/,
    ],
    [
      'a goal that Lifeboat cannot enable yet [VAULT-4]',
      { vms: [makeVmId('web')], goal: { protect: 'hyperVVmInVmm', to: 'secondSite' } },
      'ScenarioNotBuilt',
      /Lifeboat can enable now: azureVm to azure/,
    ],
    [
      'too many in one group [A2A-15]',
      {
        vms: Array.from({ length: 17 }, (_, i) => makeVmId(`one-${i}`)),
        multiVmGroup: { name: 'many' },
      },
      'GroupTooLarge',
      /At most 16/,
    ],
    [
      'a retention out of bounds [A2A-14]',
      { vms: [makeVmId('web')], policy: { retentionHours: 73 } },
      'Invalid',
      /retentionHours/,
    ],
    [
      'snapshots out of bounds [A2A-14]',
      { vms: [makeVmId('web')], policy: { appConsistentHours: 13 } },
      'Invalid',
      /appConsistentHours/,
    ],
    [
      'an id of no storage account [A2A-10]',
      { vms: [makeVmId('web')], target: { region: 'southeastasia', cacheStorageAccountId: 'mine' } },
      'Invalid',
      /storage account/,
    ],
    ['an id of no VM [A2A-2]', { vms: ['/subscriptions/x/vm'] }, 'Invalid', /ARM id of a virtual machine/],
    [
      'settings of a VM that the request does not name [A2A-17]',
      { vms: [makeVmId('web')], perVm: { [makeVmId('app')]: { size: 'Standard_D4s_v5' } } },
      'Invalid',
      /perVm\..*\/app: is not one of the VMs in "vms"/,
    ],
    [
      'two settings of one VM [A2A-17]',
      { vms: [makeVmId('web')], perVm: { [makeVmId('web')]: {}, [makeVmId('WEB')]: {} } },
      'Invalid',
      /perVm: names a VM twice/,
    ],
    [
      'VMs as objects [A2A-17]',
      { vms: [{ id: makeVmId('web') }] },
      'Invalid',
      /vms\.0: must be the ARM id of a virtual machine/,
    ],
    ['no VM at all [A2A-17]', { vms: [] }, 'Invalid', /vms/],
  ])('%s', async (_name, request, code, message) => {
    const before = environment.listArmWrites();
    expect(
      await environment.sendRefused({ operation: 'enableReplication', target: TO_SOUTH_EAST, ...request }),
    ).toMatchObject({ code, detail: expect.stringMatching(message) as string });
    expect(environment.listArmWrites()).toEqual(before);
  });

  test('an operator may fail over, and may not enable, disable or change replication [RBAC-1]', async () => {
    const [replicatedVm] = await environment.lifeboat.listReplications();
    for (const command of [
      { operation: 'enableReplication', target: TO_SOUTH_EAST, vms: [makeVmId('web')] },
      { operation: 'prepareVault', target: TO_SOUTH_EAST },
      { operation: 'disableReplication', vms: [replicatedVm?.id] },
      { operation: 'updateReplication', vms: [replicatedVm?.id], change: { size: 'Standard_D4s_v5' } },
    ])
      expect(await environment.sendRefused(command, 'operator')).toMatchObject({
        status: 403,
        code: 'RoleMissing',
        detail: expect.stringContaining('Owner or Contributor') as string,
      });
  });
});

describe('refused after reading Azure, and the app creates nothing', () => {
  test.each([
    [
      'a VM that replicates in another vault already [A2A-2] [A2A-17]',
      { vms: [makeVmId('web')] },
      /contoso-vault; a VM is replicated in one vault only/,
    ],
    [
      'a vault in an impossible place [VAULT-3]',
      {
        vms: [makeVmId('search')],
        vault: {
          name: 'shop-vault',
          subscription: PRODUCTION,
          resourceGroup: 'contoso-shop',
          region: 'atlantis',
        },
      },
      /atlantis/,
    ],
    [
      'a vault in a region without Site Recovery [VAULT-3]',
      {
        vms: [makeVmId('search')],
        vault: {
          name: 'shop-vault',
          subscription: PRODUCTION,
          resourceGroup: 'contoso-shop',
          region: 'westindia',
        },
      },
      /"westindia": Site Recovery is not offered there\. Name one of: japaneast, southeastasia, southindia\./,
    ],
    [
      'a target in a region without Site Recovery [A2A-4]',
      { vms: [makeVmId('search')], target: { region: 'westindia' } },
      /not offered in westindia\. Name one of: southeastasia, /,
    ],
    [
      'a vault in the source region [VAULT-1]',
      {
        vms: [makeVmId('search')],
        vault: {
          name: 'shop-vault',
          subscription: PRODUCTION,
          resourceGroup: 'contoso-shop',
          region: 'eastasia',
        },
      },
      /source region/,
    ],
    [
      'a subscription of another tenant [A2A-1]',
      {
        vms: [makeVmId('search')],
        target: { region: 'southeastasia', subscription: 'c5e93b17-0d68-4a2b-b7f1-93a1e4c6d258' },
      },
      /tenant/,
    ],
    [
      'a region that does not exist [A2A-4]',
      { vms: [makeVmId('search')], target: { region: 'atlantis' } },
      /atlantis/,
    ],
    [
      'a cache in another region [A2A-10]',
      {
        vms: [makeVmId('search')],
        target: {
          region: 'southeastasia',
          cacheStorageAccountId: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop-recovery/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`,
        },
      },
      /eastasia/,
    ],
    [
      'a placement group outside the target group [PPG-2]',
      {
        vms: [makeVmId('search')],
        target: {
          region: 'southeastasia',
          resourceGroup: 'contoso-shop-asr',
          placementGroupId: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop-recovery/providers/Microsoft.Compute/proximityPlacementGroups/shop-near-recovery`,
        },
      },
      /resource group/,
    ],
    [
      'a placement group for unmanaged disks [PPG-3]',
      {
        vms: [makeVmId('legacy')],
        target: {
          region: 'southeastasia',
          resourceGroup: 'contoso-shop-recovery',
          placementGroupId: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop-recovery/providers/Microsoft.Compute/proximityPlacementGroups/shop-near-recovery`,
        },
      },
      /not managed|unmanaged/,
    ],
    [
      'a set for a VM without a set [A2A-11]',
      {
        vms: [makeVmId('search')],
        target: {
          region: 'southeastasia',
          availabilitySetId: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop-asr/providers/Microsoft.Compute/availabilitySets/shop-app-set-asr`,
        },
      },
      /set/,
    ],
    [
      'a classic source without its cloud service [A2A-1]',
      {
        vms: [makeVmId('search')],
        source: { region: 'eastasia', subscription: PRODUCTION, model: 'classic' },
      },
      /contoso-till/,
    ],
  ])('%s', async (_name, request, message) => {
    const before = environment.listArmWrites();
    const done = await environment.enable(request, 'owner');
    expect(done.state).toBe('failed');
    expect(
      `${done.error?.message ?? ''} ${done.exceptions.map((exception) => exception.message).join(' ')}`,
    ).toMatch(message);
    expect(environment.listArmWrites()).toEqual(before);
  });

  test('only an Owner creates a missing vault [VAULT-1] [RBAC-1]', async () => {
    const before = environment.listArmWrites();
    const done = await environment.enable({
      vms: [makeVmId('search')],
      vault: { name: 'another-vault', subscription: PRODUCTION, resourceGroup: 'contoso-shop-recovery' },
    });
    expect(done).toMatchObject({
      state: 'failed',
      error: { code: 'RoleMissing', message: expect.stringContaining('Owner') as string },
    });
    expect(environment.listArmWrites()).toEqual(before);
  });
});

describe('changing and ending', () => {
  test('a change of size, network and address of a replicating VM is visible [A2A-18]', async () => {
    const replicatedVm = await environment.findReplication('web-zone-1');
    const done = await environment.runJob({
      operation: 'updateReplication',
      vms: [replicatedVm?.id],
      change: { size: 'Standard_D4s_v5' },
    });
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(done.steps).toMatchObject([{ phase: 'updateReplication', state: 'succeeded', attempts: 1 }]);
    expect(
      (await callAsPortalUser(environment.simulator, 'GET', replicatedVm?.armId ?? '')).body,
    ).toMatchObject({
      properties: { providerSpecificDetails: { recoveryAzureVMSize: 'Standard_D4s_v5' } },
    });
    expect(
      await environment.runJob({
        operation: 'updateReplication',
        vms: [replicatedVm?.id],
        change: { size: 'Standard_D4s_v5' },
      }),
    ).toMatchObject({ state: 'completed', steps: [{ state: 'alreadySo' }] });
  });

  test('Lifeboat refuses an impossible change during replication, with the remedy [A2A-13] [PPG-4]', async () => {
    const [zoned, near] = [
      await environment.findReplication('web-zone-1'),
      await environment.findReplication('app-set-1'),
    ];
    const before = environment.listArmWrites();
    expect(
      await environment.sendRefused({
        operation: 'updateReplication',
        vms: [zoned?.id],
        change: { availability: 'single' },
      }),
    ).toMatchObject({
      status: 422,
      code: 'AvailabilityTypeFixed',
      detail: expect.stringMatching(/[Dd]isable/) as string,
    });
    expect(
      await environment.sendRefused({
        operation: 'updateReplication',
        vms: [near?.id],
        change: { placementGroupId: null },
      }),
    ).toMatchObject({
      status: 422,
      code: 'PlacementGroupStays',
      detail: expect.stringMatching(/[Dd]isable/) as string,
    });
    expect(
      await environment.sendRefused({ operation: 'updateReplication', vms: [near?.id], change: {} }),
    ).toMatchObject({ status: 400 });
    const jobs = await environment.lifeboat.call<{ jobs: readonly object[] }>('/api/v1/jobs');
    expect(
      await environment.sendRefused({
        operation: 'updateReplication',
        vms: [zoned?.id, near?.id],
        change: { size: 'Standard_Nothing' },
      }),
    ).toMatchObject({
      status: 422,
      code: 'SizeNotThere',
      detail: expect.stringMatching(/Standard_Nothing.*Standard_Nothing.*Nothing was started/) as string,
      vms: [{ name: 'app-set-1' }, { name: 'web-zone-1' }],
    });
    expect((await environment.lifeboat.call('/api/v1/jobs')).body).toEqual(jobs.body);
    expect(environment.listArmWrites()).toEqual(before);
  });

  test('a disabled VM leaves the registry, and its new item has another name [OP-10] [A2A-20]', async () => {
    const replicatedVm = await environment.findReplication('web-zone-2');
    const done = await environment.runJob({ operation: 'disableReplication', vms: [replicatedVm?.id] });
    expect(done).toMatchObject({
      state: 'completed',
      steps: [{ phase: 'disableReplication', state: 'succeeded', attempts: 1 }],
    });
    expect(await environment.findReplication('web-zone-2')).toBeUndefined();
    expect(
      await environment.sendRefused({ operation: 'disableReplication', vms: [replicatedVm?.id] }),
    ).toMatchObject({
      status: 422,
      code: 'VmUnknown',
    });
    expect(await environment.enable({ vms: [makeVmId('web-zone-2')] })).toMatchObject({
      state: 'completed',
    });
    const again = await environment.findReplication('web-zone-2');
    expect(again?.armId).not.toBe(replicatedVm?.armId);
    expect(again?.id).not.toBe(replicatedVm?.id);
  });

  test('a VM that a colleague disables in the portal leaves the registry too [OP-11]', async () => {
    const replicatedVm = await environment.findReplication('web-zone-2');
    expect(
      (
        await callAsPortalUser(environment.simulator, 'POST', `${replicatedVm?.armId}/remove`, {
          properties: {},
        })
      ).status,
    ).toBe(202);
    await environment.lifeboat.waitFor(
      async () => ((await environment.findReplication('web-zone-2')) ? undefined : true),
      'the VM gone from the registry',
    );
  });
});

test("Lifeboat's requests to Azure match its role exactly: no extra action, and none without use", () => {
  expect(readArmActions(environment.trace)).toEqual([...agreement.armActions.manage].sort());
});
