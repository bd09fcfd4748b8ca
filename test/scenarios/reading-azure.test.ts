// The views of Azure over REST before and during replication: each route with a correct answer, and
// with wrong input.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import type { CallOptions } from '../../local/api-client.ts';
import type { EnablingPreview } from '../../shared/scenarios/enabling/preview.ts';
import type { ReadinessResult } from '../../shared/enabling/readiness.ts';
import type { ReplicationFromAzure } from '../../shared/replications/readReplication.ts';
import { readArmActions } from '../support/arm-trace.ts';
import type { Problem, Replication } from '../support/lifeboat-client.ts';
import { story } from '../support/story.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import type { Choices, SecurityGroupFix } from '../../shared/scenarios/enabling/support.ts';

const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const DEVELOPMENT = '81c0d6e4-7b2f-4f5d-9a3c-2e6b4d8f1a90';
const FABRIKAM = 'c5e93b17-0d68-4a2b-b7f1-93a1e4c6d258';
const idIn = (group: string, type: string, name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/${type}/${name}`;
const vmId = (name: string, group = 'contoso-shop'): string =>
  idIn(group, 'Microsoft.Compute/virtualMachines', name);
const SOURCE = `subscription=${PRODUCTION}&region=eastasia`;
const VAULT = { id: idIn('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'contoso-vault') };

// Each test stands alone. The last step needs them all.
const step = story();
const test = step.alone;

let environment: TestEnvironment;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  environment = await startTestEnvironment(5, {
    environment: 'contoso',
    trace: join(folder, 'trace.ndjson'),
  });
  // Simulated time stands still during a call, and Azure's budget does not refill. The budget must
  // cover thirty surveys without a pause.
  await environment.simulator.arm.budgets({ reads: { burst: 10_000, perSecond: 25 } });
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function get<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { status, body } = await environment.lifeboat.call<T>(path, { principal: 'reader', ...options });
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}
const post = <T>(path: string, body: unknown): Promise<T> => get<T>(path, { method: 'POST', body });

/** Lifeboat refuses with this status and code, and the message names the fault. */
async function refused(
  path: string,
  status: number,
  code: string,
  message: string,
  options: CallOptions = {},
): Promise<void> {
  const { status: got, body } = await environment.lifeboat.call<Problem>(path, {
    principal: 'reader',
    ...options,
  });
  expect({ path, got, code: body.code }).toEqual({ path, got: status, code });
  expect(body.detail).toContain(message);
  expect(body.detail).not.toMatch(/eyJ|node_modules/);
}
const expectRefusedBody = (path: string, body: unknown, message: string, status = 400, code = 'Invalid') =>
  refused(path, status, code, message, { method: 'POST', body });

const findByName = <T extends { readonly name: string }>(list: readonly T[], name: string): T => {
  const found = list.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`No ${name}.`);
  return found;
};

describe('vaults', () => {
  interface Vaults {
    readonly vaults: readonly { readonly id: string; readonly name: string; readonly armId: string }[];
  }

  test('the configured vaults, and one vault in its present state [VAULT-1] [VAULT-2]', async () => {
    const { vaults } = await get<Vaults>('/api/v1/vaults');
    expect(vaults).toMatchObject([
      {
        name: 'contoso-vault',
        armId: VAULT.id,
        subscription: PRODUCTION,
        resourceGroup: 'contoso-recovery-services',
      },
    ]);
    expect(await get(`/api/v1/vaults/${vaults[0]?.id}`)).toMatchObject({
      id: vaults[0]?.id,
      armId: VAULT.id,
      region: 'southeastasia',
      items: 5,
      fabrics: [
        { name: 'fabric-eastasia', region: 'eastasia' },
        { name: 'fabric-southeastasia', region: 'southeastasia' },
      ],
      containers: [{ name: 'container-eastasia' }, { name: 'container-southeastasia' }],
      policies: [{ name: 'day-of-points', retentionMinutes: 1440, appConsistentMinutes: 240 }],
      containerMappings: [{}, {}],
      networkMappings: [{}, {}],
    });
    expect(await get(`/api/v1/vaults/${vaults[0]?.id}/plans`)).toMatchObject({ plans: [{ name: 'orders' }] });
    await refused('/api/v1/vaults/vault-x', 404, 'VaultUnknown', 'vault-x');
    await refused('/api/v1/vaults/vault-x/plans', 404, 'VaultUnknown', 'vault-x');
  });
});

describe('sources', () => {
  interface Sources {
    readonly vms: readonly {
      readonly id: string;
      readonly name: string;
      readonly canBeProtected: boolean;
      readonly reasons: readonly { readonly code: string; readonly message: string }[];
      readonly cloudService: string | null;
    }[];
  }
  const sources = (query: string) => get<Sources>(`/api/v1/sources/vms?${query}`);

  test('each VM, with its verdict or the reason against protection [A2A-2]', async () => {
    const { vms } = await sources(SOURCE);
    expect(vms.map(({ name }) => name)).not.toContain('archive');
    const codes = (name: string) => findByName(vms, name).reasons.map(({ code }) => code);
    expect(
      Object.fromEntries(
        ['web', 'search', 'night-batch', 'pricing', 'kiosk', 'legacy'].map((name) => [name, codes(name)]),
      ),
    ).toEqual({
      web: ['AlreadyProtected'],
      search: [],
      'night-batch': ['Deallocated'],
      pricing: ['UnsupportedDisk'],
      kiosk: ['AgentNotReady'],
      legacy: [],
    });
    expect(findByName(vms, 'web').reasons[0]?.message).toContain('contoso-vault');
    expect(vms.every(({ canBeProtected, reasons }) => canBeProtected === (reasons.length === 0))).toBe(true);
  });

  test('the selection of a VM is refused for the reasons of the list, and of no other VM [OP-12]', async () => {
    const { vms } = await sources(SOURCE);
    // Checks of the network are no property of a VM: the readiness report shows them.
    const allowFailedChecks = ['PRE-4'];
    // A VM that is replicated already is no refusal: the request asks for what is so.
    const selectable = vms.filter(({ reasons }) => reasons.every(({ code }) => code !== 'AlreadyProtected'));
    const preview = await post<EnablingPreview>('/api/v1/previews', {
      vault: VAULT,
      target: { region: 'southeastasia' },
      allowFailedChecks,
      vms: selectable.map(({ id }) => id),
    });
    expect(preview.vms).toHaveLength(selectable.length);
    for (const { name, reasons } of selectable) {
      const { verdict, refusals } = findByName(preview.vms, name);
      const codes = refusals.map(({ code }) => code);
      expect([name, verdict, codes]).toEqual([
        name,
        reasons.length === 0 ? 'enable' : 'refused',
        expect.arrayContaining(reasons.map(({ code }) => code)),
      ]);
    }
    expect(selectable.filter(({ canBeProtected }) => canBeProtected).length).toBeGreaterThan(5);
    expect(selectable.filter(({ canBeProtected }) => !canBeProtected).length).toBeGreaterThan(2);
  });

  test('by resource group, model and cloud service [A2A-1]', async () => {
    expect((await sources(`${SOURCE}&resourceGroup=contoso-ledger`)).vms.map(({ name }) => name)).toEqual([
      'ledger-1',
      'ledger-2',
    ]);
    expect((await sources(`${SOURCE}&model=classic`)).vms).toMatchObject([
      { name: 'till', cloudService: 'contoso-till', model: 'classic' },
    ]);
    expect(
      (await sources(`subscription=${DEVELOPMENT}&region=eastasia`)).vms.map(({ name }) => name),
    ).toEqual(['build-agent']);
  });

  test('Lifeboat refuses an invalid source, and lists the possible values [A2A-1]', async () => {
    const path = '/api/v1/sources/vms';
    await refused(path, 400, 'Invalid', 'subscription');
    await refused(
      `${path}?subscription=mine&region=eastasia`,
      400,
      'Invalid',
      'must be the id of a subscription',
    );
    await refused(`${path}?${SOURCE}&model=ancient`, 400, 'Invalid', 'resourceManager or classic');
    await refused(`${path}?${SOURCE}&colour=red`, 400, 'Invalid', 'colour');
    for (const group of ['a%20b', 'a/b', 'x'.repeat(91), 'ends.'])
      await refused(`${path}?${SOURCE}&resourceGroup=${group}`, 400, 'Invalid', 'name of a resource group');
    await refused(
      `${path}?subscription=${PRODUCTION}&region=atlantis`,
      422,
      'RegionUnknown',
      'southeastasia',
    );
    await refused(
      `${path}?subscription=${FABRIKAM}&region=eastasia`,
      422,
      'SubscriptionUnknown',
      'contoso-development',
    );
    await refused(`${path}?${SOURCE}&resourceGroup=nope`, 422, 'SourceGroupUnknown', 'contoso-ledger');
    await refused(
      `${path}?${SOURCE}&model=classic&cloudService=nope`,
      422,
      'SourceServiceUnknown',
      'contoso-till',
    );
  });
});

describe('choices', () => {
  interface Offered extends Choices {
    readonly policies: readonly { readonly name: string; readonly vault: string }[];
    readonly goals: readonly object[];
  }
  const choices = (query: string) => get<Offered>(`/api/v1/options?${query}`);
  const names = (list: readonly { readonly name: string }[] | undefined) => list?.map(({ name }) => name);

  test('choices without a target tell regions, caches and policies [A2A-19] [A2A-4] [A2A-10]', async () => {
    const offered = await choices(SOURCE);
    expect(names(offered.subscriptions)).toEqual(['contoso-production', 'contoso-development']);
    expect(names(offered.regions)).toEqual(
      expect.arrayContaining(['southeastasia', 'japaneast', 'southindia']),
    );
    expect(names(offered.cacheStorageAccounts)).toEqual(['shopcacheeastasia']);
    expect(names(offered.policies)).toEqual(['day-of-points']);
    expect(offered.goals).toContainEqual({
      protect: 'azureVm',
      to: 'azure',
      scenario: 'azureToAzure',
      canBeEnabled: true,
    });
    expect(offered.target).toBeNull();
  });

  test('choices with a target list its groups and resources [A2A-19] [A2A-5] [A2A-6]', async () => {
    const { target } = await choices(`${SOURCE}&target.region=southeastasia`);
    expect(names(target?.resourceGroups)).toEqual([
      'contoso-recovery-services',
      'contoso-shop-recovery',
      'contoso-archive',
    ]);
    expect(names(target?.networks)).toEqual(['shop-network-recovery']);
    expect(names(target?.diskStorageAccounts)).toEqual(['shopcachesoutheastasia']);
    expect(names(target?.placementGroups)).toEqual(['shop-near-recovery']);
    expect(target?.zones).toEqual(['1', '2', '3']);
    expect((await choices(`${SOURCE}&target.region=southindia`)).target?.zones).toEqual([]);
    expect(
      (await choices(`${SOURCE}&target.region=japaneast&target.subscription=${DEVELOPMENT}`)).target
        ?.resourceGroups,
    ).toEqual([]);
  });

  test('Lifeboat refuses an unknown or foreign target [A2A-3] [A2A-4]', async () => {
    await refused('/api/v1/options', 400, 'Invalid', 'subscription');
    await refused(`/api/v1/options?${SOURCE}&target.region=atlantis`, 422, 'RegionUnknown', 'southeastasia');
    await refused(
      `/api/v1/options?${SOURCE}&target.subscription=${FABRIKAM}`,
      422,
      'SubscriptionUnknown',
      FABRIKAM,
    );
  });
});

describe('previews', () => {
  const target = { region: 'southeastasia' };
  const request = (...vms: string[]) => ({
    vault: VAULT,
    target,
    vms: vms.map((name) => vmId(name)),
  });

  test('a preview lists new, reused, chosen and refused items, and creates nothing [A2A-19] [A2A-2]', async () => {
    const preview = await post<EnablingPreview>(
      '/api/v1/previews',
      request('search', 'web', 'pricing', 'legacy'),
    );
    expect(preview.refusals).toEqual([]);
    expect(preview.vms.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['search', 'enable'],
      ['web', 'alreadyEnabled'],
      ['pricing', 'refused'],
      ['legacy', 'enable'],
    ]);
    expect(preview.prerequisites.filter(({ action }) => action === 'create').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['contoso-shop-asr']),
    );
    expect(preview.vms[0]?.choices.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'size',
        'network',
        'subnet of search-nic',
        'subnet of search-data-nic',
        'resourceGroup',
      ]),
    );
    expect(preview.vms[2]?.refusals).toMatchObject([{ code: 'UnsupportedDisk' }]);
    expect(await environment.simulator.siteRecovery.writes()).toEqual([]);
    expect(
      await post<EnablingPreview>('/api/v1/previews', request('search', 'web', 'pricing', 'legacy')),
    ).toEqual(preview);
  });

  test('an impossible request gives the reason, an invalid one names the field [VAULT-3] [VAULT-4]', async () => {
    const codes = async (more: object) =>
      (await post<EnablingPreview>('/api/v1/previews', { ...request('search'), ...more })).refusals.map(
        ({ code }) => code,
      );
    expect(await codes({ target: { region: 'atlantis' } })).toContain('RegionUnknown');
    expect(await codes({ target: { ...target, subscription: FABRIKAM } })).toContain('SubscriptionUnknown');
    expect(await codes({ goal: { protect: 'azureVm', to: 'secondSite' } })).toHaveLength(1);
    expect(await codes({ vault: { id: VAULT.id.replace('contoso-vault', 'nowhere') } })).toContain(
      'VaultUnknown',
    );
    await expectRefusedBody(
      '/api/v1/previews',
      { ...request('search'), target: { region: 'South East Asia' } },
      'target.region',
    );
    await expectRefusedBody(
      '/api/v1/previews',
      { ...request('search'), policy: { retentionHours: 73 } },
      'policy.retentionHours',
    );
    await expectRefusedBody('/api/v1/previews', { ...request('search', 'search') }, 'names a VM twice');
    await expectRefusedBody('/api/v1/previews', '{', 'not JSON', 400, 'NotJson');
  });
});

describe('readiness', () => {
  interface Reports {
    readonly reports: readonly ReadinessResult[];
  }
  const ready = async (body: unknown) => (await post<Reports>('/api/v1/readiness', body)).reports;
  const line = (report: ReadinessResult | undefined, vm: string, id: string) =>
    report?.lines.find(
      (reportLine) => reportLine.vmName === vm && reportLine.id === id && reportLine.verdict !== 'manual',
    );
  const mustHelp = (report: ReadinessResult | undefined) => {
    expect(report?.lines.length).toBeGreaterThan(5);
    for (const { verdict, remedy } of report?.lines ?? [])
      expect(verdict === 'pass' || remedy !== null).toBe(true);
  };

  // Also covers [PRE-6] [PRE-8] [PRE-10].
  test('each check tells its verdict [PRE-2] [PRE-3] [PRE-4]', async () => {
    const vms = [vmId('search'), vmId('ledger-1', 'contoso-ledger'), vmId('kiosk')];
    const [report] = await ready({ vault: VAULT, target: { region: 'southeastasia' }, vms });
    mustHelp(report);
    expect(report).toMatchObject({ verdict: 'fail', withoutEffectiveRules: [] });
    expect([
      line(report, 'search', 'PRE-4')?.verdict,
      line(report, 'ledger-1', 'PRE-4')?.verdict,
      line(report, 'kiosk', 'PRE-10')?.verdict,
    ]).toEqual(['pass', 'fail', 'fail']);
    expect(line(report, 'ledger-1', 'PRE-4')).toMatchObject({
      message: expect.stringContaining('"no-internet" (4000) of ledger-rules') as string,
      remedy: expect.stringContaining('PRE-5') as string,
    });
    expect(line(report, 'search', 'PRE-3')).toMatchObject({ verdict: 'warn' });
    expect(line(report, 'search', 'PRE-8')).toMatchObject({ verdict: 'pass' });
    expect(report?.lines.filter(({ id, verdict }) => id === 'PRE-6' && verdict === 'manual')).toHaveLength(3);
    expect(report?.lines.some(({ id }) => id === 'PRE-2')).toBe(true);
    expect(report?.securityRules.map(({ securityGroupName }) => securityGroupName)).toEqual(['ledger-rules']);
  });

  test("on demand, for replicating VMs by Lifeboat's ids [PRE-1]", async () => {
    const [report, ...others] = await ready({ vms: environment.vms.map(({ id }) => id) });
    expect(others).toEqual([]);
    mustHelp(report);
    for (const { name } of environment.vms)
      expect([line(report, name, 'PRE-4')?.verdict, line(report, name, 'PRE-10')?.verdict]).toEqual([
        'pass',
        'pass',
      ]);
    const unknown = `vm-${'a'.repeat(26)}`;
    await expectRefusedBody('/api/v1/readiness', { vms: [unknown] }, unknown, 422, 'VmUnknown');
    await expectRefusedBody('/api/v1/readiness', { vms: [vmId('web')] }, 'vms.0');
    await expectRefusedBody('/api/v1/readiness', { target: { region: 'southeastasia' }, vms: [] }, 'vms');
  });

  test('the security rules that would fix it, ready to apply [PRE-5]', async () => {
    const ledgers = ['ledger-1', 'ledger-2'].map((name) => vmId(name, 'contoso-ledger'));
    const { securityGroups } = await post<{ securityGroups: readonly SecurityGroupFix[] }>(
      '/api/v1/network-rules',
      {
        vms: ledgers,
      },
    );
    expect(securityGroups.map(({ securityGroupName }) => securityGroupName)).toEqual(['ledger-rules']);
    expect(securityGroups[0]?.securityRules.map(({ properties }) => properties)).toMatchObject([
      {
        destinationAddressPrefix: 'AzureSiteRecovery',
        access: 'Allow',
        direction: 'Outbound',
        destinationPortRange: '443',
      },
      { destinationAddressPrefix: 'EventHub' },
    ]);
    for (const { properties } of securityGroups[0]?.securityRules ?? [])
      expect(properties.priority).toBeLessThan(4000);
    const grouped = await post<{ securityGroups: readonly SecurityGroupFix[] }>('/api/v1/network-rules', {
      vms: ledgers,
      multiVmGroup: { name: 'shop' },
    });
    expect(
      grouped.securityGroups[0]?.securityRules.map(({ properties }) => properties.destinationPortRange),
    ).toContain('20004');
    expect(
      (
        await post<{ securityGroups: readonly SecurityGroupFix[] }>('/api/v1/network-rules', {
          vms: [vmId('web')],
        })
      ).securityGroups,
    ).toEqual([]);
    await expectRefusedBody('/api/v1/network-rules', { vms: [vmId('nobody')] }, 'nobody', 422, 'VmUnknown');
    await expectRefusedBody('/api/v1/network-rules', { vms: ['web'] }, 'vms.0');
    await expectRefusedBody(
      '/api/v1/network-rules',
      { vms: [vmId('web'), vmId('web').toUpperCase()] },
      'names a VM twice',
    );
  });

  test('the addresses that a firewall must allow, by cloud [PRE-9]', async () => {
    const { endpoints, check } = await get<{
      endpoints: readonly { url: string; serviceTags: readonly string[] }[];
      check: { verdict: string };
    }>('/api/v1/firewall?region=eastasia&target.region=southeastasia');
    expect(endpoints.map(({ url }) => url)).toEqual([
      '*.blob.core.windows.net',
      'login.microsoftonline.com',
      '*.hypervrecoverymanager.windowsazure.com',
      '*.servicebus.windows.net',
    ]);
    expect(endpoints[0]?.serviceTags).toEqual(['Storage', 'Storage.eastasia']);
    expect(check.verdict).toBe('manual');
    expect(JSON.stringify(await get('/api/v1/firewall?cloud=china&region=chinaeast2'))).toContain(
      'login.chinacloudapi.cn',
    );
    expect(JSON.stringify(await get('/api/v1/firewall?cloud=germany&region=germanycentral'))).toContain(
      'login.microsoftonline.de',
    );
    const government = JSON.stringify(await get('/api/v1/firewall?region=usgovvirginia'));
    expect(government).toContain('"cloud":"usGovernment"');
    expect(government).toContain('*.hypervrecoverymanager.windowsazure.us');
    expect(government).not.toContain('.com"');
    await refused('/api/v1/firewall?region=nowhere', 422, 'RegionUnknown', 'southeastasia');
    await refused(
      '/api/v1/firewall?region=eastasia&target.region=nowhere',
      422,
      'RegionUnknown',
      'There is no region "nowhere"',
    );
    await refused('/api/v1/firewall?region=chinanowhere', 422, 'RegionUnknown', 'chinanowhere');
    await refused('/api/v1/firewall?region=usseceast', 422, 'CloudUnknown', 'air-gapped');
    await refused('/api/v1/firewall?cloud=moon&region=eastasia', 400, 'Invalid', 'cloud');
    await refused(
      '/api/v1/firewall?cloud=china&region=eastasia',
      400,
      'Invalid',
      'eastasia is a region of the cloud "public"',
    );
    await refused('/api/v1/firewall', 400, 'Invalid', 'region');
  });

  test('VMM servers and Hyper-V hosts have another list than Azure VMs [PRE-9]', async () => {
    interface HostList {
      readonly endpoints: readonly { url: string; protocol: string; port: number }[];
      readonly addressRanges: readonly { covers: string; publishedAt: string }[];
    }
    const hosts = await get<HostList>('/api/v1/firewall?region=eastasia&machines=vmmServer');
    expect(hosts.endpoints.map(({ url }) => url)).toEqual(
      expect.arrayContaining(['*.store.core.windows.net', '*.accesscontrol.windows.net']),
    );
    expect(hosts.endpoints).toContainEqual(
      expect.objectContaining({ url: 'time.nist.gov', protocol: 'Udp', port: 123 }),
    );
    expect(hosts.addressRanges.map(({ publishedAt }) => publishedAt)).toContain(
      'https://endpoints.office.com/endpoints/Worldwide',
    );
    const china = await get<HostList>('/api/v1/firewall?region=chinaeast2&machines=hyperVHost');
    expect(china.endpoints.map(({ url }) => url)).toContain('*.backup.windowsazure.cn');
    await refused(
      '/api/v1/firewall?region=germanycentral&machines=vmmServer',
      422,
      'CloudUnknown',
      'germany',
    );
    await refused('/api/v1/firewall?region=eastasia&machines=toaster', 400, 'Invalid', 'vmmServer');
  });
});

test('one replicated VM, fresh from Azure: state, health, points, settings, jobs [A2A-16] [OP-9]', async () => {
  const sql = findByName<Replication>(environment.vms, 'sql');
  const seen = await get<Replication & ReplicationFromAzure>(`/api/v1/replications/${sql.id}`);
  expect(seen).toMatchObject({
    id: sql.id,
    friendlyName: 'sql',
    protectionState: 'Protected',
    state: 'protected',
    initialReplicationPercent: 100,
    policy: { name: 'day-of-points' },
    from: { region: 'eastasia' },
    to: { region: 'southeastasia' },
    settings: {
      resourceGroupId: expect.stringMatching(/contoso-shop-recovery$/) as string,
      zone: null,
      placementGroupId: null,
      multiVmGroup: null,
      disks: [{ managed: true, os: true }, { os: false }, { os: false }],
      nics: [{ subnet: 'data' }],
    },
  });
  expect(seen.rpoSeconds).toBeGreaterThanOrEqual(0);
  expect(seen.recoveryPoints.count).toBeGreaterThan(0);
  expect(new Set(seen.recoveryPoints.newest.map(({ kind }) => kind)).size).toBe(
    seen.recoveryPoints.newest.length,
  );
  await refused('/api/v1/replications/vm-x', 404, 'VmUnknown', 'vm-x');
});

test('the list of replicated VMs has filters and pages, and refuses an unknown word [A2A-16]', async () => {
  const namesOf = async (query: string): Promise<readonly string[]> =>
    (await get<{ replications: Replication[] }>(`/api/v1/replications?${query}`)).replications.map(
      ({ name }) => name,
    );
  const all = environment.vms.map(({ name }) => name).toSorted();
  expect(await namesOf('')).toEqual(all);
  expect(await namesOf('name=ORDERS')).toEqual(all.filter((name) => name.startsWith('orders')));
  for (const same of [
    'state=protected,testing',
    'scenario=azureToAzure',
    'health=normal',
    'region=eastasia',
    'vault=contoso-vault',
    `vault=${VAULT.id.toUpperCase()}`,
  ])
    expect([same, await namesOf(same)]).toEqual([same, all]);
  for (const none of [
    'state=testing,failedOver',
    'scenario=hyperVToAzure',
    'health=critical',
    'region=southeastasia',
    'vault=other-vault',
    'name=nobody',
  ])
    expect([none, await namesOf(none)]).toEqual([none, []]);
  const pages: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: { replications: Replication[]; next: string | null } = await get(
      `/api/v1/replications?limit=2${next === '' ? '' : `&continuation=${next}`}`,
    );
    expect(page.replications.length).toBeLessThanOrEqual(2);
    pages.push(...page.replications.map(({ name }) => name));
    next = page.next;
  }
  expect(pages).toEqual(all);
  await refused('/api/v1/replications?title=web', 400, 'Invalid', 'title');
  await refused('/api/v1/replications?state=broken', 400, 'Invalid', 'synchronising');
  await refused('/api/v1/replications?scenario=moon', 400, 'Invalid', 'azureToAzure');
  await refused('/api/v1/replications?health=fine', 400, 'Invalid', 'critical');
  await refused('/api/v1/replications?continuation=abc', 400, 'ContinuationInvalid', 'beginning');
});

test('any role may read all of this, and a caller without a role may not [RBAC-1]', async () => {
  for (const who of ['owner', 'contributor', 'operator', 'reader'])
    expect((await environment.lifeboat.call('/api/v1/vaults', { principal: who })).status).toBe(200);
  await refused('/api/v1/vaults', 403, 'RoleMissing', 'GET /api/v1/vaults', { principal: 'stranger' });
  await refused('/api/v1/previews', 403, 'RoleMissing', 'POST /api/v1/previews', {
    principal: 'stranger',
    method: 'POST',
    body: {},
  });
});

step("the reads match Lifeboat's roles in Azure exactly: no extra action, and none without use", () => {
  const used = new Set(
    readArmActions(join(folder, 'trace.ndjson')).filter((action) => !action.endsWith('/write')),
  );
  // Lifeboat uses these actions in two cases only. First, a list of states may lack the agent's
  // answer, which the simulator's list contains. Second, a VM in a map of resources may have a
  // public address.
  const sometimes = [
    'Microsoft.Compute/virtualMachines/instanceView/read',
    'Microsoft.Network/publicIPAddresses/read',
  ];
  expect([...used, ...sometimes].sort()).toEqual([...agreement.armActions.read].sort());
});
