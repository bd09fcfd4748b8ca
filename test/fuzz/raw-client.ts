// Sends a request exactly as drawn, with any path, headers and body. `fetch` would change some of
// these.
import { request } from 'node:http';

export interface RawRequest {
  readonly method: string;
  /** Path and query, as sent over the wire. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed value of JSON, or the text of anything else. */
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
      // Each request has its own connection, so an unread rest does not reach the next request.
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
      // The server may refuse a large body before its end and close the connection.
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
