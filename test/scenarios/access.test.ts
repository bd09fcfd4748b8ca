// Access to each route: the roles, the kinds of token, the bodies, and the number of calls.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLifeboat } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { ROUTE_ROLES, type Route } from '../../shared/access/roles.ts';
import { Role } from '../../shared/core/role.ts';
import { genericAlert, signedHeaders } from '../support/alerts.ts';
import { LifeboatClient, type Problem, type Reply } from '../support/lifeboat-client.ts';
import { openDatabase } from '../support/event-environment.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(1);
});
afterAll(() => environment.simulator.stop());

const job = () => ({ operation: 'failover', vms: environment.vms.map(({ id }) => id) });
interface Seen {
  readonly jobs: readonly unknown[];
  readonly plans: readonly unknown[];
  readonly callbacks: readonly unknown[];
  readonly rules: readonly unknown[];
  readonly replications: readonly { readonly state: string }[];
}
async function state(): Promise<object> {
  const read = async (what: string) =>
    (await environment.lifeboat.call<Partial<Seen>>(`/api/v1/${what}`, { principal: 'reader' })).body;
  const [jobs, plans, callbacks, rules, vms] = await Promise.all(
    ['jobs', 'plans', 'callbacks', 'alert-rules', 'replications'].map(read),
  );
  return {
    jobs: jobs?.jobs,
    plans: plans?.plans,
    callbacks: callbacks?.callbacks,
    rules: rules?.rules,
    states: vms?.replications?.map(({ state }) => state),
    writes: await environment.simulator.siteRecovery.writes(),
  };
}

test('each route admits only its roles, and a refused call changes nothing [RBAC-1]', async () => {
  const before = await state();
  const wrong: string[] = [];
  for (const [route, roles] of Object.entries(ROUTE_ROLES) as [Route, readonly Role[]][]) {
    const [method = '', path = ''] = route.split(' ');
    for (const who of [...Object.values(Role).map((role) => role.toLowerCase()), 'stranger']) {
      // No route accepts this body, so even an admitted caller changes nothing.
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: { nothing: true } };
      const { status, body: answer } = await environment.lifeboat.call<Partial<Problem>>(
        path.replace(/\{\w+\}/g, 'none'),
        { method, principal: who, ...body },
      );
      const may = roles.some((role) => role.toLowerCase() === who);
      if (
        may === (status === 403) ||
        (!may && answer.code !== 'RoleMissing') ||
        status >= 500 ||
        status === 401
      )
        wrong.push(`${route} as ${who}: ${status} ${answer.code ?? ''}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(await state()).toEqual(before);
});

describe('a token', () => {
  const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const issuerKey = (): KeyObject =>
    createPrivateKey(
      (
        JSON.parse(readFileSync(join(environment.simulator.data, 'identity.json'), 'utf8')) as {
          privateKey: string;
        }
      ).privateKey,
    );
  const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const nowSeconds = Math.floor(Date.now() / 1000);

  /** A token of the issuer with changes and another signature. */
  async function makeToken({
    claims = {},
    header = {},
    signed = (unsigned: string) => sign('RSA-SHA256', Buffer.from(unsigned), issuerKey()),
  }: {
    readonly claims?: object;
    readonly header?: object;
    readonly signed?: (unsigned: string) => Buffer;
  }): Promise<string> {
    const [head = '', body = ''] = (await environment.simulator.token('owner')).split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
    const unsigned = `${text({ ...read(head), ...header })}.${text({ ...read(body), ...claims })}`;
    return `${unsigned}.${signed(unsigned).toString('base64url')}`;
  }
  const publicPem = () => createPublicKey(issuerKey()).export({ type: 'spki', format: 'pem' });
  const call = (token: string): Promise<Reply<Problem>> =>
    environment.lifeboat.call<Problem>('/api/v1/jobs', {
      method: 'POST',
      body: job(),
      idempotencyKey: randomUUID(),
      token,
    });

  test('Lifeboat accepts a token with correct claims [RBAC-1]', async () => {
    expect((await environment.lifeboat.call('/api/v1/jobs', { token: await makeToken({}) })).status).toBe(
      200,
    );
  });

  test.each<[string, Parameters<typeof makeToken>[0], RegExp]>([
    [
      'with a forged signature',
      { signed: (unsigned) => sign('RSA-SHA256', Buffer.from(unsigned), strangersKey) },
      /signature is wrong/,
    ],
    [
      'with claims that changed after the signature',
      {
        claims: { roles: ['Owner'], name: 'me' },
        signed: () => sign('RSA-SHA256', Buffer.from('another'), issuerKey()),
      },
      /signature is wrong/,
    ],
    ['that has expired', { claims: { exp: nowSeconds - 120 } }, /has expired/],
    ['that never expires', { claims: { exp: undefined } }, /Nothing|not valid|cannot be verified|another/],
    ['that is not valid yet', { claims: { nbf: nowSeconds + 600 } }, /not valid yet/],
    ['for another audience', { claims: { aud: 'https://management.azure.com' } }, /another service/],
    ['of another issuer', { claims: { iss: 'https://login.example.com/tenant/v2.0' } }, /another issuer/],
    ['of another tenant', { claims: { tid: randomUUID() } }, /of this tenant/],
    ['of nobody', { claims: { oid: undefined } }, /person or service/],
    [
      'with no algorithm at all',
      { header: { alg: 'none' }, signed: () => Buffer.alloc(0) },
      /algorithm is not allowed/,
    ],
    [
      'signed with the public key as a secret',
      {
        header: { alg: 'HS256' },
        signed: (unsigned) => createHmac('sha256', publicPem()).update(unsigned).digest(),
      },
      /algorithm is not allowed/,
    ],
    ['with another algorithm of the same key', { header: { alg: 'PS256' } }, /algorithm is not allowed/],
    ['of a key that the issuer does not have', { header: { kid: 'another' } }, /key does not belong/],
  ])('%s: Lifeboat refuses it, and nothing changes [RBAC-1]', async (_what, request, why) => {
    const { status, headers, body } = await call(await makeToken(request));
    expect({
      status,
      code: body.code,
      type: headers.get('content-type'),
      challenge: headers.get('www-authenticate'),
    }).toEqual({
      status: 401,
      code: 'TokenRefused',
      type: 'application/problem+json; charset=utf-8',
      challenge: 'Bearer error="invalid_token"',
    });
    expect(body.detail).toMatch(why);
    expect(JSON.stringify(body)).not.toMatch(/eyJ|BEGIN|node_modules/);
    expect(await state()).toMatchObject({ jobs: [], writes: [] });
  });
});

describe('a body', () => {
  const send = (body: string | undefined, type?: string) =>
    environment.lifeboat.call<Problem>('/api/v1/jobs', {
      method: 'POST',
      idempotencyKey: randomUUID(),
      ...(body === undefined ? {} : { body }),
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
    });

  test.each<[string, string | undefined, string | undefined, number, string]>([
    ['too large', JSON.stringify({ reason: 'x'.repeat(1_000_001) }), undefined, 413, 'BodyTooLarge'],
    ['nested without end', '['.repeat(5000), undefined, 400, 'TooDeep'],
    ['of another type', '{}', 'text/plain', 415, 'ContentTypeUnknown'],
    ['of a form', 'operation=failover', 'application/x-www-form-urlencoded', 415, 'ContentTypeUnknown'],
    ['cut off', '{"operation": "failover",\n "vms": [', undefined, 400, 'NotJson'],
    ['empty', '', undefined, 400, 'NotJson'],
    ['null', 'null', undefined, 400, 'Invalid'],
  ])('%s: Lifeboat refuses it, and nothing changes [TRG-1]', async (_what, body, type, status, code) => {
    const reply = await send(body, type);
    expect(reply.body).toMatchObject({ status, code });
    if (code === 'NotJson' && body !== '') expect(reply.body.detail).toContain('line 2, column');
    expect(await state()).toMatchObject({ jobs: [], writes: [] });
  });
});

const KEYS = ['grid/2', 'grid/1', 'other'].map((id) => ({
  id,
  secret: Buffer.from(`the secret of the key ${id} of this test`).toString('base64'),
}));
const signedAlert = (simulator: Simulator, key: number, id = 'a'): Promise<Response> => {
  const body = JSON.stringify(genericAlert({ id, firedAt: new Date().toISOString() }));
  return fetch(new URL('/api/v1/alerts/generic', simulator.host.url), {
    method: 'POST',
    body,
    headers: signedHeaders(body, KEYS[key] ?? { id: '', secret: '' }),
  });
};

describe('too many calls', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startLifeboat({
      clock: 'jumping',
      env: {
        LIFEBOAT_CALLS_BURST: '5',
        LIFEBOAT_CALLS_PER_SECOND: '0.5',
        LIFEBOAT_ALERT_KEYS: KEYS.map(({ id, secret }) => `${id}=${secret}`).join(','),
      },
    });
  });
  afterAll(() => simulator.stop());

  test('one busy caller hears when to return, and another gets through [TRG-1]', async () => {
    const lifeboat = new LifeboatClient(simulator);
    const calls = await Promise.all(
      Array.from({ length: 12 }, () => lifeboat.call<Problem>('/api/v1/vaults', { principal: 'reader' })),
    );
    const [taken, refused] = [200, 429].map((status) => calls.filter((call) => call.status === status));
    expect([taken?.length, (taken?.length ?? 0) + (refused?.length ?? 0)]).toEqual([5, 12]);
    for (const { headers, body } of refused ?? []) {
      expect(body).toMatchObject({ code: 'TooManyRequests' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect((await lifeboat.call('/api/v1/vaults', { principal: 'operator' })).status).toBe(200);
    expect((await fetch(new URL('/api/v1/health', simulator.host.url))).status).toBe(200);
    // Lifeboat refused it before any check, so the same command works later.
    const command = { operation: 'failover', vms: [`vm-${'a'.repeat(26)}`] };
    const reply = await lifeboat.send<Problem>(command, 'late', { principal: 'reader' });
    expect(reply.body).toMatchObject({ status: 429 });
    await new Promise((resolve) =>
      setTimeout(resolve, Number(reply.headers.get('retry-after')) * 1000 + 100),
    );
    expect((await lifeboat.send<Problem>(command, 'late', { principal: 'reader' })).body).toMatchObject({
      status: 403,
      code: 'RoleMissing',
    });
  });

  test('the keys of one sender share a limit, and another sender gets through [TRG-4]', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => signedAlert(simulator, i % 2, `storm-${i}`)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 202).length + refused.length).toBe(12);
    expect(refused.length).toBeGreaterThanOrEqual(5);
    for (const answer of refused) {
      expect(await answer.json()).toMatchObject({ code: 'TooManyRequests' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    const types = (
      await openDatabase(simulator)
        .container('alerts')
        .items.query<{ type: string }>('SELECT c.type FROM c')
        .fetchAll()
    ).resources.map(({ type }) => type);
    expect([
      types.filter((type) => type === 'nonce').length,
      types.filter((type) => type === 'alert').length,
    ]).toEqual([12 - refused.length, 12 - refused.length]);
    expect((await signedAlert(simulator, 2)).status).toBe(202);
  });
});

describe('wrong settings', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startLifeboat({
      clock: 'jumping',
      env: { LIFEBOAT_CALLS_BURST: '0.5', LIFEBOAT_VAULTS: '', LIFEBOAT_CALLBACKS: 'user:secret-word@host' },
    });
  });
  afterAll(() => simulator.stop());

  test('every route and the log name each wrong setting', async () => {
    const lifeboat = new LifeboatClient(simulator);
    const wrong =
      /LIFEBOAT_VAULTS is not set; LIFEBOAT_CALLBACKS: entry 1 .*; LIFEBOAT_CALLS_BURST: must be from 1 to 1000000/;
    const detail = expect.stringMatching(wrong) as string;
    for (const path of ['/api/v1/vaults', '/api/v1/ready', '/api/v1/health']) {
      const reply = await lifeboat.call<Problem>(path, { principal: 'reader' });
      expect(reply).toMatchObject({ status: 503, body: { code: 'SettingsInvalid', detail } });
      expect(reply.headers.has('retry-after')).toBe(false);
    }
    expect(
      await lifeboat.send<Problem>({ operation: 'failover', vms: [`vm-${'a'.repeat(26)}`] }),
    ).toMatchObject({ status: 503, body: { code: 'SettingsInvalid' } });
    expect(await (await signedAlert(simulator, 0)).json()).toMatchObject({
      status: 503,
      code: 'SettingsInvalid',
    });
    const log = readFileSync(join(simulator.data, 'host.log'), 'utf8');
    const started = log.slice(0, log.indexOf('503 SettingsInvalid'));
    expect(started).toMatch(wrong);
    expect(log.slice(started.length)).toMatch(wrong);
    expect(log).not.toMatch(/secret-word/);
  });
});
