// A change of target settings: its preview, its acceptance and its job decide alike, with the same
// words. A refused change starts nothing.
import type { ChangePreview } from '../../../shared/jobs/previewChange.ts';
import {
  EnablingEnvironment,
  makeAvailabilitySetId,
  makeNetworkId,
  makePlacementGroupId,
} from '../../support/enabling-environment.ts';
import type { Problem } from '../../support/lifeboat-client.ts';

let environment: EnablingEnvironment;
let web = '';
let search = '';
beforeAll(async () => {
  environment = await EnablingEnvironment.start();
  web = (await environment.waitForReplication('web')).id;
  search = (await environment.waitForReplication('sql')).id;
});
afterAll(() => environment.stop());

const preview = (body: object, principal = 'reader') =>
  environment.lifeboat.call<ChangePreview & Problem>('/api/v1/change-previews', {
    method: 'POST',
    body,
    principal,
  });
const command = (change: object, ...vms: string[]) => ({ operation: 'updateReplication', vms, change });
const jobCount = async (): Promise<number> =>
  (await environment.lifeboat.call<{ jobs: readonly object[] }>('/api/v1/jobs')).body.jobs.length;

const NETWORK = makeNetworkId('contoso-shop-recovery', 'shop-network-recovery');

test.each<[string, object, string]>([
  ['a size that nobody sells', { size: 'Standard_Nothing' }, 'SizeNotThere'],
  [
    'a network of the source region',
    { networkId: makeNetworkId('contoso-shop', 'shop-network') },
    'NetworkElsewhere',
  ],
  ['a missing network', { testNetworkId: makeNetworkId('contoso-shop', 'nowhere') }, 'NetworkUnknown'],
  ['a missing interface', { nics: [{ nic: 'cellar', subnet: 'app' }] }, 'NicUnknown'],
  ['a missing subnet', { nics: [{ nic: 'web-nic', subnet: 'cellar' }] }, 'SubnetUnknown'],
  ['a reserved address', { nics: [{ nic: 'web-nic', address: '10.21.1.1' }] }, 'AddressNotInSubnet'],
  ['one interface twice', { nics: [{ nic: 'web-nic' }, { nic: 'WEB-NIC', subnet: 'web' }] }, 'NicNamedTwice'],
  ['a group of the source region', { resourceGroup: 'contoso-shop' }, 'GroupInSourceRegion'],
  ['a missing group', { resourceGroup: 'nowhere' }, 'GroupUnknown'],
  ['another availability type', { availability: 'zone', zone: '1' }, 'AvailabilityTypeFixed'],
  [
    'a set for a single VM',
    { availabilitySetId: makeAvailabilitySetId('contoso-shop', 'shop-app-set') },
    'AvailabilityTypeFixed',
  ],
  [
    'a placement group elsewhere',
    { placementGroupId: makePlacementGroupId('contoso-shop', 'shop-near') },
    'PlacementGroupInOtherGroup',
  ],
  ['a missing disk', { diskTypes: [{ disk: 'cellar', targetType: 'Standard_LRS' }] }, 'DiskUnknown'],
])('%s: preview and acceptance refuse it alike, and no job starts [A2A-18]', async (_name, change, code) => {
  const [jobs, writes] = [await jobCount(), environment.listArmWrites()];
  const { status, body } = await preview({ vms: [web], change });
  expect({ status, verdict: body.verdict }).toEqual({ status: 200, verdict: 'refused' });
  expect(body.vms).toMatchObject([{ id: web, name: 'web', verdict: 'refused', changes: [] }]);
  expect(body.vms[0]?.refusals.map((refusal) => refusal.code)).toContain(code);
  const refused = await environment.sendRefused(command(change, web));
  expect(refused).toMatchObject({ status: 422, code: body.vms[0]?.refusals[0]?.code });
  for (const { message } of body.vms[0]?.refusals ?? []) expect(refused.detail).toContain(message);
  expect(refused.detail).toContain('web');
  expect(refused.detail).toMatch(/ Nothing was started\.$/);
  expect(await jobCount()).toBe(jobs);
  expect(environment.listArmWrites()).toEqual(writes);
});

test('a preview shows each setting before and after, and the job sets just these [A2A-18]', async () => {
  const change = {
    size: 'Standard_D4s_v5',
    nics: [{ nic: 'web-nic', address: '10.21.1.44' }],
    diskTypes: [{ disk: 'web-os', targetType: 'Standard_LRS' }],
  };
  const before = await environment.readItemDetails('web');
  const { body } = await preview({ vms: [web], change });
  expect(body).toEqual({
    verdict: 'update',
    vms: [
      {
        id: web,
        name: 'web',
        verdict: 'update',
        refusals: [],
        changes: [
          { what: 'size', from: before.recoveryAzureVMSize, to: 'Standard_D4s_v5' },
          { what: 'address of web-nic', from: null, to: '10.21.1.44' },
          {
            what: 'target type of web-os',
            from: before.protectedManagedDisks?.[0]?.recoveryTargetDiskAccountType,
            to: 'Standard_LRS',
          },
        ],
      },
    ],
  });
  expect(await environment.readItemDetails('web')).toEqual(before);
  expect(await environment.runJob(command(change, web))).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await environment.readItemDetails('web')).toMatchObject({
    recoveryAzureVMSize: 'Standard_D4s_v5',
    vmNics: [{ ipConfigs: [{ recoveryStaticIPAddress: '10.21.1.44' }] }],
  });
  await environment.lifeboat.waitFor(
    async () => ((await preview({ vms: [web], change })).body.verdict === 'alreadySo' ? true : undefined),
    'the registry shows the change',
  );
  expect((await preview({ vms: [web], change })).body.vms).toMatchObject([
    { verdict: 'alreadySo', changes: [] },
  ]);
});

test('one refused VM refuses the change of all, and the preview names it [A2A-18]', async () => {
  const change = { nics: [{ nic: 'sql-nic', address: null }], testNetworkId: NETWORK };
  const { body } = await preview({ vms: [web, search], change });
  expect(body.verdict).toBe('refused');
  expect(body.vms.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['sql', 'update'],
    ['web', 'refused'],
  ]);
  expect(await environment.sendRefused(command(change, web, search))).toMatchObject({
    code: 'NicUnknown',
    detail: expect.stringMatching(/^web has no network interface sql-nic\. It has: web-nic\./) as string,
  });
});

test('a preview refuses what the command refuses before any change [A2A-18] [RBAC-1]', async () => {
  const change = { size: 'Standard_D4s_v5' };
  const unknown = `vm-${'a'.repeat(26)}`;
  expect(await preview({ vms: [unknown], change })).toMatchObject({
    status: 422,
    body: { code: 'VmUnknown' },
  });
  expect(await preview({ vms: [web, web], change })).toMatchObject({ status: 400 });
  expect(await preview({ vms: [web], change: {} })).toMatchObject({ status: 400 });
  expect(await preview({ vms: [web], change, adopt: true })).toMatchObject({ status: 400 });
  expect(await preview({ vms: [web], change }, 'alerts')).toMatchObject({ status: 403 });
});

test('while Azure does not answer, a change is accepted, and the job decides [A2A-18]', async () => {
  const change = { size: 'Standard_Nothing' };
  await environment.simulator.faults.add({
    id: 'dark',
    service: 'arm',
    method: 'GET',
    path: '/providers/Microsoft.Compute/skus',
    point: 'received',
    do: { kind: 'status', status: 503 },
  });
  expect(await preview({ vms: [web], change })).toMatchObject({
    status: 503,
    body: { code: 'AzureUnavailable' },
  });
  const id = await environment.sendAccepted(command(change, web));
  await environment.simulator.faults.remove('dark');
  expect(await environment.lifeboat.waitForJobEnd(id)).toMatchObject({
    state: 'failed',
    error: { code: 'SizeNotThere', message: expect.stringContaining('Nothing was changed.') as string },
  });
});
