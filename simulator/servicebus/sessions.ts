// Sessions: one receiver at a time has all messages of a session, in order, and a state to keep
// between its receivers.

import type { Mailbox } from './entities.ts';
import { Failure, sessionLockLost } from './failure.ts';
import type { Ground } from './ground.ts';
import { giveBack, type HeldSession } from './receiving.ts';

export interface AcceptedSession extends HeldSession {
  readonly lockedUntil: number;
}

/**
 * A session by its id, which need not have messages; or, without an id, the one with the oldest
 * message that nobody has: undefined when there is none.
 */
export function acceptSession(
  ground: Ground,
  mailbox: Mailbox,
  id: string | undefined,
  holder: string,
): AcceptedSession | undefined {
  return ground.store.transaction(() => {
    const now = ground.now();
    const chosen = id ?? nextSession(ground, mailbox, now);
    if (chosen === undefined) return undefined;
    if ((ground.store.session(mailbox.number, chosen)?.lockedUntil ?? 0) > now) {
      throw new Failure(
        'com.microsoft:session-cannot-be-locked',
        `The requested session '${chosen}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    release(ground, mailbox, chosen, true); // of a lock that has just ended
    const lockedUntil = now + mailbox.lockDuration;
    ground.store.run(
      'INSERT INTO sessions (mailbox, id, holder, lockedUntil) VALUES (?, ?, ?, ?) ON CONFLICT ' +
        '(mailbox, id) DO UPDATE SET holder = excluded.holder, lockedUntil = excluded.lockedUntil',
      mailbox.number,
      chosen,
      holder,
      lockedUntil,
    );
    ground.wakeBy(lockedUntil);
    return { id: chosen, holder, lockedUntil };
  });
}

function nextSession({ store }: Ground, mailbox: Mailbox, now: number): string | undefined {
  const row = store.first(
    `SELECT session FROM messages m WHERE mailbox = ? AND state = 0 AND lock IS NULL AND session IS NOT NULL AND (expires IS NULL OR expires > ?)
     AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.mailbox = m.mailbox AND s.id = m.session AND s.lockedUntil > ?) ORDER BY sequence LIMIT 1`,
    mailbox.number,
    now,
    now,
  ) as { session: string } | undefined;
  return row?.session;
}

export function renewSession(ground: Ground, mailbox: Mailbox, held: HeldSession): number {
  return ground.store.transaction(() => {
    mustHold(ground, mailbox, held);
    const lockedUntil = ground.now() + mailbox.lockDuration;
    ground.store.run(
      'UPDATE sessions SET lockedUntil = ? WHERE mailbox = ? AND id = ?',
      lockedUntil,
      mailbox.number,
      held.id,
    );
    return lockedUntil;
  });
}

export function sessionState(ground: Ground, mailbox: Mailbox, held: HeldSession): Uint8Array | null {
  mustHold(ground, mailbox, held);
  return ground.store.session(mailbox.number, held.id)?.state ?? null;
}

export function setSessionState(
  ground: Ground,
  mailbox: Mailbox,
  held: HeldSession,
  state: Uint8Array | null,
): void {
  ground.store.transaction(() => {
    mustHold(ground, mailbox, held);
    ground.store.run(
      'UPDATE sessions SET state = ?, stateChanged = ? WHERE mailbox = ? AND id = ?',
      state,
      ground.now(),
      mailbox.number,
      held.id,
    );
  });
}

export function mustHold({ store, now }: Ground, mailbox: Mailbox, { id, holder }: HeldSession): void {
  const session = store.session(mailbox.number, id);
  if (session?.holder !== holder || (session.lockedUntil ?? 0) <= now()) throw sessionLockLost(id);
}

/** The receiver goes away by itself: what it had and did not settle was no failed delivery. */
export function endSession(ground: Ground, mailbox: Mailbox, { id, holder }: HeldSession): void {
  ground.store.transaction(() => {
    if (ground.store.session(mailbox.number, id)?.holder === holder) release(ground, mailbox, id, false);
  });
}

/** In the caller's transaction. */
export function release(ground: Ground, mailbox: Mailbox, id: string, counted: boolean): void {
  for (const row of ground.store.messages(
    'mailbox = ? AND session = ? AND lock IS NOT NULL',
    mailbox.number,
    id,
  ))
    giveBack(ground, mailbox, row, counted);
  ground.store.run(
    'UPDATE sessions SET holder = NULL, lockedUntil = NULL WHERE mailbox = ? AND id = ?',
    mailbox.number,
    id,
  );
  ground.store.run('DELETE FROM sessions WHERE mailbox = ? AND id = ? AND state IS NULL', mailbox.number, id);
  ground.changed(mailbox);
}

/** Sessions whose state was set after a time; without one, those with messages. */
export function listSessions(
  { store }: Ground,
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
