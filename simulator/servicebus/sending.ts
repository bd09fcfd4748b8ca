// Accepts messages: checks the rules of the entity, drops duplicates, and copies a message to each
// subscription with a matching filter.

import type { Entity, Mailbox, Topic } from './entities.ts';
import { BrokerError, messageNotFound } from './broker-error.ts';
import type { BrokerContext } from './broker-context.ts';
import { asBuffer } from './amqp/codec.ts';
import { deadLetter } from './dead-letters.ts';
import { readMessageFields, MAX_MESSAGE_BYTES, type ReceivedMessage } from './message.ts';
import { MESSAGE_STATE, type MessageRow } from './store.ts';

/** The longest time that an AMQP header can carry. */
const MAX_TIME_TO_LIVE_MS = 0xffff_ffff;

export type SendTarget = Mailbox | Topic;

export function requireSendTarget(entity: Entity): SendTarget {
  if (entity.kind === 'queue' || entity.kind === 'topic') return entity;
  throw new BrokerError(
    'amqp:not-allowed',
    `Nothing can be sent to '${entity.address}': send to the queue or the topic itself.`,
  );
}

/**
 * Accepts all messages or none. Returns each sequence number; for a topic, the topic's own number.
 * A duplicate is accepted and dropped, and gets undefined.
 */
export function send(
  broker: BrokerContext,
  target: SendTarget,
  messages: readonly ReceivedMessage[],
): (number | undefined)[] {
  return broker.store.transaction(() =>
    messages.map((message) => {
      checkMessage(target, message);
      const now = broker.now();
      if (isDuplicate(broker, target, message, now)) return undefined;
      return message.scheduled !== undefined && message.scheduled > now
        ? storeScheduled(broker, target, message, message.scheduled)
        : enqueue(broker, target, message, now);
    }),
  );
}

/**
 * Schedules messages and returns their numbers. The broker enqueues a message for a past time at
 * once, under a new number.
 */
export function schedule(
  broker: BrokerContext,
  target: SendTarget,
  messages: readonly ReceivedMessage[],
): number[] {
  return broker.store.transaction(() =>
    messages.map((message) => {
      checkMessage(target, message);
      const now = broker.now();
      if (isDuplicate(broker, target, message, now)) return broker.store.nextSequence(target.number);
      return storeScheduled(broker, target, message, message.scheduled ?? now);
    }),
  );
}

export function cancelScheduled(
  broker: BrokerContext,
  target: SendTarget,
  sequences: readonly number[],
): void {
  broker.store.transaction(() => {
    const missing = sequences.filter(
      (sequence) =>
        broker.store.run(
          'DELETE FROM messages WHERE mailbox = ? AND sequence = ? AND state = ?',
          target.number,
          sequence,
          MESSAGE_STATE.scheduled,
        ) === 0,
    );
    if (missing.length > 0) throw messageNotFound(missing);
  });
}

function checkMessage(target: SendTarget, message: ReceivedMessage): void {
  if (message.size > MAX_MESSAGE_BYTES) {
    throw new BrokerError(
      'amqp:link:message-size-exceeded',
      `The message has ${message.size} bytes and exceeds the maximum of ${MAX_MESSAGE_BYTES}.`,
    );
  }
  if (target.kind !== 'topic' && target.requiresSession && message.sessionId === null) {
    throw new BrokerError(
      'amqp:not-allowed',
      `The SessionId was not set on a message, and it cannot be sent to '${target.address}', ` +
        'which requires sessions.',
    );
  }
}

function isDuplicate(
  { store }: BrokerContext,
  target: SendTarget,
  message: ReceivedMessage,
  now: number,
): boolean {
  if (target.duplicateWindow === undefined) return false;
  store.forgetMessageIds(now);
  return !store.rememberMessageId(target.number, message.messageId, now + target.duplicateWindow);
}

function storeScheduled(
  broker: BrokerContext,
  target: SendTarget,
  message: ReceivedMessage,
  scheduled: number,
): number {
  const sequence = broker.store.nextSequence(target.number);
  broker.store.insert({
    mailbox: target.number,
    sequence,
    enqueuedSequence: sequence,
    state: MESSAGE_STATE.scheduled,
    session: message.sessionId,
    enqueued: broker.now(),
    scheduled,
    timeToLive: message.timeToLive ?? null,
    expires: null,
    due: scheduled,
    annotations: message.annotations,
    properties: message.properties,
    application: message.application,
    body: message.body,
  });
  broker.wakeBy(scheduled);
  return sequence;
}

/** Enqueues a scheduled message at its time, like a new message with a new number. */
export function enqueueScheduled(
  broker: BrokerContext,
  target: SendTarget,
  row: MessageRow,
  now: number,
): void {
  broker.store.delete(row.number);
  enqueue(
    broker,
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

function enqueue(broker: BrokerContext, target: SendTarget, message: ReceivedMessage, now: number): number {
  if (target.kind !== 'topic') return append(broker, target, message, now);
  const sequence = broker.store.nextSequence(target.number);
  const facts = readMessageFields(message);
  for (const { mailbox } of target.subscriptions) {
    if (broker.rules.accepts(mailbox, facts))
      append(broker, mailbox, message, now, { sequence, timeToLive: target.timeToLive });
  }
  return sequence;
}

function append(
  broker: BrokerContext,
  mailbox: Mailbox,
  message: ReceivedMessage,
  now: number,
  topic?: { sequence: number; timeToLive: number },
): number {
  const timeToLive = Math.min(
    message.timeToLive ?? Infinity,
    mailbox.timeToLive,
    topic?.timeToLive ?? Infinity,
  );
  const expires = timeToLive === Infinity ? null : now + timeToLive;
  const sequence = broker.store.nextSequence(mailbox.number);
  broker.store.insert({
    mailbox: mailbox.number,
    sequence,
    enqueuedSequence: topic?.sequence ?? sequence,
    state: MESSAGE_STATE.active,
    session: message.sessionId,
    enqueued: now,
    scheduled: message.scheduled ?? null,
    timeToLive: expires === null ? null : Math.min(timeToLive, MAX_TIME_TO_LIVE_MS),
    expires,
    due: expires,
    annotations: message.annotations,
    properties: message.properties,
    application: message.application,
    body: message.body,
  });
  if (mailbox.requiresSession && message.sessionId === null) {
    const [row] = broker.store.messages('mailbox = ? AND sequence = ?', mailbox.number, sequence);
    if (row !== undefined)
      deadLetter(broker, mailbox, row, {
        DeadLetterReason: 'Session ID is null.',
        DeadLetterErrorDescription:
          "Session enabled entity doesn't allow a message whose session identifier is null.",
      });
  }
  if (expires !== null) broker.wakeBy(expires);
  broker.changed(mailbox);
  return sequence;
}
