// One invocation for a message or a batch: success completes, an error abandons, and the delivery
// count decides what comes next.

import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { StoryClock } from '../../clock/story-clock.ts';
import type { AppFunction } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { TypedData } from '../app/typed-data.ts';
import { messageOf, traceOf, type Log } from '../log.ts';
import { batchBody, batchMetadata, messageBody, messageMetadata } from './message-data.ts';

export interface HandleParts {
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly clock: StoryClock;
  readonly log: Log;
}

/**
 * `settler` is asked when the function has ended: what the messages were received by may be closed
 * by then.
 */
export type Handle = (
  settler: () => ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
) => Promise<void>;

/** The function it makes never fails. */
export function createHandle(
  target: AppFunction,
  autoComplete: boolean,
  { invoke, durableClient, clock, log }: HandleParts,
): Handle {
  const many = target.trigger.cardinality === 'many';
  const binary = target.trigger.dataType === 'binary';
  const settle = async (
    messages: readonly ServiceBusReceivedMessage[],
    what: string,
    one: (message: ServiceBusReceivedMessage) => Promise<void>,
  ) => {
    for (const [index, { reason }] of (await Promise.allSettled(messages.map(one)))
      .map((end, at) => [at, end] as const)
      .filter(isFailure)) {
      log(
        'warning',
        target.name,
        `Message ${String(messages[index]?.messageId)} could not be ${what}, and will be ` +
          `delivered again: ${messageOf(reason)}`,
      );
    }
  };
  return async (settler, messages) => {
    const idle = clock.busy();
    try {
      const [first] = messages;
      if (!first) return;
      const trigger: TypedData = many ? batchBody(messages, binary) : messageBody(first, binary);
      const triggerMetadata = many ? batchMetadata(messages) : messageMetadata(first);
      await invoke({
        function: target.registered,
        inputs: inputsOf(target, trigger, durableClient),
        triggerMetadata,
      });
      if (autoComplete) await settle(messages, 'completed', (message) => settler().completeMessage(message));
    } catch (error) {
      log('error', target.name, `Failed: ${traceOf(error)}`);
      await settle(messages, 'abandoned', (message) => settler().abandonMessage(message));
    } finally {
      idle();
    }
  };
}

function isFailure(
  end: readonly [number, PromiseSettledResult<void>],
): end is readonly [number, PromiseRejectedResult] {
  return end[1].status === 'rejected';
}
