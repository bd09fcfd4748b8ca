// Deferred messages and dead letters, as the tests of the SDK describe them. Each test runs with a
// plain queue and with a queue that needs sessions.

import { randomUUID } from 'node:crypto';
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import {
  removeAllMessages,
  NAMES,
  receiveOne,
  openBus,
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

describe.each([NAMES.plain, NAMES.sessions])('in the queue %s', (queue) => {
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  let sessionId: string;
  let receiver: ServiceBusReceiver;
  let deadLetters: ServiceBusReceiver;

  const open = async (receiveMode: 'peekLock' | 'receiveAndDelete' = 'peekLock') =>
    queue === NAMES.sessions
      ? await bus.client.acceptSession(queue, sessionId, { ...options, receiveMode })
      : receiverOf(bus.client, queue, { receiveMode });

  beforeEach(async () => {
    sessionId = randomUUID();
    if (queue === NAMES.plain) await removeAllMessages((more) => receiverOf(bus.openClient(), queue, more));
    receiver = await open();
    deadLetters = receiverOf(bus.client, queue, { subQueueType: 'deadLetter' });
  });
  afterEach(async () => {
    await Promise.all([receiver.close(), deadLetters.close()]);
  });

  const sendAndReceive = async (): Promise<ServiceBusReceivedMessage> => {
    const sender = bus.client.createSender(queue);
    await sender.sendMessages({
      body: 'the body',
      applicationProperties: { kept: 'yes' },
      ...(queue === NAMES.sessions && { sessionId }),
    });
    await sender.close();
    const message = await receiveOne(receiver);
    expect(message.deliveryCount).toBe(0);
    return message;
  };
  const receiveDeferred = async (
    { sequenceNumber }: ServiceBusReceivedMessage,
    from = receiver,
  ): Promise<ServiceBusReceivedMessage> => {
    const [deferred] = await from.receiveDeferredMessages(sequenceNumber ?? []);
    if (deferred === undefined) throw new Error('The deferred message did not come.');
    return deferred;
  };
  const deferred = async (): Promise<ServiceBusReceivedMessage> => {
    const message = await sendAndReceive();
    await receiver.deferMessage(message, { why: 'too early' });
    return await receiveDeferred(message);
  };
  const deadLettered = async (): Promise<ServiceBusReceivedMessage> => {
    await receiver.deadLetterMessage(await sendAndReceive());
    return await receiveOne(deadLetters);
  };

  test('a deferral counts as a delivery', async () => {
    const message = await deferred();
    expect(message).toMatchObject({
      body: 'the body',
      deliveryCount: 1,
      state: 'deferred',
      applicationProperties: { kept: 'yes', why: 'too early' },
    });
    await receiver.completeMessage(message);
    expect(await receiver.peekMessages(1)).toEqual([]);
  });

  test.each(['abandonMessage', 'deferMessage'] as const)(
    'a deferred message stays deferred and counts again after %s',
    async (settle) => {
      const message = await deferred();
      await receiver[settle](message, { tried: 'twice' });
      expect(await receiveAvailable(receiver, 1)).toEqual([]);
      const again = await receiveDeferred(message);
      expect(again).toMatchObject({
        deliveryCount: 2,
        state: 'deferred',
        applicationProperties: { kept: 'yes', why: 'too early', tried: 'twice' },
      });
      await receiver.completeMessage(again);
    },
  );

  test('a deferred message can become a dead letter', async () => {
    await receiver.deadLetterMessage(await deferred(), {
      deadLetterReason: 'enough',
      deadLetterErrorDescription: 'told',
      own: 'property',
    });
    expect(await receiver.peekMessages(1)).toEqual([]);
    const dead = await receiveOne(deadLetters);
    expect(dead).toMatchObject({
      deliveryCount: 1,
      deadLetterReason: 'enough',
      deadLetterErrorDescription: 'told',
      applicationProperties: { kept: 'yes', own: 'property' },
    });
    await deadLetters.completeMessage(dead);
  });

  test('a deferred message can be received and deleted in one step', async () => {
    const message = await sendAndReceive();
    await receiver.deferMessage(message);
    await receiver.close();
    receiver = await open('receiveAndDelete');
    expect(await receiveDeferred(message)).toMatchObject({ deliveryCount: 1, lockToken: undefined });
    expect(await receiver.peekMessages(1)).toEqual([]);
  });

  test('a request for no deferred message gets none', async () => {
    expect(await receiver.receiveDeferredMessages([])).toEqual([]);
  });

  test('an abandoned dead letter comes again with the same count', async () => {
    await deadLetters.abandonMessage(await deadLettered());
    const again = await receiveOne(deadLetters);
    expect(again.deliveryCount).toBe(0);
    await deadLetters.completeMessage(again);
  });

  test('a dead letter cannot become a dead letter again', async () => {
    const dead = await deadLettered();
    expect(await errorOf(deadLetters.deadLetterMessage(dead))).toMatchObject({ code: 'GeneralError' });
    // It comes again after its lock, and this delivery does not count either.
    const again = await receiveOne(deadLetters);
    expect(again.deliveryCount).toBe(0);
    await deadLetters.completeMessage(again);
    expect(await deadLetters.peekMessages(1)).toEqual([]);
  });

  test('a dead letter can be deferred in its queue', async () => {
    const dead = await deadLettered();
    await deadLetters.deferMessage(dead);
    expect(await receiveAvailable(deadLetters, 1)).toEqual([]);
    await deadLetters.completeMessage(await receiveDeferred(dead, deadLetters));
    expect(await deadLetters.peekMessages(1)).toEqual([]);
  });
});

test('the lock of a deferred message can be renewed', async () => {
  const receiver = receiverOf(bus.client, NAMES.plain);
  await bus.client.createSender(NAMES.plain).sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  await receiver.deferMessage(message);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber ?? []);
  if (deferred === undefined) throw new Error('The deferred message did not come.');
  const first = deferred.lockedUntilUtc?.getTime() ?? Infinity;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await receiver.renewMessageLock(deferred)).getTime()).toBeGreaterThan(first);
  await receiver.completeMessage(deferred);
  await receiver.close();
});

/** Closes the link that delivered the message. The SDK then settles it through the management link. */
async function closeLink(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage): Promise<void> {
  const { delivery } = message as unknown as { delivery: { link: { name: string } } };
  const { _context: context } = receiver as unknown as {
    _context: { messageReceivers: Record<string, { close(): Promise<void> }> };
  };
  await context.messageReceivers[delivery.link.name]?.close();
}

test.each([
  ['completeMessage', []],
  ['abandonMessage', ['active']],
  ['deferMessage', ['deferred']],
  ['deadLetterMessage', []],
] as const)('a message can be settled after the loss of its link: %s', async (settle, states) => {
  await removeAllMessages((options) => receiverOf(bus.openClient(), NAMES.plain, options));
  const receiver = receiverOf(bus.client, NAMES.plain);
  await bus.client.createSender(NAMES.plain).sendMessages({ body: 1 });
  const message = await receiveOne(receiver);
  await closeLink(receiver, message);
  await receiver[settle](message);
  const left = await receiver.peekMessages(5);
  expect(left.map(({ state, deliveryCount }) => [state, deliveryCount])).toEqual(
    states.map((state) => [state, 1]),
  );
  await receiver.close();
});
