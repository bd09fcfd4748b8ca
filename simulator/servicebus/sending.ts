// How messages come in: held against the rules of the entity, kept once, copied to the
// subscriptions that want them.

import type { Entity, Mailbox, Topic } from './entities.ts';
import { Failure, messageNotFound } from './failure.ts';
import type { Ground } from './ground.ts';
import { asBuffer } from './amqp/codec.ts';
import { deadLetterRow } from './dead-letters.ts';
import { factsOf, MAXIMUM_SIZE, type Incoming } from './message.ts';
import { STATE, type MessageRow } from './store.ts';

/** The longest time that a header of AMQP can tell. */
const LONGEST = 0xffff_ffff;

export type Target = Mailbox | Topic;

export function targetOf(entity: Entity): Target {
  if (entity.kind === 'queue' || entity.kind === 'topic') return entity;
  throw new Failure(
    'amqp:not-allowed',
    `Nothing can be sent to '${entity.address}': send to the queue or the topic itself.`,
  );
}

/**
 * All or none. The sequence number of each; of a message for a topic, the topic's own. Undefined
 * for a duplicate, which is accepted and dropped.
 */
export function send(ground: Ground, target: Target, messages: readonly Incoming[]): (number | undefined)[] {
  return ground.store.transaction(() =>
    messages.map((message) => {
      checkFit(target, message);
      const now = ground.now();
      if (isDuplicate(ground, target, message, now)) return undefined;
      return message.scheduled !== undefined && message.scheduled > now
        ? keep(ground, target, message, message.scheduled)
        : enqueue(ground, target, message, now);
    }),
  );
}

/**
 * A message that asks for a time in the past is enqueued at once, and has the number under which
 * that happened.
 */
export function schedule(ground: Ground, target: Target, messages: readonly Incoming[]): number[] {
  return ground.store.transaction(() =>
    messages.map((message) => {
      checkFit(target, message);
      const now = ground.now();
      if (isDuplicate(ground, target, message, now)) return ground.store.nextSequence(target.number);
      return keep(ground, target, message, message.scheduled ?? now);
    }),
  );
}

export function cancelScheduled(ground: Ground, target: Target, sequences: readonly number[]): void {
  ground.store.transaction(() => {
    const missing = sequences.filter(
      (sequence) =>
        ground.store.run(
          'DELETE FROM messages WHERE mailbox = ? AND sequence = ? AND state = ?',
          target.number,
          sequence,
          STATE.scheduled,
        ) === 0,
    );
    if (missing.length > 0) throw messageNotFound(missing);
  });
}

function checkFit(target: Target, message: Incoming): void {
  if (message.size > MAXIMUM_SIZE) {
    throw new Failure(
      'amqp:link:message-size-exceeded',
      `The message has ${message.size} bytes and exceeds the maximum of ${MAXIMUM_SIZE}.`,
    );
  }
  if (target.kind !== 'topic' && target.requiresSession && message.sessionId === null) {
    throw new Failure(
      'amqp:not-allowed',
      `The SessionId was not set on a message, and it cannot be sent to '${target.address}', ` +
        'which requires sessions.',
    );
  }
}

function isDuplicate({ store }: Ground, target: Target, message: Incoming, now: number): boolean {
  if (target.duplicateWindow === undefined) return false;
  store.forget(now);
  return !store.remember(target.number, message.messageId, now + target.duplicateWindow);
}

function keep(ground: Ground, target: Target, message: Incoming, scheduled: number): number {
  const sequence = ground.store.nextSequence(target.number);
  ground.store.insert({
    mailbox: target.number,
    sequence,
    enqueuedSequence: sequence,
    state: STATE.scheduled,
    session: message.sessionId,
    enqueued: ground.now(),
    scheduled,
    timeToLive: message.timeToLive ?? null,
    expires: null,
    due: scheduled,
    annotations: message.annotations,
    properties: message.properties,
    application: message.application,
    body: message.body,
  });
  ground.wakeBy(scheduled);
  return sequence;
}

/** A scheduled message whose time has come is enqueued like one that was just sent, under a new number. */
export function enqueueScheduled(ground: Ground, target: Target, row: MessageRow, now: number): void {
  ground.store.delete(row.number);
  enqueue(
    ground,
    target,
    {
      size: 0,
      messageId: '',
      sessionId: row.session,
      timeToLive: row.timeToLive ?? undefined,
      scheduled: row.scheduled ?? undefined,
      annotations: row.annotations === null ? null : asBuffer(row.annotations),
      properties: asBuffer(row.properties),
      application: row.application === null ? null : asBuffer(row.application),
      body: asBuffer(row.body),
    },
    now,
  );
}

function enqueue(ground: Ground, target: Target, message: Incoming, now: number): number {
  if (target.kind !== 'topic') return append(ground, target, message, now);
  const sequence = ground.store.nextSequence(target.number);
  const facts = factsOf(message);
  for (const { mailbox } of target.subscriptions) {
    if (ground.rules.accepts(mailbox, facts))
      append(ground, mailbox, message, now, { sequence, timeToLive: target.timeToLive });
  }
  return sequence;
}

function append(
  ground: Ground,
  mailbox: Mailbox,
  message: Incoming,
  now: number,
  topic?: { sequence: number; timeToLive: number },
): number {
  const timeToLive = Math.min(
    message.timeToLive ?? Infinity,
    mailbox.timeToLive,
    topic?.timeToLive ?? Infinity,
  );
  const expires = timeToLive === Infinity ? null : now + timeToLive;
  const sequence = ground.store.nextSequence(mailbox.number);
  ground.store.insert({
    mailbox: mailbox.number,
    sequence,
    enqueuedSequence: topic?.sequence ?? sequence,
    state: STATE.active,
    session: message.sessionId,
    enqueued: now,
    scheduled: message.scheduled ?? null,
    timeToLive: expires === null ? null : Math.min(timeToLive, LONGEST),
    expires,
    due: expires,
    annotations: message.annotations,
    properties: message.properties,
    application: message.application,
    body: message.body,
  });
  if (mailbox.requiresSession && message.sessionId === null) {
    const [row] = ground.store.messages('mailbox = ? AND sequence = ?', mailbox.number, sequence);
    if (row !== undefined)
      deadLetterRow(ground, mailbox, row, {
        DeadLetterReason: 'Session ID is null.',
        DeadLetterErrorDescription:
          "Session enabled entity doesn't allow a message whose session identifier is null.",
      });
  }
  if (expires !== null) ground.wakeBy(expires);
  ground.changed(mailbox);
  return sequence;
}
