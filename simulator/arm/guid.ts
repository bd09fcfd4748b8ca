import { hash } from 'node:crypto';

/**
 * Returns the same GUID for the same words. So a resource keeps its identity over restarts of the
 * simulator.
 */
export function stableGuid(...words: readonly (string | number)[]): string {
  const hex = hash('sha1', words.join('\n'));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
