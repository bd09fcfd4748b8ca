// A job is late, never dead: an activity that fails (the store or Azure is away) is asked again, less and less often.
import type { OrchestrationContext, Task } from 'durable-functions';

const FIRST_PAUSE = 15;
const LONGEST_PAUSE = 300;

export type Told<T> = Generator<Task, T, unknown>;

export function* patiently<T>(context: OrchestrationContext, activity: string, input: unknown): Told<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return (yield context.df.callActivity(activity, input)) as T;
    } catch (error) {
      context.warn(`${activity} failed and is asked again in ${pause} s of story time: ${error instanceof Error ? error.message : String(error)}`);
      yield* sleep(context, pause);
    }
  }
}

export function* sleep(context: OrchestrationContext, seconds: number): Told<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
}

/** What wakes a walk that sleeps: somebody has said something. */
export const WAKE = 'wake';

/** True when it was woken. */
export function* sleepOrWake(context: OrchestrationContext, seconds: number): Told<boolean> {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
  yield context.df.Task.any([timer, context.df.waitForExternalEvent(WAKE)]);
  if (timer.isCompleted) return false;
  timer.cancel();
  return true;
}
