// Reads the simulated time in a process that does not own the clock.

import { setTimeout as sleep } from 'node:timers/promises';
import { createClockClient, type ClockClient, type ClockReading } from './clock-client.ts';
import { createRunningAlarms } from './running-alarms.ts';
import { JumpingRemoteClock } from './jumping-remote-clock.ts';
import type { SimulatedClock } from './simulated-clock.ts';

const MAX_TRIES = 20;
const RETRY_MS = 100;
/** How often a running clock compares its time with the owner's time. */
const COMPARE_MS = 5_000;

/**
 * Connects to the clock service. `participant` is the name under which this process reports that it
 * is idle.
 */
export async function connectClock(url: string, participant: string): Promise<SimulatedClock> {
  const call = createClockClient(url);
  const first = await firstReading(call, url);
  return first.rate === null
    ? new JumpingRemoteClock(call, participant, first.now)
    : createRunningRemoteClock(call, first.now, first.rate);
}

async function firstReading(call: ClockClient, url: string): Promise<ClockReading> {
  for (let left = MAX_TRIES; ; left -= 1) {
    try {
      return await call.send('GET', '/now');
    } catch (error) {
      if (left === 0) throw new Error(`The simulated clock at ${url} does not answer.`, { cause: error });
      await sleep(RETRY_MS);
    }
  }
}

function createRunningRemoteClock(call: ClockClient, start: number, rate: number): SimulatedClock {
  let base = { simulated: start, wall: Date.now() };
  let latest = start;

  const now = (): number => {
    latest = Math.max(latest, Math.floor(base.simulated + (Date.now() - base.wall) * rate));
    return latest;
  };
  const alarms = createRunningAlarms(now, rate);

  const compare = async (): Promise<void> => {
    try {
      const reading = await call.send('GET', '/now');
      base = { simulated: reading.now, wall: Date.now() };
      alarms.rearm();
    } catch {
      // The owner may be restarting. Until the owner answers, this clock continues without
      // comparing.
    }
  };
  const timer = setInterval(() => void compare(), COMPARE_MS).unref();

  return {
    rate,
    now,
    scheduleAt: (due, ring) => alarms.scheduleAt(due, ring),
    markBusy: () => () => undefined,
    close() {
      clearInterval(timer);
      alarms.close();
      call.close();
    },
  };
}
