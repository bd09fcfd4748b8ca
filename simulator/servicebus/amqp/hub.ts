// Knows the waiters of each mailbox: receivers, and clients that want a session. The hub serves
// each changed mailbox once a turn, one waiter after another. By then rhea has written the earlier
// messages, so that the credit is exact.

import type { Mailbox } from '../entities.ts';

export interface MailboxWaiter {
  /** Takes as many messages as it can. */
  serve(): void;
}

/** A receiver with a session. The session may end by itself. */
export interface SessionHolder {
  lost(session: string): void;
}

export class MailboxHub {
  private readonly waiting = new Map<number, Set<MailboxWaiter>>();
  private readonly holders = new Map<string, SessionHolder>();
  private readonly changedMailboxes = new Set<number>();

  add({ number }: Mailbox, waiting: MailboxWaiter): void {
    const all = this.waiting.get(number) ?? new Set();
    this.waiting.set(number, all.add(waiting));
  }

  remove({ number }: Mailbox, waiting: MailboxWaiter): void {
    this.waiting.get(number)?.delete(waiting);
  }

  addHolder(holder: string, receiver: SessionHolder): void {
    this.holders.set(holder, receiver);
  }

  removeHolder(holder: string): void {
    this.holders.delete(holder);
  }

  sessionLost(holder: string, session: string): void {
    this.holders.get(holder)?.lost(session);
    this.holders.delete(holder);
  }

  changed({ number }: Mailbox): void {
    if (this.changedMailboxes.size === 0) setImmediate(() => this.serveAll());
    this.changedMailboxes.add(number);
  }

  private serveAll(): void {
    const numbers = [...this.changedMailboxes];
    this.changedMailboxes.clear();
    for (const number of numbers) this.serve(number);
  }

  private serve(number: number): void {
    const all = this.waiting.get(number);
    if (all === undefined) return;
    const [first] = all;
    for (const waiting of [...all]) waiting.serve();
    // The next round begins with another waiter.
    if (first !== undefined && all.delete(first)) all.add(first);
  }
}
