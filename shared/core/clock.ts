// Story time for the app: the system's time, or that of the clock that one setting names.
import { config } from './config.ts';

export interface Clock {
  now(): Promise<Date>;
}

const systemClock: Clock = { now: () => Promise.resolve(new Date()) };

interface ClockReading {
  readonly simulatedMs: number;
  readonly wallMs: number;
  /** How much faster than wall time the story runs; null when each reading must be asked for. */
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
export function clock(): Clock {
  const url = config().LIFEBOAT_CLOCK_URL;
  return (selectedClock ??= url ? remoteClock(url) : systemClock);
}

export const addSeconds = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);
