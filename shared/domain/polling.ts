// When to look again: rarely in the middle, often near the usual end, ever less often when it is long past.

const SHORTEST = 10;
const LONGEST = 600;

/** Seconds until the next look at something that began `elapsed` seconds ago and usually takes `usual`. */
export function secondsToNextLook(elapsed: number, usual: number): number {
  const left = usual * 0.9 - elapsed;
  if (left > SHORTEST) return clamp(left / 2);
  const late = elapsed - usual;
  return late <= 0 ? SHORTEST : clamp(late / 4);
}

const clamp = (seconds: number): number => Math.round(Math.min(LONGEST, Math.max(SHORTEST, seconds)));
