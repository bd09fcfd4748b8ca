// Refusals: each has a code and a helpful message, and changes nothing.
import { randomUUID } from 'node:crypto';
import type { Problem, Replication, Reply } from '../support/lifeboat-client.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
let web: Replication;
/** The only VM with a job. */
let locked: Replication;

beforeAll(async () => {
  environment = await startTestEnvironment(2);
  const [first, second] = environment.vms;
  if (!first || !second) throw new Error('No VM.');
  [web, locked] = [first, second];
});
afterAll(() => environment.simulator.stop());

const writesOf = async (vm: Replication) =>
  (await environment.simulator.siteRecovery.writes()).filter(({ itemName }) => itemName === vm.name);

/** Lifeboat refuses, and makes no write to Azure and no change in the registry. */
async function refused(reply: Promise<Reply<Problem>>, status: number, code: string): Promise<Problem> {
  const { body, headers, ...answer } = await reply;
  expect({ status: answer.status, code: body.code }).toEqual({ status, code });
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body.detail.length).toBeGreaterThan(20);
  expect(JSON.stringify(body)).not.toMatch(/\bat .*\.(mjs|ts|js)\b|node_modules|eyJ/);
  expect(await writesOf(web)).toEqual([]);
  expect((await environment.lifeboat.listReplications()).find(({ id }) => id === web.id)?.state).toBe(
    'protected',
  );
  return body;
}

const send = (command: unknown, options: { readonly principal?: string } = {}) =>
  environment.lifeboat.send<Problem>(command, randomUUID(), options);
const failover = (vm = web) => ({ operation: 'failover', vms: [vm.id] });

describe('a command', () => {
  test.each([
    ['no JSON', '{"operation":', 'NotJson'],
    ['no object', '[]', 'Invalid'],
    ['another operation', { operation: 'explode', vms: ['x'] }, 'Invalid'],
    ['no VM', { operation: 'failover', vms: [] }, 'Invalid'],
    ['a foreign id', { operation: 'failover', vms: ['/subscriptions/s/vm'] }, 'Invalid'],
    ['an unknown field', { operation: 'failover', vms: [`vm-${'a'.repeat(26)}`], force: true }, 'Invalid'],
    [
      'allowed checks under the old name of the field',
      { operation: 'prepareVault', target: { region: 'southeastasia' }, despite: ['PRE-2'] },
      'Invalid',
    ],
    [
      'an invalid storage account',
      { operation: 'reprotect', vms: [`vm-${'a'.repeat(26)}`], cacheStorageAccountId: 'cache' },
      'Invalid',
    ],
  ])('with %s [TRG-1]', (_what, command, code) => refused(send(command), 400, code));

  test('that names a VM twice, or an unknown VM [TRG-1]', async () => {
    await refused(send({ operation: 'failover', vms: [web.id, web.id] }), 400, 'Invalid');
    const unknown = `vm-${'a'.repeat(26)}`;
    expect(
      (await refused(send({ operation: 'failover', vms: [web.id, unknown] }), 422, 'VmUnknown')).detail,
    ).toContain(unknown);
  });

  test('without an idempotency key, or too large [TRG-1]', async () => {
    await refused(
      environment.lifeboat.call<Problem>('/api/v1/jobs', { method: 'POST', body: failover() }),
      400,
      'IdempotencyKeyMissing',
    );
    await refused(send({ ...failover(), reason: 'x'.repeat(1_000_001) }), 413, 'BodyTooLarge');
  });

  test.each(['commit', 'reprotect', 'failback'])(
    // Also covers [OP-5].
    '%s of a protected VM: the refusal names the allowed operations [OP-2] [OP-3] [OP-4]',
    async (operation) => {
      const { detail } = await refused(send({ operation, vms: [web.id] }), 409, 'OperationNotAllowed');
      expect(detail).toContain(`${web.name} is protected and allows testFailover, failover`);
    },
  );
});

describe('a caller', () => {
  test('without a token, or with an invalid one [RBAC-1]', async () => {
    const { simulator } = environment;
    const answer = await fetch(new URL('/api/v1/jobs/x', simulator.host.url));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    await refused(
      environment.lifeboat.call<Problem>('/api/v1/jobs', {
        method: 'POST',
        body: failover(),
        idempotencyKey: randomUUID(),
        token: 'not-a-token',
      }),
      401,
      'TokenRefused',
    );
  });

  test('with too small a role: a Reader reads and starts nothing, a stranger does neither [RBAC-1]', async () => {
    await refused(send(failover(), { principal: 'reader' }), 403, 'RoleMissing');
    await refused(send(failover(), { principal: 'stranger' }), 403, 'RoleMissing');
    expect((await environment.lifeboat.call('/api/v1/replications', { principal: 'reader' })).status).toBe(
      200,
    );
    expect((await environment.lifeboat.call('/api/v1/replications', { principal: 'stranger' })).status).toBe(
      403,
    );
  });
});

test('an unknown job gives a 404 with a reason', () =>
  refused(environment.lifeboat.call<Problem>('/api/v1/jobs/job-x'), 404, 'JobUnknown'));

describe('an address', () => {
  const NO_TOKEN = { token: 'none' };
  const call = (method: string, path: string) =>
    fetch(new URL(path, environment.simulator.host.url), { method });

  test.each(['/api', '/api/', '/api/v2/jobs', '/api/v1/jobs/x/y', '/api/v1/jobs//log', '/api/v1%2F'])(
    'that no route has is refused: %s [TRG-1]',
    async (path) => {
      const { detail } = await refused(
        environment.lifeboat.call<Problem>(path, { method: 'POST', body: {}, ...NO_TOKEN }),
        404,
        'AddressUnknown',
      );
      expect(detail).toContain(`There is no address ${path}. Nothing was done.`);
    },
  );

  test.each([
    ['PUT', '/api/v1/jobs', 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', '/api/V1/jobs/', 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/api/v1/jobs/x/log', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/api/v1/plans/p/schedules/s', 'DELETE, GET, HEAD, OPTIONS, PUT'],
    ['GET', '/api/v1/alerts/generic', 'OPTIONS, POST'],
  ])('refuses %s at %s, and names its methods [TRG-1]', async (method, path, methods) => {
    const reply = environment.lifeboat.call<Problem>(path, { method, ...NO_TOKEN });
    expect((await refused(reply, 405, 'MethodNotAllowed')).detail).toContain(`Possible: ${methods}.`);
    expect((await reply).headers.get('allow')).toBe(methods);
    const options = await call('OPTIONS', path);
    expect([options.status, options.headers.get('allow')]).toEqual([204, methods]);
  });

  test('that answers GET answers HEAD without a body, by the same rules [TRG-1]', async () => {
    for (const [path, status] of [
      ['/api/v1/health', 200],
      ['/api/v1/jobs', 401],
      ['/api/v1/nowhere', 404],
      ['/api/v1/alerts/generic', 405],
    ] as const) {
      const answer = await call('HEAD', path);
      expect([path, answer.status, await answer.text()]).toEqual([path, status, '']);
    }
  });
});

test('an unreachable store gives a 503 that the caller may repeat, and nothing starts', async () => {
  const { acted } = await withFault(
    environment.simulator,
    {
      point: 'received',
      service: 'cosmos',
      do: { kind: 'status', status: 403, body: { code: 'Forbidden', message: 'no' } },
    },
    () =>
      environment.lifeboat
        .send<Problem>(failover())
        .then(({ status, body }) =>
          expect({ status, code: body.code }).toEqual({ status: 503, code: 'Unavailable' }),
        ),
  );
  expect(acted).toBeGreaterThan(0);
  expect(await writesOf(web)).toEqual([]);
});

test('Lifeboat refuses a second operation on a locked VM, and a reused key [OP-7] [TRG-1]', async () => {
  const { lifeboat } = environment;
  const key = randomUUID();
  const { result } = await withFault(
    environment.simulator,
    { point: 'operation', times: 1, do: { kind: 'stick' } },
    async () => {
      const first = await lifeboat.send(failover(locked), key);
      expect(first.status).toBe(202);
      await lifeboat.waitFor(
        async () => ((await lifeboat.readJob(first.body.id)).steps[0]?.siteRecoveryJob ? true : undefined),
        'an accepted write',
      );
      return first;
    },
  );
  const locking = await send(failover(locked));
  expect({ status: locking.status, code: locking.body.code }).toEqual({ status: 409, code: 'VmHeld' });
  expect(locking.body.detail).toContain(result.body.id);
  const reused = await lifeboat.send<Problem>({ ...failover(locked), ticket: 'INC-9' }, key);
  expect({ status: reused.status, code: reused.body.code }).toEqual({
    status: 409,
    code: 'IdempotencyKeyReused',
  });
  const same = await lifeboat.send(failover(locked), key);
  expect({ status: same.status, id: same.body.id }).toEqual({ status: 202, id: result.body.id });
  expect(await writesOf(locked)).toHaveLength(1);
});
