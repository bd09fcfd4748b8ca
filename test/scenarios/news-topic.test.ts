// The news of a job at the topic: each job is a session, and a listener in sessions gets its events
// in order, each once.
import { randomUUID } from 'node:crypto';
import { ServiceBusClient, type ServiceBusSessionReceiver } from '@azure/service-bus';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { serviceBusConnection } from '../../simulator/simulator.ts';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import { commandFor, play } from '../chaos/kill.ts';
import { mustTell } from '../support/news.ts';
import { scene, withFault, type Scene } from '../support/story.ts';

const [topic] = agreement.serviceBus.topics;
const [subscription] = topic?.subscriptions ?? [];

let world: Scene;
let client: ServiceBusClient;
beforeAll(async () => {
  world = await scene(5, { cosmosRanges: 3, env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '0.5' } });
  client = new ServiceBusClient(serviceBusConnection(world.simulator.data, world.simulator.addresses));
});
afterAll(async () => {
  await client.close();
  await world.simulator.stop();
});

/** As a listener would take them: the job's session, until its end. */
async function told(jobId: string): Promise<CloudEvent[]> {
  const receiver: ServiceBusSessionReceiver = await client.acceptSession(
    topic?.name ?? '',
    subscription?.name ?? '',
    jobId,
  );
  const events: CloudEvent[] = [];
  try {
    while (events.at(-1)?.type !== 'lifeboat.job.ended') {
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
      if (!message) throw new Error(`No more came after ${JSON.stringify(events.at(-1))}.`);
      const event = message.body as CloudEvent;
      expect(message).toMatchObject({
        messageId: event.id,
        sessionId: jobId,
        subject: event.type,
        contentType: 'application/cloudevents+json; charset=utf-8',
        applicationProperties: { type: event.type, sequence: event.sequence },
      });
      events.push(event);
      await receiver.completeMessage(message);
    }
    return events;
  } finally {
    await receiver.close();
  }
}

const numbers = (events: readonly CloudEvent[]) => events.map((event) => event.data['number']);
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

test('[TRG-5] a failover of two VMs is told at the topic, complete, in order, each event once', async () => {
  const job = await world.lifeboat.done(commandFor('failover', world.vms.slice(0, 2)));
  const events = await told(job.id);
  mustTell(job, events);
  expect(numbers(events)).toEqual(upTo(7));
});

test('[TRG-5] what a person has asked for is told with their name; one who may only read starts nothing', async () => {
  const command = commandFor('failover', world.vms.slice(4, 5));
  expect((await world.lifeboat.send(command, randomUUID(), { who: 'ben' })).status).toBe(403);
  const { body } = await world.lifeboat.send(command, randomUUID(), { who: 'ada' });
  const [accepted] = await told(body.id);
  expect(accepted?.data).toMatchObject({ requestedBy: 'ada@simulator.example' });
});

test('[TRG-5] a topic that takes nothing for a while holds no job up, and gets everything afterwards', async () => {
  const vms = world.vms.slice(2, 3);
  const { result: job, acted } = await withFault(
    world.simulator,
    { service: 'servicebus', method: 'SEND', point: 'received', times: 3, do: { kind: 'cut' } },
    () => world.lifeboat.done(commandFor('failover', vms)),
  );
  expect(job.state).toBe('completed');
  expect(acted).toBeGreaterThan(0);
  const events = await told(job.id);
  mustTell(job, events);
});

test('the topic drops the duplicate after a kill by its id [TRG-5]', async () => {
  const key = randomUUID();
  const rule = (pid: number) => ({
    id: key,
    service: 'cosmos' as const,
    path: '/colls/jobs/docs',
    body: '"type":"delivery".*"target":"topic","delivered":3,',
    point: 'received' as const,
    times: 1,
    do: { kind: 'kill' as const, pid },
  });
  const { job, kills } = await play(world, commandFor('failover', world.vms.slice(3, 4)), (pid) => [
    rule(pid),
  ]);
  expect(kills).toBe(1);
  const events = await told(job.id);
  mustTell(job, events);
  expect(numbers(events)).toEqual(upTo(events.length));
});
