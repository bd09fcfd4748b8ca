// Calls Lifeboat as a ticketing system does: a bearer token, an idempotency key and JSON bodies.
// The demo, `npm start` and the tests use this client.

import { HOST_KEY_HEADERS, type Simulator } from '../simulator/simulator.ts';

export interface CallOptions {
  /** A principal of the simulator; left out: `operator`. */
  readonly principal?: string;
  readonly token?: string;
  readonly idempotencyKey?: string;
  readonly method?: string;
  /** A string goes out unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer of Lifeboat to one call. */
export interface ApiReply<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Sends one request to Lifeboat and parses the answer. */
export async function callLifeboat<T>(
  simulator: Simulator,
  path: string,
  { principal = 'operator', token, idempotencyKey, method = 'GET', body, headers }: CallOptions = {},
): Promise<ApiReply<T>> {
  const answer = await fetch(new URL(path, simulator.host.url), {
    method,
    headers: {
      authorization: `Bearer ${token ?? (await simulator.token(principal))}`,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isText = (answer.headers.get('content-type') ?? '').startsWith('text/');
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text === '' ? undefined : isText ? text : JSON.parse(text)) as T,
  };
}

/**
 * Runs functions of the app at once instead of at their next minute. Uses the admin route of the
 * host.
 */
export async function runFunctionNow(simulator: Simulator, functionName: string): Promise<void> {
  const answer = await fetch(new URL(`/admin/functions/${functionName}`, simulator.host.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...HOST_KEY_HEADERS },
    body: '{"input":""}',
  });
  if (answer.status !== 202) throw new Error(`The host did not run ${functionName}: ${answer.status}`);
}
