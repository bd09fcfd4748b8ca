// An app that asks for HTTP streaming gets its requests at a server of its own, and its answers leave piece by piece.
import { join } from 'node:path';
import { HostProcess, dataFolder } from './host-process.ts';

const folder = dataFolder();
let host: HostProcess;
beforeAll(async () => { host = await HostProcess.start({ app: 'streaming', dataDir: folder }); });
afterAll(async () => { await host.stop(); });

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);

test('a request reaches its function whole', async () => {
  const shown = await (await call('things/a%2Fb?x=1&id=2', { method: 'POST', headers: { 'x-token': 'T' }, body: '{"a":"ä"}' })).json();
  expect(shown).toEqual({ method: 'POST', url: `${host.url}/api/things/a%2Fb?x=1&id=2`, params: { id: 'a/b', x: '1' }, query: { x: '1', id: '2' }, token: 'T', body: '{"a":"ä"}' });
  expect(await (await call('things/5')).json()).toMatchObject({ method: 'GET', params: { id: '5' }, body: '' });
  expect(await (await call('things/6', { method: 'DELETE', body: 'why' })).json()).toMatchObject({ method: 'DELETE', body: 'why' });
});

test('an answer keeps its status, headers, cookies and bytes; nothing is 204', async () => {
  const answer = await call('cookies');
  expect([answer.status, answer.headers.get('x-answer'), answer.headers.getSetCookie()]).toEqual([201, '42', ['a=1', 'b=2']]);
  expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([1, 2, 255]);
  expect((await call('nothing')).status).toBe(204);
});

test('a function that fails: 500 and not a word; one that is not there: 404', async () => {
  const answer = await call('broken');
  expect([answer.status, await answer.text()]).toEqual([500, '']);
  expect((await call('nowhere')).status).toBe(404);
});

test('what a function says piece by piece is heard piece by piece', async () => {
  const answer = await call('feed?most=4');
  const heard: { readonly text: string; readonly at: number }[] = [];
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>) heard.push({ text: Buffer.from(piece).toString(), at: performance.now() });
  expect(heard.map(({ text }) => text).join('')).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n');
  expect(heard.length).toBeGreaterThan(1);
  expect((heard.at(-1)?.at ?? 0) - (heard[0]?.at ?? 0)).toBeGreaterThan(150);
});

test('whoever stops listening harms nobody, and the host stops while others listen', async () => {
  const gone = new AbortController();
  await call('feed?most=1000', { signal: gone.signal });
  gone.abort();
  expect((await call('things/1')).status).toBe(200);
  const other = await HostProcess.start({ app: 'streaming', dataDir: join(folder, 'other') });
  const listening = await fetch(`${other.url}/api/feed?most=100000`);
  expect(await other.stop()).toBe(0);
  await expect(listening.text()).rejects.toThrow();
});
