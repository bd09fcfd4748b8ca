// One episode: what has arrived goes to the orchestrator, and what it wants comes back, numbered.
// Nothing is written here.

import { messageOf } from '../log.ts';
import { ActionError, ActionType, findRepeated, type Action } from './actions.ts';
import { EventType, eventsText, stamp, type Arrival, type HistoryEvent } from './history.ts';
import type { OrchestratorReply } from './orchestrator-call.ts';
import { activityInput, checkCustomStatus, toJson } from './payload.ts';
import type { EpisodeRow, InstanceRow, WaitingArrival } from './store.ts';
import { Walker, type Decision } from './walker.ts';

/** What is kept of an execution between its episodes. */
export interface Replay {
  readonly walker: Walker;
  /** All events so far, as `eventsText` writes them. */
  past: string;
  episodes: number;
  /** How many actions there were at the end of the last episode. */
  actions: number;
}

export type Ending =
  | { readonly kind: 'none' }
  | { readonly kind: 'completed'; readonly output: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'continuesAsNew'; readonly input: string };

export interface Episode {
  readonly arrivals: readonly WaitingArrival[];
  readonly decisions: readonly Decision[];
  readonly cancelledTimers: readonly number[];
  readonly customStatus: string | null;
  readonly actions: number;
  readonly ending: Ending;
}

/** Runs the orchestrator over the past and these events. */
export type Ask = (history: string) => Promise<OrchestratorReply>;

export function newReplay(): Replay {
  return { walker: new Walker(), past: '', episodes: 0, actions: 0 };
}

/**
 * Makes the walker anew after a restart: it is fed episode by episode, each with only the actions
 * known at its end.
 */
export async function rebuildReplay(rows: readonly EpisodeRow[], ask: Ask): Promise<Replay> {
  const replay = newReplay();
  if (rows.length === 0) return replay;
  replay.past = rows.map(({ events }) => events).join(',');
  const { actions, error } = await ask(replay.past);
  for (const row of rows) {
    if (actions.length < row.actions)
      throw error === undefined
        ? notDeterministic(`it asked for ${row.actions} things, and now for ${actions.length}`)
        : new ActionError(error);
    replay.walker.setActions(actions.slice(0, row.actions));
    const events = JSON.parse(`[${row.events}]`) as HistoryEvent[];
    const decisions = events.flatMap((event) => {
      if (event.EventType === EventType.orchestratorStarted) replay.walker.begin(Date.parse(event.Timestamp));
      return isArrival(event) ? replay.walker.feed(event) : [];
    });
    compareWithHistory(decisions, events);
    replay.episodes += 1;
    replay.actions = row.actions;
  }
  return replay;
}

export async function runEpisode(
  replay: Replay,
  arrivals: readonly WaitingArrival[],
  now: number,
  ask: Ask,
): Promise<Episode> {
  const { walker } = replay;
  let taken = walker.inOrder(arrivals);
  let reply = await ask(historyWith(replay.past, taken, now));
  const decisions: Decision[] = [];
  try {
    checkReply(reply, replay.actions);
    walker.begin(now);
    walker.setActions(onTheWire(reply.actions, replay.actions));
    for (const [index, { event }] of taken.entries()) {
      decisions.push(...walker.feed(event));
      if (walker.continuesAsNew && index + 1 < taken.length) {
        // Only the orchestrator knows whether it ends here: it may first wait again for a task that
        // still runs. If it does end, what arrived later belongs to its next execution.
        taken = taken.slice(0, index + 1);
        reply = await ask(historyWith(replay.past, taken, now));
        walker.setActions(onTheWire(reply.actions, replay.actions));
        break;
      }
    }
    const cancelledTimers = walker.takeCancelledTimers();
    return {
      arrivals: taken,
      decisions,
      cancelledTimers,
      customStatus: reply.customStatus,
      actions: reply.actions.length,
      ending: endingOf(reply),
    };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return {
      arrivals: taken,
      decisions: [],
      cancelledTimers: [],
      customStatus: reply.customStatus,
      actions: 0,
      ending: { kind: 'failed', reason: error.message },
    };
  }
}

/** The events that record what was decided; they stand in the history after the arrivals. */
export function decisionEvents(
  decisions: readonly Decision[],
  row: InstanceRow,
  now: number,
): HistoryEvent[] {
  const Timestamp = stamp(now);
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
        return { EventType: EventType.timerCreated, ...base, FireAt: stamp(decision.fireAt) };
    }
  });
}

export function childId(decision: Decision & { readonly kind: 'child' }, parent: InstanceRow): string {
  return decision.instanceId ?? `${parent.execution}:${decision.id.toString(16).padStart(8, '0')}`;
}

export function episodeMark(type: 12 | 13, now: number): HistoryEvent {
  return { EventType: type, EventId: -1, Timestamp: stamp(now) };
}

function historyWith(past: string, arrivals: readonly WaitingArrival[], now: number): string {
  const events = eventsText(
    [episodeMark(EventType.orchestratorStarted, now), ...arrivals.map(({ event }) => event)],
    false,
  );
  return past === '' ? events : `${past},${events}`;
}

/**
 * New actions as JSON makes them: what cannot be written fails the orchestrator, as it would on its
 * way to Azure.
 */
function onTheWire(actions: readonly Action[], known: number): readonly Action[] {
  try {
    return [...actions.slice(0, known), ...(JSON.parse(JSON.stringify(actions.slice(known))) as Action[])];
  } catch (error) {
    throw new ActionError(messageOf(error));
  }
}

function checkReply({ actions, error, customStatus }: OrchestratorReply, known: number): void {
  const status = checkCustomStatus(customStatus);
  if (status) throw new ActionError(status);
  if (error === undefined && actions.length < known)
    throw notDeterministic(`it had asked for ${known} things, and now asks for ${actions.length}`);
  const repeated = findRepeated(actions);
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
  return { kind: 'continuesAsNew', input: activityInput(last.input) ?? 'null' };
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

function compareWithHistory(decisions: readonly Decision[], events: readonly HistoryEvent[]): void {
  const now = decisions.map(
    (decision) => `${decision.kind} ${decision.id}${decision.kind === 'timer' ? '' : ` ${decision.name}`}`,
  );
  const then = events.flatMap((event) => {
    if (event.EventType === EventType.taskScheduled) return [`activity ${event.EventId} ${event.Name}`];
    if (event.EventType === EventType.subOrchestrationCreated)
      return [`child ${event.EventId} ${event.Name}`];
    return event.EventType === EventType.timerCreated ? [`timer ${event.EventId}`] : [];
  });
  const different = Math.max(now.length, then.length);
  for (let index = 0; index < different; index++) {
    if (now[index] !== then[index])
      throw notDeterministic(
        `its history has "${then[index] ?? 'nothing'}", and now it asks for "${now[index] ?? 'nothing'}"`,
      );
  }
}

function notDeterministic(difference: string): ActionError {
  return new ActionError(`it does not do the same at every replay: ${difference}`);
}
