// Runs timerTrigger functions on their schedules, in simulated time. A timer never has two runs at
// once.

import type { Alarm, SimulatedClock } from '../../clock/simulated-clock.ts';
import { expandSettings } from '../app/app-setting.ts';
import type { RetryContext } from '../app/core-api.ts';
import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { ScheduleRow, DurableStore } from '../durable/store.ts';
import { messageOf, stackOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { parseSchedule, type Schedule } from './ncrontab.ts';
import { createRetryPolicy, withRetries, type RetryPolicy } from './retry-policy.ts';
import { BusyPeriod } from './busy-period.ts';

export interface TimerTriggerOptions {
  readonly store: DurableStore;
  readonly clock: SimulatedClock;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly log: Log;
}

/**
 * The host does not remember a more frequent schedule over a stop, so none of its runs is past due.
 */
const MIN_REMEMBERED_INTERVAL_MS = 60_000;
const NEVER_RUN = '0001-01-01T00:00:00';

export class TimerTrigger {
  readonly name: string;
  readonly #function: AppFunction;
  readonly #parts: TimerTriggerOptions;
  readonly #schedule: Schedule;
  readonly #retries: RetryPolicy | undefined;
  readonly #stopping = new AbortController();
  #last: number | null = null;
  #next = 0;
  #alarm: Alarm | undefined;
  #runs: Promise<void> = Promise.resolve();
  #queued = 0;
  #work: BusyPeriod | undefined;

  constructor(timer: AppFunction, parts: TimerTriggerOptions) {
    this.name = timer.name;
    this.#function = timer;
    this.#parts = parts;
    this.#schedule = readSchedule(timer);
    this.#retries = createRetryPolicy(timer.registered.metadata.retryOptions, timer.name);
  }

  start(): void {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const kept = this.#isRemembered(now) ? this.#ofThisSchedule(store.schedule(this.name)) : undefined;
    this.#last = kept?.last ?? null;
    this.#next = kept?.next ?? this.#schedule.next(now);
    if (this.#next <= now) this.#enqueue(true);
    else if (this.#function.trigger.runOnStartup === true) this.#enqueue(false);
    else this.#waitForNext();
    if (!kept) this.#remember();
  }

  /** Runs the function by hand, after the current run. */
  runNow(): void {
    this.#enqueue(false);
  }

  /** Starts no more runs. Resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#alarm?.cancel();
    await this.#runs;
  }

  #waitForNext(): void {
    this.#alarm?.cancel();
    this.#alarm = this.#parts.clock.scheduleAt(this.#next, () => this.#enqueue(false));
  }

  #enqueue(isPastDue: boolean): void {
    this.#alarm?.cancel();
    // All queued runs share one busy period. A run in the queue must not stop time while the
    // current run waits for time.
    const work = this.#work ?? new BusyPeriod(this.#parts.clock);
    this.#work = work;
    this.#queued += 1;
    this.#runs = this.#runs
      .then(() => (this.#stopped ? undefined : this.#run(isPastDue, work)))
      .finally(() => this.#ended(work));
  }

  #ended(work: BusyPeriod): void {
    this.#queued -= 1;
    if (this.#queued > 0) return;
    this.#work = undefined;
    work.end();
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(isPastDue: boolean, work: BusyPeriod): Promise<void> {
    const { clock, log } = this.#parts;
    const started = clock.now();
    try {
      await withRetries(
        this.#retries,
        (context) => this.#invoke(isPastDue, context),
        async (delay, error) => {
          log(
            'warning',
            this.name,
            `Failed, will be tried again in ${Math.round(delay) / 1000} s: ${messageOf(error)}`,
          );
          return await work.pause(clock.now() + delay, this.#stopping.signal);
        },
      );
    } catch (error) {
      log('error', this.name, `Failed: ${stackOf(error)}`);
      // The next host finds this run past due and performs the remaining retries.
      if (this.#stopped && this.#retries) return;
    }
    this.#last = started;
    // The host makes up at once, and once only, for a time that passed during the run.
    this.#next = this.#schedule.next(started);
    this.#remember();
    if (!this.#stopped) this.#waitForNext();
  }

  async #invoke(isPastDue: boolean, retryContext: RetryContext | undefined): Promise<void> {
    const { invoke, durableClient } = this.#parts;
    const trigger = {
      json: JSON.stringify({
        Schedule: { AdjustForDST: true },
        ScheduleStatus: this.#status(),
        IsPastDue: isPastDue,
      }),
    };
    await invoke({
      function: this.#function.registered,
      inputs: buildInputs(this.#function, trigger, durableClient),
      ...(retryContext && { retryContext }),
    });
  }

  #status(): Record<string, string> {
    const last = this.#last === null ? NEVER_RUN : timeText(this.#last);
    return { Last: last, Next: timeText(this.#next), LastUpdated: last };
  }

  #isRemembered(now: number): boolean {
    const next = this.#schedule.next(now);
    return (
      this.#function.trigger.useMonitor !== false &&
      this.#schedule.next(next) - next >= MIN_REMEMBERED_INTERVAL_MS
    );
  }

  /** Ignores the stored row when the schedule has changed since. */
  #ofThisSchedule(row: ScheduleRow | undefined): ScheduleRow | undefined {
    return row && this.#schedule.next(row.last ?? row.updated) === row.next ? row : undefined;
  }

  #remember(): void {
    const { store, clock } = this.#parts;
    const row: ScheduleRow = { name: this.name, last: this.#last, next: this.#next, updated: clock.now() };
    store.database.write(() => store.putSchedule(row));
  }
}

/** .NET writes a time of the host like this, with an offset and not with Z. */
function timeText(time: number): string {
  return new Date(time).toISOString().replace(/(?:\.000)?Z$/, '+00:00');
}

function readSchedule({ name, trigger }: AppFunction): Schedule {
  const expression = expandSettings(String(trigger.schedule), `Function "${name}": its schedule`);
  try {
    return parseSchedule(expression);
  } catch (error) {
    throw new StartError(`Function "${name}": ${messageOf(error)}`, { cause: error });
  }
}
