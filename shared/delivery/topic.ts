// The topic: each job is a session of its own, and so is what persons are asked about it; a
// subscription with sessions gets its events in order.
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { messageOf } from '../core/errors.ts';
import { openSender } from './serviceBus.ts';
import { CONTENT_TYPE } from './cloudEvent.ts';
import { TOO_LATE_MESSAGE } from './outboundHttp.ts';
import type { DeliveryTarget } from './deliveryTarget.ts';

export const TOPIC_TARGET = 'topic';
const TOPIC_NAME = agreement.serviceBus.topics.map(({ name }) => name)[0] ?? '';

/** The event's id is the message's too: a topic that detects duplicates drops what it has. */
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
 * Whether the topic can be reached: asks for a batch to be filled, which needs a link to it, and
 * sends nothing.
 */
export async function checkTopic(): Promise<void> {
  await (await openSender(TOPIC_NAME)).createMessageBatch();
}
