// The Service Bus of the conformance tests, with its entity names. By default it is a broker of
// their own.
//
// With a connection string in LIFEBOAT_TEST_SERVICEBUS the same tests run against the real service.
// The entities below must then exist there, with these options. Azure allows no lock shorter than
// PT5S and no history shorter than PT20S. Tests that wait for a lock or a history read its time
// from the answers, and wait longer. The tests delete messages of other users in these entities.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  type ServiceBusReceiverOptions,
} from '@azure/service-bus';
import type { Entities } from '../../servicebus/entities.ts';
import { createServiceBus } from '../../servicebus/server.ts';

export const NAMES = {
  plain: 'conformance-plain',
  sessions: 'conformance-sessions',
  unique: 'conformance-unique',
  expiring: 'conformance-expiring',
  topic: 'conformance-topic',
  all: 'all',
  red: 'red',
  letters: 'letters',
  changing: 'changing',
  nothing: 'nothing',
} as const;

export const ENTITIES: Entities = {
  queues: [
    { name: NAMES.plain, lockDuration: 'PT0.8S', maxDeliveryCount: 3 },
    { name: NAMES.sessions, lockDuration: 'PT0.8S', requiresSession: true },
    { name: NAMES.unique, requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindow: 'PT0.7S' },
    { name: NAMES.expiring, deadLetteringOnMessageExpiration: true },
  ],
  topics: [
    {
      name: NAMES.topic,
      subscriptions: [
        { name: NAMES.all },
        {
          name: NAMES.red,
          rules: [
            {
              name: 'red',
              filterType: 'SqlFilter',
              sqlFilter: { sqlExpression: "colour = 'red' AND weight > 2" },
            },
          ],
        },
        {
          name: NAMES.letters,
          rules: [
            {
              name: 'letters',
              filterType: 'CorrelationFilter',
              correlationFilter: { label: 'letter', properties: { urgent: true } },
            },
          ],
        },
        { name: NAMES.changing },
        {
          name: NAMES.nothing,
          rules: [{ name: 'never', filterType: 'SqlFilter', sqlFilter: { sqlExpression: '1=0' } }],
        },
      ],
    },
  ],
};

export const isReal = process.env['LIFEBOAT_TEST_SERVICEBUS'] !== undefined;
const TIMEOUT_MILLISECONDS = isReal ? 20_000 : 3_000;
/** For a client that asks for missing messages. */
const SHORT_TIMEOUT_MILLISECONDS = isReal ? 5_000 : 200;

export interface Bus {
  readonly connectionString: string;
  readonly client: ServiceBusClient;
  /** Opens another connection. */
  openClient(connectionString?: string): ServiceBusClient;
  /** Opens a connection with a short time-out for requests. */
  openClientWithShortTimeout(): ServiceBusClient;
  close(): Promise<void>;
}

export async function openBus(): Promise<Bus> {
  const real = process.env['LIFEBOAT_TEST_SERVICEBUS'];
  const local = real === undefined ? await localBus() : undefined;
  const connectionString = real ?? local?.connectionString ?? '';
  const clients: ServiceBusClient[] = [];
  const open = (text: string, timeoutInMs: number): ServiceBusClient => {
    const client = new ServiceBusClient(text, { retryOptions: { maxRetries: 0, timeoutInMs } });
    clients.push(client);
    return client;
  };
  return {
    connectionString,
    client: open(connectionString, TIMEOUT_MILLISECONDS),
    openClient: (text = connectionString) => open(text, TIMEOUT_MILLISECONDS),
    openClientWithShortTimeout: () => open(connectionString, SHORT_TIMEOUT_MILLISECONDS),
    async close() {
      await Promise.all(clients.map((client) => client.close()));
      await local?.close();
    },
  };
}

async function localBus() {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-'));
  const bus = await createServiceBus({
    dataFile: join(folder, 'bus.sqlite'),
    port: 0,
    entities: ENTITIES,
    keys: [{ name: 'RootManageSharedAccessKey', key: 'a key for tests' }],
  });
  return {
    connectionString: bus.connectionString('RootManageSharedAccessKey'),
    async close() {
      await bus.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Receivers never renew locks by themselves. */
export const receiverOf = (
  client: ServiceBusClient,
  queue: string,
  options: ServiceBusReceiverOptions = {},
): ServiceBusReceiver => client.createReceiver(queue, { maxAutoLockRenewalDurationInMs: 0, ...options });

export const subscriptionOf = (
  client: ServiceBusClient,
  name: string,
  options: ServiceBusReceiverOptions = {},
): ServiceBusReceiver =>
  client.createReceiver(NAMES.topic, name, { maxAutoLockRenewalDurationInMs: 0, ...options });

/** Returns the next message. Fails when none comes. */
export async function receiveOne(
  receiver: Pick<ServiceBusReceiver, 'receiveMessages'>,
): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: TIMEOUT_MILLISECONDS });
  if (message === undefined) throw new Error('No message came.');
  return message;
}

/** Returns the messages that are available within a short time. */
export const receiveAvailable = (
  receiver: Pick<ServiceBusReceiver, 'receiveMessages'>,
  count: number,
  maxWaitTimeInMs = isReal ? 3_000 : 150,
): Promise<ServiceBusReceivedMessage[]> => receiver.receiveMessages(count, { maxWaitTimeInMs });

/** Waits until a lock or a time of Service Bus is certainly over. */
export const waitUntilAfter = (time: Date | undefined): Promise<void> =>
  new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, (time?.getTime() ?? 0) - Date.now()) + (isReal ? 500 : 60)),
  );

/**
 * Removes all messages of a queue or subscription, and its dead letters. Waits for the locks of
 * other receivers. `open` uses a new client each time: a client peeks at each message once only.
 */
export async function removeAllMessages(
  open: (options: ServiceBusReceiverOptions) => ServiceBusReceiver,
): Promise<void> {
  for (const options of [{}, { subQueueType: 'deadLetter' }] as const)
    while (await removeSomeMessages(open({ ...options, receiveMode: 'receiveAndDelete' })));
}

/** Returns false when there was no message. */
async function removeSomeMessages(receiver: ServiceBusReceiver): Promise<boolean> {
  const left = await receiver.peekMessages(100);
  const deferred = left
    .filter(({ state }) => state === 'deferred')
    .flatMap(({ sequenceNumber }) => sequenceNumber ?? []);
  if (deferred.length > 0) await receiver.receiveDeferredMessages(deferred);
  if (deferred.length < left.length) await receiveAvailable(receiver, left.length);
  await receiver.close();
  return left.length > 0;
}

/** Returns the error of a rejected promise. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ readonly code?: string; readonly message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code?: string; message: string };
  }
  throw new Error('It was not refused.');
}
