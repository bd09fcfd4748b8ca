// Which addresses call-backs may go to: those on a list, and private ones only where the list says so.

export interface AllowedAddress {
  readonly protocol: 'http:' | 'https:';
  /** In lower case; `*.example.com` stands for every name below example.com. */
  readonly host: string;
  readonly port: string;
  readonly mayBePrivate: boolean;
}

const ENTRY =
  /^(?:(https?):\/\/)?(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::(\d{1,5}))?(?:\s+(private))?$/i;
const STANDARD_PORT = { 'http:': '80', 'https:': '443' } as const;

/** One entry: `[http://]host[:port] [private]`, where host may begin with `*.`. Undefined when it is none. */
export function readEntry(text: string): AllowedAddress | undefined {
  const [, scheme = 'https', wild = '', host = '', port, mark] = ENTRY.exec(text.trim()) ?? [];
  const protocol = `${scheme.toLowerCase()}:` as AllowedAddress['protocol'];
  // The same spelling as in the address of a request.
  if (host === '' || !URL.canParse(`${protocol}//${host}`)) return undefined;
  return {
    protocol,
    host: wild + new URL(`${protocol}//${host}`).hostname,
    port: port ?? STANDARD_PORT[protocol],
    mayBePrivate: mark !== undefined,
  };
}

/** The entry that allows this address; undefined when none does. */
export function entryFor(url: URL, list: readonly AllowedAddress[]): AllowedAddress | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const port = url.port || STANDARD_PORT[url.protocol];
  const matching = list.filter(
    (entry) => entry.protocol === url.protocol && entry.port === port && isHost(url.hostname, entry.host),
  );
  return matching.find((entry) => entry.mayBePrivate) ?? matching[0];
}

const isHost = (host: string, allowed: string): boolean =>
  allowed.startsWith('*.')
    ? host.endsWith(allowed.slice(1)) && host.length > allowed.length - 1
    : host === allowed;

type Network = readonly [address: string, bits: number];

/**
 * Everything that is not the public internet, and the address at which Azure's own fabric answers
 * every machine.
 */
const PRIVATE_4: readonly Network[] = [
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
/** Of IPv6 only 2000::/3 is public, without these: Teredo and its kin, documentation, 6to4. */
const PUBLIC_6: Network = ['2000::', 3];
const PRIVATE_6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

/** True also for what is no address at all. */
export function isPrivate(address: string): boolean {
  const four = bitsOf4(address);
  if (four !== undefined) return PRIVATE_4.some((network) => isIn(four, 32, bitsOf4, network));
  const six = bitsOf6(address);
  if (six === undefined) return true;
  // An IPv4 address in IPv6's clothes.
  if (six >> 32n === 0xffffn)
    return PRIVATE_4.some((network) => isIn(six & 0xffffffffn, 32, bitsOf4, network));
  return !isIn(six, 128, bitsOf6, PUBLIC_6) || PRIVATE_6.some((network) => isIn(six, 128, bitsOf6, network));
}

function isIn(
  address: bigint,
  width: number,
  bitsOf: (text: string) => bigint | undefined,
  [network, bits]: Network,
): boolean {
  const shift = BigInt(width - bits);
  return address >> shift === (bitsOf(network) ?? 0n) >> shift;
}

function bitsOf4(text: string): bigint | undefined {
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part < 256)
    ? parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n)
    : undefined;
}

function bitsOf6(text: string): bigint | undefined {
  const plain = text.split('%')[0] ?? '';
  // The URL parser knows every spelling of an IPv6 address, and gives each the same one.
  if (!plain.includes(':') || !URL.canParse(`http://[${plain}]`)) return undefined;
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
