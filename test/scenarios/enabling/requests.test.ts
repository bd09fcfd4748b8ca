// The caller sets everything, and afterwards Azure shows exactly the request.
import type { Problem } from '../../support/lifeboat-client.ts';
import {
  makeStorageAccountId,
  makeAvailabilitySetId,
  makeContosoWith,
  DEVELOPMENT,
  EnablingEnvironment,
  makeNetworkId,
  makePlacementGroupId,
  PRODUCTION,
  makeResourceId,
  makeShopVm,
  stepNames,
  makeVmId,
} from '../../support/enabling-environment.ts';
import { vmFieldsOf } from '../../support/vm-fields.ts';
import { story } from '../../support/story.ts';

const disk = (name: string, accountType: 'Premium_LRS' | 'StandardSSD_LRS' = 'Premium_LRS') => ({
  name,
  sizeInGb: 64,
  accountType,
});
const group = (name: string, subscription = DEVELOPMENT) =>
  `/subscriptions/${subscription}/resourceGroups/${name}`;
const MEMBERS = Array.from({ length: 17 }, (_, i) => `till-${i + 1}`);

interface List<Shown> {
  readonly value: readonly { readonly properties: Shown }[];
}

// A later test uses the state that the earlier tests leave behind.
const test = story();

let testEnvironment: EnablingEnvironment;
beforeAll(async () => {
  const environment = makeContosoWith({
    resourceGroups: [
      { name: 'away', subscription: 'contoso-development', region: 'southeastasia' },
      { name: 'away-disks', subscription: 'contoso-development', region: 'southeastasia' },
    ],
    networks: [
      { name: 'away-network', resourceGroup: 'away', subnets: ['front', 'back'] },
      { name: 'away-other', resourceGroup: 'away', subnets: ['front', 'deep'] },
    ],
    storageAccounts: [
      { name: 'shopowncache', resourceGroup: 'contoso-shop', sku: 'Standard_LRS', kind: 'StorageV2' },
    ],
    placementGroups: [
      { name: 'away-near', resourceGroup: 'away' },
      { name: 'away-nearer', resourceGroup: 'away' },
    ],
    availabilitySets: ['away-set', 'away-set-2'].map((name) => ({
      name,
      resourceGroup: 'away',
      faultDomains: 2,
      updateDomains: 5,
      aligned: true,
    })),
    virtualMachines: [
      makeShopVm('ware', {
        zone: '2',
        disks: [disk('ware-os'), disk('ware-data'), disk('ware-scratch', 'StandardSSD_LRS')],
      }),
      makeShopVm('near-zone', { zone: '1', placementGroup: 'shop-near' }),
      makeShopVm('near-given', { zone: '1', placementGroup: 'shop-near' }),
      ...MEMBERS.map((name) => makeShopVm(name)),
    ],
  });
  testEnvironment = await EnablingEnvironment.start({ environment });
});
afterAll(() => testEnvironment.stop());

const AWAY = {
  region: 'southeastasia',
  subscription: DEVELOPMENT,
  resourceGroup: 'away',
  networkId: makeNetworkId('away', 'away-network', DEVELOPMENT),
  subnet: 'back',
  cacheStorageAccountId: makeStorageAccountId('contoso-shop', 'shopowncache'),
  replicaDiskType: 'Standard_LRS',
  targetDiskType: 'StandardSSD_LRS',
};
const OWN_VAULT = { name: 'own-vault', subscription: PRODUCTION, resourceGroup: 'contoso-recovery-services' };
const POLICY = { name: 'three-days', retentionHours: 72, appConsistentHours: 'off' };
const WARE = {
  id: makeVmId('ware'),
  size: 'Standard_E4s_v5',
  zone: '3',
  placementGroupId: makePlacementGroupId('away', 'away-near', DEVELOPMENT),
  disks: [
    { disk: 'ware-data', replicaType: 'Premium_LRS', targetType: 'Premium_LRS', resourceGroup: 'away-disks' },
    { disk: 'ware-scratch', exclude: true },
  ],
};
const IN_SET = {
  id: makeVmId('app-set-1'),
  availabilitySetId: makeAvailabilitySetId('away', 'away-set', DEVELOPMENT),
  placementGroupId: null,
};

describe('everything customised', () => {
  // Also covers [A2A-8] [A2A-10] [PRE-3].
  test('Azure shows every requested setting of a VM [A2A-1] [A2A-3] [A2A-7]', async () => {
    const done = await testEnvironment.enable(
      {
        vault: OWN_VAULT,
        policy: POLICY,
        source: { region: 'eastasia', subscription: PRODUCTION, resourceGroup: 'contoso-shop' },
        target: AWAY,
        ...vmFieldsOf(WARE, IN_SET),
      },
      'owner',
    );
    expect(done).toMatchObject({ state: 'completed', exceptions: [], error: null });
    // The preview warned of the other size before the start: the job reports it, not as an
    // exception [OP-14].
    expect(done.warnings).toContainEqual({
      code: 'PRE-3',
      message: expect.stringContaining('Standard_E4s_v5') as string,
      vm: { id: expect.stringMatching(/ware$/) as string, name: 'ware' },
    });
    expect(done.warningCount).toBe(done.warnings.length);
    expect(done.log.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Continues despite a warning: PRE-3 \(ware\): /),
    );
    // The target had every prerequisite.
    expect(
      done.steps
        .filter(({ kind }) => kind === 'prerequisite')
        .map(({ armIdAfter }) => armIdAfter)
        .filter((id) => !id?.includes('/vaults/own-vault')),
    ).toEqual([]);
    const details = await testEnvironment.readItemDetails('ware');
    expect(await testEnvironment.readItem('ware')).toMatchObject({ policyFriendlyName: 'three-days' });
    expect(details).toMatchObject({
      recoveryAzureVMSize: 'Standard_E4s_v5',
      recoveryAzureResourceGroupId: group('away'),
      selectedRecoveryAzureNetworkId: AWAY.networkId,
      recoveryAvailabilityZone: '3',
      recoveryAvailabilitySet: null,
      recoveryProximityPlacementGroupId: WARE.placementGroupId,
    });
    expect(details.vmNics?.[0]?.ipConfigs?.[0]?.recoverySubnetName).toBe('back');
    expect(
      details.protectedManagedDisks?.map((protectedManagedDisk) => protectedManagedDisk.diskName),
    ).toEqual(['ware-os', 'ware-data']);
    expect(details.protectedManagedDisks).toMatchObject([
      {
        recoveryReplicaDiskAccountType: 'Standard_LRS',
        recoveryTargetDiskAccountType: 'StandardSSD_LRS',
        recoveryResourceGroupId: group('away'),
        primaryStagingAzureStorageAccountId: AWAY.cacheStorageAccountId,
      },
      {
        recoveryReplicaDiskAccountType: 'Premium_LRS',
        recoveryTargetDiskAccountType: 'Premium_LRS',
        recoveryResourceGroupId: group('away-disks'),
        primaryStagingAzureStorageAccountId: AWAY.cacheStorageAccountId,
      },
    ]);
    expect(
      done.steps.filter(({ name }) => name === 'ware').map(({ phase, attempts }) => [phase, attempts]),
    ).toEqual([
      ['enableReplication', 1],
      ['updateReplication', 1],
    ]);
  });

  test('Azure shows the named set, policy and mappings [A2A-11] [A2A-14] [A2A-6]', async () => {
    const details = await testEnvironment.readItemDetails('app-set-1');
    expect(details).toMatchObject({
      recoveryAvailabilitySet: IN_SET.availabilitySetId,
      recoveryProximityPlacementGroupId: null,
      recoveryAvailabilityZone: null,
    });
    const vault = `${group('contoso-recovery-services', PRODUCTION)}/providers/Microsoft.RecoveryServices/vaults/own-vault`;
    expect(await testEnvironment.readResource(`${vault}/replicationPolicies/three-days`)).toMatchObject({
      properties: {
        providerSpecificDetails: { recoveryPointHistory: 72 * 60, appConsistentFrequencyInMinutes: 0 },
      },
    });
    const mappings = await testEnvironment.readResource<List<{ policyFriendlyName: string }>>(
      `${vault}/replicationProtectionContainerMappings`,
    );
    expect(mappings?.value.map(({ properties }) => properties.policyFriendlyName)).toEqual([
      'three-days',
      'three-days',
    ]);
    const networks = await testEnvironment.readResource<
      List<{ primaryNetworkId: string; recoveryNetworkId: string }>
    >(`${vault}/replicationNetworkMappings`);
    const shop = makeNetworkId('contoso-shop', 'shop-network');
    const found = networks?.value.map(({ properties: { primaryNetworkId, recoveryNetworkId } }) => [
      primaryNetworkId.toLowerCase(),
      recoveryNetworkId.toLowerCase(),
    ]);
    expect(found?.sort()).toEqual(
      [
        [shop, AWAY.networkId],
        [AWAY.networkId, shop],
      ]
        .map((pair) => pair.map((id) => id.toLowerCase()))
        .sort(),
    );
  });

  test('one change sets size, network, set and placement group [A2A-18] [A2A-13] [PPG-4]', async () => {
    const { id } = await testEnvironment.waitForReplication('app-set-1');
    const change = {
      size: 'Standard_F8s_v2',
      networkId: makeNetworkId('away', 'away-other', DEVELOPMENT),
      nics: [{ nic: 'app-set-1-nic', subnet: 'deep', address: '10.27.2.44' }],
      availabilitySetId: makeAvailabilitySetId('away', 'away-set-2', DEVELOPMENT),
      placementGroupId: makePlacementGroupId('away', 'away-nearer', DEVELOPMENT),
      diskTypes: [{ disk: 'app-set-1-os', targetType: 'Premium_LRS' }],
    };
    const done = await testEnvironment.runJob({ operation: 'updateReplication', vms: [id], change });
    expect(done).toMatchObject({ state: 'completed', steps: [{ state: 'succeeded', attempts: 1 }] });
    const details = await testEnvironment.readItemDetails('app-set-1');
    expect(details).toMatchObject({
      recoveryAzureVMSize: change.size,
      selectedRecoveryAzureNetworkId: change.networkId,
      recoveryAvailabilitySet: change.availabilitySetId,
      recoveryProximityPlacementGroupId: change.placementGroupId,
      protectedManagedDisks: [
        { recoveryTargetDiskAccountType: 'Premium_LRS', recoveryReplicaDiskAccountType: 'Standard_LRS' },
      ],
    });
    expect(details.vmNics?.[0]?.ipConfigs?.[0]).toMatchObject({
      recoverySubnetName: 'deep',
      recoveryStaticIPAddress: '10.27.2.44',
    });
  });

  test.each<[string, object, RegExp]>([
    [
      'a subnet that the network does not have [A2A-7]',
      { target: { ...AWAY, subnet: 'cellar' } },
      /cellar.*front, back|cellar.*back, front/,
    ],
    [
      'a network of another region [A2A-6]',
      { target: { ...AWAY, networkId: makeNetworkId('contoso-shop', 'shop-network') } },
      /shop-network is in eastasia/,
    ],
    [
      'a resource group in the source region [A2A-5]',
      { target: { region: 'southeastasia', resourceGroup: 'contoso-ledger' } },
      /source region/,
    ],
    [
      'a zone for a VM without a zone [A2A-12]',
      { target: AWAY, ...vmFieldsOf({ id: makeVmId('web'), zone: '2' }) },
      /single instance/,
    ],
    [
      'a zone that the region does not have [A2A-12]',
      { target: { region: 'southindia', zone: '1' }, vms: [makeVmId('near-zone')] },
      /no zones/,
    ],
    [
      'a set in another region [A2A-11]',
      {
        target: AWAY,
        ...vmFieldsOf({
          id: makeVmId('app-set-2'),
          availabilitySetId: makeAvailabilitySetId('contoso-shop', 'shop-app-set'),
        }),
      },
      /shop-app-set is in eastasia/,
    ],
    [
      'a set in another group than the VM [A2A-11]',
      {
        target: { ...AWAY, resourceGroup: 'away-disks' },
        ...vmFieldsOf({ id: makeVmId('app-set-2'), availabilitySetId: IN_SET.availabilitySetId }),
      },
      /same one/,
    ],
    [
      'a disk that the VM does not have [A2A-8]',
      { target: AWAY, ...vmFieldsOf({ id: makeVmId('near-zone'), disks: [{ disk: 'ware-os' }] }) },
      /near-zone-os/,
    ],
    [
      'an exclusion of the operating system disk [A2A-8]',
      {
        target: AWAY,
        ...vmFieldsOf({ id: makeVmId('near-zone'), disks: [{ disk: 'near-zone-os', exclude: true }] }),
      },
      /operating system/,
    ],
    [
      'a size that the region does not sell [A2A-8]',
      { target: { ...AWAY, size: 'Standard_L8s_v3' } },
      /Standard_L8s_v3 cannot be had/,
    ],
    [
      'the name of a policy with other values [A2A-14]',
      { target: AWAY, policy: { name: 'three-days' } },
      /three-days.*Give another name/,
    ],
    [
      'set and placement group in another group than the VM [PPG-2]',
      { target: { ...AWAY, resourceGroup: 'away-disks', placementGroupId: WARE.placementGroupId } },
      /resource group/,
    ],
    [
      'a target network of another subscription [A2A-3]',
      { target: { ...AWAY, networkId: makeNetworkId('contoso-shop-recovery', 'shop-network-recovery') } },
      /subscription/,
    ],
    [
      'a VM outside the named source [A2A-1]',
      {
        source: { region: 'eastasia', subscription: PRODUCTION, resourceGroup: 'contoso-ledger' },
        target: AWAY,
      },
      /contoso-ledger/,
    ],
  ])('refused, and the app creates nothing: %s', async (_name, request, message) => {
    const before = testEnvironment.listArmWrites();
    const done = await testEnvironment.enable(
      { vault: OWN_VAULT, policy: POLICY, vms: [makeVmId('near-zone')], ...request },
      'owner',
    );
    expect(done.state).toBe('failed');
    expect(
      `${done.error?.message ?? ''} ${done.exceptions.map((exception) => exception.message).join(' ')}`,
    ).toMatch(message);
    expect(testEnvironment.listArmWrites()).toEqual(before);
  });
});

describe('from zone to zone of one region', () => {
  const ZONE_2 = { region: 'eastasia', zone: '2' };
  const VAULT = {
    name: 'zones-vault',
    subscription: PRODUCTION,
    resourceGroup: 'contoso-recovery-services',
    region: 'southeastasia',
  };

  test('Lifeboat creates a placement group in a zone [A2A-4] [A2A-12] [VAULT-1]', async () => {
    const done = await testEnvironment.enable(
      { vault: VAULT, target: ZONE_2, vms: [makeVmId('near-zone')] },
      'owner',
    );
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    const near = makePlacementGroupId('contoso-shop-asr', 'shop-near-asr');
    expect(await testEnvironment.readResource(near)).toMatchObject({ location: 'eastasia', zones: ['2'] });
    expect(await testEnvironment.readItemDetails('near-zone')).toMatchObject({
      primaryFabricLocation: 'eastasia',
      recoveryFabricLocation: 'eastasia',
      primaryAvailabilityZone: '1',
      recoveryAvailabilityZone: '2',
      recoveryProximityPlacementGroupId: near,
    });
  });

  test('into a named placement group [A2A-4] [PPG-1]', async () => {
    const placementGroupId = makePlacementGroupId('contoso-shop-asr', 'shop-near-asr');
    const done = await testEnvironment.enable({
      vault: VAULT,
      target: { ...ZONE_2, placementGroupId },
      vms: [makeVmId('near-given')],
    });
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(stepNames(done, 'prerequisite')).toEqual([]);
    expect(await testEnvironment.readItemDetails('near-given')).toMatchObject({
      recoveryAvailabilityZone: '2',
      recoveryProximityPlacementGroupId: placementGroupId,
    });
  });

  test.each<[string, object, RegExp]>([
    ['the present zone of the VM [A2A-4]', { ...ZONE_2, zone: '1' }, /zone 1 now/],
    ['a VM that is in no zone [A2A-4]', ZONE_2, /none/],
    [
      'a placement group of another zone [PPG-1]',
      { ...ZONE_2, zone: '3', placementGroupId: makePlacementGroupId('contoso-shop-asr', 'shop-near-asr') },
      /zone 2/,
    ],
  ])('%s is refused', async (name, target, message) => {
    const before = testEnvironment.listArmWrites();
    const done = await testEnvironment.enable({
      vault: VAULT,
      target,
      vms: [name.includes('no zone') ? makeVmId('app-set-2') : makeVmId('web-zone-1')],
    });
    expect(done.state).toBe('failed');
    expect(done.exceptions.map((exception) => exception.message).join(' ')).toMatch(message);
    expect(testEnvironment.listArmWrites()).toEqual(before);
  });
});

describe('VMs with shared recovery points', () => {
  const vault = {
    id: makeResourceId('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'contoso-vault'),
  };
  const multiVmGroup = { name: 'tills' };
  const groupOf = async (name: string) => {
    const details = await testEnvironment.readItemDetails(name);
    return [details.multiVmGroupName, details.multiVmGroupId, details.multiVmGroupCreateOption] as const;
  };

  test('two VMs make a new multi-VM group, and a third one joins later [A2A-15] [A2A-5]', async () => {
    expect(
      await testEnvironment.enable({
        vault,
        multiVmGroup,
        vms: [makeVmId('till-1'), makeVmId('till-2')],
      }),
    ).toMatchObject({
      state: 'completed',
    });
    expect((await testEnvironment.readItemDetails('till-1')).recoveryAzureResourceGroupId).toMatch(
      /\/contoso-shop-southeastasia-asr$/i,
    );
    const [name, id, how] = await groupOf('till-1');
    expect([name, how]).toEqual(['tills', 'UserSpecified']);
    expect(await groupOf('till-2')).toEqual([name, id, how]);
    expect(await testEnvironment.enable({ vault, multiVmGroup, vms: [makeVmId('till-3')] })).toMatchObject({
      state: 'completed',
    });
    expect(await groupOf('till-3')).toEqual([name, id, how]);
  });

  test('Lifeboat refuses to grow a group above sixteen VMs, and tells how many fit [A2A-15]', async () => {
    const before = testEnvironment.listArmWrites();
    const done = await testEnvironment.enable({
      vault,
      multiVmGroup,
      vms: MEMBERS.slice(3).map((name) => makeVmId(name)),
    });
    expect(done).toMatchObject({ state: 'failed', exceptionCount: 14 });
    expect(done.exceptions[0]).toMatchObject({
      code: 'GroupTooLarge',
      message: expect.stringContaining('Ask for 13 at most') as string,
    });
    expect(testEnvironment.listArmWrites()).toEqual(before);
  });

  test('one member alone does not fail over: the refusal names the others [A2A-15]', async () => {
    const { id } = await testEnvironment.waitForReplication('till-2');
    const { status, body } = await testEnvironment.lifeboat.send<Problem>({
      operation: 'failover',
      vms: [id],
    });
    expect(status).toBe(422);
    expect(body).toMatchObject({
      code: 'GroupIncomplete',
      detail: expect.stringMatching(/till-1.*till-3|till-3.*till-1/) as string,
    });
    expect(await testEnvironment.findReplication('till-2')).toMatchObject({ state: 'protected' });
  });
});

describe('prerequisites alone', () => {
  const request = {
    target: { region: 'southeastasia' },
    vault: { name: 'ground-vault', subscription: PRODUCTION, resourceGroup: 'contoso-recovery-services' },
    vms: [makeVmId('app-set-2'), makeVmId('web-zone-2')],
  };

  test('prepareVault creates vault, targets and mappings, and enables no VM [A2A-19] [VAULT-2]', async () => {
    const done = await testEnvironment.runJob({ operation: 'prepareVault', ...request }, 'owner');
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(new Set(done.steps.map(({ kind }) => kind))).toEqual(new Set(['prerequisite']));
    expect(stepNames(done, 'prerequisite')).toEqual(
      expect.arrayContaining(['ground-vault', 'shop-app-set-asr', 'shop-network-asr']),
    );
    expect(await testEnvironment.findReplication('web-zone-2')).toBeUndefined();
    const { body } = await testEnvironment.lifeboat.call<{ vaults: { name: string }[] }>('/api/v1/vaults');
    expect(body.vaults.map(({ name }) => name)).toContain('ground-vault');
  });

  test('a VM that cannot replicate gets no prerequisites, and the job reports this [A2A-19] [A2A-2]', async () => {
    const before = testEnvironment.listArmWrites();
    const done = await testEnvironment.runJob({
      operation: 'prepareVault',
      ...request,
      vms: [makeVmId('night-batch')],
    });
    expect(done).toMatchObject({
      state: 'failed',
      exceptions: [{ targetName: 'night-batch', code: 'Deallocated' }],
    });
    expect(testEnvironment.listArmWrites()).toEqual(before);
  });

  test('a second prepareVault writes nothing, and names an unfit VM [A2A-19] [VAULT-2]', async () => {
    const before = testEnvironment.listArmWrites();
    expect(await testEnvironment.runJob({ operation: 'prepareVault', ...request })).toMatchObject({
      state: 'completed',
      steps: [],
    });
    const both = await testEnvironment.runJob({
      operation: 'prepareVault',
      ...request,
      vms: [...request.vms, makeVmId('night-batch')],
    });
    expect(both).toMatchObject({
      state: 'completedWithExceptions',
      exceptions: [{ targetName: 'night-batch', code: 'Deallocated' }],
    });
    expect(testEnvironment.listArmWrites()).toEqual(before);
  });

  test('VMs that another running job enables count against the same quota [PRE-2]', async () => {
    const id = await testEnvironment.sendAccepted({
      operation: 'enableReplication',
      ...request,
      vms: [makeVmId('till-17')],
    });
    expect(
      (
        await testEnvironment.lifeboat.call(`/api/v1/jobs/${id}/pause`, {
          method: 'POST',
          body: {},
          principal: 'contributor',
        })
      ).status,
    ).toBe(200);
    await testEnvironment.lifeboat.waitFor(
      async () => ((await testEnvironment.lifeboat.readJob(id)).steps.length > 0 ? true : undefined),
      'the steps of the paused job',
    );
    const total = async (name: string) =>
      (await testEnvironment.readPreview({ ...request, vms: [makeVmId(name)] })).checks.find(
        (check) => check.id === 'PRE-2' && check.name === 'Quota in total',
      )?.message;
    const together = await testEnvironment.lifeboat.waitFor(async () => {
      const total16 = await total('till-16');
      return total16?.includes('other running jobs') ? total16 : undefined;
    }, 'the other job counted');
    expect(together).toMatch(/4 are needed for 1 VMs together with 1 that other running jobs are enabling/);
    expect(await total('till-17')).not.toContain('other running jobs');
    await testEnvironment.lifeboat.call(`/api/v1/jobs/${id}/resume`, {
      method: 'POST',
      body: {},
      principal: 'contributor',
    });
    expect(await testEnvironment.lifeboat.waitForJobEnd(id)).toMatchObject({ state: 'completed' });
    expect(await total('till-16')).not.toContain('other running jobs');
  });

  test('with a prepared vault, enabling is one write for each VM [A2A-19] [A2A-17]', async () => {
    const before = testEnvironment.listArmWrites().length;
    const done = await testEnvironment.enable(request);
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(
      testEnvironment
        .listArmWrites()
        .slice(before)
        .map((armWrite) => armWrite.toLowerCase())
        .sort(),
    ).toEqual(done.steps.map(({ armIdAfter }) => `put ${armIdAfter?.toLowerCase() ?? ''}`).sort());
    expect(done.steps).toHaveLength(2);
  });
});
