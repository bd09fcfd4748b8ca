// ServiceNow's Table API and Jira's REST API, for the documented requests only. Each accepts the
// requests that the real API accepts, and refuses the rest.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';

const Text = z.string().min(1);
/**
 * All fields of a table are text. The real API ignores unknown fields, which hides mistakes, so
 * this one refuses them.
 */
const Incident = z.strictObject({
  short_description: Text.max(160),
  description: Text.max(4000),
  correlation_id: Text.max(100),
  correlation_display: Text.max(100),
  impact: z.enum(['1', '2', '3']),
  urgency: z.enum(['1', '2', '3']),
});
const Change = z.strictObject({ work_notes: Text });
const Paragraph = z.strictObject({
  type: z.literal('paragraph'),
  content: z.array(z.strictObject({ type: z.literal('text'), text: Text })).min(1),
});
const Issue = z.strictObject({
  fields: z.strictObject({
    project: z.strictObject({ key: Text.regex(/^[A-Z][A-Z0-9]+$/) }),
    issuetype: z.strictObject({ name: Text }),
    labels: z.array(Text.max(255).regex(/^\S+$/)),
    summary: Text.max(255).regex(/^[^\n]+$/),
    description: z.strictObject({
      type: z.literal('doc'),
      version: z.literal(1),
      content: z.array(Paragraph).min(1),
    }),
  }),
});

interface Ticket {
  readonly id: string;
  readonly key: string;
  readonly found: string;
  readonly fields: object;
}
interface Reply {
  readonly status: number;
  readonly body?: object;
}

export interface TicketSystems {
  readonly url: string;
  readonly incidents: readonly Ticket[];
  readonly issues: readonly Ticket[];
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export async function startTicketSystems(): Promise<TicketSystems> {
  const incidents: Ticket[] = [];
  const issues: Ticket[] = [];
  const notes: string[] = [];
  const routes: readonly (readonly [string, RegExp, (url: URL, body: unknown) => Reply])[] = [
    [
      'GET',
      /^\/api\/now\/table\/incident$/,
      ({ searchParams }) => {
        const wanted = /^correlation_id=(.+)$/.exec(searchParams.get('sysparm_query') ?? '')?.[1];
        return wanted === undefined
          ? { status: 400 }
          : {
              status: 200,
              body: {
                result: incidents
                  .filter(({ found }) => found === wanted)
                  .map(({ id, key }) => ({ sys_id: id, number: key })),
              },
            };
      },
    ],
    [
      'POST',
      /^\/api\/now\/table\/incident$/,
      (_url, body) => {
        const fields = Incident.parse(body);
        const ticket = {
          id: randomUUID().replaceAll('-', ''),
          key: `INC00${incidents.length + 10001}`,
          found: fields.correlation_id,
          fields,
        };
        incidents.push(ticket);
        return { status: 201, body: { result: { sys_id: ticket.id, number: ticket.key } } };
      },
    ],
    [
      'PATCH',
      /^\/api\/now\/table\/change_request\/[0-9a-f]{32}$/,
      (_url, body) => {
        notes.push(Change.parse(body).work_notes);
        return { status: 200, body: { result: {} } };
      },
    ],
    [
      'GET',
      /^\/rest\/api\/3\/search\/jql$/,
      ({ searchParams }) => {
        const wanted = /^project = DR AND labels = "([^"]+)"$/.exec(searchParams.get('jql') ?? '')?.[1];
        return wanted === undefined
          ? { status: 400 }
          : {
              status: 200,
              body: {
                issues: issues.filter(({ found }) => found === wanted).map(({ id, key }) => ({ id, key })),
                isLast: true,
              },
            };
      },
    ],
    [
      'POST',
      /^\/rest\/api\/3\/issue$/,
      (_url, body) => {
        const { fields } = Issue.parse(body);
        const ticket = {
          id: String(10000 + issues.length),
          key: `DR-${issues.length + 1}`,
          found: fields.labels.at(-1) ?? '',
          fields,
        };
        issues.push(ticket);
        return { status: 201, body: { id: ticket.id, key: ticket.key } };
      },
    ],
  ];
  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const url = new URL(request.url ?? '', 'http://tickets');
    const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname));
    const { authorization = '', accept, 'content-type': type } = request.headers;
    if (!/^(Bearer|Basic) \S+$/.test(authorization)) return { status: 401 };
    if (!route) return { status: 404 };
    let text = '';
    for await (const chunk of request) text += String(chunk);
    if (accept !== 'application/json' || (text !== '' && type !== 'application/json')) return { status: 415 };
    try {
      return route[2](url, text === '' ? undefined : JSON.parse(text));
    } catch (error) {
      return { status: 400, body: { error: String(error) } };
    }
  };
  const server = createServer(
    (request, response) =>
      void answer(request).then(({ status, body = {} }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      ),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    incidents,
    issues,
    notes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
