// Story time and wall time, each from the other. The extension lives in wall time, the app in story time.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { StoryClock } from '../../clock/story-clock.ts';
import { StartError } from '../start-error.ts';

/** From this moment on story time runs at this rate. All times in milliseconds since 1970. */
interface Stretch {
  readonly wall: number;
  readonly story: number;
  readonly rate: number;
}

/** A clock may differ this much (wall time) from its stretch: it is read over the network. */
const TOLERANCE = 2_000;

/**
 * A replay must give the orchestrator the same times as its first run. So the stretches are kept in
 * a file, and a past time is always read by the stretch that it belongs to.
 */
export class StoryTimes {
  readonly #stretches: readonly Stretch[];
  readonly #latest: Stretch;

  constructor(file: string, clock: StoryClock) {
    const { rate } = clock;
    if (rate === null)
      throw new StartError(
        'The real Durable engine needs a clock that flows: real or scaled:N, not jumping.',
      );
    const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stretch[]) : [];
    const now = { wall: Date.now(), story: clock.now(), rate };
    const last = kept.at(-1);
    const goesOn = last?.rate === rate && Math.abs(storyIn(last, now.wall) - now.story) <= TOLERANCE * rate;
    this.#latest = goesOn ? last : now;
    this.#stretches = goesOn ? kept : [...kept, now];
    if (!goesOn) writeFileSync(file, JSON.stringify(this.#stretches));
  }

  toStory(wall: Date): Date {
    const moment = wall.getTime();
    const stretch =
      this.#stretches.findLast((one) => one.wall <= moment) ?? this.#stretches[0] ?? this.#latest;
    return new Date(storyIn(stretch, moment));
  }

  toWall(story: Date): Date {
    const { wall, story: start, rate } = this.#latest;
    return new Date(wall + (story.getTime() - start) / rate);
  }
}

const storyIn = ({ wall, story, rate }: Stretch, moment: number): number => story + (moment - wall) * rate;
