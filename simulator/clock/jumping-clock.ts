// Story time that stands still while anybody works, and jumps to the next due moment when nobody does.

import { setTimeout as sleep } from 'node:timers/promises';
import { createAlarmQueue } from './alarm-queue.ts';
import type { ClockFile } from './clock-file.ts';
import type { LocalClock } from './jump-control.ts';
import type { Alarm } from './simulated-clock.ts';

/**
 * Quiet must last this long (wall time) before a jump: one who asks twice in a row should find the
 * same moment.
 */
const QUIET_MS = 2;
/** How long `advance` waits in all for those at work. */
const MAX_WAIT_MS = 500;
/** The last moment that a date can name. What is due later is never due. */
export const MAX_TIME_MS = 8.64e15;

interface IdleParticipant {
  readonly nextDue: number | null;
  readonly moved: (now: number) => void;
}

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
    // A jump that was due is off until this one is idle too.
    this.#jumpIfQuiet();
  }

  markIdle(participant: string, nextDue: number | null, moved: (now: number) => void): () => void {
    const entry = { nextDue, moved };
    this.#idle.set(participant, entry);
    this.#jumpIfQuiet();
    return () => {
      // A participant that was started anew may have taken the place of the one that died.
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
      const moment = this.#earliest();
      if (moment !== undefined) this.#moveTo(moment);
      this.#jumpIfQuiet();
    }, QUIET_MS);
  }

  #moveTo(moment: number): void {
    // In whole milliseconds, as the wire tells it: who was told less than the moment that he waits
    // for would ask again for ever.
    this.#now = Math.max(this.#now, Math.ceil(moment));
    this.#file?.write(this.#now);
    // The owner's alarms first: whoever is told of this moment finds all that happens in it.
    this.#alarms.ring(this.#now);
    const told = [...[...this.#idle.values()].map(({ moved }) => moved), ...this.#watchers];
    this.#idle.clear();
    this.#watchers.clear();
    for (const moved of told) moved(this.#now);
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
