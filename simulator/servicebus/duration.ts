// Parses the durations of queue and topic definitions.

const PATTERN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const UNITS = [86_400_000, 3_600_000, 60_000, 1_000];
/**
 * Azure's longest duration, P10675199DT2H48M5.4775807S, means "for ever". Nothing here lives for a
 * century.
 */
const CENTURY_MS = 100 * 365 * 86_400_000;

/** Parses an ISO 8601 duration (days and smaller units). Returns milliseconds. */
export function parseDurationMs(duration: string | undefined, defaultMs: number): number {
  if (duration === undefined) return defaultMs;
  const parts = PATTERN.exec(duration)?.slice(1);
  if (parts === undefined || !/\d/.test(duration))
    throw new Error(`"${duration}" is no duration such as PT1M, PT0.5S or P14D.`);
  const sum = UNITS.reduce((total, unit, index) => total + Number(parts[index] ?? 0) * unit, 0);
  return sum >= CENTURY_MS ? Infinity : Math.round(sum);
}
