import { setTimeout as sleep } from 'node:timers/promises';
import { createClockService } from '../../clock/clock-server.ts';
import type { LocalClock } from '../../clock/jump-control.ts';
import { createLocalClock } from '../../clock/local-clock.ts';
import { connectClock } from '../../clock/remote-clock.ts';
import type { ClockMode, SimulatedClock } from '../../clock/simulated-clock.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer, type RunningServer } from '../../wire/server.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let owner: LocalClock;
let server: RunningServer;
const remotes: SimulatedClock[] = [];

async function serve(mode: ClockMode, participants: string[] = [], port = 0): Promise<void> {
  owner = createLocalClock(mode, { start: START });
  server = await startServer({
    service: 'clock',
    handler: createClockService(owner, { participants }),
    faults: createFaults(),
    port,
  });
}
async function connect(participant = 'host'): Promise<SimulatedClock> {
  const clock = await connectClock(server.url, participant);
  remotes.push(clock);
  return clock;
}
afterEach(async () => {
  remotes.splice(0).forEach((clock) => clock.close());
  owner.close();
  await server.close();
});

const ask = async (method: string, path: string, body?: unknown): Promise<[number, unknown]> => {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return [answer.status, await answer.json()];
};
const rung = (clock: SimulatedClock, due: number): Promise<number> =>
  new Promise((resolve) => clock.scheduleAt(due, () => resolve(clock.now())));

describe('the clock service', () => {
  test('returns the time and its rate', async () => {
    await serve('jumping');
    expect(await ask('GET', '/now')).toEqual([200, { now: '2026-03-01T00:00:00.000Z', rate: null }]);
    await server.close();
    await serve('scaled:60');
    expect(await ask('GET', '/now')).toMatchObject([
      200,
      { now: expect.stringMatching(/^2026-03-01T00:00:\d\d\.\d{3}Z$/) as string, rate: 60 },
    ]);
  });

  test('moves a jumping clock by hand, and no other clock', async () => {
    await serve('jumping', ['host']);
    expect(await ask('POST', '/advance', { seconds: 90.5 })).toEqual([
      200,
      { now: '2026-03-01T00:01:30.500Z' },
    ]);
    expect((await ask('POST', '/advance', { seconds: -1 }))[0]).toBe(400);
    await server.close();
    await serve('real');
    expect((await ask('POST', '/advance', { seconds: 1 }))[0]).toBe(409);
  });

  test('answers an idle participant after time has moved, or at once if it knows an older time', async () => {
    await serve('jumping', ['host']);
    expect(await ask('POST', '/idle', { participant: 'host', nextDue: START + HOUR, known: START })).toEqual([
      200,
      { now: '2026-03-01T01:00:00.000Z' },
    ]);
    expect(await ask('POST', '/idle', { participant: 'host', nextDue: null, known: START })).toEqual([
      200,
      { now: '2026-03-01T01:00:00.000Z' },
    ]);
    expect((await ask('POST', '/idle', { participant: 'host' }))[0]).toBe(400);
    expect((await ask('GET', '/else'))[0]).toBe(404);
  });

  test('treats a disconnected participant as busy', async () => {
    await serve('jumping', ['host']);
    const hangUp = new AbortController();
    const idle = fetch(`${server.url}/idle`, {
      method: 'POST',
      body: JSON.stringify({ participant: 'host', nextDue: null, known: START }),
      signal: hangUp.signal,
    });
    await sleep(20);
    hangUp.abort();
    await expect(idle).rejects.toThrow();
    await sleep(20);
    const ring = jest.fn();
    owner.scheduleAt(START + 1, ring);
    await sleep(20);
    expect(ring).not.toHaveBeenCalled();
  });
});

describe('a flowing remote clock', () => {
  test('agrees with its owner, and rings', async () => {
    await serve('scaled:1000');
    const clock = await connect();
    expect(Math.abs(clock.now() - owner.now())).toBeLessThan(50_000);
    expect(await rung(clock, START + 100_000)).toBeGreaterThanOrEqual(START + 100_000);
  });
});

describe('a jumping remote clock', () => {
  test("jumps when all are idle: to its own alarm, and to the owner's alarm", async () => {
    await serve('jumping', ['host']);
    const order: string[] = [];
    owner.scheduleAt(START + 2 * HOUR, () => order.push('owner'));
    const clock = await connect();
    clock.scheduleAt(START + HOUR, () => order.push('host'));
    expect(await rung(clock, START + 30 * DAY)).toBe(START + 30 * DAY);
    expect(order).toEqual(['host', 'owner']);
    expect(owner.now()).toBe(START + 30 * DAY);
  });

  test('an alarm between two milliseconds rings at the next whole millisecond, on either side', async () => {
    await serve('jumping', ['host']);
    const host = await connect();
    expect(await rung(host, START + HOUR + 0.5)).toBe(START + HOUR + 1);
    expect(await rung(owner, START + 2 * HOUR + 0.25)).toBe(START + 2 * HOUR + 1);
    expect(await ask('POST', '/advance', { seconds: 0.0001 })).toEqual([
      200,
      { now: '2026-03-01T02:00:00.002Z' },
    ]);
    expect(await rung(host, START + 3 * HOUR)).toBe(START + 3 * HOUR);
  });

  test('an alarm after the last date never rings, and does no harm', async () => {
    await serve('jumping', ['host']);
    const host = await connect();
    host.scheduleAt(1e300, () => {
      throw new Error('It rang.');
    });
    owner.scheduleAt(Infinity, () => {
      throw new Error('It rang.');
    });
    expect(await rung(host, START + HOUR)).toBe(START + HOUR);
    expect((await ask('POST', '/advance', { seconds: 1e300 }))[0]).toBe(400);
    expect(owner.now()).toBe(START + HOUR);
  });

  test("at the same time, the owner's alarms ring before the participant learns of it", async () => {
    await serve('jumping', ['host']);
    const order: string[] = [];
    const clock = await connect();
    const both = rung(clock, START + HOUR).then(() => order.push('host'));
    owner.scheduleAt(START + HOUR, () => order.push('owner'));
    await both;
    expect(order).toEqual(['owner', 'host']);
  });

  test('stands still while the participant works, however small its steps are', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    const ring = jest.fn();
    owner.scheduleAt(START + HOUR, ring);
    const done = clock.markBusy();
    for (let step = 0; step < 20; step += 1) {
      const small = clock.markBusy();
      await sleep(2);
      small();
    }
    expect([ring.mock.calls.length, clock.now(), owner.now()]).toEqual([0, START, START]);
    done();
    await rung(clock, START + HOUR);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  test('withdraws its idle report at once when work begins', async () => {
    await serve('jumping', ['host']);
    owner.scheduleAt(START + HOUR, () => undefined);
    const hold = owner.markBusy();
    const clock = await connect();
    await sleep(40);
    const done = clock.markBusy();
    await sleep(8);
    hold();
    await sleep(8);
    expect(owner.now()).toBe(START);
    done();
    await rung(clock, START + HOUR);
  });

  test('work that an alarm starts in a later turn stops the clock', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    const seen: number[] = [];
    const last = rung(clock, START + 2 * HOUR);
    clock.scheduleAt(
      START + HOUR,
      () =>
        void Promise.resolve().then(async () => {
          const done = clock.markBusy();
          await sleep(30);
          seen.push(owner.now());
          done();
        }),
    );
    await last;
    expect(seen).toEqual([START + HOUR]);
  });

  test('notices a move by hand during work', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    clock.markBusy();
    const alarm = rung(clock, START + HOUR);
    await ask('POST', '/advance', { seconds: 3_600 });
    expect(await alarm).toBe(START + HOUR);
  });

  test('does not jump to a cancelled alarm', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    const hold = clock.markBusy();
    const alarm = clock.scheduleAt(START + HOUR, () => undefined);
    clock.scheduleAt(START + DAY, () => undefined);
    hold();
    alarm.cancel();
    const moments: number[] = [];
    owner.onceMoved((now) => moments.push(now));
    await rung(clock, START + 2 * DAY);
    expect(moments).toEqual([START + DAY]);
  });

  test('stands still while an expected participant is gone', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    await rung(clock, START + HOUR);
    clock.close();
    const ring = jest.fn();
    owner.scheduleAt(START + 2 * HOUR, ring);
    await sleep(30);
    expect([ring.mock.calls.length, owner.now()]).toEqual([0, START + HOUR]);
    await connect();
    await sleep(50);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  test('continues when the service is back', async () => {
    await serve('jumping', ['host']);
    const clock = await connect();
    await rung(clock, START + HOUR);
    await server.close();
    const port = server.port;
    server = await startServer({
      service: 'clock',
      handler: createClockService(owner, { participants: ['host'] }),
      faults: createFaults(),
      port,
    });
    expect(await rung(clock, START + 2 * HOUR)).toBe(START + 2 * HOUR);
  });
});

test('an error names the address of a service that does not answer', async () => {
  await serve('jumping');
  await server.close();
  await expect(connectClock(server.url, 'host')).rejects.toThrow(
    `The simulated clock at ${server.url} does not answer.`,
  );
}, 10_000);
