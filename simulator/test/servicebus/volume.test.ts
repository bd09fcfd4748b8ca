// Large volumes: more messages than a client's window, and a long-lived link with one unsettled
// message.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { createServiceBus, type ServiceBus } from '../../servicebus/server.ts';
import { KEYS } from './start-bus-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-volume-'));
let bus: ServiceBus;
let client: ServiceBusClient;

beforeAll(async () => {
  bus = await createServiceBus({
    dataFile: join(folder, 'bus.sqlite'),
    port: 0,
    entities: { queues: [{ name: 'wide' }, { name: 'long' }] },
    keys: KEYS,
  });
  client = new ServiceBusClient(bus.connectionString('tests'));
});
afterAll(async () => {
  await client.close();
  await bus.close();
  rmSync(folder, { recursive: true });
});

const fill = async (queue: string, count: number): Promise<void> => {
  const sender = client.createSender(queue);
  for (let body = 0; body < count; body += 500)
    await sender.sendMessages(
      Array.from({ length: Math.min(500, count - body) }, (_, index) => ({ body: body + index })),
    );
};

async function takeAll(receiver: ServiceBusReceiver, count: number): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  while (messages.length < count) {
    const more = await receiver.receiveMessages(Math.min(250, count - messages.length), {
      maxWaitTimeInMs: 3_000,
    });
    if (more.length === 0) break;
    messages.push(...more);
  }
  return messages;
}

test('a client receives almost as many messages as its window allows, and settles them all', async () => {
  await fill('wide', 2_000);
  const receiver = client.createReceiver('wide', { maxAutoLockRenewalDurationInMs: 0 });
  const messages = await takeAll(receiver, 2_000);
  expect(messages.map(({ body }) => body as number)).toEqual(
    Array.from({ length: 2_000 }, (_, index) => index),
  );
  await Promise.all(messages.map((message) => receiver.completeMessage(message)));
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('thousands of messages go through one link behind an unsettled message', async () => {
  await fill('long', 3_001);
  const receiver = client.createReceiver('long', { maxAutoLockRenewalDurationInMs: 0 });
  const [kept] = await receiver.receiveMessages(1);
  for (let done = 0; done < 1_800; done += 200) {
    const messages = await takeAll(receiver, 200);
    expect(messages).toHaveLength(200);
    await Promise.all(messages.map((message) => receiver.completeMessage(message)));
  }
  if (kept !== undefined) await receiver.completeMessage(kept);
  const rest = await takeAll(receiver, 1_200);
  expect(rest).toHaveLength(1_200);
  await Promise.all(rest.map((message) => receiver.completeMessage(message)));
  expect(await receiver.peekMessages(1)).toEqual([]);
});
