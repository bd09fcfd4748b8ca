// Runs one invocation for a message or a batch. Success completes the message, an error abandons
// it, and the delivery count decides the next step.

import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { TypedData } from '../app/typed-data.ts';
import { messageOf, stackOf, type Log } from '../log.ts';
import { batchBody, batchMetadata, messageBody, messageMetadata } from './message-data.ts';

export interface MessageHandlerOptions {
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly clock: SimulatedClock;
  readonly log: Log;
}

/**
 * Handles messages. The handler calls `settler` after the function has ended, because the receiver
 * may be closed by then.
 */
export type HandleMessages = (
  settler: () => ServiceBusReceiver,
  messages: readonly ServiceBusReceivedMessage[],
) => Promise<void>;

/** Creates a handler that never fails. */
export function createMessageHandler(
  target: AppFunction,
  autoComplete: boolean,
  { invoke, durableClient, clock, log }: MessageHandlerOptions,
): HandleMessages {
  const isBatch = target.trigger.cardinality === 'many';
  const isBinary = target.trigger.dataType === 'binary';
  const settle = async (
    messages: readonly ServiceBusReceivedMessage[],
    what: string,
    act: (message: ServiceBusReceivedMessage) => Promise<void>,
  ) => {
    for (const [index, { reason }] of (await Promise.allSettled(messages.map(act)))
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
    const idle = clock.markBusy();
    try {
      const [first] = messages;
      if (!first) return;
      const trigger: TypedData = isBatch ? batchBody(messages, isBinary) : messageBody(first, isBinary);
      const triggerMetadata = isBatch ? batchMetadata(messages) : messageMetadata(first);
      await invoke({
        function: target.registered,
        inputs: buildInputs(target, trigger, durableClient),
        triggerMetadata,
      });
      if (autoComplete) await settle(messages, 'completed', (message) => settler().completeMessage(message));
    } catch (error) {
      log('error', target.name, `Failed: ${stackOf(error)}`);
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
