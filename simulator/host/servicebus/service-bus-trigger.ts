// Runs serviceBusTrigger functions for messages of a queue or a subscription. It supports sessions,
// single messages and batches.

import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSessionReceiver,
} from '@azure/service-bus';
import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import { stackOf } from '../log.ts';
import type { ServiceBusSettings } from '../settings.ts';
import { StartError } from '../start-error.ts';
import type { ConnectClient, Connections } from './connections.ts';
import { describeSource, readSource, type MessageSource } from './entity.ts';
import { createMessageHandler, type HandleMessages, type MessageHandlerOptions } from './message-handler.ts';
import { keepLocked } from './lock-renewal.ts';
import { runReceiveLoop } from './receive-loop.ts';
import { FailureLog } from './failure-log.ts';

export interface ServiceBusTriggerOptions extends MessageHandlerOptions {
  readonly connections: Connections;
  readonly settings: ServiceBusSettings;
}

/** How long to wait for the first message of a batch before the next receive call. */
const BATCH_WAIT_MS = 60_000;
const RECONNECT_MS = 250;

export class ServiceBusTrigger {
  readonly name: string;
  readonly #function: AppFunction;
  readonly #parts: ServiceBusTriggerOptions;
  readonly #source: MessageSource;
  readonly #connection: ConnectClient;
  readonly #sessions: boolean;
  readonly #many: boolean;
  readonly #handle: HandleMessages;
  readonly #trouble: FailureLog;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #settler: ServiceBusReceiver | undefined;
  #listening: Promise<void> = Promise.resolve();

  constructor(target: AppFunction, parts: ServiceBusTriggerOptions) {
    const { name, trigger } = target;
    const { properties } = trigger as { properties?: { supportsDeferredBinding?: string } };
    if (properties?.supportsDeferredBinding === 'true')
      throw new StartError(`Function "${name}": "sdkBinding" is not known to this host.`);
    this.name = name;
    this.#function = target;
    this.#parts = parts;
    this.#source = readSource(trigger, name);
    this.#connection = parts.connections.connectionFor(trigger, name);
    this.#sessions = trigger.isSessionsEnabled === true;
    this.#many = trigger.cardinality === 'many';
    const { autoCompleteMessages } = trigger;
    this.#handle = createMessageHandler(
      target,
      typeof autoCompleteMessages === 'boolean' ? autoCompleteMessages : parts.settings.autoCompleteMessages,
      parts,
    );
    this.#trouble = new FailureLog(parts.log, name, `receive from ${describeSource(this.#source)}`);
  }

  start(): void {
    this.#listening = this.#listen();
  }

  /** Runs the function by hand, with a text as the message. */
  async runNow(text: string): Promise<void> {
    const { invoke, durableClient, clock, log } = this.#parts;
    const idle = clock.markBusy();
    try {
      const trigger = this.#many ? { collectionString: { string: [text] } } : { string: text };
      await invoke({
        function: this.#function.registered,
        inputs: buildInputs(this.#function, trigger, durableClient),
      });
    } catch (error) {
      log('error', this.name, `Failed: ${stackOf(error)}`);
    } finally {
      idle();
    }
  }

  /** Takes no more messages. Resolves when the current messages are settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#listening;
    await Promise.allSettled(this.#running);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Listens on one connection after another while the host runs. */
  async #listen(): Promise<void> {
    for (;;) {
      const trouble = await this.#listenOnce();
      if (this.#stopped) return;
      this.#trouble.report(trouble);
      await sleep(RECONNECT_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  /** Returns the reason why listening ended. */
  async #listenOnce(): Promise<unknown> {
    try {
      const { client, lost } = await this.#connection();
      await this.#receive(client, AbortSignal.any([this.#stopping.signal, lost]));
      return new Error('the connection is lost.');
    } catch (error) {
      return error;
    }
  }

  async #receive(client: ServiceBusClient, stop: AbortSignal): Promise<void> {
    const { maxConcurrentSessions, maxMessageBatchSize, sessionIdleTimeout } = this.#parts.settings;
    if (!this.#sessions && !this.#many) {
      await this.#stream(client, stop);
      return;
    }
    // Batches run one after another. Sessions run in parallel, unless they deliver batches.
    const loops = Array.from({ length: this.#many ? 1 : maxConcurrentSessions }, () =>
      runReceiveLoop({
        open: () => (this.#sessions ? this.#nextSession(client) : Promise.resolve(this.#receiver(client))),
        handle: this.#handle,
        maxMessages: this.#many ? maxMessageBatchSize : 1,
        maxWaitMs: this.#sessions ? sessionIdleTimeout : BATCH_WAIT_MS,
        closesWhenEmpty: this.#sessions,
        failureLog: this.#trouble,
        stop,
      }),
    );
    await Promise.all(loops);
  }

  async #stream(client: ServiceBusClient, stop: AbortSignal): Promise<void> {
    const { maxAutoLockRenewalDuration, maxConcurrentCalls } = this.#parts.settings;
    const receiver = this.#receiver(client);
    this.#settler = receiver;
    const subscription = receiver.subscribe(
      {
        processMessage: async (message: ServiceBusReceivedMessage) => {
          this.#trouble.reportRecovery();
          const letGo = keepLocked(receiver, message, maxAutoLockRenewalDuration);
          // After a lost connection, the next connection settles the message.
          await this.#track(this.#handle(() => this.#settler ?? receiver, [message]).finally(letGo));
        },
        processError: ({ error }) => {
          // SDK errors on an abandoned connection are no problem.
          if (!stop.aborted) this.#trouble.report(error);
          return Promise.resolve();
        },
      },
      { autoCompleteMessages: false, maxConcurrentCalls },
    );
    await whenAborted(stop);
    // A lost connection answers late, or never.
    const closed = subscription.close();
    if (this.#stopped) await closed;
    else closed.then(() => receiver.close()).catch(() => undefined);
  }

  #receiver(client: ServiceBusClient): ServiceBusReceiver {
    const { name, subscription } = this.#source;
    const options = { maxAutoLockRenewalDurationInMs: 0, skipParsingBodyAsJson: true };
    return subscription === undefined
      ? client.createReceiver(name, options)
      : client.createReceiver(name, subscription, options);
  }

  async #nextSession(client: ServiceBusClient): Promise<ServiceBusSessionReceiver> {
    const { name, subscription } = this.#source;
    const options = {
      maxAutoLockRenewalDurationInMs: this.#parts.settings.maxAutoLockRenewalDuration,
      skipParsingBodyAsJson: true,
    };
    return subscription === undefined
      ? await client.acceptNextSession(name, options)
      : await client.acceptNextSession(name, subscription, options);
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    try {
      await work;
    } finally {
      this.#running.delete(work);
    }
  }
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  if (!signal.aborted) await promise;
}
