// The REST views of jobs, of their events, and of Lifeboat itself.
import { randomUUID } from 'node:crypto';
import type { CallOptions } from '../../local/api-client.ts';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { deliveryView, undeliveredView, listedJobView, logView } from '../../shared/api/views.ts';
import {
  startEventEnvironment,
  assertCompleteEvents,
  type EventEnvironment,
} from '../support/event-environment.ts';
import type { Job, Problem, Step } from '../support/lifeboat-client.ts';
import { acceptEvery } from '../support/receiver.ts';
import { withFault, type NewFaultRule } from '../support/test-environment.ts';

let environment: EventEnvironment;
let done: Job;
let drill: Job;
beforeAll(async () => {
  environment = await startEventEnvironment(5, { env: { LIFEBOAT_DELIVERY_GIVE_UP_HOURS: '1' } });
  done = await environment.lifeboat.runToEnd({
    operation: 'failover',
    vms: environment.vms.slice(0, 3).map(({ id }) => id),
    ticket: 'INC-1',
  });
  drill = await environment.lifeboat.runToEnd({ operation: 'testFailover', vms: [vmId(3)], ticket: 'INC-2' });
});
afterAll(() => environment.stop());

const get = async <T>(path: string, options: CallOptions = {}): Promise<T> => {
  const { status, body } = await environment.lifeboat.call<T>(path, { principal: 'reader', ...options });
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body;
};
const refused = async (
  path: string,
  status: number,
  code: string,
  options: CallOptions = {},
): Promise<Problem> => {
  const { body } = await environment.lifeboat.call<Problem>(path, { principal: 'reader', ...options });
  expect(body).toMatchObject({ status, code });
  return body;
};
const vmId = (i: number): string => environment.vms[i]?.id ?? '';

interface Jobs {
  readonly jobs: readonly ReturnType<typeof listedJobView>[];
  readonly next: string | null;
}
interface Steps {
  readonly steps: readonly Step[];
  readonly next: string | null;
}
interface Log {
  readonly log: readonly ReturnType<typeof logView>[];
  readonly next: string | null;
}
interface JobDeliveries {
  readonly last: number;
  readonly targets: readonly ReturnType<typeof deliveryView>[];
  readonly undelivered: readonly ReturnType<typeof undeliveredView>[];
}

test('the list of jobs shows caller, source and purpose, with search and pages [JOB-1]', async () => {
  // Other tests start more jobs later.
  const firstTwo = `until=${encodeURIComponent(new Date(Date.parse(drill.acceptedAt) + 1).toISOString())}`;
  const { jobs, next } = await get<Jobs>(`/api/v1/jobs?${firstTwo}`);
  expect(next).toBeNull();
  expect(jobs).toMatchObject([
    { id: drill.id, operation: 'testFailover', state: 'completed', vms: 1 },
    {
      id: done.id,
      state: 'completed',
      vms: 3,
      ticket: 'INC-1',
      requestedBy: { trigger: 'rest' },
      exceptionCount: 0,
      error: null,
      links: { self: `/api/v1/jobs/${done.id}` },
    },
  ]);
  const first = await get<Jobs>(`/api/v1/jobs?limit=1&${firstTwo}`);
  expect([
    first.jobs.map(({ id }) => id),
    (await get<Jobs>(`/api/v1/jobs?limit=1&${firstTwo}&continuation=${first.next ?? ''}`)).jobs.map(
      ({ id }) => id,
    ),
  ]).toEqual([[drill.id], [done.id]]);
  for (const query of [
    'ticket=INC-1',
    `vm=${vmId(1)}&${firstTwo}`,
    `operation=failover,commit&${firstTwo}`,
    `until=${encodeURIComponent(drill.acceptedAt)}`,
    'state=completed&ticket=INC-1',
  ]) {
    expect((await get<Jobs>(`/api/v1/jobs?${query}`)).jobs.map(({ id }) => id)).toEqual([done.id]);
  }
  for (const query of [
    'state=failed',
    'caller=nobody',
    'plan=shop',
    `since=${encodeURIComponent('2090-01-01T00:00:00Z')}`,
  ])
    expect((await get<Jobs>(`/api/v1/jobs?${query}`)).jobs).toEqual([]);
  for (const query of ['state=broken', 'limit=0', 'limit=501', 'since=yesterday', 'colour=red', 'operation='])
    await refused(`/api/v1/jobs?${query}`, 400, 'Invalid');
  await refused('/api/v1/jobs?continuation=abc', 400, 'ContinuationInvalid');
  await refused(
    `/api/v1/jobs?limit=1&ticket=INC-1&continuation=${first.next ?? ''}`,
    400,
    'ContinuationInvalid',
  );
});

test('steps and log of a job, page by page [JOB-1]', async () => {
  const steps: Step[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: Steps = await get<Steps>(
      `/api/v1/jobs/${done.id}/steps?limit=2${next === '' ? '' : `&continuation=${next}`}`,
    );
    steps.push(...page.steps);
    next = page.next;
  }
  expect(steps.map(({ target }) => target).sort()).toEqual(
    environment.vms
      .slice(0, 3)
      .map(({ id }) => id)
      .sort(),
  );
  expect((await get<Steps>(`/api/v1/jobs/${done.id}/steps?state=failed,skipped`)).steps).toEqual([]);
  expect(
    (await get<Steps>(`/api/v1/jobs/${done.id}/steps?phase=failover&state=succeeded`)).steps,
  ).toHaveLength(3);
  const newest = await get<Log>(`/api/v1/jobs/${done.id}/log`);
  const oldest = await get<Log>(`/api/v1/jobs/${done.id}/log?order=oldest&limit=3`);
  expect(newest.log.toReversed().slice(0, 3)).toEqual(oldest.log);
  expect(
    (await get<Log>(`/api/v1/jobs/${done.id}/log?order=oldest&limit=3&continuation=${oldest.next ?? ''}`))
      .log[0],
  ).toEqual(newest.log.toReversed()[3]);
  await refused(`/api/v1/jobs/${done.id}/steps?state=odd`, 400, 'Invalid');
  await refused(`/api/v1/jobs/${done.id}/log?order=random`, 400, 'Invalid');
  for (const what of ['steps', 'log', 'deliveries', 'events'])
    await refused(`/api/v1/jobs/job-x/${what}`, 404, 'JobUnknown');
});

interface Heard {
  readonly events: readonly CloudEvent[];
  readonly ids: readonly number[];
  readonly retry: number;
}
interface Listener {
  readonly after?: number;
  readonly wait?: number;
  readonly who?: string;
}

/** One answer, or undefined after the last event of the job. */
async function hear(
  jobId: string,
  { after, wait = 20, who = 'reader' }: Listener = {},
): Promise<Heard | undefined> {
  const headers = {
    accept: 'text/event-stream',
    ...(after === undefined ? {} : { 'last-event-id': String(after) }),
  };
  const {
    status,
    headers: sent,
    body,
  } = await environment.lifeboat.call<string>(`/api/v1/jobs/${jobId}/events?wait=${wait}`, {
    principal: who,
    headers,
  });
  if (status === 204) return undefined;
  expect([status, sent.get('content-type')]).toEqual([200, 'text/event-stream']);
  const [first = '', ...rest] = body.trimEnd().split('\n\n');
  const events = rest.map((text) => /^id: (\d+)\nevent: \S+\ndata: (.*)$/.exec(text) ?? []);
  return {
    ids: events.map(([, id]) => Number(id)),
    events: events.map(([, , data = '']) => JSON.parse(data) as CloudEvent),
    retry: Number(first.replace('retry: ', '')),
  };
}

/** Repeats the request after each answer until the last event, as an EventSource does. */
async function listen(jobId: string, after?: number): Promise<Heard> {
  const all: Heard[] = [];
  for (
    let next = await hear(jobId, after === undefined ? {} : { after });
    next;
    next = await hear(jobId, { after: next.ids.at(-1) ?? after ?? 0 })
  )
    all.push(next);
  return {
    ids: all.flatMap(({ ids }) => ids),
    events: all.flatMap(({ events }) => events),
    retry: all[0]?.retry ?? 0,
  };
}

test('a listener gets all events of a job, from any number [TRG-5] [JOB-1]', async () => {
  const {
    body: { id },
  } = await environment.lifeboat.send({ operation: 'failover', vms: [vmId(3), vmId(4)] });
  const whole = await listen(id);
  assertCompleteEvents(await environment.lifeboat.readJob(id), whole.events);
  expect(whole).toMatchObject({ ids: whole.events.map((_, i) => i + 1), retry: 1000 });
  // The content equals the events for all other receivers, word for word.
  expect(whole.events).toEqual(await environment.waitForJobEvents(id));
  expect(await listen(id, 2)).toMatchObject({ ids: whole.ids.slice(2), events: whole.events.slice(2) });
  expect(await hear(id, { after: whole.ids.length })).toBeUndefined();
  // A client without any event may send an empty header: then the address counts.
  expect(
    (
      await environment.lifeboat.call(`/api/v1/jobs/${id}/events?after=${whole.ids.length}`, {
        principal: 'reader',
        headers: { 'last-event-id': '' },
      })
    ).status,
  ).toBe(204);
  for (const query of ['after=-1', 'wait=21', 'wait=-1', 'wait=x'])
    await refused(`/api/v1/jobs/${id}/events?${query}`, 400, 'Invalid');
  await refused(`/api/v1/jobs/${id}/events`, 400, 'Invalid', { headers: { 'last-event-id': 'x' } });
  expect(
    (await environment.lifeboat.call(`/api/v1/jobs/${id}/events`, { principal: 'stranger' })).status,
  ).toBe(403);
});

test('the receivers of a job, the abandoned delivery, and its resume [TRG-5]', async () => {
  const all = await get<JobDeliveries>(`/api/v1/jobs/${done.id}/deliveries`);
  expect(all.targets.map(({ target }) => target).sort()).toEqual(['callback:tickets', 'topic']);
  for (const target of all.targets)
    expect(target).toMatchObject({ delivered: all.last, waiting: 0, failures: 0, undelivered: null });
  environment.receiver.respondWith(() => ({ status: 500 }));
  const job = await environment.lifeboat.runToEnd({ operation: 'commit', vms: [vmId(0)] });
  const given = await environment.lifeboat.waitFor(
    async () => {
      const seen = await get<JobDeliveries>(`/api/v1/jobs/${job.id}/deliveries`);
      return seen.undelivered.length > 0 ? seen : undefined;
    },
    'a gap',
    100,
  );
  const [range] = given.undelivered;
  expect(range).toMatchObject({ from: 1, resumedAt: null, reason: expect.stringContaining('500') as string });
  const resume = range?.links.resume ?? '';
  await refused(resume, 403, 'RoleMissing', { method: 'POST' });
  await refused(`/api/v1/jobs/${job.id}/undelivered/gap-x/resume`, 404, 'UndeliveredUnknown', {
    method: 'POST',
    principal: 'operator',
  });
  expect(
    (await get<JobDeliveries>(`/api/v1/jobs/${job.id}/deliveries`)).undelivered[0]?.resumedAt,
  ).toBeNull();
  expect(await get<{ status: string; checks: unknown[] }>('/api/v1/ready')).toMatchObject({
    status: 'degraded',
    checks: expect.arrayContaining([
      expect.objectContaining({
        name: 'deliveries',
        verdict: 'warn',
        message: expect.stringContaining('undelivered') as string,
      }),
    ]) as unknown,
  });
  environment.receiver.respondWith(acceptEvery);
  expect(await get(resume, { method: 'POST', principal: 'operator' })).toMatchObject({
    resumedBy: expect.any(String) as string,
  });
  await environment.waitForJobEvents(job.id);
});

interface Ready {
  readonly status: string;
  readonly checks: readonly { readonly name: string; readonly verdict: string }[];
}

test('any caller learns that Lifeboat is alive, and only a role learns of readiness [RBAC-1]', async () => {
  const answer = await fetch(new URL('/api/v1/health', environment.simulator.host.url));
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }]);
  expect(await get<Ready>('/api/v1/ready')).toMatchObject({
    status: 'ready',
    checks: [
      { name: 'settings' },
      { name: 'store' },
      { name: 'signIn' },
      { name: 'bus' },
      { name: 'deliveries' },
      { name: 'orchestrations' },
    ],
  });
  expect((await environment.lifeboat.call('/api/v1/ready', { principal: 'alerts' })).status).toBe(403);
  const fault = {
    point: 'received',
    service: 'cosmos',
    do: { kind: 'status', status: 403, body: { code: 'Forbidden', message: 'no' } },
  } as const;
  const { result } = await withFault(environment.simulator, fault, () =>
    environment.lifeboat.call<Ready>('/api/v1/ready', { principal: 'reader' }),
  );
  expect(result).toMatchObject({ status: 503, body: { status: 'notReady' } });
  expect(result.body.checks.find(({ name }) => name === 'store')?.verdict).toBe('fail');
  expect(JSON.stringify(result.body)).not.toMatch(/eyJ|node_modules|\bat .*\.mjs/);
  expect((await fetch(new URL('/api/v1/health', environment.simulator.host.url))).status).toBe(200);
});

test('the log and the job show each decision with its person [RBAC-1]', async () => {
  const { body } = await environment.lifeboat.send<Problem>(
    { operation: 'failover', vms: [vmId(0)] },
    randomUUID(),
    { principal: 'reader' },
  );
  expect(body).toMatchObject({ code: 'RoleMissing' });
  const log = await environment.lifeboat.waitFor(async () => {
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(`${environment.simulator.data}/host.log`, 'utf8');
    return /403 RoleMissing POST \/api\/v1\/jobs for .*Reader/.test(text) ? text : undefined;
  }, 'the line in the log');
  expect(log).toMatch(/202 POST \/api\/v1\/jobs for \S+ \([0-9a-f-]{36} of [0-9a-f-]{36}; Operator\)/);
  expect(log).not.toMatch(/eyJ/);
  expect(done.requestedBy).toMatchObject({ trigger: 'rest', roles: ['Operator'] });
});

describe('listeners of a job without new events', () => {
  let id: string;
  let sent: number;
  /** Each poll reads the relay's document once, and nothing else reads it while the job stands still. */
  const pollFault: NewFaultRule = {
    point: 'received',
    service: 'cosmos',
    method: 'GET',
    path: '/colls/jobs/docs/relay',
    do: { kind: 'delay', milliseconds: 0 },
  };
  beforeAll(async () => {
    // Azure does not answer the job's first read while the rule exists, and simulated time stands
    // still.
    await environment.simulator.faults.add({
      id: 'silent',
      point: 'received',
      service: 'arm',
      method: 'GET',
      path: '/replicationProtectedItems',
      do: { kind: 'hold' },
    });
    id = (await environment.lifeboat.send({ operation: 'commit', vms: [vmId(1)] })).body.id;
    sent = await environment.lifeboat.waitFor(
      async () => (await hear(id, { wait: 0 }))?.ids.at(1),
      'the events of acceptance and start',
    );
  });
  afterAll(async () => {
    await environment.simulator.faults.remove('silent');
    await environment.lifeboat.waitForJobEnd(id);
  });

  test('share each read of the store, and wait no longer than requested [JOB-1]', async () => {
    const readers = ['reader', 'operator', 'owner', 'contributor', 'approver'];
    const { result, acted } = await withFault(environment.simulator, pollFault, () =>
      Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          hear(id, { after: sent, wait: 3, who: readers[i % readers.length] ?? '' }),
        ),
      ),
    );
    expect(result).toEqual(Array.from({ length: 60 }, () => ({ ids: [], events: [], retry: 1000 })));
    // One read at the start of each call, and then a few for all calls.
    expect(acted).toBeLessThan(60 + 10);
  });

  test('20 listeners of one caller wait, and further ones get an answer at once [JOB-1]', async () => {
    const many = Array.from({ length: 200 }, () => hear(id, { after: sent, wait: 6 }));
    const eventsReadAtOnce: Heard[] = [];
    for (const listener of many)
      void listener.then((heard) => {
        if (heard && heard.retry > 1000) eventsReadAtOnce.push(heard);
      });
    await environment.lifeboat.waitFor(
      () => Promise.resolve(eventsReadAtOnce.length === 180 ? true : undefined),
      '180 answers at once',
      10,
    );
    const other = hear(id, { after: sent, wait: 2, who: 'operator' });
    expect(await other).toEqual({ ids: [], events: [], retry: 1000 });
    // A listener that missed events gets them without waiting.
    expect((await hear(id, { after: 0, wait: 10 }))?.ids.length).toBeGreaterThan(0);
    const heard = await Promise.all(many);
    expect(heard.filter((candidate) => candidate?.retry === 1000)).toHaveLength(20);
  });
});
