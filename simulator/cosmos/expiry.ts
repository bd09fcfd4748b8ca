// The time to live of documents: the container's, unless the document has its own.

import { createCosmosError } from './errors.ts';
import type { Json } from './sql/values.ts';

/** Lives for ever. */
export const NEVER_EXPIRES = -1;
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** Seconds, or for ever. */
export function requireTtl(value: Json): number {
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value <= MAX_TTL_SECONDS &&
    (value === NEVER_EXPIRES || value > 0)
  )
    return value;
  throw createCosmosError(
    400,
    `The input ttl '${JSON.stringify(value)}' is invalid. Ensure to provide a nonzero ` +
      `positive integer less than or equal to '${MAX_TTL_SECONDS}', or '-1' which means never expire.`,
  );
}

/**
 * When a document that is written now expires, in seconds. Without a time to live of the container
 * none of its documents does.
 */
export function expirySeconds(
  writtenAt: number,
  documentTtl: Json | undefined,
  defaultTtl: number | undefined,
): number | null {
  if (defaultTtl === undefined) return null;
  const ttl = documentTtl === undefined ? defaultTtl : requireTtl(documentTtl);
  return ttl === NEVER_EXPIRES ? null : writtenAt + ttl;
}
