import { effectiveKey, keyFromHeader, createKeyRanges, findRange } from '../../cosmos/partition-key.ts';

// The same hashes as in `@azure/cosmos`: it computes the range of a bulk request by itself.
test.each<[unknown, string]>([
  ['', '32E9366E637A71B4E710384B2F4970A0'],
  ['redmond', '22E342F38A486A088463DFF7838A5963'],
  ['größe ☂', '2EB1FC2BEA282E58C6DFD9E6826EB356'],
  ['exactly 14 char', '38F15E5DF409A523064A8E23F4C6630B'],
  ['x'.repeat(100), '3F35F33CA8F8DA98DB46E18CDC66A245'],
  [0, '155B95BEDAC4B1E9EC1CDC9BB0DDDE58'],
  [-1.5, '151793206780805FF6E1DCAE6C787B6A'],
  [1e300, '1234CB21048B20039B22F11DBB13CD7B'],
  [true, '0E711127C5B5A8E4726AC6DD306A3E59'],
  [false, '2FE1BE91E90A3439635E0E9E37361EF2'],
  [null, '378867E4430E67857ACE5C908374FE16'],
  [{}, '11622DAA78F835834610ABE56EFF5CB5'],
])('the key %j has the same hash as in Cosmos DB', (key, place) => {
  expect(effectiveKey(keyFromHeader(JSON.stringify([key]), 1))).toBe(place);
});

test.each([1, 2, 3, 5])(
  '%i ranges cover the space without gap or overlap, and keys spread over them',
  (count) => {
    const ranges = createKeyRanges(count);
    expect(ranges.map(({ min }) => min)).toEqual(['', ...ranges.slice(0, -1).map(({ max }) => max)]);
    expect(ranges.at(-1)?.max).toBe('FF');
    const found = Array.from(
      { length: 300 },
      (_, index) => findRange(ranges, effectiveKey(keyFromHeader(`["key ${index}"]`, 1))).id,
    );
    for (const { id } of ranges)
      expect(found.filter((one) => one === id).length).toBeGreaterThan(300 / count / 2);
  },
);
