// Applies the operations of PATCH to a copy of a document.

import { createCosmosError } from './errors.ts';
import { pathNames } from './partition-key.ts';
import { parseCondition } from './sql/parser.ts';
import type { Expression } from './sql/syntax.ts';
import { isObject, type Json, type JsonObject } from './sql/values.ts';

const MAX_OPERATIONS = 10;
const SYSTEM_PROPERTIES = ['id', '_rid', '_self', '_etag', '_ts', '_attachments'];

type PatchKind = 'add' | 'set' | 'replace' | 'remove' | 'incr' | 'move';

interface PatchOperation {
  readonly kind: PatchKind;
  readonly path: string;
  readonly from: string | undefined;
  readonly value: Json | undefined;
}

export interface Patch {
  readonly operations: readonly PatchOperation[];
  /**
   * The patch changes only documents that match this condition. `document` is the name of the
   * document in the condition.
   */
  readonly condition: { readonly document: string; readonly condition: Expression } | undefined;
}

/** The object or array that contains the value at a path. */
type PatchTarget =
  | { readonly holder: JsonObject; readonly name: string }
  | { readonly list: Json[]; readonly index: number; readonly append: boolean };

export function readPatch(body: unknown, keyPaths: readonly string[]): Patch {
  const { operations, condition } = Array.isArray(body)
    ? { operations: body as Json, condition: undefined }
    : isObject(body)
      ? body
      : {};
  if (!Array.isArray(operations))
    throw createCosmosError(400, 'Invalid patch request: the operations are missing.');
  if (operations.length === 0)
    throw createCosmosError(400, 'Invalid patch request: there are no operations.');
  if (operations.length > MAX_OPERATIONS)
    throw createCosmosError(400, `The number of patch operations can't exceed '${MAX_OPERATIONS}'.`);
  if (condition !== undefined && typeof condition !== 'string')
    throw createCosmosError(400, 'The condition of a patch must be a string.');
  return {
    operations: operations.map((operation, index) => readOperation(operation, index + 1, keyPaths)),
    condition: condition === undefined ? undefined : parseCondition(condition),
  };
}

function readOperation(operation: Json, ordinal: number, keyPaths: readonly string[]): PatchOperation {
  const { op, path, from, value } = isObject(operation) ? operation : {};
  const kind = (['add', 'set', 'replace', 'remove', 'incr', 'move'] as const).find((known) => known === op);
  if (kind === undefined) throw patchError(ordinal, `the operation ${JSON.stringify(op)} is unknown`);
  if (typeof path !== 'string' || !path.startsWith('/')) throw patchError(ordinal, 'the path is missing');
  if (kind === 'move' && (typeof from !== 'string' || !from.startsWith('/')))
    throw patchError(ordinal, 'the path to move from is missing');
  if (kind === 'incr' && typeof value !== 'number')
    throw patchError(ordinal, 'the value to add must be a number');
  if (['add', 'set', 'replace'].includes(kind) && value === undefined)
    throw patchError(ordinal, 'the value is missing');
  const source = kind === 'move' ? (from as string) : undefined;
  for (const touched of source === undefined ? [path] : [path, source])
    requireChangeable(touched, ordinal, keyPaths);
  return { kind, path, from: source, value };
}

function requireChangeable(path: string, ordinal: number, keyPaths: readonly string[]): void {
  if (SYSTEM_PROPERTIES.includes(pointerParts(path)[0] ?? ''))
    throw patchError(ordinal, `'${path}' is a system property`);
  const keys = keyPaths.map((keyPath) => `/${pathNames(keyPath).join('/')}`);
  if (keys.some((key) => key === path || key.startsWith(`${path}/`)))
    throw patchError(ordinal, `'${path}' holds the partition key`);
}

export function applyPatch(document: JsonObject, patch: Patch): JsonObject {
  const changed = structuredClone(document);
  patch.operations.forEach((operation, index) => applyOperation(changed, operation, index + 1));
  return changed;
}

function applyOperation(
  document: JsonObject,
  { kind, path, from, value }: PatchOperation,
  ordinal: number,
): void {
  const target = findTarget(document, path, ordinal);
  const sets = kind === 'set' && 'list' in target && !target.append ? 'replace' : 'add';
  switch (kind === 'set' ? sets : kind) {
    case 'add':
      add(target, value as Json, ordinal);
      break;
    case 'replace':
      replace(target, value as Json, ordinal);
      break;
    case 'remove':
      remove(target, ordinal);
      break;
    case 'incr':
      increment(target, value as number, ordinal);
      break;
    case 'move':
      move(document, findTarget(document, from ?? '', ordinal), path, ordinal);
      break;
  }
}

function add(target: PatchTarget, value: Json, ordinal: number): void {
  if ('holder' in target) assign(target.holder, target.name, value);
  else if (target.append) target.list.push(value);
  else if (target.index > target.list.length)
    throw patchError(ordinal, 'the index is beyond the end of the array');
  else target.list.splice(target.index, 0, value);
}

function replace(target: PatchTarget, value: Json, ordinal: number): void {
  requirePresent(target, ordinal);
  if ('holder' in target) assign(target.holder, target.name, value);
  else target.list[target.index] = value;
}

function remove(target: PatchTarget, ordinal: number): void {
  requirePresent(target, ordinal);
  if ('holder' in target) Reflect.deleteProperty(target.holder, target.name);
  else target.list.splice(target.index, 1);
}

function increment(target: PatchTarget, by: number, ordinal: number): void {
  const present = valueAt(target);
  if (present !== undefined && typeof present !== 'number')
    throw patchError(ordinal, 'only a number can be incremented');
  if (present === undefined) add(target, by, ordinal);
  else replace(target, present + by, ordinal);
}

function move(document: JsonObject, source: PatchTarget, path: string, ordinal: number): void {
  const value = valueAt(source);
  if (value === undefined) throw patchError(ordinal, 'there is nothing to move');
  remove(source, ordinal);
  // Removing the value may shift an array, so the code finds the target again.
  const target = findTarget(document, path, ordinal);
  if ('list' in target && !target.append && target.index < target.list.length)
    replace(target, value, ordinal);
  else add(target, value, ordinal);
}

function valueAt(target: PatchTarget): Json | undefined {
  if ('list' in target) return target.list[target.index];
  return Object.hasOwn(target.holder, target.name) ? target.holder[target.name] : undefined;
}

function requirePresent(target: PatchTarget, ordinal: number): void {
  if (valueAt(target) === undefined) throw patchError(ordinal, 'the path does not exist');
}

/** Sets any property, also `__proto__`. A plain assignment would change the prototype. */
function assign(holder: JsonObject, name: string, value: Json): void {
  Object.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}

function findTarget(document: JsonObject, path: string, ordinal: number): PatchTarget {
  const parts = pointerParts(path);
  const name = parts.pop() ?? '';
  let holder: Json | undefined = document;
  for (const part of parts) holder = holder === undefined ? undefined : stepInto(holder, part);
  if (Array.isArray(holder)) {
    if (name === '-') return { list: holder, index: holder.length, append: true };
    if (!/^(0|[1-9]\d*)$/.test(name)) throw patchError(ordinal, `'${name}' is no index of an array`);
    return { list: holder, index: Number(name), append: false };
  }
  if (isObject(holder)) return { holder, name };
  throw patchError(
    ordinal,
    'an operation only supports a leaf of an existing node (array or object), no path found ' +
      `beyond: '${path}'`,
  );
}

function stepInto(holder: Json, part: string): Json | undefined {
  if (Array.isArray(holder)) return /^\d+$/.test(part) ? holder[Number(part)] : undefined;
  return isObject(holder) && Object.hasOwn(holder, part) ? holder[part] : undefined;
}

/** Splits a JSON pointer. `~1` is a slash and `~0` a tilde. */
function pointerParts(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function patchError(ordinal: number, reason: string) {
  return createCosmosError(400, `For Operation(${ordinal}): ${reason}.`);
}
