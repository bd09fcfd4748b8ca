// Keeps repeated connection failures from filling the log.

import { messageOf, type Log } from '../log.ts';

/** Logs a failure once, however often the work is retried, and logs the recovery once. */
export class FailureLog {
  readonly #log: Log;
  readonly #source: string;
  readonly #what: string;
  readonly #said = new Set<string>();

  /** `what` completes "cannot", as in "cannot receive from orders". */
  constructor(log: Log, source: string, what: string) {
    this.#log = log;
    this.#source = source;
    this.#what = what;
  }

  report(error: unknown): void {
    const message = messageOf(error);
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#log('error', this.#source, `Cannot ${this.#what}, will keep trying: ${message}`);
  }

  reportRecovery(): void {
    if (this.#said.size === 0) return;
    this.#said.clear();
    this.#log('information', this.#source, `Can ${this.#what} again.`);
  }
}
