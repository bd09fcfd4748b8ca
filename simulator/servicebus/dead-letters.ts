// How a message is moved to the dead letters, where it waits for somebody to look at it.

import type { Mailbox } from './entities.ts';
import type { BrokerContext } from './broker-context.ts';
import { setApplicationProperties } from './message.ts';
import { MESSAGE_STATE, type MessageRow } from './store.ts';

/** Why, as application properties that the reader of dead letters finds. */
export type DeadLetterReasons = Readonly<Record<string, unknown>>;

/** In the caller's transaction. A dead letter that is given up again stays where it is. */
export function deadLetter(
  broker: BrokerContext,
  mailbox: Mailbox,
  row: MessageRow,
  reasons: DeadLetterReasons,
): void {
  const to = mailbox.deadLetters ?? mailbox;
  broker.store.run(
    'UPDATE messages SET mailbox = ?, state = ?, lock = NULL, lockedUntil = NULL, due = ' +
      'NULL, expires = NULL, deadLetterSource = coalesce(deadLetterSource, ?), application = ? ' +
      'WHERE number = ?',
    to.number,
    MESSAGE_STATE.active,
    mailbox.address,
    setApplicationProperties(row.application, reasons),
    row.number,
  );
  broker.changed(to);
}

export function expireMessage(broker: BrokerContext, mailbox: Mailbox, row: MessageRow): void {
  if (!mailbox.deadLettersExpired) {
    broker.store.delete(row.number);
    return;
  }
  deadLetter(broker, mailbox, row, {
    DeadLetterReason: 'TTLExpiredException',
    DeadLetterErrorDescription: 'The message expired and was dead lettered.',
  });
}
