// Tells the clock when timer work runs and when it only waits.

import type { SimulatedClock } from '../../clock/simulated-clock.ts';

/**
 * Work in progress. The clock does not jump over the work, except while the work waits for a
 * simulated time.
 */
export class BusyPeriod {
  readonly #clock: SimulatedClock;
  #idle: () => void;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
    this.#idle = clock.markBusy();
  }

  end(): void {
    this.#idle();
  }

  /** Waits until a simulated time. Returns false when `stop` ended the wait. */
  async pause(until: number, stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const goOn = (reached: boolean) => {
      this.#idle = this.#clock.markBusy();
      resolve(reached);
    };
    const alarm = this.#clock.scheduleAt(until, () => goOn(true));
    const cancel = () => {
      alarm.cancel();
      goOn(false);
    };
    stop.addEventListener('abort', cancel, { once: true });
    this.#idle();
    const reached = await promise;
    stop.removeEventListener('abort', cancel);
    return reached;
  }
}
