import { readFileSync, writeFileSync } from 'node:fs';
import { HOST_KEY_HEADERS } from '../../host/http/host-key.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startJumpingClockService, type ClockService } from './clock-service.ts';
import { HostProcess, dataFolder } from './host-process.ts';

const START = Date.parse('2030-01-01T00:30:00Z');
const folder = dataFolder();
let clock: ClockService;
beforeAll(async () => {
  clock = await startJumpingClockService(START);
});
afterAll(async () => {
  await clock.close();
});

describe('durable timers', () => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await HostProcess.start({ dataDir: join(folder, 'timers'), clockUrl: clock.url });
  });
  afterAll(async () => {
    await host.stop();
  });

  test('100 orchestrations sleep for 30 days and wake exactly 720 hours later', async () => {
    const ids = await Promise.all(
      Array.from({ length: 100 }, () => host.startOrchestration('hoursAsleep', 720)),
    );
    const results = await Promise.all(ids.map((id) => host.waitForEnd(id)));
    expect(results.map(({ output }) => output)).toEqual(Array.from({ length: 100 }, () => 720));
    expect(clock.clock.now() - START).toBeGreaterThanOrEqual(720 * 3_600_000);
  });

  test('the clock does not jump while an activity works', async () => {
    const before = clock.clock.now();
    const busy = host.runToEnd('calls', { name: 'noted', input: { name: 'slow', milliseconds: 150 } });
    const asleep = host.runToEnd('sleeper', 3_600_000);
    await sleep(100);
    expect(clock.clock.now()).toBe(before);
    await busy;
    expect(await asleep).toBe(3_600_000);
    expect(clock.clock.now()).toBe(before + 3_600_000);
  });

  test('a cancelled timer that lost its race wakes no orchestration', async () => {
    const before = clock.clock.now();
    expect(await host.runToEnd('timerRace')).toBe('activity');
    // Only the second timer has run: cancelled timers do not move the clock.
    expect(clock.clock.now() - before).toBe(1_000);
  });

  test('a timer that wins its race ends the wait', async () => {
    expect(await host.runToEnd('eventRace')).toBe('timeout');
  });

  test('an overdue timer fires at once', async () => {
    expect(await host.runToEnd('sleeper', -5_000)).toBe(0);
  });

  test.each([
    ['twice fails, third works', { key: 'a', fails: 2, attempts: 3 }, { tries: 3, seconds: 2 }],
    [
      'waits longer each time',
      { key: 'b', fails: 3, attempts: 4, backoff: 3 },
      { tries: 4, seconds: 1 + 3 + 9 },
    ],
    ['never fails', { key: 'c', fails: 0, attempts: 3 }, { tries: 1, seconds: 0 }],
    // The SDK waits once more after the last attempt, here as in Azure.
    [
      'gives up',
      { key: 'd', fails: 9, attempts: 3 },
      { gaveUp: "Activity function 'flaky' failed:  try 3 of d", seconds: 3 },
    ],
  ])('a retried activity: %s', async (_name, input, wanted) => {
    expect(await host.runToEnd('retried', input)).toEqual(wanted);
  });

  test.each([
    ['work', { caughtAfter: 0, runs: 2, passed: 1 }, 1],
    ['in any', { caughtAfter: 0, runs: 2, passed: 1 }, 1],
    ['nothing', { caughtAfter: 0 }, 1],
    ['throw', "Orchestrator function 'failsInAll' failed: after all", 1],
    ['again', { caughtAfter: 1 }, 2],
  ])(
    'a failed Task.all waits for its other tasks before the host goes on: %s',
    async (then, output, hours) => {
      const id = await host.startOrchestration('failsInAll', { then });
      const ended = await host.waitForEnd(id);
      expect(ended.output).toEqual(output);
      const seconds = (Date.parse(ended.lastUpdatedTime) - Date.parse(ended.createdTime)) / 1_000;
      expect(Math.round(seconds / 3_600)).toBe(hours);
    },
  );

  test('a retried sub-orchestration replaces the failed one', async () => {
    expect(
      await host.runToEnd('retriedChild', { key: 'e', fails: 2, attempts: 3, childId: 'named-child' }),
    ).toBe(3);
    expect(await host.runToEnd('retriedChild', { key: 'f', fails: 1, attempts: 3 })).toBe(2);
    expect(await host.readStatus('named-child')).toMatchObject({ runtimeStatus: 'Completed', output: 3 });
  });
});

interface Note {
  readonly hourly?: boolean;
  readonly last?: string;
  readonly next?: string;
  readonly slow?: number;
  readonly started?: string;
  readonly stubborn?: unknown;
  readonly patient?: number;
}

describe('timer triggers', () => {
  const file = join(folder, 'runs');
  const notes = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Note);
  const start = () =>
    HostProcess.start({
      app: 'timers',
      dataDir: join(folder, 'triggers'),
      clockUrl: clock.url,
      environment: { RUNS_FILE: file, QUICK: '0 */10 * * * *' },
    });
  const hourly = () => notes().filter((note) => note.hourly !== undefined);

  test('run one at a time on their schedules, and make up for a missed run once', async () => {
    writeFileSync(file, '');
    let host = await start();
    const begun = clock.clock.now();
    await host.waitFor(
      () => Promise.resolve(hourly()),
      (runs) => runs.length >= 3,
    );
    await host.stop();
    const [first, second] = hourly();
    const hour = (count: number) =>
      new Date((Math.floor(begun / 3_600_000) + count) * 3_600_000).toISOString().replace('.000Z', '+00:00');
    expect(first).toEqual({ hourly: false, last: '0001-01-01T00:00:00', next: hour(1) });
    expect(second).toEqual({ hourly: false, last: hour(1), next: hour(2) });
    expect(notes().filter(({ slow }) => slow !== undefined).length).toBeGreaterThanOrEqual(12);
    expect(notes().every(({ slow }) => slow === undefined || slow === 1)).toBe(true);

    const runs = hourly().length;
    await clock.clock.advance(5 * 3_600_000);
    host = await start();
    await host.waitFor(
      () => Promise.resolve(hourly()),
      (all) => all.length > runs + 1,
    );
    await host.stop();
    expect(
      hourly()
        .slice(runs, runs + 2)
        .map(({ hourly: isPastDue }) => isPastDue),
    ).toEqual([true, false]);
  });

  test('retry failed runs by their policy in simulated time, and start no other run meanwhile', async () => {
    writeFileSync(file, '');
    const letGo = clock.clock.markBusy();
    const options = {
      app: 'timers',
      dataDir: join(folder, 'retries'),
      clockUrl: clock.url,
      environment: { RUNS_FILE: file, QUICK: '0 0 0 1 1 *' },
    };
    const host = await HostProcess.start(options);
    const run = (name: string) =>
      fetch(`${host.url}/admin/functions/${name}`, { method: 'POST', body: '{}', headers: HOST_KEY_HEADERS });
    await Promise.all([run('stubborn'), run('stubborn'), run('patient')]);
    await host.waitFor(
      () => Promise.resolve(notes()),
      (all) => all.length === 2,
    );
    // Time moves only from here on. Otherwise it could move while the requests are on their way.
    letGo();
    await host.waitFor(
      () => Promise.resolve(notes()),
      (all) =>
        all.filter(({ stubborn }) => stubborn !== undefined).length >= 6 &&
        all.some(({ patient }) => patient === 4),
    );
    await host.stop();
    const once = [
      { retryCount: 0, maxRetryCount: 2 },
      { retryCount: 1, maxRetryCount: 2, exception: 'failure 0' },
      { retryCount: 2, maxRetryCount: 2, exception: 'failure 1' },
    ];
    expect(notes().flatMap(({ stubborn }) => stubborn ?? [])).toEqual([...once, ...once]);
    expect(notes().flatMap(({ patient }) => patient ?? [])).toEqual([0, 1, 2, 3, 4]);

    const told = (name: string) =>
      host.errors
        .filter((line) => line.includes(`[${name}] Failed`))
        .map((line) => ({ at: Date.parse(line.slice(0, 24)), text: line.slice(25) }));
    const [first, second, last] = told('stubborn');
    expect(first?.text).toBe('warning [stubborn] Failed, will be tried again in 600 s: failure 0');
    expect([second, last].map((line) => (line?.at ?? 0) - (first?.at ?? 0))).toEqual([600_000, 1_200_000]);
    expect(last?.text).toMatch(/^error \[stubborn\] Failed: Error: failure 2/);
    const waits = told('patient')
      .map(({ at }) => at)
      .concat(Date.parse(host.errors.at(-1)?.slice(0, 24) ?? ''));
    const [least, ...more] = waits.slice(1, 4).map((at, index) => at - (waits[index] ?? 0));
    expect(least).toBe(10_000);
    expect(more.every((wait) => wait >= 18_000 && wait <= 30_000)).toBe(true);
  });

  test('make up at the next start for retries that a stop interrupted', async () => {
    writeFileSync(file, '');
    const held = await startJumpingClockService(Date.parse('2031-12-31T23:59:50Z'));
    const letGo = held.clock.markBusy();
    const options = {
      app: 'timers',
      dataDir: join(folder, 'cut-short'),
      clockUrl: held.url,
      environment: { RUNS_FILE: file, QUICK: '0 0 0 1 1 *' },
    };
    const stubborn = () => notes().flatMap((note) => note.stubborn ?? []);
    let host = await HostProcess.start(options);
    await held.clock.advance(10_000);
    await host.waitFor(
      () => Promise.resolve(stubborn()),
      (all) => all.length === 1,
    );
    expect(await host.stop()).toBe(0);
    host = await HostProcess.start(options);
    await host.waitFor(
      () => Promise.resolve(stubborn()),
      (all) => all.length >= 2,
    );
    await host.stop();
    letGo();
    await held.close();
    expect(stubborn().slice(0, 2)).toEqual([
      { retryCount: 0, maxRetryCount: 2 },
      { retryCount: 0, maxRetryCount: 2 },
    ]);
  });

  test('can run by hand, never two at a time, and can fail', async () => {
    writeFileSync(file, '');
    const host = await HostProcess.start({
      app: 'timers',
      dataDir: join(folder, 'by-hand'),
      environment: { RUNS_FILE: file },
    });
    const run = (name: string) =>
      fetch(`${host.url}/admin/functions/${name}`, {
        method: 'POST',
        body: '{"input":""}',
        headers: { 'content-type': 'application/json', ...HOST_KEY_HEADERS },
      });
    expect(
      (await Promise.all([run('slow'), run('slow'), run('slow'), run('starter')])).map(
        ({ status }) => status,
      ),
    ).toEqual([202, 202, 202, 202]);
    await host.waitFor(
      () => Promise.resolve(notes()),
      (all) =>
        all.filter(({ slow }) => slow !== undefined).length >= 3 &&
        all.some(({ started }) => started === 'by-timer'),
    );
    expect(notes().every(({ slow }) => slow === undefined || slow === 1)).toBe(true);
    expect(await host.waitForEnd('by-timer')).toMatchObject({ runtimeStatus: 'Completed' });
    expect(
      host.errors.some((line) => line.includes('error [starter] Failed: Error: and then it failed')),
    ).toBe(true);
    expect((await run('nap')).status).toBe(400);
    await host.stop();
  });
});
