// The library ipaddr.js checks our rules for addresses and for ranges of addresses.
import ipaddr from 'ipaddr.js';
import fc from 'fast-check';
import { isPrivateAddress } from '../../../shared/core/allowedAddresses.ts';
import { overlapOf, addressStateIn } from '../../../shared/scenarios/enabling/addressRanges.ts';

/** Azure's fabric answers every machine at this address, which is public in the rest of the world. */
const AZURE_FABRIC = '168.63.129.16';
/** IANA calls these ranges global: relays of multicast, and delegations of AS112. */
const GLOBAL = ['192.52.193.0/24', '192.175.48.0/24', '192.31.196.0/24', '2001:3::/32', '2620:4f:8000::/48'];

const inGlobal = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  GLOBAL.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === address.kind() && address.match(network, bits);
  });
const publicToLibrary = (text: string): boolean => {
  const address = ipaddr.process(text);
  return address.range() === 'unicast' || inGlobal(address);
};

const octet = fc.integer({ min: 0, max: 255 });
/** Many addresses near the borders of special ranges, and some random ones. */
const fours = fc.oneof(
  fc.ipV4(),
  fc
    .tuple(fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 203, 223, 224, 240, 255), octet, octet, octet)
    .map((bytes) => bytes.join('.')),
);
const sixes = fc.oneof(
  fc.ipV6(),
  fc
    .tuple(
      fc.constantFrom(
        '2000',
        '2001',
        '2002',
        '2606',
        '3ffe',
        '3fff',
        '4000',
        'fc00',
        'fe80',
        'ff02',
        '64',
        '0',
      ),
      fc.constantFrom('0', '1', '3', '20', 'db8', '1ff', '200', 'ff9b', 'fff', '1000'),
      fc.integer({ min: 0, max: 0xffff }),
    )
    .map(([a, b, c]) => `${a}:${b}:${c.toString(16)}::1`),
);

test('an address that is special to ipaddr.js is never public to us [property] [TRG-5]', () => {
  fc.assert(
    fc.property(fc.oneof(fours, sixes), (address) => {
      if (!publicToLibrary(address)) expect([address, isPrivateAddress(address)]).toEqual([address, true]);
    }),
    { numRuns: 5000 },
  );
});

test('isPrivate agrees with ipaddr.js on IPv4, except for the fabric of Azure [property] [TRG-5]', () => {
  fc.assert(
    fc.property(fours, (address) => {
      fc.pre(address !== AZURE_FABRIC);
      expect([address, isPrivateAddress(address)]).toEqual([address, !publicToLibrary(address)]);
    }),
    { numRuns: 5000 },
  );
  expect([publicToLibrary(AZURE_FABRIC), isPrivateAddress(AZURE_FABRIC)]).toEqual([true, true]);
});

const prefix = fc
  .tuple(
    fc.tuple(fc.constantFrom(10, 10, 172), fc.constantFrom(0, 1, 16), octet, octet),
    fc.integer({ min: 0, max: 32 }),
  )
  .map(([bytes, bits]) => `${bytes.join('.')}/${bits}`);
const endsOf = (range: string): readonly [string, string] => [
  ipaddr.IPv4.networkAddressFromCIDR(range).toString(),
  ipaddr.IPv4.broadcastAddressFromCIDR(range).toString(),
];
const isInside = (address: string, range: string): boolean => {
  const [network, bits] = ipaddr.IPv4.parseCIDR(range);
  return ipaddr.IPv4.parse(address).match(network, bits);
};

test('ipaddr.js finds the same overlap of two ranges [property] [NET-1]', () => {
  fc.assert(
    fc.property(prefix, prefix, (outer, inner) => {
      const inside = endsOf(inner).map((end) => isInside(end, outer));
      const around = endsOf(outer).some((end) => isInside(end, inner));
      const expected = inside.every(Boolean) ? 'all' : inside.some(Boolean) || around ? 'some' : 'none';
      expect([outer, inner, overlapOf(outer, inner)]).toEqual([outer, inner, expected]);
    }),
    { numRuns: 3000 },
  );
});

test('ipaddr.js finds the same addresses inside a subnet [property] [NET-1]', () => {
  fc.assert(
    fc.property(prefix, fc.tuple(fc.constant(10), fc.constantFrom(0, 1), octet, octet), (subnet, bytes) => {
      const address = bytes.join('.');
      expect([subnet, address, addressStateIn(subnet, address) === 'outside']).toEqual([
        subnet,
        address,
        !isInside(address, subnet),
      ]);
    }),
    { numRuns: 3000 },
  );
});

test('a range that ipaddr.js cannot read is invalid for us too', () => {
  for (const text of ['10.0.0.0/33', '10.0.0.256/8', '10.0.0.0/', 'VirtualNetwork', '*', '']) {
    expect(ipaddr.IPv4.isValidCIDR(text)).toBe(false);
    expect(overlapOf(text, '10.0.0.0/8')).toBeUndefined();
  }
});
