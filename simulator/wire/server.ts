// One server of the simulator: makes exchanges of requests, lets faults happen at their points,
// sends the answers.

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Exchange, Handler, Service } from './exchange.ts';
import type { FaultPoint } from './fault.ts';
import type { FaultBook } from './faults.ts';
import { signal, stopProcess } from './processes.ts';

export interface ServerOptions {
  readonly service: Service;
  readonly handler: Handler;
  readonly faults: FaultBook;
  /** 0: any that is free. */
  readonly port: number;
  /** With it the server speaks https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Told of every exchange whose answer went out, with the body as it went out. */
  readonly record?: (exchange: Exchange, answer: Answer) => void;
  /** Called when work begins; what it returns is called at its end. An exchange on hold is no work. */
  readonly track?: () => () => void;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** An answer that is ready to be written. */
type Sendable = Answer & {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

/** How long an answer may take to leave for a process that is stopped. */
const FLUSH = 1_000;

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  // The clients decide how long they wait: long-polls and held exchanges may take any time.
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
  const work = tracked(options.track);
  try {
    const answer = await answerOf(options, exchange, work);
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

/** Undefined when the caller hung up in the middle of its request. */
async function receive(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Exchange | undefined> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
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
    json: () => parsed(body.toString()),
    gone: gone.signal,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Work in hand, which can be interrupted. */
interface Work {
  pauseFor(wait: Promise<void>): Promise<void>;
  end(): void;
}

function tracked(track: ServerOptions['track']): Work {
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

async function answerOf(options: ServerOptions, exchange: Exchange, work: Work): Promise<Answer | 'cut'> {
  const instead = await meetFault(options, 'received', exchange, work);
  if (instead !== undefined) return instead;
  const answer = await handled(options, exchange);
  return (await meetFault(options, 'applied', exchange, work)) ?? answer;
}

async function handled({ handler, service }: ServerOptions, exchange: Exchange): Promise<Answer> {
  try {
    return await handler(exchange);
  } catch (error) {
    console.error(`${service}: ${exchange.method} ${exchange.path.split('?')[0] ?? ''} failed:`, error);
    return {
      status: 500,
      headers: { 'Content-Type': 'text/plain' },
      body: 'The server of the simulator failed at this request; its log says how.',
    };
  }
}

/** What goes out instead of the answer, if a fault says so. */
async function meetFault(
  { faults }: ServerOptions,
  point: FaultPoint,
  exchange: Exchange,
  work: Work,
): Promise<Answer | 'cut' | undefined> {
  const action = faults.take(point, exchange);
  switch (action?.kind) {
    case 'status':
      return action;
    case 'cut':
      return 'cut';
    case 'kill':
      signal(action.pid, 'SIGKILL');
      return 'cut';
    case 'delay':
      await sleep(action.milliseconds);
      return undefined;
    case 'hold':
      await work.pauseFor(faults.removed(action));
      return undefined;
    // The others are asked for where they belong, never at a point of an exchange.
    case 'fail':
    case 'stick':
    case 'warn':
    case 'regionDark':
    case 'quotaGone':
    case 'deallocated':
    case 'colleague':
    case undefined:
      return undefined;
  }
}

async function send(
  options: ServerOptions,
  exchange: Exchange,
  answer: Answer,
  response: ServerResponse,
): Promise<void> {
  if (response.closed) return;
  const action = options.faults.take('answered', exchange);
  if (action?.kind === 'kill') await stopProcess(action.pid);
  const ready = sendable(answer);
  // A process that is stopped does not read: what the system does not take for it at once, it never will.
  const patience = action?.kind === 'kill' ? [sleep(FLUSH, false, { ref: false })] : [];
  if (await Promise.race([write(response, ready), ...patience])) options.record?.(exchange, ready);
  if (action?.kind === 'kill') signal(action.pid, 'SIGKILL');
  if (action?.kind === 'cut') response.socket?.destroy();
}

/** True once the system has taken all of the answer, false when the caller hung up before. */
function write(response: ServerResponse, { status, headers, body }: Sendable): Promise<boolean> {
  return new Promise((resolve) => {
    response.once('close', () => resolve(false));
    response.writeHead(status, headers);
    response.end(body, () => resolve(true));
  });
}

function sendable({ status, headers = {}, body }: Answer): Sendable {
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
