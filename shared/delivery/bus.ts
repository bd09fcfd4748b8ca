// The namespace of Service Bus, as far as Lifeboat sends to it.
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { azureCredential } from '../core/credential.ts';
import { config } from '../core/config.ts';

let opened: Promise<ServiceBusClient> | undefined;
const senders = new Map<string, ServiceBusSender>();

/** To a queue or a topic. */
export async function senderTo(entity: string): Promise<ServiceBusSender> {
  const client = await (opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  }));
  const sender = senders.get(entity) ?? client.createSender(entity);
  senders.set(entity, sender);
  return sender;
}

async function open(): Promise<ServiceBusClient> {
  const { ServiceBusClient } = await import('@azure/service-bus');
  // Whoever sends tries again by himself, in his own time; within one try the SDK may not take
  // longer than a call-back may.
  const options = {
    retryOptions: { maxRetries: 0, timeoutInMs: config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS * 1000 },
  };
  return new ServiceBusClient(config().LIFEBOAT_SERVICEBUS ?? '', await azureCredential(), options);
}
