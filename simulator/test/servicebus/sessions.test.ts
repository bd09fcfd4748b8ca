// Sessions: one receiver at a time, in order, with a state.

import { randomUUID } from 'node:crypto';
import type { ServiceBusSender, ServiceBusSessionReceiver } from '@azure/service-bus';
import {
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
const options = { maxAutoLockRenewalDurationInMs: 0 };

beforeAll(async () => {
  bus = await openBus();
  sender = bus.client.createSender(NAMES.sessions);
});
afterAll(() => bus.close());

const newSession = (): string => randomUUID();

/** Removes the messages of other tests, so that the next session belongs to this test. */
beforeEach(
  async () => {
    const impatient = bus.openClientWithShortTimeout();
    for (;;) {
      const left = await impatient
        .acceptNextSession(NAMES.sessions, {
          receiveMode: 'receiveAndDelete',
          maxAutoLockRenewalDurationInMs: 0,
        })
        .catch(() => undefined);
      if (left === undefined) return;
      while ((await receiveAvailable(left, 10, isReal ? 1_500 : undefined)).length > 0); // within its lock
      await left.close();
    }
  },
  isReal ? 120_000 : 20_000,
);

const bodies = async (receiver: ServiceBusSessionReceiver, count: number): Promise<unknown[]> =>
  (await receiveAvailable(receiver, count, 2_000)).map(({ body }) => body as unknown);

test('a session has only its own messages, in the order of their sends', async () => {
  const [left, right] = [newSession(), newSession()];
  await sender.sendMessages(
    [1, 2, 3, 4, 5, 6].map((body) => ({ body, sessionId: body % 2 === 0 ? right : left })),
  );
  const receiver = await bus.client.acceptSession(NAMES.sessions, right, options);
  expect(receiver.sessionId).toBe(right);
  expect(receiver.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now());
  const messages = await receiveAvailable(receiver, 3, 2_000);
  expect(messages.map(({ body, sessionId }) => [body as unknown, sessionId])).toEqual([
    [2, right],
    [4, right],
    [6, right],
  ]);
  for (const message of messages) await receiver.completeMessage(message);
  await receiver.close();
});

test('the next session is a free session with messages', async () => {
  const [first, second] = [newSession(), newSession()];
  await sender.sendMessages([
    { body: 1, sessionId: first },
    { body: 2, sessionId: second },
  ]);
  const some = await bus.client.acceptNextSession(NAMES.sessions, options);
  const other = await bus.client.acceptNextSession(NAMES.sessions, options);
  expect(new Set([some.sessionId, other.sessionId])).toEqual(new Set([first, second]));
  for (const receiver of [some, other]) {
    await receiver.completeMessage(await receiveOne(receiver));
    await receiver.close();
  }
});

test('a client that waits for the next session gets it with the first message', async () => {
  const waiting = bus.client.acceptNextSession(NAMES.sessions, options);
  const id = newSession();
  await sender.sendMessages({ body: 1, sessionId: id });
  const receiver = await waiting;
  expect(receiver.sessionId).toBe(id);
  await receiver.completeMessage(await receiveOne(receiver));
  await receiver.close();
});

test("a wait without a free session ends after the client's time-out", async () => {
  expect(
    await errorOf(bus.openClientWithShortTimeout().acceptNextSession(NAMES.sessions, options)),
  ).toMatchObject({
    code: 'ServiceTimeout',
  });
});

test('a session in use cannot be accepted', async () => {
  const id = newSession();
  const receiver = await bus.client.acceptSession(NAMES.sessions, id, options);
  expect(await errorOf(bus.openClient().acceptSession(NAMES.sessions, id, options))).toMatchObject({
    code: 'SessionCannotBeLocked',
  });
  await receiver.close();
  const next = await bus.client.acceptSession(NAMES.sessions, id, options);
  await next.close();
});

test('unsettled messages of a closed receiver come again in order, with the same count', async () => {
  const id = newSession();
  await sender.sendMessages([
    { body: 1, sessionId: id },
    { body: 2, sessionId: id },
  ]);
  const first = await bus.client.acceptSession(NAMES.sessions, id, options);
  await receiveOne(first);
  await first.close();
  const second = await bus.client.acceptSession(NAMES.sessions, id, options);
  const messages = await receiveAvailable(second, 2, 2_000);
  expect(messages.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  for (const message of messages) await second.completeMessage(message);
  await second.close();
});

test('a session with an expired lock is lost, and its messages come again with a higher count', async () => {
  const id = newSession();
  await sender.sendMessages({ body: 1, sessionId: id });
  const late = await bus.client.acceptSession(NAMES.sessions, id, options);
  const message = await receiveOne(late);
  await waitUntilAfter(late.sessionLockedUntilUtc);
  expect(await errorOf(late.completeMessage(message))).toMatchObject({ code: 'SessionLockLost' });
  expect(await errorOf(late.setSessionState('late'))).toMatchObject({ code: 'SessionLockLost' });
  const next = await bus.openClient().acceptSession(NAMES.sessions, id, options);
  const again = await receiveOne(next);
  expect(again.deliveryCount).toBe(1);
  await next.completeMessage(again);
  await next.close();
  await late.close();
});

test('a renewed session lasts longer', async () => {
  const id = newSession();
  await sender.sendMessages({ body: 1, sessionId: id });
  const receiver = await bus.client.acceptSession(NAMES.sessions, id, options);
  const first = receiver.sessionLockedUntilUtc;
  const message = await receiveOne(receiver);
  await new Promise((resolve) => setTimeout(resolve, isReal ? 2_000 : 300));
  expect((await receiver.renewSessionLock()).getTime()).toBeGreaterThan(first.getTime() + 200);
  await waitUntilAfter(first);
  await receiver.completeMessage(message);
  await receiver.close();
});

test('the state of a session outlives its receivers and its messages', async () => {
  const id = newSession();
  const first = await bus.client.acceptSession(NAMES.sessions, id, options);
  expect(await first.getSessionState()).toBeNull();
  await first.setSessionState({ step: 3 });
  await first.close();
  const second = await bus.client.acceptSession(NAMES.sessions, id, options);
  expect(await second.getSessionState()).toEqual({ step: 3 });
  await second.setSessionState(null);
  await second.close();
});

test('messages of a session can be deferred, received again and peeked within it', async () => {
  const id = newSession();
  await sender.sendMessages([
    { body: 1, sessionId: id },
    { body: 2, sessionId: id },
  ]);
  const receiver = await bus.client.acceptSession(NAMES.sessions, id, options);
  const message = await receiveOne(receiver);
  await receiver.deferMessage(message);
  expect((await receiver.peekMessages(5)).map(({ body, state }) => [body as unknown, state])).toEqual([
    [1, 'deferred'],
    [2, 'active'],
  ]);
  const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber ?? []);
  if (deferred !== undefined) await receiver.completeMessage(deferred);
  expect(await bodies(receiver, 1)).toEqual([2]);
  await receiver.close();
});

test('a session queue needs sessions, and a plain queue refuses session receivers', async () => {
  expect((await errorOf(sender.sendMessages({ body: 1 }))).message).toMatch(
    /InvalidOperationError.*SessionId was not set/i,
  );
  expect(
    (await errorOf(receiverOf(bus.client, NAMES.sessions).receiveMessages(1, { maxWaitTimeInMs: 500 })))
      .message,
  ).toMatch(/InvalidOperationError/);
  expect(await errorOf(bus.client.acceptSession(NAMES.plain, 'x', options))).toBeDefined();
});
