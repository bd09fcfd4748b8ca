// Converts a message or a batch for a function: the body, and the properties as trigger metadata.

import { isUtf8 } from 'node:buffer';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { TypedData } from '../app/typed-data.ts';

type Metadata = Record<string, TypedData>;

/**
 * These fields travel as texts. A text that looks like a number reaches the function as a number,
 * as in Azure.
 */
const TEXT_FIELDS: Readonly<Record<string, (message: ServiceBusReceivedMessage) => unknown>> = {
  MessageId: ({ messageId }): unknown => messageId,
  LockToken: ({ lockToken }) => lockToken,
  ContentType: ({ contentType }) => contentType,
  CorrelationId: ({ correlationId }): unknown => correlationId,
  Subject: ({ subject }) => subject,
  Label: ({ subject }) => subject,
  To: ({ to }) => to,
  ReplyTo: ({ replyTo }) => replyTo,
  SessionId: ({ sessionId }) => sessionId,
  ReplyToSessionId: ({ replyToSessionId }) => replyToSessionId,
  PartitionKey: ({ partitionKey }) => partitionKey,
  TransactionPartitionKey: ({ partitionKey }) => partitionKey,
  DeadLetterSource: ({ deadLetterSource }) => deadLetterSource,
};

const JSON_FIELDS: Readonly<Record<string, (message: ServiceBusReceivedMessage) => unknown>> = {
  // On the wire, the count excludes the current delivery.
  DeliveryCount: ({ deliveryCount = 0 }) => deliveryCount + 1,
  SequenceNumber: ({ sequenceNumber }) => sequenceNumber?.toNumber(),
  EnqueuedTimeUtc: ({ enqueuedTimeUtc }) => enqueuedTimeUtc,
  EnqueuedTime: ({ enqueuedTimeUtc }) => enqueuedTimeUtc,
  ExpiresAtUtc: ({ expiresAtUtc }) => expiresAtUtc,
  ExpiresAt: ({ expiresAtUtc }) => expiresAtUtc,
  ApplicationProperties: ({ applicationProperties = {} }) => applicationProperties,
  UserProperties: ({ applicationProperties = {} }) => applicationProperties,
};

export function messageMetadata(message: ServiceBusReceivedMessage): Metadata {
  const texts = Object.entries(TEXT_FIELDS).flatMap(([name, read]) => {
    const value = read(message);
    return value === undefined ? [] : [[name, { string: toText(value) }] as const];
  });
  const values = Object.entries(JSON_FIELDS).flatMap(([name, read]) => {
    const value = read(message);
    return value === undefined ? [] : [[name, { json: JSON.stringify(value) }] as const];
  });
  return Object.fromEntries<TypedData>([...texts, ...values]);
}

/** Returns one array for each property, in the order of the messages. */
export function batchMetadata(messages: readonly ServiceBusReceivedMessage[]): Metadata {
  const texts = Object.entries(TEXT_FIELDS).map(
    ([name, read]) =>
      [
        `${name}Array`,
        { collectionString: { string: messages.map((message) => toText(read(message) ?? '')) } },
      ] as const,
  );
  const values = Object.entries(JSON_FIELDS).map(
    ([name, read]) =>
      [`${name}Array`, { json: JSON.stringify(messages.map((message) => read(message) ?? null)) }] as const,
  );
  return Object.fromEntries<TypedData>([...texts, ...values]);
}

export function messageBody(message: ServiceBusReceivedMessage, binary: boolean): TypedData {
  const bytes = bodyBytes(message);
  return binary || !isUtf8(bytes) ? { bytes } : { string: bytes.toString() };
}

export function batchBody(messages: readonly ServiceBusReceivedMessage[], binary: boolean): TypedData {
  const bodies = messages.map(bodyBytes);
  return binary || !bodies.every((body) => isUtf8(body))
    ? { collectionBytes: { bytes: bodies } }
    : { collectionString: { string: bodies.map(String) } };
}

/** Most clients send bytes; some send an AMQP value. */
function bodyBytes(message: ServiceBusReceivedMessage): Buffer {
  const body: unknown = message.body;
  if (body instanceof Uint8Array) return Buffer.from(body);
  if (typeof body === 'string') return Buffer.from(body);
  return Buffer.from(JSON.stringify(body ?? null));
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
