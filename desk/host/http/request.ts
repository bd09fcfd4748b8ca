// One HTTP request and its answer, as the host's own pages and the app's functions see them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Request {
  readonly method: string;
  readonly url: URL;
  /** Segments of the path, decoded. */
  readonly path: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Aborted once nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export interface Response {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is passed on as it comes. */
  readonly body?: Uint8Array | string | Readable;
}

const MAX_BODY = 100 * 1024 * 1024;

export class BadRequest extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function readRequest(incoming: IncomingMessage, origin: string, gone: AbortSignal): Promise<Request> {
  const url = urlOf(incoming, origin);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) if (values) headers[name] = values.join(name === 'cookie' ? '; ' : ', ');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new BadRequest(413, `The body is over the limit of ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  return { method: incoming.method ?? 'GET', url, path: decode(url.pathname), headers, body: Buffer.concat(chunks), gone };
}

/** Resolves when all has been handed over; of what goes on for as long as the caller listens, when it has begun. */
export async function writeResponse(outgoing: ServerResponse, { status, headers = {}, body }: Response): Promise<void> {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  if (!(body instanceof Readable)) {
    outgoing.end(body);
    return;
  }
  outgoing.flushHeaders();
  // Who breaks off, on either side, has broken off: there is nobody left to tell.
  const passed = pipeline(body, outgoing).catch(() => undefined);
  if (!String(headers['content-type']).startsWith('text/event-stream')) await passed;
}

export function jsonResponse(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(body) };
}

function urlOf(incoming: IncomingMessage, origin: string): URL {
  const { host } = incoming.headers;
  const base = host === undefined ? origin : `http://${host}`;
  try {
    return new URL(base + (incoming.url ?? '/'));
  } catch {
    throw new BadRequest(400, 'The address cannot be read.');
  }
}

function decode(pathname: string): string[] {
  try {
    return pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw new BadRequest(400, 'The path is not encoded as it should be.');
  }
}
