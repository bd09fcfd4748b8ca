// Encodes and decodes AMQP values with rhea's codec. Its typings omit the reader and the writer,
// and return decoded values as `any`.

import rhea from 'rhea';

/** A value with its AMQP type. */
export interface AmqpValue {
  readonly type: { readonly name: string };
  readonly value: unknown;
  readonly descriptor?: { readonly value: unknown };
}

interface Reader {
  position: number;
  remaining(): number;
  read(): AmqpValue;
}

interface Writer {
  write(value: AmqpValue): void;
  toBuffer(): Buffer;
}

interface Codec {
  Reader: new (bytes: Buffer) => Reader;
  Writer: new () => Writer;
  wrap(value: unknown): AmqpValue;
  unwrap(value: AmqpValue): unknown;
  described(descriptor: AmqpValue, value: AmqpValue): AmqpValue;
  wrap_ulong(value: number): AmqpValue;
  wrap_uint(value: number): AmqpValue;
  wrap_int(value: number): AmqpValue;
  wrap_long(value: number | Buffer): AmqpValue;
  wrap_boolean(value: boolean): AmqpValue;
  wrap_uuid(value: Buffer): AmqpValue;
  wrap_timestamp(value: number): AmqpValue;
  wrap_string(value: string): AmqpValue;
  wrap_list(values: readonly unknown[]): AmqpValue;
  wrap_map(map: Readonly<Record<string, unknown>>): AmqpValue;
  wrap_symbolic_map(map: Readonly<Record<string, unknown>>): AmqpValue;
  wrap_array(values: readonly unknown[], code: number, descriptor: undefined): AmqpValue;
}

export const codec = rhea.types as unknown as Codec;

export const ARRAY_OF = { long: 0x81, timestamp: 0x83 } as const;

export function describedValue(descriptor: number, value: AmqpValue): AmqpValue {
  return codec.described(codec.wrap_ulong(descriptor), value);
}

export function encodeValues(...values: readonly AmqpValue[]): Buffer {
  const writer = new codec.Writer();
  for (const value of values) writer.write(value);
  return writer.toBuffer();
}

/** Returns the pairs of a map, with their types. */
export function mapEntries(map: AmqpValue): [name: string, value: AmqpValue][] {
  const items = map.value as readonly AmqpValue[];
  const pairs: [string, AmqpValue][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [name, value] = [items[index], items[index + 1]];
    if (name !== undefined && value !== undefined) pairs.push([String(codec.unwrap(name)), value]);
  }
  return pairs;
}

export function decodeValue(bytes: Uint8Array): AmqpValue {
  return new codec.Reader(asBuffer(bytes)).read();
}

/** Converts a byte array to a Buffer: SQLite returns plain byte arrays. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export type PlainMap = Readonly<Record<string, unknown>>;

export const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Decodes a body or a set of properties that must be a map. */
export const toPlainMap = (value: unknown): PlainMap =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? (value as PlainMap) : {};
