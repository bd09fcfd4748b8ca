// The alarms of a running clock. One timer rings them all.

import { createAlarmQueue } from './alarm-queue.ts';
import type { Alarm } from './simulated-clock.ts';

/** Node turns a longer timeout into 1 ms, so a longer wait needs several timers. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The alarms of a running clock. */
export interface RunningAlarms {
  scheduleAt(due: number, ring: () => void): Alarm;
  /** The clock calls this after a correction of its time. */
  rearm(): void;
  close(): void;
}

/** Creates the alarms. `rate` is the number of simulated milliseconds in a wall millisecond. */
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
