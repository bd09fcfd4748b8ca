// Decides which addresses a callback may use. The setting LIFEBOAT_CALLBACKS lists them. A private
// address needs an entry with the mark `private`.

/** One entry of the list of allowed callback addresses. */
export interface AllowedAddress {
  readonly protocol: 'http:' | 'https:';
  /** In lower case; `*.example.com` stands for every name below example.com. */
  readonly host: string;
  readonly port: string;
  readonly mayBePrivate: boolean;
}

const ALLOWED_ADDRESS =
  /^(?:(https?):\/\/)?(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(\d{1,5}))?(?:\s+(private))?$/i;
const STANDARD_PORT = { 'http:': '80', 'https:': '443' } as const;

/**
 * Parses `[http://]host[:port] [private]`; the host may begin with `*.`. Returns undefined for any
 * other text.
 */
export function parseAllowedAddress(text: string): AllowedAddress | undefined {
  const [, scheme = 'https', wildcard = '', host = '', port, privateMark] =
    ALLOWED_ADDRESS.exec(text.trim()) ?? [];
  const protocol = `${scheme.toLowerCase()}:` as AllowedAddress['protocol'];
  // `URL` gives the host the same spelling as in the address of a request.
  if (host === '' || !URL.canParse(`${protocol}//${host}`)) return undefined;
  return {
    protocol,
    host: wildcard + new URL(`${protocol}//${host}`).hostname,
    port: port ?? STANDARD_PORT[protocol],
    mayBePrivate: privateMark !== undefined,
  };
}

/** Returns the entry that allows this address, or undefined. */
export function findAllowedAddress(
  url: URL,
  allowedAddresses: readonly AllowedAddress[],
): AllowedAddress | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const port = url.port || STANDARD_PORT[url.protocol];
  const matching = allowedAddresses.filter(
    (entry) =>
      entry.protocol === url.protocol && entry.port === port && matchesHost(url.hostname, entry.host),
  );
  return matching.find((entry) => entry.mayBePrivate) ?? matching[0];
}

const matchesHost = (host: string, allowedHost: string): boolean =>
  allowedHost.startsWith('*.')
    ? host.endsWith(allowedHost.slice(1)) && host.length > allowedHost.length - 1
    : host === allowedHost;

type AddressPrefix = readonly [address: string, bits: number];

/**
 * All ranges outside the public internet. 168.63.129.16 is the address of Azure's own fabric; it
 * answers every machine.
 */
const PRIVATE_IPV4: readonly AddressPrefix[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['168.63.129.16', 32],
];
/**
 * Only 2000::/3 of IPv6 is public. PRIVATE_IPV6 lists the exceptions: Teredo and similar ranges,
 * documentation, 6to4.
 */
const PUBLIC_IPV6: AddressPrefix = ['2000::', 3];
const PRIVATE_IPV6: readonly AddressPrefix[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** True for a private address, and for a text that is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const ipv4Bits = ipv4BitsOf(address);
  if (ipv4Bits !== undefined)
    return PRIVATE_IPV4.some((network) => isInRange(ipv4Bits, 32, ipv4BitsOf, network));
  const ipv6Bits = ipv6BitsOf(address);
  if (ipv6Bits === undefined) return true;
  // An IPv4-mapped IPv6 address, such as ::ffff:10.0.0.4.
  if (ipv6Bits >> 32n === 0xffffn)
    return PRIVATE_IPV4.some((network) => isInRange(ipv6Bits & 0xffffffffn, 32, ipv4BitsOf, network));
  return (
    !isInRange(ipv6Bits, 128, ipv6BitsOf, PUBLIC_IPV6) ||
    PRIVATE_IPV6.some((network) => isInRange(ipv6Bits, 128, ipv6BitsOf, network))
  );
}

function isInRange(
  address: bigint,
  addressBits: number,
  bitsOf: (text: string) => bigint | undefined,
  [network, bits]: AddressPrefix,
): boolean {
  const shift = BigInt(addressBits - bits);
  return address >> shift === (bitsOf(network) ?? 0n) >> shift;
}

function ipv4BitsOf(text: string): bigint | undefined {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part < 256)
    ? parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)
    : undefined;
}

function ipv6BitsOf(text: string): bigint | undefined {
  const withoutZone = text.split('%')[0] ?? '';
  // The URL parser accepts every spelling of an IPv6 address and returns the canonical one.
  if (!withoutZone.includes(':') || !URL.canParse(`http://[${withoutZone}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
