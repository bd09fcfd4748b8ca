// Errors as RFC 9457 problem documents: a code, a message that helps, never a stack.
import { ErrorKind, LifeboatError, messageOf } from '../core/errors.ts';
import { addressOfProblem } from './problems/table.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
});

/**
 * What is not ours to explain is told as our failure, and its text goes to the log alone. The log
 * has the cause of every failure of ours.
 */
export function problem(
  error: unknown,
  log: (message: string) => void,
): { readonly code: string; readonly answer: Answer } {
  const known = error instanceof LifeboatError ? error : undefined;
  const status = known?.status ?? 503;
  if (!known) log(`Unexpected: ${messageOf(error)}`);
  else if (status >= 500)
    log(`${known.code}: ${known.message}${known.cause === undefined ? '' : ` (${messageOf(known.cause)})`}`);
  const code = known?.code ?? 'Unavailable';
  const body = {
    type: addressOfProblem(code),
    title: code,
    status,
    code,
    detail:
      known?.message ??
      'Lifeboat could not do this now. Nothing was refused: send the same request with the same key again.',
    ...known?.details,
  };
  const headers = { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store' };
  return {
    code,
    answer: { status, headers: { ...headers, ...challenge(status, known) }, body: JSON.stringify(body) },
  };
}

/** What a client does next by itself. */
function challenge(status: number, error: LifeboatError | undefined): Record<string, string> {
  if (status === 401)
    return { 'www-authenticate': error?.code === 'TokenMissing' ? 'Bearer' : 'Bearer error="invalid_token"' };
  const after = error?.details['retryAfterSeconds'];
  if (status === 429) return { 'retry-after': typeof after === 'number' ? String(after) : '1' };
  // What a person must change first is not asked for again meanwhile.
  return status === 503 && error?.kind !== ErrorKind.needsHuman ? { 'retry-after': '5' } : {};
}
