// A call over real sockets to an address that another person chose.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { loadTls } from '../../../simulator/wire/tls.ts';
import { parseAllowedAddress, type AllowedAddress } from '../../../shared/core/allowedAddresses.ts';
import { postEvent, type PostRules } from '../../../shared/delivery/postEvent.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server)
      (server as unknown as { closeAllConnections(): void }).closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Seen {
  readonly host: string | undefined;
  readonly url: string | undefined;
  readonly method: string | undefined;
  readonly body: string;
}

async function http(answer: (response: ServerResponse) => void): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ host: request.headers.host, url: request.url, method: request.method, body });
    answer(response);
  };
  return { port: await listen(createServer((request, response) => void take(request, response))), seen };
}

const allowed = (...texts: string[]): AllowedAddress[] =>
  texts.flatMap((text) => parseAllowedAddress(text) ?? []);
const call = (url: string, rules: Partial<PostRules>) =>
  postEvent(
    { url, headers: { 'content-type': 'application/json' }, body: '{"ü":1}' },
    { allowed: [], timeoutSeconds: 0.3, ...rules },
  );
const resolvesTo =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses);

test('a 2xx means that the whole event arrived [TRG-5]', async () => {
  const { port, seen } = await http((response) => response.writeHead(202).end('x'.repeat(1_000_000)));
  expect(
    await call(`http://127.0.0.1:${port}/a?b=1`, { allowed: allowed(`http://127.0.0.1:${port} private`) }),
  ).toEqual({ delivered: true });
  expect(seen).toEqual([{ host: `127.0.0.1:${port}`, url: '/a?b=1', method: 'POST', body: '{"ü":1}' }]);
});

test('the app never connects to an address outside the list, or to an undeclared private one [TRG-5]', async () => {
  const { port, seen } = await http((response) => response.end());
  const local = `http://127.0.0.1:${port}`;
  expect(await call(local, {})).toMatchObject({
    delivered: false,
    reason: expect.stringContaining('not on the list') as string,
  });
  expect(await call(local, { allowed: allowed(local) })).toMatchObject({
    delivered: false,
    reason: expect.stringContaining('private address 127.0.0.1') as string,
  });
  const named = { allowed: allowed(`http://hooks.test:${port}`) };
  expect(
    await call(`http://hooks.test:${port}`, { ...named, resolve: resolvesTo('127.0.0.1') }),
  ).toMatchObject({ delivered: false });
  // One public address beside a private one does not make the name acceptable.
  expect(
    await call(`http://hooks.test:${port}`, { ...named, resolve: resolvesTo('8.8.8.8', '127.0.0.1') }),
  ).toMatchObject({ delivered: false, reason: expect.stringContaining('127.0.0.1') as string });
  expect(await call(`http://hooks.test:${port}`, { ...named, resolve: resolvesTo() })).toMatchObject({
    delivered: false,
    reason: expect.stringContaining('no address') as string,
  });
  expect(seen).toEqual([]);
});

test('the app resolves the name once, and uses the checked address [TRG-5]', async () => {
  const { port, seen } = await http((response) => response.end());
  let asked = 0;
  // The name resolves to another machine the second time.
  const resolve = () => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '127.0.0.2']);
  expect(
    await call(`http://hooks.test:${port}/x`, {
      allowed: allowed(`http://hooks.test:${port} private`),
      resolve,
    }),
  ).toEqual({ delivered: true });
  expect(asked).toBe(1);
  expect(seen).toEqual([expect.objectContaining({ host: `hooks.test:${port}`, url: '/x' })]);
});

test('over TLS the certificate must match the name, whatever the checked address [TRG-5]', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-post-'));
  try {
    const { caFile, ...tls } = await loadTls(folder);
    setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(caFile, 'utf8')]);
    const bodies: string[] = [];
    const port = await listen(
      createSecureServer(tls, (request, response) => {
        request.on('data', (chunk) => bodies.push(String(chunk))).on('end', () => response.end());
      }),
    );
    const resolve = resolvesTo('127.0.0.1');
    expect(
      await call(`https://localhost:${port}/`, { allowed: allowed(`localhost:${port} private`), resolve }),
    ).toEqual({ delivered: true });
    expect(
      await call(`https://hooks.test:${port}/`, { allowed: allowed(`hooks.test:${port} private`), resolve }),
    ).toMatchObject({ delivered: false, reason: expect.stringContaining('altnames') as string });
    expect(bodies).toEqual(['{"ü":1}']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a sender that stood still past its lease sends no byte [TRG-5]', async () => {
  const { port, seen } = await http((response) => response.end());
  const rules = { allowed: allowed(`http://hooks.test:${port} private`) };
  const notAfter = Date.now() + 20;
  const resolve = async () => {
    while (Date.now() <= notAfter) await new Promise((resolved) => setTimeout(resolved, 5));
    return ['127.0.0.1'];
  };
  expect(await call(`http://hooks.test:${port}/`, { ...rules, resolve, notAfter })).toMatchObject({
    delivered: false,
    reason: expect.stringContaining('had stopped') as string,
  });
  expect(seen).toEqual([]);
  expect(
    await call(`http://hooks.test:${port}/`, { ...rules, resolve, notAfter: Date.now() + 10_000 }),
  ).toEqual({ delivered: true });
});

test('the app follows no redirect [TRG-5]', async () => {
  const elsewhere = await http((response) => response.end());
  const { port, seen } = await http((response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/` }).end(),
  );
  const delivery = await call(`http://127.0.0.1:${port}/`, {
    allowed: allowed(`http://127.0.0.1:${port} private`, `http://127.0.0.1:${elsewhere.port} private`),
  });
  expect(delivery).toEqual({
    delivered: false,
    reason: 'It answered 307; Lifeboat follows no redirect.',
    retryAfterSeconds: null,
  });
  expect({ here: seen.length, there: elsewhere.seen.length }).toEqual({ here: 1, there: 0 });
});

test('the result contains the wait that the receiver requests [TRG-5]', async () => {
  const { port } = await http((response) => response.writeHead(429, { 'retry-after': '120' }).end());
  expect(
    await call(`http://127.0.0.1:${port}/`, { allowed: allowed(`http://127.0.0.1:${port} private`) }),
  ).toEqual({ delivered: false, reason: 'It answered 429.', retryAfterSeconds: 120 });
});

test.each<[string, () => Promise<number>, string]>([
  ['accepts the call and never answers', async () => (await http(() => undefined)).port, 'no answer in time'],
  [
    'accepts the connection and sends nothing',
    () => listen(createPlainServer(() => undefined)),
    'no answer in time',
  ],
  ['hangs up', () => listen(createPlainServer((socket) => socket.destroy())), ''],
  ['uses another protocol', () => listen(createPlainServer((socket) => socket.end('hello\r\n\r\n'))), ''],
])('a receiver that %s did not get the event [TRG-5]', async (_what, start, why) => {
  const port = await start();
  expect(
    await call(`http://127.0.0.1:${port}/`, { allowed: allowed(`http://127.0.0.1:${port} private`) }),
  ).toMatchObject({ delivered: false, reason: expect.stringContaining(why) as string });
});

test('the app gives up a name that never resolves in time [TRG-5]', async () => {
  expect(
    await call('http://hooks.test/', {
      allowed: allowed('http://hooks.test'),
      resolve: () => new Promise(() => undefined),
    }),
  ).toMatchObject({ delivered: false, reason: expect.stringContaining('lookup took too long') as string });
});
