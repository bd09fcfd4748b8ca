// The simulated engine for orchestrations. It keeps every unfinished orchestration, delivers
// arrivals and runs an orchestration after each arrival.

import { randomUUID } from 'node:crypto';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { FunctionTable } from '../app/functions.ts';
import type { Invoke } from '../app/invoke.ts';
import type { Log } from '../log.ts';
import { ActionError } from './actions.ts';
import { ActivityRunner } from './activity-runner.ts';
import {
  applyEpisode,
  failureOutput,
  type EngineOperations as EpisodeEngine,
  type NewInstance,
} from './apply-episode.ts';
import { DurableTimers } from './durable-timers.ts';
import { rebuildReplay, runEpisode, type AskOrchestrator, type Replay } from './episode.ts';
import {
  EventType,
  executionStarted,
  toTimestamp,
  taskCompleted,
  taskFailed,
  type Arrival,
} from './history.ts';
import { Orchestration } from './orchestration.ts';
import { askOrchestrator } from './orchestrator-call.ts';
import { LargestSizes } from './largest-sizes.ts';
import type { PayloadCheck } from './payload.ts';
import type {
  ActivityRow,
  InstanceRow,
  ParentTask,
  InstanceStatus,
  DurableStore,
  WaitingArrival,
} from './store.ts';

export interface DurableEngineOptions {
  readonly store: DurableStore;
  readonly clock: SimulatedClock;
  readonly functions: FunctionTable;
  readonly invoke: Invoke;
  /** The value of a durable client input. */
  readonly durableClient: string;
  readonly log: Log;
  readonly payloadExcess: PayloadCheck;
  readonly maxConcurrentActivities: number;
}

export class SimulatedEngine implements EpisodeEngine {
  readonly store: DurableStore;
  readonly clock: SimulatedClock;
  readonly payloadExcess: PayloadCheck;
  readonly largest = new LargestSizes();
  readonly #parts: DurableEngineOptions;
  readonly #live = new Map<string, Orchestration>();
  readonly #activities: ActivityRunner;
  readonly #timers: DurableTimers;
  #stopping = false;
  #running = 0;
  #whenQuiet: (() => void) | undefined;

  constructor(parts: DurableEngineOptions) {
    this.#parts = { ...parts, payloadExcess: this.largest.recordPayloads(parts.payloadExcess) };
    this.store = parts.store;
    this.clock = parts.clock;
    this.payloadExcess = this.#parts.payloadExcess;
    this.#activities = new ActivityRunner({
      ...this.#parts,
      onEnded: (activity, end) => this.#activityEnded(activity, end),
    });
    this.#timers = new DurableTimers(this.store, this.clock, ({ instance, execution, task, due }) => {
      this.post(instance, execution, {
        EventType: EventType.timerFired,
        EventId: -1,
        Timestamp: toTimestamp(this.clock.now()),
        TimerId: task,
        FireAt: toTimestamp(due),
      });
    });
  }

  /** Continues where the last process stopped. */
  start(): void {
    for (const row of this.store.unfinishedInstances())
      this.#live.set(row.id, new Orchestration(row, this.store.arrivals(row.id)));
    for (const orchestration of this.#live.values()) this.#drive(orchestration);
    this.#activities.add(this.store.activities());
    this.#timers.rearm();
  }

  /**
   * Starts no more work. Resolves when the running work has ended and the store holds its results.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#timers.stop();
    await this.#activities.stop();
    if (this.#running > 0)
      await new Promise<void>((resolve) => {
        this.#whenQuiet = resolve;
      });
  }

  /** Call this method before the store closes. */
  abandon(): void {
    this.#activities.abandon();
  }

  find(id: string): Orchestration | undefined {
    return this.#live.get(id);
  }

  isOrchestrator(name: string): boolean {
    return this.#parts.functions.orchestrators.has(name);
  }

  isUnfinished(id: string): boolean {
    return this.#live.has(id);
  }

  // The methods below must run within a write.

  /**
   * Starts an instance. It replaces a finished instance with the same id. No unfinished instance
   * may have this id.
   */
  begin({ id, name, version, input }: NewInstance, parent?: ParentTask): void {
    const now = this.clock.now();
    this.store.removeInstance(id);
    const row: InstanceRow = {
      id,
      name,
      version,
      input,
      execution: randomUUID().replaceAll('-', ''),
      status: 'Pending',
      output: null,
      customStatus: null,
      created: now,
      updated: now,
      parent: parent?.parent ?? null,
      parentExecution: parent?.parentExecution ?? null,
      parentTask: parent?.parentTask ?? null,
    };
    this.store.putInstance(row);
    this.#live.set(id, new Orchestration(row));
    this.post(id, row.execution, executionStarted(name, version, input, now));
  }

  /**
   * Delivers an arrival to one execution of an instance; null means the current execution. An
   * arrival that no task waits for is dropped.
   */
  post(id: string, execution: string | null, event: Arrival): void {
    const orchestration = this.#live.get(id);
    if (!orchestration || (execution !== null && execution !== orchestration.row.execution)) return;
    orchestration.arrivals.push(this.store.addArrival(id, execution, event));
    this.store.database.afterCommit(() => this.#drive(orchestration));
  }

  /** Raises an event for the current execution of the instance. */
  raiseEvent(id: string, name: string, input: string): void {
    this.post(id, null, {
      EventType: EventType.eventRaised,
      EventId: -1,
      Timestamp: toTimestamp(this.clock.now()),
      Name: name,
      Input: input,
    });
  }

  update(orchestration: Orchestration, changes: Partial<InstanceRow>): void {
    orchestration.row = { ...orchestration.row, ...changes, updated: this.clock.now() };
    this.store.putInstance(orchestration.row);
  }

  setSuspended(orchestration: Orchestration, suspended: boolean): void {
    this.update(orchestration, { status: suspended ? 'Suspended' : 'Running' });
    this.store.database.afterCommit(() => this.#drive(orchestration));
  }

  /** Ends the orchestration. `output` is JSON text. */
  finish(orchestration: Orchestration, status: InstanceStatus, output: string): void {
    this.update(orchestration, { status, output });
    const { id, name, parent, parentExecution, parentTask } = orchestration.row;
    this.store.removeWaiting(id);
    this.#live.delete(id);
    this.timersChanged();
    if (status === 'Failed') this.#parts.log('warning', name, `${id}: ${String(JSON.parse(output))}`);
    if (parent === null || parentTask === null) return;
    const now = this.clock.now();
    this.post(
      parent,
      parentExecution,
      status === 'Completed'
        ? taskCompleted(EventType.subOrchestrationCompleted, parentTask, now, output)
        : taskFailed(EventType.subOrchestrationFailed, parentTask, now, String(JSON.parse(output))),
    );
  }

  runActivities(activities: readonly ActivityRow[]): void {
    this.store.database.afterCommit(() => this.#activities.add(activities));
  }

  timersChanged(): void {
    this.store.database.afterCommit(() => this.#timers.rearm());
  }

  #activityEnded(activity: ActivityRow, end: Arrival): void {
    this.store.database.write(() => {
      this.store.removeActivity(activity.row);
      this.post(activity.instance, activity.execution, end);
    });
  }

  #isReady(orchestration: Orchestration): boolean {
    return (
      !this.#stopping &&
      !orchestration.isSuspended &&
      orchestration.arrivals.length > 0 &&
      this.#live.get(orchestration.row.id) === orchestration
    );
  }

  #drive(orchestration: Orchestration): void {
    if (orchestration.isRunning || !this.#isReady(orchestration)) return;
    orchestration.isRunning = true;
    this.#running += 1;
    const idle = this.clock.markBusy();
    void (async () => {
      while (this.#isReady(orchestration)) {
        await this.#runEpisode(orchestration);
        // Other work gets its turn here, and more arrivals can join the next episode.
        await this.store.database.waitForCommit();
      }
      orchestration.isRunning = false;
      this.#running -= 1;
      idle();
      if (this.#running === 0) this.#whenQuiet?.();
    })();
  }

  async #runEpisode(orchestration: Orchestration): Promise<void> {
    const { row } = orchestration;
    const ask = this.#askFor(row);
    const replay = orchestration.replay ?? (await this.#rebuild(orchestration, ask));
    if (!replay) return;
    orchestration.replay = replay;
    const all = orchestration.arrivals;
    orchestration.arrivals = [];
    const wanted = all.filter(
      (arrival) =>
        (arrival.execution === null || arrival.execution === row.execution) &&
        replay.numbering.expects(arrival.event),
    );
    const now = this.clock.now();
    const episode = wanted.length === 0 ? undefined : await runEpisode(replay, wanted, now, ask);
    // A client may have terminated the orchestration meanwhile.
    if (this.#live.get(row.id) !== orchestration) return;
    const left = new Set<WaitingArrival>(episode && wanted);
    for (const arrival of episode?.arrivals ?? []) left.delete(arrival);
    orchestration.arrivals = [...left, ...orchestration.arrivals];
    this.store.database.write(() => {
      for (const arrival of all) if (!left.has(arrival)) this.store.removeArrival(arrival.row);
      if (episode) applyEpisode(this, orchestration, replay, episode, now);
    });
  }

  async #rebuild(orchestration: Orchestration, ask: AskOrchestrator): Promise<Replay | undefined> {
    try {
      return await rebuildReplay(this.store.episodes(orchestration.row.id), ask);
    } catch (error) {
      if (!(error instanceof ActionError)) throw error;
      if (this.#live.get(orchestration.row.id) === orchestration) {
        this.store.database.write(() =>
          this.finish(orchestration, 'Failed', failureOutput(orchestration.row, error.message)),
        );
      }
      return undefined;
    }
  }

  #askFor({ id, name, parent, input }: InstanceRow): AskOrchestrator {
    const { functions, invoke, durableClient } = this.#parts;
    const orchestrator = functions.orchestrators.get(name);
    return (history) =>
      orchestrator
        ? askOrchestrator(
            invoke,
            orchestrator,
            { instanceId: id, parentInstanceId: parent, input, history },
            durableClient,
          )
        : Promise.resolve({
            actions: [],
            isDone: false,
            output: 'null',
            customStatus: null,
            error: 'the app has no orchestrator function of this name.',
          });
  }
}
