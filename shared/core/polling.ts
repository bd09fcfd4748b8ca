// When to look again: rarely in the middle, often while an end is likely, ever less often when it
// is long past.

const SHORTEST = 5;
const LONGEST = 600;
const LOOKS_BETWEEN = 100;
/** So little before an end is likely no look is worth its while. */
const NEAR = 60;

/** Between which seconds from its begin something is expected to end. */
export interface Expected {
  readonly early: number;
  readonly late: number;
}

/** What ends so is well within what is usual. */
const MARGIN = 0.1;
export const aroundUsual = (usual: number): Expected => ({ early: usual * (1 - MARGIN), late: usual });
/** By the fastest and the slowest of the past. */
export const aroundLearned = ({
  least,
  most,
}: {
  readonly least: number;
  readonly most: number;
}): Expected => ({ early: least * (1 - MARGIN), late: most * (1 + MARGIN) });

/** By then it stands in the lists, and what Azure refused at once has ended. */
const LISTED = 30;

/** Seconds until the first look at what was begun, and accepted, just now. */
export const secondsToFirstLook = ({ early }: Expected): number =>
  Math.max(SHORTEST, Math.floor(Math.min(LISTED, early)));

/**
 * How many things are open for each second between two looks: a look at a thousand takes as many
 * pages, and is worth it less often.
 */
const OPEN_FOR_A_SECOND = 100;
const RARELY = 10;

/** Seconds between two looks at so many, at the least. */
export const secondsBetweenLooks = (open: number): number =>
  Math.min(RARELY, Math.max(SHORTEST, Math.ceil(open / OPEN_FOR_A_SECOND)));

/** Seconds until the next look at something that began `elapsed` seconds ago. */
export function secondsToNextLook(elapsed: number, { early, late }: Expected): number {
  const left = early - elapsed;
  if (left > SHORTEST) return clamp(left > Math.min(NEAR, early / 2) ? left / 2 : left);
  const over = elapsed - late;
  // What may end on any of three days is not looked at every ten seconds.
  return clamp(over <= 0 ? (late - early) / LOOKS_BETWEEN : over / 4);
}

const clamp = (seconds: number): number => Math.round(Math.min(LONGEST, Math.max(SHORTEST, seconds)));
