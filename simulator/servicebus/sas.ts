// Checks shared access signatures. The owner of a key signs the resource and the expiry of a token.

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SasKey {
  readonly name: string;
  readonly key: string;
}

export type AccessRight = 'Send' | 'Listen';

/**
 * The access of a token: all paths below `path`, until `expires`. A signed token has all rights
 * there.
 */
export interface AccessClaim {
  readonly path: string;
  readonly expires: number;
  readonly rights?: readonly AccessRight[];
}

export type CheckedToken = AccessClaim | { readonly refused: string };

const INVALID = { refused: 'InvalidSignature: The token has an invalid signature.' };

/** Checks a token. `audience` is the resource that the client wants to access. */
export function checkToken(
  token: string,
  audience: string,
  keys: readonly SasKey[],
  now: number,
): CheckedToken {
  try {
    return checkSignature(token, audience, keys, now);
  } catch (error) {
    if (error instanceof URIError) return { refused: 'MalformedToken: The token is not encoded correctly.' };
    throw error;
  }
}

function checkSignature(token: string, audience: string, keys: readonly SasKey[], now: number): CheckedToken {
  const [scheme, rest] = token.split(' ', 2);
  if (scheme !== 'SharedAccessSignature' || rest === undefined)
    return { refused: 'MalformedToken: A shared access signature is expected.' };
  const parts = new Map(
    rest.split('&').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  );
  const [resource, signature, expiry, name] = ['sr', 'sig', 'se', 'skn'].map((part) => parts.get(part));
  if (resource === undefined || signature === undefined || expiry === undefined || name === undefined)
    return { refused: 'MalformedToken: The token lacks sr, sig, se or skn.' };
  const key = keys.find((known) => known.name === decodeURIComponent(name));
  if (key === undefined || !isSigned(`${resource}\n${expiry}`, decodeURIComponent(signature), key.key))
    return INVALID;
  const expires = Number(expiry) * 1000;
  if (!(expires > now)) return { refused: `ExpiredToken: The token is expired. Expiration time: ${expiry}.` };
  const path = resourcePath(decodeURIComponent(resource));
  return isCovered({ path, expires }, resourcePath(audience), now)
    ? { path, expires }
    : { refused: 'InvalidAudience: The token is for another resource.' };
}

function isSigned(text: string, signature: string, key: string): boolean {
  const wanted = createHmac('sha256', key).update(text).digest();
  const actual = Buffer.from(signature, 'base64');
  return actual.length === wanted.length && timingSafeEqual(actual, wanted);
}

export function isCovered(
  { path, expires, rights }: AccessClaim,
  address: string,
  now: number,
  right?: AccessRight,
): boolean {
  const wanted = address.toLowerCase();
  return (
    expires > now &&
    (right === undefined || rights === undefined || rights.includes(right)) &&
    (path === '' || wanted === path || wanted.startsWith(`${path}/`))
  );
}

/** Returns the path behind the host name, without leading and trailing slashes. */
export const resourcePath = (resource: string): string =>
  resource
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/]*/, '')
    .replace(/^\/+|\/+$/g, '');
