import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalClock } from '../../clock/jump-control.ts';
import { parseClockMode, createLocalClock, type LocalClockOptions } from '../../clock/local-clock.ts';
import type { ClockMode } from '../../clock/simulated-clock.ts';

const START = Date.parse('2026-03-01T00:00:00.000Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const clocks: LocalClock[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
});
afterEach(() => {
  clocks.splice(0).forEach((clock) => clock.close());
  rmSync(folder, { recursive: true });
});

function started(mode: ClockMode, options: LocalClockOptions = { start: START }): LocalClock {
  const clock = createLocalClock(mode, options);
  clocks.push(clock);
  return clock;
}

const rung = (clock: LocalClock, due: number): Promise<number> =>
  new Promise((resolve) => clock.scheduleAt(due, () => resolve(clock.now())));

describe('any clock', () => {
  test.each<ClockMode>(['real', 'scaled:1000', 'jumping'])(
    '%s: alarms ring in order, in a later turn, and not after a cancel',
    async (mode) => {
      const clock = started(mode);
      const now = clock.now();
      const order: string[] = [];
      clock.scheduleAt(now + 30, () => order.push('third'));
      clock.scheduleAt(now - 1, () => order.push('first'));
      const cancelled = clock.scheduleAt(now + 20, () => order.push('cancelled'));
      clock.scheduleAt(now + 30, () => order.push('fourth'));
      clock.scheduleAt(now + 10, () => order.push('second'));
      cancelled.cancel();
      expect(order).toEqual([]);
      await rung(clock, now + 40);
      expect(order).toEqual(['first', 'second', 'third', 'fourth']);
    },
  );

  test.each<ClockMode>(['real', 'scaled:1000', 'jumping'])(
    '%s: an alarm may cancel another alarm of the same time, or set one',
    async (mode) => {
      const clock = started(mode);
      const due = clock.now() + 10;
      const order: string[] = [];
      clock.scheduleAt(due, () => {
        other.cancel();
        clock.scheduleAt(due, () => order.push('set while ringing'));
      });
      const other = clock.scheduleAt(due, () => order.push('cancelled'));
      await rung(clock, due + (mode === 'scaled:1000' ? 20_000 : 5));
      expect(order).toEqual(['set while ringing']);
    },
  );

  test('thousands of alarms stay in order', async () => {
    const clock = started('jumping');
    const dues = Array.from({ length: 2_000 }, (_, index) => START + ((index * 7_919) % 103));
    const order: number[] = [];
    const done = clock.markBusy();
    dues.forEach((due) => clock.scheduleAt(due, () => order.push(due)));
    const end = rung(clock, START + 3_000);
    void clock.advance(3_000);
    done();
    await end;
    expect(order).toEqual([...dues].sort((a, b) => a - b));
  });
});

describe('real time', () => {
  test('is the time of the system', () => {
    const before = Date.now();
    const now = started('real').now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('waits longer than a Node timer can', async () => {
    const clock = started('real');
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const ring = jest.fn();
    clock.scheduleAt(clock.now() + 40 * DAY, ring);
    await sleep(20);
    // A Node timer with a too long delay would fire at once, again and again.
    expect([ring.mock.calls.length, timers.mock.calls.length]).toEqual([0, 1]);
    timers.mockRestore();
  });
});

describe('scaled time', () => {
  test('runs faster by its factor', async () => {
    const clock = started('scaled:1000');
    const wall = performance.now();
    const story = clock.now();
    expect(story - START).toBeLessThan(100_000);
    await sleep(50);
    const ratio = (clock.now() - story) / (performance.now() - wall);
    expect(ratio).toBeGreaterThan(900);
    expect(ratio).toBeLessThan(1_100);
  });

  test('rings when simulated time arrives', async () => {
    const clock = started('scaled:3600');
    const wall = performance.now();
    const at = await rung(clock, START + 150_000);
    expect(at).toBeGreaterThanOrEqual(START + 150_000);
    expect(performance.now() - wall).toBeLessThan(1_000);
  });

  test('cannot be moved by hand', async () => {
    await expect(started('scaled:2').advance(1)).rejects.toThrow('Only a jumping clock');
  });
});

describe('jumping time', () => {
  test('jumps to the next alarm, and stands still between alarms', async () => {
    const clock = started('jumping');
    expect(await rung(clock, START + 30 * DAY)).toBe(START + 30 * DAY);
    await sleep(20);
    expect(clock.now()).toBe(START + 30 * DAY);
  });

  test('does not jump while anybody works', async () => {
    const clock = started('jumping');
    const [one, two] = [clock.markBusy(), clock.markBusy()];
    const ring = jest.fn();
    clock.scheduleAt(START + 1, ring);
    one();
    one(); // called twice, counted once
    await sleep(20);
    expect([clock.now(), ring.mock.calls.length]).toEqual([START, 0]);
    two();
    await rung(clock, START + 1);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  test('gives a worker the time that it already knows', async () => {
    const clock = started('jumping');
    clock.scheduleAt(START + 1, () => undefined);
    clock.markBusy()();
    const done = clock.markBusy();
    await sleep(20);
    expect(clock.now()).toBe(START);
    done();
  });

  test('waits for every expected participant, and jumps to the earliest time of all', async () => {
    const clock = started('jumping');
    clock.addParticipant('host');
    const ring = jest.fn();
    clock.scheduleAt(START + 2 * HOUR, ring);
    await sleep(20);
    expect(clock.now()).toBe(START);

    const told: number[] = [];
    clock.markIdle('host', START + HOUR, (now) => told.push(now));
    await sleep(20);
    expect([clock.now(), told, ring.mock.calls.length]).toEqual([START + HOUR, [START + HOUR], 0]);

    // After it learns of the move, the host counts as busy until it reports idle.
    await sleep(20);
    expect(clock.now()).toBe(START + HOUR);
    clock.markIdle('host', null, (now) => told.push(now));
    await sleep(20);
    expect([told.at(-1), ring.mock.calls.length]).toEqual([START + 2 * HOUR, 1]);
  });

  test('a participant that withdraws its idle report is busy, and a replaced one changes nothing', async () => {
    const clock = started('jumping');
    clock.addParticipant('host');
    const takeBack = clock.markIdle('host', START + 1, () => undefined);
    takeBack();
    await sleep(20);
    expect(clock.now()).toBe(START);
    const ofTheDead = clock.markIdle('host', null, () => undefined);
    clock.markIdle('host', START + 5, () => undefined);
    ofTheDead();
    await sleep(20);
    expect(clock.now()).toBe(START + 5);
  });

  test('moves by hand past alarms in order, and waits for the work that they cause', async () => {
    const clock = started('jumping');
    const order: string[] = [];
    clock.scheduleAt(START + 1_000, () => {
      const done = clock.markBusy();
      order.push(`first at ${clock.now() - START}`);
      setTimeout(() => {
        order.push(`its work at ${clock.now() - START}`);
        done();
      }, 20);
    });
    clock.scheduleAt(START + 2_000, () => order.push(`second at ${clock.now() - START}`));
    clock.scheduleAt(START + 3_001, () => order.push('third'));
    const done = clock.markBusy();
    const advanced = clock.advance(3_000);
    done();
    await advanced;
    expect(order).toEqual(['first at 1000', 'its work at 1000', 'second at 2000']);
    expect(clock.now()).toBe(START + 3_000);
  });

  test('moves by hand without dead or held participants', async () => {
    const clock = started('jumping');
    clock.addParticipant('host');
    clock.markBusy();
    const ring = jest.fn();
    clock.scheduleAt(START + 1_000, ring);
    const watch = jest.fn();
    clock.onceMoved(watch);
    await clock.advance(HOUR);
    expect([clock.now(), ring.mock.calls.length]).toEqual([START + HOUR, 1]);
    expect(watch).toHaveBeenCalledWith(START + 1_000);
  });
});

describe('after a restart', () => {
  const file = (): string => join(folder, 'clock.json');

  test('jumping time continues where it was', async () => {
    const clock = started('jumping', { start: START, file: file() });
    await rung(clock, START + HOUR);
    // Without a close, as after a kill.
    expect(started('jumping', { start: START, file: file() }).now()).toBe(START + HOUR);
  });

  test('scaled time continues where it was, and after a kill a little later', async () => {
    const clock = started('scaled:100', { start: START, file: file() });
    await sleep(20);
    const killed = clock.now();
    const again = started('scaled:100', { start: START, file: file() });
    expect(again.now()).toBeGreaterThanOrEqual(killed);
    expect(again.now() - killed).toBeLessThan(600_000);
    again.close();
    clock.close();
    const stopped = clock.now();
    await sleep(500);
    expect(started('scaled:100', { start: START, file: file() }).now() - stopped).toBeLessThan(25_000);
  });

  test('time never goes back: real time follows a simulated time that was ahead', async () => {
    const ahead = started('jumping', { start: Date.now(), file: file() });
    const moment = await rung(ahead, ahead.now() + 30 * DAY);
    expect(started('real', { file: file() }).now()).toBeGreaterThanOrEqual(moment);
  });

  test("time never goes back when the system's clock does", () => {
    const clock = started('real');
    const before = clock.now();
    const wall = jest.spyOn(Date, 'now').mockReturnValue(before - HOUR);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    wall.mockRestore();
  });
});

test('a clock has the name of the command line, or is refused', () => {
  expect(['real', 'jumping', 'scaled:60', 'scaled:0.5'].map(parseClockMode)).toEqual([
    'real',
    'jumping',
    'scaled:60',
    'scaled:0.5',
  ]);
  for (const text of ['fast', 'scaled', 'scaled:0', 'scaled:-1', 'scaled:x'])
    expect(() => parseClockMode(text)).toThrow('is not a clock');
});
