// Alarms of a clock that runs by itself, rung by one timer.

import { createAlarmQueue } from './alarm-queue.ts';
import type { Alarm } from './simulated-clock.ts';

/** Node turns a longer time-out into one of 1 ms; so a longer wait is made of several. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface RunningAlarms {
  scheduleAt(due: number, ring: () => void): Alarm;
  /** To be called when the clock was corrected. */
  rearm(): void;
  close(): void;
}

/** `rate`: story milliseconds in a wall millisecond. */
export function createRunningAlarms(now: () => number, rate: number): RunningAlarms {
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
      Math.min(MAX_TIMEOUT_MS, Math.max(0, wait)),
    );
  };

  return {
    rearm,
    scheduleAt(due, ring) {
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
