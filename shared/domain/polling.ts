// When to look again: rarely in the middle, often while an end is likely, ever less often when it is long past.

const SHORTEST = 10;
const LONGEST = 600;
const LOOKS_BETWEEN = 100;

/** Between which seconds from its begin something is expected to end. */
export interface Expected {
  readonly early: number;
  readonly late: number;
}

/** What ends so is well within what is usual. */
const MARGIN = 0.1;
export const aroundUsual = (usual: number): Expected => ({ early: usual * (1 - MARGIN), late: usual });
/** By the fastest and the slowest of the past. */
export const aroundLearned = ({ least, most }: { readonly least: number; readonly most: number }): Expected => ({ early: least * (1 - MARGIN), late: most * (1 + MARGIN) });

/** Seconds until the next look at something that began `elapsed` seconds ago. */
export function secondsToNextLook(elapsed: number, { early, late }: Expected): number {
  const left = early - elapsed;
  if (left > SHORTEST) return clamp(left / 2);
  const over = elapsed - late;
  // What may end on any of three days is not looked at every ten seconds.
  return clamp(over <= 0 ? (late - early) / LOOKS_BETWEEN : over / 4);
}

const clamp = (seconds: number): number => Math.round(Math.min(LONGEST, Math.max(SHORTEST, seconds)));
