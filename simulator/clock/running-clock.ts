// Story time that runs by itself: as fast as the wall's or some times faster.

import type { ClockFile } from './clock-file.ts';
import { createRunningAlarms } from './running-alarms.ts';
import type { LocalClock } from './jump-control.ts';

/**
 * After a kill story time goes on at most this much (wall time) later than it was; a clean stop
 * loses nothing.
 */
const RESERVE_MS = 5_000;

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

  /** Time is always on the move, so whoever waits for that waits a moment. */
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
    advance: () => Promise.reject(new Error('Only a jumping clock is moved by hand.')),
    close() {
      alarms.close();
      file?.write(now());
    },
  };
}
