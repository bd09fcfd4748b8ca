// The news of a job at a call-back address: complete, in order, signed; and no receiver, however
// bad, holds a job up.
import type { undeliveredView } from '../../shared/api/views.ts';
import type { GapDocument } from '../../shared/outbox/documents.ts';
import { resumeDelivery } from '../../shared/delivery/undelivered.ts';
import { deliveriesOf, gapsOf } from '../../shared/delivery/deliverStore.ts';
import { readRelay } from '../../shared/journal/outbox.ts';
import { commandFor } from '../chaos/kill.ts';
import { distinct, KEYS, listening, mustTell, type Listening } from '../support/news.ts';
import type { Replication } from '../support/lifeboat.ts';
import { letPass } from '../support/play-settings.ts';
import { planOf, savePlan } from '../support/plans.ts';
import { polite, readSigned, secretOf, type Manner } from '../support/receiver.ts';

let world: Listening;
let next = 0;
beforeAll(async () => {
  world = await listening(9, { cosmosRanges: 3, env: { LIFEBOAT_NEWS_GIVE_UP_HOURS: '0.25' } });
});
afterAll(() => world.stop());
beforeEach(() => world.receiver.behave(polite));

const fresh = (count = 1): Replication[] => world.vms.slice(next, (next += count));
const failedOver = (vms: readonly Replication[]) => world.lifeboat.done(commandFor('failover', vms));
const secrets = KEYS.map(({ secret }) => secret);

const person = (name: string) => ({ id: name, name, roles: ['Operator'], door: 'rest' }) as const;

test('[TRG-5] a failover of three VMs is told from accepted to ended, complete and in order', async () => {
  const vms = fresh(3);
  const job = await failedOver(vms);
  const events = distinct(await world.told(job.id));
  mustTell(job, events);
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
  await world.lifeboat.until(
    async () => (await readRelay(job.id))?.settled || undefined,
    'nobody waiting any more',
  );
});

test('a library for Standard Webhooks accepts each call by either key and refuses a changed one [TRG-5]', async () => {
  const job = await failedOver(fresh());
  await world.told(job.id);
  const call = world.receiver.calls.find((one) => one.event.data['job'] === job.id);
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
  expect(() => readSigned(headers, body, secretOf('a secret of somebody else'))).toThrow(
    'No matching signature found',
  );
});

test.each<[string, Manner, number]>([
  ['answers 500', () => ({ status: 500 }), 4],
  ['redirects', () => ({ status: 307, headers: { location: `${world.receiver.url}/elsewhere` } }), 2],
  ['asks for patience', () => ({ status: 429, headers: { 'retry-after': '30' } }), 2],
  ['hangs', () => 'hang', 2],
])(
  '[TRG-5] a receiver that %s for a while holds no job up, and is told everything afterwards',
  async (_what, manner, times) => {
    let left = times;
    const before = world.receiver.calls.length;
    world.receiver.behave((event) => (left-- > 0 ? manner(event) : { status: 200 }));
    const job = await failedOver(fresh());
    expect(job.state).toBe('completed');
    mustTell(job, await world.told(job.id));
    const refused = world.receiver.calls.slice(before).filter((call) => !call.taken);
    expect(refused.map((call) => call.event.id)).toEqual(Array<string>(times).fill(`${job.id}:1`));
  },
);

const copies = () =>
  world.receiver.calls.filter(({ taken, event }) => taken && event.type === 'lifeboat.runbook.changed');

async function gapOf(jobId: string): Promise<GapDocument> {
  return world.lifeboat.until(
    async () => (await gapsOf(jobId)).find((gap) => gap.resumedAt === null),
    'a gap',
    30,
    () => deliveriesOf(jobId),
  );
}

test('a dead receiver does not hold up a job, and a person resumes its news [TRG-5]', async () => {
  world.receiver.behave((event) => ({ status: event.type === 'lifeboat.job.accepted' ? 200 : 503 }));
  const job = await failedOver(fresh());
  expect(job.state).toBe('completed');
  const gap = await gapOf(job.id);
  expect(gap).toMatchObject({
    target: 'callback:tickets',
    from: 2,
    why: 'It answered 503.',
    resumedBy: null,
  });
  expect(Date.parse(gap.gaveUpAt) - Date.parse(gap.failingSince)).toBeGreaterThanOrEqual(900_000);
  await world.lifeboat.until(
    async () => (await readRelay(job.id))?.settled || undefined,
    'nobody trying any more',
  );
  expect(
    (await world.lifeboat.job(job.id)).log.some((line) =>
      line.message.includes('Delivery to callback:tickets was given up from event 2 on'),
    ),
  ).toBe(true);
  const calls = world.receiver.calls.length;
  await letPass(world.simulator, 300);
  expect(world.receiver.calls.length).toBe(calls);

  // Whatever it tells: here of a runbook.
  await savePlan(world, 'shop', planOf(world, [{ name: 'front', vms: [world.vms.at(-1)?.name ?? ''] }]));
  const open = await world.lifeboat.until(async () => {
    const { undelivered } = (
      await world.lifeboat.call<{ undelivered: readonly ReturnType<typeof undeliveredView>[] }>(
        '/api/v1/undelivered',
        {
          who: 'reader',
        },
      )
    ).body;
    return undelivered.some(({ stream }) => stream === 'runbook-shop') ? undelivered : undefined;
  }, 'the gap of the runbook');
  expect(open.map(({ stream }) => stream).sort()).toEqual([job.id, 'runbook-shop']);
  const resume = open.find(({ stream }) => stream === 'runbook-shop')?.links.resume ?? '';
  expect(await world.lifeboat.call(resume, { method: 'POST', who: 'reader' })).toMatchObject({ status: 403 });
  expect(
    await world.lifeboat.call(resume.replace('runbook-shop', 'runbook-other'), { method: 'POST' }),
  ).toMatchObject({ status: 404, body: { code: 'UndeliveredUnknown' } });
  expect(copies()).toEqual([]);

  world.receiver.behave(polite);
  expect(await world.lifeboat.call(resume, { method: 'POST' })).toMatchObject({
    status: 200,
    body: { stream: 'runbook-shop', resumedBy: expect.any(String) as string },
  });
  await world.lifeboat.until(() => Promise.resolve(copies()[0]), 'the runbook');
  expect(await resumeDelivery(job.id, gap.id, person('ada'))).toMatchObject({ resumedBy: 'ada' });
  mustTell(job, await world.told(job.id));
  expect(await resumeDelivery(job.id, gap.id, person('bob'))).toMatchObject({ resumedBy: 'ada' });
  expect(
    (await world.lifeboat.job(job.id)).log.filter(({ by }) => by?.id === 'ada' || by?.id === 'bob'),
  ).toMatchObject([
    { message: expect.stringContaining('ada resumes the news') as string, by: person('ada') },
  ]);
  await expect(resumeDelivery(job.id, 'gap:callback:tickets:9:9', person('ada'))).rejects.toMatchObject({
    kind: 'Rejected',
    code: 'UndeliveredUnknown',
  });
});
