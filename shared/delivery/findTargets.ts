// Who is told: the topic, when there is one, and the call-back addresses that are for the caller.
import { config } from '../core/config.ts';
import { isAlarmStream } from '../core/ids.ts';
import { subjectOfQuestionStream, isDecisionId, readQuestionReminders } from './questionReminderStore.ts';
import { findCallbacksFor, readCallback } from './callbackStore.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { readJob } from '../journal/job.ts';
import { planIdOfRunbookStream } from './runbookStore.ts';
import { callbackTarget } from './callback.ts';
import type { DeliveryTarget } from './deliveryTarget.ts';
import { TOPIC_TARGET, topicTarget } from './topic.ts';

/**
 * Told for each stream when it has its first news; into one that goes on, who comes later is let by
 * joining.ts. Addresses for people hear of what people are asked, and of nothing else.
 */
export async function findDeliveryTargets(stream: string): Promise<string[]> {
  const about = subjectOfQuestionStream(stream);
  const caller = await findCallerId(about ?? stream);
  const callbacks =
    caller === undefined
      ? []
      : (await findCallbacksFor(caller)).filter(
          ({ audience }) => audience === (about === undefined ? 'events' : 'people'),
        );
  return [
    ...(config().LIFEBOAT_SERVICEBUS === undefined ? [] : [TOPIC_TARGET]),
    ...callbacks.map(({ id }) => id).sort(),
  ];
}

/** An alarm, a runbook is nobody's own: it is told to those addresses that are for everybody. */
const NOBODY = '';

/** In whose name it is: of a decision, that of the person who saved the rule. */
async function findCallerId(about: string): Promise<string | undefined> {
  if (isAlarmStream(about) || planIdOfRunbookStream(about) !== undefined) return NOBODY;
  if (!isDecisionId(about)) return (await readJob(about))?.caller.id;
  const asking = await readQuestionReminders(about);
  return asking && (asking.callerId ?? NOBODY);
}

/** Undefined when it is not there any more. */
export async function findDeliveryTarget(targetName: string): Promise<DeliveryTarget | undefined> {
  if (targetName === TOPIC_TARGET)
    return config().LIFEBOAT_SERVICEBUS === undefined ? undefined : topicTarget();
  const callback = await readCallback(targetName);
  return callback && (callback.audience === 'people' ? peopleTarget(callback) : callbackTarget(callback));
}

/**
 * Told from the how-manyth message about the same question on that it is there for; what was
 * before, and what asks nobody, is not for it.
 */
function peopleTarget(callback: CallbackDocument): DeliveryTarget {
  const target = callbackTarget(callback);
  return {
    deliver: (event, notAfter) =>
      !(Number(event.data['times']) >= callback.level)
        ? Promise.resolve({ delivered: true })
        : target.deliver(event, notAfter),
  };
}
