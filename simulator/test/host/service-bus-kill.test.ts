import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startJumpingClockService, type ClockService } from './clock-service.ts';
import { HostProcess, dataFolder } from './host-process.ts';
import { Random } from './seeded-random.ts';
import { TestBus } from './test-bus.ts';

const folder = dataFolder();
const file = join(folder, 'runs');
let bus: TestBus;
let host: HostProcess;
let clock: ClockService | undefined;
let tests = 0;
beforeAll(async () => {
  bus = await TestBus.start(folder);
});
beforeEach(() => {
  writeFileSync(file, '');
  tests += 1;
});
afterEach(async () => {
  await host.stop('SIGKILL');
  await clock?.close();
  clock = undefined;
});
afterAll(async () => {
  await bus.stop();
});

const start = async (clockUrl?: string) => {
  host = await HostProcess.start({
    app: 'messages',
    dataDir: join(folder, `host-${tests}`),
    ...(clockUrl !== undefined && { clockUrl }),
    environment: { RUNS_FILE: file, BUS: bus.connectionString },
  });
};

type Note = Readonly<Record<string, unknown>>;
const notes = (name: string): Note[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Note)
    .filter((note) => name in note);

/** A kill before the completion would bring the message into the next test. */
const ordersCompleted = async () =>
  await host.waitFor(
    () => bus.count('orders'),
    (count) => count === 0,
  );

test('after kills at any time, each message and its orchestration complete', async () => {
  const MESSAGES = 40;
  const random = new Random(20_300_102);
  const ids = Array.from({ length: MESSAGES }, (_, index) => `walk-${index}`);
  await bus.send('starts', ...ids.map((id) => ({ body: { id } })));
  let kills = 0;
  await start();
  for (; kills < 6; kills++) {
    const before = notes('started').length;
    await host.waitFor(
      () => Promise.resolve(notes('started').length),
      (count) => count > before || count >= MESSAGES,
    );
    await sleep(random.below(60));
    await host.stop('SIGKILL');
    await start();
  }
  const ended = await Promise.all(
    ids.map(
      async (id) =>
        await host.waitFor(
          // An instance that does not exist yet has no status.
          () => host.readStatus(id).catch(() => undefined),
          (status) => status?.runtimeStatus === 'Completed',
        ),
    ),
  );
  expect(ended.map((status) => status?.output)).toEqual(ids.map((id) => `told ${id}`));
  await host.waitFor(
    () => bus.count('starts'),
    (count) => count === 0,
  );
  const told = new Set(
    (await bus.receive('results', await bus.count('results'))).map(
      ({ body }) => (JSON.parse(String(body)) as { id: string }).id,
    ),
  );
  expect([...told].toSorted()).toEqual(ids.toSorted());
  // Without an interrupted message, the test would prove nothing.
  expect(notes('started').some(({ count }) => Number(count) > 1)).toBe(true);
});

test('after a kill during a message, it comes again after its lock, and HTTP does not notice', async () => {
  await start();
  await bus.send('orders', { body: { id: 'interrupted', milliseconds: 600 } });
  await host.waitFor(
    () => Promise.resolve(notes('orders').length),
    (count) => count === 1,
  );
  await host.stop('SIGKILL');
  const killed = Date.now();
  await start();
  expect(await (await fetch(`${host.url}/api/alive`)).text()).toBe('yes');
  await host.waitFor(
    () => Promise.resolve(notes('ended').length),
    (count) => count === 1,
  );
  expect(Date.now() - killed).toBeGreaterThan(600);
  expect(notes('orders').map(({ metadata }) => (metadata as Note).deliveryCount)).toEqual([1, 2]);
  await ordersCompleted();
});

test('a stopping host finishes its message and leaves the next message to the next host', async () => {
  await start();
  await bus.send('orders', { body: { id: 'last', milliseconds: 300 } });
  await host.waitFor(
    () => Promise.resolve(notes('orders').length),
    (count) => count === 1,
  );
  const stopped = host.stop();
  expect(await stopped).toBe(0);
  expect(notes('ended')).toHaveLength(1);
  expect(await bus.count('orders')).toBe(0);
  await bus.send('orders', { body: { id: 'next' } });
  await start();
  await host.waitFor(
    () => Promise.resolve(notes('ended').length),
    (count) => count === 2,
  );
  expect(
    notes('orders').map(({ orders, metadata }) => [(orders as Note).id, (metadata as Note).deliveryCount]),
  ).toEqual([
    ['last', 1],
    ['next', 1],
  ]);
  await ordersCompleted();
});

test('messages come again after the broker returns, and the log reports the failure once', async () => {
  await start();
  await bus.send('news', { body: 'before' });
  await host.waitFor(
    () => Promise.resolve(notes('news').length),
    (count) => count === 1,
  );
  const { port } = bus;
  await bus.stop();
  await sleep(700);
  bus = await TestBus.start(folder, port);
  await bus.send('news', { body: 'after' });
  await bus.send('batches', { body: 1 });
  await bus.send('sessions', { body: 1, sessionId: 's' });
  await host.waitFor(
    () => Promise.resolve(notes('news').length + notes('batch').length + notes('session').length),
    (count) => count === 4,
  );
  for (const name of ['news', 'batches', 'sessions']) {
    const lines = host.errors
      .filter((line) => line.includes(`error [${name}] Cannot receive`))
      .map((line) => line.slice(25));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines).toEqual([...new Set(lines)]);
  }
});

test('a jumping clock does not jump while a function works on a message', async () => {
  clock = await startJumpingClockService();
  const before = clock.clock.now();
  await start(clock.url);
  await bus.send('orders', { body: { id: 'held', milliseconds: 2500 } });
  await host.waitFor(
    () => Promise.resolve(notes('orders').length),
    (count) => count === 1,
  );
  await fetch(`${host.url}/api/startSleeper`, { method: 'POST' });
  await sleep(200);
  expect(notes('ended')).toHaveLength(0);
  expect(clock.clock.now()).toBe(before);
  await host.waitFor(
    () => host.readStatus('sleeper'),
    ({ runtimeStatus }) => runtimeStatus === 'Completed',
  );
  expect(notes('ended')).toHaveLength(1);
  expect(clock.clock.now()).toBe(before + 3_600_000);
  await ordersCompleted();
});
