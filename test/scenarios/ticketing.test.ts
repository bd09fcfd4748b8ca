// Sends the requests of docs/ticketing.md unchanged. Events open tickets, and approved tickets
// start failovers, each once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import { CALLBACK_KEYS, startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';
import { verifyEvent } from '../support/receiver.ts';
import { withFault } from '../support/test-environment.ts';
import { startTicketSystems, type TicketSystems } from '../support/ticket-systems.ts';

let environment: EventEnvironment;
let tickets: TicketSystems;
beforeAll(async () => {
  tickets = await startTicketSystems();
  environment = await startEventEnvironment(3);
});
afterAll(async () => {
  await environment.stop();
  await tickets.close();
});

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'ticketing.md'), 'utf8');
/** The blocks under a heading, in order. Without a heading: the blocks before the first one. */
const sectionOf = (heading: string): string =>
  text.split(/^## /m).find((section) => section.startsWith(heading)) ?? '';
const documented = (section: string): Request[] =>
  [...section.matchAll(/```http\n(\w+) (\S+)\n(.*?)```/gs)].map(([, method = '', url = '', rest = '']) => {
    const [head = '', ...body] = rest.split('\n\n');
    return {
      method,
      url,
      headers: Object.fromEntries(
        [...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
      ),
      body: body.join('\n\n'),
    };
  });

type Values = Readonly<Record<string, unknown>>;
const valueOf = (values: Values, path: string): string => {
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Values | undefined)?.[name], values);
  if (found === undefined || found === null || typeof found === 'object')
    throw new Error(`There is no ${path}.`);
  return typeof found === 'string' ? found : JSON.stringify(found);
};
const filled = (template: string, values: Values, written: (value: string) => string): string =>
  template.replace(/\{\{([\w.]+)\}\}/g, (_, path: string) => written(valueOf(values, path)));
const inText = (value: string): string => JSON.stringify(value).slice(1, -1);

async function send(
  { method, url, headers, body }: Request,
  values: Values,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const [, host = '', path = ''] = /^(\{\{\w+\}\})(.*)$/.exec(url) ?? [];
  const answer = await fetch(filled(host, values, String) + filled(path, values, encodeURIComponent), {
    method,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, filled(value, values, String)]),
    ),
    ...(body === '' ? {} : { body: filled(body, values, inText) }),
  });
  return { status: answer.status, body: await answer.json() };
}
async function valuesWith(more: Values, who = 'operator'): Promise<Values> {
  return {
    lifeboat: environment.simulator.host.url,
    servicenow: tickets.url,
    jira: tickets.url,
    token: await environment.simulator.token(who),
    credentials: 'dXNlcjprZXk=',
    ...more,
  };
}

/** A genuine callback event of a failed step. */
async function failure(vm: Replication): Promise<CloudEvent> {
  const rule = {
    point: 'operation',
    vm: vm.name,
    do: { kind: 'fail', code: '150097', message: 'The disk is "gone".' },
  } as const;
  const { result: job } = await withFault(environment.simulator, rule, () =>
    environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] }),
  );
  await environment.waitForJobEvents(job.id);
  const call = environment.receiver.calls.find(
    ({ event }) => event.data['job'] === job.id && event.type === 'lifeboat.step.ended',
  );
  const event = verifyEvent(
    call?.headers ?? {},
    call?.body ?? '',
    CALLBACK_KEYS.map(({ secret }) => secret),
  );
  if (!event) throw new Error('No genuine event.');
  expect(event.data).toMatchObject({ state: 'failed' });
  return event;
}

test('a repeated event opens one incident, and one issue [TRG-5]', async () => {
  const [vm] = environment.vms;
  if (!vm) throw new Error('No VM.');
  const values = await valuesWith({ event: await failure(vm) });
  const found = {
    'ServiceNow: an event': (body: unknown) => (body as { result: object[] }).result,
    'Jira: an event': (body: unknown) => (body as { issues: object[] }).issues,
  };
  for (const [heading, list] of Object.entries(found)) {
    const [search, open, ...more] = documented(sectionOf(heading));
    if (!search || !open || more.length > 0) throw new Error(`Two requests stand under ${heading}.`);
    for (let openTickets = 0; openTickets < 2; openTickets++) {
      const before = await send(search, values);
      expect(before.status).toBe(200);
      expect(list(before.body)).toHaveLength(openTickets);
      if (list(before.body).length === 0) expect((await send(open, values)).status).toBe(201);
    }
  }
  expect(tickets.incidents.map(({ fields }) => fields)).toMatchObject([
    {
      short_description: `Lifeboat: failover of ${vm.name} failed`,
      description: expect.stringContaining('The disk is "gone".') as string,
    },
  ]);
  expect(tickets.issues.map(({ fields }) => fields)).toMatchObject([
    { summary: `Lifeboat: failover of ${vm.name} failed` },
  ]);
  const [, wrong] = documented(sectionOf('Jira: an event'));
  if (!wrong) throw new Error('No request.');
  expect(
    (await send({ ...wrong, body: wrong.body.replace('"type": "doc"', '"type": "text"') }, values)).status,
  ).toBe(400);
});

test.each([
  [
    'ServiceNow: an approved change',
    1,
    (vm: string) => ({
      change: {
        number: 'CHG0030002',
        sys_id: 'a'.repeat(32),
        u_replicated_vm: vm,
        short_description: 'East Asia "goes"\ndark',
      },
    }),
    'CHG0030002',
  ],
  [
    'Jira: an approved issue',
    2,
    (vm: string) => ({ issue: { key: 'DR-77', replicatedVm: vm, summary: 'East Asia goes dark' } }),
    'DR-77',
  ],
])(
  '%s starts a failover, once, with its ticket [TRG-1] [TRG-5]',
  async (heading, which, ticketOf, ticket) => {
    const vm = environment.vms[which];
    if (!vm) throw new Error('No VM.');
    const [start, report] = documented(sectionOf(heading));
    if (!start) throw new Error('No request.');
    const values = await valuesWith(ticketOf(vm.id));
    expect((await send(start, await valuesWith(ticketOf(vm.id), 'reader'))).status).toBe(403);
    const sent = await Promise.all([send(start, values), send(start, values)]);
    expect(sent.map(({ status }) => status)).toEqual([202, 202]);
    expect(new Set(sent.map(({ body }) => (body as Job).id)).size).toBe(1);
    const job = await environment.lifeboat.waitForJobEnd((sent[0].body as Job).id);
    expect(job).toMatchObject({ state: 'completed', command: { ticket } });
    expect(
      (await environment.simulator.siteRecovery.writes()).filter((write) => write.itemName === vm.name),
    ).toHaveLength(1);
    if (!report) return;
    const event = (await environment.waitForJobEvents(job.id)).at(-1);
    expect((await send(report, { ...values, event })).status).toBe(200);
    expect(tickets.notes).toEqual([
      `Lifeboat: completed, 0 exceptions. ${environment.simulator.host.url}/api/v1/jobs/${job.id}`,
    ]);
  },
);

test('the address for events works as documented [TRG-5]', async () => {
  const [register] = documented(text.split(/^## /m)[0] ?? '');
  if (!register) throw new Error('No request.');
  const made = {
    ...register,
    url: register.url.replace('/tickets', '/simulator'),
    headers: { ...register.headers },
  };
  expect((await send(made, await valuesWith({ hook: environment.receiver.url }, 'contributor'))).status).toBe(
    201,
  );
});
