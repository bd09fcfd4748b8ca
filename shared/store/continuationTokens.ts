// Creates and checks the tokens for the next page of a list. A token is opaque to callers and fits
// only the query that produced it.
import * as z from 'zod';
import { rejected } from '../core/errors.ts';
import { fingerprintOf } from '../core/ids.ts';

const MAX_TOKEN_LENGTH = 16_384;
/**
 * The continuation goes back to Cosmos DB in a header. A text with other characters cannot be a
 * genuine token.
 */
const Token = z.strictObject({ question: z.string(), continuation: z.string().regex(/^[\x20-\x7e]+$/) });

const fingerprintOfQuestion = (question: unknown): string => fingerprintOf(question).slice(0, 16);

/** Creates the token for the next page of this query. */
export function createContinuationToken(question: unknown, continuation: string): string {
  return Buffer.from(
    JSON.stringify({ question: fingerprintOfQuestion(question), continuation } satisfies z.infer<
      typeof Token
    >),
  ).toString('base64url');
}

/** Returns the continuation inside a token, or throws when the token belongs to another query. */
export function readContinuationToken(question: unknown, token: string): string {
  if (token.length > MAX_TOKEN_LENGTH || !/^[\w-]+$/.test(token)) throw invalidContinuationToken();
  const parsedToken = Token.safeParse(jsonOrUndefined(Buffer.from(token, 'base64url').toString()));
  if (!parsedToken.success || parsedToken.data.question !== fingerprintOfQuestion(question))
    throw invalidContinuationToken();
  return parsedToken.data.continuation;
}

/** Returns one page of a list that the caller builds anew for each request, in a stable order. */
export function pageOfList<T>(
  question: unknown,
  list: readonly T[],
  size: number,
  token?: string,
): { readonly items: readonly T[]; readonly next: string | null } {
  const start = token === undefined ? 0 : Number(readContinuationToken(question, token));
  if (!Number.isSafeInteger(start) || start < 0) throw invalidContinuationToken();
  const end = start + size;
  return {
    items: list.slice(start, end),
    next: end < list.length ? createContinuationToken(question, String(end)) : null,
  };
}

/** Creates the error for a token that Lifeboat did not issue for this list. */
export const invalidContinuationToken = (): Error =>
  rejected(
    400,
    'ContinuationInvalid',
    'Lifeboat did not give this continuation for this list. Read the list from its beginning.',
  );

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
