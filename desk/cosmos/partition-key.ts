// Partition keys: taken from documents and headers, and hashed to the place in the ranges where Cosmos DB keeps them.

import { refusal, SubStatus } from './errors.ts';
import { murmur128 } from './murmur.ts';
import { isObject, type JsonObject } from './sql/values.ts';

/** `undefined` stands for a document that has no such property. */
export type KeyPart = string | number | boolean | null | undefined;

export interface PartitionKey {
  readonly part: KeyPart;
  /** The same text for the same key. */
  readonly text: string;
}

/** A slice of the hash space: from `min` up to but not including `max`. */
export interface KeyRange {
  readonly id: string;
  readonly min: string;
  readonly max: string;
}

const END_OF_RANGES = 'FF';

/** `/a/b` or `/"a"/b`: the names on the way to the property. */
export function namesOf(path: string): string[] {
  return path.split('/').slice(1).map((name) => name.replace(/^"(.*)"$|^'(.*)'$/, '$1$2'));
}

export function keyOfDocument(document: JsonObject, path: string): PartitionKey {
  let value: unknown = document;
  for (const name of namesOf(path)) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (typeof value === 'object' && value !== null) throw refusal(400, `The partition key at ${path} must be a string, a number, a boolean or null.`);
  return keyOf(value as KeyPart);
}

/** The header holds a JSON array; `{}` in it stands for undefined. */
export function keyOfHeader(header: string | undefined): PartitionKey {
  if (header === undefined) throw refusal(400, 'PartitionKey value must be supplied for this operation.');
  const parts = parseArray(header);
  if (parts.length !== 1) throw mismatch('Partition key provided either doesn\'t correspond to definition in the collection or doesn\'t match partition key field values specified in the document.');
  const [part] = parts;
  const undefinedKey = isObject(part) && Object.keys(part).length === 0;
  if (typeof part === 'object' && part !== null && !undefinedKey) throw refusal(400, `Partition key ${header} is invalid.`);
  return keyOf(undefinedKey ? undefined : part as KeyPart);
}

/** A document must be sent to the partition that its own property names. */
export function needSameKey(document: JsonObject, path: string, key: PartitionKey): void {
  if (keyOfDocument(document, path).text !== key.text) throw mismatch('PartitionKey extracted from document doesn\'t match the one specified in the header.');
}

function mismatch(reason: string) {
  return refusal(400, reason, SubStatus.partitionKeyMismatch);
}

function keyOf(part: KeyPart): PartitionKey {
  return { part, text: part === undefined ? '{}' : JSON.stringify(part) };
}

function parseArray(header: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(header);
    if (Array.isArray(parts)) return parts;
  } catch { /* told below */ }
  throw refusal(400, `Partition key ${header} is invalid.`);
}

/** Version 2 of the hash: 32 hexadecimal digits, of which the first is at most 3. */
export function effectiveKey({ part }: PartitionKey): string {
  const hash = murmur128(encoded(part)).reverse();
  hash[0] = (hash[0] ?? 0) & 0x3f;
  return hash.toString('hex').toUpperCase();
}

function encoded(part: KeyPart): Buffer {
  if (part === undefined) return Buffer.from([0x00]);
  if (part === null) return Buffer.from([0x01]);
  if (typeof part === 'boolean') return Buffer.from([part ? 0x03 : 0x02]);
  if (typeof part === 'string') return Buffer.concat([Buffer.from([0x08]), Buffer.from(part, 'utf8'), Buffer.from([0xff])]);
  const number = Buffer.alloc(9, 0x05);
  number.writeDoubleLE(part, 1);
  return number;
}

/** The hash space in so many equal slices. */
export function keyRanges(count: number): KeyRange[] {
  const space = 1n << 126n;
  const border = (index: number): string => {
    if (index === 0) return '';
    if (index === count) return END_OF_RANGES;
    return (space * BigInt(index) / BigInt(count)).toString(16).toUpperCase().padStart(32, '0');
  };
  return Array.from({ length: count }, (_, index) => ({ id: String(index), min: border(index), max: border(index + 1) }));
}

export function rangeOf(ranges: readonly KeyRange[], hash: string): KeyRange {
  const range = ranges.find(({ min, max }) => hash >= min && hash < max);
  if (range === undefined) throw new Error(`No partition key range holds ${hash}.`);
  return range;
}
