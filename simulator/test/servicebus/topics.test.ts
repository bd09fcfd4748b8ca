// Topics: the copies of each subscription, and rules that change while messages flow.

import type { ServiceBusSender } from '@azure/service-bus';
import {
  removeAllMessages,
  NAMES,
  receiveOne,
  openBus,
  receiverOf,
  errorOf,
  subscriptionOf,
  receiveAvailable,
  type Bus,
} from './conformance-bus.ts';

let bus: Bus;
let sender: ServiceBusSender;
const SUBSCRIPTIONS = [NAMES.all, NAMES.red, NAMES.letters, NAMES.changing, NAMES.nothing];

beforeAll(async () => {
  bus = await openBus();
  sender = bus.client.createSender(NAMES.topic);
});
afterAll(() => bus.close());
beforeEach(async () => {
  for (const name of SUBSCRIPTIONS)
    await removeAllMessages((options) => subscriptionOf(bus.openClient(), name, options));
});

const bodiesIn = async (name: string, count: number): Promise<unknown[]> => {
  const receiver = subscriptionOf(bus.client, name, { receiveMode: 'receiveAndDelete' });
  const messages = await receiveAvailable(receiver, count);
  await receiver.close();
  return messages.map(({ body }) => body as unknown);
};

test('each subscription gets its own copy of the matching messages', async () => {
  await sender.sendMessages([
    { body: 'light', applicationProperties: { colour: 'red', weight: 1 } },
    { body: 'heavy', applicationProperties: { colour: 'red', weight: 3 } },
    { body: 'blue', applicationProperties: { colour: 'blue', weight: 3 } },
    { body: 'letter', subject: 'letter', applicationProperties: { urgent: true } },
    { body: 'slow letter', subject: 'letter', applicationProperties: { urgent: false } },
  ]);
  expect(await bodiesIn(NAMES.all, 9)).toEqual(['light', 'heavy', 'blue', 'letter', 'slow letter']);
  expect(await bodiesIn(NAMES.red, 9)).toEqual(['heavy']);
  expect(await bodiesIn(NAMES.letters, 9)).toEqual(['letter']);
  expect(await bodiesIn(NAMES.nothing, 9)).toEqual([]);
});

test('settling one copy leaves the other copies, and dead letters belong to their subscription', async () => {
  await sender.sendMessages({ body: 1 });
  const receiver = subscriptionOf(bus.client, NAMES.all);
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: 'why',
    deadLetterErrorDescription: 'told',
  });
  const dead = await receiveOne(
    subscriptionOf(bus.client, NAMES.all, { subQueueType: 'deadLetter', receiveMode: 'receiveAndDelete' }),
  );
  expect(dead.deadLetterReason).toBe('why');
  expect(await bodiesIn(NAMES.changing, 2)).toEqual([1]);
});

test('rules can be listed, added and removed, and apply to the next message', async () => {
  const rules = bus.client.createRuleManager(NAMES.topic, NAMES.changing);
  const listed = async (): Promise<Map<string, unknown>> => {
    const all = new Map<string, unknown>();
    for await (const { name, filter } of rules.listRules()) all.set(name, filter);
    return all;
  };
  const names = async (): Promise<string[]> => [...(await listed()).keys()].sort();
  expect(await names()).toEqual(['$Default']);
  await rules.createRule('big', { sqlExpression: 'size >= 10' });
  await rules.createRule('mine', { correlationId: 'me', applicationProperties: { kind: 'note' } });
  await rules.deleteRule('$Default');
  try {
    expect(await names()).toEqual(['big', 'mine']);
    expect((await listed()).get('mine')).toMatchObject({
      correlationId: 'me',
      applicationProperties: { kind: 'note' },
    });
    expect((await listed()).get('big')).toEqual({ sqlExpression: 'size >= 10' });
    await sender.sendMessages([
      { body: 'small', applicationProperties: { size: 9 } },
      { body: 'big', applicationProperties: { size: 10 } },
      { body: 'note', correlationId: 'me', applicationProperties: { kind: 'note', size: 1 } },
    ]);
    expect(await bodiesIn(NAMES.changing, 9)).toEqual(['big', 'note']);
    expect(await errorOf(rules.createRule('big', { sqlExpression: '1=1' }))).toMatchObject({
      code: 'MessagingEntityAlreadyExists',
    });
    expect(await errorOf(rules.deleteRule('no-such-rule'))).toMatchObject({
      code: 'MessagingEntityNotFound',
    });
    expect((await errorOf(rules.createRule('wrong', { sqlExpression: 'size >=' }))).message).toMatch(
      /ArgumentError/,
    );
  } finally {
    await rules.createRule('$Default', { sqlExpression: '1=1' });
    for (const name of ['big', 'mine']) await rules.deleteRule(name);
  }
});

test('a scheduled message of a topic is copied at its time', async () => {
  const [number] = await sender.scheduleMessages({ body: 'never' }, new Date(Date.now() + 60_000));
  await sender.scheduleMessages({ body: 'later' }, new Date(Date.now() + 300));
  await sender.cancelScheduledMessages(number ?? []);
  expect(await subscriptionOf(bus.client, NAMES.all).peekMessages(1)).toEqual([]);
  expect(
    await receiveOne(subscriptionOf(bus.client, NAMES.all, { receiveMode: 'receiveAndDelete' })),
  ).toMatchObject({ body: 'later' });
  expect(await bodiesIn(NAMES.red, 1)).toEqual([]);
});

test('a topic cannot be received from, and a subscription cannot be sent to', async () => {
  expect(
    await errorOf(receiverOf(bus.client, NAMES.topic).receiveMessages(1, { maxWaitTimeInMs: 500 })),
  ).toBeDefined();
  expect(
    await errorOf(
      bus.client.createSender(`${NAMES.topic}/Subscriptions/${NAMES.all}`).sendMessages({ body: 1 }),
    ),
  ).toBeDefined();
  expect(
    await errorOf(
      subscriptionOf(bus.client, 'no-such-subscription').receiveMessages(1, { maxWaitTimeInMs: 500 }),
    ),
  ).toMatchObject({ code: 'MessagingEntityNotFound' });
});
