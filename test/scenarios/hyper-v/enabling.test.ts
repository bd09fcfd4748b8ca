// Enabling replication of machines of a Hyper-V site.
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import {
  hyperVEnvironment,
  PRODUCTION,
  SITE_NETWORK,
  SITE_PLACEMENT_GROUP,
  SITE_STORAGE,
  SITE_VAULT,
} from '../../support/hyper-v-environment.ts';
import { story } from '../../support/story.ts';
import type { Job, Problem, Reply } from '../../support/lifeboat-client.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['press'], {
    environment: hyperVEnvironment({ replicated: ['press'] }),
  });
});
afterAll(() => environment.simulator.stop());

/** Enabling needs a contributor. */
async function runAsContributor(command: object): Promise<Job> {
  const { status, body } = await environment.lifeboat.send(command, undefined, { principal: 'contributor' });
  expect([status, body]).toEqual([202, body]);
  return environment.lifeboat.waitForJobEnd(body.id);
}

interface Site {
  readonly name: string;
  readonly hosts: readonly { readonly name: string; readonly connected: boolean }[];
  readonly machines: readonly {
    readonly id: string;
    readonly name: string;
    readonly canBeProtected: boolean;
    readonly reasons: readonly { readonly code: string }[];
  }[];
}
const readSites = async (query = ''): Promise<readonly Site[]> =>
  (await environment.lifeboat.call<{ sites: Site[] }>(`/api/v1/sources/sites${query}`)).body.sites;
const idOf = async (name: string): Promise<string> => {
  const [site] = await readSites();
  return site?.machines.find((machine) => machine.name === name)?.id ?? '';
};
const TARGET = {
  region: 'southeastasia',
  resourceGroup: 'contoso-shop-recovery',
  networkId: SITE_NETWORK,
  subnet: 'web',
  storageAccountId: SITE_STORAGE,
  osType: 'Windows',
};
const requestFor = (vms: readonly string[], more: { readonly target?: object } & object = {}) => ({
  goal: { protect: 'hyperVVm', to: 'azure' },
  vault: { id: SITE_VAULT },
  source: { site: 'factory' },
  vms,
  ...more,
  target: { ...TARGET, ...more.target },
});
interface Preview {
  readonly refusals: readonly { readonly code: string }[];
  readonly checks: readonly { readonly id: string; readonly name: string; readonly verdict: string }[];
  readonly vms: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly refusals: readonly { readonly code: string }[];
    readonly warnings: readonly { readonly code: string }[];
  }[];
}
const preview = async (request: object): Promise<Preview> => {
  const { status, body } = await environment.lifeboat.call<Preview>('/api/v1/previews', {
    method: 'POST',
    body: request,
  });
  expect([status, body]).toEqual([200, body]);
  return body;
};
const codesOf = ({ refusals, vms }: Preview): readonly string[] => [
  ...new Set([...refusals, ...vms.flatMap((vm) => vm.refusals)].map(({ code }) => code)),
];

test('a site lists its hosts and machines, each with the reasons against protection [OP-12]', async () => {
  const [site] = await readSites(`?vault=${encodeURIComponent(SITE_VAULT)}&site=FACTORY`);
  expect(site).toMatchObject({ name: 'factory', hosts: [{ connected: true }, { connected: true }] });
  expect(site?.machines.map(({ name, canBeProtected }) => [name, canBeProtected])).toEqual(
    expect.arrayContaining([
      ['press', false],
      ['lathe', true],
    ]),
  );
  expect(site?.machines.find(({ name }) => name === 'press')?.reasons).toEqual([
    { code: 'AlreadyProtected', message: 'The machine is replicated already.' },
  ]);
  expect(await readSites('?site=nowhere')).toEqual([]);
  const unknown = SITE_VAULT.replace(/contoso-vault$/, 'no-vault');
  const refused = await environment.lifeboat.call<Problem>(
    `/api/v1/sources/sites?vault=${encodeURIComponent(unknown)}`,
  );
  expect(refused).toMatchObject({ status: 422, body: { code: 'VaultUnknown' } });
});

test('a preview refuses wrong settings and names the reason of each [H2A-2] [PPG-8] [VAULT-1]', async () => {
  const [lathe, drill] = [await idOf('lathe'), await idOf('drill')];
  const refusedWith = async (target: object, vms = [lathe], more: object = {}) =>
    codesOf(await preview(requestFor(vms, { target, ...more })));
  expect(await refusedWith({})).toEqual([]);
  expect(await refusedWith({}, [drill])).toEqual(['OsDiskMissing']);
  expect(await refusedWith({}, [drill], { perVm: { [drill]: { osDisk: 'drill-nothing' } } })).toEqual([
    'DiskUnknown',
  ]);
  expect(await refusedWith({ osType: undefined })).toEqual(['OsTypeMissing']);
  expect(await refusedWith({ networkId: undefined })).toEqual(['NetworkMissing']);
  expect(await refusedWith({ subnet: 'cellar' })).toEqual(['SubnetUnknown']);
  expect(await refusedWith({ storageAccountId: undefined })).toEqual(['StorageMissing']);
  expect(await refusedWith({ region: 'eastasia' })).toEqual(expect.arrayContaining(['VaultElsewhere']));
  expect(await refusedWith({ placementGroupId: `${SITE_PLACEMENT_GROUP}-none` })).toEqual([
    'PlacementGroupUnknown',
  ]);
  expect(await refusedWith({ placementGroupId: SITE_PLACEMENT_GROUP, managedDisks: false })).toEqual([
    'PlacementGroupNeedsManagedDisks',
  ]);
  expect(await refusedWith({ size: 'Standard_None' })).toEqual(['SizeNotThere']);
  expect(await refusedWith({}, [lathe], { source: { site: 'mill' } })).toEqual(
    expect.arrayContaining(['SiteUnknown']),
  );
  expect(await refusedWith({}, [`${lathe}-gone`])).toEqual(['VmUnknown']);
});

test('a preview warns that the VM cannot fail back from managed disks [PPG-7]', async () => {
  const lathe = await idOf('lathe');
  const warningsOf = async (target: object) =>
    (await preview(requestFor([lathe], { target }))).vms[0]?.warnings.map(({ code }) => code);
  expect(await warningsOf({})).toEqual(['FailbackNotPossible']);
  expect(await warningsOf({ managedDisks: false })).toEqual([]);
});

test('the readiness of a site has seen and manual checks [H2A-6] [H2A-7] [PRE-1]', async () => {
  const { checks } = await preview(requestFor([await idOf('lathe')]));
  expect(checks.map(({ id, name, verdict }) => `${id} ${verdict}: ${name}`)).toEqual(
    expect.arrayContaining([
      'VAULT-1 pass: Region of the vault',
      'H2A-6 pass: Registered hosts',
      'H2A-7 pass: Provider and agent of one version',
      'H2A-7 manual: Version of Hyper-V',
      'H2A-7 manual: Management by VMM',
      'PRE-9 manual: Firewalls and proxies',
    ]),
  );
  const { body } = await environment.lifeboat.call<{ reports: { verdict: string }[] }>('/api/v1/readiness', {
    method: 'POST',
    body: requestFor([await idOf('lathe')]),
  });
  expect(body.reports).toMatchObject([{ verdict: 'manual' }]);
});

test('machines are enabled, each for itself, and a repeat enables only what is missing [H2A-3] [A2A-17]', async () => {
  const [lathe, drill] = [await idOf('lathe'), await idOf('drill')];
  const command = {
    operation: 'enableReplication',
    ...requestFor([lathe, drill], { target: { managedDisks: false } }),
  };
  const first = await runAsContributor(command);
  expect(first).toMatchObject({ state: 'completedWithExceptions' });
  const stepsOf = ({ steps }: Job) =>
    steps
      .filter(({ phase }) => phase === 'enableReplication')
      .map(({ name, state, error }) => [name, state, error?.code ?? null])
      .sort();
  expect(stepsOf(first)).toEqual([
    ['drill', 'failed', 'OsDiskMissing'],
    ['lathe', 'succeeded', null],
  ]);
  const second = await runAsContributor({
    ...command,
    perVm: { [drill]: { osDisk: 'drill-os' } },
  });
  expect(second).toMatchObject({ state: 'completed' });
  expect(stepsOf(second)).toEqual([
    ['drill', 'succeeded', null],
    ['lathe', 'alreadySo', null],
  ]);
  const vms = await environment.lifeboat.waitForReplicationsNamed(['lathe', 'drill']);
  expect(vms.map(({ state }) => state)).toEqual(['protected', 'protected']);
});

test('an update changes the size, and refuses what must stay [H2A-4] [PPG-4] [PPG-8]', async () => {
  const [vm] = await environment.lifeboat.waitForReplicationsNamed(['lathe']);
  const update = (change: object): Promise<Reply<Job & Problem>> =>
    environment.lifeboat.send({ operation: 'updateReplication', vms: [vm?.id], change }, undefined, {
      principal: 'contributor',
    });
  expect(await update({ placementGroupId: null })).toMatchObject({
    status: 422,
    body: { code: 'PlacementGroupStays' },
  });
  const job = await runAsContributor({
    operation: 'updateReplication',
    vms: [vm?.id],
    change: { size: 'Standard_D4s_v5' },
  });
  expect(job).toMatchObject({ state: 'completed' });
  const { body } = await environment.lifeboat.call<{ settings: { size: string } }>(
    `/api/v1/replications/${vm?.id ?? ''}`,
  );
  expect(body).toMatchObject({ settings: { size: 'Standard_D4s_v5' } });
  expect(await update({ placementGroupId: SITE_PLACEMENT_GROUP })).toMatchObject({
    status: 422,
    body: { code: 'PlacementGroupNeedsManagedDisks' },
  });
});

test('replication is disabled, and the machine can be enabled again [OP-10]', async () => {
  const [vm] = await environment.lifeboat.waitForReplicationsNamed(['drill']);
  expect(await runAsContributor({ operation: 'disableReplication', vms: [vm?.id] })).toMatchObject({
    state: 'completed',
  });
  const [site] = await readSites();
  expect(site?.machines.find(({ name }) => name === 'drill')).toMatchObject({ canBeProtected: true });
});

test('a request without machines makes a new site and its policy [VAULT-2] [H2A-6]', async () => {
  const job = await runAsContributor({
    operation: 'prepareVault',
    goal: { protect: 'hyperVVm', to: 'azure' },
    vault: { id: SITE_VAULT },
    source: { site: 'mill' },
    target: { region: 'southeastasia', subscription: PRODUCTION },
    policy: { name: 'mill-policy', retentionHours: 12 },
  });
  expect(job).toMatchObject({ state: 'completed' });
  expect((await readSites('?site=mill')).map(({ name, hosts }) => [name, hosts])).toEqual([['mill', []]]);
});
