// The job does exactly what the preview says, over random environments and requests. More seeds:
// PREVIEW_SEEDS=20 npx jest enabling/preview.
import { loadEnvironment } from '../../../simulator/environments/load.ts';
import type { EnablingPreview, VmPreview } from '../../../shared/scenarios/enabling/preview.ts';
import type { VmSettings } from '../../../shared/siterecovery/vmSettings.ts';
import type { Prerequisite } from '../../../shared/azure/prerequisite.ts';
import { Random } from '../../../simulator/test/host/seeded-random.ts';
import { EnablingEnvironment } from '../../support/enabling-environment.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { randomEnvironment, randomRequest } from '../../support/random-requests.ts';

const SEEDS =
  process.env['PREVIEW_SEEDS'] === undefined
    ? [1, 2]
    : Array.from({ length: Number(process.env['PREVIEW_SEEDS']) }, (_, i) => 100 + i);
const REQUESTS = 2;

const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase()).sort();
const created = ({ prerequisites }: EnablingPreview): readonly Prerequisite[] =>
  prerequisites.filter(({ action }) => action === 'create');
const withVerdict = ({ vms }: EnablingPreview, verdict: VmPreview['verdict']): readonly VmPreview[] =>
  vms.filter((vm) => vm.verdict === verdict);

/** The intended writes: each prerequisite, each VM, and each size other than the source's. */
const writesMeant = (preview: EnablingPreview): string[] =>
  lower([
    ...created(preview).map(({ id }) => `PUT ${id}`),
    ...withVerdict(preview, 'enable').flatMap(({ itemId, settings }) => [
      `PUT ${itemId}`,
      ...(settings?.size ? [`PATCH ${itemId}`] : []),
    ]),
  ]);

/** The settings in the item, for a comparison with the preview. */
async function readItemSettings(environment: EnablingEnvironment, itemId: string) {
  const item = await environment.readResource<{
    readonly properties: Awaited<ReturnType<EnablingEnvironment['readItem']>> & {
      readonly policyId: string;
      readonly recoveryContainerId: string;
    };
  }>(itemId);
  if (!item) throw new Error(`${itemId} is not there.`);
  const { policyId, recoveryContainerId, protectionState, providerSpecificDetails: its } = item.properties;
  return {
    protectionState,
    policyId,
    recoveryContainerId,
    size: its.recoveryAzureVMSize,
    home: its.recoveryCloudService ?? its.recoveryAzureResourceGroupId,
    networkId: its.selectedRecoveryAzureNetworkId,
    subnets: (its.vmNics ?? [])
      .map(
        ({ nicId = '', ipConfigs }) => `${nicId.toLowerCase()} ${ipConfigs?.[0]?.recoverySubnetName ?? ''}`,
      )
      .sort(),
    zone: its.recoveryAvailabilityZone ?? null,
    setId: its.recoveryAvailabilitySet ?? null,
    placementGroupId: its.recoveryProximityPlacementGroupId ?? null,
    group: its.multiVmGroupCreateOption === 'UserSpecified' ? its.multiVmGroupName : null,
    disks: [
      ...(its.protectedManagedDisks ?? []).map((disk) =>
        [
          disk.diskId,
          disk.primaryStagingAzureStorageAccountId,
          disk.recoveryResourceGroupId,
          disk.recoveryReplicaDiskAccountType,
          disk.recoveryTargetDiskAccountType,
        ].join(' '),
      ),
      ...(its.protectedDisks ?? []).map((disk) =>
        [disk.diskUri, disk.primaryStagingAzureStorageAccountId, disk.recoveryAzureStorageAccountId].join(
          ' ',
        ),
      ),
    ]
      .map((text) => text.toLowerCase())
      .sort(),
  };
}

const meant = (settings: VmSettings, sourceSize: string) => ({
  protectionState: 'Protected',
  policyId: settings.policyId,
  recoveryContainerId: settings.recoveryContainerId,
  size: settings.size ?? sourceSize,
  home: settings.cloudServiceId ?? settings.resourceGroupId,
  networkId: settings.networkId,
  subnets: settings.nics.map(({ id, subnet }) => `${id.toLowerCase()} ${subnet}`).sort(),
  zone: settings.availability.type === 'zone' ? settings.availability.zone : null,
  setId: settings.availability.type === 'set' ? settings.availability.setId : null,
  placementGroupId: settings.placementGroupId,
  group: settings.multiVmGroup?.name ?? null,
  disks: lower(
    settings.disks.map((disk) =>
      (disk.managed
        ? [disk.id, disk.cacheStorageAccountId, disk.resourceGroupId, disk.replicaType, disk.targetType]
        : [disk.id, disk.cacheStorageAccountId, disk.storageAccountId]
      ).join(' '),
    ),
  ),
});
/** Azure returns ids in any casing. */
const lowerCaseCopy = (value: unknown): unknown => JSON.parse(JSON.stringify(value).toLowerCase()) as unknown;

function mustHaveEnded(job: Job, preview: EnablingPreview): void {
  if (preview.refusals.length > 0) {
    expect(job).toMatchObject({ state: 'failed', error: { code: preview.refusals[0]?.code } });
    return;
  }
  const states = new Map(
    job.steps.filter(({ phase }) => phase === 'enableReplication').map((step) => [step.name, step]),
  );
  for (const { name, verdict, refusals } of preview.vms) {
    const step = states.get(name);
    const expected = { enable: 'succeeded', alreadyEnabled: 'alreadySo', refused: 'failed' }[verdict];
    expect([name, step?.state, expected === step?.state ? null : step?.error]).toEqual([
      name,
      expected,
      null,
    ]);
    if (verdict === 'refused')
      expect(step?.error).toMatchObject({
        code: refusals[0]?.code,
        message: `${name}: ${refusals.map(({ message }) => message).join(' ')}`,
      });
  }
  expect(lower(job.exceptions.map(({ targetName }) => targetName))).toEqual(
    lower(withVerdict(preview, 'refused').map(({ name }) => name)),
  );
}

async function mustStand(
  environment: EnablingEnvironment,
  preview: EnablingPreview,
  sizes: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { id, spec } of created(preview)) {
    const there = await environment.readResource<{ readonly tags?: { readonly lifeboat?: string } }>(id);
    expect([id, there !== undefined]).toEqual([id, true]);
    if (!id.includes('/replication'))
      expect([spec.kind, there?.tags?.lifeboat]).toEqual([
        spec.kind,
        expect.stringMatching(/^(cache|disks|target|vault)$/),
      ]);
  }
  for (const { name, itemId, settings } of withVerdict(preview, 'enable'))
    expect(lowerCaseCopy({ name, ...(await readItemSettings(environment, itemId)) })).toEqual(
      lowerCaseCopy({ name, ...(settings && meant(settings, sizes.get(name) ?? '')) }),
    );
}

/** Everything exists, so the preview only reuses, and it still refuses the same VMs. */
function mustOnlyReuse(again: EnablingPreview, preview: EnablingPreview): void {
  expect(created(again).map(({ id }) => id)).toEqual([]);
  expect(again.vms.map(({ name, verdict }) => [name, verdict])).toEqual(
    preview.vms.map(({ name, verdict }) => [name, verdict === 'refused' ? 'refused' : 'alreadyEnabled']),
  );
}

test.each(SEEDS)(
  'seed %i: the job does exactly the previewed work, and a second preview has no work [A2A-17] [A2A-19] [A2A-20]',
  async (seed) => {
    const random = new Random(seed);
    const environment = randomEnvironment(random);
    const testEnvironment = await EnablingEnvironment.start({ environment });
    const sizes = new Map(
      [...environment.virtualMachines, ...environment.classicMachines].map(({ name, size }) => [name, size]),
    );
    let enabled = 0;
    try {
      for (let turn = 0; turn < REQUESTS; turn++) {
        const request = randomRequest(random, environment);
        const preview = await testEnvironment.readPreview(request);
        const before = testEnvironment.listArmWrites().length;
        const job = await testEnvironment.enable(request, 'owner');
        mustHaveEnded(job, preview);
        expect(lower(testEnvironment.listArmWrites().slice(before))).toEqual(
          preview.refusals.length > 0 ? [] : writesMeant(preview),
        );
        await mustStand(testEnvironment, preview, sizes);
        if (preview.refusals.length === 0) mustOnlyReuse(await testEnvironment.readPreview(request), preview);
        enabled += withVerdict(preview, 'enable').length;
      }
    } finally {
      await testEnvironment.stop();
    }
    // A case without any enabled VM would prove nothing.
    expect(enabled).toBeGreaterThan(0);
  },
);

test('the environments are Contoso with additions, and differ between seeds', () => {
  const [generated, other] = [randomEnvironment(new Random(1)), randomEnvironment(new Random(2))];
  expect(generated.virtualMachines.length).toBe(loadEnvironment('contoso').virtualMachines.length + 12);
  expect(generated.virtualMachines.map(({ size }) => size)).not.toEqual(
    other.virtualMachines.map(({ size }) => size),
  );
});
