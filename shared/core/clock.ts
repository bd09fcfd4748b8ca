// The clock of the app. LIFEBOAT_CLOCK_URL selects the simulator's clock; without that setting the
// app uses the system time.
import { config } from './config.ts';

/** Reads the current time of the app, real or simulated. */
export interface Clock {
  now(): Promise<Date>;
}

const systemClock: Clock = { now: () => Promise.resolve(new Date()) };

interface ClockReading {
  readonly simulatedMs: number;
  readonly wallMs: number;
  /**
   * Speed of simulated time relative to wall time. Null: the app must ask the clock for each
   * reading.
   */
  readonly speed: number | null;
}

function remoteClock(url: string): Clock {
  let pendingReading: Promise<ClockReading> | undefined;
  const fetchReading = async (): Promise<ClockReading> => {
    const answer = await fetch(new URL('/now', url));
    if (!answer.ok) throw new Error(`The clock at ${url} answered ${answer.status}.`);
    const { now, rate } = (await answer.json()) as { now: string; rate: number | null };
    return { simulatedMs: Date.parse(now), wallMs: performance.now(), speed: rate };
  };
  return {
    async now() {
      pendingReading ??= fetchReading().catch((error: unknown) => {
        pendingReading = undefined;
        throw error;
      });
      const reading = await pendingReading;
      if (reading.speed === null) pendingReading = undefined;
      return new Date(reading.simulatedMs + (performance.now() - reading.wallMs) * (reading.speed ?? 0));
    },
  };
}

let selectedClock: Clock | undefined;
/** Returns the clock that the settings select. */
export function clock(): Clock {
  const url = config().LIFEBOAT_CLOCK_URL;
  return (selectedClock ??= url ? remoteClock(url) : systemClock);
}

/** Returns the date this many seconds later. */
export const addSeconds = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);
