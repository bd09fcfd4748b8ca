// Computes the times of recovery points. As the service documents it, all points of the last two
// hours stay. Of older points, one stays for each hour or more.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEEP_ALL_MS = 2 * HOUR_MS;

/**
 * Returns the interval in which one point stays, by its age and the retention. Null: every point
 * stays.
 */
function retentionStep(age: number, retention: number): number | null {
  if (age <= KEEP_ALL_MS) return null;
  if (retention <= DAY_MS) return HOUR_MS;
  return age <= 7 * DAY_MS ? 2 * HOUR_MS : 4 * HOUR_MS;
}

/** Returns the times of the remaining points, counted back from the newest. */
export function pointTimes(since: number, newest: number, step: number, retention: number): number[] {
  const rhythm = Math.ceil(since / step) * step;
  // Without a retention, only the latest point exists.
  if (retention === 0) return [Math.max(since, Math.floor(newest / step) * step)];
  const first = Math.max(rhythm, Math.ceil((newest - retention) / step) * step);
  // The end of the first copy is the first point.
  const times = since >= newest - retention && since < rhythm && since <= newest ? [since] : [];
  for (let time = first; time <= newest; time += step) {
    const every = retentionStep(newest - time, retention);
    if (every === null || Math.floor(time / every) !== Math.floor((time - step) / every)) times.push(time);
  }
  return times;
}
