// The client for the Service Bus namespace, for sending only. The topic and the command queue use
// it.
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';

let clientTask: Promise<ServiceBusClient> | undefined;
const senders = new Map<string, ServiceBusSender>();

/** Opens or reuses the sender for a queue or a topic. */
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
  // Callers retry themselves, at their own times. One try of the SDK may take only as long as a
  // call-back request.
  const options = {
    retryOptions: { maxRetries: 0, timeoutInMs: config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS * 1000 },
  };
  return new ServiceBusClient(config().LIFEBOAT_SERVICEBUS ?? '', await azureCredential(), options);
}
