// Registration of Hyper-V hosts: a new site, its key, and the hosts that then appear.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { readArmActions } from '../../support/arm-trace.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../../support/test-environment.ts';
import { openDatabase } from '../../support/event-environment.ts';
import { PRODUCTION } from '../../support/hyper-v-environment.ts';
import { advanceTime } from '../../support/test-settings.ts';
import type { Problem, Reply } from '../../support/lifeboat-client.ts';
import type { RegistrationKey } from '../../../shared/enabling/registrationKey.ts';

const GOAL = { protect: 'hyperVVm', to: 'azure' };
const vaultArmId = (name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/contoso-recovery-services/providers/Microsoft.RecoveryServices/vaults/${name}`;
const VAULT = vaultArmId('office-vault');
const HOSTS = ['office-hv-01', 'office-hv-02', 'office-hv-03'];
const HOUR_SECONDS = 3600;

/** An answer of Azure that has all but the certificate. */
const EMPTY_CERTIFICATE = {
  properties: {
    certificate: '',
    validTo: '2030-01-01T00:00:00Z',
    resourceId: 1,
    aadAuthority: 'https://login.windows.net',
    aadTenantId: 'tenant',
    servicePrincipalClientId: 'client',
    azureManagementEndpointAudience: 'https://management.azure.com/',
  },
};

let environment: TestEnvironment;
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-registration-'));
const trace = join(folder, 'trace.ndjson');
beforeAll(async () => {
  environment = await startTestEnvironment(['scada', 'historian'], {
    environment: 'contoso-hyper-v',
    trace,
  });
  await makeSite('head-office');
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

async function makeSite(site: string): Promise<void> {
  const { status, body } = await environment.lifeboat.send(
    {
      operation: 'prepareVault',
      goal: GOAL,
      vault: { id: VAULT },
      source: { site },
      target: { region: 'southeastasia' },
    },
    undefined,
    { principal: 'contributor' },
  );
  expect(status).toBe(202);
  expect(await environment.lifeboat.waitForJobEnd(body.id)).toMatchObject({ state: 'completed' });
}

async function vaultIdOf(name: string): Promise<string> {
  const { body } = await environment.lifeboat.call<{ vaults: { id: string; name: string }[] }>(
    '/api/v1/vaults',
  );
  return body.vaults.find((vault) => vault.name === name)?.id ?? 'vault-none';
}
const askForKey = async (
  request: object,
  { principal = 'contributor', vault = 'office-vault' } = {},
): Promise<Reply<RegistrationKey & Problem>> =>
  environment.lifeboat.call(`/api/v1/vaults/${await vaultIdOf(vault)}/registration-keys`, {
    method: 'POST',
    body: request,
    principal,
  });

interface Site {
  readonly hosts: readonly { readonly name: string; readonly connected: boolean }[];
  readonly machines: readonly { readonly id: string; readonly name: string }[];
}
const readSite = async (name: string): Promise<Site | undefined> =>
  (
    await environment.lifeboat.call<{ sites: Site[] }>(
      `/api/v1/sources/sites?vault=${encodeURIComponent(VAULT)}&site=${name}`,
    )
  ).body.sites[0];

test('the hosts of a new site register with its key, and are seen [H2A-1] [H2A-6]', async () => {
  expect(await readSite('head-office')).toMatchObject({ hosts: [] });
  const { status, body } = await askForKey({ goal: GOAL, site: 'HEAD-OFFICE' });
  expect([status, body]).toEqual([201, body]);
  expect(body).toMatchObject({ vault: VAULT, site: 'head-office' });
  expect(body.fileName).toMatch(/^head-office_office-vault_.*\.VaultCredentials$/);
  const days = (Date.parse(body.validUntil) - (await environment.simulator.now()).getTime()) / 86_400_000;
  expect(days).toBeCloseTo(5, 1);
  expect(body.steps.join('\n')).toContain(body.fileName);
  for (const host of HOSTS) await environment.simulator.siteRecovery.register(host, body.key);
  const site = await readSite('head-office');
  expect(site?.hosts.map(({ name, connected }) => [name, connected])).toEqual(
    HOSTS.map((name) => [name, true]),
  );
  expect(site?.machines.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['erp-web', 'erp-db', 'intranet', 'archive']),
  );
});

test('a site without hosts is refused, and the readiness names the route of the key [H2A-6] [PRE-1]', async () => {
  await makeSite('depot');
  const request = {
    goal: GOAL,
    vault: { id: VAULT },
    source: { site: 'depot' },
    target: { region: 'southeastasia' },
    vms: [
      `${VAULT}/replicationFabrics/depot/replicationProtectionContainers/c/replicationProtectableItems/x`,
    ],
  };
  const { body } = await environment.lifeboat.call<{
    refusals: { code: string; message: string }[];
    checks: { id: string; verdict: string; remedy: string | null }[];
  }>('/api/v1/previews', { method: 'POST', body: request });
  const route = `/api/v1/vaults/${await vaultIdOf('office-vault')}/registration-keys`;
  expect(body.checks.find(({ id }) => id === 'H2A-6')).toMatchObject({
    verdict: 'fail',
    remedy: expect.stringContaining(route) as string,
  });
});

test('a key opens no vault after five days [H2A-1]', async () => {
  await makeSite('branch');
  const { body } = await askForKey({ goal: GOAL, site: 'branch' });
  await advanceTime(environment.simulator, 121 * HOUR_SECONDS);
  await expect(environment.simulator.siteRecovery.register('office-hv-01', body.key)).rejects.toThrow(
    /was valid until/,
  );
  expect(await readSite('branch')).toMatchObject({ hosts: [] });
});

test('no key is made for an unknown site, another scenario or a caller without the role [H2A-1] [RBAC-1]', async () => {
  const { result, acted } = await withFault(
    environment.simulator,
    {
      point: 'received',
      service: 'arm',
      method: 'PUT',
      path: '/certificates/',
      do: { kind: 'delay', milliseconds: 0 },
    },
    async () => [
      await askForKey({ goal: GOAL, site: 'nowhere' }),
      await askForKey({ goal: GOAL }),
      await askForKey({ goal: { protect: 'azureVm', to: 'azure' }, site: 'head-office' }),
      await askForKey({ goal: { protect: 'hyperVVm', to: 'secondSite' }, site: 'head-office' }),
      await askForKey({ goal: GOAL, site: 'head-office' }, { principal: 'operator' }),
      await askForKey({ goal: GOAL, site: 'head-office' }, { vault: 'no-vault' }),
      await askForKey({ goal: GOAL, site: 'head-office', days: 90 }),
    ],
  );
  expect(result.map(({ status, body }) => [status, body.code])).toEqual([
    [422, 'SiteUnknown'],
    [422, 'SiteUnknown'],
    [422, 'NothingToRegister'],
    [422, 'ImpossibleGoal'],
    [403, 'RoleMissing'],
    [404, 'VaultUnknown'],
    [400, 'Invalid'],
  ]);
  expect(acted).toBe(0);
});

test('an answer of Azure without a certificate makes no key [H2A-1]', async () => {
  const makeKey = () => askForKey({ goal: GOAL, site: 'head-office' });
  const failing = async (status: number) =>
    (
      await withFault(
        environment.simulator,
        {
          point: 'received',
          service: 'arm',
          method: 'PUT',
          path: '/certificates/',
          do: { kind: 'status', status, body: EMPTY_CERTIFICATE },
        },
        makeKey,
      )
    ).result;
  for (const status of [200, 404, 500])
    expect(await failing(status)).toMatchObject({ status: 503, body: { code: 'AzureUnavailable' } });
  expect(await failing(403)).toMatchObject({ status: 422, body: { code: 'AzureForbids' } });
  expect(await makeKey()).toMatchObject({ status: 201 });
});

test('no log and no document holds a key [H2A-1]', async () => {
  const { body } = await askForKey({ goal: GOAL, site: 'head-office' });
  const secrets = ['ManagementCert', 'ChannelIntegrityKey'].map(
    (name) => new RegExp(`<${name}>([^<]+)<`).exec(body.key)?.[1] ?? '',
  );
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(100);
  const log = readFileSync(join(environment.simulator.data, 'host.log'), 'utf8');
  expect(log).toContain('registration-keys');
  const database = openDatabase(environment.simulator);
  const { resources: containers } = await database.containers.readAll().fetchAll();
  expect(containers.length).toBeGreaterThan(0);
  const documents = await Promise.all(
    containers.map(async ({ id }) =>
      JSON.stringify((await database.container(id).items.readAll().fetchAll()).resources),
    ),
  );
  for (const secret of secrets)
    for (const text of [log, ...documents]) expect(text.includes(secret)).toBe(false);
});

test('a key needs exactly the rights of the role for registrations [H2A-1]', async () => {
  expect((await askForKey({ goal: GOAL, site: 'head-office' })).status).toBe(201);
  const used = readArmActions(trace).filter((action) =>
    /\/(certificates|extendedInformation)\//.test(action),
  );
  expect(used).toEqual([...agreement.armActions.registration].sort());
});
