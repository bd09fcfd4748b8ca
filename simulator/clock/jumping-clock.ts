// A clock that stands still while a process works. It jumps to the next due time when all processes
// are idle.

import { setTimeout as sleep } from 'node:timers/promises';
import { createAlarmQueue } from './alarm-queue.ts';
import type { ClockFile } from './clock-file.ts';
import type { LocalClock } from './jump-control.ts';
import type { Alarm } from './simulated-clock.ts';

/**
 * All processes must be idle this long (wall time) before a jump. A process that asks twice in a
 * row should get the same time.
 */
const QUIET_MS = 2;
/** The longest total wait of `advance` for running work. */
const MAX_WAIT_MS = 500;
/** The last time that a Date can hold. An alarm after this time never rings. */
export const MAX_TIME_MS = 8.64e15;

interface IdleParticipant {
  readonly nextDue: number | null;
  readonly moved: (now: number) => void;
}

/** The jumping clock of the process that owns the simulated time. */
export class JumpingClock implements LocalClock {
  readonly rate = null;
  readonly #alarms = createAlarmQueue();
  readonly #expected = new Set<string>();
  readonly #idle = new Map<string, IdleParticipant>();
  readonly #watchers = new Set<(now: number) => void>();
  readonly #file: ClockFile | undefined;
  #now: number;
  #working = 0;
  #advancing = 0;
  #closed = false;
  #jump: NodeJS.Timeout | undefined;

  constructor(start: number, file?: ClockFile) {
    this.#now = Math.ceil(start);
    this.#file = file;
    file?.write(this.#now);
  }

  now(): number {
    return this.#now;
  }

  scheduleAt(due: number, ring: () => void): Alarm {
    const alarm = this.#alarms.add(due, ring);
    if (due <= this.#now) this.#ringSoon();
    else this.#jumpIfQuiet();
    return alarm;
  }

  markBusy(): () => void {
    this.#working += 1;
    clearTimeout(this.#jump);
    let done = false;
    return () => {
      if (done) return;
      done = true;
      this.#working -= 1;
      this.#jumpIfQuiet();
    };
  }

  addParticipant(participant: string): void {
    this.#expected.add(participant);
    // This cancels a pending jump until the new participant is idle too.
    this.#jumpIfQuiet();
  }

  markIdle(participant: string, nextDue: number | null, moved: (now: number) => void): () => void {
    const entry = { nextDue, moved };
    this.#idle.set(participant, entry);
    this.#jumpIfQuiet();
    return () => {
      // A restarted participant may already use the name of the dead one.
      if (this.#idle.get(participant) === entry) this.#idle.delete(participant);
      this.#jumpIfQuiet();
    };
  }

  onceMoved(moved: (now: number) => void): () => void {
    this.#watchers.add(moved);
    return () => void this.#watchers.delete(moved);
  }

  async advance(milliseconds: number): Promise<void> {
    const target = this.#now + milliseconds;
    const until = performance.now() + MAX_WAIT_MS;
    this.#advancing += 1;
    clearTimeout(this.#jump);
    try {
      do {
        await this.#letWorkFinish(until);
        this.#moveTo(Math.min(target, this.#earliest() ?? target));
      } while (this.#now < target);
      await this.#letWorkFinish(until);
    } finally {
      this.#advancing -= 1;
      this.#jumpIfQuiet();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#jump);
    this.#alarms.clear();
    this.#idle.clear();
    this.#watchers.clear();
  }

  #quiet(): boolean {
    return this.#working === 0 && [...this.#expected].every((participant) => this.#idle.has(participant));
  }

  #earliest(): number | undefined {
    const due = [...this.#idle.values()].flatMap(({ nextDue }) => nextDue ?? []);
    const own = this.#alarms.next();
    if (own !== undefined) due.push(own);
    const earliest = Math.min(...due);
    return earliest <= MAX_TIME_MS ? earliest : undefined;
  }

  #jumpIfQuiet(): void {
    clearTimeout(this.#jump);
    if (this.#closed || this.#advancing > 0 || !this.#quiet() || this.#earliest() === undefined) return;
    this.#jump = setTimeout(() => {
      const time = this.#earliest();
      if (time !== undefined) this.#moveTo(time);
      this.#jumpIfQuiet();
    }, QUIET_MS);
  }

  #moveTo(time: number): void {
    // The wire carries whole milliseconds. With a fraction a waiting process would get a time
    // before its due time, and would ask for ever.
    this.#now = Math.max(this.#now, Math.ceil(time));
    this.#file?.write(this.#now);
    // The owner's alarms ring first. So a notified process finds all effects of this time.
    this.#alarms.ring(this.#now);
    const listeners = [...[...this.#idle.values()].map(({ moved }) => moved), ...this.#watchers];
    this.#idle.clear();
    this.#watchers.clear();
    for (const moved of listeners) moved(this.#now);
  }

  #ringSoon(): void {
    const done = this.markBusy();
    setImmediate(() => {
      this.#alarms.ring(this.#now);
      done();
    });
  }

  async #letWorkFinish(until: number): Promise<void> {
    do await sleep(QUIET_MS);
    while (!this.#quiet() && performance.now() < until);
  }
}
