// Sends a write before its deadline or not at all. A process may freeze between its decision and
// the socket. Meanwhile another invocation may declare the write lost. So the code checks the
// deadline again right before the first byte.
import type { ClientRequest } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** The header that identifies a request on its whole way. */
export const REQUEST_ID_HEADER = 'x-ms-client-request-id';

interface PendingSend {
  /** System time in milliseconds, not simulated time. */
  readonly deadline: number;
  /** True after the code stopped the request before its first byte. */
  heldBack: boolean;
}

const pendingSends = new Map<string, PendingSend>();

/**
 * Runs the work that sends one request under this id. `heldBack` returns true when the code stopped
 * the request before its first byte.
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

/** The message of a write that the code stopped after its deadline. */
export const SEND_TOO_LATE =
  'Lifeboat did not send the request: this process stood still until the time to send was over.';

/**
 * Returns an error when the deadline of the request has passed. Undefined: the request may leave,
 * or has no deadline.
 */
function lateError(requestId: unknown): Error | undefined {
  const pendingSend = pendingSends.get(String(requestId));
  if (!pendingSend || Date.now() <= pendingSend.deadline) return undefined;
  pendingSend.heldBack = true;
  return new Error(SEND_TOO_LATE);
}

/** The longest wait for a connection to a host that does not answer. */
const CONNECT_TIMEOUT_MS = 60_000;

type ConnectionCallback = (error: Error | null, socket?: Duplex) => void;

/**
 * Gives a request its connection only after the TLS handshake. Node's own agent hands over the
 * socket earlier, and then buffered bytes leave without a check.
 */
class DeadlineAgent extends Agent {
  override createConnection(options: RequestOptions, done: ConnectionCallback): undefined {
    const socket = super.createConnection(options) as TLSSocket;
    const onError = (error: Error): void => done(error);
    const onTimeout = (): unknown => socket.destroy(new Error('The connection was not ready in time.'));
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

/** A policy of the SDKs' pipeline. Behind a proxy, this check is the last one. */
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
