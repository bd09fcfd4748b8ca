// The time to live of documents: the container's, unless the document has its own.

import { refusal } from './errors.ts';
import type { Json } from './sql/values.ts';

/** Lives for ever. */
export const FOREVER = -1;
const LONGEST = 2 ** 31 - 1;

/** Seconds, or for ever. */
export function checkedTtl(value: Json): number {
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value <= LONGEST &&
    (value === FOREVER || value > 0)
  )
    return value;
  throw refusal(
    400,
    `The input ttl '${JSON.stringify(value)}' is invalid. Ensure to provide a nonzero ` +
      `positive integer less than or equal to '${LONGEST}', or '-1' which means never expire.`,
  );
}

/**
 * When a document that is written now expires, in seconds. Without a time to live of the container
 * none of its documents does.
 */
export function expiryOf(written: number, own: Json | undefined, usual: number | undefined): number | null {
  if (usual === undefined) return null;
  const ttl = own === undefined ? usual : checkedTtl(own);
  return ttl === FOREVER ? null : written + ttl;
}
