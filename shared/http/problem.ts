// Errors as RFC 9457 problem documents: a code, a message that helps, never a stack.
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { problemUrlOf } from './problems/table.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export const jsonAnswer = (
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});

/**
 * What is not ours to explain is told as our failure, and its text goes to the log alone. The log
 * has the cause of every failure of ours.
 */
export function problemAnswer(
  error: unknown,
  log: (message: string) => void,
): { readonly code: string; readonly answer: HttpAnswer } {
  const lifeboatError = error instanceof LifeboatError ? error : undefined;
  const status = lifeboatError?.status ?? 503;
  if (!lifeboatError) log(`Unexpected: ${messageOf(error)}`);
  else if (status >= 500)
    log(
      `${lifeboatError.code}: ${lifeboatError.message}${lifeboatError.cause === undefined ? '' : ` (${messageOf(lifeboatError.cause)})`}`,
    );
  const code = lifeboatError?.code ?? 'Unavailable';
  const body = {
    type: problemUrlOf(code),
    title: code,
    status,
    code,
    detail:
      lifeboatError?.message ??
      'Lifeboat could not do this now. Nothing was refused: send the same request with the same key again.',
    ...lifeboatError?.details,
  };
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' };
  return {
    code,
    answer: {
      status,
      headers: { ...headers, ...retryHeaders(status, lifeboatError) },
      body: JSON.stringify(body),
    },
  };
}

/** What a client does next by itself. */
function retryHeaders(status: number, error: LifeboatError | undefined): Record<string, string> {
  if (status === 401)
    return { 'www-authenticate': error?.code === 'TokenMissing' ? 'Bearer' : 'Bearer error="invalid_token"' };
  const retryAfterSeconds = error?.details['retryAfterSeconds'];
  if (status === 429)
    return { 'retry-after': typeof retryAfterSeconds === 'number' ? String(retryAfterSeconds) : '1' };
  // What a person must change first is not asked for again meanwhile.
  return status === 503 && error?.kind !== ErrorKind.needsHuman ? { 'retry-after': '5' } : {};
}
