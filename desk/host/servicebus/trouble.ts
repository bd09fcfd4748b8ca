import { messageOf, type Log } from '../log.ts';

/** Says once that something does not work, however often it is tried, and once that it works again. */
export class Trouble {
  readonly #log: Log;
  readonly #source: string;
  readonly #what: string;
  #said: string | undefined;

  /** `what` as in "cannot receive from orders". */
  constructor(log: Log, source: string, what: string) {
    this.#log = log;
    this.#source = source;
    this.#what = what;
  }

  met(error: unknown): void {
    const message = messageOf(error);
    if (message === this.#said) return;
    this.#said = message;
    this.#log('error', this.#source, `Cannot ${this.#what}, and goes on trying: ${message}`);
  }

  over(): void {
    if (this.#said === undefined) return;
    this.#said = undefined;
    this.#log('information', this.#source, `Can ${this.#what} again.`);
  }
}
