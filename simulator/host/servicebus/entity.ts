// Which queue, topic or subscription a binding speaks of.

import { withSettings } from '../app/app-setting.ts';
import type { Binding } from '../app/core-api.ts';
import { StartError } from '../start-error.ts';

export interface Source {
  /** A queue; or a topic, when there is a subscription. */
  readonly name: string;
  readonly subscription: string | undefined;
}

export function sourceOf(binding: Binding, owner: string): Source {
  const queue = nameOf(binding, 'queueName', owner);
  const topic = nameOf(binding, 'topicName', owner);
  const subscription = nameOf(binding, 'subscriptionName', owner);
  if (queue !== undefined) return { name: queue, subscription: undefined };
  if (topic === undefined || subscription === undefined)
    throw new StartError(
      `Function "${owner}": its trigger needs a queueName, or a topicName and a subscriptionName.`,
    );
  return { name: topic, subscription };
}

/** The queue or topic that is sent to. */
export function targetOf(binding: Binding, owner: string): string {
  const name = nameOf(binding, 'queueName', owner) ?? nameOf(binding, 'topicName', owner);
  if (name === undefined)
    throw new StartError(`Function "${owner}": a Service Bus output needs a queueName or a topicName.`);
  return name;
}

export function describeSource({ name, subscription }: Source): string {
  return subscription === undefined ? name : `${name}/${subscription}`;
}

function nameOf(
  binding: Binding,
  property: 'queueName' | 'topicName' | 'subscriptionName',
  owner: string,
): string | undefined {
  const given = binding[property];
  if (typeof given !== 'string' || given === '') return undefined;
  const name = withSettings(given, owner, `its ${property}`);
  if (name.includes('{'))
    throw new StartError(
      `Function "${owner}": its ${property} "${name}" is an expression, which is not known to this host.`,
    );
  return name;
}
