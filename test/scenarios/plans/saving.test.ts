// Recovery plans over REST: Lifeboat checks and saves each version, and protects changes of others.
import { createHash } from 'node:crypto';
import type { Problem } from '../../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(['orders-1', 'orders-2', 'web', 'app'], {
    env: { LIFEBOAT_REGION: 'southeastasia' },
  });
});
afterAll(() => environment.simulator.stop());

interface Shown {
  readonly code: string;
  readonly severity: string;
  readonly line?: number;
  readonly message: string;
}
interface Saved {
  readonly id: string;
  readonly version: number;
  readonly plan: { readonly name: string };
  readonly findings: readonly Shown[];
  readonly versions?: readonly { readonly version: number }[];
}

const idOf = (name: string): string => environment.vms.find((vm) => vm.name === name)?.id ?? name;
const shop = (change: object = {}) => ({
  name: 'Shop',
  runs: {
    failover: [
      { name: 'data', vms: [idOf('orders-1'), idOf('orders-2')] },
      { name: 'front', waitsFor: ['data'], vms: [idOf('web')] },
    ],
  },
  targets: { recoveryMinutes: 60 },
  ...change,
});
async function put(
  id: string,
  body: unknown,
  options: { readonly ifMatch?: string; readonly who?: string } = {},
) {
  const answer = await fetch(new URL(`/api/v1/plans/${id}`, environment.simulator.host.url), {
    method: 'PUT',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await environment.simulator.token(options.who ?? 'contributor')}`,
      ...(options.ifMatch ? { 'if-match': options.ifMatch } : {}),
    },
  });
  return {
    status: answer.status,
    etag: answer.headers.get('etag'),
    body: (await answer.json()) as Saved & Problem,
  };
}
const get = async <T = Saved>(path: string) =>
  (await environment.lifeboat.call<T>(`/api/v1/plans${path}`, { principal: 'reader' })).body;

test('each change of a plan is a new version, and the older versions stay [PLAN-1]', async () => {
  const made = await put('shop', shop());
  expect(made).toMatchObject({
    status: 201,
    etag: '"1"',
    body: { id: 'shop', version: 1, plan: { name: 'Shop' }, findings: [] },
  });
  expect(await put('shop', shop(), { ifMatch: '"1"' })).toMatchObject({ status: 200, etag: '"1"' });
  expect(await put('shop', shop({ description: 'Web and data.' }), { ifMatch: '"1"' })).toMatchObject({
    status: 200,
    etag: '"2"',
  });
  expect(await get('/shop')).toMatchObject({
    version: 2,
    plan: { description: 'Web and data.' },
    versions: [{ version: 2 }, { version: 1 }],
  });
  expect(await get('/shop?version=1')).toMatchObject({ version: 1, plan: { description: '' } });
  expect(await get<{ plans: object[] }>('')).toMatchObject({
    plans: expect.arrayContaining([expect.objectContaining({ id: 'shop', version: 2 })]) as unknown,
  });
});

test('a change of a plan names the read version, and one of two simultaneous changes fails [PLAN-1]', async () => {
  await put('ledger', shop());
  expect(await put('ledger', shop({ name: 'Other' }))).toMatchObject({
    status: 428,
    body: { code: 'IfMatchMissing', detail: expect.stringContaining('If-Match: "1"') as string },
  });
  expect(await put('ledger', shop({ name: 'Other' }), { ifMatch: '"7"' })).toMatchObject({
    status: 412,
    body: { code: 'PlanChanged' },
  });
  expect(await put('nobody', shop(), { ifMatch: '"1"' })).toMatchObject({
    status: 412,
    body: { code: 'PlanUnknown' },
  });
  const both = await Promise.all(
    ['One', 'Two'].map((name) => put('ledger', shop({ name }), { ifMatch: '"1"' })),
  );
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  expect((await get('/ledger')).version).toBe(2);
});

test('Lifeboat refuses a plan above the size limit, and names size and limit [PLAN-1]', async () => {
  const script = (text: string) => ({
    kind: 'script',
    name: 'Script',
    text,
    sha256: createHash('sha256').update(text).digest('hex'),
    on: idOf('web'),
    shell: 'bash',
  });
  const large = (scripts: number) =>
    shop({
      drill: { checks: Array.from({ length: scripts }, (_, i) => script(`${'# €'.repeat(12_000)}${i}`)) },
    });
  const refused = await put('large', large(15));
  expect(refused).toMatchObject({
    status: 422,
    body: {
      code: 'PlanInvalid',
      detail: expect.stringMatching(
        /has 9\d{5} bytes as it is stored, and at most 850000 are possible/,
      ) as string,
    },
  });
  expect(await get<Problem>('/large')).toMatchObject({ status: 404, code: 'PlanUnknown' });
  expect(await put('large', large(13))).toMatchObject({ status: 201, etag: '"1"' });
  expect(await put('large', large(14), { ifMatch: '"1"' })).toMatchObject({ status: 200, etag: '"2"' });
  expect(await put('large', large(15), { ifMatch: '"2"' })).toMatchObject({ status: 422 });
  expect(await get('/large')).toMatchObject({ version: 2, versions: [{ version: 2 }, { version: 1 }] });
});

test('Lifeboat refuses an invalid plan by line and reason, and saves nothing [PLAN-1] [PLAN-2]', async () => {
  const cycle = JSON.stringify(
    {
      name: 'Round',
      runs: {
        failover: [
          { name: 'a', waitsFor: ['b'], vms: [idOf('web')] },
          { name: 'b', waitsFor: ['a'], vms: [idOf('app')] },
        ],
      },
    },
    null,
    2,
  );
  const refused = await put('round', cycle);
  expect(refused).toMatchObject({
    status: 422,
    body: { code: 'PlanInvalid', detail: expect.stringMatching(/line \d+, column \d+/) as string },
  });
  expect(refused.body.findings.some(({ severity, line }) => severity === 'error' && (line ?? 0) > 1)).toBe(
    true,
  );
  for (const [plan, message] of [
    [
      shop({ runs: { failover: [{ name: 'a', vms: ['vm-aaaaaaaaaaaaaaaaaaaaaaaaaa'] }] } }),
      /knows no replicated VM/,
    ],
    [shop({ runs: { failover: [{ name: 'a', vms: [idOf('orders-1')] }] } }), /orders-2/],
    ['{ "name": ', /no JSON/],
    [shop({ colour: 'red' }), /colour/],
  ] as const)
    expect((await put('round', plan)).body.detail).toMatch(message);
  expect(await get<Problem>('/round')).toMatchObject({ status: 404, code: 'PlanUnknown' });
  expect((await put('Not An Id', shop())).status).toBe(400);
});

test('Lifeboat saves a plan with an unprotected VM and gives a warning [PLAN-2]', async () => {
  await environment.lifeboat.runToEnd({ operation: 'failover', vms: [idOf('app')] });
  const saved = await put('app-alone', {
    name: 'App',
    runs: { failover: [{ name: 'a', vms: [idOf('app')] }] },
  });
  expect(saved).toMatchObject({
    status: 201,
    body: { findings: [{ code: 'VmNotProtected', severity: 'warning' }] },
  });
});

test('a manager removes an unused plan over REST, and its job history stays [PLAN-1] [JOB-1]', async () => {
  const front = {
    name: 'Front',
    runs: { failover: [{ name: 'a', vms: [idOf('web')] }] },
    drill: { cleanUpAfterMinutes: 1 },
  };
  await put('front', front);
  const drill = await environment.lifeboat.runToEnd({ operation: 'testFailover', plan: 'front' });
  const remove = (principal: string, ifMatch: string) =>
    environment.lifeboat.call<Problem>('/api/v1/plans/front', {
      method: 'DELETE',
      principal,
      headers: { 'if-match': ifMatch },
    });
  expect(await remove('operator', '"1"')).toMatchObject({ status: 403, body: { code: 'RoleMissing' } });
  expect(await remove('contributor', '"7"')).toMatchObject({ status: 412, body: { code: 'PlanChanged' } });
  expect(await remove('contributor', '"1"')).toMatchObject({ status: 204 });
  expect(await get<Problem>('/front')).toMatchObject({ status: 404, code: 'PlanUnknown' });
  expect(await get('/front?version=1')).toMatchObject({ plan: { name: 'Front' } });
  expect(await environment.lifeboat.readJob(drill.id)).toMatchObject({ plan: { id: 'front', version: 1 } });
  expect(
    (await environment.lifeboat.call<{ jobs: object[] }>('/api/v1/jobs?plan=front')).body.jobs,
  ).toHaveLength(1);
  expect(await put('front', front)).toMatchObject({ status: 201, etag: '"2"' });
});

test('a check without saving [PLAN-1]', async () => {
  const { body } = await environment.lifeboat.call<{ findings: Shown[] }>('/api/v1/plan-lint', {
    method: 'POST',
    principal: 'reader',
    body: shop({ runs: { failover: [{ name: 'a', vms: [] }] } }),
  });
  expect(body.findings.length).toBeGreaterThan(0);
});

test('an operator changes no plan, and nobody changes a native plan in Lifeboat [RBAC-1] [OP-11]', async () => {
  expect(await put('shop', shop(), { who: 'operator', ifMatch: '"2"' })).toMatchObject({
    status: 403,
    body: { code: 'RoleMissing' },
  });
  const native = await environment.lifeboat.waitFor(
    async () =>
      (await get<{ plans: { id: string; origin: { kind: string } }[] }>('')).plans.find(
        ({ origin }) => origin.kind === 'native',
      ),
    'the native plan',
  );
  expect(await get(`/${native.id}`)).toMatchObject({ version: 1 });
  expect((await put(native.id, shop(), { ifMatch: '"1"' })).body).toMatchObject({
    status: 409,
    code: 'PlanIsNative',
  });
});
