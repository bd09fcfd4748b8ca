// Wakes orchestrations with due timers. Only one alarm exists: for the earliest timer.

import type { Alarm, SimulatedClock } from '../../clock/simulated-clock.ts';
import type { DurableStore, TimerRow } from './store.ts';

export class DurableTimers {
  readonly #store: DurableStore;
  readonly #clock: SimulatedClock;
  readonly #fired: (timer: TimerRow) => void;
  #alarm: Alarm | undefined;
  #due: number | undefined;
  #stopped = false;

  /** The write that removes the timer calls `fired`. */
  constructor(store: DurableStore, clock: SimulatedClock, fired: (timer: TimerRow) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#fired = fired;
  }

  /** Call this method after each change of the stored timers. */
  rearm(): void {
    const due = this.#store.nextDue();
    if (due === this.#due || this.#stopped) return;
    this.#alarm?.cancel();
    this.#due = due;
    this.#alarm = due === undefined ? undefined : this.#clock.scheduleAt(due, () => this.#ring());
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm?.cancel();
  }

  #ring(): void {
    this.#due = undefined;
    this.#store.database.write(() => {
      for (const timer of this.#store.timersDue(this.#clock.now())) {
        this.#store.removeTimer(timer.instance, timer.task);
        this.#fired(timer);
      }
    });
    this.#store.database.afterCommit(() => this.rearm());
  }
}
