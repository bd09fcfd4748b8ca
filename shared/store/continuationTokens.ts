// The tokens by which a caller asks for the next page: opaque to them, checked by us, good for the
// one question they were given for.
import * as z from 'zod';
import { rejected } from '../core/errors.ts';
import { fingerprintOf } from '../core/ids.ts';

const MAX_TOKEN_LENGTH = 16_384;
/** What Cosmos DB gives goes back to it in a header: anything else was never given. */
const Token = z.strictObject({ question: z.string(), continuation: z.string().regex(/^[\x20-\x7e]+$/) });

const fingerprintOfQuestion = (question: unknown): string => fingerprintOf(question).slice(0, 16);

export function createContinuationToken(question: unknown, continuation: string): string {
  return Buffer.from(
    JSON.stringify({ question: fingerprintOfQuestion(question), continuation } satisfies z.infer<
      typeof Token
    >),
  ).toString('base64url');
}

export function readContinuationToken(question: unknown, token: string): string {
  if (token.length > MAX_TOKEN_LENGTH || !/^[\w-]+$/.test(token)) throw invalidContinuationToken();
  const parsedToken = Token.safeParse(jsonOrUndefined(Buffer.from(token, 'base64url').toString()));
  if (!parsedToken.success || parsedToken.data.question !== fingerprintOfQuestion(question))
    throw invalidContinuationToken();
  return parsedToken.data.continuation;
}

/** A page of a list that is made anew each time, in the same order. */
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

export const invalidContinuationToken = (): Error =>
  rejected(
    400,
    'ContinuationInvalid',
    'This continuation is none that Lifeboat gave for this list. Ask for the list from its beginning.',
  );

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
