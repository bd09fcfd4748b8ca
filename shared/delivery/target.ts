// Who is told: the topic, when there is one, and the call-back addresses that are for the caller.
import { config } from '../core/config.ts';
import { isAlarm } from '../core/ids.ts';
import { aboutOf, isDecision, readAsking } from './askingStore.ts';
import { callbacksFor, readCallback } from './callbackStore.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { readJob } from '../journal/job.ts';
import { planOfRunbook } from './runbookStore.ts';
import { callbackTarget } from './callback.ts';
import type { Target } from './receiver.ts';
import { TOPIC_TARGET, topicTarget } from './topic.ts';

/**
 * Told for each stream when it has its first news; into one that goes on, who comes later is let by
 * joining.ts. Addresses for people hear of what people are asked, and of nothing else.
 */
export async function targetsOf(stream: string): Promise<string[]> {
  const about = aboutOf(stream);
  const caller = await callerOf(about ?? stream);
  const callbacks =
    caller === undefined
      ? []
      : (await callbacksFor(caller)).filter(
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
async function callerOf(about: string): Promise<string | undefined> {
  if (isAlarm(about) || planOfRunbook(about) !== undefined) return NOBODY;
  if (!isDecision(about)) return (await readJob(about))?.caller.id;
  const asking = await readAsking(about);
  return asking && (asking.callerId ?? NOBODY);
}

/** Undefined when it is not there any more. */
export async function targetNamed(name: string): Promise<Target | undefined> {
  if (name === TOPIC_TARGET) return config().LIFEBOAT_SERVICEBUS === undefined ? undefined : topicTarget();
  const callback = await readCallback(name);
  return callback && (callback.audience === 'people' ? forPeople(callback) : callbackTarget(callback));
}

/**
 * Told from the how-manyth message about the same question on that it is there for; what was
 * before, and what asks nobody, is not for it.
 */
function forPeople(callback: CallbackDocument): Target {
  const target = callbackTarget(callback);
  return {
    deliver: (event, notAfter) =>
      !(Number(event.data['times']) >= callback.level)
        ? Promise.resolve({ delivered: true })
        : target.deliver(event, notAfter),
  };
}
