// Partition keys: reads them from documents and headers, and computes their place in the key ranges
// of Cosmos DB.

import { createCosmosError, SubStatus } from './errors.ts';
import { murmur128 } from './murmur.ts';
import { isObject, type JsonObject, type Value } from './sql/values.ts';

/** One part of a key. `undefined` means that the document has no such property. */
export type KeyPart = string | number | boolean | null | undefined;

export interface PartitionKey {
  /** One value for each path. A key prefix of a hierarchical key has only the first values. */
  readonly parts: readonly KeyPart[];
  /** A text for comparison. Equal keys have the same text. */
  readonly text: string;
}

/** A slice of the hash space, from `min` up to but not including `max`. */
export interface KeyRange {
  readonly id: string;
  readonly min: string;
  readonly max: string;
}

export const END_OF_RANGES = 'FF';
const KEY_DEFINITION_MISMATCH =
  "Partition key provided either doesn't correspond to definition in the collection or " +
  "doesn't match partition key field values specified in the document.";

/** Returns the property names of a path such as `/a/b` or `/"a"/b`. */
export function pathNames(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((name) => name.replace(/^"(.*)"$|^'(.*)'$/, '$1$2'));
}

export function keyFromDocument(document: JsonObject, paths: readonly string[]): PartitionKey {
  return toPartitionKey(
    paths.map((path) => {
      const value = valueAt(document, path);
      if (typeof value === 'object' && value !== null)
        throw createCosmosError(
          400,
          `The partition key at ${path} must be a string, a number, a boolean or null.`,
        );
      return value;
    }),
  );
}

export function valueAt(document: JsonObject, path: string): Value {
  let value: Value = document;
  for (const name of pathNames(path))
    value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/**
 * Reads a complete key with `levels` parts. The header contains a JSON array, and `{}` in the array
 * means undefined.
 */
export function keyFromHeader(header: string | undefined, levels: number): PartitionKey {
  const key = keyPrefixFromHeader(header, levels);
  if (key.parts.length !== levels) throw keyMismatch(KEY_DEFINITION_MISMATCH);
  return key;
}

/** Reads a complete key, or the first parts of a hierarchical key. */
export function keyPrefixFromHeader(header: string | undefined, levels: number): PartitionKey {
  if (header === undefined)
    throw createCosmosError(400, 'PartitionKey value must be supplied for this operation.');
  const parts = parseArray(header);
  if (parts.length === 0 || parts.length > levels) throw keyMismatch(KEY_DEFINITION_MISMATCH);
  return toPartitionKey(parts.map((part) => readKeyPart(part, header)));
}

function readKeyPart(part: unknown, header: string): KeyPart {
  const undefinedKey = isObject(part) && Object.keys(part).length === 0;
  if (typeof part === 'object' && part !== null && !undefinedKey)
    throw createCosmosError(400, `Partition key ${header} is invalid.`);
  return undefinedKey ? undefined : (part as KeyPart);
}

/** Checks that the header names the partition of the document's own properties. */
export function requireSameKey(document: JsonObject, paths: readonly string[], key: PartitionKey): void {
  if (keyFromDocument(document, paths).text !== key.text)
    throw keyMismatch("PartitionKey extracted from document doesn't match the one specified in the header.");
}

function keyMismatch(reason: string) {
  return createCosmosError(400, reason, SubStatus.partitionKeyMismatch);
}

function toPartitionKey(parts: readonly KeyPart[]): PartitionKey {
  return { parts, text: parts.map((part) => (part === undefined ? '{}' : JSON.stringify(part))).join(',') };
}

function parseArray(header: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(header);
    if (Array.isArray(parts)) return parts;
  } catch {
    // The error below covers this case too.
  }
  throw createCosmosError(400, `Partition key ${header} is invalid.`);
}

/** Returns version 2 of the hash: 32 hexadecimal digits for each part. The first digit is at most 3. */
export function effectiveKey({ parts }: PartitionKey): string {
  return parts.map(hashOf).join('');
}

/** Returns the slice of the hash space for all keys that begin with these parts. */
export function hashRangeOf(key: PartitionKey): { readonly min: string; readonly max: string } {
  const min = effectiveKey(key);
  return { min, max: `${min}${END_OF_RANGES}` };
}

function hashOf(part: KeyPart): string {
  const hash = murmur128(encodeKeyPart(part)).reverse();
  hash[0] = (hash[0] ?? 0) & 0x3f;
  return hash.toString('hex').toUpperCase();
}

function encodeKeyPart(part: KeyPart): Buffer {
  if (part === undefined) return Buffer.from([0x00]);
  if (part === null) return Buffer.from([0x01]);
  if (typeof part === 'boolean') return Buffer.from([part ? 0x03 : 0x02]);
  if (typeof part === 'string')
    return Buffer.concat([Buffer.from([0x08]), Buffer.from(part, 'utf8'), Buffer.from([0xff])]);
  const number = Buffer.alloc(9, 0x05);
  number.writeDoubleLE(part, 1);
  return number;
}

/**
 * Splits the hash space into `count` equal slices. The ids depend on the count: after a split no
 * range has an old id.
 */
export function createKeyRanges(count: number): KeyRange[] {
  const space = 1n << 126n;
  const border = (index: number): string => {
    if (index === 0) return '';
    if (index === count) return END_OF_RANGES;
    return ((space * BigInt(index)) / BigInt(count)).toString(16).toUpperCase().padStart(32, '0');
  };
  const firstId = (count * (count - 1)) / 2;
  return Array.from({ length: count }, (_, index) => ({
    id: String(firstId + index),
    min: border(index),
    max: border(index + 1),
  }));
}

export function findRange(ranges: readonly KeyRange[], hash: string): KeyRange {
  const range = ranges.find(({ min, max }) => hash >= min && hash < max);
  if (range === undefined) throw new Error(`No partition key range holds ${hash}.`);
  return range;
}
