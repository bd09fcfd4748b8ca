// One HTTP server of the simulator. It turns requests into exchanges, applies the faults at each
// point and sends the responses.

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatorResponse, Exchange, Handler, ServiceName } from './exchange.ts';
import type { FaultPoint } from './fault.ts';
import type { FaultRegistry } from './faults.ts';
import { sendSignal, stopProcess } from './processes.ts';

/** The settings of one server. */
export interface ServerOptions {
  readonly service: ServiceName;
  readonly handler: Handler;
  readonly faults: FaultRegistry;
  /** The port, or 0 for any free port. */
  readonly port: number;
  /** With a key and a certificate the server uses https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The server calls this function after each sent response, with the body as sent. */
  readonly onResponse?: (exchange: Exchange, answer: SimulatorResponse) => void;
  /**
   * The server calls this function when work starts, and the returned function when work ends. An
   * exchange that a `hold` rule delays does not count as work.
   */
  readonly markBusy?: () => () => void;
}

/** A server that accepts requests. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A response with the final headers and body. */
type PreparedResponse = SimulatorResponse & {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

/** The longest wait for sending a response to a stopped process. */
const FLUSH_TIMEOUT_MS = 1_000;

/** Starts a server on 127.0.0.1. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  // The clients decide how long they wait: a long poll or a delayed exchange may take any time.
  const settings = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0, maxHeaderSize: 64 * 1024 };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(options, request, response);
  const server: Server =
    options.tls === undefined
      ? createHttpServer(settings, listener)
      : createHttpsServer({ ...settings, ...options.tls }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = await receive(options.service, request, response);
  if (exchange === undefined) return;
  const work = trackWork(options.markBusy);
  try {
    const answer = await respond(options, exchange, work);
    if (answer === 'cut') request.socket.destroy();
    else await send(options, exchange, answer, response);
  } catch (error) {
    console.error(
      `${options.service}: ${exchange.method} ${exchange.path.split('?')[0] ?? ''} could not be answered:`,
      error,
    );
    request.socket.destroy();
  } finally {
    work.end();
  }
}

/** Returns undefined when the caller closes the connection within its request. */
async function receive(
  service: ServiceName,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange | undefined> {
  const abortController = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) abortController.abort();
  });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  const body = Buffer.concat(chunks);
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    service,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: Object.fromEntries(headers),
    body,
    json: () => parseJson(body.toString()),
    abortSignal: abortController.signal,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Work that the server reports as busy, and that a `hold` rule can pause. */
interface TrackedWork {
  pauseFor(wait: Promise<void>): Promise<void>;
  end(): void;
}

function trackWork(track: ServerOptions['markBusy']): TrackedWork {
  let done = track?.();
  return {
    async pauseFor(wait) {
      done?.();
      await wait;
      done = track?.();
    },
    end: () => done?.(),
  };
}

async function respond(
  options: ServerOptions,
  exchange: Exchange,
  work: TrackedWork,
): Promise<SimulatorResponse | 'cut'> {
  const faultResponse = await applyFault(options, 'received', exchange, work);
  if (faultResponse !== undefined) return faultResponse;
  const answer = await callHandler(options, exchange);
  return (await applyFault(options, 'applied', exchange, work)) ?? answer;
}

async function callHandler(
  { handler, service }: ServerOptions,
  exchange: Exchange,
): Promise<SimulatorResponse> {
  try {
    return await handler(exchange);
  } catch (error) {
    console.error(`${service}: ${exchange.method} ${exchange.path.split('?')[0] ?? ''} failed:`, error);
    return {
      status: 500,
      headers: { 'Content-Type': 'text/plain' },
      body: 'The simulator failed to handle this request. Its log shows the error.',
    };
  }
}

/**
 * Applies the fault of this point. Returns the response that replaces the server's own response, if
 * any.
 */
async function applyFault(
  { faults }: ServerOptions,
  point: FaultPoint,
  exchange: Exchange,
  work: TrackedWork,
): Promise<SimulatorResponse | 'cut' | undefined> {
  const action = faults.takeAction(point, exchange);
  switch (action?.kind) {
    case 'status':
      return action;
    case 'cut':
      return 'cut';
    case 'kill':
      sendSignal(action.pid, 'SIGKILL');
      return 'cut';
    case 'delay':
      await sleep(action.milliseconds);
      return undefined;
    case 'hold':
      await work.pauseFor(faults.whenRemoved(action));
      return undefined;
    // Other parts of the simulator query these kinds. They never act at a point of an exchange.
    case 'fail':
    case 'stick':
    case 'warn':
    case 'regionDark':
    case 'quotaGone':
    case 'deallocated':
    case 'serverDark':
    case 'poweredOff':
    case 'colleague':
    case undefined:
      return undefined;
  }
}

async function send(
  options: ServerOptions,
  exchange: Exchange,
  answer: SimulatorResponse,
  response: ServerResponse,
): Promise<void> {
  if (response.closed) return;
  const action = options.faults.takeAction('answered', exchange);
  if (action?.kind === 'kill') await stopProcess(action.pid);
  const ready = prepareResponse(answer);
  // A stopped process does not read. If the system does not buffer the whole response at once, the
  // write never ends.
  const timeout = action?.kind === 'kill' ? [sleep(FLUSH_TIMEOUT_MS, false, { ref: false })] : [];
  if (await Promise.race([write(response, ready), ...timeout])) options.onResponse?.(exchange, ready);
  if (action?.kind === 'kill') sendSignal(action.pid, 'SIGKILL');
  if (action?.kind === 'cut') response.socket?.destroy();
}

/**
 * Resolves to true when the system has the whole response, and to false when the caller closed the
 * connection first.
 */
function write(response: ServerResponse, { status, headers, body }: PreparedResponse): Promise<boolean> {
  return new Promise((resolve) => {
    response.once('close', () => resolve(false));
    response.writeHead(status, headers);
    response.end(body, () => resolve(true));
  });
}

function prepareResponse({ status, headers = {}, body }: SimulatorResponse): PreparedResponse {
  if (body === undefined) return { status, headers: { ...headers, 'Content-Length': '0' }, body: '' };
  const plain = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = plain ? body : JSON.stringify(body);
  const typed = plain || Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  return {
    status,
    headers: {
      ...(!typed && { 'Content-Type': 'application/json; charset=utf-8' }),
      ...headers,
      'Content-Length': String(Buffer.byteLength(bytes)),
    },
    body: bytes,
  };
}
