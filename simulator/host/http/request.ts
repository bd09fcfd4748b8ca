// One HTTP request and its answer, for the host's own endpoints and the app's functions.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';

export interface HostRequest {
  readonly method: string;
  readonly url: URL;
  /** The decoded segments of the path. A slash at the end of the path begins no segment. */
  readonly path: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string | Readable;
}

/** Azure's limits: the total size of all header names and values, and the number of headers. */
const MAX_HEADER_BYTES = 32 * 1024;
const MAX_HEADERS = 100;
/** Azure's limit of the first line: method, address and version. */
const MAX_REQUEST_LINE_BYTES = 8 * 1024;
const REQUEST_LINE_REST_BYTES = '  HTTP/1.1\r\n'.length;

export class BadRequest extends Error {
  readonly status: number;

  /** `message` is the body of the answer. */
  constructor(status: number, message = '') {
    super(message);
    this.status = status;
  }
}

/** The caller gets no answer: its connection closes. */
export class NoResponse extends Error {}

/** Reads the request. `bodyLimit` is in bytes. */
export async function readRequest(
  incoming: IncomingMessage,
  origin: string,
  bodyLimit: number,
): Promise<HostRequest> {
  const { rawHeaders, method = 'GET', url: address = '/' } = incoming;
  if (method.length + address.length + REQUEST_LINE_REST_BYTES > MAX_REQUEST_LINE_BYTES)
    throw new BadRequest(414);
  const headerBytes = rawHeaders.reduce((sum, text) => sum + text.length, 0);
  if (rawHeaders.length > 2 * MAX_HEADERS || headerBytes > MAX_HEADER_BYTES) throw new BadRequest(431);
  const url = parseUrl(incoming, origin);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    if (values) headers[name] = values.join(name === 'cookie' ? '; ' : ', ');
  return {
    method,
    url,
    path: decodePath(url.pathname),
    headers,
    body: await readBody(incoming, bodyLimit),
  };
}

async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    // The loop reads to the end of the body. Otherwise the caller would miss the answer, and the
    // next request on the connection would fail.
    if (size <= limit) chunks.push(chunk);
  }
  // Azure gives no more detail than this.
  if (size > limit) throw new BadRequest(500);
  return Buffer.concat(chunks);
}

export function writeResponse(outgoing: ServerResponse, { status, headers = {}, body }: HostResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  if (!(body instanceof Readable)) outgoing.end(body);
  // A failure closes the connection, so the caller notices that the body is incomplete.
  else pipeline(body, outgoing, () => undefined);
}

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HostResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

function parseUrl(incoming: IncomingMessage, origin: string): URL {
  const { host } = incoming.headers;
  const base = host === undefined ? origin : `http://${host}`;
  try {
    return new URL(base + (incoming.url ?? '/'));
  } catch {
    throw new BadRequest(400, 'The address cannot be read.');
  }
}

function decodePath(pathname: string): string[] {
  const segments = pathname.replace(/^\//, '').replace(/\/$/, '').split('/');
  return segments.map(decodeSegment);
}

/** Azure leaves an encoded slash and a wrong encoding as they are. */
const decodeSegment = (segment: string): string =>
  segment
    .split(/(%2f)/i)
    .map((text) => {
      try {
        return /^%2f$/i.test(text) ? text : decodeURIComponent(text);
      } catch {
        return text;
      }
    })
    .join('');
