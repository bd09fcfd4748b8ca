// Writes leave in time or not at all. A process may stand still at any moment between its decision
// and the socket, and by then another may have taken the write for lost: the deadline is looked at
// again when the first byte could go.
import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** By this header a request is known wherever it is on its way. */
export const REQUEST_ID = 'x-ms-client-request-id';

interface Leaving {
  /** Wall time in milliseconds. */
  readonly deadline: number;
  /** It was held back: nothing of it has left. */
  heldBack: boolean;
}

const leaving = new Map<string, Leaving>();

/**
 * Does the work that sends one request under this id; `heldBack` tells whether that request was
 * kept from leaving.
 */
export async function inTime<T>(
  requestId: string,
  deadline: Date,
  work: (heldBack: () => boolean) => Promise<T>,
): Promise<T> {
  const mine = { deadline: deadline.getTime(), heldBack: false };
  leaving.set(requestId, mine);
  try {
    return await work(() => mine.heldBack);
  } finally {
    leaving.delete(requestId);
  }
}

export const TOO_LATE =
  'It was not sent: this process had stood still for so long that its time to send was over.';

/** Undefined: it may go, or has no deadline. */
function lateness(requestId: unknown): Error | undefined {
  const mine = leaving.get(String(requestId));
  if (!mine || Date.now() <= mine.deadline) return undefined;
  mine.heldBack = true;
  return new Error(TOO_LATE);
}

/** Of a host that does not answer, a connection is waited for no longer than this. */
const CONNECT_MILLISECONDS = 60_000;

type OnConnection = (error: Error | null, socket?: Duplex) => void;

/**
 * Gives a request its connection once that stands. Node's own gives it before, and what is written
 * then leaves by itself.
 */
class PunctualAgent extends Agent {
  override createConnection(options: RequestOptions, done: OnConnection): undefined {
    const socket = super.createConnection(options) as TLSSocket;
    const failed = (error: Error): void => done(error);
    const tooSlow = (): unknown => socket.destroy(new Error('No connection came about in time.'));
    socket.setTimeout(CONNECT_MILLISECONDS, tooSlow);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.off('error', failed);
      socket.setTimeout(0, tooSlow);
      const late = lateness((options.headers as Readonly<Record<string, unknown>> | undefined)?.[REQUEST_ID]);
      if (late) socket.destroy();
      done(late ?? null, socket);
    });
    return undefined;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    const late = lateness(request.getHeader(REQUEST_ID));
    if (late) request.destroy(late);
  }
}

const agent = new PunctualAgent({ keepAlive: true });

interface OnItsWay {
  readonly headers: { get(name: string): string | undefined };
  agent?: unknown;
}

/** A policy of the SDKs' pipeline. Where a proxy is in the way, the last look is this one. */
export const punctual = {
  name: 'punctual',
  sendRequest<Request extends OnItsWay, Response>(
    request: Request,
    next: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    const late = lateness(request.headers.get(REQUEST_ID));
    if (late) return Promise.reject(late);
    request.agent ??= agent;
    return next(request);
  },
};
