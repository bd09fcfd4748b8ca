// A message as sections of bytes. The broker passes on the sender's sections byte for byte:
// properties, application properties and body. The header and the annotations belong to the broker.

import { randomUUID } from 'node:crypto';
import {
  asBuffer,
  encodeValues,
  codec,
  describedValue,
  mapEntries,
  decodeValue,
  type AmqpValue,
} from './amqp/codec.ts';
import { BrokerError } from './broker-error.ts';
import { MESSAGE_STATE, type MessageRow } from './store.ts';

export const MAX_MESSAGE_BYTES = 256 * 1024;

const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  annotations: 0x72,
  properties: 0x73,
  application: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
} as const;
const BODY_SECTIONS: readonly number[] = [SECTION.data, SECTION.sequence, SECTION.value];
/** The indexes of fields in the properties section. */
const PROPERTY_INDEX = {
  messageId: 0,
  to: 2,
  label: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: 10,
  replyToSessionId: 12,
} as const;
const TIME_TO_LIVE_INDEX = 2;
const SCHEDULED_ANNOTATION = 'x-opt-scheduled-enqueue-time';

export type SystemProperty = keyof typeof PROPERTY_INDEX;

export interface ReceivedMessage {
  readonly size: number;
  readonly messageId: string;
  readonly sessionId: string | null;
  readonly timeToLive: number | undefined;
  /** The requested enqueue time. */
  readonly scheduled: number | undefined;
  readonly annotations: Buffer | null;
  readonly properties: Buffer;
  readonly application: Buffer | null;
  readonly body: Buffer;
}

/** The fields that filters can read. */
export interface MessageFields {
  readonly system: Readonly<Partial<Record<SystemProperty, unknown>>>;
  readonly application: ReadonlyMap<string, unknown>;
}

/** Decodes a sender's message. Throws a BrokerError for invalid bytes. */
export function readMessage(bytes: Buffer): ReceivedMessage {
  try {
    return decodeSections(bytes);
  } catch (error) {
    throw new BrokerError(
      'amqp:decode-error',
      `The message cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function decodeSections(bytes: Buffer): ReceivedMessage {
  const reader = new codec.Reader(bytes);
  const sections = new Map<number, { bytes: Buffer; value: AmqpValue }>();
  let body: Buffer = Buffer.alloc(0);
  while (reader.remaining() > 0) {
    const start = reader.position;
    const value = reader.read();
    const code = Number(value.descriptor?.value);
    if (Number.isNaN(code)) throw new Error('a section has no numeric descriptor.');
    if (BODY_SECTIONS.includes(code)) {
      body = bytes.subarray(start); // includes the footer
      break;
    }
    sections.set(code, { bytes: bytes.subarray(start, reader.position), value });
  }
  const properties = withMessageId(sections.get(SECTION.properties)?.value);
  const annotations = sections.get(SECTION.annotations);
  const scheduled =
    annotations === undefined
      ? undefined
      : mapEntries(annotations.value).find(([name]) => name === SCHEDULED_ANNOTATION)?.[1];
  const header = sections.get(SECTION.header)?.value.value as AmqpValue[] | undefined;
  const timeToLive = header?.at(TIME_TO_LIVE_INDEX)?.value;
  return {
    size: bytes.length,
    messageId: properties.messageId,
    sessionId: properties.sessionId,
    timeToLive: typeof timeToLive === 'number' ? timeToLive : undefined,
    scheduled: scheduled?.value instanceof Date ? scheduled.value.getTime() : undefined,
    annotations:
      annotations === undefined || mapEntries(annotations.value).length === 0 ? null : annotations.bytes,
    properties: properties.bytes,
    application: sections.get(SECTION.application)?.bytes ?? null,
    body,
  };
}

/** Adds a message id when the sender set none: clients use the id as the name of a lock. */
function withMessageId(section: AmqpValue | undefined): {
  bytes: Buffer;
  messageId: string;
  sessionId: string | null;
} {
  const fields = section === undefined ? [] : [...(section.value as AmqpValue[])];
  const id = fields[PROPERTY_INDEX.messageId];
  if (id === undefined || id.value === null)
    fields[PROPERTY_INDEX.messageId] = codec.wrap_string(randomUUID().replaceAll('-', ''));
  const messageId = fields[PROPERTY_INDEX.messageId]?.value;
  const session = fields[PROPERTY_INDEX.sessionId]?.value;
  return {
    bytes: encodeValues(describedValue(SECTION.properties, codec.wrap_list(fields))),
    messageId: Buffer.isBuffer(messageId) ? messageId.toString('hex') : String(messageId),
    sessionId: typeof session === 'string' ? session : null,
  };
}

/**
 * Returns the messages of a batch. Each is a data section of the message that carries the batch.
 */
export function readBatch(bytes: Buffer): ReceivedMessage[] {
  const reader = new codec.Reader(bytes);
  const messages: ReceivedMessage[] = [];
  while (reader.remaining() > 0) {
    const section = reader.read();
    if (Number(section.descriptor?.value) === SECTION.data)
      messages.push(readMessage(section.value as Buffer));
  }
  return messages;
}

export function readMessageFields(
  message: Pick<ReceivedMessage, 'properties' | 'application'>,
): MessageFields {
  const fields = decodeValue(message.properties).value as AmqpValue[];
  const system = Object.entries(PROPERTY_INDEX).map(
    ([name, index]) => [name, fields[index]?.value ?? undefined] as const,
  );
  const application = message.application === null ? [] : mapEntries(decodeValue(message.application));
  return {
    system: Object.fromEntries(system),
    application: new Map(application.map(([name, value]) => [name, codec.unwrap(value)])),
  };
}

/** Returns the application properties with some values replaced. */
export function setApplicationProperties(
  application: Uint8Array | null,
  changes: Readonly<Record<string, unknown>>,
): Buffer {
  const pairs = new Map<string, AmqpValue>(application === null ? [] : mapEntries(decodeValue(application)));
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined) pairs.set(name, codec.wrap(value));
  return encodeValues(describedValue(SECTION.application, codec.wrap_map(Object.fromEntries(pairs))));
}

/** Encodes the message for a receiver. */
export function encodeForReceiver(row: MessageRow, lockedUntil: number | null): Buffer {
  const header = codec.wrap_list([
    codec.wrap_boolean(true),
    null,
    row.timeToLive === null ? null : codec.wrap_uint(row.timeToLive),
    null,
    codec.wrap_uint(row.deliveryCount),
  ]);
  const annotations = {
    ...(row.annotations !== null && Object.fromEntries(mapEntries(decodeValue(row.annotations)))),
    'x-opt-sequence-number': codec.wrap_long(row.sequence),
    'x-opt-enqueue-sequence-number': codec.wrap_long(row.enqueuedSequence),
    'x-opt-enqueued-time': codec.wrap_timestamp(row.enqueued),
    ...(row.scheduled !== null && { [SCHEDULED_ANNOTATION]: codec.wrap_timestamp(row.scheduled) }),
    ...(row.state !== MESSAGE_STATE.active && { 'x-opt-message-state': codec.wrap_int(row.state) }),
    ...(row.deadLetterSource !== null && { 'x-opt-deadletter-source': row.deadLetterSource }),
    ...(lockedUntil !== null && { 'x-opt-locked-until': codec.wrap_timestamp(lockedUntil) }),
  };
  return Buffer.concat([
    encodeValues(
      describedValue(SECTION.header, header),
      describedValue(SECTION.annotations, codec.wrap_symbolic_map(annotations)),
    ),
    asBuffer(row.properties),
    ...(row.application === null ? [] : [asBuffer(row.application)]),
    asBuffer(row.body),
  ]);
}
