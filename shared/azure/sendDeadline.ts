// Writes leave in time or not at all. A process may stand still at any moment between its decision
// and the socket, and by then another may have taken the write for lost: the deadline is looked at
// again when the first byte could go.
import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** By this header a request is known wherever it is on its way. */
export const REQUEST_ID_HEADER = 'x-ms-client-request-id';

interface PendingSend {
  /** Wall time in milliseconds. */
  readonly deadline: number;
  /** It was held back: nothing of it has left. */
  heldBack: boolean;
}

const pendingSends = new Map<string, PendingSend>();

/**
 * Does the work that sends one request under this id; `heldBack` tells whether that request was
 * kept from leaving.
 */
export async function withSendDeadline<T>(
  requestId: string,
  deadline: Date,
  work: (heldBack: () => boolean) => Promise<T>,
): Promise<T> {
  const pendingSend = { deadline: deadline.getTime(), heldBack: false };
  pendingSends.set(requestId, pendingSend);
  try {
    return await work(() => pendingSend.heldBack);
  } finally {
    pendingSends.delete(requestId);
  }
}

export const SEND_TOO_LATE =
  'It was not sent: this process had stood still for so long that its time to send was over.';

/** Undefined: it may go, or has no deadline. */
function lateError(requestId: unknown): Error | undefined {
  const pendingSend = pendingSends.get(String(requestId));
  if (!pendingSend || Date.now() <= pendingSend.deadline) return undefined;
  pendingSend.heldBack = true;
  return new Error(SEND_TOO_LATE);
}

/** Of a host that does not answer, a connection is waited for no longer than this. */
const CONNECT_TIMEOUT_MS = 60_000;

type ConnectionCallback = (error: Error | null, socket?: Duplex) => void;

/**
 * Gives a request its connection once that stands. Node's own gives it before, and what is written
 * then leaves by itself.
 */
class DeadlineAgent extends Agent {
  override createConnection(options: RequestOptions, done: ConnectionCallback): undefined {
    const socket = super.createConnection(options) as TLSSocket;
    const onError = (error: Error): void => done(error);
    const onTimeout = (): unknown => socket.destroy(new Error('No connection came about in time.'));
    socket.setTimeout(CONNECT_TIMEOUT_MS, onTimeout);
    socket.once('error', onError);
    socket.once('secureConnect', () => {
      socket.off('error', onError);
      socket.setTimeout(0, onTimeout);
      const late = lateError(
        (options.headers as Readonly<Record<string, unknown>> | undefined)?.[REQUEST_ID_HEADER],
      );
      if (late) socket.destroy();
      done(late ?? null, socket);
    });
    return undefined;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    const late = lateError(request.getHeader(REQUEST_ID_HEADER));
    if (late) request.destroy(late);
  }
}

const deadlineAgent = new DeadlineAgent({ keepAlive: true });

interface OutgoingRequest {
  readonly headers: { get(name: string): string | undefined };
  agent?: unknown;
}

/** A policy of the SDKs' pipeline. Where a proxy is in the way, the last look is this one. */
export const deadlinePolicy = {
  name: 'punctual',
  sendRequest<Request extends OutgoingRequest, Response>(
    request: Request,
    next: (request: Request) => Promise<Response>,
  ): Promise<Response> {
    const late = lateError(request.headers.get(REQUEST_ID_HEADER));
    if (late) return Promise.reject(late);
    request.agent ??= deadlineAgent;
    return next(request);
  },
};
