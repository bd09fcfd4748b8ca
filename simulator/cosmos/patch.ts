// Partial updates: the operations of PATCH, applied to a copy of the document.

import { refusal } from './errors.ts';
import { namesOf } from './partition-key.ts';
import { parseCondition } from './sql/parser.ts';
import type { Expression } from './sql/syntax.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';

const MOST_OPERATIONS = 10;
const SYSTEM_PROPERTIES = ['id', '_rid', '_self', '_etag', '_ts', '_attachments'];

type Kind = 'add' | 'set' | 'replace' | 'remove' | 'incr' | 'move';

interface Operation {
  readonly kind: Kind;
  readonly path: string;
  readonly from: string | undefined;
  readonly value: Json | undefined;
}

export interface Patch {
  readonly operations: readonly Operation[];
  /** Only documents for which this is true are changed; in it, the document has this name. */
  readonly condition: { readonly document: string; readonly condition: Expression } | undefined;
}

/** The object or array that holds what a path leads to. */
type Place =
  | { readonly holder: JsonObject; readonly name: string }
  | { readonly list: Json[]; readonly index: number; readonly append: boolean };

export function readPatch(body: unknown, keyPaths: readonly string[]): Patch {
  const { operations, condition } = Array.isArray(body)
    ? { operations: body as Json, condition: undefined }
    : isObject(body)
      ? body
      : {};
  if (!Array.isArray(operations)) throw refusal(400, 'Invalid patch request: the operations are missing.');
  if (operations.length === 0) throw refusal(400, 'Invalid patch request: there are no operations.');
  if (operations.length > MOST_OPERATIONS)
    throw refusal(400, `The number of patch operations can't exceed '${MOST_OPERATIONS}'.`);
  if (condition !== undefined && typeof condition !== 'string')
    throw refusal(400, 'The condition of a patch must be a string.');
  return {
    operations: operations.map((operation, index) => readOperation(operation, index + 1, keyPaths)),
    condition: condition === undefined ? undefined : parseCondition(condition),
  };
}

function readOperation(operation: Json, ordinal: number, keyPaths: readonly string[]): Operation {
  const { op, path, from, value } = isObject(operation) ? operation : {};
  const kind = (['add', 'set', 'replace', 'remove', 'incr', 'move'] as const).find((known) => known === op);
  if (kind === undefined) throw invalid(ordinal, `the operation ${JSON.stringify(op)} is unknown`);
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid(ordinal, 'the path is missing');
  if (kind === 'move' && (typeof from !== 'string' || !from.startsWith('/')))
    throw invalid(ordinal, 'the path to move from is missing');
  if (kind === 'incr' && typeof value !== 'number')
    throw invalid(ordinal, 'the value to add must be a number');
  if (['add', 'set', 'replace'].includes(kind) && value === undefined)
    throw invalid(ordinal, 'the value is missing');
  const source = kind === 'move' ? (from as string) : undefined;
  for (const touched of source === undefined ? [path] : [path, source])
    needChangeable(touched, ordinal, keyPaths);
  return { kind, path, from: source, value };
}

function needChangeable(path: string, ordinal: number, keyPaths: readonly string[]): void {
  if (SYSTEM_PROPERTIES.includes(partsOf(path)[0] ?? ''))
    throw invalid(ordinal, `'${path}' is a system property`);
  const keys = keyPaths.map((keyPath) => `/${namesOf(keyPath).join('/')}`);
  if (keys.some((key) => key === path || key.startsWith(`${path}/`)))
    throw invalid(ordinal, `'${path}' holds the partition key`);
}

export function applyPatch(document: JsonObject, patch: Patch): JsonObject {
  const changed = structuredClone(document);
  patch.operations.forEach((operation, index) => apply(changed, operation, index + 1));
  return changed;
}

function apply(document: JsonObject, { kind, path, from, value }: Operation, ordinal: number): void {
  const place = placeOf(document, path, ordinal);
  const sets = kind === 'set' && 'list' in place && !place.append ? 'replace' : 'add';
  switch (kind === 'set' ? sets : kind) {
    case 'add':
      add(place, value as Json, ordinal);
      break;
    case 'replace':
      replace(place, value as Json, ordinal);
      break;
    case 'remove':
      remove(place, ordinal);
      break;
    case 'incr':
      increment(place, value as number, ordinal);
      break;
    case 'move':
      move(document, placeOf(document, from ?? '', ordinal), path, ordinal);
      break;
  }
}

function add(place: Place, value: Json, ordinal: number): void {
  if ('holder' in place) assign(place.holder, place.name, value);
  else if (place.append) place.list.push(value);
  else if (place.index > place.list.length)
    throw invalid(ordinal, 'the index is beyond the end of the array');
  else place.list.splice(place.index, 0, value);
}

function replace(place: Place, value: Json, ordinal: number): void {
  needPresent(place, ordinal);
  if ('holder' in place) assign(place.holder, place.name, value);
  else place.list[place.index] = value;
}

function remove(place: Place, ordinal: number): void {
  needPresent(place, ordinal);
  if ('holder' in place) Reflect.deleteProperty(place.holder, place.name);
  else place.list.splice(place.index, 1);
}

function increment(place: Place, by: number, ordinal: number): void {
  const present = valueAt(place);
  if (present !== undefined && typeof present !== 'number')
    throw invalid(ordinal, 'only a number can be incremented');
  if (present === undefined) add(place, by, ordinal);
  else replace(place, present + by, ordinal);
}

function move(document: JsonObject, source: Place, path: string, ordinal: number): void {
  const value = valueAt(source);
  if (value === undefined) throw invalid(ordinal, 'there is nothing to move');
  remove(source, ordinal);
  // Taking the value out may have shifted an array, so the target is looked up anew.
  const target = placeOf(document, path, ordinal);
  if ('list' in target && !target.append && target.index < target.list.length)
    replace(target, value, ordinal);
  else add(target, value, ordinal);
}

function valueAt(place: Place): Json | undefined {
  if ('list' in place) return place.list[place.index];
  return Object.hasOwn(place.holder, place.name) ? place.holder[place.name] : undefined;
}

function needPresent(place: Place, ordinal: number): void {
  if (valueAt(place) === undefined) throw invalid(ordinal, 'the path does not exist');
}

/** Also for `__proto__`, which a plain assignment would take for something else. */
function assign(holder: JsonObject, name: string, value: Json): void {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}

function placeOf(document: JsonObject, path: string, ordinal: number): Place {
  const parts = partsOf(path);
  const name = parts.pop() ?? '';
  let holder: Json | undefined = document;
  for (const part of parts) holder = holder === undefined ? undefined : stepInto(holder, part);
  if (Array.isArray(holder)) {
    if (name === '-') return { list: holder, index: holder.length, append: true };
    if (!/^(0|[1-9]\d*)$/.test(name)) throw invalid(ordinal, `'${name}' is no index of an array`);
    return { list: holder, index: Number(name), append: false };
  }
  if (isObject(holder)) return { holder, name };
  throw invalid(
    ordinal,
    'an operation only supports a leaf of an existing node (array or object), no path found ' +
      `beyond: '${path}'`,
  );
}

function stepInto(holder: Json, part: string): Json | undefined {
  if (Array.isArray(holder)) return /^\d+$/.test(part) ? holder[Number(part)] : undefined;
  return isObject(holder) && Object.hasOwn(holder, part) ? holder[part] : undefined;
}

/** A JSON pointer: `~1` is a slash, `~0` a tilde. */
function partsOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function invalid(ordinal: number, reason: string) {
  return refusal(400, `For Operation(${ordinal}): ${reason}.`);
}
