// Parses and compares ranges of IPv4 addresses.

const addressNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

interface AddressRange {
  readonly first: number;
  readonly last: number;
}

export function parseRange(prefix: string): AddressRange | undefined {
  const [, address = '', bits] = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(prefix) ?? [];
  if (address === '' || Number(bits ?? 32) > 32 || address.split('.').some((part) => Number(part) > 255))
    return undefined;
  const size = 2 ** (32 - Number(bits ?? 32));
  const first = Math.floor(addressNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

/** Whether a range is entirely inside one of the outer ranges. */
export function isWithin(prefix: string, outer: readonly string[]): boolean {
  const inner = parseRange(prefix);
  return (
    inner !== undefined &&
    outer.some((candidate) => {
      const range = parseRange(candidate);
      return range !== undefined && range.first <= inner.first && inner.last <= range.last;
    })
  );
}

export function rangesOverlap(firstRange: string, secondRange: string): boolean {
  const [a, b] = [parseRange(firstRange), parseRange(secondRange)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}
