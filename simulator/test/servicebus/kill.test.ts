// Kills at any time: no acknowledged message is lost, no completed message comes again, and no lock
// lasts for ever.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { killProcess, startBusProcess, type BusProcess } from './start-bus-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-kill-'));
const clients: ServiceBusClient[] = [];
let bus: BusProcess;

const open = (): ServiceBusClient => {
  const client = new ServiceBusClient(bus.connectionString, {
    retryOptions: { maxRetries: 0, timeoutInMs: 1_000 },
  });
  clients.push(client);
  return client;
};
const locked = { maxAutoLockRenewalDurationInMs: 0 };

beforeAll(async () => {
  bus = await startBusProcess(join(folder, 'bus.sqlite'));
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close().catch(() => undefined)));
  await bus.kill();
  rmSync(folder, { recursive: true });
}, 20_000);

async function killAndRestart(): Promise<void> {
  await bus.kill();
  bus = await startBusProcess(join(folder, 'bus.sqlite'), bus.port);
}

/** The broker's answers to the clients, by the text of the messages. */
class Ledger {
  readonly sent = new Set<string>();
  readonly delivered = new Map<string, string[]>();
  readonly completed = new Set<string>();
  readonly afterCompletion: string[] = [];
  sending = true;
  receiving = true;

  /** Sends every text once. It never repeats an unacknowledged text. */
  async send(name: string): Promise<void> {
    let sender = open().createSender('storm');
    for (let number = 0; this.sending; number += 1) {
      try {
        await sender.sendMessages({ body: `${name}-${number}` });
        this.sent.add(`${name}-${number}`);
      } catch {
        sender = open().createSender('storm');
        await sleep(20);
      }
    }
  }

  async receive(): Promise<void> {
    let receiver = open().createReceiver('storm', locked);
    while (this.receiving) {
      try {
        const messages = await receiver.receiveMessages(20, { maxWaitTimeInMs: 300 });
        for (const message of messages) this.hear(message);
        await Promise.all(
          messages.map(async (message) => {
            await receiver.completeMessage(message);
            this.completed.add(String(message.body));
          }),
        );
      } catch {
        receiver = open().createReceiver('storm', locked);
        await sleep(20);
      }
    }
  }

  private hear({ body, sequenceNumber }: ServiceBusReceivedMessage): void {
    const text = String(body);
    if (this.completed.has(text)) this.afterCompletion.push(text);
    this.delivered.set(text, [...(this.delivered.get(text) ?? []), String(sequenceNumber)]);
  }
}

test('five kills during sends and completions lose nothing', async () => {
  const ledger = new Ledger();
  const senders = ['a', 'b', 'c'].map((name) => ledger.send(name));
  const receivers = [ledger.receive(), ledger.receive()];
  for (let kill = 0; kill < 5; kill += 1) {
    const [sent, completed] = [ledger.sent.size, ledger.completed.size];
    while (ledger.sent.size < sent + 60 || ledger.completed.size < completed + 40) await sleep(5);
    await killAndRestart();
  }
  ledger.sending = false;
  await Promise.all(senders);
  const looker = open().createReceiver('storm', locked);
  for (;;) {
    const left = await looker.peekMessages(1).catch(() => undefined);
    if (left?.length === 0) break;
    await sleep(50);
  }
  ledger.receiving = false;
  await Promise.all(receivers);

  expect([...ledger.sent].filter((text) => !ledger.delivered.has(text))).toEqual([]);
  expect(ledger.afterCompletion).toEqual([]);
  // The broker kept each message once, however often it was delivered.
  expect([...ledger.delivered].filter(([, numbers]) => new Set(numbers).size > 1)).toEqual([]);
});

test('locks outlive the broker until they end, and count', async () => {
  await open()
    .createSender('still')
    .sendMessages([{ body: 1 }, { body: 2 }]);
  const messages = await open()
    .createReceiver('still', locked)
    .receiveMessages(2, { maxWaitTimeInMs: 1_000 });
  expect(messages).toHaveLength(2);
  await killAndRestart();
  const receiver = open().createReceiver('still', locked);
  const again = [];
  while (again.length < 2) again.push(...(await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 })));
  expect(again.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual([
    [1, 1],
    [2, 1],
  ]);
  expect(Date.now()).toBeGreaterThanOrEqual(messages[0]?.lockedUntilUtc?.getTime() ?? Infinity);
  for (const message of again) await receiver.completeMessage(message);
});

test('deferred, scheduled and dead messages, session state and known ids survive a kill', async () => {
  const client = open();
  await client.createSender('still').sendMessages([{ body: 'defer' }, { body: 'dead' }]);
  const receiver = client.createReceiver('still', locked);
  const [deferred, dead] = await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 });
  if (deferred === undefined || dead === undefined) throw new Error('The messages did not come.');
  await receiver.deferMessage(deferred);
  await receiver.deadLetterMessage(dead, { deadLetterReason: 'why', deadLetterErrorDescription: 'told' });
  await client.createSender('topic').scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 300));
  await client.createSender('unique').sendMessages({ body: 1, messageId: 'seen' });
  const session = await client.acceptSession('sessions', 's', locked);
  await session.setSessionState('kept');
  await client.createRuleManager('topic', 'subscription').createRule('another', { sqlExpression: '1=0' });
  await killAndRestart();

  const later = open();
  const [again] = await later
    .createReceiver('still', locked)
    .receiveDeferredMessages(deferred.sequenceNumber ?? []);
  expect(again?.body).toBe('defer');
  const deleting = { receiveMode: 'receiveAndDelete' } as const;
  expect(
    await later.createReceiver('still', { ...deleting, subQueueType: 'deadLetter' }).receiveMessages(1),
  ).toMatchObject([{ body: 'dead', deadLetterReason: 'why' }]);
  expect(
    await later
      .createReceiver('topic', 'subscription', deleting)
      .receiveMessages(1, { maxWaitTimeInMs: 3_000 }),
  ).toMatchObject([{ body: 'scheduled' }]);
  await later.createSender('unique').sendMessages({ body: 2, messageId: 'seen' });
  expect((await later.createReceiver('unique').peekMessages(5)).map(({ body }) => body as unknown)).toEqual([
    1,
  ]);
  const names = [];
  for await (const { name } of later.createRuleManager('topic', 'subscription').listRules()) names.push(name);
  expect(names).toEqual(['$Default', 'another']);
  // The lock of the session ends by itself too.
  await sleep(Math.max(0, session.sessionLockedUntilUtc.getTime() - Date.now()) + 50);
  const next = await later.acceptSession('sessions', 's', locked);
  expect(await next.getSessionState()).toBe('kept');
  await next.close();
});

/** Starts a receiver in a separate process, and kills the receiver once it has its messages. */
async function dieWith(count: number, queue: string, session: string[] = []): Promise<unknown> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'receiver-process.ts'),
      bus.connectionString,
      queue,
      String(count),
      ...session,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  await killProcess(child);
  return JSON.parse(line) as unknown;
}

test('the messages of a dead receiver go to another receiver, with a higher count', async () => {
  const bodies = Array.from({ length: 10 }, (_, index) => index);
  await open()
    .createSender('still')
    .sendMessages(bodies.map((body) => ({ body })));
  expect(await dieWith(10, 'still')).toEqual(bodies);
  const receiver = open().createReceiver('still', locked);
  const again: ServiceBusReceivedMessage[] = [];
  while (again.length < 10) again.push(...(await receiver.receiveMessages(10, { maxWaitTimeInMs: 1_000 })));
  expect(again.map(({ body, deliveryCount }) => [body as unknown, deliveryCount])).toEqual(
    bodies.map((body) => [body, 1]),
  );
  await Promise.all(again.map((message) => receiver.completeMessage(message)));
});

test('the session of a dead receiver becomes free, in order', async () => {
  await open()
    .createSender('sessions')
    .sendMessages([1, 2, 3].map((body) => ({ body, sessionId: 'orphan' })));
  expect(await dieWith(2, 'sessions', ['orphan'])).toEqual([1, 2]);
  const next = await open().acceptNextSession('sessions', locked);
  expect(
    (await next.receiveMessages(3, { maxWaitTimeInMs: 1_000 })).map(({ body }) => body as unknown),
  ).toEqual([1, 2, 3]);
  await next.close();
});
