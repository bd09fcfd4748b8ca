// Writes what an episode led to: its events, the work it asked for, its end. All of it is one write.

import { randomUUID } from 'node:crypto';
import type { StoryClock } from '../../clock/story-clock.ts';
import { childId, decisionEvents, episodeMark, type Ending, type Episode, type Replay } from './episode.ts';
import {
  EventType,
  eventsText,
  executionStarted,
  stamp,
  taskFailed,
  type Arrival,
  type HistoryEvent,
} from './history.ts';
import type { Largest } from './largest.ts';
import type { Orchestration } from './orchestration.ts';
import { activityInput, toJson, type PayloadCheck } from './payload.ts';
import type { ActivityRow, InstanceRow, Parent, Status, Store } from './store.ts';
import type { Decision } from './walker.ts';

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly version: string | null;
  /** JSON text. */
  readonly input: string;
}

/** What the engine does for an episode, within its write. */
export interface Engine {
  readonly store: Store;
  readonly clock: StoryClock;
  readonly payloadExcess: PayloadCheck;
  readonly largest: Largest;
  isOrchestrator(name: string): boolean;
  isUnfinished(id: string): boolean;
  begin(instance: NewInstance, parent: Parent): void;
  post(id: string, execution: string | null, event: Arrival): void;
  update(orchestration: Orchestration, changes: Partial<InstanceRow>): void;
  finish(orchestration: Orchestration, status: Status, output: string): void;
  runActivities(activities: readonly ActivityRow[]): void;
  timersChanged(): void;
}

export function carryOut(
  engine: Engine,
  orchestration: Orchestration,
  replay: Replay,
  episode: Episode,
  now: number,
): void {
  const { row } = orchestration;
  const ending = withinLimit(engine.payloadExcess, episode.ending);
  if (ending.kind !== 'continuesAsNew') record(engine, orchestration, replay, episode, ending, now);
  carryOutDecisions(engine, row, episode.decisions, now);
  for (const task of episode.cancelledTimers) engine.store.removeTimer(row.id, task);
  engine.timersChanged();
  engine.update(orchestration, {
    status: orchestration.suspended ? 'Suspended' : 'Running',
    customStatus: episode.customStatus,
  });
  if (ending.kind === 'continuesAsNew') continueAsNew(engine, orchestration, replay, ending.input, now);
  if (ending.kind === 'completed') engine.finish(orchestration, 'Completed', ending.output);
  if (ending.kind === 'failed') engine.finish(orchestration, 'Failed', failure(row, ending.reason));
}

/** The output of a failed orchestration, as JSON text. */
export function failure({ name }: InstanceRow, reason: string): string {
  return JSON.stringify(`Orchestrator function '${name}' failed: ${reason}`);
}

function withinLimit(payloadExcess: PayloadCheck, ending: Ending): Ending {
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

function record(
  engine: Engine,
  { row }: Orchestration,
  replay: Replay,
  episode: Episode,
  ending: Ending,
  now: number,
): void {
  const events = eventsText(
    [
      episodeMark(EventType.orchestratorStarted, now),
      ...episode.arrivals.map(({ event }) => event),
      ...decisionEvents(episode.decisions, row, now),
      episodeMark(EventType.orchestratorCompleted, now),
      ...completion(row, ending, now),
    ],
    true,
  );
  engine.store.addEpisode(row.id, replay.episodes, { events, actions: episode.actions });
  replay.past = replay.past === '' ? events : `${replay.past},${events}`;
  engine.largest.history(replay.past);
  replay.episodes += 1;
  replay.actions = episode.actions;
}

function completion(row: InstanceRow, ending: Ending, now: number): HistoryEvent[] {
  const event = { EventType: EventType.executionCompleted, EventId: -1, Timestamp: stamp(now) };
  if (ending.kind === 'completed')
    return [{ ...event, OrchestrationStatus: 'Completed', Result: ending.output }];
  if (ending.kind === 'failed')
    return [{ ...event, OrchestrationStatus: 'Failed', Result: failure(row, ending.reason) }];
  return [];
}

function carryOutDecisions(
  engine: Engine,
  row: InstanceRow,
  decisions: readonly Decision[],
  now: number,
): void {
  const { store, payloadExcess } = engine;
  const activities: ActivityRow[] = [];
  for (const decision of decisions) {
    if (decision.kind === 'timer') {
      store.addTimer({ instance: row.id, task: decision.id, execution: row.execution, due: decision.fireAt });
    } else if (decision.kind === 'child') {
      beginChild(engine, row, decision, now);
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

function beginChild(
  engine: Engine,
  row: InstanceRow,
  decision: Decision & { readonly kind: 'child' },
  now: number,
): void {
  const { name, id: task } = decision;
  const id = childId(decision, row);
  const input = toJson(decision.input);
  const refusal = !engine.isOrchestrator(name)
    ? 'the app has no orchestrator function of this name.'
    : engine.isUnfinished(id)
      ? `an instance with the id '${id}' is already running.`
      : engine.payloadExcess('its input', input);
  if (refusal === undefined) {
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
        `Orchestrator function '${name}' failed: ${refusal}`,
      ),
    );
  }
}

/**
 * A new execution with an empty history. Events that nobody has waited for yet go with it, in their
 * order.
 */
function continueAsNew(
  engine: Engine,
  orchestration: Orchestration,
  replay: Replay,
  input: string,
  now: number,
): void {
  const { store } = engine;
  const { id, name, version } = orchestration.row;
  const kept = [
    ...replay.walker.unclaimedEvents,
    ...orchestration.arrivals.filter(({ execution }) => execution === null).map(({ event }) => event),
  ];
  store.removeHistory(id);
  store.removeWaiting(id);
  orchestration.replay = undefined;
  orchestration.arrivals = [];
  const execution = randomUUID().replaceAll('-', '');
  engine.update(orchestration, { execution, input, customStatus: null });
  engine.post(id, execution, executionStarted(name, version, input, now));
  for (const event of kept) engine.post(id, null, event);
}
