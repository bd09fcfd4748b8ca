// Turns errors into RFC 9457 problem documents. A document has a code and a helpful message, and
// never a stack.
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { problemUrlOf } from './problems/table.ts';

/** An HTTP answer, independent of the host. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Creates a JSON answer that no cache may store. */
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
 * Creates the problem answer of an error. An unknown error becomes `Unavailable`, and only the log
 * gets its text. The log also gets the cause of every 5xx error.
 */
export function problemAnswer(
  error: unknown,
  log: (message: string) => void,
): { readonly code: string; readonly answer: HttpAnswer } {
  const lifeboatError = error instanceof LifeboatError ? error : undefined;
  const status = lifeboatError?.status ?? 503;
  if (!lifeboatError) log(`Unexpected: ${messageOf(error)}`);
  else if (status >= 500) log(logLineOf(lifeboatError));
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
      headers: { ...headers, ...nextActionHeaders(status, lifeboatError) },
      body: JSON.stringify(body),
    },
  };
}

const logLineOf = ({ code, message, cause }: LifeboatError): string =>
  `${code}: ${message}${cause === undefined ? '' : ` (${messageOf(cause)})`}`;

/** Returns the headers that tell a client its next action. */
function nextActionHeaders(status: number, error: LifeboatError | undefined): Record<string, string> {
  if (status === 401)
    return { 'www-authenticate': error?.code === 'TokenMissing' ? 'Bearer' : 'Bearer error="invalid_token"' };
  const allow = error?.details['allow'];
  if (Array.isArray(allow)) return { allow: allow.join(', ') };
  const retryAfterSeconds = error?.details['retryAfterSeconds'];
  if (status === 429)
    return { 'retry-after': typeof retryAfterSeconds === 'number' ? String(retryAfterSeconds) : '1' };
  // A fault that needs a person gets no Retry-After: repeats before the change are useless.
  return status === 503 && error?.kind !== ErrorKind.needsHuman ? { 'retry-after': '5' } : {};
}
