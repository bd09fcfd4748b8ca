// Ranges of IPv4 addresses, as far as security rules need them.
interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text.trim());
  if (!match) return undefined;
  const bytes = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined;
  const size = 2 ** (32 - bits);
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

export type Overlap = 'all' | 'some' | 'none';

/** How much of one range another covers; undefined when either is none. */
export function covers(outer: string, inner: string): Overlap | undefined {
  const [a, b] = [rangeOf(outer), rangeOf(inner)];
  if (!a || !b) return undefined;
  if (a.first <= b.first && a.last >= b.last) return 'all';
  return a.last < b.first || b.last < a.first ? 'none' : 'some';
}

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
];

/** Wholly outside of what is reached over the internet. */
export const isPrivate = (range: string): boolean => PRIVATE.some((one) => covers(one, range) === 'all');

/** Whether an address can be had in a subnet: Azure keeps the first four and the last for itself. */
export function reservedIn(subnet: string, address: string): 'free' | 'reserved' | 'outside' {
  const [range, one] = [rangeOf(subnet), rangeOf(address)];
  if (!range || !one || one.first < range.first || one.last > range.last) return 'outside';
  return one.first < range.first + 4 || one.first === range.last ? 'reserved' : 'free';
}
