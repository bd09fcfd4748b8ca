// A jumping clock seen from another process. It holds one request to the clock service open:
// `/idle` while it has nothing to do, and when work lasts, `/now?after=`, so that a move by hand is
// noticed in the midst of work too.

import { createAlarmQueue } from './alarm-queue.ts';
import type { ClockClient, ClockReading } from './clock-client.ts';
import type { Alarm, SimulatedClock } from './simulated-clock.ts';

/** How soon a clock service that does not answer is asked again; it may be starting anew. */
const RETRY_MS = 100;
/** Work that ends sooner is not worth a second request. */
const LONG_WORK_MS = 20;

/** The request that is open, and what it says. */
interface OpenRequest {
  readonly description: string;
  readonly abortController: AbortController;
}

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
    // At once: the clock must not jump while this goes on.
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
      // What was rung may need a turn before it says that it is at work.
      setImmediate(done);
    });
  }

  /** Once a turn, however often work begins and ends in it. */
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
    const question = {
      participant: this.#participant,
      nextDue: this.#alarms.next() ?? null,
      known: this.#now,
    };
    this.#listen(`idle ${JSON.stringify(question)}`, (signal) =>
      this.#call.send('POST', '/idle', question, signal),
    );
  }

  #listen(says: string, ask: (signal: AbortSignal) => Promise<ClockReading>): void {
    if (this.#listening?.description === says) return;
    this.#hangUp();
    const current = { description: says, abortController: new AbortController() };
    this.#listening = current;
    const ifCurrent = (then: () => void): void => {
      if (this.#listening !== current) return;
      this.#listening = undefined;
      then();
    };
    ask(current.abortController.signal).then(
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
