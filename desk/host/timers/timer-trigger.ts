// Runs timerTrigger functions on their schedules, in story time. One timer never runs twice at once.

import type { Alarm, StoryClock } from '../../clock/story-clock.ts';
import type { AppFunction } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { ScheduleRow, Store } from '../durable/store.ts';
import { messageOf, traceOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { parseSchedule, type Schedule } from './ncrontab.ts';

export interface TimerParts {
  readonly store: Store;
  readonly clock: StoryClock;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly log: Log;
}

/** A schedule that comes more often is not remembered over a stop, so none of its runs is past due. */
const REMEMBERED_FROM = 60_000;
const NEVER = '0001-01-01T00:00:00';

export class TimerTrigger {
  readonly name: string;
  readonly #function: AppFunction;
  readonly #parts: TimerParts;
  readonly #schedule: Schedule;
  #last: number | null = null;
  #next = 0;
  #alarm: Alarm | undefined;
  #stopped = false;
  #runs: Promise<void> = Promise.resolve();

  constructor(timer: AppFunction, parts: TimerParts) {
    this.name = timer.name;
    this.#function = timer;
    this.#parts = parts;
    this.#schedule = scheduleOf(timer);
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

  /** A run by hand, after any that is going on. */
  runNow(): void {
    this.#enqueue(false);
  }

  /** Starts no more; resolves when the run that is going on has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.cancel();
    await this.#runs;
  }

  #waitForNext(): void {
    this.#alarm?.cancel();
    this.#alarm = this.#parts.clock.at(this.#next, () => this.#enqueue(false));
  }

  #enqueue(isPastDue: boolean): void {
    this.#alarm?.cancel();
    const idle = this.#parts.clock.busy();
    this.#runs = this.#runs.then(() => (this.#stopped ? undefined : this.#run(isPastDue))).finally(idle);
  }

  async #run(isPastDue: boolean): Promise<void> {
    const { clock, invoke, durableClient, log } = this.#parts;
    const started = clock.now();
    const trigger = { json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: this.#status(), IsPastDue: isPastDue }) };
    try {
      await invoke({ function: this.#function.registered, inputs: inputsOf(this.#function, trigger, durableClient) });
    } catch (error) {
      log('error', this.name, `Failed: ${traceOf(error)}`);
    }
    this.#last = started;
    // A moment that passed while it ran is made up for at once, and once only.
    this.#next = this.#schedule.next(started);
    this.#remember();
    if (!this.#stopped) this.#waitForNext();
  }

  #status(): Record<string, string> {
    const last = this.#last === null ? NEVER : new Date(this.#last).toISOString();
    return { Last: last, Next: new Date(this.#next).toISOString(), LastUpdated: last };
  }

  #isRemembered(now: number): boolean {
    const next = this.#schedule.next(now);
    return this.#function.trigger.useMonitor !== false && this.#schedule.next(next) - next >= REMEMBERED_FROM;
  }

  /** What was remembered means nothing once the schedule has been changed. */
  #ofThisSchedule(row: ScheduleRow | undefined): ScheduleRow | undefined {
    return row && this.#schedule.next(row.last ?? row.updated) === row.next ? row : undefined;
  }

  #remember(): void {
    const { store, clock } = this.#parts;
    const row: ScheduleRow = { name: this.name, last: this.#last, next: this.#next, updated: clock.now() };
    store.database.write(() => store.putSchedule(row));
  }
}

function scheduleOf({ name, trigger }: AppFunction): Schedule {
  const given = String(trigger.schedule);
  const setting = /^%(.+)%$/.exec(given)?.[1];
  const expression = setting === undefined ? given : process.env[setting];
  if (expression === undefined) throw new StartError(`Function "${name}": its schedule names the setting "${setting ?? ''}", which is not there.`);
  try {
    return parseSchedule(expression);
  } catch (error) {
    throw new StartError(`Function "${name}": ${messageOf(error)}`, { cause: error });
  }
}
