// Names as Azure writes them: ARM ids, GUIDs, and its many ways to print a moment.

import { createHash } from 'node:crypto';

/** The same GUID for the same words, so that a machine keeps its identity however often the desk is started. */
export function guidOf(...words: readonly (string | number)[]): string {
  const hex = createHash('sha1').update(words.join('\n')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A number in [0, 1) that belongs to these words. */
export function chanceOf(...words: readonly (string | number)[]): number {
  return createHash('sha1').update(words.join('\n')).digest().readUInt32BE(0) / 2 ** 32;
}

export type Range = readonly [least: number, most: number];

export const secondsBetween = ([least, most]: Range, ...seed: readonly (string | number)[]): number => Math.round((least + (most - least) * chanceOf(...seed)) * 1000);

/** Story time with the seven decimals of .NET. */
export const wireTime = (time: number): string => new Date(time).toISOString().replace('Z', '0000Z');

/** The end of an operation is cut to the second and yet printed with seven decimals: it can lie before the start. */
export const wireTimeCut = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}.0000000Z`;

export const NEVER_STARTED = '0001-01-01T00:00:00';
export const NO_SCENARIO_TIME = '1753-01-01T01:01:01Z';

export function armId(subscription: string, resourceGroup: string, type: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
}
