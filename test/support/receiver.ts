// A receiver of call-backs, as a consumer of Lifeboat would write one: a library for Standard
// Webhooks checks the signature, then the receiver takes the event once.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';

/** A secret as the setting and each library for Standard Webhooks take it. */
export const secretOf = (text: string): string => `whsec_${Buffer.from(text).toString('base64')}`;

/** What the library reads of a genuine message; it throws of any other. */
export const readSigned = (headers: IncomingHttpHeaders, body: string, secret: string): unknown =>
  new Webhook(secret).verify(body, headers as Record<string, string>);

/** The event, if one of the secrets that this consumer knows has signed it. */
export function verified(
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

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: CloudEvent;
  /** Whether it was answered as taken. */
  readonly taken: boolean;
}

/** Answers with a status, or not at all. */
export type Manner = (
  event: CloudEvent,
) => { readonly status: number; readonly headers?: Record<string, string> } | 'hang';
export const polite: Manner = () => ({ status: 204 });

export interface Receiver {
  readonly url: string;
  /** As an entry of the list of allowed addresses. */
  readonly entry: string;
  readonly calls: readonly Received[];
  /** What was taken of a job, in the order in which it came, duplicates included. */
  taken(jobId: string): readonly CloudEvent[];
  behave(manner: Manner): void;
  close(): Promise<void>;
}

function eventIn(body: string): CloudEvent | undefined {
  try {
    const event = JSON.parse(body) as CloudEvent | null;
    return event !== null && typeof event === 'object' && 'data' in event ? event : undefined;
  } catch {
    return undefined;
  }
}

export async function startReceiver(): Promise<Receiver> {
  const calls: Received[] = [];
  let manner = polite;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const event = eventIn(body);
    // A plan's own request, or a probe: whatever comes with it is taken.
    if (!event) return void response.writeHead(200).end();
    const reply = manner(event);
    calls.push({ headers: request.headers, body, event, taken: reply !== 'hang' && reply.status < 300 });
    if (reply !== 'hang') response.writeHead(reply.status, reply.headers).end('Nobody reads this.');
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/news`,
    entry: `${origin} private`,
    calls,
    taken: (jobId) =>
      calls.filter((call) => call.taken && call.event.data['job'] === jobId).map((call) => call.event),
    behave: (next) => {
      manner = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
