// Creates the clock of the process that owns the simulated time.

import { openClockFile } from './clock-file.ts';
import { createRunningClock } from './running-clock.ts';
import type { LocalClock } from './jump-control.ts';
import { JumpingClock } from './jumping-clock.ts';
import type { ClockMode } from './simulated-clock.ts';

/** The start and the file of a clock. */
export interface LocalClockOptions {
  /**
   * The first simulated time, in milliseconds since 1970. The default is the current time. A real
   * clock always starts at the current time.
   */
  readonly start?: number;
  /** The file that keeps the simulated time, so that the time continues after a restart. */
  readonly file?: string;
}

/**
 * Creates a clock that continues at the time in the file. A real clock does so too when the file is
 * ahead of the wall clock, since time never goes backwards.
 */
export function createLocalClock(mode: ClockMode, options: LocalClockOptions = {}): LocalClock {
  const file = options.file === undefined ? undefined : openClockFile(options.file);
  const saved = file?.read();
  if (mode === 'real') return createRunningClock(1, Math.max(Date.now(), saved ?? 0), file);
  const start = saved ?? options.start ?? Date.now();
  return mode === 'jumping' ? new JumpingClock(start, file) : createRunningClock(rateOf(mode), start, file);
}

/** Parses the clock mode of a command line. */
export function parseClockMode(text: string): ClockMode {
  if (text === 'real' || text === 'jumping') return text;
  const rate = /^scaled:(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (rate === undefined || Number(rate) === 0)
    throw new Error(`"${text}" is not a clock: use real, jumping or scaled:N with N above 0.`);
  return `scaled:${Number(rate)}`;
}

const rateOf = (mode: `scaled:${number}`): number => Number(mode.slice('scaled:'.length));
