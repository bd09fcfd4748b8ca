// A job is late, never dead: an activity that fails (the store or Azure is away) is asked again,
// less and less often.
import type { OrchestrationContext, Task } from 'durable-functions';

const FIRST_PAUSE_SECONDS = 15;
const MAX_PAUSE_SECONDS = 300;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export type OrchestrationTask<T> = Generator<Task, T, unknown>;

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
        `${activity} failed and is asked again in ${pauseSeconds} s of story time: ${messageOf(error)}`,
      );
      yield* sleep(context, pauseSeconds);
    }
  }
}

/**
 * What each of the tasks returned, once all have ended; undefined where one failed. A task fails
 * although its activity
 * does not when the worker that runs it dies: what became of it is not known, and must be looked up.
 */
export function* waitForAll<T>(
  context: OrchestrationContext,
  tasks: readonly Task[],
): OrchestrationTask<(T | undefined)[]> {
  try {
    return (yield context.df.Task.all([...tasks])) as T[];
  } catch (error) {
    context.warn(
      `What some of ${tasks.length} calls came to is not known and is looked up: ${messageOf(error)}`,
    );
  }
  // The first failure ends Task.all, and the others may still run.
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

export function* sleep(context: OrchestrationContext, seconds: number): OrchestrationTask<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
}

/** What wakes a walk that sleeps: somebody has said something. */
export const WAKE = 'wake';

/**
 * Sleeps that an event ends. The SDK gives each event to the newest waiter that is open, and a
 * waiter whose timer
 * came first stays open: such a waiter may take an event while the walk works. So all of them are
 * kept, and asked
 * before the next sleep. One waiter cannot serve two sleeps: the SDK and Azure would count it twice.
 */
export class WakeableTimer {
  #waiters: Task[] = [];

  /** True when it was woken, or somebody has said something since the sleep before. */
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
