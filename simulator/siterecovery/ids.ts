// Creates names as Azure writes them: ARM ids, GUIDs, and Azure's various time formats.

import { hash } from 'node:crypto';

export { stableGuid as guidOf } from '../arm/guid.ts';

/** Azure ignores the casing of names. */
export const isSameName = (left: string, right: string): boolean =>
  left.toLowerCase() === right.toLowerCase();

/** Returns a number in [0, 1). The same words always give the same number. */
export function seededNumber(...words: readonly (string | number)[]): number {
  return Number.parseInt(hash('sha1', words.join('\n')).slice(0, 8), 16) / 2 ** 32;
}

export type SecondsRange = readonly [least: number, most: number];

/**
 * Returns milliseconds in whole seconds. Parallel work of many items then shares few points in
 * time, and a jumping clock advances quickly.
 */
export const seededDuration = ([least, most]: SecondsRange, ...seed: readonly (string | number)[]): number =>
  Math.round(least + (most - least) * seededNumber(...seed)) * 1000;

/** Formats a simulated time with the seven decimals of .NET. */
export const formatTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/**
 * Formats the end of an operation: truncated to the second, but with seven decimals. So the end can
 * lie before the start.
 */
export const formatTimeToSecond = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 19)}.0000000Z`;

export const NEVER_STARTED = '0001-01-01T00:00:00';
export const NO_SCENARIO_TIME = '1753-01-01T01:01:01Z';
