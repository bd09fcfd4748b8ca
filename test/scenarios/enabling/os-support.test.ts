// An operating system that its maker no longer supports is a warning, and never a refusal.
import type { ReadinessResult } from '../../../shared/enabling/readiness.ts';
import type { EnablingPreview } from '../../../shared/scenarios/enabling/preview.ts';
import {
  EnablingEnvironment,
  makeContosoWith,
  makeShopVm,
  makeVmId,
} from '../../support/enabling-environment.ts';
import {
  hyperVEnvironment,
  SITE_NETWORK,
  SITE_STORAGE,
  SITE_VAULT,
} from '../../support/hyper-v-environment.ts';
import { startTestEnvironment } from '../../support/test-environment.ts';

let environment: EnablingEnvironment;
beforeAll(async () => {
  environment = await EnablingEnvironment.start({
    environment: makeContosoWith({
      virtualMachines: [
        makeShopVm('aged', { os: { name: 'centos', version: '7.9.2009' } }),
        makeShopVm('modern', { os: { name: 'ubuntu', version: '22.04' } }),
        makeShopVm('asleep', {
          power: 'deallocated',
          image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2012-R2-Datacenter' },
        }),
      ],
    }),
  });
}, 60_000);
afterAll(() => environment.stop());

const CHECK = 'Support of the operating system';
const checkOf = (preview: Pick<EnablingPreview, 'vms'>, name: string) =>
  preview.vms.find((vm) => vm.name === name)?.checks.find((check) => check.name === CHECK);

test('CentOS is a warning in readiness and preview, and the VM is enabled with it [PRE-10] [OP-14]', async () => {
  const request = { target: { region: 'southeastasia' }, vms: [makeVmId('aged'), makeVmId('modern')] };
  const preview = await environment.readPreview(request);
  expect(checkOf(preview, 'aged')).toMatchObject({
    id: 'PRE-10',
    verdict: 'warn',
    message: expect.stringContaining('CentOS Linux 7 has not supported it since 2024-06-30') as string,
  });
  expect(checkOf(preview, 'modern')).toBeUndefined();
  const aged = preview.vms.find(({ name }) => name === 'aged');
  expect(aged).toMatchObject({ verdict: 'enable', summary: expect.stringContaining('PRE-10') as string });
  expect(aged?.warnings.map(({ code }) => code)).toContain('PRE-10');
  const { body } = await environment.lifeboat.call<{ reports: ReadinessResult[] }>('/api/v1/readiness', {
    method: 'POST',
    body: request,
  });
  expect(JSON.stringify(body)).toContain('CentOS Linux 7');
  const job = await environment.enable({ vms: [makeVmId('aged')] }, 'owner');
  expect(job).toMatchObject({
    state: 'completed',
    warnings: expect.arrayContaining([
      expect.objectContaining({ code: 'PRE-10', message: expect.stringContaining('CentOS') as string }),
    ]) as unknown,
  });
});

test('a silent agent leaves the system to the image [PRE-10]', async () => {
  const preview = await environment.readPreview({ vms: [makeVmId('asleep')] });
  expect(checkOf(preview, 'asleep')).toMatchObject({
    verdict: 'warn',
    message: expect.stringContaining('Windows Server 2012') as string,
  });
  // The VM is refused because it is deallocated, and for nothing else.
  expect(preview.vms[0]?.refusals.map(({ code }) => code)).toEqual(['Deallocated']);
});

test('the system that Site Recovery names of a machine on premises is a warning, too [PRE-10] [H2A-2]', async () => {
  const { lifeboat, simulator } = await startTestEnvironment(['press'], {
    environment: hyperVEnvironment({
      replicated: ['press'],
      systems: { lathe: { edition: 'Windows Server 2008 R2', version: '6.1.7601' } },
    }),
  });
  try {
    const { body: sources } = await lifeboat.call<{ sites: { machines: { id: string; name: string }[] }[] }>(
      '/api/v1/sources/sites',
    );
    const idOf = (name: string) => sources.sites[0]?.machines.find((machine) => machine.name === name)?.id;
    const { body: preview } = await lifeboat.call<EnablingPreview>('/api/v1/previews', {
      method: 'POST',
      body: {
        goal: { protect: 'hyperVVm', to: 'azure' },
        vault: { id: SITE_VAULT },
        source: { site: 'factory' },
        vms: [idOf('lathe'), idOf('saw')],
        target: {
          region: 'southeastasia',
          resourceGroup: 'contoso-shop-recovery',
          networkId: SITE_NETWORK,
          subnet: 'web',
          storageAccountId: SITE_STORAGE,
          osType: 'Windows',
        },
      },
    });
    expect(checkOf(preview, 'lathe')).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('Windows Server 2008') as string,
    });
    expect(preview.vms.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['lathe', 'enable'],
      ['saw', 'enable'],
    ]);
    expect(checkOf(preview, 'saw')).toBeUndefined();
  } finally {
    await simulator.stop();
  }
});
