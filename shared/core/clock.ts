// Story time for the app: the system's time, or that of the clock that one setting names.
import { config } from './config.ts';

export interface Clock {
  now(): Promise<Date>;
}

const systemClock: Clock = { now: () => Promise.resolve(new Date()) };

interface Reading {
  readonly story: number;
  readonly wall: number;
  /** How much faster than wall time the story runs; null when each reading must be asked for. */
  readonly rate: number | null;
}

function namedClock(url: string): Clock {
  let first: Promise<Reading> | undefined;
  const ask = async (): Promise<Reading> => {
    const answer = await fetch(new URL('/now', url));
    if (!answer.ok) throw new Error(`The clock at ${url} answered ${answer.status}.`);
    const { now, rate } = (await answer.json()) as { now: string; rate: number | null };
    return { story: Date.parse(now), wall: performance.now(), rate };
  };
  return {
    async now() {
      first ??= ask().catch((error: unknown) => {
        first = undefined;
        throw error;
      });
      const known = await first;
      if (known.rate === null) first = undefined;
      return new Date(known.story + (performance.now() - known.wall) * (known.rate ?? 0));
    },
  };
}

let chosen: Clock | undefined;
export function clock(): Clock {
  const url = config().LIFEBOAT_CLOCK_URL;
  return (chosen ??= url ? namedClock(url) : systemClock);
}

export const later = (from: Date, seconds: number): Date => new Date(from.getTime() + seconds * 1000);
