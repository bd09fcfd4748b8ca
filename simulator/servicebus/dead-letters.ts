// How a message is moved to the dead letters, where it waits for somebody to look at it.

import type { Mailbox } from './entities.ts';
import type { Ground } from './ground.ts';
import { withProperties } from './message.ts';
import { STATE, type MessageRow } from './store.ts';

/** Why, as application properties that the reader of dead letters finds. */
export type Reasons = Readonly<Record<string, unknown>>;

/** In the caller's transaction. A dead letter that is given up again stays where it is. */
export function deadLetterRow(ground: Ground, mailbox: Mailbox, row: MessageRow, reasons: Reasons): void {
  const to = mailbox.deadLetters ?? mailbox;
  ground.store.run(
    'UPDATE messages SET mailbox = ?, state = ?, lock = NULL, lockedUntil = NULL, due = ' +
      'NULL, expires = NULL, deadLetterSource = coalesce(deadLetterSource, ?), application = ? ' +
      'WHERE number = ?',
    to.number,
    STATE.active,
    mailbox.address,
    withProperties(row.application, reasons),
    row.number,
  );
  ground.changed(to);
}

export function expire(ground: Ground, mailbox: Mailbox, row: MessageRow): void {
  if (!mailbox.deadLettersExpired) {
    ground.store.delete(row.number);
    return;
  }
  deadLetterRow(ground, mailbox, row, {
    DeadLetterReason: 'TTLExpiredException',
    DeadLetterErrorDescription: 'The message expired and was dead lettered.',
  });
}
