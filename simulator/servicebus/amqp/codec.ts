// Values of AMQP as bytes, through rhea's codec. Its typings leave out reader and writer, and say
// `any` for what is read.

import rhea from 'rhea';

/** A value with its AMQP type, as it is read and written. */
export interface Value {
  readonly type: { readonly name: string };
  readonly value: unknown;
  readonly descriptor?: { readonly value: unknown };
}

interface Reader {
  position: number;
  remaining(): number;
  read(): Value;
}

interface Writer {
  write(value: Value): void;
  toBuffer(): Buffer;
}

interface Codec {
  Reader: new (bytes: Buffer) => Reader;
  Writer: new () => Writer;
  wrap(value: unknown): Value;
  unwrap(value: Value): unknown;
  described(descriptor: Value, value: Value): Value;
  wrap_ulong(value: number): Value;
  wrap_uint(value: number): Value;
  wrap_int(value: number): Value;
  wrap_long(value: number | Buffer): Value;
  wrap_boolean(value: boolean): Value;
  wrap_uuid(value: Buffer): Value;
  wrap_timestamp(value: number): Value;
  wrap_string(value: string): Value;
  wrap_list(values: readonly unknown[]): Value;
  wrap_map(map: Readonly<Record<string, unknown>>): Value;
  wrap_symbolic_map(map: Readonly<Record<string, unknown>>): Value;
  wrap_array(values: readonly unknown[], code: number, descriptor: undefined): Value;
}

export const codec = rhea.types as unknown as Codec;

export const ARRAY_OF = { long: 0x81, timestamp: 0x83 } as const;

export function described(descriptor: number, value: Value): Value {
  return codec.described(codec.wrap_ulong(descriptor), value);
}

export function bytesOf(...values: readonly Value[]): Buffer {
  const writer = new codec.Writer();
  for (const value of values) writer.write(value);
  return writer.toBuffer();
}

/** The pairs of a map, with their types. */
export function pairsOf(map: Value): [name: string, value: Value][] {
  const items = map.value as readonly Value[];
  const pairs: [string, Value][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [name, value] = [items[index], items[index + 1]];
    if (name !== undefined && value !== undefined) pairs.push([String(codec.unwrap(name)), value]);
  }
  return pairs;
}

export function readOne(bytes: Uint8Array): Value {
  return new codec.Reader(asBuffer(bytes)).read();
}

/** SQLite gives plain byte arrays. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export type Plain = Readonly<Record<string, unknown>>;

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A body or a set of properties that must be a map. */
export const plainMap = (value: unknown): Plain =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? (value as Plain) : {};
