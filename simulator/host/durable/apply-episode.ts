// Writes the results of an episode in one write: its events, its new work and its end.

import { randomUUID } from 'node:crypto';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { childId, taskEvents, episodeBoundary, type Ending, type Episode, type Replay } from './episode.ts';
import {
  EventType,
  eventsJson,
  executionStarted,
  toTimestamp,
  taskFailed,
  type Arrival,
  type HistoryEvent,
} from './history.ts';
import type { LargestSizes } from './largest-sizes.ts';
import type { Orchestration } from './orchestration.ts';
import { activityInput, toJson, type PayloadCheck } from './payload.ts';
import type { ActivityRow, InstanceRow, ParentTask, InstanceStatus, DurableStore } from './store.ts';
import type { ScheduledTask } from './task-numbering.ts';

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** JSON text. */
  readonly input: string;
}

/** The operations of the engine for an episode. Call them within the episode's write. */
export interface EngineOperations {
  readonly store: DurableStore;
  readonly clock: SimulatedClock;
  readonly payloadExcess: PayloadCheck;
  readonly largest: LargestSizes;
  isOrchestrator(name: string): boolean;
  isUnfinished(id: string): boolean;
  begin(instance: NewInstance, parent: ParentTask): void;
  post(id: string, execution: string | null, event: Arrival): void;
  update(orchestration: Orchestration, changes: Partial<InstanceRow>): void;
  finish(orchestration: Orchestration, status: InstanceStatus, output: string): void;
  runActivities(activities: readonly ActivityRow[]): void;
  timersChanged(): void;
}

export function applyEpisode(
  engine: EngineOperations,
  orchestration: Orchestration,
  replay: Replay,
  episode: Episode,
  now: number,
): void {
  const { row } = orchestration;
  const ending = limitPayload(engine.payloadExcess, episode.ending);
  if (ending.kind !== 'continuesAsNew') recordEpisode(engine, orchestration, replay, episode, ending, now);
  startTasks(engine, row, episode.decisions, now);
  for (const task of episode.cancelledTimers) engine.store.removeTimer(row.id, task);
  engine.timersChanged();
  engine.update(orchestration, {
    status: orchestration.isSuspended ? 'Suspended' : 'Running',
    customStatus: episode.customStatus,
  });
  if (ending.kind === 'continuesAsNew') continueAsNew(engine, orchestration, replay, ending.input, now);
  if (ending.kind === 'completed') engine.finish(orchestration, 'Completed', ending.output);
  if (ending.kind === 'failed') engine.finish(orchestration, 'Failed', failureOutput(row, ending.reason));
}

/** Returns the output of a failed orchestration, as JSON text. */
export function failureOutput({ name }: InstanceRow, reason: string): string {
  return JSON.stringify(`Orchestrator function '${name}' failed: ${reason}`);
}

function limitPayload(payloadExcess: PayloadCheck, ending: Ending): Ending {
  const excess =
    ending.kind === 'completed'
      ? payloadExcess('its output', ending.output)
      : ending.kind === 'failed'
        ? payloadExcess('its error', ending.reason)
        : ending.kind === 'continuesAsNew'
          ? payloadExcess('the input of its continueAsNew', ending.input)
          : undefined;
  return excess === undefined ? ending : { kind: 'failed', reason: excess };
}

function recordEpisode(
  engine: EngineOperations,
  { row }: Orchestration,
  replay: Replay,
  episode: Episode,
  ending: Ending,
  now: number,
): void {
  const events = eventsJson(
    [
      episodeBoundary(EventType.orchestratorStarted, now),
      ...episode.arrivals.map(({ event }) => event),
      ...taskEvents(episode.decisions, row, now),
      episodeBoundary(EventType.orchestratorCompleted, now),
      ...completionEvents(row, ending, now),
    ],
    true,
  );
  engine.store.addEpisode(row.id, replay.episodes, { events, actions: episode.actions });
  replay.history = replay.history === '' ? events : `${replay.history},${events}`;
  engine.largest.recordHistory(replay.history);
  replay.episodes += 1;
  replay.actions = episode.actions;
}

function completionEvents(row: InstanceRow, ending: Ending, now: number): HistoryEvent[] {
  const event = { EventType: EventType.executionCompleted, EventId: -1, Timestamp: toTimestamp(now) };
  if (ending.kind === 'completed')
    return [{ ...event, OrchestrationStatus: 'Completed', Result: ending.output }];
  if (ending.kind === 'failed')
    return [{ ...event, OrchestrationStatus: 'Failed', Result: failureOutput(row, ending.reason) }];
  return [];
}

function startTasks(
  engine: EngineOperations,
  row: InstanceRow,
  decisions: readonly ScheduledTask[],
  now: number,
): void {
  const { store, payloadExcess } = engine;
  const activities: ActivityRow[] = [];
  for (const decision of decisions) {
    if (decision.kind === 'timer') {
      store.addTimer({ instance: row.id, task: decision.id, execution: row.execution, due: decision.fireAt });
    } else if (decision.kind === 'child') {
      startChild(engine, row, decision, now);
    } else {
      const { id: task, name } = decision;
      const input = activityInput(decision.input);
      const excess = payloadExcess('its input', input);
      if (excess)
        engine.post(
          row.id,
          row.execution,
          taskFailed(EventType.taskFailed, task, now, `Activity function '${name}' failed: ${excess}`),
        );
      else
        activities.push(store.addActivity({ instance: row.id, execution: row.execution, task, name, input }));
    }
  }
  engine.runActivities(activities);
}

function startChild(
  engine: EngineOperations,
  row: InstanceRow,
  decision: ScheduledTask & { readonly kind: 'child' },
  now: number,
): void {
  const { name, id: task } = decision;
  const id = childId(decision, row);
  const input = toJson(decision.input);
  const refusalReason = !engine.isOrchestrator(name)
    ? 'the app has no orchestrator function of this name.'
    : engine.isUnfinished(id)
      ? `an instance with the id '${id}' is already running.`
      : engine.payloadExcess('its input', input);
  if (refusalReason === undefined) {
    engine.begin(
      { id, name, input, version: decision.version ?? null },
      { parent: row.id, parentExecution: row.execution, parentTask: task },
    );
  } else {
    engine.post(
      row.id,
      row.execution,
      taskFailed(
        EventType.subOrchestrationFailed,
        task,
        now,
        `Orchestrator function '${name}' failed: ${refusalReason}`,
      ),
    );
  }
}

/**
 * Starts a new execution with an empty history. Unconsumed events move to the new execution in
 * their order.
 */
function continueAsNew(
  engine: EngineOperations,
  orchestration: Orchestration,
  replay: Replay,
  input: string,
  now: number,
): void {
  const { store } = engine;
  const { id, name, version } = orchestration.row;
  const carriedEvents = [
    ...replay.numbering.unclaimedEvents,
    ...orchestration.arrivals.filter(({ execution }) => execution === null).map(({ event }) => event),
  ];
  store.removeHistory(id);
  store.removeWaiting(id);
  orchestration.replay = undefined;
  orchestration.arrivals = [];
  const execution = randomUUID().replaceAll('-', '');
  engine.update(orchestration, { execution, input, customStatus: null });
  engine.post(id, execution, executionStarted(name, version, input, now));
  for (const event of carriedEvents) engine.post(id, null, event);
}
