// The events of a job at a callback address: complete, in order, signed. No bad receiver delays a
// job.
import type { undeliveredView } from '../../shared/api/views.ts';
import type { UndeliveredRangeDocument } from '../../shared/outbox/documents.ts';
import { resumeDelivery } from '../../shared/delivery/resumeUndelivered.ts';
import { readDeliveries, readUndeliveredRanges } from '../../shared/delivery/deliveryStore.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { commandFor } from '../chaos/run-with-kills.ts';
import {
  distinctEvents,
  CALLBACK_KEYS,
  startEventEnvironment,
  assertCompleteEvents,
  type EventEnvironment,
} from '../support/event-environment.ts';
import type { Replication } from '../support/lifeboat-client.ts';
import { advanceTime } from '../support/test-settings.ts';
import { planBody, putPlan } from '../support/plans.ts';
import { acceptEvery, readSigned, secretOf, type Responder } from '../support/receiver.ts';

let environment: EventEnvironment;
let next = 0;
beforeAll(async () => {
  environment = await startEventEnvironment(9, {
    cosmosRanges: 3,
    env: { LIFEBOAT_DELIVERY_GIVE_UP_HOURS: '0.25' },
  });
});
afterAll(() => environment.stop());
beforeEach(() => environment.receiver.respondWith(acceptEvery));

const takeVms = (count = 1): Replication[] => environment.vms.slice(next, (next += count));
const failedOver = (vms: readonly Replication[]) =>
  environment.lifeboat.runToEnd(commandFor('failover', vms));
const secrets = CALLBACK_KEYS.map(({ secret }) => secret);

const person = (name: string) => ({ id: name, name, roles: ['Operator'], door: 'rest' }) as const;
/** A person as an answer of the API shows one. */
const shownPerson = (name: string) => ({ id: name, name, roles: ['Operator'], trigger: 'rest' });

test('a failover of three VMs sends all events from accepted to ended in order [TRG-5]', async () => {
  const vms = takeVms(3);
  const job = await failedOver(vms);
  const events = distinctEvents(await environment.waitForJobEvents(job.id));
  assertCompleteEvents(job, events);
  expect(events.map((event) => event.type)).toEqual([
    'lifeboat.job.accepted',
    'lifeboat.job.running',
    ...Array<string>(3).fill('lifeboat.step.started'),
    ...Array<string>(3).fill('lifeboat.step.ended'),
    'lifeboat.job.ended',
  ]);
  expect(
    events
      .filter((event) => event.type === 'lifeboat.step.ended')
      .map((event) => event.data['name'])
      .sort(),
  ).toEqual(vms.map((vm) => vm.name).sort());
  // The name of the job as Site Recovery itself counts it, not an ARM id.
  const writes = await environment.simulator.siteRecovery.writes();
  expect(
    events
      .filter((event) => event.type === 'lifeboat.step.started')
      .map((event) => event.data['siteRecoveryJob'])
      .sort(),
  ).toEqual(
    writes
      .filter(({ itemName }) => vms.some(({ name }) => name === itemName))
      .map(({ jobId }) => jobId)
      .sort(),
  );
  await environment.lifeboat.waitFor(
    async () => (await readRelay(job.id))?.settled || undefined,
    'the end of all deliveries',
  );
});

test('a library for Standard Webhooks accepts each call by either key and refuses a changed one [TRG-5]', async () => {
  const job = await failedOver(takeVms());
  await environment.waitForJobEvents(job.id);
  const call = environment.receiver.calls.find((receivedCall) => receivedCall.event.data['job'] === job.id);
  if (!call) throw new Error('No call.');
  const { headers, body } = call;
  expect(headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': `${job.id}:1`,
  });
  expect(call.event).toMatchObject({
    specversion: '1.0',
    id: `${job.id}:1`,
    source: `/api/v1/jobs/${job.id}`,
    type: 'lifeboat.job.accepted',
    datacontenttype: 'application/json',
  });
  for (const secret of secrets) {
    expect(readSigned(headers, body, secret)).toEqual(call.event);
    const refused = (changed: object, text = body) =>
      expect(() => readSigned({ ...headers, ...changed }, text, secret));
    refused({}, body.replace('failover', 'failback')).toThrow('No matching signature found');
    refused({ 'webhook-id': `${job.id}:2` }).toThrow('No matching signature found');
    refused({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) }).toThrow(
      'No matching signature found',
    );
    refused({ 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 3600) }).toThrow(
      'Message timestamp too old',
    );
  }
  expect(() => readSigned(headers, body, secretOf('a secret of another receiver'))).toThrow(
    'No matching signature found',
  );
});

test.each<[string, Responder, number]>([
  ['answers 500', () => ({ status: 500 }), 4],
  ['redirects', () => ({ status: 307, headers: { location: `${environment.receiver.url}/elsewhere` } }), 2],
  ['asks for a pause', () => ({ status: 429, headers: { 'retry-after': '30' } }), 2],
  ['hangs', () => 'hang', 2],
])(
  'a receiver that %s for a while delays no job, and gets everything afterwards [TRG-5]',
  async (_what, manner, times) => {
    let left = times;
    const before = environment.receiver.calls.length;
    // The receiver may also get the runbook of a plan.
    environment.receiver.respondWith((event) =>
      'job' in event.data && left-- > 0 ? manner(event) : { status: 200 },
    );
    const job = await failedOver(takeVms());
    expect(job.state).toBe('completed');
    assertCompleteEvents(job, await environment.waitForJobEvents(job.id));
    const refused = environment.receiver.calls.slice(before).filter((call) => !call.isAccepted);
    expect(refused.map((call) => call.event.id)).toEqual(Array<string>(times).fill(`${job.id}:1`));
  },
);

const copies = () =>
  environment.receiver.calls.filter(
    ({ isAccepted, event }) => isAccepted && event.type === 'lifeboat.runbook.changed',
  );

async function undeliveredRangeOf(jobId: string): Promise<UndeliveredRangeDocument> {
  return environment.lifeboat.waitFor(
    async () => (await readUndeliveredRanges(jobId)).find((range) => range.resumedAt === null),
    'a gap',
    30,
    () => readDeliveries(jobId),
  );
}

test('a dead receiver does not delay a job, and a person resumes its events [TRG-5]', async () => {
  environment.receiver.respondWith((event) => ({
    status: event.type === 'lifeboat.job.accepted' ? 200 : 503,
  }));
  const job = await failedOver(takeVms());
  expect(job.state).toBe('completed');
  const range = await undeliveredRangeOf(job.id);
  expect(range).toMatchObject({
    target: 'callback:tickets',
    from: 2,
    why: 'It answered 503.',
    resumedBy: null,
  });
  expect(Date.parse(range.gaveUpAt) - Date.parse(range.failingSince)).toBeGreaterThanOrEqual(900_000);
  await environment.lifeboat.waitFor(
    async () => (await readRelay(job.id))?.settled || undefined,
    'the end of all tries',
  );
  expect(
    (await environment.lifeboat.readJob(job.id)).log.some((line) =>
      line.message.includes('Lifeboat stopped the delivery to callback:tickets at event 2'),
    ),
  ).toBe(true);
  const calls = environment.receiver.calls.length;
  await advanceTime(environment.simulator, 300);
  expect(environment.receiver.calls.length).toBe(calls);

  // The receiver gets every event, here about a runbook.
  await putPlan(
    environment,
    'shop',
    planBody(environment, [{ name: 'front', vms: [environment.vms.at(-1)?.name ?? ''] }]),
  );
  const open = await environment.lifeboat.waitFor(async () => {
    const { undelivered } = (
      await environment.lifeboat.call<{ undelivered: readonly ReturnType<typeof undeliveredView>[] }>(
        '/api/v1/undelivered',
        {
          principal: 'reader',
        },
      )
    ).body;
    return undelivered.some(({ stream }) => stream === 'runbook-shop') ? undelivered : undefined;
  }, 'the gap of the runbook');
  expect(open.map(({ stream }) => stream).sort()).toEqual([job.id, 'runbook-shop']);
  const resume = open.find(({ stream }) => stream === 'runbook-shop')?.links.resume ?? '';
  expect(await environment.lifeboat.call(resume, { method: 'POST', principal: 'reader' })).toMatchObject({
    status: 403,
  });
  expect(
    await environment.lifeboat.call(resume.replace('runbook-shop', 'runbook-other'), { method: 'POST' }),
  ).toMatchObject({ status: 404, body: { code: 'UndeliveredUnknown' } });
  expect(copies()).toEqual([]);

  environment.receiver.respondWith(acceptEvery);
  expect(await environment.lifeboat.call(resume, { method: 'POST' })).toMatchObject({
    status: 200,
    body: { stream: 'runbook-shop', resumedBy: expect.any(String) as string },
  });
  await environment.lifeboat.waitFor(() => Promise.resolve(copies()[0]), 'the runbook');
  expect(await resumeDelivery(job.id, range.id, person('ada'))).toMatchObject({ resumedBy: 'ada' });
  assertCompleteEvents(job, await environment.waitForJobEvents(job.id));
  expect(await resumeDelivery(job.id, range.id, person('bob'))).toMatchObject({ resumedBy: 'ada' });
  expect(
    (await environment.lifeboat.readJob(job.id)).log.filter(({ by }) => by?.id === 'ada' || by?.id === 'bob'),
  ).toMatchObject([
    { message: expect.stringContaining('ada resumes the events') as string, by: shownPerson('ada') },
  ]);
  await expect(resumeDelivery(job.id, 'gap:callback:tickets:9:9', person('ada'))).rejects.toMatchObject({
    kind: 'Rejected',
    code: 'UndeliveredUnknown',
  });
});
