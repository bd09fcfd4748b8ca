// Finds out which number the SDK gave to which task.
//
// The SDK numbers tasks itself and looks completions up by these numbers, but the list of actions
// that it returns carries none.
// So the walker goes through the same list and the same arrivals in the same order, and counts as
// the SDK counts.
//
// It cannot see one thing: a pending task yielded a second time adds no action, so the walker may
// believe that the orchestrator waits for nothing when it waits for that task. This does no harm as
// long as arrivals that make a retry number its next leaf come last in their episode (see
// `inOrder`): numbers are given out only there and where actions are taken.

import { ActionType, type OrchestratorAction } from './actions.ts';
import { EventType, completedTask, isFailure, type Arrival, type EventRaised } from './history.ts';
import { Leaf, RetryNode, buildTask, type TaskNode } from './task-tree.ts';

/** Something that the host has to do, under the number by which its end will be reported. */
export type ScheduledTask =
  | { readonly kind: 'activity'; readonly id: number; readonly name: string; readonly input: unknown }
  | {
      readonly kind: 'child';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
      readonly instanceId: string | undefined;
      readonly version: string | undefined;
    }
  | { readonly kind: 'timer'; readonly id: number; readonly fireAt: number };

export class TaskNumbering {
  #actions: readonly OrchestratorAction[] = [];
  #cursor = 0;
  #sequence = 0;
  #now = 0;
  #current: TaskNode | undefined;
  #decisions: ScheduledTask[] = [];
  readonly #open = new Map<number, Leaf>();
  readonly #userTimers = new Map<number, Leaf>();
  /** The newest waiter gets the event. */
  readonly #waiters = new Map<string, Leaf[]>();
  /** Events that nobody waits for yet, oldest first. */
  #buffered: EventRaised[] = [];

  /** How many numbers have been given out. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The numbers of the tasks that have not ended. */
  get openTasks(): number[] {
    return [...this.#open.keys()];
  }

  get unclaimedEvents(): readonly EventRaised[] {
    return this.#buffered;
  }

  /** Whether nothing but a restart of the orchestration is left to do. */
  get continuesAsNew(): boolean {
    return this.#idle && this.#actions[this.#cursor]?.actionType === ActionType.continueAsNew;
  }

  /** Begins an episode. `now` is the time of its OrchestratorStarted. */
  begin(now: number): void {
    this.#now = now;
  }

  /** The whole list of actions as the orchestrator returned it last; it only ever grows at its end. */
  setActions(actions: readonly OrchestratorAction[]): void {
    this.#actions = actions;
  }

  /** Whether the arrival means anything to the tasks as they stand. */
  expects(arrival: Arrival): boolean {
    const id = completedTask(arrival);
    return id === undefined || this.#open.has(id);
  }

  /**
   * Arrivals in the order in which they have to be fed: the start first, and those that let a retry
   * go on last.
   */
  sortArrivals<T extends { readonly event: Arrival }>(arrivals: readonly T[]): T[] {
    const rank = ({ event }: T) =>
      event.EventType === EventType.executionStarted ? 0 : this.#letsRetryGoOn(event) ? 2 : 1;
    return arrivals.toSorted((a, b) => rank(a) - rank(b));
  }

  feed(arrival: Arrival): ScheduledTask[] {
    this.#decisions = [];
    const leaf = this.#claim(arrival);
    leaf?.end(isFailure(arrival), this.#track);
    this.#advance();
    return this.#decisions;
  }

  /** The timers that the orchestrator has cancelled since it created them. */
  takeCancelledTimers(): number[] {
    const cancelled = [...this.#userTimers]
      .filter(([, leaf]) => this.#actionAt(leaf.path)?.isCanceled === true)
      .map(([id]) => id);
    for (const id of cancelled) this.#userTimers.delete(id);
    return cancelled;
  }

  get #idle(): boolean {
    return this.#current === undefined || this.#current.state !== 'running';
  }

  #advance(): void {
    while (this.#idle && !this.continuesAsNew) {
      const action = this.#actions[this.#cursor];
      if (!action) return;
      this.#current = buildTask(action, [this.#cursor], () => this.#now);
      this.#cursor += 1;
      for (const leaf of this.#current.leaves()) this.#track(leaf);
    }
  }

  readonly #track = (leaf: Leaf): void => {
    if (leaf.kind === 'event') {
      this.#wait(leaf);
      return;
    }
    const id = this.#sequence++;
    this.#open.set(id, leaf);
    if (leaf.kind === 'timer') {
      if (leaf.action) this.#userTimers.set(id, leaf);
      this.#decisions.push({ kind: 'timer', id, fireAt: leaf.fireAt?.() ?? this.#now });
      return;
    }
    const { functionName: name = '', input, instanceId, version } = leaf.action ?? {};
    this.#decisions.push(
      leaf.kind === 'activity'
        ? { kind: 'activity', id, name, input }
        : { kind: 'child', id, name, input, instanceId, version },
    );
  };

  #wait(leaf: Leaf): void {
    const name = leaf.action?.externalEventName ?? '';
    const early = this.#buffered.findIndex((event) => event.Name === name);
    if (early >= 0) {
      this.#buffered = this.#buffered.toSpliced(early, 1);
      leaf.end(false, this.#track);
      return;
    }
    const waiters = this.#waiters.get(name);
    if (waiters) waiters.push(leaf);
    else this.#waiters.set(name, [leaf]);
  }

  #claim(arrival: Arrival): Leaf | undefined {
    if (arrival.EventType === EventType.eventRaised) {
      const leaf = this.#waiters.get(arrival.Name)?.pop();
      if (!leaf) this.#buffered.push(arrival);
      return leaf;
    }
    const id = completedTask(arrival);
    if (id === undefined) return undefined;
    const leaf = this.#open.get(id);
    this.#open.delete(id);
    this.#userTimers.delete(id);
    return leaf;
  }

  #letsRetryGoOn(arrival: Arrival): boolean {
    const parent = this.#open.get(completedTask(arrival) ?? -1)?.parent;
    return parent instanceof RetryNode && parent.continuesAfter(isFailure(arrival));
  }

  #actionAt(path: readonly number[]): OrchestratorAction | undefined {
    let list: readonly OrchestratorAction[] | undefined = this.#actions;
    let action: OrchestratorAction | undefined;
    for (const index of path) {
      action = list?.[index];
      list = action?.compoundActions;
    }
    return action;
  }
}
