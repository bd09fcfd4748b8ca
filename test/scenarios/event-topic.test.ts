// The events of a job at the topic: each job is a session. A listener in sessions gets the events
// in order, each once.
import { randomUUID } from 'node:crypto';
import { ServiceBusClient, type ServiceBusSessionReceiver } from '@azure/service-bus';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { serviceBusConnection } from '../../simulator/simulator.ts';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import { commandFor, runWithFaults } from '../chaos/run-with-kills.ts';
import { assertCompleteEvents } from '../support/event-environment.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../support/test-environment.ts';

const [topic] = agreement.serviceBus.topics;
const [subscription] = topic?.subscriptions ?? [];

let environment: TestEnvironment;
let client: ServiceBusClient;
beforeAll(async () => {
  environment = await startTestEnvironment(5, {
    cosmosRanges: 3,
    env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: '0.5' },
  });
  client = new ServiceBusClient(
    serviceBusConnection(environment.simulator.data, environment.simulator.addresses),
  );
});
afterAll(async () => {
  await client.close();
  await environment.simulator.stop();
});

/** Receives as a listener does: the job's session, until its end. */
async function receivedEvents(jobId: string): Promise<CloudEvent[]> {
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

test('the topic gets all events of a failover of two VMs in order, each once [TRG-5]', async () => {
  const job = await environment.lifeboat.runToEnd(commandFor('failover', environment.vms.slice(0, 2)));
  const events = await receivedEvents(job.id);
  assertCompleteEvents(job, events);
  expect(numbers(events)).toEqual(upTo(7));
});

test('an event names the person who asked; a Reader starts nothing [TRG-5]', async () => {
  const command = commandFor('failover', environment.vms.slice(4, 5));
  expect((await environment.lifeboat.send(command, randomUUID(), { principal: 'ben' })).status).toBe(403);
  const { body } = await environment.lifeboat.send(command, randomUUID(), { principal: 'ada' });
  const [accepted] = await receivedEvents(body.id);
  expect(accepted?.data).toMatchObject({ requestedBy: 'ada@simulator.example' });
});

test('a topic that refuses for a while delays no job, and gets everything afterwards [TRG-5]', async () => {
  const vms = environment.vms.slice(2, 3);
  const { result: job, acted } = await withFault(
    environment.simulator,
    { service: 'servicebus', method: 'SEND', point: 'received', times: 3, do: { kind: 'cut' } },
    () => environment.lifeboat.runToEnd(commandFor('failover', vms)),
  );
  expect(job.state).toBe('completed');
  expect(acted).toBeGreaterThan(0);
  const events = await receivedEvents(job.id);
  assertCompleteEvents(job, events);
});

test('after a kill the topic drops the duplicate by its id [TRG-5]', async () => {
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
  const { job, kills } = await runWithFaults(
    environment,
    commandFor('failover', environment.vms.slice(3, 4)),
    (pid) => [rule(pid)],
  );
  expect(kills).toBe(1);
  const events = await receivedEvents(job.id);
  assertCompleteEvents(job, events);
  expect(numbers(events)).toEqual(upTo(events.length));
});
