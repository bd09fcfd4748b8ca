// Runs one episode: passes the arrivals to the orchestrator and numbers the actions that come back.
// This module writes nothing.

import { messageOf } from '../log.ts';
import { ActionError, ActionType, findRepeatedAction, type OrchestratorAction } from './actions.ts';
import { EventType, eventsJson, toTimestamp, type Arrival, type HistoryEvent } from './history.ts';
import type { OrchestratorReply } from './orchestrator-call.ts';
import { activityInput, checkCustomStatus, toJson } from './payload.ts';
import type { EpisodeRow, InstanceRow, WaitingArrival } from './store.ts';
import { TaskNumbering, type ScheduledTask } from './task-numbering.ts';

/** The memory of an execution between two episodes. */
export interface Replay {
  readonly numbering: TaskNumbering;
  /** All events so far, in the format of `eventsText`. */
  history: string;
  episodes: number;
  /** The number of actions at the end of the last episode. */
  actions: number;
}

/** How an episode ends the execution, or `none`. */
export type Ending =
  | { readonly kind: 'none' }
  | { readonly kind: 'completed'; readonly output: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'continuesAsNew'; readonly input: string };

export interface Episode {
  readonly arrivals: readonly WaitingArrival[];
  readonly decisions: readonly ScheduledTask[];
  readonly cancelledTimers: readonly number[];
  readonly customStatus: string | null;
  readonly actions: number;
  readonly ending: Ending;
}

/** Replays the history with these events in the orchestrator. */
export type AskOrchestrator = (history: string) => Promise<OrchestratorReply>;

/** Returns the memory of an execution before its first episode. */
export function newReplay(): Replay {
  return { numbering: new TaskNumbering(), history: '', episodes: 0, actions: 0 };
}

/**
 * Rebuilds the task numbering after a restart. It replays each episode with only the actions known
 * at that episode's end.
 */
export async function rebuildReplay(rows: readonly EpisodeRow[], ask: AskOrchestrator): Promise<Replay> {
  const replay = newReplay();
  if (rows.length === 0) return replay;
  replay.history = rows.map(({ events }) => events).join(',');
  const { actions, error } = await ask(replay.history);
  for (const row of rows) {
    if (actions.length < row.actions)
      throw error === undefined
        ? notDeterministicError(`it asked for ${row.actions} actions, and now asks for ${actions.length}`)
        : new ActionError(error);
    replay.numbering.setActions(actions.slice(0, row.actions));
    const events = JSON.parse(`[${row.events}]`) as HistoryEvent[];
    const decisions = events.flatMap((event) => {
      if (event.EventType === EventType.orchestratorStarted)
        replay.numbering.begin(Date.parse(event.Timestamp));
      return isArrival(event) ? replay.numbering.feed(event) : [];
    });
    compareWithHistory(decisions, events);
    replay.episodes += 1;
    replay.actions = row.actions;
  }
  return replay;
}

/** Runs one episode with the waiting arrivals. Returns its results and writes nothing. */
export async function runEpisode(
  replay: Replay,
  arrivals: readonly WaitingArrival[],
  now: number,
  ask: AskOrchestrator,
): Promise<Episode> {
  const { numbering } = replay;
  let selected = numbering.sortArrivals(arrivals);
  let reply = await ask(extendHistory(replay.history, selected, now));
  const decisions: ScheduledTask[] = [];
  try {
    checkReply(reply, replay.actions);
    numbering.begin(now);
    numbering.setActions(toJsonActions(reply.actions, replay.actions));
    for (const [index, { event }] of selected.entries()) {
      decisions.push(...numbering.feed(event));
      if (numbering.continuesAsNew && index + 1 < selected.length) {
        // Only the orchestrator knows whether it ends here: it may first wait again for a running
        // task. When it ends, later arrivals belong to its next execution.
        selected = selected.slice(0, index + 1);
        reply = await ask(extendHistory(replay.history, selected, now));
        numbering.setActions(toJsonActions(reply.actions, replay.actions));
        break;
      }
    }
    const cancelledTimers = numbering.takeCancelledTimers();
    return {
      arrivals: selected,
      decisions,
      cancelledTimers,
      customStatus: reply.customStatus,
      actions: reply.actions.length,
      ending: numbering.isHeld ? { kind: 'none' } : endingOf(reply),
    };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return {
      arrivals: selected,
      decisions: [],
      cancelledTimers: [],
      customStatus: reply.customStatus,
      actions: 0,
      ending: { kind: 'failed', reason: error.message },
    };
  }
}

/** Returns the events for the orchestrator's decisions. In the history they follow the arrivals. */
export function taskEvents(
  decisions: readonly ScheduledTask[],
  row: InstanceRow,
  now: number,
): HistoryEvent[] {
  const Timestamp = toTimestamp(now);
  return decisions.map((decision): HistoryEvent => {
    const base = { EventId: decision.id, Timestamp };
    switch (decision.kind) {
      case 'activity':
        return {
          EventType: EventType.taskScheduled,
          ...base,
          Name: decision.name,
          Input: activityInput(decision.input),
        };
      case 'child':
        return {
          EventType: EventType.subOrchestrationCreated,
          ...base,
          Name: decision.name,
          InstanceId: childId(decision, row),
          Input: toJson(decision.input),
        };
      case 'timer':
        return { EventType: EventType.timerCreated, ...base, FireAt: toTimestamp(decision.fireAt) };
    }
  });
}

export function childId(decision: ScheduledTask & { readonly kind: 'child' }, parent: InstanceRow): string {
  return decision.instanceId ?? `${parent.execution}:${decision.id.toString(16).padStart(8, '0')}`;
}

/** Returns the event that starts (12) or ends (13) an episode. */
export function episodeBoundary(type: 12 | 13, now: number): HistoryEvent {
  return { EventType: type, EventId: -1, Timestamp: toTimestamp(now) };
}

function extendHistory(past: string, arrivals: readonly WaitingArrival[], now: number): string {
  const events = eventsJson(
    [episodeBoundary(EventType.orchestratorStarted, now), ...arrivals.map(({ event }) => event)],
    false,
  );
  return past === '' ? events : `${past},${events}`;
}

/**
 * Converts new actions to JSON. An action that cannot become JSON fails the orchestrator, as in
 * Azure.
 */
function toJsonActions(actions: readonly OrchestratorAction[], known: number): readonly OrchestratorAction[] {
  try {
    return [
      ...actions.slice(0, known),
      ...(JSON.parse(JSON.stringify(actions.slice(known))) as OrchestratorAction[]),
    ];
  } catch (error) {
    throw new ActionError(messageOf(error));
  }
}

function checkReply({ actions, error, customStatus }: OrchestratorReply, known: number): void {
  const status = checkCustomStatus(customStatus);
  if (status) throw new ActionError(status);
  if (error === undefined && actions.length < known)
    throw notDeterministicError(`it had asked for ${known} actions, and now asks for ${actions.length}`);
  const repeated = findRepeatedAction(actions);
  if (!repeated) return;
  const what = repeated.functionName ?? repeated.externalEventName ?? 'a timer';
  throw new ActionError(
    `it put a task that was already scheduled (${what}) into a new Task.all or Task.any; ` +
      'Azure would schedule it a second time',
  );
}

function endingOf({ isDone, actions, output, error }: OrchestratorReply): Ending {
  if (error !== undefined) return { kind: 'failed', reason: error };
  if (!isDone) return { kind: 'none' };
  const last = actions.at(-1);
  if (last?.actionType !== ActionType.continueAsNew) return { kind: 'completed', output };
  // The SDK has turned a text into JSON. Nothing turns it back, in Azure neither: the next execution
  // gets the text with quotes.
  return { kind: 'continuesAsNew', input: toJson(last.input) };
}

function isArrival(event: HistoryEvent): event is Arrival {
  switch (event.EventType) {
    case EventType.executionStarted:
    case EventType.taskCompleted:
    case EventType.taskFailed:
    case EventType.timerFired:
    case EventType.subOrchestrationCompleted:
    case EventType.subOrchestrationFailed:
    case EventType.eventRaised:
      return true;
    case EventType.executionCompleted:
    case EventType.taskScheduled:
    case EventType.subOrchestrationCreated:
    case EventType.timerCreated:
    case EventType.orchestratorStarted:
    case EventType.orchestratorCompleted:
      return false;
  }
}

function compareWithHistory(decisions: readonly ScheduledTask[], events: readonly HistoryEvent[]): void {
  const current = decisions.map(
    (decision) => `${decision.kind} ${decision.id}${decision.kind === 'timer' ? '' : ` ${decision.name}`}`,
  );
  const recorded = events.flatMap((event) => {
    if (event.EventType === EventType.taskScheduled) return [`activity ${event.EventId} ${event.Name}`];
    if (event.EventType === EventType.subOrchestrationCreated)
      return [`child ${event.EventId} ${event.Name}`];
    return event.EventType === EventType.timerCreated ? [`timer ${event.EventId}`] : [];
  });
  const count = Math.max(current.length, recorded.length);
  for (let index = 0; index < count; index++) {
    if (current[index] !== recorded[index])
      throw notDeterministicError(
        `its history has "${recorded[index] ?? 'nothing'}", and now it asks for "${current[index] ?? 'nothing'}"`,
      );
  }
}

function notDeterministicError(difference: string): ActionError {
  return new ActionError(`it does not do the same at every replay: ${difference}`);
}
