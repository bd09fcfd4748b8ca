// A broker for a test file, and a client that sends and inspects messages.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { createServiceBus, type ServiceBus } from '../../servicebus/server.ts';

const KEY = { name: 'tests', key: 'a key for tests' };
const SHORT_LOCK = { lockDuration: 'PT1S', maxDeliveryCount: 3 };

const ENTITIES = {
  queues: [
    { name: 'orders', ...SHORT_LOCK },
    { name: 'bytes' },
    { name: 'left', ...SHORT_LOCK },
    { name: 'doubled' },
    { name: 'relay', ...SHORT_LOCK },
    { name: 'out' },
    { name: 'starts', lockDuration: 'PT1S', maxDeliveryCount: 100 },
    { name: 'results' },
    { name: 'batches' },
    { name: 'sessions', requiresSession: true, ...SHORT_LOCK },
    { name: 'session-batches', requiresSession: true },
  ],
  topics: [{ name: 'news', subscriptions: [{ name: 'all-test' }, { name: 'spare' }] }],
};

export class TestBus {
  readonly connectionString: string;
  readonly #broker: ServiceBus;
  readonly #client: ServiceBusClient;

  private constructor(broker: ServiceBus) {
    this.#broker = broker;
    this.connectionString = broker.connectionString(KEY.name);
    this.#client = new ServiceBusClient(this.connectionString);
  }

  static async start(folder: string, port = 0): Promise<TestBus> {
    return new TestBus(
      await createServiceBus({ dataFile: join(folder, 'bus.sqlite'), port, entities: ENTITIES, keys: [KEY] }),
    );
  }

  get port(): number {
    return this.#broker.port;
  }

  async send(entity: string, ...messages: ServiceBusMessage[]): Promise<void> {
    const sender = this.#client.createSender(entity);
    await sender.sendMessages(messages.map((message) => ({ messageId: randomUUID(), ...message })));
    await sender.close();
  }

  /** Removes this many messages. Fails when there are fewer. */
  async receive(
    queue: string,
    count: number,
    subQueueType?: 'deadLetter',
  ): Promise<ServiceBusReceivedMessage[]> {
    const receiver = this.#client.createReceiver(queue, {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
      ...(subQueueType && { subQueueType }),
    });
    const taken: ServiceBusReceivedMessage[] = [];
    while (taken.length < count) {
      const messages = await receiver.receiveMessages(count - taken.length, { maxWaitTimeInMs: 20_000 });
      if (messages.length === 0) throw new Error(`${queue} has ${taken.length} messages, not ${count}.`);
      taken.push(...messages);
    }
    await receiver.close();
    return taken;
  }

  /**
   * Returns the number of messages, including locked ones. Each count has its own client: a client
   * peeks at each message once only.
   */
  async count(queue: string): Promise<number> {
    const client = new ServiceBusClient(this.connectionString);
    const messages = await client.createReceiver(queue).peekMessages(100);
    await client.close();
    return messages.length;
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.#broker.close();
  }
}
