// Computes with ranges of IPv4 addresses, as far as security rules need them. Pure.
interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf(text: string): Ipv4Range | undefined {
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

/** How much of a range another range covers. */
export type Overlap = 'all' | 'some' | 'none';

/** How much of the inner range the outer range covers; undefined when one text is not a range. */
export function overlapOf(outer: string, inner: string): Overlap | undefined {
  const [outerRange, innerRange] = [rangeOf(outer), rangeOf(inner)];
  if (!outerRange || !innerRange) return undefined;
  if (outerRange.first <= innerRange.first && outerRange.last >= innerRange.last) return 'all';
  return outerRange.last < innerRange.first || innerRange.last < outerRange.first ? 'none' : 'some';
}

const PRIVATE_RANGES = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
];

/** True when no address of the range is a public internet address. */
export const isPrivateRange = (range: string): boolean =>
  PRIVATE_RANGES.some((privateRange) => overlapOf(privateRange, range) === 'all');

/**
 * The state of an address in a subnet. Azure reserves the first four addresses and the last one.
 */
export function addressStateIn(subnet: string, address: string): 'free' | 'reserved' | 'outside' {
  const [range, single] = [rangeOf(subnet), rangeOf(address)];
  if (!range || !single || single.first < range.first || single.last > range.last) return 'outside';
  return single.first < range.first + 4 || single.first === range.last ? 'reserved' : 'free';
}
