// The addresses that a callback may use.
import fc from 'fast-check';
import {
  findAllowedAddress,
  isPrivateAddress,
  parseAllowedAddress,
  type AllowedAddress,
} from '../../../shared/core/allowedAddresses.ts';

const list = (...texts: string[]): AllowedAddress[] =>
  texts.map((text) => {
    const entry = parseAllowedAddress(text);
    if (!entry) throw new Error(`${text} is no entry.`);
    return entry;
  });
const allows = (url: string, ...texts: string[]): boolean =>
  findAllowedAddress(new URL(url), list(...texts)) !== undefined;

test.each([
  ['https://hooks.example.com/a?b', 'hooks.example.com'],
  ['https://HOOKS.example.com/', 'Hooks.Example.com'],
  ['https://hooks.example.com:8443/', 'hooks.example.com:8443'],
  ['https://a.example.com/', '*.example.com'],
  ['https://a.b.example.com/', '*.example.com'],
  ['http://10.1.2.3:8080/', 'http://10.1.2.3:8080 private'],
  ['https://[::1]:7071/x', '[::1]:7071 private'],
  ['https://[0:0::1]/x', '[::1]'],
  ['http://0x7f.1/', 'http://127.0.0.1 private'],
])('%s passes the list "%s" [TRG-5]', (url, entry) => expect(allows(url, entry)).toBe(true));

test.each([
  ['http://hooks.example.com/', 'hooks.example.com'],
  ['https://hooks.example.com/', 'http://hooks.example.com'],
  ['https://hooks.example.com:8443/', 'hooks.example.com'],
  ['https://hooks.example.com.evil.test/', 'hooks.example.com'],
  ['https://evilexample.com/', '*.example.com'],
  ['https://example.com/', '*.example.com'],
  ['https://.example.com/', '*.example.com'],
  ['https://user:password@hooks.example.com/', 'hooks.example.com'],
  ['https://hooks.example.com@evil.test/', 'hooks.example.com'],
  ['ftp://hooks.example.com/', 'hooks.example.com'],
  ['file:///etc/passwd', '*.example.com'],
  ['https://127.0.0.1/', 'hooks.example.com'],
])('%s does not pass the list "%s" [TRG-5]', (url, entry) => expect(allows(url, entry)).toBe(false));

test('an empty list allows nothing [TRG-5]', () => expect(allows('https://hooks.example.com/')).toBe(false));

test.each([
  '',
  '*',
  '*.',
  'https://',
  'ftp://a.example',
  'a.example/path',
  'a.example:port',
  'a.example public',
  'a b',
  '*.*.example',
  'a..example',
  '[::1',
  'user@a.example',
])('"%s" is no valid entry [TRG-5]', (text) => expect(parseAllowedAddress(text)).toBeUndefined());

test('an entry tells whether it may lead to a private address [TRG-5]', () => {
  expect(parseAllowedAddress('http://127.0.0.1:80 private')).toEqual({
    protocol: 'http:',
    host: '127.0.0.1',
    port: '80',
    mayBePrivate: true,
  });
  expect(parseAllowedAddress(' Hooks.Example.com ')).toEqual({
    protocol: 'https:',
    host: 'hooks.example.com',
    port: '443',
    mayBePrivate: false,
  });
  expect(
    findAllowedAddress(new URL('https://a.example/'), list('a.example', 'a.example private'))?.mayBePrivate,
  ).toBe(true);
});

const PRIVATE = [
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '::127.0.0.1',
  '64:ff9b::a00:1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '',
  'localhost',
  '1.2.3',
  '256.1.1.1',
  '1.2.3.4.5',
];
const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '168.63.129.17',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001::200e',
  '::ffff:8.8.8.8',
];

test.each(PRIVATE)('"%s" is not public [TRG-5]', (address) => expect(isPrivateAddress(address)).toBe(true));
test.each(PUBLIC)('%s is public [TRG-5]', (address) => expect(isPrivateAddress(address)).toBe(false));

test('an address gets the same verdict in every spelling [TRG-5]', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) =>
      expect(isPrivateAddress(`::ffff:${address}`)).toBe(isPrivateAddress(address)),
    ),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) =>
      expect(isPrivateAddress(address.toUpperCase())).toBe(isPrivateAddress(address)),
    ),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) =>
      expect(isPrivateAddress(new URL(`http://[${address}]`).hostname.slice(1, -1))).toBe(
        isPrivateAddress(address),
      ),
    ),
  );
});

test('no private address passes [TRG-5]', () => {
  const byte = fc.nat(255);
  const within = fc
    .oneof(
      fc.tuple(fc.constantFrom('10', '127', '0'), byte, byte, byte),
      fc.tuple(fc.constant('192.168'), byte, byte),
      fc.tuple(fc.constant('169.254'), byte, byte),
      fc.tuple(
        fc.integer({ min: 16, max: 31 }).map((second) => `172.${second}`),
        byte,
        byte,
      ),
      fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
    )
    .map((parts) => parts.join('.'));
  fc.assert(fc.property(within, (address) => expect(isPrivateAddress(address)).toBe(true)));
});
