// Finds out which number the SDK gave to which task.
//
// The SDK numbers tasks itself and looks up completions by these numbers. The list of actions that
// it returns carries no numbers. So the class below goes through the same actions and the same
// arrivals in the same order, and counts as the SDK counts.
//
// One case is invisible here: a pending task yielded a second time adds no action. This class may
// then believe that the orchestrator waits for nothing. That does no harm under one condition. Some
// arrivals make a retry number its next leaf, and these must come last in their episode (see
// `sortArrivals`). Numbers come only from those arrivals and from new actions.

import { ActionType, type OrchestratorAction } from './actions.ts';
import { EventType, completedTask, isFailure, type Arrival, type EventRaised } from './history.ts';
import { Leaf, RetryNode, buildTask, type TaskNode } from './task-tree.ts';

/** Work for the host, with the number for the report of its end. */
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

/** Numbers an orchestrator's tasks as the SDK does. One object belongs to one execution. */
export class TaskNumbering {
  #actions: readonly OrchestratorAction[] = [];
  #cursor = 0;
  #sequence = 0;
  #now = 0;
  #current: TaskNode | undefined;
  #decisions: ScheduledTask[] = [];
  /** Ended tasks for whose other children Azure still waits. */
  #unsettled: TaskNode[] = [];
  /** Work that starts when `#unsettled` is empty. */
  #held: ScheduledTask[] = [];
  readonly #open = new Map<number, Leaf>();
  readonly #userTimers = new Map<number, Leaf>();
  /** The newest waiter gets the event. */
  readonly #waiters = new Map<string, Leaf[]>();
  /** Events without a waiter, oldest first. */
  #buffered: EventRaised[] = [];

  /** How many numbers the class has given out. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The numbers of the unfinished tasks. */
  get openTasks(): number[] {
    return [...this.#open.keys()];
  }

  get unclaimedEvents(): readonly EventRaised[] {
    return this.#buffered;
  }

  /** True when only the restart of the orchestration is left. */
  get continuesAsNew(): boolean {
    return !this.isHeld && this.#idle && this.#reachesContinueAsNew;
  }

  /**
   * True while Azure waits for the other children of a failed Task.all. The orchestrator has gone
   * on already, but neither its new work starts nor its end counts.
   */
  get isHeld(): boolean {
    return this.#unsettled.length > 0;
  }

  /** Starts an episode. `now` is the time of its OrchestratorStarted event. */
  begin(now: number): void {
    this.#now = now;
  }

  /**
   * Takes the whole list of actions from the orchestrator's last answer. The list only grows at its
   * end.
   */
  setActions(actions: readonly OrchestratorAction[]): void {
    this.#actions = actions;
  }

  /** True when one of the current tasks waits for the arrival. */
  expects(arrival: Arrival): boolean {
    const id = completedTask(arrival);
    return id === undefined || this.#open.has(id);
  }

  /**
   * Sorts arrivals for the replay: the start first, and the arrivals that continue a retry last.
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
    const nextAttempts = this.#decisions;
    this.#decisions = this.#held;
    this.#advance();
    this.#unsettled = this.#unsettled.filter((node) => !node.isSettled);
    this.#held = this.isHeld ? this.#decisions : [];
    return this.isHeld ? nextAttempts : [...nextAttempts, ...this.#decisions];
  }

  /** Returns the timers that the orchestrator has cancelled since it created them. */
  takeCancelledTimers(): number[] {
    if (this.isHeld) return [];
    const cancelled = [...this.#userTimers]
      .filter(([, leaf]) => this.#actionAt(leaf.path)?.isCanceled === true)
      .map(([id]) => id);
    for (const id of cancelled) this.#userTimers.delete(id);
    return cancelled;
  }

  get #idle(): boolean {
    return this.#current === undefined || this.#current.state !== 'running';
  }

  get #reachesContinueAsNew(): boolean {
    return this.#actions[this.#cursor]?.actionType === ActionType.continueAsNew;
  }

  #advance(): void {
    while (this.#idle) {
      if (this.#current && !this.#unsettled.includes(this.#current)) this.#unsettled.push(this.#current);
      if (this.#reachesContinueAsNew) return;
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
