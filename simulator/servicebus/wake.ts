// What happens by itself when its time comes: locks end, scheduled messages are enqueued, old ones expire.

import { expire } from './dead-letters.ts';
import type { Ground } from './ground.ts';
import { giveBack } from './receiving.ts';
import { enqueueScheduled, targetOf } from './sending.ts';
import { release } from './sessions.ts';
import { STATE, type MessageRow, type SessionRow } from './store.ts';

/** So many at a time, so that receivers are not kept waiting. */
const PORTION = 500;
const LONGEST_SLEEP = 60 * 60_000;

export interface Waker {
  wakeBy(time: number): void;
  stop(): void;
}

export function createWaker(ground: () => Ground): Waker {
  let next = Infinity;
  let timer: NodeJS.Timeout | undefined;
  const sleepUntil = (time: number, now: number): void => {
    clearTimeout(timer);
    next = time;
    timer = setTimeout(work, Math.min(Math.max(time - now, 0), LONGEST_SLEEP));
  };
  const work = (): void => {
    next = Infinity;
    const due = workOff(ground());
    if (due < next) sleepUntil(due, ground().now());
  };
  return {
    wakeBy(time) {
      if (time < next) sleepUntil(time, ground().now());
    },
    stop: () => clearTimeout(timer),
  };
}

/** Does what is due, and says when there is more. */
export function workOff(ground: Ground): number {
  const { store, now } = ground;
  const time = now();
  const lost = store.transaction(() => {
    for (const row of store.messages('due <= ? ORDER BY due LIMIT ?', time, PORTION))
      happen(ground, row, time);
    const ended = store.all(
      'SELECT * FROM sessions WHERE lockedUntil <= ? LIMIT ?',
      time,
      PORTION,
    ) as SessionRow[];
    for (const session of ended) endByTime(ground, session);
    return ended;
  });
  for (const { holder, id } of lost) if (holder !== null) ground.sessionLost(holder, id);
  const { message, session } = store.first(
    'SELECT (SELECT min(due) FROM messages) AS message, (SELECT min(lockedUntil) FROM sessions) AS session',
  ) as { message: number | null; session: number | null };
  return Math.min(message ?? Infinity, session ?? Infinity);
}

function happen(ground: Ground, row: MessageRow, now: number): void {
  const entity = ground.directory.byNumber(row.mailbox);
  if (entity === undefined) {
    // Of an entity that is no longer defined: it waits, free, for the entity to come back.
    ground.store.run(
      'UPDATE messages SET lock = NULL, lockedUntil = NULL, due = NULL WHERE number = ?',
      row.number,
    );
  } else if (row.state === STATE.scheduled) {
    enqueueScheduled(ground, targetOf(entity), row, now);
  } else if (entity.kind !== 'topic') {
    if (row.lock === null) expire(ground, entity, row);
    else giveBack(ground, entity, row, true);
  }
}

function endByTime(ground: Ground, { mailbox, id }: SessionRow): void {
  const entity = ground.directory.byNumber(mailbox);
  if (entity === undefined || entity.kind === 'topic') {
    ground.store.run('UPDATE messages SET lock = NULL WHERE mailbox = ? AND session = ?', mailbox, id);
    ground.store.run(
      'UPDATE sessions SET holder = NULL, lockedUntil = NULL WHERE mailbox = ? AND id = ?',
      mailbox,
      id,
    );
    return;
  }
  release(ground, entity, id, true);
}
