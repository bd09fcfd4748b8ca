import { join } from 'node:path';
import { HostProcess, dataFolder } from './host-process.ts';

const folder = dataFolder();
let host: HostProcess;
beforeAll(async () => {
  host = await HostProcess.start({ app: 'streaming', dataDir: join(folder, 'data') });
});
afterAll(async () => {
  await host.stop();
});

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);
const next = () => call('next', { method: 'POST' });

async function* parts(response: Response): AsyncGenerator<string> {
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>)
    yield Buffer.from(part).toString();
}

test('a request reaches its function complete', async () => {
  const trace = 'a'.repeat(32);
  const answer = await call('things/a%2Fb?x=1&id=2', {
    method: 'POST',
    headers: { 'x-token': 'T', traceparent: `00-${trace}-${'b'.repeat(16)}-01` },
    body: '{"a":"ä"}',
  });
  expect(await answer.json()).toEqual({
    method: 'POST',
    url: `${host.url}/api/things/a%2Fb?x=1&id=2`,
    // Only with streaming does Azure add the query to the parameters. The route wins.
    params: { id: 'a%2Fb', x: '1' },
    query: { x: '1', id: '2' },
    token: 'T',
    traceParent: expect.stringMatching(new RegExp(`^00-${trace}-[\\da-f]{16}-01$`)) as string,
    body: '{"a":"ä"}',
  });
  expect(await (await call('things/5')).json()).toMatchObject({ method: 'GET', params: { id: '5' } });
  expect(await (await call('things/6', { method: 'DELETE', body: 'why' })).json()).toMatchObject({
    method: 'DELETE',
    body: 'why',
  });
});

test('an answer keeps its status, headers, cookies and bytes', async () => {
  const answer = await call('cookies');
  expect([answer.status, answer.headers.get('x-answer'), answer.headers.getSetCookie()]).toEqual([
    201,
    '42',
    ['a=1', 'b=2'],
  ]);
  expect(answer.headers.get('x-ms-invocation-id')).toMatch(/^[\da-f-]{36}$/);
  expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 255]);
});

test.each([
  ['broken', 'It failed. Error: no luck'],
  ['nothing', 'It returned no response.'],
])('a function without a response gives its caller none, as in Azure: %s', async (name, reason) => {
  await expect(call(name)).rejects.toThrow('fetch failed');
  await host.waitFor(
    () => Promise.resolve(host.errors.join('\n')),
    (log) => log.includes(`error [${name}] No response. In Azure the caller waits for 240 s. ${reason}`),
  );
  expect((await call('things/1')).status).toBe(200);
});

test('the caller receives each part as soon as the function sends it', async () => {
  const feed = parts(await call('feed?parts=2'));
  expect(await feed.next()).toMatchObject({ value: 'data: 1\n\n' });
  await next();
  expect(await feed.next()).toMatchObject({ value: 'data: 2\n\n' });
  await next();
  expect(await feed.next()).toMatchObject({ done: true });
});

test('a function that fails in the middle of its answer closes the connection', async () => {
  const feed = parts(await call('feed?parts=1&fails'));
  expect(await feed.next()).toMatchObject({ value: 'data: 1\n\n' });
  await next();
  await expect(feed.next()).rejects.toThrow('terminated');
});

test('a host stops while a caller listens', async () => {
  const other = await HostProcess.start({ app: 'streaming', dataDir: join(folder, 'other') });
  const listening = await fetch(`${other.url}/api/feed?parts=2`);
  expect(await other.stop()).toBe(0);
  await expect(listening.text()).rejects.toThrow('terminated');
});
