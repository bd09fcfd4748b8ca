// Translates the times in an orchestrator's trigger and in its answer.

import { NO_TIMER_LIMIT, STATE_MARKER } from '../durable/orchestrator-call.ts';
import { messageOf } from '../log.ts';
import type { TimeConversion } from './time-conversion.ts';

interface Trigger {
  readonly history: readonly { readonly Timestamp: string }[];
}

interface TimedAction {
  /** A Date from the SDK, or a text after JSON. */
  readonly fireAt?: Date | string;
  /** The actions within a Task.all or a Task.any. */
  readonly compoundActions?: readonly TimedAction[];
}

interface OrchestratorResult {
  readonly actions: readonly (readonly TimedAction[])[];
}

/** Returns the orchestrator's trigger with its times in simulated time. */
export function triggerInSimulatedTime(text: string, times: TimeConversion): string {
  const trigger = JSON.parse(text) as Trigger;
  return JSON.stringify({
    ...trigger,
    history: trigger.history.map((event) => ({
      ...event,
      Timestamp: times.toSimulated(new Date(event.Timestamp)),
    })),
    // The extension would split a timer by wall time, and the SDK by simulated time. Neither may
    // split it.
    maximumShortTimerDuration: NO_TIMER_LIMIT,
    longRunningTimerIntervalDuration: NO_TIMER_LIMIT,
  });
}

/** Returns the orchestrator's answer with its times in wall time. */
export function resultInWallTime(result: unknown, times: TimeConversion): OrchestratorResult {
  const answer = result as OrchestratorResult;
  return { ...answer, actions: answer.actions.map((list) => actionsInWallTime(list, times)) };
}

function actionsInWallTime(actions: readonly TimedAction[], times: TimeConversion): TimedAction[] {
  return actions.map((action) => ({
    ...action,
    ...(action.fireAt !== undefined && { fireAt: times.toWall(new Date(action.fireAt)) }),
    ...(action.compoundActions && { compoundActions: actionsInWallTime(action.compoundActions, times) }),
  }));
}

/** Translates the answer that a failing orchestrator carries inside its error message. */
export function errorInWallTime(error: unknown, times: TimeConversion): unknown {
  const message = messageOf(error);
  const mark = message.indexOf(STATE_MARKER);
  if (mark < 0) return error;
  const start = mark + STATE_MARKER.length;
  const answer = resultInWallTime(JSON.parse(message.slice(start)), times);
  return new Error(message.slice(0, start) + JSON.stringify(answer), { cause: error });
}
