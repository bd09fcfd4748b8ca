// Ordered faults: before the broker stores a message or a settlement, after it has stored them, and
// after the answer.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusClientOptions } from '@azure/service-bus';
import { createServiceBus, type ServiceBus } from '../../servicebus/server.ts';
import type { FaultRule } from '../../wire/fault.ts';
import { createFaults } from '../../wire/faults.ts';
import { KEYS, LOCAL_ENTITIES } from './start-bus-process.ts';
import { receiveOne, receiverOf, errorOf, receiveAvailable } from './conformance-bus.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-faults-'));
const faults = createFaults();
const clients: ServiceBusClient[] = [];
let bus: ServiceBus;

beforeAll(async () => {
  bus = await createServiceBus({
    dataFile: join(folder, 'bus.sqlite'),
    port: 0,
    entities: LOCAL_ENTITIES,
    keys: KEYS,
    faults,
  });
});
afterEach(async () => {
  for (const { id } of faults.list()) faults.remove(id);
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(async () => {
  await bus.close();
  rmSync(folder, { recursive: true });
});

const open = (
  retryOptions: ServiceBusClientOptions['retryOptions'] = { maxRetries: 0, timeoutInMs: 1_000 },
): ServiceBusClient => {
  const client = new ServiceBusClient(bus.connectionString('tests'), { retryOptions });
  clients.push(client);
  return client;
};
const order = (rule: Omit<FaultRule, 'id' | 'service'>): void =>
  faults.add({ id: 'ordered', service: 'servicebus', times: 1, ...rule });
const acted = (): number | undefined => faults.list()[0]?.acted;
const bodies = async (queue: string): Promise<unknown[]> =>
  (await open().createReceiver(queue).peekMessages(10)).map(({ body }) => body as unknown);
const clear = (queue: string): Promise<unknown> =>
  receiveAvailable(receiverOf(open(), queue, { receiveMode: 'receiveAndDelete' }), 10);

test('a send can be cut before the broker stores it', async () => {
  order({ point: 'received', method: 'SEND', path: '^/still$', do: { kind: 'cut' } });
  await errorOf(open().createSender('still').sendMessages({ body: 1 }));
  expect(acted()).toBe(1);
  expect(await bodies('still')).toEqual([]);
});

test('a send can be cut after the broker has stored it, and the client cannot know', async () => {
  order({ point: 'applied', method: 'SEND', body: 'find me', do: { kind: 'cut' } });
  const sender = open().createSender('still');
  await sender.sendMessages({ body: 'not me' });
  await errorOf(sender.sendMessages({ body: 'find me' }));
  expect(acted()).toBe(1);
  expect(await bodies('still')).toEqual(['not me', 'find me']);
  await clear('still');
});

test('a client that repeats such a send stores one message where duplicates are detected', async () => {
  order({ point: 'applied', method: 'SEND', do: { kind: 'cut' } });
  await open({ maxRetries: 5, retryDelayInMs: 20, timeoutInMs: 400 })
    .createSender('unique')
    .sendMessages({ body: 1, messageId: 'once' });
  expect(acted()).toBe(1);
  expect(await bodies('unique')).toEqual([1]);
  await clear('unique');
});

test('a completion can be cut before the broker stores it: the message comes again', async () => {
  await open().createSender('still').sendMessages({ body: 1 });
  order({ point: 'received', method: 'COMPLETE', do: { kind: 'cut' } });
  const receiver = receiverOf(open(), 'still');
  await errorOf(receiver.completeMessage(await receiveOne(receiver)));
  expect(acted()).toBe(1);
  const again = await receiveOne(receiverOf(open(), 'still', { receiveMode: 'receiveAndDelete' }));
  expect(again.deliveryCount).toBe(1);
});

test('a completion can be cut after the broker has stored it: the message never comes again', async () => {
  await open().createSender('still').sendMessages({ body: 1 });
  order({ point: 'applied', method: 'COMPLETE', do: { kind: 'cut' } });
  const receiver = receiverOf(open(), 'still');
  await errorOf(receiver.completeMessage(await receiveOne(receiver)));
  expect(acted()).toBe(1);
  expect(await bodies('still')).toEqual([]);
});

test('a connection can be cut while the answer is on the wire', async () => {
  order({ point: 'answered', method: 'SEND', do: { kind: 'cut' } });
  await open().createSender('still').sendMessages({ body: 1 });
  expect(acted()).toBe(1);
  expect(await clear('still')).toHaveLength(1);
});

test('a fault can refuse in the words of Service Bus', async () => {
  order({ point: 'received', method: 'SEND', do: { kind: 'status', status: 503 } });
  expect(await errorOf(open().createSender('still').sendMessages({ body: 1 }))).toMatchObject({
    code: 'ServiceBusy',
  });
  expect(await bodies('still')).toEqual([]);
});

test('a fault can hold a request until its release', async () => {
  order({ point: 'received', method: 'SEND', do: { kind: 'hold' } });
  const sending = open().createSender('still').sendMessages({ body: 1 });
  while (acted() !== 1) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await bodies('still')).toEqual([]);
  faults.remove('ordered');
  await sending;
  expect(await clear('still')).toHaveLength(1);
});
