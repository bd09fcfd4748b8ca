import { join } from 'node:path';
import { Connection } from '../connection.ts';
import { HOST_KEY_HEADERS, HOST_KEY_QUERY } from '../../host/http/host-key.ts';
import { HostProcess, dataFolder } from './host-process.ts';

const dataDir = dataFolder();
let host: HostProcess;
beforeAll(async () => {
  host = await HostProcess.start({
    app: 'http',
    dataDir,
    environment: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' },
  });
});
afterAll(async () => {
  await host.stop();
});

interface Shown {
  readonly name: string;
  readonly params: Record<string, string>;
  readonly query: Record<string, string>;
  readonly body: string;
  readonly url: string;
  readonly token: string | null;
  readonly traceParent: string;
}

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const show = async (path: string, init?: RequestInit) => (await (await call(path, init)).json()) as Shown;

describe('routes', () => {
  test.each([
    ['GET', '/v1/things', 'list', {}],
    ['POST', '/v1/things', 'add', {}],
    ['GET', '/v1/Things/', 'list', {}],
    // The first name wins: "exact" and "numbered" come before "one", and "special" after it.
    ['GET', '/v1/things/exact', 'exact', {}],
    ['GET', '/v1/things/special', 'one', { id: 'special' }],
    ['GET', '/v1/things/17', 'numbered', { id: '17' }],
    ['GET', '/v1/things/a%2Fb%20c', 'one', { id: 'a%2Fb c' }],
    ['GET', '/v1/things/%E0%A4%A', 'one', { id: '%E0%A4%A' }],
    ['DELETE', '/v1/things/17', 'one', { id: '17' }],
    ['GET', '/v1/codes/abc', 'three', { code: 'abc' }],
    ['GET', '/v1/codes/42', 'upToFifty', { code: '42' }],
    ['GET', '/v1/codes/x-1234', 'dashed', { code: 'x-1234' }],
    ['GET', '/v1/codes/20.5', 'decimal', { code: '20.5' }],
    ['GET', '/v1/codes/2030-01-01T00:00', 'time', { code: '2030-01-01T00:00' }],
    ['GET', '/v1/pages', 'optional', {}],
    ['GET', '/v1/pages/3', 'optional', { number: '3' }],
    ['GET', '/v1/files/a/b/c.txt', 'files', { path: 'a/b/c.txt' }],
    ['GET', '/v1/rest//a/', 'zRest', { path: '/a' }],
    ['OPTIONS', '/v1/rest', 'zRest', { path: '' }],
    ['POST', '/v1/unnamed', 'unnamed', {}],
  ])('%s %s is answered by "%s"', async (method, path, name, params) => {
    expect(await show(path, { method })).toMatchObject({ name, params });
  });

  test.each([
    ['GET', '/v1/nowhere'],
    ['GET', '/things'],
    ['GET', '/v1/things/a/b'],
    ['GET', '//v1/things'],
    ['GET', '/v1//things'],
    ['GET', '/v1/things//'],
    ['PUT', '/v1/things'],
    ['HEAD', '/v1/things'],
    ['OPTIONS', '/v1/things'],
    ['GET', '/v1/codes/51'],
    ['GET', '/v1/codes/abcd'],
    ['GET', '/durabletask/nothing'],
  ])('%s %s answers 404 without a body, as in Azure', async (method, path) => {
    const answer = await call(path, { method });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([404, null, '']);
  });

  test('a function that takes HEAD answers without a body', async () => {
    const answer = await call('/v1/things/exact', { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  test('the address / shows a page, unless a setting turns it off', async () => {
    const answer = await call('/');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
    const other = await HostProcess.start({
      app: 'http',
      dataDir: join(dataDir, 'page'),
      environment: { AzureWebJobsDisableHomepage: 'true' },
    });
    expect((await fetch(other.url)).status).toBe(204);
    await other.stop();
  });
});

describe('requests', () => {
  test('reach the function complete', async () => {
    const shown = await show('/v1/things/5?id=6&x=1', { headers: { 'x-token': 'T' } });
    expect(shown.params).not.toHaveProperty('x');
    expect(shown).toMatchObject({
      name: 'numbered',
      params: { id: '5' },
      query: { id: '6', x: '1' },
      token: 'T',
      url: `${host.url}/v1/things/5?id=6&x=1`,
    });
  });

  test('have a trace, which continues the trace of the caller', async () => {
    const trace = 'a'.repeat(32);
    const { traceParent } = await show('/v1/things', {
      headers: { traceparent: `00-${trace}-${'b'.repeat(16)}-01` },
    });
    expect(traceParent).toMatch(new RegExp(`^00-${trace}-(?!b{16})[\\da-f]{16}-01$`));
    const other = await show('/v1/things', { headers: { traceparent: 'nonsense' } });
    expect(other.traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  test('keep their bodies', async () => {
    expect((await show('/v1/things', { method: 'POST', body: '{"a":"ä"}' })).body).toBe('{"a":"ä"}');
  });
});

describe('limits, as in Azure', () => {
  const post = { method: 'POST', path: '/v1/things' };
  const withHeader = (length: number) => ({ path: '/v1/things', headers: { 'x-long': 'x'.repeat(length) } });
  const withHeaders = (count: number) => ({
    path: '/v1/things',
    headers: Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, 'x'])),
  });

  test.each([false, true])(
    'an oversized body answers 500 without text, and the connection still works (chunked: %s)',
    async (chunked) => {
      const connection = new Connection(host.url);
      expect((await connection.send({ ...post, body: 'x'.repeat(1000), chunked })).status).toBe(200);
      expect(await connection.send({ ...post, body: 'x'.repeat(300_000), chunked })).toEqual({
        status: 500,
        text: '',
      });
      expect((await connection.send({ path: '/v1/things' })).status).toBe(200);
      connection.close();
    },
  );

  test('an address of more than 8 KB answers 414', async () => {
    expect((await call(`/v1/things?x=${'x'.repeat(8_000)}`)).status).toBe(200);
    expect((await call(`/v1/things?x=${'x'.repeat(8_192)}`)).status).toBe(414);
  });

  test('more than 32 KB or a hundred headers answer 431', async () => {
    const connection = new Connection(host.url);
    for (const [sent, status] of [
      [withHeader(17_000), 200],
      [withHeader(40_000), 431],
      [withHeaders(90), 200],
      [withHeaders(110), 431],
      [withHeader(1), 200],
    ] as const) {
      expect((await connection.send(sent)).status).toBe(status);
    }
    connection.close();
  });

  test('a disconnected caller is no error of the host', async () => {
    const connection = new Connection(host.url);
    await connection.sendPartAndClose(post, 10);
    await connection.sendPartAndClose(post, 100);
    expect((await connection.send({ path: '/v1/things' })).status).toBe(200);
    connection.close();
    expect(host.errors.filter((line) => line.includes('POST /v1/things failed'))).toEqual([]);
  });
});

describe('answers', () => {
  test('carry status, headers, cookies and bytes', async () => {
    const answer = await call('/v1/cookies');
    expect([answer.status, answer.headers.get('x-answer')]).toEqual([201, '42']);
    expect(answer.headers.get('server')).toBe('Kestrel');
    expect(answer.headers.getSetCookie()).toEqual([
      'a=1; Max-Age=60; HttpOnly; SameSite=Strict',
      'b=2; Path=/',
    ]);
    expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 255]);
  });

  test('of a function without a result are 204', async () => {
    expect((await call('/v1/nothing')).status).toBe(204);
  });

  test('of a failed function are 500 without text, and the log has the error in one line', async () => {
    const answer = await call('/v1/broken');
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    const [line] = await host.waitFor(
      () => Promise.resolve(host.errors.filter((one) => one.includes('the secret of the house'))),
      (lines) => lines.length > 0,
    );
    expect(line).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z error \[broken\] Failed: Error: the secret of the house\\n +at /,
    );
    expect((await call('/v1/odd')).status).toBe(500);
  });
});

describe('the app', () => {
  test('reads its settings from the environment, and logs in single lines', async () => {
    expect(await (await call('/v1/talkative')).text()).toBe('from the file');
    const lines = await host.waitFor(
      () => Promise.resolve(host.errors.map((line) => line.slice(25))),
      (all) => all.includes('information [app] printed'),
    );
    expect(lines).toContain('warning [talkative] line one\\nline two');
  });

  test('can hook into invocations', async () => {
    expect(await (await call('/v1/hooked')).text()).toBe('from the hook');
    expect(await (await call('/v1/mended')).text()).toBe('mended');
  });

  test('can share data between the hooks of one invocation', async () => {
    expect(await (await call('/v1/sharing')).text()).toBe('seen 1');
  });

  test('can hook into its log, and a failing hook loses no line', async () => {
    await call('/v1/lines');
    const lines = await host.waitFor(
      () =>
        Promise.resolve(host.errors.map((line) => line.slice(25)).filter((line) => line.includes('[lines]'))),
      (all) => all.length >= 4,
    );
    expect(lines).toEqual([
      'debug [lines] too loud',
      'error [lines] A log hook failed: no hook today',
      'warning [lines] the hook fails, the line stays',
      'warning [lines] *** of user in lines',
    ]);
  });

  test('gets one warning for each setting without effect', () => {
    const lines = host.errors.map((line) => line.slice(25));
    expect(lines).toContain(
      'warning [host] host.json: "extensions.serviceBus.prefetchCount" has no effect on this host.',
    );
    expect(lines).toContain(
      'warning [host] Function "hopeful": "retry" has no effect on a httpTrigger, as in Azure.',
    );
  });

  test('prefers the environment to local.settings.json, and runs both app hooks', async () => {
    const other = await HostProcess.start({
      app: 'http',
      dataDir: join(dataDir, 'other'),
      environment: { SETTING: 'from outside' },
    });
    expect(await (await fetch(`${other.url}/v1/talkative`)).text()).toBe('from outside');
    expect(await other.stop()).toBe(0);
    const lines = other.errors.map((line) => line.slice(25));
    expect(lines).toContain('information [app] appStart hook');
    expect(lines.at(-1)).toBe('information [app] appTerminate hook, left with this');
  });
});

describe('a function that exceeds the time limit of host.json', () => {
  test('has failed', async () => {
    expect((await call('/v1/endless')).status).toBe(500);
    await host.waitFor(
      () => Promise.resolve(host.errors),
      (lines) =>
        lines.some((line) =>
          line.includes(
            'error [endless] Failed: Error: Timeout value of 0.3 s exceeded by function endless.',
          ),
        ),
    );
  });

  test('has no effect when it ends later', async () => {
    expect((await call('/v1/late')).status).toBe(500);
    await host.waitFor(
      () => Promise.resolve(host.errors),
      (lines) => lines.some((line) => line.endsWith('information [late] late, but done')),
    );
    expect((await call('/v1/nothing')).status).toBe(204);
  });
});

test('an HTTP function runs once, whatever its retry policy', async () => {
  expect((await call('/v1/hopeful')).status).toBe(500);
  expect(host.errors.filter((line) => line.endsWith('[hopeful] hoped'))).toHaveLength(1);
});

describe('the administrator', () => {
  test('sees the running host', async () => {
    const answer = await call('/admin/host/status', { headers: HOST_KEY_HEADERS });
    expect(await answer.json()).toMatchObject({ state: 'Running' });
    expect((await call('/admin/host/ping', { method: 'POST' })).status).toBe(200);
  });

  test.each(['/admin/host/status', '/admin/functions/list', '/runtime/webhooks/durabletask/instances'])(
    'needs a key, as do the durable webhooks: %s',
    async (path) => {
      expect((await call(path)).status).toBe(401);
      expect((await call(path, { headers: { 'x-functions-key': 'wrong' } })).status).toBe(401);
      expect((await call(`${path}?${HOST_KEY_QUERY}`)).status).not.toBe(401);
    },
  );

  test('sees no endpoints of the durable client at the public port', async () => {
    expect((await call('/durabletask/instances')).status).toBe(404);
    expect((await fetch(`${host.rpcUrl}/durabletask/instances/`)).status).toBe(200);
    expect((await fetch(`${host.rpcUrl}/v1/things`)).status).toBe(404);
  });
});
