// Finds the targets of an event stream: the Service Bus topic, if any, and the matching call-back
// addresses. The relay calls this module.
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
 * The targets of a stream at its first event; `addNewTargets.ts` adds later targets. Addresses for
 * people get only the events about questions.
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

/** An alarm and a runbook have no caller. Their events go to the addresses for everybody. */
const NOBODY = '';

/** The caller behind a stream. For a decision this is the person that saved the rule. */
async function findCallerId(about: string): Promise<string | undefined> {
  if (isAlarmStream(about) || planIdOfRunbookStream(about) !== undefined) return NOBODY;
  if (!isDecisionId(about)) return (await readJob(about))?.caller.id;
  const asking = await readQuestionReminders(about);
  return asking && (asking.callerId ?? NOBODY);
}

/** Undefined when the target no longer exists. */
export async function findDeliveryTarget(targetName: string): Promise<DeliveryTarget | undefined> {
  if (targetName === TOPIC_TARGET)
    return config().LIFEBOAT_SERVICEBUS === undefined ? undefined : topicTarget();
  const callback = await readCallback(targetName);
  return callback && (callback.audience === 'people' ? peopleTarget(callback) : callbackTarget(callback));
}

/**
 * A people target starts at its own level: the number of the message about the same question. Lower
 * levels and events without a question count as delivered.
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
