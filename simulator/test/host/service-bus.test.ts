import { readFileSync, writeFileSync } from 'node:fs';
import { HOST_KEY_HEADERS } from '../../host/http/host-key.ts';
import { join } from 'node:path';
import { HostProcess, dataFolder } from './host-process.ts';
import { TestBus } from './test-bus.ts';

const folder = dataFolder();
const file = join(folder, 'runs');
let bus: TestBus;
let host: HostProcess;
beforeAll(async () => {
  writeFileSync(file, '');
  bus = await TestBus.start(folder);
  host = await HostProcess.start({
    app: 'messages',
    dataDir: folder,
    environment: { RUNS_FILE: file, BUS: bus.connectionString },
  });
});
afterAll(async () => {
  await host.stop();
  await bus.stop();
});

type Note = Readonly<Record<string, unknown>>;

const lines = (): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean);
/** The number of lines before the current test. */
let before = 0;
beforeEach(() => {
  before = lines().length;
});
const notes = (name: string): Note[] =>
  lines()
    .slice(before)
    .map((line) => JSON.parse(line) as Note)
    .filter((note) => name in note);
const seen = async (name: string, accept: (all: Note[]) => boolean): Promise<Note[]> =>
  await host.waitFor(() => Promise.resolve(notes(name)), accept);
const post = async (path: string, body: unknown) =>
  await fetch(`${host.url}/api/${path}`, { method: 'POST', body: JSON.stringify(body) });

describe('a queue', () => {
  test('delivers a message with its metadata, and removes it after success', async () => {
    const sent = Date.now();
    await bus.send('orders', {
      body: { id: 'first' },
      messageId: 'm-1',
      correlationId: 'c',
      subject: 's',
      contentType: 'application/json',
      to: 't',
      replyTo: 'r',
      applicationProperties: { Color: 'red', size: 7 },
    });
    const [note] = await seen('orders', (all) => all.length > 0);
    await seen('ended', (all) => all.length > 0);
    const metadata = note?.metadata as Note;
    expect(note?.orders).toEqual({ id: 'first' });
    expect(metadata).toMatchObject({
      messageId: 'm-1',
      deliveryCount: 1,
      sequenceNumber: expect.any(Number) as number,
      correlationId: 'c',
      subject: 's',
      label: 's',
      contentType: 'application/json',
      to: 't',
      replyTo: 'r',
      lockToken: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      applicationProperties: { color: 'red', size: 7 },
      userProperties: { color: 'red', size: 7 },
    });
    expect(Math.abs(Date.parse(String(metadata.enqueuedTimeUtc)) - sent)).toBeLessThan(5_000);
    expect(Date.parse(String(metadata.expiresAtUtc))).toBeGreaterThan(sent);
    expect(metadata).not.toHaveProperty('sessionId');
    await host.waitFor(
      () => bus.count('orders'),
      (count) => count === 0,
    );
  });

  test('redelivers a message after a failure, counts, and dead-letters it at the limit', async () => {
    await bus.send('orders', { body: { id: 'bad', fail: true } });
    const [dead] = await bus.receive('orders', 1, 'deadLetter');
    expect(dead?.deadLetterReason).toBe('MaxDeliveryCountExceeded');
    const runs = notes('orders').filter(({ orders }) => (orders as Note).id === 'bad');
    expect(runs.map(({ metadata }) => (metadata as Note).deliveryCount)).toEqual([1, 2, 3]);
    expect(
      host.errors.filter((line) => line.includes('error [orders] Failed: Error: this order cannot be read')),
    ).toHaveLength(3);
  });

  test('delivers up to the limit of host.json in parallel, and renews the locks', async () => {
    await bus.send(
      'orders',
      ...Array.from({ length: 6 }, (_, index) => ({ body: { id: `slow-${index}`, milliseconds: 1_600 } })),
    );
    const isSlow = ({ ended }: Note) => String((ended as Note).id).startsWith('slow');
    await seen('ended', (all) => all.filter(isSlow).length >= 6);
    const runs = notes('orders').filter(({ orders }) => String((orders as Note).id).startsWith('slow'));
    expect(Math.max(...runs.map(({ working }) => Number(working)))).toBe(4);
    // The lock lasts one second: no message came a second time.
    expect(runs.map(({ metadata }) => (metadata as Note).deliveryCount)).toEqual([1, 1, 1, 1, 1, 1]);
    await host.waitFor(
      () => bus.count('orders'),
      (count) => count === 0,
    );
  });

  test('delivers texts as texts, JSON as values, and bytes on request', async () => {
    await bus.send('left', { body: Buffer.from('no { json') });
    await bus.send('bytes', { body: Buffer.from([1, 2, 255]) }, { body: Buffer.from('{}') });
    expect((await seen('bytes', (all) => all.length === 2)).map(({ bytes }) => bytes)).toEqual(
      expect.arrayContaining([
        [1, 2, 255],
        [123, 125],
      ]),
    );
    await seen('left', (all) => all.some(({ left }) => left === 'no { json'));
  });

  test('keeps a message that the function must not complete', async () => {
    await bus.send('left', { body: 'kept' });
    const kept = (all: Note[]) => all.filter(({ left }) => left === 'kept');
    const all = await seen('left', (now) => kept(now).length >= 2);
    expect(kept(all).map(({ count }) => count)).toEqual([1, 2]);
  });
});

test('a subscription delivers the messages of its topic', async () => {
  await bus.send('news', { body: 'hello', subject: 'greeting' });
  expect(await seen('news', (all) => all.length > 0)).toEqual([{ news: 'hello', subject: 'greeting' }]);
});

test('sessions run in order and in parallel, and retry a failed message before the next', async () => {
  const messages = ['one', 'fails once', 'three', 'four'];
  await bus.send(
    'sessions',
    ...['a', 'b', 'c'].flatMap((sessionId) => messages.map((body) => ({ body, sessionId }))),
  );
  const all = await seen('session', (runs) => runs.length >= 15);
  for (const session of ['a', 'b', 'c']) {
    const runs = all.filter((run) => run.session === session);
    expect(runs.map(({ message, deliveryCount }) => [message, deliveryCount])).toEqual([
      ['one', 1],
      ['fails once', 1],
      ['fails once', 2],
      ['three', 1],
      ['four', 1],
    ]);
    expect(runs.every(({ inSession }) => inSession === 1)).toBe(true);
  }
  expect(Math.max(...all.map(({ sessions }) => Number(sessions)))).toBe(2);
});

test('batches have a maximum size, run one after another, and come again whole after an error', async () => {
  await bus.send(
    'batches',
    ...Array.from({ length: 5 }, (_, index) => ({
      body: { index },
      messageId: `b-${index}`,
      applicationProperties: { index },
    })),
  );
  const batches = await seen('batch', (all) => all.flatMap(({ batch }) => batch).length >= 5);
  expect(Math.max(...batches.map(({ batch }) => (batch as []).length))).toBe(3);
  expect(batches.flatMap(({ batch }) => batch)).toEqual([0, 1, 2, 3, 4].map((index) => ({ index })));
  const [first = 0] = batches[0]?.numbers as number[];
  expect(batches[0]).toMatchObject({
    ids: ['b-0', 'b-1', 'b-2'],
    counts: [1, 1, 1],
    numbers: [first, first + 1, first + 2],
    properties: [{ index: 0 }, { index: 1 }, { index: 2 }],
  });

  await bus.send('batches', { body: 'fails once' }, { body: 'with it' });
  const both = (
    await seen(
      'batch',
      (all) => all.filter(({ batch }) => (batch as unknown[]).includes('with it')).length >= 2,
    )
  ).slice(batches.length);
  expect(both).toMatchObject([
    { batch: ['fails once', 'with it'], counts: [1, 1] },
    { batch: ['fails once', 'with it'], counts: [2, 2] },
  ]);
  await host.waitFor(
    () => bus.count('batches'),
    (count) => count === 0,
  );
});

test('batches of sessions hold messages of one session each', async () => {
  await bus.send(
    'session-batches',
    ...['x', 'y'].flatMap((sessionId) => [1, 2].map((body) => ({ body, sessionId }))),
  );
  const batches = await seen(
    'sessionBatch',
    (all) => all.flatMap(({ sessionBatch }) => sessionBatch).length >= 4,
  );
  expect(batches).toEqual(
    expect.arrayContaining([
      { sessionBatch: [1, 2], sessions: ['x', 'x'] },
      { sessionBatch: [1, 2], sessions: ['y', 'y'] },
    ]),
  );
});

describe('outputs', () => {
  const bodies = async (count: number) =>
    (await bus.receive('out', count)).map(({ body, contentType }) => [String(body), contentType]);

  test('of a function go to a queue and to a topic, and an array means several messages', async () => {
    expect(
      await (await post('send', { toQueue: ['text', { a: 1 }, 7], toTopic: { told: true } })).text(),
    ).toBe('sent');
    expect(await bodies(3)).toEqual([
      ['text', 'text/plain'],
      ['{"a":1}', 'application/json'],
      ['7', 'application/json'],
    ]);
    expect(await seen('news', (all) => all.length > 0)).toMatchObject([{ news: { told: true } }]);
  });

  test('are one message for bytes, and no message for nothing', async () => {
    await post('send', { bytes: [1, 2, 3] });
    const [message] = await bus.receive('out', 1);
    expect([...(message?.body as Buffer)]).toEqual([1, 2, 3]);
    await post('send', {});
    expect(await bus.count('out')).toBe(0);
  });

  test('larger than one message are sent in several', async () => {
    const large = Array.from({ length: 5 }, (_, index) => `${index}`.repeat(100_000));
    expect((await post('send', { toQueue: large })).status).toBe(200);
    expect((await bus.receive('out', 5)).map(({ body }) => String(body))).toEqual(large);
  });

  test('are not sent when the function fails', async () => {
    expect((await post('send', { toQueue: 'never', fail: true })).status).toBe(500);
    expect(await bus.count('out')).toBe(0);
  });

  test('fail the function when they cannot be sent', async () => {
    expect((await post('sendNowhere', {})).status).toBe(500);
    await bus.send('relay', { body: 'kept' });
    await bus.receive('relay', 1, 'deadLetter');
    expect(notes('relay').map(({ count }) => count)).toEqual([1, 2, 3]);
  });

  test("include the function's return value", async () => {
    await bus.send('doubled', { body: { n: 1 } });
    expect(await bodies(2)).toEqual([
      ['{"n":1}', 'application/json'],
      ['{"n":1}', 'application/json'],
    ]);
  });
});

test('the administrator runs a function with a text as its message', async () => {
  const run = async (name: string) =>
    (
      await fetch(`${host.url}/admin/functions/${name}`, {
        method: 'POST',
        headers: HOST_KEY_HEADERS,
        body: JSON.stringify({ input: '{"id":"by hand"}' }),
      })
    ).status;
  expect([await run('orders'), await run('batches')]).toEqual([202, 202]);
  await seen('orders', (all) => all.some(({ orders }) => (orders as Note).id === 'by hand'));
  await seen('batch', (all) => all.some(({ batch }) => (batch as Note[])[0]?.id === 'by hand'));
});
