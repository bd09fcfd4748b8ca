// Moves a message to the dead-letter queue. The message waits there for a reader.

import type { Mailbox } from './entities.ts';
import type { BrokerContext } from './broker-context.ts';
import { setApplicationProperties } from './message.ts';
import { MESSAGE_STATE, type MessageRow } from './store.ts';

/** The reasons, as application properties of the dead letter. */
export type DeadLetterReasons = Readonly<Record<string, unknown>>;

/** Moves the message. Call this function in a transaction. A dead letter stays in its queue. */
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
