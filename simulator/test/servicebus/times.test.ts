// Timed events: scheduled messages, expired messages, and the memory of duplicates.

import { randomUUID } from 'node:crypto';
import {
  removeAllMessages,
  isReal,
  NAMES,
  receiveOne,
  openBus,
  waitUntilAfter,
  receiverOf,
  errorOf,
  receiveAvailable,
  type Bus,
} from './conformance-bus.ts';

let bus: Bus;
beforeAll(async () => {
  bus = await openBus();
});
afterAll(() => bus.close());
beforeEach(async () => {
  for (const queue of [NAMES.plain, NAMES.unique, NAMES.expiring])
    await removeAllMessages((options) => receiverOf(bus.openClient(), queue, options));
});

const SOON = isReal ? 5_000 : 1_500;
/** Shorter than the shortest lock that Azure allows. */
const SOONER = isReal ? 3_000 : 400;
const soon = (): Date => new Date(Date.now() + SOON);

test('a scheduled message comes at its time, under a new number', async () => {
  const sender = bus.client.createSender(NAMES.plain);
  const receiver = receiverOf(bus.client, NAMES.plain);
  const at = soon();
  const [number] = await sender.scheduleMessages({ body: 'later', messageId: 'm' }, at);
  await sender.sendMessages({ body: 'at once', scheduledEnqueueTimeUtc: new Date(Date.now() - 1_000) });
  const first = await receiveOne(receiver);
  expect(first.body).toBe('at once');
  await receiver.completeMessage(first);
  expect(await receiver.peekMessages(5)).toMatchObject([
    { body: 'later', state: 'scheduled', sequenceNumber: number },
  ]);
  await waitUntilAfter(at);
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({ body: 'later', messageId: 'm', state: 'active' });
  expect(message.sequenceNumber?.equals(number ?? 0)).toBe(false);
  await receiver.completeMessage(message);
  await receiver.close();
});

test('a message can set its own enqueue time', async () => {
  const receiver = receiverOf(bus.client, NAMES.plain);
  const at = soon();
  await bus.client.createSender(NAMES.plain).sendMessages([
    { body: 1, scheduledEnqueueTimeUtc: at },
    { body: 2, scheduledEnqueueTimeUtc: at },
  ]);
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  await waitUntilAfter(at);
  const messages = await receiveAvailable(receiver, 2, 2_000);
  expect(
    messages.map(({ body, enqueuedTimeUtc }) => [
      body as unknown,
      (enqueuedTimeUtc?.getTime() ?? 0) >= at.getTime(),
    ]),
  ).toEqual([
    [1, true],
    [2, true],
  ]);
  for (const message of messages) await receiver.completeMessage(message);
  await receiver.close();
});

test('a cancelled message never comes, and only a scheduled message can be cancelled', async () => {
  const sender = bus.client.createSender(NAMES.plain);
  const receiver = receiverOf(bus.client, NAMES.plain);
  const at = soon();
  const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }], at);
  await sender.cancelScheduledMessages(numbers[0] ?? []);
  expect(await errorOf(sender.cancelScheduledMessages(numbers))).toMatchObject({ code: 'MessageNotFound' });
  await waitUntilAfter(at);
  const message = await receiveOne(receiver);
  expect(message.body).toBe(2);
  await receiver.completeMessage(message);
  await receiver.close();
});

test('an expired message becomes a dead letter in a queue with this option', async () => {
  const deadLetters = receiverOf(bus.client, NAMES.expiring, { subQueueType: 'deadLetter' });
  await bus.client.createSender(NAMES.expiring).sendMessages({ body: 1, timeToLive: SOON });
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({ deadLetterReason: 'TTLExpiredException', deadLetterSource: NAMES.expiring });
  await deadLetters.completeMessage(dead);
  await deadLetters.close();
});

test('an expired message disappears in a queue without this option', async () => {
  const receiver = receiverOf(bus.client, NAMES.plain);
  await bus.client.createSender(NAMES.plain).sendMessages({ body: 1, timeToLive: SOON });
  expect(await receiver.peekMessages(1)).toHaveLength(1);
  await waitUntilAfter(soon());
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  await receiver.close();
});

test('a locked message can still be completed after its expiry', async () => {
  const receiver = receiverOf(bus.client, NAMES.plain);
  await bus.client.createSender(NAMES.plain).sendMessages({ body: 1, timeToLive: SOONER });
  const message = await receiveOne(receiver);
  await waitUntilAfter(message.expiresAtUtc);
  await expect(receiver.completeMessage(message)).resolves.toBeUndefined();
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  await receiver.close();
});

test('a second message with the same id is accepted and dropped, until the id is forgotten', async () => {
  const sender = bus.client.createSender(NAMES.unique);
  const receiver = receiverOf(bus.client, NAMES.unique);
  const messageId = randomUUID();
  await sender.sendMessages({ body: 1, messageId });
  await sender.sendMessages([
    { body: 2, messageId },
    { body: 'other', messageId: randomUUID() },
  ]);
  const messages = await receiveAvailable(receiver, 3, isReal ? 3_000 : 200);
  expect(messages.map(({ body }) => body as unknown)).toEqual([1, 'other']);
  for (const message of messages) await receiver.completeMessage(message);
  await sender.sendMessages({ body: 3, messageId });
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  if (!isReal) {
    await waitUntilAfter(new Date(Date.now() + 700));
    await sender.sendMessages({ body: 4, messageId });
    const again = await receiveOne(receiver);
    expect(again.body).toBe(4);
    await receiver.completeMessage(again);
  }
  await receiver.close();
});

test('a message that is scheduled twice comes once', async () => {
  const sender = bus.client.createSender(NAMES.unique);
  const receiver = receiverOf(bus.client, NAMES.unique);
  const [messageId, at] = [randomUUID(), soon()];
  await sender.scheduleMessages({ body: 1, messageId }, at);
  await sender.scheduleMessages({ body: 2, messageId }, at);
  await waitUntilAfter(at);
  const messages = await receiveAvailable(receiver, 2, isReal ? 3_000 : 200);
  expect(messages.map(({ body }) => body as unknown)).toEqual([1]);
  for (const message of messages) await receiver.completeMessage(message);
  await receiver.close();
});
