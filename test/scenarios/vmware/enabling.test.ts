// Enabling replication of VMs of a vCenter.
import { startTestEnvironment, withFault, type TestEnvironment } from '../../support/test-environment.ts';
import {
  ACCOUNT,
  APPLIANCE,
  darkServer,
  LOG_ACCOUNT,
  NETWORK,
  OTHER_APPLIANCE,
  PLACEMENT_GROUP,
  VAULT,
  vmwareEnvironment,
} from '../../support/vmware-environment.ts';
import type { Job, Problem, Reply } from '../../support/lifeboat-client.ts';
import { story } from '../../support/story.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['web', 'lamp'], {
    environment: vmwareEnvironment({
      replicated: { web: {} },
      machines: {
        app: { disks: ['app-os', 'app-data', 'app-scratch'] },
        sql: {},
        crane: {},
        idle: { power: 'off' },
      },
      classic: ['lamp'],
      otherClassic: ['horn'],
    }),
  });
});
afterAll(() => environment.simulator.stop());

async function runAsContributor(command: object): Promise<Job> {
  const { status, body } = await environment.lifeboat.send(command, undefined, { principal: 'contributor' });
  expect([status, body]).toEqual([202, body]);
  return environment.lifeboat.waitForJobEnd(body.id);
}

interface Site {
  readonly name: string;
  readonly scenario: string;
  readonly isRetiring?: boolean;
  readonly hosts: readonly {
    readonly name: string;
    readonly kind?: string;
    readonly health?: string;
    readonly connected: boolean;
  }[];
  readonly accounts?: readonly { readonly name: string }[];
  readonly vCenters?: readonly { readonly name: string; readonly version: string | null }[];
  readonly machines: readonly {
    readonly id: string;
    readonly name: string;
    readonly canBeProtected: boolean;
    readonly reasons: readonly { readonly code: string }[];
  }[];
}
const readSite = async (name: string): Promise<Site> => {
  const { body } = await environment.lifeboat.call<{ sites: Site[] }>(`/api/v1/sources/sites?site=${name}`);
  const [site] = body.sites;
  if (!site) throw new Error(`There is no site ${name}.`);
  return site;
};
const TARGET = {
  region: 'southeastasia',
  resourceGroup: 'contoso-shop-recovery',
  networkId: NETWORK,
  subnet: 'web',
  storageAccountId: LOG_ACCOUNT,
};
const SOURCE = { site: 'harbour', server: APPLIANCE, account: ACCOUNT };
const requestFor = (
  vms: readonly string[],
  more: { readonly target?: object; readonly source?: object; readonly [field: string]: unknown } = {},
) => ({
  goal: { protect: 'vmwareVm', to: 'azure' },
  vault: { id: VAULT },
  vms,
  ...more,
  source: { ...SOURCE, ...more.source },
  target: { ...TARGET, ...more.target },
});
interface Preview {
  readonly refusals: readonly { readonly code: string; readonly message: string }[];
  readonly checks: readonly { readonly id: string; readonly name: string; readonly verdict: string }[];
  readonly warnings: readonly { readonly code: string }[];
  readonly prerequisites: readonly { readonly name: string; readonly action: string }[];
  readonly vms: readonly {
    readonly vmId: string;
    readonly name: string;
    readonly verdict: string;
    readonly refusals: readonly { readonly code: string; readonly message: string }[];
    readonly warnings: readonly { readonly code: string }[];
  }[];
}
/** Many previews in a row exhaust Azure's budget of reads (503). A caller sends them again. */
const preview = async (request: object): Promise<Preview> => {
  const { lifeboat } = environment;
  const { status, body } = await lifeboat.waitFor(async () => {
    const reply = await lifeboat.call<Preview>('/api/v1/previews', { method: 'POST', body: request });
    return reply.status === 503 ? undefined : reply;
  }, 'the answer of a preview');
  expect([status, body]).toEqual([200, body]);
  return body;
};
const refusalsOf = ({ refusals, vms }: Preview) => [...refusals, ...vms.flatMap((vm) => vm.refusals)];
const codesOf = (found: Preview): readonly string[] => [
  ...new Set(refusalsOf(found).map(({ code }) => code)),
];
const messagesOf = (found: Preview): string =>
  refusalsOf(found)
    .map(({ message }) => message)
    .join(' ');

test('a site lists servers with health, accounts, its vCenter and machines [V2A-7] [V2A-1] [OP-12]', async () => {
  const site = await readSite('harbour');
  expect(site).toMatchObject({
    scenario: 'vmwareToAzure',
    isRetiring: false,
    hosts: [
      { name: APPLIANCE, kind: 'appliance', health: 'Normal', connected: true },
      { name: OTHER_APPLIANCE, connected: true },
    ],
    accounts: [{ name: ACCOUNT }, { name: 'linux-installer' }],
    vCenters: [{ name: 'vcenter-harbour', version: '7.0.3' }],
  });
  const reasons = Object.fromEntries(
    site.machines.map(({ name, reasons: list }) => [name, list.map(({ code }) => code)]),
  );
  expect(reasons).toEqual({ web: ['AlreadyProtected'], app: [], sql: [], crane: [], idle: ['MachineOff'] });
  expect(await readSite('lighthouse')).toMatchObject({
    isRetiring: true,
    hosts: [{ kind: 'configurationServer' }, { name: 'lighthouse-process', kind: 'processServer' }],
    accounts: [{ name: 'vcenter-reader' }, { name: ACCOUNT }],
  });
});

test('a preview refuses wrong names, and lists the possible ones [V2A-7] [V2A-5]', async () => {
  const server = await preview(requestFor(['app'], { source: { server: 'nobody' } }));
  expect(codesOf(server)).toContain('ServerUnknown');
  expect(messagesOf(server)).toContain(`${APPLIANCE}, ${OTHER_APPLIANCE}`);
  const account = await preview(requestFor(['app'], { source: { account: 'nobody' } }));
  expect(codesOf(account)).toEqual(['AccountUnknown']);
  expect(messagesOf(account)).toContain(`${ACCOUNT}, linux-installer`);
  const site = await preview(requestFor(['app'], { source: { site: 'nowhere' } }));
  expect(codesOf(site)).toContain('SiteUnknown');
  expect(messagesOf(site)).toContain('harbour, lighthouse');
  expect(codesOf(await preview(requestFor(['nobody'])))).toEqual(['VmUnknown']);
  const { server: _server, ...withoutServer } = SOURCE;
  expect(codesOf(await preview({ ...requestFor(['app']), source: withoutServer }))).toEqual([
    'ServerUnknown',
  ]);
  expect(_server).toBe(APPLIANCE);
});

test('a preview refuses wrong settings, and names the reason of each [V2A-2] [PPG-8] [VAULT-1]', async () => {
  const refusedWith = async (target: object, perVm: object = {}) =>
    codesOf(await preview(requestFor(['app'], { target, perVm: { app: perVm } })));
  expect(await refusedWith({})).toEqual([]);
  expect(await refusedWith({ managedDisks: false })).toEqual(['ManagedDisksOnly']);
  expect(await refusedWith({ networkId: undefined })).toEqual(['NetworkMissing']);
  expect(await refusedWith({ subnet: 'cellar' })).toEqual(['SubnetUnknown']);
  expect(await refusedWith({ storageAccountId: undefined })).toEqual(['StorageMissing']);
  expect(await refusedWith({ region: 'eastasia' })).toEqual(expect.arrayContaining(['VaultElsewhere']));
  expect(await refusedWith({ placementGroupId: `${PLACEMENT_GROUP}-none` })).toEqual([
    'PlacementGroupUnknown',
  ]);
  expect(await refusedWith({ placementGroupId: PLACEMENT_GROUP, resourceGroup: 'apart' })).toEqual([
    'PlacementGroupInOtherGroup',
  ]);
  expect(await refusedWith({ size: 'Standard_None' })).toEqual(['SizeNotThere']);
  expect(await refusedWith({}, { excludeDisks: ['app-scratch'] })).toEqual(['OsDiskMissing']);
  expect(await refusedWith({}, { excludeDisks: ['app-os'], osDisk: 'app-os' })).toEqual(['OsDiskLeftOut']);
  expect(await refusedWith({}, { excludeDisks: ['none'], osDisk: 'app-os' })).toEqual(['DiskUnknown']);
  expect(await refusedWith({}, { nics: [{ nic: 'none', subnet: 'web' }] })).toEqual(['NicUnknown']);
  expect(codesOf(await preview(requestFor(['idle'])))).toEqual(['MachineOff']);
});

test('the readiness of a site has seen and manual checks [V2A-5] [V2A-6] [PRE-10]', async () => {
  const { checks } = await preview(requestFor(['app']));
  expect(checks.map(({ id, name, verdict }) => `${id} ${verdict}: ${name}`)).toEqual(
    expect.arrayContaining([
      'VAULT-1 pass: Region of the vault',
      'V2A-5 pass: Registration',
      'V2A-5 pass: Policy of the site',
      'V2A-6 pass: Server of the replication',
      'V2A-6 pass: Version of the vCenter vcenter-harbour',
      'V2A-6 manual: Account that installs the agent',
      'V2A-6 manual: Account for the discovery',
      'V2A-8 pass: Failback policy',
      'V2A-8 pass: Server that writes the disks at a failback',
      'V2A-8 manual: Way back',
      'PRE-9 manual: Firewalls and proxies',
      'PRE-10 manual: Connections from on premises',
    ]),
  );
  const { body } = await environment.lifeboat.call<{ reports: { verdict: string }[] }>('/api/v1/readiness', {
    method: 'POST',
    body: requestFor(['app']),
  });
  expect(body.reports).toMatchObject([{ verdict: 'manual' }]);
  const [web] = environment.vms.filter(({ name }) => name === 'web');
  const replicated = await environment.lifeboat.call<{ reports: { verdict: string }[] }>(
    '/api/v1/readiness',
    {
      method: 'POST',
      body: { vms: [web?.id] },
    },
  );
  expect(replicated).toMatchObject({ status: 200, body: { reports: [{ verdict: 'warn' }] } });
});

test('an appliance without contact refuses its VMs, and another one takes them [V2A-6]', async () => {
  await withFault(environment.simulator, darkServer(APPLIANCE), async () => {
    const found = await preview(requestFor(['crane']));
    expect(codesOf(found)).toEqual(['NotReady']);
    expect(messagesOf(found)).toContain(`${APPLIANCE} has no contact`);
    expect(messagesOf(found)).toContain(OTHER_APPLIANCE);
    const job = await runAsContributor({ operation: 'enableReplication', ...requestFor(['crane']) });
    expect(job).toMatchObject({ state: 'failed' });
    const other = await preview(requestFor(['crane'], { source: { server: OTHER_APPLIANCE } }));
    expect(codesOf(other)).toEqual([]);
  });
  expect((await readSite('harbour')).machines.find(({ name }) => name === 'crane')).toMatchObject({
    canBeProtected: true,
  });
});

test('machines are enabled by name, and a repeat enables only what is missing [V2A-2] [A2A-17] [PPG-8]', async () => {
  const command = {
    operation: 'enableReplication',
    ...requestFor(['app', 'sql'], {
      target: { placementGroupId: PLACEMENT_GROUP, size: 'Standard_D2s_v5' },
      policy: { name: 'vmware-daily', retentionHours: 48, appConsistentHours: 4 },
      perVm: { app: { excludeDisks: ['app-scratch'] } },
    }),
  };
  const first = await runAsContributor(command);
  const stepsOf = ({ steps }: Job) =>
    steps
      .filter(({ phase }) => phase === 'enableReplication')
      .map(({ name, state, error }) => [name, state, error?.code ?? null])
      .sort();
  expect(stepsOf(first)).toEqual([
    ['app', 'failed', 'OsDiskMissing'],
    ['sql', 'succeeded', null],
  ]);
  expect(first).toMatchObject({ state: 'completedWithExceptions' });
  const second = await runAsContributor({
    ...command,
    perVm: {
      app: {
        excludeDisks: ['app-scratch'],
        osDisk: 'app-os',
        nics: [{ nic: 'Network adapter 1', subnet: 'app' }],
      },
    },
  });
  expect(stepsOf(second)).toEqual([
    ['app', 'succeeded', null],
    ['sql', 'alreadySo', null],
  ]);
  expect(second).toMatchObject({ state: 'completed' });
  // Site Recovery finishes the protection in a job of its own.
  const vms = await environment.lifeboat.waitFor(async () => {
    const found = await environment.lifeboat.waitForReplicationsNamed(['app', 'sql']);
    return found.every(({ state }) => state === 'protected') ? found : undefined;
  }, 'two protected VMs');
  const app = vms.find(({ name }) => name === 'app');
  const { body } = await environment.lifeboat.call<{
    settings: { disks: { name: string }[]; placementGroupId: string; nics: { subnet: string }[] };
  }>(`/api/v1/replications/${app?.id ?? ''}`);
  expect(body.settings.disks.map(({ name }) => name)).toEqual(['app-os', 'app-data']);
  expect(body.settings.placementGroupId.toLowerCase()).toBe(PLACEMENT_GROUP.toLowerCase());
  expect(body.settings.nics.map(({ subnet }) => subnet)).toEqual(['app']);
});

test('an update changes size, networks and placement group, and refuses what must stay [V2A-3] [PPG-4]', async () => {
  const [vm] = environment.vms.filter(({ name }) => name === 'web');
  const update = (change: object): Promise<Reply<Job & Problem>> =>
    environment.lifeboat.send({ operation: 'updateReplication', vms: [vm?.id], change }, undefined, {
      principal: 'contributor',
    });
  expect(await update({ zone: '1' })).toMatchObject({
    status: 422,
    body: { code: 'SettingNotOfScenario' },
  });
  const job = await runAsContributor({
    operation: 'updateReplication',
    vms: [vm?.id],
    change: { size: 'Standard_D4s_v5', testNetworkId: NETWORK, placementGroupId: PLACEMENT_GROUP },
  });
  expect(job).toMatchObject({ state: 'completed' });
  const { body } = await environment.lifeboat.call(`/api/v1/replications/${vm?.id ?? ''}`);
  expect(body).toMatchObject({ settings: { size: 'Standard_D4s_v5' } });
  expect(await update({ placementGroupId: null })).toMatchObject({
    status: 422,
    body: { code: 'PlacementGroupStays' },
  });
});

test('a VM is enabled through a configuration server, with a warning of its end [V2A-1] [V2A-2]', async () => {
  const request = requestFor(['horn'], {
    source: { site: 'lighthouse', server: 'lighthouse-process' },
    policy: { name: 'lighthouse-daily', retentionHours: 24 },
  });
  expect((await preview(request)).warnings.map(({ code }) => code)).toContain('V2A-1');
  expect(codesOf(await preview({ ...request, policy: { name: 'long', retentionHours: 100 } }))).toEqual([
    'RetentionTooLong',
  ]);
  const job = await runAsContributor({ operation: 'enableReplication', ...request });
  expect(job).toMatchObject({ state: 'completed' });
  const [horn] = await environment.lifeboat.waitForReplicationsNamed(['horn']);
  expect(horn).toMatchObject({ state: 'protected', scenario: 'vmwareToAzure' });
});

test('a vCenter is added to a configuration server, and refused for an appliance [V2A-1]', async () => {
  const vCenter = { name: 'vcenter-annex', address: '10.60.0.10', account: 'vcenter-reader' };
  const prepare = (site: string, more: object = {}) => ({
    goal: { protect: 'vmwareVm', to: 'azure' },
    vault: { id: VAULT },
    source: { site, vCenter: { ...vCenter, ...more } },
    target: { region: 'southeastasia' },
    policy: { name: 'annex-daily' },
  });
  expect(codesOf(await preview(prepare('harbour')))).toEqual(['VCenterOfAppliance']);
  expect(codesOf(await preview(prepare('lighthouse', { account: 'nobody' })))).toEqual(['AccountUnknown']);
  expect(await runAsContributor({ operation: 'prepareVault', ...prepare('lighthouse') })).toMatchObject({
    state: 'completed',
  });
  expect((await readSite('lighthouse')).vCenters?.map(({ name }) => name)).toContain('vcenter-annex');
  const again = await preview(prepare('lighthouse'));
  expect(again.prerequisites.map(({ name, action }) => [name, action])).toContainEqual([
    'vcenter-annex',
    'reuse',
  ]);
});

test('replication is disabled, and the machine can be enabled again [OP-10]', async () => {
  const [vm] = environment.vms.filter(({ name }) => name === 'web');
  expect(await runAsContributor({ operation: 'disableReplication', vms: [vm?.id] })).toMatchObject({
    state: 'completed',
  });
  expect((await readSite('harbour')).machines.find(({ name }) => name === 'web')).toMatchObject({
    canBeProtected: true,
  });
});

test('a goal that Site Recovery does not offer is refused, with the goals that work [VAULT-4]', async () => {
  const found = await preview({
    goal: { protect: 'vmwareVm', to: 'secondSite' },
    target: { region: 'southeastasia', subscription: VAULT.split('/')[2] },
    vms: [],
  });
  expect(codesOf(found)).toContain('ImpossibleGoal');
  expect(messagesOf(found)).toContain('vmwareVm to azure');
});
