// A receiver of callbacks, like a consumer of Lifeboat. A library for Standard Webhooks checks the
// signature, then the receiver accepts the event once.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';

/** A secret in the form of the setting and of every Standard Webhooks library. */
export const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`;

/** The content of a genuine message as the library reads it. Throws on any other. */
export const readSigned = (headers: IncomingHttpHeaders, body: string, secret: string): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

/** The event, if one of this consumer's secrets has signed it. */
export function verifyEvent(
  headers: IncomingHttpHeaders,
  body: string,
  secrets: readonly string[],
): CloudEvent | undefined {
  for (const secret of secrets) {
    try {
      return readSigned(headers, body, secret) as CloudEvent;
    } catch {
      // Another secret may have signed it.
    }
  }
  return undefined;
}

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: CloudEvent;
  /** Whether the receiver answered with success. */
  readonly isAccepted: boolean;
}

/** Answers with a status, or not at all. */
export type Responder = (
  event: CloudEvent,
) => { readonly status: number; readonly headers?: Record<string, string> } | 'hang';
export const acceptEvery: Responder = () => ({ status: 204 });

export interface Receiver {
  readonly url: string;
  /** The entry for the list of allowed addresses. */
  readonly allowListEntry: string;
  readonly calls: readonly ReceivedCall[];
  /** The accepted events of a job, in order of arrival, including duplicates. */
  acceptedEvents(jobId: string): readonly CloudEvent[];
  respondWith(manner: Responder): void;
  close(): Promise<void>;
}

function parseEvent(body: string): CloudEvent | undefined {
  try {
    const event = JSON.parse(body) as CloudEvent | null;
    return event !== null && typeof event === 'object' && 'data' in event ? event : undefined;
  } catch {
    return undefined;
  }
}

export async function startReceiver(): Promise<Receiver> {
  const calls: ReceivedCall[] = [];
  let responder = acceptEvery;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const event = parseEvent(body);
    // The receiver accepts a plan's own request and a probe with any content.
    if (!event) return void response.writeHead(200).end();
    const reply = responder(event);
    calls.push({ headers: request.headers, body, event, isAccepted: reply !== 'hang' && reply.status < 300 });
    if (reply !== 'hang') response.writeHead(reply.status, reply.headers).end('Nobody reads this.');
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/news`,
    allowListEntry: `${origin} private`,
    calls,
    acceptedEvents: (jobId) =>
      calls.filter((call) => call.isAccepted && call.event.data['job'] === jobId).map((call) => call.event),
    respondWith: (next) => {
      responder = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
