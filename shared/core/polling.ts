// When to look again: rarely in the middle, often while an end is likely, ever less often when it
// is long past.

const MIN_SECONDS = 5;
const MAX_SECONDS = 600;
const POLLS_WHILE_LIKELY = 100;
/** So little before an end is likely no look is worth its while. */
const NEAR_SECONDS = 60;

/** Between which seconds from its begin something is expected to end. */
export interface ExpectedDuration {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** What ends so is well within what is usual. */
const MARGIN = 0.1;
export const usualDuration = (usualSeconds: number): ExpectedDuration => ({
  minSeconds: usualSeconds * (1 - MARGIN),
  maxSeconds: usualSeconds,
});
/** By the fastest and the slowest of the past. */
export const learnedDuration = ({
  min,
  max,
}: {
  readonly min: number;
  readonly max: number;
}): ExpectedDuration => ({ minSeconds: min * (1 - MARGIN), maxSeconds: max * (1 + MARGIN) });

/** By then it stands in the lists, and what Azure refused at once has ended. */
const SECONDS_UNTIL_LISTED = 30;

/** Seconds until the first look at what was begun, and accepted, just now. */
export const secondsToFirstPoll = ({ minSeconds }: ExpectedDuration): number =>
  Math.max(MIN_SECONDS, Math.floor(Math.min(SECONDS_UNTIL_LISTED, minSeconds)));

/**
 * How many things are open for each second between two looks: a look at a thousand takes as many
 * pages, and is worth it less often.
 */
const OPEN_PER_SECOND = 100;
const MAX_SECONDS_BETWEEN_POLLS = 10;

/** Seconds between two looks at so many, at the least. */
export const secondsBetweenPolls = (openCount: number): number =>
  Math.min(MAX_SECONDS_BETWEEN_POLLS, Math.max(MIN_SECONDS, Math.ceil(openCount / OPEN_PER_SECOND)));

/** Seconds until the next look at something that began `elapsed` seconds ago. */
export function secondsToNextPoll(
  elapsedSeconds: number,
  { minSeconds, maxSeconds }: ExpectedDuration,
): number {
  const secondsUntilLikely = minSeconds - elapsedSeconds;
  if (secondsUntilLikely > MIN_SECONDS)
    return clamp(
      secondsUntilLikely > Math.min(NEAR_SECONDS, minSeconds / 2)
        ? secondsUntilLikely / 2
        : secondsUntilLikely,
    );
  const secondsOverdue = elapsedSeconds - maxSeconds;
  // What may end on any of three days is not looked at every ten seconds.
  return clamp(secondsOverdue <= 0 ? (maxSeconds - minSeconds) / POLLS_WHILE_LIKELY : secondsOverdue / 4);
}

const clamp = (seconds: number): number => Math.round(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, seconds)));
