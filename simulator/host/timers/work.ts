import type { StoryClock } from '../../clock/story-clock.ts';

/** Work in hand: the clock does not jump over it, except while it waits for a moment of the story itself. */
export class Work {
  readonly #clock: StoryClock;
  #idle: () => void;

  constructor(clock: StoryClock) {
    this.#clock = clock;
    this.#idle = clock.busy();
  }

  end(): void {
    this.#idle();
  }

  /** False when it was told to stop instead. */
  async pause(until: number, stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const goOn = (reached: boolean) => {
      this.#idle = this.#clock.busy();
      resolve(reached);
    };
    const alarm = this.#clock.at(until, () => goOn(true));
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
