// A jumping clock in a process that does not own the simulated time. It keeps one request to the
// clock service open. While idle it uses `/idle`. During long work it uses `/now?after=`, so that
// it also notices a move by hand.

import { createAlarmQueue } from './alarm-queue.ts';
import type { ClockClient, ClockReading } from './clock-client.ts';
import type { Alarm, SimulatedClock } from './simulated-clock.ts';

/**
 * The wait before the next request to a clock service that does not answer. The service may be
 * restarting.
 */
const RETRY_MS = 100;
/** Shorter work does not justify a second request. */
const LONG_WORK_MS = 20;

/** The open request and its description. */
interface OpenRequest {
  readonly description: string;
  readonly abortController: AbortController;
}

/** The jumping clock of a participant. */
export class JumpingRemoteClock implements SimulatedClock {
  readonly rate = null;
  readonly #call: ClockClient;
  readonly #participant: string;
  readonly #alarms = createAlarmQueue();
  #now: number;
  #working = 0;
  #closed = false;
  #listening: OpenRequest | undefined;
  #check: NodeJS.Immediate | undefined;
  #lasting: NodeJS.Timeout | undefined;

  constructor(call: ClockClient, participant: string, start: number) {
    this.#call = call;
    this.#participant = participant;
    this.#now = start;
    this.#listenSoon();
  }

  now(): number {
    return this.#now;
  }

  scheduleAt(due: number, ring: () => void): Alarm {
    const alarm = this.#alarms.add(due, ring);
    if (due <= this.#now) this.#ringSoon();
    else this.#listenSoon();
    return {
      cancel: () => {
        alarm.cancel();
        this.#listenSoon();
      },
    };
  }

  markBusy(): () => void {
    this.#working += 1;
    // The clock must not jump during this work, so the idle request ends at once.
    if (this.#listening?.description.startsWith('idle')) this.#hangUp();
    this.#listenSoon();
    let done = false;
    return () => {
      if (done) return;
      done = true;
      this.#working -= 1;
      this.#listenSoon();
    };
  }

  close(): void {
    this.#closed = true;
    clearImmediate(this.#check);
    clearTimeout(this.#lasting);
    this.#alarms.clear();
    this.#hangUp();
    this.#call.close();
  }

  #ringSoon(): void {
    const done = this.markBusy();
    setImmediate(() => {
      this.#alarms.ring(this.#now);
      // The code that an alarm starts may need another turn before it reports that it is busy.
      setImmediate(done);
    });
  }

  /** Checks once a turn, however often work starts and ends in the turn. */
  #listenSoon(): void {
    if (this.#closed) return;
    this.#check ??= setImmediate(() => {
      this.#check = undefined;
      if (this.#closed) return;
      if (this.#working > 0) {
        this.#lasting ??= setTimeout(() => this.#listenWhileBusy(), LONG_WORK_MS);
      } else {
        clearTimeout(this.#lasting);
        this.#lasting = undefined;
        this.#listenWhileIdle();
      }
    });
  }

  #listenWhileBusy(): void {
    this.#lasting = undefined;
    const known = this.#now;
    this.#listen(`busy since ${known}`, (signal) =>
      this.#call.send('GET', `/now?after=${known}`, undefined, signal),
    );
  }

  #listenWhileIdle(): void {
    const report = {
      participant: this.#participant,
      nextDue: this.#alarms.next() ?? null,
      known: this.#now,
    };
    this.#listen(`idle ${JSON.stringify(report)}`, (signal) =>
      this.#call.send('POST', '/idle', report, signal),
    );
  }

  #listen(description: string, send: (signal: AbortSignal) => Promise<ClockReading>): void {
    if (this.#listening?.description === description) return;
    this.#hangUp();
    const current = { description, abortController: new AbortController() };
    this.#listening = current;
    const ifCurrent = (then: () => void): void => {
      if (this.#listening !== current) return;
      this.#listening = undefined;
      then();
    };
    send(current.abortController.signal).then(
      (reading) =>
        ifCurrent(() => {
          this.#now = Math.max(this.#now, reading.now);
          this.#ringSoon();
        }),
      () => void setTimeout(() => ifCurrent(() => this.#listenSoon()), RETRY_MS),
    );
  }

  #hangUp(): void {
    this.#listening?.abortController.abort();
    this.#listening = undefined;
  }
}
