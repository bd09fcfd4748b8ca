// The tokens by which a caller asks for the next page: opaque to them, checked by us, good for the
// one question they were given for.
import * as z from 'zod';
import { rejected } from '../core/errors.ts';
import { fingerprintOf } from '../core/ids.ts';

const LONGEST = 16_384;
/** What Cosmos DB gives goes back to it in a header: anything else was never given. */
const Token = z.strictObject({ question: z.string(), continuation: z.string().regex(/^[\x20-\x7e]+$/) });

const nameOf = (question: unknown): string => fingerprintOf(question).slice(0, 16);

export function writeToken(question: unknown, continuation: string): string {
  return Buffer.from(
    JSON.stringify({ question: nameOf(question), continuation } satisfies z.infer<typeof Token>),
  ).toString('base64url');
}

export function readToken(question: unknown, token: string): string {
  if (token.length > LONGEST || !/^[\w-]+$/.test(token)) throw wrongToken();
  const read = Token.safeParse(parsed(Buffer.from(token, 'base64url').toString()));
  if (!read.success || read.data.question !== nameOf(question)) throw wrongToken();
  return read.data.continuation;
}

/** A page of a list that is made anew each time, in the same order. */
export function pageIn<T>(
  question: unknown,
  list: readonly T[],
  size: number,
  token?: string,
): { readonly items: readonly T[]; readonly next: string | null } {
  const from = token === undefined ? 0 : Number(readToken(question, token));
  if (!Number.isSafeInteger(from) || from < 0) throw wrongToken();
  const end = from + size;
  return { items: list.slice(from, end), next: end < list.length ? writeToken(question, String(end)) : null };
}

export const wrongToken = (): Error =>
  rejected(
    400,
    'ContinuationInvalid',
    'This continuation is none that Lifeboat gave for this list. Ask for the list from its beginning.',
  );

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
