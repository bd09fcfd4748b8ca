// Names as Azure writes them: ARM ids, GUIDs, and its many ways to print a moment.

import { hash } from 'node:crypto';

export { stableGuid as guidOf } from '../arm/guid.ts';

/** A number in [0, 1) that belongs to these words. */
export function seededNumber(...words: readonly (string | number)[]): number {
  return Number.parseInt(hash('sha1', words.join('\n')).slice(0, 8), 16) / 2 ** 32;
}

export type SecondsRange = readonly [least: number, most: number];

/**
 * Milliseconds, but of whole seconds: what many items do at once then falls on few moments, and a
 * jumping clock gets along quickly.
 */
export const seededDuration = ([least, most]: SecondsRange, ...seed: readonly (string | number)[]): number =>
  Math.round(least + (most - least) * seededNumber(...seed)) * 1000;

/** Story time with the seven decimals of .NET. */
export const formatTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/**
 * The end of an operation is cut to the second and yet printed with seven decimals: it can lie
 * before the start.
 */
export const formatTimeToSecond = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 19)}.0000000Z`;

export const NEVER_STARTED = '0001-01-01T00:00:00';
export const NO_SCENARIO_TIME = '1753-01-01T01:01:01Z';
