// Sends events to the Service Bus topic. Each job is a session of its own, and so are the questions
// about a job. A subscription with sessions gets the events of a session in order.
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { messageOf } from '../core/errors.ts';
import { openSender } from './serviceBus.ts';
import { CONTENT_TYPE } from './cloudEvent.ts';
import { TOO_LATE_MESSAGE } from './outboundHttp.ts';
import type { DeliveryTarget } from './deliveryTarget.ts';

/** The target name of the topic. */
export const TOPIC_TARGET = 'topic';
const TOPIC_NAME = agreement.serviceBus.topics.map(({ name }) => name)[0] ?? '';

/** The event id is also the message id, so that a topic with duplicate detection drops repeats. */
export const topicTarget = (): DeliveryTarget => ({
  async deliver(event, notAfter) {
    try {
      const sender = await openSender(TOPIC_NAME);
      if (Date.now() > notAfter)
        return { delivered: false, reason: TOO_LATE_MESSAGE, retryAfterSeconds: null };
      await sender.sendMessages({
        body: event,
        contentType: CONTENT_TYPE,
        messageId: event.id,
        sessionId: event.id.slice(0, event.id.lastIndexOf(':')),
        subject: event.type,
        applicationProperties: { type: event.type, sequence: event.sequence },
      });
      return { delivered: true };
    } catch (error) {
      return { delivered: false, reason: messageOf(error), retryAfterSeconds: null };
    }
  },
});

/**
 * Checks that the topic is reachable: asks for an empty batch, because this needs a link, and sends
 * nothing.
 */
export async function checkTopic(): Promise<void> {
  await (await openSender(TOPIC_NAME)).createMessageBatch();
}
