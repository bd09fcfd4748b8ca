// The tree of the tasks that an orchestrator yields. An event from outside ends a leaf, and the
// children of a compound end the compound.

import {
  ActionError,
  ActionType,
  unsupportedActionError,
  type OrchestratorAction,
  type DurableRetryOptions,
} from './actions.ts';

export type LeafKind = 'activity' | 'child' | 'timer' | 'event';

/** Numbers a leaf and asks the host for its work. */
export type TrackLeaf = (leaf: Leaf) => void;

export abstract class TaskNode {
  parent: TaskNode | undefined;
  state: 'running' | 'completed' | 'failed' = 'running';

  abstract leaves(): Iterable<Leaf>;
  /**
   * True when Azure goes on to the next action. The SDK may go on earlier: a failure ends its
   * Task.all at once, and Azure waits for all children.
   */
  abstract get isSettled(): boolean;
  protected abstract childEnded(child: TaskNode, track: TrackLeaf): void;

  end(failed: boolean, track: TrackLeaf): void {
    this.state = failed ? 'failed' : 'completed';
    this.parent?.childEnded(this, track);
  }
}

export class Leaf extends TaskNode {
  readonly kind: LeafKind;
  /** The yielded action. A retry's timer has no action of its own. */
  readonly action: OrchestratorAction | undefined;
  /** The position of the action in the list. Each replay creates a new list. */
  readonly path: readonly number[];
  readonly fireAt: (() => number) | undefined;

  constructor(
    kind: LeafKind,
    action: OrchestratorAction | undefined,
    path: readonly number[],
    fireAt?: () => number,
  ) {
    super();
    this.kind = kind;
    this.action = action;
    this.path = path;
    this.fireAt = fireAt;
  }

  get isSettled(): boolean {
    return this.state !== 'running';
  }

  *leaves(): Iterable<Leaf> {
    yield this;
  }

  protected childEnded(): void {
    throw new Error('A leaf has no children.');
  }
}

class WhenAll extends TaskNode {
  readonly #children: readonly TaskNode[];
  #running: number;

  constructor(children: readonly TaskNode[]) {
    super();
    this.#children = children;
    this.#running = children.length;
    for (const child of children) child.parent = this;
  }

  get isSettled(): boolean {
    return this.#children.every((child) => child.isSettled);
  }

  *leaves(): Iterable<Leaf> {
    for (const child of this.#children) yield* child.leaves();
  }

  protected childEnded(child: TaskNode, track: TrackLeaf): void {
    this.#running -= 1;
    if (this.state !== 'running') return;
    if (child.state === 'failed') this.end(true, track);
    else if (this.#running === 0) this.end(false, track);
  }
}

class WhenAny extends TaskNode {
  readonly #children: readonly TaskNode[];

  constructor(children: readonly TaskNode[]) {
    super();
    this.#children = children;
    for (const child of children) child.parent = this;
  }

  get isSettled(): boolean {
    return this.#children.some((child) => child.isSettled);
  }

  *leaves(): Iterable<Leaf> {
    for (const child of this.#children) yield* child.leaves();
  }

  protected childEnded(_child: TaskNode, track: TrackLeaf): void {
    if (this.state === 'running') this.end(false, track);
  }
}

/**
 * Attempt, timer, attempt, timer … A timer follows the last failure too, because the SDK counts
 * one.
 */
export class RetryNode extends TaskNode {
  readonly #options: DurableRetryOptions;
  readonly #now: () => number;
  readonly #attempt: () => Leaf;
  readonly #first: Leaf;
  #attempts = 1;
  #waiting = false;

  constructor(options: DurableRetryOptions, now: () => number, attempt: () => Leaf) {
    super();
    this.#options = options;
    this.#now = now;
    this.#attempt = attempt;
    this.#first = this.#adopt(attempt());
  }

  get isSettled(): boolean {
    return this.state !== 'running';
  }

  *leaves(): Iterable<Leaf> {
    yield this.#first;
  }

  /**
   * True when the end of the current leaf makes the retry number another leaf. Such an end never
   * ends the task itself.
   */
  continuesAfter(failed: boolean): boolean {
    return this.#waiting ? this.#attempts < this.#options.maxNumberOfAttempts : failed;
  }

  protected childEnded(child: TaskNode, track: TrackLeaf): void {
    if (!this.#waiting && child.state === 'completed') {
      this.end(false, track);
    } else if (!this.#waiting) {
      this.#waiting = true;
      const due = this.#now() + this.#delay();
      track(this.#adopt(new Leaf('timer', undefined, [], () => due)));
    } else if (this.#attempts < this.#options.maxNumberOfAttempts) {
      this.#waiting = false;
      this.#attempts += 1;
      track(this.#adopt(this.#attempt()));
    } else {
      this.end(true, track);
    }
  }

  #delay(): number {
    const {
      firstRetryIntervalInMilliseconds: first,
      backoffCoefficient = 1,
      maxRetryIntervalInMilliseconds: most = Infinity,
    } = this.#options;
    return Math.min(first * backoffCoefficient ** (this.#attempts - 1), most);
  }

  #adopt(leaf: Leaf): Leaf {
    leaf.parent = this;
    return leaf;
  }
}

/** Builds the tree of one yielded action. `now` supplies the time when a retry needs a timer. */
export function buildTask(action: OrchestratorAction, path: readonly number[], now: () => number): TaskNode {
  switch (action.actionType) {
    case ActionType.callActivity:
      return new Leaf('activity', action, path);
    case ActionType.callSubOrchestrator:
      return new Leaf('child', action, path);
    case ActionType.callActivityWithRetry:
      return new RetryNode(retryOptions(action), now, () => new Leaf('activity', action, path));
    case ActionType.callSubOrchestratorWithRetry:
      return new RetryNode(retryOptions(action), now, () => new Leaf('child', action, path));
    case ActionType.createTimer:
      return new Leaf('timer', action, path, timerDue(action));
    case ActionType.waitForExternalEvent:
      return new Leaf('event', action, path);
    case ActionType.whenAll:
      return new WhenAll(buildChildren(action, path, now));
    case ActionType.whenAny:
      return new WhenAny(buildChildren(action, path, now));
    default:
      throw unsupportedActionError(action);
  }
}

function timerDue(action: OrchestratorAction): () => number {
  const time = new Date(action.fireAt ?? Number.NaN).getTime();
  if (Number.isNaN(time)) throw new ActionError('a timer was created without a valid time');
  return () => time;
}

function buildChildren(action: OrchestratorAction, path: readonly number[], now: () => number): TaskNode[] {
  return (action.compoundActions ?? []).map((child, index) => buildTask(child, [...path, index], now));
}

function retryOptions(action: OrchestratorAction): DurableRetryOptions {
  if (action.retryOptions === undefined)
    throw new ActionError(`a retry of "${action.functionName ?? ''}" came without its options`);
  if (action.retryOptions.retryTimeoutInMilliseconds !== undefined) {
    throw new ActionError(
      'RetryOptions.retryTimeoutInMilliseconds is not known to this host (the SDK does not ' +
        'count it, and in Azure the orchestration would wait for ever)',
    );
  }
  return action.retryOptions;
}
