// Sending, and every way in which a received message can end, over the real SDK.

import type { ServiceBusReceiver, ServiceBusSender } from '@azure/service-bus';
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
let sender: ServiceBusSender;
let receiver: ServiceBusReceiver;
let deadLetters: ServiceBusReceiver;

beforeAll(async () => {
  bus = await openBus();
  sender = bus.client.createSender(NAMES.plain);
});
afterAll(() => bus.close());
beforeEach(async () => {
  await removeAllMessages((options) => receiverOf(bus.openClient(), NAMES.plain, options));
  receiver = receiverOf(bus.client, NAMES.plain);
  deadLetters = receiverOf(bus.client, NAMES.plain, { subQueueType: 'deadLetter' });
});
afterEach(() => Promise.all([receiver.close(), deadLetters.close()]));

test('a message arrives unchanged, with the properties of Service Bus', async () => {
  const before = Date.now();
  const sent = {
    body: { text: 'é', list: [1, 2.5, null] },
    messageId: 'first',
    correlationId: 'c',
    subject: 's',
    to: 't',
    replyTo: 'r',
    replyToSessionId: 'rs',
    contentType: 'application/json',
    timeToLive: 600_000,
    partitionKey: 'p',
    applicationProperties: { text: 'a', whole: 5, part: 0.5, yes: true, when: new Date(1_700_000_000_000) },
  };
  await sender.sendMessages(sent);
  const message = await receiveOne(receiver);
  expect(message).toMatchObject({
    ...sent,
    applicationProperties: { ...sent.applicationProperties, when: 1_700_000_000_000 },
    deliveryCount: 0,
    state: 'active',
  });
  expect(message.sequenceNumber?.toNumber()).toBeGreaterThan(0);
  expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/);
  expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(before - 5_000);
  expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(message.enqueuedTimeUtc?.getTime() ?? Infinity);
  expect(message.expiresAtUtc?.getTime()).toBe((message.enqueuedTimeUtc?.getTime() ?? 0) + 600_000);
  await receiver.completeMessage(message);
});

test('bodies can be bytes, values and sequences', async () => {
  const bytes = Buffer.from([0, 1, 254, 255]);
  await sender.sendMessages([
    { body: bytes },
    { bodyType: 'value', body: 'plain' },
    { bodyType: 'sequence', body: [[1, 'two']] },
  ] as Parameters<ServiceBusSender['sendMessages']>[0]);
  const messages = await receiveAvailable(receiver, 3, 2_000);
  expect(messages.map(({ body, _rawAmqpMessage: { bodyType } }) => [bodyType, body as unknown])).toEqual([
    ['data', bytes],
    ['value', 'plain'],
    ['sequence', [[1, 'two']]],
  ]);
  for (const message of messages) await receiver.completeMessage(message);
});

test('a message without an id gets one', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  expect(message.messageId).toMatch(/^[0-9a-f]{32}$/);
  await receiver.completeMessage(message);
});

test('a batch can be full, and arrives complete and in order', async () => {
  const batch = await sender.createMessageBatch();
  let count = 0;
  while (batch.tryAddMessage({ body: `${count} ${'x'.repeat(10_000)}` })) count += 1;
  expect(count).toBeGreaterThan(20);
  await sender.sendMessages(batch);
  const received = receiverOf(bus.client, NAMES.plain, { receiveMode: 'receiveAndDelete' });
  const messages = [];
  while (messages.length < count) messages.push(await receiveOne(received));
  expect(messages.map(({ body }) => Number(String(body).split(' ')[0]))).toEqual(
    Array.from({ length: count }, (_, index) => index),
  );
  await received.close();
});

test('a message over 256 KB is refused', async () => {
  expect(await errorOf(sender.sendMessages({ body: Buffer.alloc(257 * 1024) }))).toMatchObject({
    code: 'MessageSizeExceeded',
  });
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('a completed message is gone', async () => {
  await sender.sendMessages({ body: 1 });
  await receiver.completeMessage(await receiveOne(receiver));
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('an abandoned message comes again at once, with a higher count and its new properties', async () => {
  await sender.sendMessages({ body: 1, applicationProperties: { kept: 'yes', changed: 'old' } });
  await receiver.abandonMessage(await receiveOne(receiver), { changed: 'new', added: 7 });
  const again = await receiveOne(receiver);
  expect(again).toMatchObject({
    deliveryCount: 1,
    applicationProperties: { kept: 'yes', changed: 'new', added: 7 },
  });
  await receiver.completeMessage(again);
});

test('a message becomes a dead letter after too many deliveries', async () => {
  await sender.sendMessages({ body: 1 });
  for (let delivery = 0; delivery < 3; delivery += 1)
    await receiver.abandonMessage(await receiveOne(receiver));
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({
    deadLetterReason: 'MaxDeliveryCountExceeded',
    deadLetterSource: NAMES.plain,
    deliveryCount: 3,
  });
  await deadLetters.completeMessage(dead);
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('a dead letter shows the reason, and stays until it is completed', async () => {
  await sender.sendMessages({ body: 1, applicationProperties: { own: 'kept' } });
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: 'NotUnderstood',
    deadLetterErrorDescription: 'no such plan',
    extra: 'x',
  });
  const dead = await receiveOne(deadLetters);
  expect(dead).toMatchObject({
    deadLetterReason: 'NotUnderstood',
    deadLetterErrorDescription: 'no such plan',
    applicationProperties: { own: 'kept', extra: 'x' },
  });
  for (let delivery = 0; delivery < 4; delivery += 1)
    await deadLetters.abandonMessage(delivery === 0 ? dead : await receiveOne(deadLetters));
  await deadLetters.completeMessage(await receiveOne(deadLetters));
  expect(await deadLetters.peekMessages(1)).toEqual([]);
});

test('a deferred message waits for a request with its number', async () => {
  await sender.sendMessages({ body: 'later' });
  const message = await receiveOne(receiver);
  const number = message.sequenceNumber;
  if (number === undefined) throw new Error('The message has no number.');
  await receiver.deferMessage(message, { why: 'too early' });
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  expect(await receiver.peekMessages(1)).toMatchObject([{ state: 'deferred' }]);
  const [deferred] = await receiver.receiveDeferredMessages(number);
  if (deferred === undefined) throw new Error('The deferred message did not come.');
  expect(deferred).toMatchObject({
    body: 'later',
    state: 'deferred',
    applicationProperties: { why: 'too early' },
  });
  expect(await errorOf(receiver.receiveDeferredMessages(number))).toMatchObject({ code: 'MessageNotFound' });
  await receiver.completeMessage(deferred);
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('a message with an expired lock comes again, and a late settlement is refused', async () => {
  await sender.sendMessages({ body: 1 });
  const late = await receiveOne(receiver);
  expect(await receiveAvailable(receiver, 1)).toEqual([]);
  await waitUntilAfter(late.lockedUntilUtc);
  const again = await receiveOne(receiver);
  expect(again).toMatchObject({ messageId: late.messageId, deliveryCount: 1 });
  expect(await errorOf(receiver.completeMessage(late))).toMatchObject({ code: 'MessageLockLost' });
  expect(await errorOf(receiver.renewMessageLock(late))).toMatchObject({ code: 'MessageLockLost' });
  await receiver.completeMessage(again);
});

test('a renewed lock lasts longer', async () => {
  await sender.sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  const first = message.lockedUntilUtc;
  await new Promise((resolve) => setTimeout(resolve, isReal ? 2_000 : 300));
  const until = await receiver.renewMessageLock(message);
  expect(until.getTime()).toBeGreaterThan((first?.getTime() ?? Infinity) + 200);
  await waitUntilAfter(first);
  await receiver.completeMessage(message);
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('a message can be received and deleted in one step', async () => {
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  const deleting = receiverOf(bus.client, NAMES.plain, { receiveMode: 'receiveAndDelete' });
  expect(
    (await receiveAvailable(deleting, 2, 2_000)).map(({ body, lockToken }) => [body as unknown, lockToken]),
  ).toEqual([
    [1, undefined],
    [2, undefined],
  ]);
  expect(await receiver.peekMessages(1)).toEqual([]);
  await deleting.close();
});

test('a peek shows locked messages too, from a given number on, and locks nothing', async () => {
  await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const locked = await receiveOne(receiver);
  const peeked = await receiver.peekMessages(10);
  expect(peeked.map(({ body }) => body as unknown)).toEqual([1, 2, 3]);
  const second = peeked[1]?.sequenceNumber;
  if (second === undefined) throw new Error('The second message has no number.');
  expect(
    (await receiver.peekMessages(1, { fromSequenceNumber: second })).map(({ body }) => body as unknown),
  ).toEqual([2]);
  await receiver.completeMessage(locked);
  for (const message of await receiveAvailable(receiver, 2, 2_000)) await receiver.completeMessage(message);
});

test('two receivers share the messages, and neither gets a locked one', async () => {
  await sender.sendMessages(Array.from({ length: 20 }, (_, body) => ({ body })));
  const other = receiverOf(bus.openClient(), NAMES.plain);
  const taken = (
    await Promise.all([receiveAvailable(receiver, 10, 2_000), receiveAvailable(other, 10, 2_000)])
  ).flat();
  expect(taken.map(({ body }) => body as number).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, index) => index),
  );
  await Promise.all(
    taken.map((message) => receiver.completeMessage(message).catch(() => other.completeMessage(message))),
  );
  await other.close();
});

test('a subscriber gets later messages, and completes them by itself', async () => {
  const bodies: unknown[] = [];
  const all = new Promise<void>((resolve, reject) => {
    receiver.subscribe(
      {
        processMessage: ({ body }) => {
          bodies.push(body);
          if (bodies.length === 50) resolve();
          return Promise.resolve();
        },
        processError: ({ error }) => {
          reject(error);
          return Promise.resolve();
        },
      },
      { maxConcurrentCalls: 5 },
    );
  });
  for (let body = 0; body < 50; body += 1) await sender.sendMessages({ body });
  await all;
  await receiver.close();
  receiver = receiverOf(bus.client, NAMES.plain);
  expect(bodies).toHaveLength(50);
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test('a message comes again after its handler failed', async () => {
  const counts: (number | undefined)[] = [];
  await sender.sendMessages({ body: 1 });
  await new Promise<void>((resolve) => {
    receiver.subscribe({
      processMessage: ({ deliveryCount }) => {
        counts.push(deliveryCount);
        if (counts.length === 1) throw new Error('not yet');
        resolve();
        return Promise.resolve();
      },
      processError: () => Promise.resolve(),
    });
  });
  expect(counts).toEqual([0, 1]);
});

test('a missing queue is an error', async () => {
  expect(await errorOf(bus.client.createSender('no-such-queue').sendMessages({ body: 1 }))).toMatchObject({
    code: 'MessagingEntityNotFound',
  });
  expect(
    await errorOf(receiverOf(bus.client, 'no-such-queue').receiveMessages(1, { maxWaitTimeInMs: 500 })),
  ).toMatchObject({ code: 'MessagingEntityNotFound' });
});
