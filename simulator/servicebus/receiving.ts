// Delivers messages: locks a message for its receiver, then settles or releases it. The end of its
// lock also releases a message.

import { randomBytes } from 'node:crypto';
import { deadLetter, expireMessage, type DeadLetterReasons } from './dead-letters.ts';
import type { Mailbox } from './entities.ts';
import { BrokerError, lockLost, messageNotFound } from './broker-error.ts';
import type { BrokerContext } from './broker-context.ts';
import { setApplicationProperties } from './message.ts';
import { MESSAGE_STATE, type MessageRow } from './store.ts';

export type ReceiveMode = 'peekLock' | 'receiveAndDelete';

/** A receiver's session. */
export interface HeldSession {
  readonly id: string;
  readonly holder: string;
}

export interface DeliveredMessage {
  readonly row: MessageRow;
  /** Undefined when the delivery deleted the message. */
  readonly lock: Buffer | undefined;
  readonly lockedUntil: number | null;
}

/** The way in which a receiver settles a message. */
export type Settlement =
  | { readonly kind: 'complete' }
  | { readonly kind: 'abandon' | 'defer'; readonly properties: Readonly<Record<string, unknown>> }
  | { readonly kind: 'deadLetter'; readonly properties: DeadLetterReasons };

/** Takes the oldest free messages, at most `count`. */
export function takeMessages(
  broker: BrokerContext,
  mailbox: Mailbox,
  count: number,
  mode: ReceiveMode,
  session?: HeldSession,
): DeliveredMessage[] {
  return broker.store.transaction(() => {
    const now = broker.now();
    const rows =
      session === undefined
        ? broker.store.messages(
            'mailbox = ? AND state = 0 AND lock IS NULL AND (expires IS NULL OR expires > ?) ORDER ' +
              'BY sequence LIMIT ?',
            mailbox.number,
            now,
            count,
          )
        : broker.store.messages(
            'mailbox = ? AND session = ? AND state = 0 AND lock IS NULL AND (expires IS NULL OR ' +
              'expires > ?) ORDER BY sequence LIMIT ?',
            mailbox.number,
            session.id,
            now,
            count,
          );
    return rows.map((row) => lockMessage(broker, mailbox, row, mode, session));
  });
}

function lockMessage(
  broker: BrokerContext,
  mailbox: Mailbox,
  row: MessageRow,
  mode: ReceiveMode,
  session?: HeldSession,
): DeliveredMessage {
  if (mode === 'receiveAndDelete') {
    broker.store.delete(row.number);
    return { row, lock: undefined, lockedUntil: null };
  }
  const lock = randomBytes(16);
  const lockedUntil =
    session === undefined
      ? broker.now() + mailbox.lockDuration
      : (broker.store.session(mailbox.number, session.id)?.lockedUntil ?? null);
  const own = session === undefined ? lockedUntil : null;
  broker.store.run(
    'UPDATE messages SET lock = ?, lockedUntil = ?, due = ? WHERE number = ?',
    lock,
    own,
    own,
    row.number,
  );
  if (own !== null) broker.wakeBy(own);
  return { row, lock, lockedUntil };
}

/** Takes deferred messages, all or none: one unknown number refuses the whole request. */
export function takeDeferred(
  broker: BrokerContext,
  mailbox: Mailbox,
  sequences: readonly number[],
  mode: ReceiveMode,
  session?: HeldSession,
): DeliveredMessage[] {
  const taken = broker.store.transaction(() => {
    const now = broker.now();
    const condition = `mailbox = ? AND sequence = ? AND state = ${MESSAGE_STATE.deferred} AND lock IS NULL`;
    const rows = sequences.flatMap((sequence) =>
      session === undefined
        ? broker.store.messages(condition, mailbox.number, sequence)
        : broker.store.messages(`${condition} AND session = ?`, mailbox.number, sequence, session.id),
    );
    // A deferred message does not expire by itself, only when a receiver asks for it.
    const fresh = rows.filter((row) => row.expires === null || row.expires > now);
    for (const row of rows) if (!fresh.includes(row)) expireMessage(broker, mailbox, row);
    return fresh.length < sequences.length
      ? undefined
      : fresh.map((row) => lockMessage(broker, mailbox, row, mode, session));
  });
  if (taken === undefined) throw messageNotFound(sequences);
  return taken;
}

/** Settles a locked message. Throws a BrokerError when the lock is no longer valid. */
export function settle(broker: BrokerContext, mailbox: Mailbox, lock: Uint8Array, outcome: Settlement): void {
  broker.store.transaction(() => {
    const row = lockedRow(broker, mailbox, lock);
    switch (outcome.kind) {
      case 'complete':
        broker.store.delete(row.number);
        return;
      case 'abandon':
        changeProperties(broker, row, outcome.properties);
        releaseMessage(broker, mailbox, row, true);
        return;
      case 'defer':
        changeProperties(broker, row, outcome.properties);
        broker.store.run(
          'UPDATE messages SET state = ?, deliveryCount = ?, lock = NULL, lockedUntil = NULL, due = NULL ' +
            'WHERE number = ?',
          MESSAGE_STATE.deferred,
          row.deliveryCount + countOf(mailbox),
          row.number,
        );
        return;
      case 'deadLetter':
        if (mailbox.kind === 'deadLetters')
          throw new BrokerError('amqp:not-allowed', 'The message is in the dead-letter queue already.');
        deadLetter(broker, mailbox, row, outcome.properties);
    }
  });
}

/** Returns what a delivery adds to the count of a message. A dead-letter queue does not count. */
const countOf = (mailbox: Mailbox): number => (mailbox.kind === 'deadLetters' ? 0 : 1);

/** Renews the lock of a message. Returns the new end of the lock. */
export function renewLock(broker: BrokerContext, mailbox: Mailbox, lock: Uint8Array): number {
  return broker.store.transaction(() => {
    const row = lockedRow(broker, mailbox, lock);
    if (row.lockedUntil === null)
      throw new BrokerError(
        'amqp:not-allowed',
        'A message of a session is locked through its session: renew that lock.',
      );
    const lockedUntil = broker.now() + mailbox.lockDuration;
    broker.store.run(
      'UPDATE messages SET lockedUntil = ?, due = ? WHERE number = ?',
      lockedUntil,
      lockedUntil,
      row.number,
    );
    return lockedUntil;
  });
}

/** Returns the message with a lock that is still valid. */
function lockedRow({ store, now }: BrokerContext, mailbox: Mailbox, lock: Uint8Array): MessageRow {
  const [row] = store.messages('lock = ? AND mailbox = ?', lock, mailbox.number);
  if (row === undefined) throw lockLost();
  const until =
    row.lockedUntil ??
    (row.session === null ? null : (store.session(mailbox.number, row.session)?.lockedUntil ?? null));
  if (until === null || until <= now()) throw lockLost();
  return row;
}

function changeProperties(
  { store }: BrokerContext,
  row: MessageRow,
  properties: Readonly<Record<string, unknown>>,
): void {
  if (Object.keys(properties).length === 0) return;
  store.run(
    'UPDATE messages SET application = ? WHERE number = ?',
    setApplicationProperties(row.application, properties),
    row.number,
  );
}

/**
 * Releases the message. Call this function in a transaction. A deferred message returns to the
 * deferred messages.
 */
export function releaseMessage(
  broker: BrokerContext,
  mailbox: Mailbox,
  row: MessageRow,
  countsAsDelivery: boolean,
): void {
  const deliveryCount = row.deliveryCount + (countsAsDelivery ? countOf(mailbox) : 0);
  const due = row.state === MESSAGE_STATE.deferred ? null : row.expires;
  broker.store.run(
    'UPDATE messages SET lock = NULL, lockedUntil = NULL, due = ?, deliveryCount = ? WHERE number = ?',
    due,
    deliveryCount,
    row.number,
  );
  if (deliveryCount >= mailbox.maxDeliveryCount) {
    const [now] = broker.store.messages('number = ?', row.number);
    if (now !== undefined)
      deadLetter(broker, mailbox, now, {
        DeadLetterReason: 'MaxDeliveryCountExceeded',
        DeadLetterErrorDescription:
          `Message could not be consumed after ${mailbox.maxDeliveryCount} ` + 'delivery attempts.',
      });
    return;
  }
  if (due !== null) broker.wakeBy(due);
  broker.changed(mailbox);
}

/**
 * Returns messages without locking them. The result includes locked, deferred and scheduled
 * messages.
 */
export function peek(
  { store }: BrokerContext,
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
