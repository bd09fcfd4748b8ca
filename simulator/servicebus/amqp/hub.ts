// Who waits for what: the receivers of each mailbox, and those who wait for a session. Served once
// in a turn, one after the other, so that credit is counted when what was sent before is written.

import type { Mailbox } from '../entities.ts';

export interface Waiting {
  /** Takes what it can. */
  serve(): void;
}

/** A receiver that holds a session, which may end by itself. */
export interface SessionHolder {
  lost(session: string): void;
}

export class Hub {
  private readonly waiting = new Map<number, Set<Waiting>>();
  private readonly holders = new Map<string, SessionHolder>();
  private readonly stirred = new Set<number>();

  add({ number }: Mailbox, waiting: Waiting): void {
    const all = this.waiting.get(number) ?? new Set();
    this.waiting.set(number, all.add(waiting));
  }

  remove({ number }: Mailbox, waiting: Waiting): void {
    this.waiting.get(number)?.delete(waiting);
  }

  hold(holder: string, receiver: SessionHolder): void {
    this.holders.set(holder, receiver);
  }

  letGo(holder: string): void {
    this.holders.delete(holder);
  }

  sessionLost(holder: string, session: string): void {
    this.holders.get(holder)?.lost(session);
    this.holders.delete(holder);
  }

  changed({ number }: Mailbox): void {
    if (this.stirred.size === 0) setImmediate(() => this.serveAll());
    this.stirred.add(number);
  }

  private serveAll(): void {
    const numbers = [...this.stirred];
    this.stirred.clear();
    for (const number of numbers) this.serve(number);
  }

  private serve(number: number): void {
    const all = this.waiting.get(number);
    if (all === undefined) return;
    const [first] = all;
    for (const waiting of [...all]) waiting.serve();
    // The next time another one is first.
    if (first !== undefined && all.delete(first)) all.add(first);
  }
}
