// A clock that runs by itself, at the speed of the wall clock or faster.

import type { ClockFile } from './clock-file.ts';
import { createRunningAlarms } from './running-alarms.ts';
import type { LocalClock } from './jump-control.ts';

/** After a kill the simulated time skips at most this much wall time. A clean stop loses no time. */
const RESERVE_MS = 5_000;

/** Creates a running clock from its rate and its start. */
export function createRunningClock(rate: number, start: number, file?: ClockFile): LocalClock {
  const wallStart = Date.now();
  let latest = start;
  let reserved = -Infinity;

  const now = (): number => {
    latest = Math.max(latest, Math.floor(start + (Date.now() - wallStart) * rate));
    if (file !== undefined && latest > reserved) {
      reserved = latest + RESERVE_MS * rate;
      file.write(reserved);
    }
    return latest;
  };
  const alarms = createRunningAlarms(now, rate);

  /** A running clock always moves, so a listener waits one millisecond. */
  const notifySoon = (moved: (now: number) => void): (() => void) => {
    const timer = setTimeout(() => moved(now()), 1);
    return () => clearTimeout(timer);
  };

  now();
  return {
    rate,
    now,
    scheduleAt: (due, ring) => alarms.scheduleAt(due, ring),
    markBusy: () => () => undefined,
    addParticipant: () => undefined,
    markIdle: (_participant, _nextDue, moved) => notifySoon(moved),
    onceMoved: notifySoon,
    advance: () => Promise.reject(new Error('Only a jumping clock moves by hand.')),
    close() {
      alarms.close();
      file?.write(now());
    },
  };
}
