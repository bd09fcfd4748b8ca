// A VM with disks as blobs in a storage account: enabled, failed over and back. A VM of the classic
// model does the same.
import { loadEnvironment } from '../../../simulator/environments/load.ts';
import {
  makeStorageAccountId,
  makeAvailabilitySetId,
  EnablingEnvironment,
  makeNetworkId,
  PRODUCTION,
  stepNames,
  TO_SOUTH_EAST,
  makeVmId,
} from '../../support/enabling-environment.ts';
import { vmFieldsOf } from '../../support/vm-fields.ts';
import { story } from '../../support/story.ts';
import type { Job } from '../../support/lifeboat-client.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: EnablingEnvironment;
beforeAll(async () => {
  const contoso = loadEnvironment('contoso');
  const bare = {
    name: 'bare',
    resourceGroup: 'contoso-shop',
    cloudService: 'alone',
    size: 'Standard_D2_v2',
    osType: 'Windows' as const,
    disks: [{ name: 'bare-os', sizeInGb: 127 }],
    account: 'contosotilldisks',
  };
  environment = await EnablingEnvironment.start({
    environment: { ...contoso, classicMachines: [...contoso.classicMachines, bare] },
  });
});
afterAll(() => environment.stop());

interface Machine {
  readonly location: string;
  readonly properties: {
    readonly storageProfile: {
      readonly osDisk: { readonly vhd?: { readonly uri: string } };
      readonly dataDisks: readonly { readonly vhd?: { readonly uri: string } }[];
    };
    readonly availabilitySet?: { readonly id: string };
  };
}
const blobsOf = (machine: Machine | undefined) =>
  [machine?.properties.storageProfile.osDisk, ...(machine?.properties.storageProfile.dataDisks ?? [])].map(
    (disk) => disk?.vhd?.uri,
  );
const on = async (operation: string, more: object = {}): Promise<Job> =>
  environment.runJob({ operation, vms: [(await environment.waitForReplication('legacy')).id], ...more });

describe('unmanaged disks', () => {
  const AWAY = makeStorageAccountId('contoso-shop-asr', 'shoplegacydisksasr');

  test('Lifeboat mirrors the storage account and the set [A2A-11] [PPG-3] [A2A-8]', async () => {
    const done = await environment.enable({ vms: [makeVmId('legacy')] }, 'owner');
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(stepNames(done, 'prerequisite')).toEqual(
      expect.arrayContaining(['shoplegacydisksasr', 'shop-legacy-set-asr']),
    );
    expect(await environment.readResource(AWAY)).toMatchObject({
      location: 'southeastasia',
      sku: { name: 'Premium_LRS' },
      tags: { lifeboat: 'disks' },
    });
    expect(
      await environment.readResource(makeAvailabilitySetId('contoso-shop-asr', 'shop-legacy-set-asr')),
    ).toMatchObject({
      sku: { name: 'Classic' },
    });
    const details = await environment.readItemDetails('legacy');
    expect(details.protectedManagedDisks).toEqual([]);
    expect(details.protectedDisks).toMatchObject(
      ['legacy-os', 'legacy-data'].map((name) => ({
        diskUri: expect.stringContaining(`shoplegacydisks.blob.core.windows.net/vhds/${name}.vhd`) as string,
        recoveryAzureStorageAccountId: AWAY,
      })),
    );
    expect(details).toMatchObject({
      recoveryAvailabilitySet: makeAvailabilitySetId('contoso-shop-asr', 'shop-legacy-set-asr'),
      recoveryProximityPlacementGroupId: null,
    });
  });

  test('Lifeboat refuses unsupported options of such disks during replication [A2A-9] [PPG-4]', async () => {
    const { id } = await environment.waitForReplication('legacy');
    const before = environment.listArmWrites();
    const change = { diskTypes: [{ disk: 'legacy-data', targetType: 'Premium_LRS' }] };
    expect(
      await environment.sendRefused({ operation: 'updateReplication', vms: [id], change }),
    ).toMatchObject({
      status: 422,
      code: 'DiskSettingMisfit',
      detail: expect.stringContaining('not managed') as string,
    });
    expect(environment.listArmWrites()).toEqual(before);
  });

  test('a reprotect reads the recovered blobs and names the home account [A2A-9] [OP-4]', async () => {
    expect(await on('failover')).toMatchObject({ state: 'completed', exceptions: [] });
    const recovered = await environment.readResource<Machine>(makeVmId('legacy', 'contoso-shop-asr'));
    expect(recovered?.location).toBe('southeastasia');
    for (const blob of blobsOf(recovered)) expect(blob).toContain('//shoplegacydisksasr.blob');
    expect(await on('commit')).toMatchObject({ state: 'completed' });
    const done = await on('reprotect');
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    const details = await environment.readItemDetails('legacy');
    expect(details.protectedDisks?.map(({ diskUri }) => diskUri).sort()).toEqual(blobsOf(recovered).sort());
    for (const disk of details.protectedDisks ?? [])
      expect(disk.recoveryAzureStorageAccountId?.toLowerCase()).toBe(
        makeStorageAccountId('contoso-shop', 'shoplegacydisks').toLowerCase(),
      );
    expect(details).toMatchObject({
      primaryFabricLocation: 'southeastasia',
      recoveryAvailabilitySet: makeAvailabilitySetId('contoso-shop', 'shop-legacy-set'),
    });
  });

  test('a failback returns the VM to its own blobs, in its own set [A2A-9] [OP-5]', async () => {
    expect(await on('failback')).toMatchObject({ state: 'completed', exceptions: [] });
    const home = await environment.readResource<Machine>(makeVmId('legacy'));
    expect(home?.properties.availabilitySet?.id.toLowerCase()).toBe(
      makeAvailabilitySetId('contoso-shop', 'shop-legacy-set').toLowerCase(),
    );
    for (const blob of blobsOf(home)) expect(blob).toContain('//shoplegacydisks.blob');
    const details = await environment.readItemDetails('legacy');
    expect(details).toMatchObject({
      primaryFabricLocation: 'eastasia',
      recoveryFabricLocation: 'southeastasia',
    });
    expect(details.protectedDisks?.map((disk) => disk.recoveryAzureStorageAccountId)).toEqual([AWAY, AWAY]);
    expect(await environment.findReplication('legacy')).toMatchObject({
      state: 'protected',
      direction: 'original',
    });
  });
});

describe('the classic deployment model', () => {
  const classic = (provider: string, type: string, group: string, name: string) =>
    `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/Microsoft.Classic${provider}/${type}/${name}`;
  const machine = (name: string, group = 'contoso-shop') =>
    classic('Compute', 'virtualMachines', group, name);
  const [till, bare] = [machine('till'), machine('bare')];
  const source = {
    region: 'eastasia',
    subscription: PRODUCTION,
    model: 'classic',
    cloudService: 'contoso-till',
  };
  const SERVICE = classic('Compute', 'domainNames', 'contoso-shop-recovery', 'contoso-till-asr');
  const NETWORK = classic('Network', 'virtualNetworks', 'contoso-shop-recovery', 'till-network-asr');
  const ACCOUNT = classic('Storage', 'storageAccounts', 'contoso-shop-recovery', 'contosotilldisksasr');
  interface Classic {
    readonly location: string;
    readonly properties: {
      readonly domainName: { readonly id: string };
      readonly networkProfile: object;
      readonly storageProfile: { readonly operatingSystemDisk: { readonly vhdUri: string } };
    };
  }
  const onTill = async (operation: string): Promise<Job> =>
    environment.runJob({ operation, vms: [(await environment.waitForReplication('till')).id] });

  test('Lifeboat lists VMs and targets of the classic model [A2A-1] [A2A-2] [A2A-19]', async () => {
    const get = async <T>(path: string) =>
      (
        await environment.lifeboat.call<T>(
          `/api/v1/${path}&subscription=${PRODUCTION}&region=eastasia&model=classic`,
        )
      ).body;
    const { vms } = await get<{ vms: object[] }>('sources/vms?cloudService=contoso-till');
    expect(vms).toMatchObject([
      { name: 'till', model: 'classic', cloudService: 'contoso-till', canBeProtected: true, reasons: [] },
    ]);
    const { vms: alone } = await get<{ vms: object[] }>('sources/vms?cloudService=alone');
    expect(alone).toMatchObject([
      { name: 'bare', canBeProtected: false, reasons: [{ code: 'NoClassicNetwork' }] },
    ]);
    const { target } = await get<{ target: Record<string, { id: string }[]> }>(
      'options?target.region=southeastasia',
    );
    for (const [kind, id] of [
      ['cloudServices', SERVICE],
      ['networks', NETWORK],
      ['diskStorageAccounts', ACCOUNT],
    ] as const)
      expect(target[kind]?.map((entry) => entry.id)).toEqual([id]);
  });

  test.each<[string, object, string, RegExp]>([
    [
      'a region without classic resources',
      { target: { region: 'japaneast' } },
      'TargetServiceMissing',
      /no cloud service contoso-till-asr.*makes no new ones/,
    ],
    [
      'a missing cloud service',
      { target: { region: 'southeastasia', cloudServiceId: SERVICE.replace('contoso-till-asr', 'else') } },
      'TargetServiceUnknown',
      /Name one of southeastasia: .*contoso-till-asr/,
    ],
    [
      'a network of Resource Manager',
      {
        target: {
          region: 'southeastasia',
          networkId: makeNetworkId('contoso-shop-recovery', 'shop-network-recovery'),
        },
      },
      'NetworkOfOtherModel',
      /Name one of southeastasia: .*till-network-asr/,
    ],
    [
      'a storage account of Resource Manager',
      {
        target: {
          region: 'southeastasia',
          diskStorageAccountId: makeStorageAccountId('contoso-shop-recovery', 'shopcachesoutheastasia'),
        },
      },
      'AccountOfOtherModel',
      /Name one of southeastasia: .*contosotilldisksasr/,
    ],
    [
      'a resource group',
      { ...vmFieldsOf({ id: till, resourceGroup: 'contoso-shop-recovery' }) },
      'ClassicMisfit',
      /"resourceGroup" cannot be said.*cloud service/,
    ],
    ['a zone', { ...vmFieldsOf({ id: till, zone: '1' }) }, 'ZoneNotPossible', /single instance/],
    ['a VM in no network', { source: undefined, vms: [bare] }, 'NoClassicNetwork', /in no virtual network/],
    [
      'a VM of Resource Manager in a classic source',
      { vms: [makeVmId('web-zone-2')] },
      'OtherModel',
      /resourceManager/,
    ],
    [
      'a VM of Resource Manager into a cloud service',
      { source: undefined, ...vmFieldsOf({ id: makeVmId('web-zone-2'), cloudServiceId: SERVICE }) },
      'NotClassic',
      /Leave "cloudServiceId" out/,
    ],
    [
      'both models in one multi-VM group',
      { source: undefined, multiVmGroup: { name: 'mixed' }, vms: [till, makeVmId('web-zone-2')] },
      'GroupOfTwoModels',
      /group of their own/,
    ],
  ])(
    '%s: refused with the remedy, and the app creates nothing [A2A-1]',
    async (_name, request, code, message) => {
      const before = environment.listArmWrites();
      const preview = await environment.readPreview({ source, vms: [till], ...request });
      expect(preview.vms[0]).toMatchObject({ verdict: 'refused' });
      const refusals = [...preview.refusals, ...preview.vms.flatMap((vm) => vm.refusals)];
      expect(refusals.find((refusal) => refusal.code === code)?.message).toMatch(message);
      expect(environment.listArmWrites()).toEqual(before);
    },
  );

  test('a classic VM uses existing targets by their names [A2A-1] [A2A-9] [OP-9]', async () => {
    const request = { target: TO_SOUTH_EAST, vms: [till, makeVmId('web-zone-1')] };
    const preview = await environment.readPreview(request);
    expect(preview.vms[0]).toMatchObject({
      name: 'till',
      verdict: 'enable',
      settings: {
        cloudServiceId: SERVICE,
        networkId: NETWORK,
        availability: { type: 'single' },
        placementGroupId: null,
      },
    });
    expect(preview.checks).toContainEqual(
      expect.objectContaining({ id: 'PRE-2', name: 'Quota of classic VMs', verdict: 'manual' }),
    );
    const before = environment.listArmWrites().length;
    expect(await environment.enable(request)).toMatchObject({ state: 'completed', exceptions: [] });
    expect(
      environment
        .listArmWrites()
        .slice(before)
        .filter((write) => /classic/i.test(write)),
    ).toEqual([]);
    expect(await environment.readItemDetails('till')).toMatchObject({
      fabricObjectId: till.toLowerCase(),
      recoveryCloudService: SERVICE,
      recoveryAzureResourceGroupId: null,
      selectedRecoveryAzureNetworkId: NETWORK,
      protectedDisks: ['till-os', 'till-data'].map((name) => ({
        diskUri: expect.stringContaining(`${name}.vhd`) as string,
        recoveryAzureStorageAccountId: ACCOUNT,
      })),
    });
    expect(await environment.waitForReplication('till')).toMatchObject({
      state: 'protected',
      direction: 'original',
    });
  });

  test('a classic VM accepts another size, and no Resource Manager target [A2A-18]', async () => {
    const { id } = await environment.waitForReplication('till');
    const of = (change: object) => ({ operation: 'updateReplication', vms: [id], change });
    expect(await environment.sendRefused(of({ resourceGroup: 'contoso-shop-recovery' }))).toMatchObject({
      status: 422,
      code: 'ClassicMisfit',
    });
    expect(await environment.runJob(of({ size: 'Standard_D4s_v5' }))).toMatchObject({ state: 'completed' });
    expect(await environment.readItemDetails('till')).toMatchObject({
      recoveryAzureVMSize: 'Standard_D4s_v5',
      recoveryCloudService: SERVICE,
    });
  });

  test('a classic VM fails over to its cloud service and back [A2A-1] [OP-4] [OP-5]', async () => {
    expect(await onTill('failover')).toMatchObject({ state: 'completed', exceptions: [] });
    const away = await environment.readResource<Classic>(machine('till', 'contoso-shop-recovery'));
    expect(away).toMatchObject({
      location: 'southeastasia',
      properties: { domainName: { id: SERVICE }, networkProfile: { virtualNetwork: { id: NETWORK } } },
    });
    expect(away?.properties.storageProfile.operatingSystemDisk.vhdUri).toContain(
      '//contosotilldisksasr.blob',
    );
    expect(await onTill('commit')).toMatchObject({ state: 'completed' });
    expect(await onTill('reprotect')).toMatchObject({ state: 'completed', exceptions: [] });
    expect(await environment.readItemDetails('till')).toMatchObject({
      primaryFabricLocation: 'southeastasia',
      recoveryCloudService: expect.stringMatching(/\/contoso-till$/) as string,
    });
    expect(await onTill('failback')).toMatchObject({ state: 'completed', exceptions: [] });
    const home = await environment.readResource<Classic>(till);
    expect(home).toMatchObject({
      location: 'eastasia',
      properties: { domainName: { name: 'contoso-till' } },
    });
    expect(home?.properties.storageProfile.operatingSystemDisk.vhdUri).toContain('//contosotilldisks.blob');
    expect(await environment.waitForReplication('till')).toMatchObject({
      state: 'protected',
      direction: 'original',
    });
    expect(await environment.readItemDetails('till')).toMatchObject({ recoveryCloudService: SERVICE });
  });
});
