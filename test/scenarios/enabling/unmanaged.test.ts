// A VM whose disks are blobs in a storage account, from its enabling to the other region and back; and one of the classic model, which nothing replicates.
import { account, availabilitySet, EnablingDesk, PRODUCTION, steps, TO_SOUTH_EAST, vm } from '../../support/enabling.ts';
import type { Job } from '../../support/lifeboat.ts';

let world: EnablingDesk;
beforeAll(async () => {
  world = await EnablingDesk.start();
});
afterAll(() => world.stop());

interface Machine {
  readonly location: string;
  readonly properties: {
    readonly storageProfile: { readonly osDisk: { readonly vhd?: { readonly uri: string } }; readonly dataDisks: readonly { readonly vhd?: { readonly uri: string } }[] };
    readonly availabilitySet?: { readonly id: string };
  };
}
const blobsOf = (machine: Machine | undefined) => [machine?.properties.storageProfile.osDisk, ...(machine?.properties.storageProfile.dataDisks ?? [])].map((disk) => disk?.vhd?.uri);
const on = async (operation: string, more: object = {}): Promise<Job> => world.job({ operation, vms: [(await world.known('legacy')).id], ...more });

describe('disks that are not managed', () => {
  const AWAY = account('contoso-shop-asr', 'shoplegacydisksasr');

  test('[A2A-9] [A2A-11] [PPG-3] [A2A-8] their account is mirrored, with its kind, and so is a set for such disks', async () => {
    const done = await world.enable({ vms: [vm('legacy')] }, 'owner');
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    expect(steps(done, 'part')).toEqual(expect.arrayContaining(['shoplegacydisksasr', 'shop-legacy-set-asr']));
    expect(await world.azure(AWAY)).toMatchObject({ location: 'southeastasia', sku: { name: 'Premium_LRS' }, tags: { lifeboat: 'disks' } });
    expect(await world.azure(availabilitySet('contoso-shop-asr', 'shop-legacy-set-asr'))).toMatchObject({ sku: { name: 'Classic' } });
    const details = await world.details('legacy');
    expect(details.protectedManagedDisks).toEqual([]);
    expect(details.protectedDisks).toMatchObject(['legacy-os', 'legacy-data'].map((name) => ({ diskUri: expect.stringContaining(`shoplegacydisks.blob.core.windows.net/vhds/${name}.vhd`) as string, recoveryAzureStorageAccountId: AWAY })));
    expect(details).toMatchObject({ recoveryAvailabilitySet: availabilitySet('contoso-shop-asr', 'shop-legacy-set-asr'), recoveryProximityPlacementGroupId: null });
  });

  test('[A2A-9] [PPG-4] what cannot be of such disks is refused while they replicate', async () => {
    const { id } = await world.known('legacy');
    const before = world.writes();
    const changed = await world.job({ operation: 'updateReplication', vms: [id], change: { diskTypes: [{ disk: 'legacy-data', targetType: 'Premium_LRS' }] } });
    expect(changed).toMatchObject({ state: 'failed', error: { code: 'DiskSettingMisfit', message: expect.stringContaining('not managed') as string } });
    expect(world.writes()).toEqual(before);
  });

  test('[A2A-9] [OP-4] failed over, committed and reprotected: its blobs are read from where they stand now, and go back where they came from', async () => {
    expect(await on('failover')).toMatchObject({ state: 'completed', exceptions: [] });
    const recovered = await world.azure<Machine>(vm('legacy', 'contoso-shop-asr').id);
    expect(recovered?.location).toBe('southeastasia');
    for (const blob of blobsOf(recovered)) expect(blob).toContain('//shoplegacydisksasr.blob');
    expect(await on('commit')).toMatchObject({ state: 'completed' });
    const done = await on('reprotect');
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    const details = await world.details('legacy');
    expect(details.protectedDisks?.map(({ diskUri }) => diskUri).sort()).toEqual(blobsOf(recovered).sort());
    for (const disk of details.protectedDisks ?? []) expect(disk.recoveryAzureStorageAccountId?.toLowerCase()).toBe(account('contoso-shop', 'shoplegacydisks').toLowerCase());
    expect(details).toMatchObject({ primaryFabricLocation: 'southeastasia', recoveryAvailabilitySet: availabilitySet('contoso-shop', 'shop-legacy-set') });
  });

  test('[A2A-9] [OP-5] brought back, it runs at home on its own blobs, in its own set, and is protected again', async () => {
    expect(await on('failback')).toMatchObject({ state: 'completed', exceptions: [] });
    const home = await world.azure<Machine>(vm('legacy').id);
    expect(home?.properties.availabilitySet?.id.toLowerCase()).toBe(availabilitySet('contoso-shop', 'shop-legacy-set').toLowerCase());
    for (const blob of blobsOf(home)) expect(blob).toContain('//shoplegacydisks.blob');
    const details = await world.details('legacy');
    expect(details).toMatchObject({ primaryFabricLocation: 'eastasia', recoveryFabricLocation: 'southeastasia' });
    expect(details.protectedDisks?.map((disk) => disk.recoveryAzureStorageAccountId)).toEqual([AWAY, AWAY]);
    expect(await world.named('legacy')).toMatchObject({ moment: 'protected', direction: 'original' });
  });
});

describe('the classic deployment model', () => {
  const till = { id: `/subscriptions/${PRODUCTION}/resourceGroups/contoso-shop/providers/Microsoft.ClassicCompute/virtualMachines/till` };
  const source = { region: 'eastasia', subscription: PRODUCTION, model: 'classic', cloudService: 'contoso-till' };

  test('[A2A-1] [A2A-2] its VMs are listed by their cloud service, each with why it cannot be protected and what to do', async () => {
    const { body } = await world.lifeboat.call<{ vms: { name: string; canBeProtected: boolean; reasons: { code: string; message: string }[] }[] }>(
      `/api/v1/sources/vms?subscription=${PRODUCTION}&region=eastasia&model=classic&cloudService=contoso-till`);
    expect(body.vms).toMatchObject([{ name: 'till', canBeProtected: false }]);
    expect(body.vms[0]?.reasons).toContainEqual({ code: 'ClassicModel', message: expect.stringMatching(/Resource Manager.*[Mm]igrate/) as string });
  });

  test('[A2A-1] to enable one is refused, by name and with the remedy, and the others of the command are enabled', async () => {
    const before = world.writes().length;
    const alone = await world.enable({ source, target: TO_SOUTH_EAST, vms: [till] });
    expect(alone).toMatchObject({ state: 'failed', exceptions: [{ targetName: 'till', code: 'ClassicModel', message: expect.stringMatching(/^till: .*[Mm]igrate/) as string }] });
    expect(world.writes()).toHaveLength(before);
    const together = await world.enable({ vms: [till, vm('web-zone-1')] });
    expect(together).toMatchObject({ state: 'completedWithExceptions', exceptions: [{ targetName: 'till', code: 'ClassicModel' }] });
    expect(await world.named('web-zone-1')).toMatchObject({ moment: 'protected' });
  });

  test('[A2A-1] a VM of Resource Manager is not one of a classic source', async () => {
    expect(await world.enable({ source, vms: [vm('web-zone-2')] })).toMatchObject({ state: 'failed', exceptions: [{ targetName: 'web-zone-2', message: expect.stringMatching(/resourceManager/) as string }] });
  });
});
