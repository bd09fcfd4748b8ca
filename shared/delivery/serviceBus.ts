// The namespace of Service Bus, as far as Lifeboat sends to it.
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';

let clientTask: Promise<ServiceBusClient> | undefined;
const senders = new Map<string, ServiceBusSender>();

/** To a queue or a topic. */
export async function openSender(queueOrTopic: string): Promise<ServiceBusSender> {
  const client = await (clientTask ??= openClient().catch((error: unknown) => {
    clientTask = undefined;
    throw error;
  }));
  const sender = senders.get(queueOrTopic) ?? client.createSender(queueOrTopic);
  senders.set(queueOrTopic, sender);
  return sender;
}

async function openClient(): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  // Whoever sends tries again by himself, in his own time; within one try the SDK may not take
  // longer than a call-back may.
  const options = {
    retryOptions: { maxRetries: 0, timeoutInMs: config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS * 1000 },
  };
  return new ServiceBusClient(config().LIFEBOAT_SERVICEBUS ?? '', await azureCredential(), options);
}
