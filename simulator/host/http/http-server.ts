// The HTTP server of the host: for the app's functions, the durable client and the administrator.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { messageOf, stackOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import {
  BadRequest,
  NoResponse,
  readRequest,
  writeResponse,
  type HostRequest,
  type HostResponse,
} from './request.ts';

export type Respond = (request: HostRequest) => Promise<HostResponse>;

export interface HttpServer {
  readonly url: string;
  /**
   * Starts to answer requests. Until then, callers get an answer that asks them to retry.
   * `bodyLimit` is in bytes.
   */
  serve(respond: Respond, bodyLimit: number): void;
  close(): Promise<void>;
  /** Closes the server at once, with every connection. */
  abandon(): void;
}

/**
 * Node closes a connection with larger headers. Between Azure's limit and this limit, the host
 * sends an error answer.
 */
const MAX_HEADER_BYTES_READ = 1024 * 1024;
/** Azure's host names the server of .NET. */
const SERVER_HEADER = 'Kestrel';
/** How long answers may take to leave when the host stops (wall time). */
const FLUSH_TIMEOUT_MS = 1_000;

interface ServingState {
  readonly respond: Respond;
  readonly bodyLimit: number;
}

/** Opens the port at once, so that a port in use stops the start before the app loads. */
export async function openHttpServer(port: number, clock: SimulatedClock, log: Log): Promise<HttpServer> {
  let serving: ServingState | undefined;
  // The app calls its own host over kept connections. If the server closed such a connection at the
  // moment of its reuse, the app would see an error.
  const server = createServer(
    { keepAliveTimeout: 0, maxHeaderSize: MAX_HEADER_BYTES_READ },
    (incoming, outgoing) => {
      outgoing.setHeader('server', SERVER_HEADER);
      // Simulated time stands still for all work that the request starts.
      const idle = isEventStream(incoming) ? undefined : clock.markBusy();
      void handleIncoming(incoming, outgoing, url, serving, log).finally(idle);
    },
  );
  await listen(server, port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    serve: (respond, bodyLimit) => {
      serving = { respond, bodyLimit };
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      // Answers that are on their way can still leave.
      const sweep = setInterval(() => server.closeIdleConnections(), 10);
      const giveUp = setTimeout(() => server.closeAllConnections(), FLUSH_TIMEOUT_MS);
      await closed;
      clearInterval(sweep);
      clearTimeout(giveUp);
    },
    abandon: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'it is in use' : messageOf(error);
    throw new StartError(`Port ${port} cannot be opened: ${reason}.`, { cause: error });
  }
}

/**
 * True for an event stream. A listener waits until something happens. If simulated time stood still
 * for the listener, nothing would ever happen.
 */
function isEventStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/event-stream') === true;
}

async function handleIncoming(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: string,
  serving: ServingState | undefined,
  log: Log,
): Promise<void> {
  try {
    if (!serving) {
      writeResponse(outgoing, { status: 503, headers: { 'retry-after': '1' } });
      return;
    }
    const request = await readRequest(incoming, origin, serving.bodyLimit);
    writeResponse(outgoing, await serving.respond(request));
  } catch (error) {
    // A caller that has disconnected gets no answer.
    if (outgoing.destroyed) return;
    if (error instanceof NoResponse) {
      outgoing.destroy();
    } else if (error instanceof BadRequest) {
      writeResponse(outgoing, { status: error.status, body: error.message });
    } else {
      // The caller learns only that the request failed. The reason is for the log alone.
      log('error', 'host', `${incoming.method ?? ''} ${incoming.url ?? ''} failed: ${stackOf(error)}`);
      if (!outgoing.headersSent) writeResponse(outgoing, { status: 500 });
    }
  }
}
