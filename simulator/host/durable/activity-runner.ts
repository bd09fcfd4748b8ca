// Runs activities, up to a maximum at a time. Each activity runs at least once: an activity that
// was running when the process died runs again.

import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { FunctionTable } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import { toJsonText } from '../app/typed-data.ts';
import { messageOf, type Log } from '../log.ts';
import { EventType, taskCompleted, taskFailed, type Arrival } from './history.ts';
import type { PayloadCheck } from './payload.ts';
import type { ActivityRow } from './store.ts';

export interface ActivityRunnerOptions {
  readonly functions: FunctionTable;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly clock: SimulatedClock;
  readonly log: Log;
  readonly payloadExcess: PayloadCheck;
  readonly maxConcurrentActivities: number;
  /** Stores the end of an activity durably. */
  readonly onEnded: (activity: ActivityRow, end: Arrival) => void;
}

export class ActivityRunner {
  readonly #parts: ActivityRunnerOptions;
  #queue: ActivityRow[] = [];
  /**
   * Index of the first queued activity. Removing the first element would move the whole array each
   * time.
   */
  #next = 0;
  #running = 0;
  #stopping = false;
  #abandoned = false;
  #idle: (() => void) | undefined;
  #whenQuiet: (() => void) | undefined;

  constructor(parts: ActivityRunnerOptions) {
    this.#parts = parts;
  }

  add(activities: readonly ActivityRow[]): void {
    if (activities.length === 0) return;
    this.#queue = [...this.#queue.slice(this.#next), ...activities];
    this.#next = 0;
    this.#idle ??= this.#parts.clock.markBusy();
    this.#fill();
  }

  /** Starts no more activities. Resolves when none runs. Queued activities stay in the store. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#running > 0)
      await new Promise<void>((resolve) => {
        this.#whenQuiet = resolve;
      });
  }

  /** Call this method before the store closes. Running activities run again at the next start. */
  abandon(): void {
    this.#abandoned = true;
  }

  #fill(): void {
    while (!this.#stopping && this.#running < this.#parts.maxConcurrentActivities) {
      const activity = this.#queue[this.#next];
      if (!activity) break;
      this.#next += 1;
      this.#running += 1;
      void this.#run(activity);
    }
    if (this.#running > 0) return;
    this.#idle?.();
    this.#idle = undefined;
    this.#whenQuiet?.();
  }

  async #run(activity: ActivityRow): Promise<void> {
    const end = await this.#perform(activity);
    if (this.#abandoned) return;
    this.#parts.onEnded(activity, end);
    this.#running -= 1;
    this.#fill();
  }

  async #perform({ name, input, instance, task }: ActivityRow): Promise<Arrival> {
    const { functions, invoke, durableClient, clock, log, payloadExcess } = this.#parts;
    const failed = (message: string, details = '') => {
      const excess = payloadExcess('its error', message + details);
      return taskFailed(
        EventType.taskFailed,
        task,
        clock.now(),
        `Activity function '${name}' failed: ${excess ?? message}`,
        excess ? '' : details,
      );
    };
    const activity = functions.activities.get(name);
    if (!activity) return failed('the app has no activity function of this name.');
    try {
      const trigger = input === null ? {} : { string: input };
      // Encoded as JSON: otherwise an id that looks like a number would become a number.
      const triggerMetadata = { instanceId: { json: JSON.stringify(instance) } };
      const invoked = await invoke({
        function: activity.registered,
        inputs: buildInputs(activity, trigger, durableClient),
        triggerMetadata,
      });
      const result = toJsonText(await invoked.response());
      const excess = payloadExcess('its output', result);
      return excess ? failed(excess) : taskCompleted(EventType.taskCompleted, task, clock.now(), result);
    } catch (error) {
      log('warning', name, `Failed for ${instance}: ${messageOf(error)}`);
      // Azure's text has this space, too.
      return failed(` ${messageOf(error)}`, errorDetails(error));
    }
  }
}

function errorDetails(error: unknown): string {
  return error instanceof Error
    ? JSON.stringify({ name: error.name, message: error.message, stack: error.stack })
    : '';
}
