// Runs serviceBusTrigger functions when messages come: from a queue or a subscription, with or without sessions, one by one or in batches.

import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver, ServiceBusSessionReceiver } from '@azure/service-bus';
import type { AppFunction } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import { traceOf } from '../log.ts';
import type { ServiceBusSettings } from '../settings.ts';
import { StartError } from '../start-error.ts';
import type { Connection, Connections } from './connections.ts';
import { describeSource, sourceOf, type Source } from './entity.ts';
import { createHandle, type Handle, type HandleParts } from './handle.ts';
import { keepLocked } from './lock-renewal.ts';
import { pullLoop } from './pull-loop.ts';
import { Trouble } from './trouble.ts';

export interface ServiceBusParts extends HandleParts {
  readonly connections: Connections;
  readonly settings: ServiceBusSettings;
}

/** How long to wait for the first message of a batch before asking again. */
const BATCH_PATIENCE = 60_000;

export class ServiceBusTrigger {
  readonly name: string;
  readonly #function: AppFunction;
  readonly #parts: ServiceBusParts;
  readonly #source: Source;
  readonly #connection: Connection;
  readonly #sessions: boolean;
  readonly #many: boolean;
  readonly #handle: Handle;
  readonly #trouble: Trouble;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #closeStream: (() => Promise<void>) | undefined;
  #started: Promise<unknown> = Promise.resolve();

  constructor(target: AppFunction, parts: ServiceBusParts) {
    const { name, trigger } = target;
    const { properties } = trigger as { properties?: { supportsDeferredBinding?: string } };
    if (properties?.supportsDeferredBinding === 'true') throw new StartError(`Function "${name}": "sdkBinding" is not known to this host.`);
    this.name = name;
    this.#function = target;
    this.#parts = parts;
    this.#source = sourceOf(trigger, name);
    this.#connection = parts.connections.of(trigger, name);
    this.#sessions = trigger.isSessionsEnabled === true;
    this.#many = trigger.cardinality === 'many';
    const { autoCompleteMessages } = trigger;
    this.#handle = createHandle(target, typeof autoCompleteMessages === 'boolean' ? autoCompleteMessages : parts.settings.autoCompleteMessages, parts);
    this.#trouble = new Trouble(parts.log, name, `receive from ${describeSource(this.#source)}`);
  }

  start(): void {
    this.#started = this.#listen().catch((error: unknown) => this.#trouble.met(error));
  }

  /** A run by hand, with a text as the message. */
  async runNow(text: string): Promise<void> {
    const { invoke, durableClient, clock, log } = this.#parts;
    const idle = clock.busy();
    try {
      const trigger = this.#many ? { collectionString: { string: [text] } } : { string: text };
      await invoke({ function: this.#function.registered, inputs: inputsOf(this.#function, trigger, durableClient) });
    } catch (error) {
      log('error', this.name, `Failed: ${traceOf(error)}`);
    } finally {
      idle();
    }
  }

  /** Takes no more messages; resolves when those in work are settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#started;
    await this.#closeStream?.();
    await Promise.allSettled(this.#running);
  }

  async #listen(): Promise<void> {
    const client = await this.#connection.client();
    if (this.#stopping.signal.aborted) return;
    const { maxConcurrentSessions, maxMessageBatchSize, sessionIdleTimeout } = this.#parts.settings;
    if (!this.#sessions && !this.#many) {
      this.#stream(client);
      return;
    }
    // Batches come one after another; sessions side by side, unless they come as batches.
    const loops = this.#many ? 1 : maxConcurrentSessions;
    for (let loop = 0; loop < loops; loop++) {
      void this.#track(pullLoop({
        open: (stop) => (this.#sessions ? this.#nextSession(client, stop) : Promise.resolve(this.#receiver(client))),
        handle: this.#handle,
        atMost: this.#many ? maxMessageBatchSize : 1,
        patience: this.#sessions ? sessionIdleTimeout : BATCH_PATIENCE,
        leavesWhenEmpty: this.#sessions,
        trouble: this.#trouble,
        stop: this.#stopping.signal,
      }));
    }
  }

  #stream(client: ServiceBusClient): void {
    const { maxAutoLockRenewalDuration, maxConcurrentCalls } = this.#parts.settings;
    const receiver = this.#receiver(client);
    const subscription = receiver.subscribe({
      processMessage: async (message: ServiceBusReceivedMessage) => {
        this.#trouble.over();
        const letGo = keepLocked(receiver, message, maxAutoLockRenewalDuration);
        await this.#track(this.#handle(receiver, [message]).finally(letGo));
      },
      processError: ({ error }) => {
        this.#trouble.met(error);
        return Promise.resolve();
      },
    }, { autoCompleteMessages: false, maxConcurrentCalls });
    this.#closeStream = () => subscription.close();
  }

  #receiver(client: ServiceBusClient): ServiceBusReceiver {
    const { name, subscription } = this.#source;
    const options = { maxAutoLockRenewalDurationInMs: 0, skipParsingBodyAsJson: true };
    return subscription === undefined ? client.createReceiver(name, options) : client.createReceiver(name, subscription, options);
  }

  async #nextSession(client: ServiceBusClient, abortSignal: AbortSignal): Promise<ServiceBusSessionReceiver> {
    const { name, subscription } = this.#source;
    const options = { maxAutoLockRenewalDurationInMs: this.#parts.settings.maxAutoLockRenewalDuration, skipParsingBodyAsJson: true, abortSignal };
    return subscription === undefined ? await client.acceptNextSession(name, options) : await client.acceptNextSession(name, subscription, options);
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
