// Records the longest history and the largest message of this process. One of Azure's schedulers
// would have to carry the same sizes.

import type { PayloadCheck } from './payload.ts';

export class LargestSizes {
  #history = '';
  #payload = { what: '', bytes: 0 };

  /** All events of one execution so far, in the format of `eventsText`. */
  recordHistory(past: string): void {
    if (past.length > this.#history.length) this.#history = past;
  }

  /** Wraps the check, because the check sees every message. */
  recordPayloads(check: PayloadCheck): PayloadCheck {
    return (what, text) => {
      const bytes = text === null ? 0 : Buffer.byteLength(text);
      if (bytes > this.#payload.bytes) this.#payload = { what, bytes };
      return check(what, text);
    };
  }

  get sizes() {
    const events = (JSON.parse(`[${this.#history}]`) as unknown[]).length;
    return { history: { events, bytes: Buffer.byteLength(this.#history) }, payload: this.#payload };
  }
}
