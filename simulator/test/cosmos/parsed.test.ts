import { ParsedDocuments } from '../../cosmos/parsed.ts';

const row = (number: number, etag: string, value: unknown) => ({
  number,
  etag,
  body: JSON.stringify({ value }),
});

test('a document is parsed once for each version of it', () => {
  const parsed = new ParsedDocuments();
  const first = parsed.of(row(1, 'a', 1));
  expect(parsed.of(row(1, 'a', 1))).toBe(first);
  expect(parsed.of(row(1, 'b', 2))).toEqual({ value: 2 });
  expect(parsed.of(row(2, 'a', 3))).toEqual({ value: 3 });
});

test('no more are kept than there is room for, and those that came first go first', () => {
  const { length } = row(1, 'a', 1).body;
  const parsed = new ParsedDocuments(2 * length);
  const [one, two] = [parsed.of(row(1, 'a', 1)), parsed.of(row(2, 'a', 2))];
  expect(parsed.of(row(1, 'a', 1))).toBe(one);
  parsed.of(row(3, 'a', 3));
  expect(parsed.of(row(2, 'a', 2))).toBe(two);
  expect(parsed.of(row(1, 'a', 1))).not.toBe(one);
});
