// Story time in a process that does not own it.

import { setTimeout as sleep } from 'node:timers/promises';
import { clockCall, type ClockCall, type Reading } from './clock-call.ts';
import { flowingAlarms } from './flowing-alarms.ts';
import { JumpingRemoteClock } from './jumping-remote-clock.ts';
import type { StoryClock } from './story-clock.ts';

const TRIES = 20;
const BETWEEN_TRIES = 100;
/** How often a flowing clock is compared with its owner's. */
const COMPARE = 5_000;

/** `participant` is the name under which this process says that it is idle. */
export async function connectClock(url: string, participant: string): Promise<StoryClock> {
  const call = clockCall(url);
  const first = await firstReading(call, url);
  return first.rate === null
    ? new JumpingRemoteClock(call, participant, first.now)
    : flowingRemoteClock(call, first.now, first.rate);
}

async function firstReading(call: ClockCall, url: string): Promise<Reading> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await call.ask('GET', '/now');
    } catch (error) {
      if (left === 0) throw new Error(`The story clock at ${url} does not answer.`, { cause: error });
      await sleep(BETWEEN_TRIES);
    }
  }
}

function flowingRemoteClock(call: ClockCall, start: number, rate: number): StoryClock {
  let base = { story: start, wall: Date.now() };
  let latest = start;

  const now = (): number => {
    latest = Math.max(latest, Math.floor(base.story + (Date.now() - base.wall) * rate));
    return latest;
  };
  const alarms = flowingAlarms(now, rate);

  const compare = async (): Promise<void> => {
    try {
      const reading = await call.ask('GET', '/now');
      base = { story: reading.now, wall: Date.now() };
      alarms.rearm();
    } catch {
      // The owner may be starting anew; until it answers, this clock runs on by itself.
    }
  };
  const timer = setInterval(() => void compare(), COMPARE).unref();

  return {
    rate,
    now,
    at: (due, ring) => alarms.at(due, ring),
    busy: () => () => undefined,
    close() {
      clearInterval(timer);
      alarms.close();
      call.close();
    },
  };
}
