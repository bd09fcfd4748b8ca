// Converts between simulated time and wall time. The extension uses wall time, the app uses
// simulated time.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import { StartError } from '../start-error.ts';

/**
 * From its start on, simulated time runs at this rate. All times are in milliseconds since 1970.
 */
interface RatePeriod {
  readonly wall: number;
  readonly story: number;
  readonly rate: number;
}

/**
 * A clock may differ this much (wall time) from its rate period, because it is read over the
 * network.
 */
const TOLERANCE_MS = 2_000;

/**
 * A replay must give the orchestrator the same times as its first run. So a file keeps all rate
 * periods, and the rate period of a past time always converts that time.
 */
export class TimeConversion {
  readonly #stretches: readonly RatePeriod[];
  readonly #latest: RatePeriod;

  constructor(file: string, clock: SimulatedClock) {
    const { rate } = clock;
    if (rate === null)
      throw new StartError(
        'The real Durable engine needs a clock that flows: real or scaled:N, not jumping.',
      );
    const saved = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RatePeriod[]) : [];
    const now = { wall: Date.now(), story: clock.now(), rate };
    const last = saved.at(-1);
    const continues =
      last?.rate === rate && Math.abs(simulatedTimeIn(last, now.wall) - now.story) <= TOLERANCE_MS * rate;
    this.#latest = continues ? last : now;
    this.#stretches = continues ? saved : [...saved, now];
    if (!continues) writeFileSync(file, JSON.stringify(this.#stretches));
  }

  toSimulated(wall: Date): Date {
    const time = wall.getTime();
    const stretch =
      this.#stretches.findLast((period) => period.wall <= time) ?? this.#stretches[0] ?? this.#latest;
    return new Date(simulatedTimeIn(stretch, time));
  }

  toWall(simulated: Date): Date {
    const { wall, story: start, rate } = this.#latest;
    return new Date(wall + (simulated.getTime() - start) / rate);
  }
}

const simulatedTimeIn = ({ wall, story, rate }: RatePeriod, time: number): number =>
  story + (time - wall) * rate;
