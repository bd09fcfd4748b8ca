// Sends the Service Bus outputs of functions. An array means several messages.

import { randomUUID } from 'node:crypto';
import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import type { FunctionResponse } from '../app/core-api.ts';
import type { AppFunction } from '../app/functions.ts';
import type { SendOutputs } from '../app/invoke.ts';
import type { TypedData } from '../app/typed-data.ts';
import type { Connections } from './connections.ts';
import { readTarget } from './entity.ts';

const RETURN = '$return';

interface MessageOutput {
  readonly binding: string;
  readonly sender: () => Promise<ServiceBusSender>;
}

/** Creates the senders. It finds wrong bindings when the host starts. */
export function createMessageOutputs(
  { name, messageOutputs: bindings }: AppFunction,
  connections: Connections,
): SendOutputs | undefined {
  const outputs = [...bindings].map(([binding, properties]): MessageOutput => {
    const connection = connections.connectionFor(properties, name);
    const target = readTarget(properties, name);
    const senders = new WeakMap<ServiceBusClient, ServiceBusSender>();
    const sender = async () => {
      const { client } = await connection();
      const known = senders.get(client) ?? client.createSender(target);
      senders.set(client, known);
      return known;
    };
    return { binding, sender };
  });
  if (outputs.length === 0) return undefined;
  return async (response) => {
    for (const { binding, sender } of outputs) {
      const messages = toMessages(outputValue(response, binding));
      if (messages.length > 0) await send(await sender(), messages);
    }
  };
}

function outputValue(
  { returnValue, outputData }: FunctionResponse,
  binding: string,
): TypedData | null | undefined {
  return binding === RETURN ? returnValue : outputData.find(({ name }) => name === binding)?.data;
}

function toMessages(data: TypedData | null | undefined): ServiceBusMessage[] {
  if (!data) return [];
  if (data.bytes !== undefined) return [createMessage(Buffer.from(data.bytes), 'application/octet-stream')];
  if (data.json === undefined) return [toMessage(data.string ?? data.int ?? data.double)];
  const value: unknown = JSON.parse(data.json);
  return Array.isArray(value)
    ? value.filter((element) => element !== null).map(toMessage)
    : [toMessage(value)];
}

function toMessage(value: unknown): ServiceBusMessage {
  return typeof value === 'string'
    ? createMessage(Buffer.from(value), 'text/plain')
    : createMessage(Buffer.from(JSON.stringify(value)), 'application/json');
}

function createMessage(body: Buffer, contentType: string): ServiceBusMessage {
  return { body, contentType, messageId: randomUUID() };
}

/** Uses as few transfers as the largest message size allows. */
async function send(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    // The sender refuses an oversized message and states the reason.
    if (!batch.tryAddMessage(message)) await sender.sendMessages(message);
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}
