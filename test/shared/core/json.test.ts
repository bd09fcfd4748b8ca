// The JSON reader with line numbers agrees with JSON.parse.
import fc from 'fast-check';
import { parseJson } from '../../../shared/core/json.ts';

const parsed = (text: string): unknown => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return 'wrong';
  }
};
const read = (text: string): unknown => {
  const reading = parseJson(text);
  return 'reason' in reading ? 'wrong' : { value: reading.value };
};

test('the reader reads valid JSON as JSON.parse does [PLAN-1]', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(0, 2, '\t'), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent);
      expect(read(pretty)).toEqual(parsed(pretty));
    }),
  );
});

test('the reader refuses almost valid JSON exactly when JSON.parse does [PLAN-1]', () => {
  const mangled = fc
    .tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', '"', ',', '{', ']', '\\', '1', '-', ' ', '\n', 'e', '\u0001', 'null', ':'),
    )
    .map(
      ([text, at, piece]) =>
        text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
    );
  fc.assert(
    fc.property(mangled, (text) => {
      expect(read(text)).toEqual(parsed(text));
    }),
    { numRuns: 2000 },
  );
});

test('the position of a value is its first character, after any kind of line end [PLAN-1]', () => {
  const reading = parseJson('{"a":\r\n  [1,\r 2,\n\n   {"b c": "x"}]}');
  if ('reason' in reading) throw new Error(reading.reason);
  expect(
    [['a'], ['a', 0], ['a', 1], ['a', 2], ['a', 2, 'b c'], ['a', 2, 'gone'], []].map(reading.positionOf),
  ).toEqual([
    { line: 2, column: 3 },
    { line: 2, column: 4 },
    { line: 3, column: 2 },
    { line: 5, column: 4 },
    { line: 5, column: 12 },
    { line: 5, column: 4 },
    { line: 1, column: 1 },
  ]);
  const bare = parseJson('[1,\n2]');
  expect('reason' in bare ? null : bare.positionOf([1])).toEqual({ line: 2, column: 1 });
  expect(parseJson('['.repeat(200))).toMatchObject({ reason: expect.stringContaining('deep') as string });
});

test('a long name above many values costs no more than its length [PLAN-1]', () => {
  const name = 'n'.repeat(50_000);
  const reading = parseJson(`{"${name}":[${Array.from({ length: 100_000 }, () => '0').join()}]}`);
  if ('reason' in reading) throw new Error(reading.reason);
  expect(reading.positionOf([name, 2])).toEqual({ line: 1, column: name.length + 10 });
});
