// The time to live of documents. A document's own value overrides the container's.

import { createCosmosError } from './errors.ts';
import type { Json } from './sql/values.ts';

/** A time to live without an end. */
export const NEVER_EXPIRES = -1;
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** Validates a time to live in seconds, or NEVER_EXPIRES. */
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
 * Returns the expiry in seconds of a document that the caller writes now. Without a time to live of
 * the container no document expires.
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
