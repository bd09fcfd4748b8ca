// How messages go out: locked to whoever receives them, then settled, or given back when the lock ends.

import { randomBytes } from 'node:crypto';
import { deadLetterRow, expire, type Reasons } from './dead-letters.ts';
import type { Mailbox } from './entities.ts';
import { Failure, lockLost, messageNotFound } from './failure.ts';
import type { Ground } from './ground.ts';
import { withProperties } from './message.ts';
import { STATE, type MessageRow } from './store.ts';

export type ReceiveMode = 'peekLock' | 'receiveAndDelete';

/** The session that a receiver holds. */
export interface HeldSession {
  readonly id: string;
  readonly holder: string;
}

export interface Delivered {
  readonly row: MessageRow;
  /** Undefined when it was deleted as it was handed out. */
  readonly lock: Buffer | undefined;
  readonly lockedUntil: number | null;
}

export type Outcome =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon' | 'defer'; readonly properties: Readonly<Record<string, unknown>> }
  | { readonly kind: 'deadLetter'; readonly properties: Reasons };

/** The oldest that are free, at most `count`. */
export function take(
  ground: Ground,
  mailbox: Mailbox,
  count: number,
  mode: ReceiveMode,
  session?: HeldSession,
): Delivered[] {
  return ground.store.transaction(() => {
    const now = ground.now();
    const rows =
      session === undefined
        ? ground.store.messages(
            'mailbox = ? AND state = 0 AND lock IS NULL AND (expires IS NULL OR expires > ?) ORDER ' +
              'BY sequence LIMIT ?',
            mailbox.number,
            now,
            count,
          )
        : ground.store.messages(
            'mailbox = ? AND session = ? AND state = 0 AND lock IS NULL AND (expires IS NULL OR ' +
              'expires > ?) ORDER BY sequence LIMIT ?',
            mailbox.number,
            session.id,
            now,
            count,
          );
    return rows.map((row) => handOut(ground, mailbox, row, mode, session));
  });
}

function handOut(
  ground: Ground,
  mailbox: Mailbox,
  row: MessageRow,
  mode: ReceiveMode,
  session?: HeldSession,
): Delivered {
  if (mode === 'receiveAndDelete') {
    ground.store.delete(row.number);
    return { row, lock: undefined, lockedUntil: null };
  }
  const lock = randomBytes(16);
  const lockedUntil =
    session === undefined
      ? ground.now() + mailbox.lockDuration
      : (ground.store.session(mailbox.number, session.id)?.lockedUntil ?? null);
  const own = session === undefined ? lockedUntil : null;
  ground.store.run(
    'UPDATE messages SET lock = ?, lockedUntil = ?, due = ? WHERE number = ?',
    lock,
    own,
    own,
    row.number,
  );
  if (own !== null) ground.wakeBy(own);
  return { row, lock, lockedUntil };
}

/** Those that were put aside. All or none: a number that is not here is refused. */
export function takeDeferred(
  ground: Ground,
  mailbox: Mailbox,
  sequences: readonly number[],
  mode: ReceiveMode,
  session?: HeldSession,
): Delivered[] {
  const taken = ground.store.transaction(() => {
    const now = ground.now();
    const place = `mailbox = ? AND sequence = ? AND state = ${STATE.deferred} AND lock IS NULL`;
    const rows = sequences.flatMap((sequence) =>
      session === undefined
        ? ground.store.messages(place, mailbox.number, sequence)
        : ground.store.messages(`${place} AND session = ?`, mailbox.number, sequence, session.id),
    );
    // A deferred message does not expire by itself, only when somebody comes for it.
    const fresh = rows.filter((row) => row.expires === null || row.expires > now);
    for (const row of rows) if (!fresh.includes(row)) expire(ground, mailbox, row);
    return fresh.length < sequences.length
      ? undefined
      : fresh.map((row) => handOut(ground, mailbox, row, mode, session));
  });
  if (taken === undefined) throw messageNotFound(sequences);
  return taken;
}

export function settle(ground: Ground, mailbox: Mailbox, lock: Uint8Array, outcome: Outcome): void {
  ground.store.transaction(() => {
    const row = lockedRow(ground, mailbox, lock);
    switch (outcome.kind) {
      case 'complete':
        ground.store.delete(row.number);
        return;
      case 'abandon':
        change(ground, row, outcome.properties);
        giveBack(ground, mailbox, row, true);
        return;
      case 'defer':
        change(ground, row, outcome.properties);
        ground.store.run(
          'UPDATE messages SET state = ?, lock = NULL, lockedUntil = NULL, due = NULL WHERE number = ?',
          STATE.deferred,
          row.number,
        );
        return;
      case 'deadLetter':
        deadLetterRow(ground, mailbox, row, outcome.properties);
    }
  });
}

export function renewLock(ground: Ground, mailbox: Mailbox, lock: Uint8Array): number {
  return ground.store.transaction(() => {
    const row = lockedRow(ground, mailbox, lock);
    if (row.lockedUntil === null)
      throw new Failure(
        'amqp:not-allowed',
        'A message of a session is locked through its session: renew that lock.',
      );
    const lockedUntil = ground.now() + mailbox.lockDuration;
    ground.store.run(
      'UPDATE messages SET lockedUntil = ?, due = ? WHERE number = ?',
      lockedUntil,
      lockedUntil,
      row.number,
    );
    return lockedUntil;
  });
}

/** The message under a lock that still holds. */
function lockedRow({ store, now }: Ground, mailbox: Mailbox, lock: Uint8Array): MessageRow {
  const [row] = store.messages('lock = ? AND mailbox = ?', lock, mailbox.number);
  if (row === undefined) throw lockLost();
  const until =
    row.lockedUntil ??
    (row.session === null ? null : (store.session(mailbox.number, row.session)?.lockedUntil ?? null));
  if (until === null || until <= now()) throw lockLost();
  return row;
}

function change({ store }: Ground, row: MessageRow, properties: Readonly<Record<string, unknown>>): void {
  if (Object.keys(properties).length === 0) return;
  store.run(
    'UPDATE messages SET application = ? WHERE number = ?',
    withProperties(row.application, properties),
    row.number,
  );
}

/** In the caller's transaction. A deferred message that was received goes back among the deferred. */
export function giveBack(ground: Ground, mailbox: Mailbox, row: MessageRow, counted: boolean): void {
  const deliveryCount = row.deliveryCount + (counted ? 1 : 0);
  const due = row.state === STATE.deferred ? null : row.expires;
  ground.store.run(
    'UPDATE messages SET lock = NULL, lockedUntil = NULL, due = ?, deliveryCount = ? WHERE number = ?',
    due,
    deliveryCount,
    row.number,
  );
  if (deliveryCount >= mailbox.maxDeliveryCount) {
    const [now] = ground.store.messages('number = ?', row.number);
    if (now !== undefined)
      deadLetterRow(ground, mailbox, now, {
        DeadLetterReason: 'MaxDeliveryCountExceeded',
        DeadLetterErrorDescription:
          `Message could not be consumed after ${mailbox.maxDeliveryCount} ` + 'delivery attempts.',
      });
    return;
  }
  if (due !== null) ground.wakeBy(due);
  ground.changed(mailbox);
}

/** Looks without touching. Whoever peeks sees what is locked, deferred or scheduled too. */
export function peek(
  { store }: Ground,
  entity: number,
  from: number,
  count: number,
  session: string | undefined,
): MessageRow[] {
  return session === undefined
    ? store.messages('mailbox = ? AND sequence >= ? ORDER BY sequence LIMIT ?', entity, from, count)
    : store.messages(
        'mailbox = ? AND session = ? AND sequence >= ? ORDER BY sequence LIMIT ?',
        entity,
        session,
        from,
        count,
      );
}
