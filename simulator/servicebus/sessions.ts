// Sessions. One receiver at a time gets all messages of a session, in order. A session also keeps a
// state between receivers.

import type { Mailbox } from './entities.ts';
import { BrokerError, sessionLockLost } from './broker-error.ts';
import type { BrokerContext } from './broker-context.ts';
import { releaseMessage, type HeldSession } from './receiving.ts';

export interface AcceptedSession extends HeldSession {
  readonly lockedUntil: number;
}

/**
 * Locks a session for a receiver. With an id, the session needs no messages. Without an id, the
 * session is the free one with the oldest message; undefined when there is none.
 */
export function acceptSession(
  broker: BrokerContext,
  mailbox: Mailbox,
  id: string | undefined,
  holder: string,
): AcceptedSession | undefined {
  return broker.store.transaction(() => {
    const now = broker.now();
    const chosen = id ?? nextSession(broker, mailbox, now);
    if (chosen === undefined) return undefined;
    if ((broker.store.session(mailbox.number, chosen)?.lockedUntil ?? 0) > now) {
      throw new BrokerError(
        'com.microsoft:session-cannot-be-locked',
        `The requested session '${chosen}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    releaseSession(broker, mailbox, chosen, true); // ends an expired lock first
    const lockedUntil = now + mailbox.lockDuration;
    broker.store.run(
      'INSERT INTO sessions (mailbox, id, holder, lockedUntil) VALUES (?, ?, ?, ?) ON CONFLICT ' +
        '(mailbox, id) DO UPDATE SET holder = excluded.holder, lockedUntil = excluded.lockedUntil',
      mailbox.number,
      chosen,
      holder,
      lockedUntil,
    );
    broker.wakeBy(lockedUntil);
    return { id: chosen, holder, lockedUntil };
  });
}

function nextSession({ store }: BrokerContext, mailbox: Mailbox, now: number): string | undefined {
  const row = store.first(
    `SELECT session FROM messages m WHERE mailbox = ? AND state = 0 AND lock IS NULL AND session IS NOT NULL AND (expires IS NULL OR expires > ?)
     AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.mailbox = m.mailbox AND s.id = m.session AND s.lockedUntil > ?) ORDER BY sequence LIMIT 1`,
    mailbox.number,
    now,
    now,
  ) as { session: string } | undefined;
  return row?.session;
}

export function renewSession(broker: BrokerContext, mailbox: Mailbox, session: HeldSession): number {
  return broker.store.transaction(() => {
    requireSessionLock(broker, mailbox, session);
    const lockedUntil = broker.now() + mailbox.lockDuration;
    broker.store.run(
      'UPDATE sessions SET lockedUntil = ? WHERE mailbox = ? AND id = ?',
      lockedUntil,
      mailbox.number,
      session.id,
    );
    return lockedUntil;
  });
}

export function sessionState(
  broker: BrokerContext,
  mailbox: Mailbox,
  session: HeldSession,
): Uint8Array | null {
  requireSessionLock(broker, mailbox, session);
  return broker.store.session(mailbox.number, session.id)?.state ?? null;
}

export function setSessionState(
  broker: BrokerContext,
  mailbox: Mailbox,
  session: HeldSession,
  state: Uint8Array | null,
): void {
  broker.store.transaction(() => {
    requireSessionLock(broker, mailbox, session);
    broker.store.run(
      'UPDATE sessions SET state = ?, stateChanged = ? WHERE mailbox = ? AND id = ?',
      state,
      broker.now(),
      mailbox.number,
      session.id,
    );
  });
}

export function requireSessionLock(
  { store, now }: BrokerContext,
  mailbox: Mailbox,
  { id, holder }: HeldSession,
): void {
  const session = store.session(mailbox.number, id);
  if (session?.holder !== holder || (session.lockedUntil ?? 0) <= now()) throw sessionLockLost(id);
}

/**
 * Ends a session when its receiver closes it. Its unsettled messages do not count as failed
 * deliveries.
 */
export function endSession(broker: BrokerContext, mailbox: Mailbox, { id, holder }: HeldSession): void {
  broker.store.transaction(() => {
    if (broker.store.session(mailbox.number, id)?.holder === holder)
      releaseSession(broker, mailbox, id, false);
  });
}

/** Releases the session. Call this function in a transaction. */
export function releaseSession(
  broker: BrokerContext,
  mailbox: Mailbox,
  id: string,
  countsAsDelivery: boolean,
): void {
  for (const row of broker.store.messages(
    'mailbox = ? AND session = ? AND lock IS NOT NULL',
    mailbox.number,
    id,
  ))
    releaseMessage(broker, mailbox, row, countsAsDelivery);
  broker.store.run(
    'UPDATE sessions SET holder = NULL, lockedUntil = NULL WHERE mailbox = ? AND id = ?',
    mailbox.number,
    id,
  );
  broker.store.run('DELETE FROM sessions WHERE mailbox = ? AND id = ? AND state IS NULL', mailbox.number, id);
  broker.changed(mailbox);
}

/**
 * Lists the sessions with a state change after a time. Without a time, it lists the sessions with
 * messages.
 */
export function listSessions(
  { store }: BrokerContext,
  mailbox: Mailbox,
  changedAfter: number | undefined,
  skip: number,
  top: number,
): string[] {
  const rows =
    changedAfter === undefined
      ? store.all(
          'SELECT DISTINCT session AS id FROM messages WHERE mailbox = ? AND session IS NOT NULL ' +
            'ORDER BY session LIMIT ? OFFSET ?',
          mailbox.number,
          top,
          skip,
        )
      : store.all(
          'SELECT id FROM sessions WHERE mailbox = ? AND stateChanged > ? ORDER BY id LIMIT ? OFFSET ?',
          mailbox.number,
          changedAfter,
          top,
          skip,
        );
  return (rows as { id: string }[]).map(({ id }) => id);
}
