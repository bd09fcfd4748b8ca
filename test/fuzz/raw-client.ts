// Sends a request just as it was drawn, which fetch would not: whatever stands in the path, in the
// headers, and in the body.
import { request } from 'node:http';

export interface RawRequest {
  readonly method: string;
  /** Path and query, as they go over the wire. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of JSON what it says; of anything else its text. */
  readonly body: unknown;
}

const TIMEOUT_MILLISECONDS = 30_000;

export class RawClient {
  readonly #origin: () => string;

  constructor(origin: () => string) {
    this.#origin = origin;
  }

  send({ method, address, headers, body }: RawRequest): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.#origin());
    return new Promise((resolve, reject) => {
      // Each on a connection of its own: what one leaves unread is no part of the next.
      const call = request(
        {
          hostname,
          port,
          method,
          path: address,
          headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
          agent: false,
          timeout: TIMEOUT_MILLISECONDS,
        },
        (response) => {
          const pieces: Buffer[] = [];
          const done = (): void =>
            resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(pieces).toString()));
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('end', done).on('error', reject);
        },
      );
      // Who is told before the end of a body that it is too large may find the connection closed.
      call.on('error', (error) => setTimeout(() => reject(error), 50).unref());
      call.on('timeout', () => call.destroy(new Error(`${method} ${address} was not answered.`)));
      call.end(body);
    });
  }
}

function answerOf(
  status: number,
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
  text: string,
): RawAnswer {
  const headers = new Headers(
    Object.entries(given).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
  const isJson = /\bjson\b/.test(headers.get('content-type') ?? '');
  return { status, headers, text, body: text === '' ? undefined : isJson ? parseJsonOrText(text) : text };
}

function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
