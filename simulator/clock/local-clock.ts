// The clock of the process that owns story time.

import { openClockFile } from './clock-file.ts';
import { createRunningClock } from './running-clock.ts';
import type { LocalClock } from './jump-control.ts';
import { JumpingClock } from './jumping-clock.ts';
import type { ClockMode } from './simulated-clock.ts';

export interface LocalClockOptions {
  /**
   * Where story time begins, in milliseconds since 1970; now, if not given. Real time begins now in
   * any case.
   */
  readonly start?: number;
  /** Where story time is kept, so that it goes on there after a restart. */
  readonly file?: string;
}

/**
 * Story time goes on where the file says it was; real time too, when the story was ahead of it,
 * since it never goes backwards.
 */
export function createLocalClock(mode: ClockMode, options: LocalClockOptions = {}): LocalClock {
  const file = options.file === undefined ? undefined : openClockFile(options.file);
  const saved = file?.read();
  if (mode === 'real') return createRunningClock(1, Math.max(Date.now(), saved ?? 0), file);
  const start = saved ?? options.start ?? Date.now();
  return mode === 'jumping' ? new JumpingClock(start, file) : createRunningClock(rateOf(mode), start, file);
}

/** Reads a mode as it is given on a command line. */
export function parseClockMode(text: string): ClockMode {
  if (text === 'real' || text === 'jumping') return text;
  const rate = /^scaled:(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  if (rate === undefined || Number(rate) === 0)
    throw new Error(`"${text}" is no clock: real, jumping or scaled:N with N above 0.`);
  return `scaled:${Number(rate)}`;
}

const rateOf = (mode: `scaled:${number}`): number => Number(mode.slice('scaled:'.length));
