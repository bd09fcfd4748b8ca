// Commands by Service Bus: a queue for each sender, named in the settings. A message that fails
// comes again, until the queue puts it among its dead letters.
import { setTimeout as pause } from 'node:timers/promises';
import { app, type InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { commandQueues, type CommandQueue } from '../../shared/core/config.ts';
import { incoming, pauseSeconds, takeCommand } from '../../shared/jobs/queueCommands.ts';
import { startAccepted } from '../startOrchestration.ts';

const sender = ({ name, callerId, role }: CommandQueue): string => `${name} (${callerId}; ${role})`;

export async function takeCommandMessage(
  queue: CommandQueue,
  body: unknown,
  context: InvocationContext,
): Promise<void> {
  const message = incoming(body, context.triggerMetadata);
  try {
    const taken = await takeCommand(message, queue);
    if ('refused' in taken) {
      context.warn(
        `Message ${taken.refused.messageId} of ${queue.queue} from ${sender(queue)} was refused: ` +
          taken.refused.code,
      );
      return;
    }
    const { job } = taken;
    context.log(
      `Message ${String(message.metadata.messageId)} of ${queue.queue} from ${sender(queue)} ` +
        `is job ${job.jobId}`,
    );
    await startAccepted(context, job);
  } catch (error) {
    await pause(pauseSeconds(message) * 1000);
    throw error;
  }
}

export function registerQueues(): void {
  for (const queue of commandQueues())
    app.serviceBusQueue(`takeFrom-${queue.queue}`, {
      connection: agreement.commandConnection,
      queueName: queue.queue,
      extraInputs: [durable.input.durableClient()],
      handler: (body, context) => takeCommandMessage(queue, body, context),
    });
}
