// Commands from Service Bus. The settings name a queue for each sender. The queue delivers a failed
// message again, and finally moves it to its dead letters.
import { setTimeout as pause } from 'node:timers/promises';
import { app } from '@azure/functions';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { readCommandQueues, type CommandQueue } from '../../shared/core/config.ts';
import { queueMessageOf, pauseSeconds, acceptQueueCommand } from '../../shared/jobs/queueCommands.ts';
import { extraInputsOf, withDurableClient, type OrchestrationContext } from '../orchestrations.ts';
import { startAccepted } from '../startOrchestration.ts';

const senderOf = ({ name, callerId, role }: CommandQueue): string => `${name} (${callerId}; ${role})`;

export async function handleCommandMessage(
  queue: CommandQueue,
  body: unknown,
  context: OrchestrationContext,
): Promise<void> {
  const message = queueMessageOf(body, context.triggerMetadata);
  try {
    const result = await acceptQueueCommand(message, queue);
    if ('refused' in result) {
      context.warn(
        `Message ${result.refused.messageId} of ${queue.queue} from ${senderOf(queue)} was refused: ` +
          result.refused.code,
      );
      return;
    }
    const { job } = result;
    context.log(
      `Message ${String(message.metadata.messageId)} of ${queue.queue} from ${senderOf(queue)} ` +
        `is job ${job.jobId}`,
    );
    await startAccepted(context, job);
  } catch (error) {
    await pause(pauseSeconds(message) * 1000);
    throw error;
  }
}

export function registerQueues(): void {
  for (const queue of readCommandQueues()) {
    const handler = withDurableClient((body: unknown, context: OrchestrationContext) =>
      handleCommandMessage(queue, body, context),
    );
    app.serviceBusQueue(`takeFrom-${queue.queue}`, {
      connection: agreement.commandConnection,
      queueName: queue.queue,
      extraInputs: extraInputsOf(handler),
      handler,
    });
  }
}
