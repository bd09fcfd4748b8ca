// Persons confirm the manual checks of a Hyper-V site and of its machines.
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';
import { hyperVEnvironment, SITE_VAULT } from '../../support/hyper-v-environment.ts';
import type { Problem } from '../../support/lifeboat-client.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['press'], {
    environment: hyperVEnvironment({ replicated: ['press'] }),
  });
});
afterAll(() => environment.simulator.stop());

interface Site {
  readonly id: string;
  readonly machines: readonly { readonly id: string; readonly name: string }[];
}
async function readSite(): Promise<Site> {
  const { body } = await environment.lifeboat.call<{ sites: Site[] }>('/api/v1/sources/sites?site=factory');
  const [site] = body.sites;
  if (!site) throw new Error('There is no site.');
  return site;
}
const machineId = async (name: string): Promise<string> =>
  (await readSite()).machines.find((machine) => machine.name === name)?.id ?? '';
const confirm = (body: object, principal = 'operator') =>
  environment.lifeboat.call<Problem & { confirmations: { id: string }[] }>('/api/v1/check-confirmations', {
    method: 'POST',
    body,
    principal,
  });

interface Check {
  readonly id: string;
  readonly verdict: string;
  readonly message: string;
}
interface Preview {
  readonly checks: readonly Check[];
  readonly vms: readonly { readonly name: string; readonly checks: readonly Check[] }[];
}
async function preview(): Promise<Preview> {
  const { body } = await environment.lifeboat.call<Preview>('/api/v1/previews', {
    method: 'POST',
    body: {
      goal: { protect: 'hyperVVm' },
      vault: { id: SITE_VAULT },
      source: { site: 'factory' },
      target: { region: 'southeastasia' },
      vms: [await machineId('lathe'), await machineId('drill')],
    },
  });
  return body;
}
const verdictsOf = (checks: readonly Check[], wanted: string): readonly string[] =>
  checks.filter(({ id }) => id === wanted).map(({ verdict }) => verdict);

test('a confirmed check of a site passes with the person, until it is withdrawn [PRE-11] [H2A-7]', async () => {
  const { id } = await readSite();
  expect(verdictsOf((await preview()).checks, 'H2A-7')).toEqual(['pass', 'manual', 'manual']);
  const { status, body } = await confirm({ check: 'H2A-7', site: id, note: 'All hosts have 2022.' });
  expect(status).toBe(201);
  const { checks } = await preview();
  expect(verdictsOf(checks, 'H2A-7')).toEqual(['pass', 'pass', 'pass']);
  expect(checks.filter(({ message }) => / confirmed this at /.test(message))).toHaveLength(2);
  // Other checks of the site stay manual.
  expect(verdictsOf(checks, 'PRE-9')).toEqual(['manual']);
  const path = `/api/v1/check-confirmations/${body.confirmations[0]?.id ?? ''}`;
  expect(await environment.lifeboat.call(path, { method: 'DELETE', principal: 'operator' })).toMatchObject({
    status: 204,
  });
  expect(verdictsOf((await preview()).checks, 'H2A-7')).toEqual(['pass', 'manual', 'manual']);
});

test('a confirmed check of one machine does not count for another one [PRE-11] [PRE-10]', async () => {
  expect(await confirm({ check: 'PRE-10', machines: [await machineId('lathe')] })).toMatchObject({
    status: 201,
  });
  const { vms } = await preview();
  expect(vms.map(({ name, checks }) => [name, verdictsOf(checks, 'PRE-10')])).toEqual([
    ['lathe', ['pass']],
    ['drill', ['manual']],
  ]);
});

test('an unknown site, another check and a reader are refused, nothing changes [PRE-11] [RBAC-1]', async () => {
  const { id } = await readSite();
  const count = async () =>
    (await environment.lifeboat.call<{ confirmations: object[] }>('/api/v1/check-confirmations')).body
      .confirmations.length;
  const before = await count();
  const machine = await machineId('drill');
  const refused = [
    await confirm({ check: 'PRE-9', site: `${id}-none` }),
    await confirm({ check: 'PRE-10', machines: [machine, `${machine}-none`] }),
    await confirm({ check: 'H2A-6', site: id }),
    await confirm({ check: 'PRE-9', site: id, machines: [machine] }),
    await confirm({ check: 'PRE-9', site: id }, 'reader'),
  ];
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual([
    [422, 'SiteUnknown'],
    [422, 'VmUnknown'],
    [400, 'Invalid'],
    [400, 'Invalid'],
    [403, 'RoleMissing'],
  ]);
  expect(await count()).toBe(before);
});
