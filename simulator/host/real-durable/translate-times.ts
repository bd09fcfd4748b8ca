// Translates the times in an orchestrator's trigger and in its answer.

import { NO_TIMER_LIMIT, STATE_MARK } from '../durable/orchestrator-call.ts';
import { messageOf } from '../log.ts';
import type { StoryTimes } from './story-times.ts';

interface Trigger {
  readonly history: readonly { readonly Timestamp: string }[];
}

interface Action {
  /** A date as the SDK makes it, a text once it was JSON. */
  readonly fireAt?: Date | string;
  /** Of a Task.all or a Task.any. */
  readonly compoundActions?: readonly Action[];
}

interface Answer {
  readonly actions: readonly (readonly Action[])[];
}

export function triggerInStoryTime(text: string, times: StoryTimes): string {
  const trigger = JSON.parse(text) as Trigger;
  return JSON.stringify({
    ...trigger,
    history: trigger.history.map((event) => ({
      ...event,
      Timestamp: times.toStory(new Date(event.Timestamp)),
    })),
    // The extension would split a timer by its wall time, and the SDK by its story time: neither may.
    maximumShortTimerDuration: NO_TIMER_LIMIT,
    longRunningTimerIntervalDuration: NO_TIMER_LIMIT,
  });
}

export function answerInWallTime(result: unknown, times: StoryTimes): Answer {
  const answer = result as Answer;
  return { ...answer, actions: answer.actions.map((list) => inWallTime(list, times)) };
}

function inWallTime(actions: readonly Action[], times: StoryTimes): Action[] {
  return actions.map((action) => ({
    ...action,
    ...(action.fireAt !== undefined && { fireAt: times.toWall(new Date(action.fireAt)) }),
    ...(action.compoundActions && { compoundActions: inWallTime(action.compoundActions, times) }),
  }));
}

/** An orchestrator that fails carries its answer inside its message. */
export function errorInWallTime(error: unknown, times: StoryTimes): unknown {
  const message = messageOf(error);
  const mark = message.indexOf(STATE_MARK);
  if (mark < 0) return error;
  const start = mark + STATE_MARK.length;
  const answer = answerInWallTime(JSON.parse(message.slice(start)), times);
  return new Error(message.slice(0, start) + JSON.stringify(answer), { cause: error });
}
