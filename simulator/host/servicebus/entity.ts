// Reads the queue, topic or subscription of a binding.

import { expandSettings } from '../app/app-setting.ts';
import type { Binding } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';

export interface MessageSource {
  /** A queue; or a topic, when there is a subscription. */
  readonly name: string;
  readonly subscription: string | undefined;
}

export function readSource(binding: Binding, owner: string): MessageSource {
  const queue = readName(binding, 'queueName', owner);
  const topic = readName(binding, 'topicName', owner);
  const subscription = readName(binding, 'subscriptionName', owner);
  if (queue !== undefined) return { name: queue, subscription: undefined };
  if (topic === undefined || subscription === undefined)
    throw new StartError(
      `Function "${owner}": its trigger needs a queueName, or a topicName and a subscriptionName.`,
    );
  return { name: topic, subscription };
}

/** Returns the target queue or topic of an output. */
export function readTarget(binding: Binding, owner: string): string {
  const name = readName(binding, 'queueName', owner) ?? readName(binding, 'topicName', owner);
  if (name === undefined)
    throw new StartError(`Function "${owner}": a Service Bus output needs a queueName or a topicName.`);
  return name;
}

export function describeSource({ name, subscription }: MessageSource): string {
  return subscription === undefined ? name : `${name}/${subscription}`;
}

function readName(
  binding: Binding,
  property: 'queueName' | 'topicName' | 'subscriptionName',
  owner: string,
): string | undefined {
  const value = binding[property];
  if (typeof value !== 'string' || value === '') return undefined;
  const name = expandSettings(value, `Function "${owner}": its ${property}`);
  if (name.includes('{'))
    throw new StartError(
      `Function "${owner}": its ${property} "${name}" is an expression, which is not known to this host.`,
    );
  return name;
}
