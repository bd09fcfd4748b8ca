// The broker's data in SQLite. All other modules of the broker read and write it through this
// store.

import type { SQLInputValue } from 'node:sqlite';
import { DataFile } from '../data-file.ts';

/** The numbers have the meaning that `x-opt-message-state` has for clients. */
export const MESSAGE_STATE = { active: 0, deferred: 1, scheduled: 2 } as const;
export type MessageState = (typeof MESSAGE_STATE)[keyof typeof MESSAGE_STATE];

// `due` is the time of a message's next timed step: its lock ends, it becomes active, or it
// expires. A message of a locked session has no time of its own.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entities (
    number INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE,
    lastSequence INTEGER NOT NULL DEFAULT 0, hasRules INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL, sequence INTEGER NOT NULL, enqueuedSequence INTEGER NOT NULL,
    state INTEGER NOT NULL, session TEXT, enqueued INTEGER NOT NULL, scheduled INTEGER,
    timeToLive INTEGER, expires INTEGER,
    deliveryCount INTEGER NOT NULL, lock BLOB, lockedUntil INTEGER, due INTEGER, deadLetterSource TEXT,
    annotations BLOB, properties BLOB NOT NULL, application BLOB, body BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS messages_by_sequence ON messages (mailbox, sequence);
  CREATE INDEX IF NOT EXISTS messages_available ON messages (mailbox, sequence) WHERE state = 0 AND lock IS NULL;
  CREATE INDEX IF NOT EXISTS messages_by_session ON messages (mailbox, session, sequence) WHERE session IS NOT NULL;
  CREATE UNIQUE INDEX IF NOT EXISTS messages_by_lock ON messages (lock) WHERE lock IS NOT NULL;
  CREATE INDEX IF NOT EXISTS messages_due ON messages (due) WHERE due IS NOT NULL;
  CREATE TABLE IF NOT EXISTS sessions (
    mailbox INTEGER NOT NULL, id TEXT NOT NULL, state BLOB, stateChanged INTEGER, holder TEXT, lockedUntil INTEGER,
    PRIMARY KEY (mailbox, id)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sessions_due ON sessions (lockedUntil) WHERE lockedUntil IS NOT NULL;
  CREATE TABLE IF NOT EXISTS history (
    entity INTEGER NOT NULL, messageId TEXT NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (entity, messageId)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS history_by_end ON history (until);
  CREATE TABLE IF NOT EXISTS rules (subscription INTEGER NOT NULL, name TEXT NOT NULL, filter TEXT NOT NULL, PRIMARY KEY (subscription, name)) WITHOUT ROWID;
`;

export interface NewMessage {
  readonly mailbox: number;
  readonly sequence: number;
  readonly enqueuedSequence: number;
  readonly state: MessageState;
  readonly session: string | null;
  readonly enqueued: number;
  readonly scheduled: number | null;
  readonly timeToLive: number | null;
  readonly expires: number | null;
  readonly due: number | null;
  /** The message's sections as they came. Null: the message had no such section. */
  readonly annotations: Uint8Array | null;
  readonly properties: Uint8Array;
  readonly application: Uint8Array | null;
  readonly body: Uint8Array;
}

export interface MessageRow extends NewMessage {
  readonly number: number;
  readonly deliveryCount: number;
  readonly lock: Uint8Array | null;
  readonly lockedUntil: number | null;
  readonly deadLetterSource: string | null;
}

export interface SessionRow {
  readonly mailbox: number;
  readonly id: string;
  readonly state: Uint8Array | null;
  readonly holder: string | null;
  readonly lockedUntil: number | null;
}

/** The broker's data file. */
export class BrokerStore extends DataFile {
  constructor(path: string) {
    super(path, SCHEMA);
    // Restores the due times of messages whose entity was not defined during the last run.
    this.run(
      'UPDATE messages SET due = CASE state WHEN 0 THEN expires WHEN 2 THEN scheduled END ' +
        'WHERE due IS NULL AND lock IS NULL',
    );
  }

  entityNumber(address: string): number {
    this.run('INSERT OR IGNORE INTO entities (address) VALUES (?)', address.toLowerCase());
    return (
      this.first('SELECT number FROM entities WHERE address = ?', address.toLowerCase()) as { number: number }
    ).number;
  }

  nextSequence(entity: number): number {
    return (
      this.first(
        'UPDATE entities SET lastSequence = lastSequence + 1 WHERE number = ? RETURNING lastSequence',
        entity,
      ) as { lastSequence: number }
    ).lastSequence;
  }

  insert(message: NewMessage): void {
    this.run(
      `INSERT INTO messages (mailbox, sequence, enqueuedSequence, state, session, enqueued, scheduled, timeToLive, expires, due, deliveryCount, annotations, properties, application, body)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
      message.mailbox,
      message.sequence,
      message.enqueuedSequence,
      message.state,
      message.session,
      message.enqueued,
      message.scheduled,
      message.timeToLive,
      message.expires,
      message.due,
      message.annotations,
      message.properties,
      message.application,
      message.body,
    );
  }

  delete(number: number): void {
    this.run('DELETE FROM messages WHERE number = ?', number);
  }

  messages(where: string, ...operands: SQLInputValue[]): MessageRow[] {
    return this.all(`SELECT * FROM messages WHERE ${where}`, ...operands) as MessageRow[];
  }

  session(mailbox: number, id: string): SessionRow | undefined {
    return this.first('SELECT * FROM sessions WHERE mailbox = ? AND id = ?', mailbox, id) as
      SessionRow | undefined;
  }

  /** Returns false when the id is already known. */
  rememberMessageId(entity: number, messageId: string, until: number): boolean {
    return this.run('INSERT OR IGNORE INTO history VALUES (?, ?, ?)', entity, messageId, until) === 1;
  }

  /** Forgets the ids of messages after their duplicate window. */
  forgetMessageIds(now: number): void {
    this.run('DELETE FROM history WHERE until <= ?', now);
  }
}
