import { ParsedDocuments } from '../../cosmos/parsed-documents.ts';

const row = (number: number, etag: string, value: unknown) => ({
  number,
  etag,
  body: JSON.stringify({ value }),
});

test('a document is parsed once for each version', () => {
  const parsed = new ParsedDocuments();
  const first = parsed.parse(row(1, 'a', 1));
  expect(parsed.parse(row(1, 'a', 1))).toBe(first);
  expect(parsed.parse(row(1, 'b', 2))).toEqual({ value: 2 });
  expect(parsed.parse(row(2, 'a', 3))).toEqual({ value: 3 });
});

test('a full cache drops its oldest documents first', () => {
  const { length } = row(1, 'a', 1).body;
  const parsed = new ParsedDocuments(2 * length);
  const [one, two] = [parsed.parse(row(1, 'a', 1)), parsed.parse(row(2, 'a', 2))];
  expect(parsed.parse(row(1, 'a', 1))).toBe(one);
  parsed.parse(row(3, 'a', 3));
  expect(parsed.parse(row(2, 'a', 2))).toBe(two);
  expect(parsed.parse(row(1, 'a', 1))).not.toBe(one);
});
