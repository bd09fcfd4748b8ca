// The building blocks of all orchestrators: calls with retry, parallel calls, and sleeps. A job may
// be late, but it never dies. If an activity fails because the store or Azure is away, the
// orchestration calls it again. The pauses grow.
import type { OrchestrationContext, Task } from 'durable-functions';

const FIRST_PAUSE_SECONDS = 15;
const MAX_PAUSE_SECONDS = 300;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A part of an orchestrator: it yields Durable tasks. */
export type OrchestrationTask<T> = Generator<Task, T, unknown>;

/** Calls an activity until it succeeds. */
export function* callWithRetry<T>(
  context: OrchestrationContext,
  activity: string,
  input: unknown,
): OrchestrationTask<T> {
  for (
    let pauseSeconds = FIRST_PAUSE_SECONDS;
    ;
    pauseSeconds = Math.min(2 * pauseSeconds, MAX_PAUSE_SECONDS)
  ) {
    try {
      return (yield context.df.callActivity(activity, input)) as T;
    } catch (error) {
      context.warn(
        `${activity} failed. Next call in ${pauseSeconds} s of simulated time: ${messageOf(error)}`,
      );
      yield* sleep(context, pauseSeconds);
    }
  }
}

/**
 * Returns the results of the tasks once all have ended, and undefined for a failed task. A task can
 * fail without a failure of its activity: the worker that ran it may have died. Then the result is
 * unknown, and the caller must look it up.
 */
export function* waitForAll<T>(
  context: OrchestrationContext,
  tasks: readonly Task[],
): OrchestrationTask<(T | undefined)[]> {
  try {
    return (yield context.df.Task.all([...tasks])) as T[];
  } catch (error) {
    context.warn(
      `Some of ${tasks.length} calls have an unknown result, which the next poll reads: ${messageOf(error)}`,
    );
  }
  // The first failure ends Task.all, but the other tasks may still run.
  const results: (T | undefined)[] = [];
  for (const task of tasks) {
    try {
      results.push((yield task) as T);
    } catch {
      results.push(undefined);
    }
  }
  return results;
}

/** Sleeps for this many simulated seconds. */
export function* sleep(context: OrchestrationContext, seconds: number): OrchestrationTask<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
}

/** The event that wakes a sleeping orchestration: a person has answered or made a request. */
export const WAKE = 'wake';

/**
 * A sleep that an event can end. The SDK gives each event to the newest open waiter. A waiter stays
 * open if its timer came first, so it may take an event while the orchestration works. For that
 * reason the timer keeps all waiters and asks them before the next sleep. One waiter cannot serve
 * two sleeps: the SDK and Azure would count it twice.
 */
export class WakeableTimer {
  #waiters: Task[] = [];

  /** True: an event ended the sleep, or came since the previous sleep. */
  *sleep(context: OrchestrationContext, seconds: number): OrchestrationTask<boolean> {
    if (this.#takeEvent()) return true;
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
    const waiter = context.df.waitForExternalEvent(WAKE);
    this.#waiters.push(waiter);
    yield context.df.Task.any([timer, waiter]);
    if (timer.isCompleted) return false;
    timer.cancel();
    return this.#takeEvent();
  }

  #takeEvent(): boolean {
    const open = this.#waiters.filter((waiter) => !waiter.isCompleted);
    const taken = open.length < this.#waiters.length;
    this.#waiters = open;
    return taken;
  }
}
