// A receiver of call-backs, as a consumer of Lifeboat would write one: it checks the signature,
// then takes the event once.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';

const TOLERANCE_SECONDS = 300;

/** The event, if the call is Lifeboat's; `secrets` are the keys that this consumer knows, by their ids. */
export function verified(
  headers: IncomingHttpHeaders,
  body: string,
  secrets: ReadonlyMap<string, string>,
  now = Date.now(),
): CloudEvent | undefined {
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (typeof timestamp !== 'string' || typeof signatures !== 'string') return undefined;
  // An old call, sent again by somebody who has seen it.
  if (!(Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return undefined;
  const genuine = signatures.split(' ').some((signature) => {
    const [version, id = '', digest = ''] = signature.split(',');
    const secret = secrets.get(id);
    if (version !== 'v1' || secret === undefined) return false;
    const expected = createHmac('sha256', Buffer.from(secret, 'base64'))
      .update(`${timestamp}.${body}`)
      .digest();
    const given = Buffer.from(digest, 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  return genuine ? (JSON.parse(body) as CloudEvent) : undefined;
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
