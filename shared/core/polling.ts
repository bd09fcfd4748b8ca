// Decides the time of the next poll of a running operation. Polls are rare in the middle, and
// frequent while an end is likely. Long after the expected end the intervals grow.

const MIN_SECONDS = 5;
const MAX_SECONDS = 600;
const POLLS_WHILE_LIKELY = 100;
/** Closer than this to the likely end, an extra poll brings no benefit. */
const NEAR_SECONDS = 60;

/** The expected duration of an operation, from its beginning to its end. */
export interface ExpectedDuration {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** The tolerance around the usual durations. */
const MARGIN = 0.1;
/** Returns the expected duration around one usual value. */
export const usualDuration = (usualSeconds: number): ExpectedDuration => ({
  minSeconds: usualSeconds * (1 - MARGIN),
  maxSeconds: usualSeconds,
});
/** Returns the expected duration from the fastest and the slowest past operation. */
export const learnedDuration = ({
  min,
  max,
}: {
  readonly min: number;
  readonly max: number;
}): ExpectedDuration => ({ minSeconds: min * (1 - MARGIN), maxSeconds: max * (1 + MARGIN) });

/** After this time Azure lists the operation, and an immediate refusal by Azure has ended. */
const SECONDS_UNTIL_LISTED = 30;

/** Seconds until the first poll of an operation that Azure has just accepted. */
export const secondsToFirstPoll = ({ minSeconds }: ExpectedDuration): number =>
  Math.max(MIN_SECONDS, Math.floor(Math.min(SECONDS_UNTIL_LISTED, minSeconds)));

/**
 * The number of open operations for each second between two polls. A poll of a thousand operations
 * reads many pages, so it runs less often.
 */
const OPEN_PER_SECOND = 100;
const MAX_SECONDS_BETWEEN_POLLS = 10;

/** The minimum number of seconds between two polls of this many operations. */
export const secondsBetweenPolls = (openCount: number): number =>
  Math.min(MAX_SECONDS_BETWEEN_POLLS, Math.max(MIN_SECONDS, Math.ceil(openCount / OPEN_PER_SECOND)));

/** Seconds until the next poll of an operation that began `elapsedSeconds` ago. */
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
  // A longer window of likely ends gives longer intervals: three days need no poll every ten
  // seconds.
  return clamp(secondsOverdue <= 0 ? (maxSeconds - minSeconds) / POLLS_WHILE_LIKELY : secondsOverdue / 4);
}

const clamp = (seconds: number): number => Math.round(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, seconds)));
