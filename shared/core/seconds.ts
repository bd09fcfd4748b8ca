// Seconds as people read them. Answers and reports call this file.

/** Rounds to tenths: sums of durations have fractions such as 482.02500000000003. */
export const roundSeconds = (seconds: number): number => Math.round(seconds * 10) / 10;
