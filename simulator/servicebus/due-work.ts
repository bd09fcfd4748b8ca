// Performs the timed work of the broker: locks end, scheduled messages become active, old messages
// expire.

import { expireMessage } from './dead-letters.ts';
import type { BrokerContext } from './broker-context.ts';
import { releaseMessage } from './receiving.ts';
import { enqueueScheduled, requireSendTarget } from './sending.ts';
import { releaseSession } from './sessions.ts';
import { MESSAGE_STATE, type MessageRow, type SessionRow } from './store.ts';

/** The size of a batch, so that receivers do not wait long. */
const BATCH_SIZE = 500;
const MAX_SLEEP_MS = 60 * 60_000;

export interface Waker {
  wakeBy(time: number): void;
  stop(): void;
}

export function createWaker(broker: () => BrokerContext): Waker {
  let next = Infinity;
  let timer: NodeJS.Timeout | undefined;
  const sleepUntil = (time: number, now: number): void => {
    clearTimeout(timer);
    next = time;
    timer = setTimeout(work, Math.min(Math.max(time - now, 0), MAX_SLEEP_MS));
  };
  const work = (): void => {
    next = Infinity;
    const due = processDue(broker());
    if (due < next) sleepUntil(due, broker().now());
  };
  return {
    wakeBy(time) {
      if (time < next) sleepUntil(time, broker().now());
    },
    stop: () => clearTimeout(timer),
  };
}

/** Performs the due work and returns the time of the next work. */
export function processDue(broker: BrokerContext): number {
  const { store, now } = broker;
  const time = now();
  const lost = store.transaction(() => {
    for (const row of store.messages('due <= ? ORDER BY due LIMIT ?', time, BATCH_SIZE))
      processDueMessage(broker, row, time);
    const ended = store.all(
      'SELECT * FROM sessions WHERE lockedUntil <= ? LIMIT ?',
      time,
      BATCH_SIZE,
    ) as SessionRow[];
    for (const session of ended) expireSession(broker, session);
    return ended;
  });
  for (const { holder, id } of lost) if (holder !== null) broker.sessionLost(holder, id);
  const { message, session } = store.first(
    'SELECT (SELECT min(due) FROM messages) AS message, (SELECT min(lockedUntil) FROM sessions) AS session',
  ) as { message: number | null; session: number | null };
  return Math.min(message ?? Infinity, session ?? Infinity);
}

function processDueMessage(broker: BrokerContext, row: MessageRow, now: number): void {
  const entity = broker.directory.byNumber(row.mailbox);
  if (entity === undefined) {
    // The entity is no longer defined. The message waits, unlocked, until the entity returns.
    broker.store.run(
      'UPDATE messages SET lock = NULL, lockedUntil = NULL, due = NULL WHERE number = ?',
      row.number,
    );
  } else if (row.state === MESSAGE_STATE.scheduled) {
    enqueueScheduled(broker, requireSendTarget(entity), row, now);
  } else if (entity.kind !== 'topic') {
    if (row.lock === null) expireMessage(broker, entity, row);
    else releaseMessage(broker, entity, row, true);
  }
}

function expireSession(broker: BrokerContext, { mailbox, id }: SessionRow): void {
  const entity = broker.directory.byNumber(mailbox);
  if (entity === undefined || entity.kind === 'topic') {
    broker.store.run('UPDATE messages SET lock = NULL WHERE mailbox = ? AND session = ?', mailbox, id);
    broker.store.run(
      'UPDATE sessions SET holder = NULL, lockedUntil = NULL WHERE mailbox = ? AND id = ?',
      mailbox,
      id,
    );
    return;
  }
  releaseSession(broker, entity, id, true);
}
