// Alarms of a clock that runs by itself, rung by one timer.

import { createAlarmQueue } from './alarms.ts';
import type { Alarm } from './story-clock.ts';

/** Node turns a longer time-out into one of 1 ms; so a longer wait is made of several. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export interface FlowingAlarms {
  at(due: number, ring: () => void): Alarm;
  /** To be called when the clock was corrected. */
  rearm(): void;
  close(): void;
}

/** `rate`: story milliseconds in a wall millisecond. */
export function flowingAlarms(now: () => number, rate: number): FlowingAlarms {
  const alarms = createAlarmQueue();
  let timer: NodeJS.Timeout | undefined;

  const rearm = (): void => {
    clearTimeout(timer);
    const due = alarms.next();
    if (due === undefined) return;
    const wait = Math.ceil((due - now()) / rate);
    timer = setTimeout(
      () => {
        alarms.ring(now());
        rearm();
      },
      Math.min(LONGEST_TIMEOUT, Math.max(0, wait)),
    );
  };

  return {
    rearm,
    at(due, ring) {
      const alarm = alarms.add(due, ring);
      if (alarms.next() === due) rearm();
      return alarm;
    },
    close() {
      clearTimeout(timer);
      alarms.clear();
    },
  };
}
