// Random orchestrators: nested all and any, retries, timers (some cancelled), events and
// sub-orchestrations. Some programs catch failures or yield pending tasks again.

import { RetryOptions, type OrchestrationContext, type Task, type TimerTask } from 'durable-functions';
import { Random } from './seeded-random.ts';

export type Shape =
  | { readonly kind: 'activity' | 'child' | 'timer' }
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'retry'; readonly of: 'activity' | 'child'; readonly attempts: number }
  | { readonly kind: 'all' | 'any'; readonly children: readonly Shape[] };

export interface Statement {
  readonly yields: Shape;
  readonly isCaught: boolean;
  /** Afterwards: cancel the timers that still run. */
  readonly cancelsTimers: boolean;
  /** Afterwards: yield this many of the running tasks again. */
  readonly yieldAgainCount: number;
}

export const EVENT_NAMES = ['red', 'green', 'blue'];

export function randomProgram(random: Random): Statement[] {
  return Array.from({ length: 1 + random.below(5) }, () => ({
    yields: randomShape(random, 3),
    isCaught: random.chance(0.8),
    cancelsTimers: random.chance(0.3),
    yieldAgainCount: random.chance(0.4) ? 1 + random.below(2) : 0,
  }));
}

function randomShape(random: Random, depth: number): Shape {
  if (depth > 0 && random.chance(0.55)) {
    const children = Array.from({ length: 1 + random.below(4) }, () => randomShape(random, depth - 1));
    return { kind: random.chance(0.5) ? 'all' : 'any', children };
  }
  switch (random.below(6)) {
    case 0:
      return { kind: 'child' };
    case 1:
      return { kind: 'timer' };
    case 2:
      return { kind: 'event', name: random.pick(EVENT_NAMES) };
    case 3:
    case 4:
      return { kind: 'retry', of: random.chance(0.7) ? 'activity' : 'child', attempts: 1 + random.below(3) };
    default:
      return { kind: 'activity' };
  }
}

/** Returns the program as a generator function for the SDK. */
export function orchestrator(program: readonly Statement[]) {
  return function* (context: OrchestrationContext): Generator<Task, string> {
    const pending: Task[] = [];
    const timers: TimerTask[] = [];
    const make = (shape: Shape): Task => {
      const task = makeTask(context, shape, make);
      if (shape.kind === 'timer') timers.push(task as TimerTask);
      else pending.push(task);
      return task;
    };
    for (const statement of program) {
      yield* yieldCaught(make(statement.yields), statement.isCaught);
      if (statement.cancelsTimers)
        for (const timer of timers.splice(0)) if (!timer.isCompleted) timer.cancel();
      // A task in a compound may be yielded alone, but no new compound may contain the task.
      for (const task of pending
        .filter((one) => !one.isCompleted && !one.isFaulted)
        .slice(0, statement.yieldAgainCount))
        yield* yieldCaught(task, true);
    }
    return 'done';
  };
}

function* yieldCaught(task: Task, isCaught: boolean): Generator<Task, void> {
  try {
    yield task;
  } catch (error) {
    if (!isCaught) throw error;
  }
}

function makeTask(context: OrchestrationContext, shape: Shape, make: (shape: Shape) => Task): Task {
  const { df } = context;
  switch (shape.kind) {
    case 'activity':
      return df.callActivity('act', 1);
    case 'child':
      return df.callSubOrchestrator('child', 1);
    case 'timer':
      return df.createTimer(new Date(df.currentUtcDateTime.getTime() + 60_000));
    case 'event':
      return df.waitForExternalEvent(shape.name);
    case 'retry': {
      const options = new RetryOptions(1_000, shape.attempts);
      return shape.of === 'activity'
        ? df.callActivityWithRetry('act', options, 1)
        : df.callSubOrchestratorWithRetry('child', options, 1);
    }
    case 'all':
      return df.Task.all(shape.children.map(make));
    case 'any':
      return df.Task.any(shape.children.map(make));
  }
}
