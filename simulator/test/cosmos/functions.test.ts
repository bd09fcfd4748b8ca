// The documented result of each function of the query language, and subqueries over one document.

import type { Container } from '@azure/cosmos';
import { failureOf, IS_REAL, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
let container: Container;

const THING = {
  id: 'thing',
  group: 'g',
  name: 'Ärger & Co',
  code: 'a.b*c',
  price: 9.5,
  list: [3, 1, 2, 3],
  empty: [],
  nothing: null,
  parts: [{ key: 'k1', size: 1, tags: ['x'] }, { key: 'k2', size: 5, tags: ['x', 'y'] }, { key: 'k3' }],
  map: { a: 1, b: 'two' },
};

beforeAll(async () => {
  account = await openAccount();
  container = await account.createContainer();
  await container.items.create(THING);
});
afterAll(() => account.close());

/** Returns the value of an expression over the document, or undefined. */
async function valueOf(expression: string): Promise<unknown> {
  const { resources } = await container.items
    .query<unknown>(`SELECT VALUE ${expression} FROM c`, { partitionKey: 'g' })
    .fetchAll();
  expect(resources.length).toBeLessThanOrEqual(1);
  return resources[0];
}

const nothing = undefined;

describe('text', () => {
  test.each<[string, unknown]>([
    ['CONCAT("a", "b", c.map.b)', 'abtwo'],
    ['CONCAT("a", 1)', nothing],
    ['ENDSWITH(c.name, "CO", true)', true],
    ['INDEX_OF("abcb", "b")', 1],
    ['INDEX_OF("abcb", "b", 2)', 3],
    ['INDEX_OF("abc", "x")', -1],
    ['LEFT("abc", 2)', 'ab'],
    ['LEFT("abc", 9)', 'abc'],
    ['LEFT("abc", 0)', ''],
    ['RIGHT("abc", 2)', 'bc'],
    ['RIGHT("abc", 0)', ''],
    ['LENGTH(c.name)', 10],
    ['LENGTH(c.price)', nothing],
    ['LOWER(c.name)', 'ärger & co'],
    ['UPPER("aß")', 'ASS'],
    ['TRIM("  a b ")', 'a b'],
    ['LTRIM("  a ")', 'a '],
    ['RTRIM("  a ")', '  a'],
    ['REPLACE("a.b.c", ".", "$&")', 'a$&b$&c'],
    ['REPLICATE("ab", 3)', 'ababab'],
    ['REPLICATE("ab", -1)', nothing],
    ['REVERSE("abc")', 'cba'],
    ['SUBSTRING("abcdef", 1, 3)', 'bcd'],
    ['SUBSTRING("abc", 2, 9)', 'c'],
    ['SUBSTRING("abc", 9, 1)', ''],
    ['StringEquals("a", "A", true)', true],
    ['ToString(1.50)', '1.5'],
    ['ToString(true)', 'true'],
    ['ToString("x")', 'x'],
    ['StringToNumber("1.5e1")', 15],
    ['StringToNumber("x")', nothing],
    ['StringToBoolean("true")', true],
    ['StringToBoolean("1")', nothing],
    ['StringToNull("null")', null],
    ['StringToArray("[1, 2]")', [1, 2]],
    ['StringToObject("{\\"a\\": 1}")', { a: 1 }],
    ['StringToObject("[]")', nothing],
    ['RegexMatch("abcd", "^AB", "i")', true],
    ['RegexMatch("abcd", "^B")', false],
    ['RegexMatch("a\\nb", "^b$", "m")', true],
    ['"a" || "b"', 'ab'],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(expression)).toEqual(wanted);
  });

  test.each<[string, boolean]>([
    ['"abc" LIKE "a%"', true],
    ['"abc" LIKE "b%"', false],
    ['"abc" LIKE "%b%"', true],
    ['"abc" LIKE "a_c"', true],
    ['"abc" LIKE "a_"', false],
    ['"abc" NOT LIKE "a%"', false],
    ['"cat" LIKE "[a-c]at"', true],
    ['"hat" LIKE "[a-c]at"', false],
    ['"hat" LIKE "[^a-c]at"', true],
    ['c.code LIKE "a.b*c"', true],
    ['"axb*c" LIKE "a.b*c"', false],
    ['"10%" LIKE "10!%" ESCAPE "!"', true],
    ['"100" LIKE "10!%" ESCAPE "!"', false],
    ['"a\\nb" LIKE "a%b"', true],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(`(${expression})`)).toBe(wanted);
  });

  test('LIKE is undefined for a value that is not a text', async () => {
    expect(await valueOf('(c.price LIKE "9%")')).toBeUndefined();
    expect(await valueOf('(c.missing NOT LIKE "9%")')).toBeUndefined();
  });
});

describe('numbers', () => {
  test.each<[string, unknown]>([
    ['ABS(-1.5)', 1.5],
    ['ABS("1")', nothing],
    ['CEILING(1.2)', 2],
    ['FLOOR(-1.2)', -2],
    ['ROUND(2.5)', 3],
    ['ROUND(-2.5)', -3],
    ['ROUND(1.234, 2)', 1.23],
    ['SQRT(16)', 4],
    ['SQRT(-1)', nothing],
    ['SQUARE(3)', 9],
    ['POWER(2, 10)', 1024],
    ['EXP(0)', 1],
    ['LOG(1)', 0],
    ['LOG(8, 2)', 3],
    ['LOG10(1000)', 3],
    ['SIGN(-3)', -1],
    ['TRUNC(-1.9)', -1],
    ['PI()', Math.PI],
    ['SIN(0)', 0],
    ['ATN2(1, 1)', Math.PI / 4],
    ['DEGREES(PI())', 180],
    ['RADIANS(180)', Math.PI],
    ['NumberBin(37, 10)', 30],
    ['7 % 4', 3],
    ['1 / 0', nothing],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(expression)).toEqual(wanted);
  });

  test('RAND is at least 0 and below 1', async () => {
    const value = (await valueOf('RAND()')) as number;
    expect(value >= 0 && value < 1).toBe(true);
  });
});

describe('arrays, objects and types', () => {
  test.each<[string, unknown]>([
    ['ARRAY_LENGTH(c.list)', 4],
    ['ARRAY_LENGTH(c.map)', nothing],
    ['ARRAY_CONCAT(c.list, ["x"], [])', [3, 1, 2, 3, 'x']],
    ['ARRAY_SLICE(c.list, 1)', [1, 2, 3]],
    ['ARRAY_SLICE(c.list, 1, 2)', [1, 2]],
    ['ARRAY_SLICE(c.list, -2, 1)', [2]],
    ['ARRAY_CONTAINS_ANY(c.list, 9, 2)', true],
    ['ARRAY_CONTAINS_ALL(c.list, 9, 2)', false],
    ['ARRAY_CONTAINS_ALL(c.list, 1, 2)', true],
    ['SetIntersect(c.list, [3, 4])', [3]],
    ['SetUnion(c.list, [4])', [3, 1, 2, 4]],
    ['CHOOSE(2, "a", "b")', 'b'],
    ['CHOOSE(3, "a", "b")', nothing],
    ['IIF(c.price > 9, "dear", "cheap")', 'dear'],
    ['IIF("x", 1, 2)', 2],
    [
      'ObjectToArray(c.map)',
      [
        { k: 'a', v: 1 },
        { k: 'b', v: 'two' },
      ],
    ],
    [
      'ObjectToArray(c.map, "name", "is")',
      [
        { name: 'a', is: 1 },
        { name: 'b', is: 'two' },
      ],
    ],
    ['IS_ARRAY(c.list)', true],
    ['IS_BOOL(c.list)', false],
    ['IS_DEFINED(c.missing)', false],
    ['IS_NULL(c.nothing)', true],
    ['IS_NUMBER(c.price)', true],
    ['IS_INTEGER(c.price)', false],
    ['IS_INTEGER(2)', true],
    ['IS_FINITE_NUMBER(c.price)', true],
    ['IS_OBJECT(c.map)', true],
    ['IS_OBJECT(c.list)', false],
    ['IS_PRIMITIVE(c.nothing)', true],
    ['IS_PRIMITIVE(c.map)', false],
    ['IS_STRING(c.name)', true],
    ['c.missing ?? c.nothing', null],
    ['c.price > 9 ? "dear" : "cheap"', 'dear'],
    ['2 IN (c.price, 2)', true],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(expression)).toEqual(wanted);
  });
});

describe('dates', () => {
  const DATE = '"2020-02-29T23:04:05.6789123Z"';
  test.each<[string, unknown]>([
    [`DateTimePart("yyyy", ${DATE})`, 2020],
    [`DateTimePart("mm", ${DATE})`, 2],
    [`DateTimePart("dd", ${DATE})`, 29],
    [`DateTimePart("hour", ${DATE})`, 23],
    [`DateTimePart("mi", ${DATE})`, 4],
    [`DateTimePart("ss", ${DATE})`, 5],
    [`DateTimePart("ms", ${DATE})`, 678],
    [`DateTimePart("mcs", ${DATE})`, 678912],
    [`DateTimePart("ns", ${DATE})`, 678912300],
    [`DateTimePart("week", ${DATE})`, nothing],
    ['DateTimePart("dd", "2021-02-29T00:00:00Z")', nothing],
    [`DateTimeAdd("yy", 1, ${DATE})`, '2021-02-28T23:04:05.6789123Z'],
    [`DateTimeAdd("mm", -3, ${DATE})`, '2019-11-29T23:04:05.6789123Z'],
    [`DateTimeAdd("hh", 1, ${DATE})`, '2020-03-01T00:04:05.6789123Z'],
    [`DateTimeAdd("ns", 200, ${DATE})`, '2020-02-29T23:04:05.6789125Z'],
    [`DateTimeAdd("ss", 0.5, ${DATE})`, nothing],
    ['DateTimeDiff("yyyy", "2018-03-05T05:00:00Z", "2019-02-04T16:00:00Z")', 1],
    ['DateTimeDiff("mm", "2019-02-04T16:00:00Z", "2018-03-05T05:00:00Z")', -11],
    ['DateTimeDiff("dd", "2018-03-05T05:00:00Z", "2019-02-04T16:00:00Z")', 336],
    ['DateTimeDiff("hh", "2018-03-05T05:00:00Z", "2019-02-04T16:00:00Z")', 8075],
    ['DateTimeDiff("ss", "2018-03-05T05:00:00Z", "2019-02-04T16:00:00Z")', 29_070_000],
    ['DateTimeBin("2021-01-08T18:35:00Z", "hh")', '2021-01-08T18:00:00.0000000Z'],
    ['DateTimeBin("2021-01-08T18:35:00Z", "hh", 5)', '2021-01-08T15:00:00.0000000Z'],
    ['DateTimeBin("2021-01-08T18:35:00Z", "dd", 7, "1601-01-01T00:00:00Z")', '2021-01-04T00:00:00.0000000Z'],
    ['DateTimeFromParts(2020, 9, 4)', '2020-09-04T00:00:00.0000000Z'],
    ['DateTimeFromParts(2020, 9, 4, 10, 52, 12, 3456789)', '2020-09-04T10:52:12.3456789Z'],
    ['DateTimeFromParts(2020, 13, 4)', nothing],
    ['DateTimeToTimestamp("2020-09-04T10:52:12.345Z")', Date.UTC(2020, 8, 4, 10, 52, 12, 345)],
    ['DateTimeToTicks("1970-01-01T00:00:01Z")', 10_000_000],
    ['TimestampToDateTime(1599216732345)', '2020-09-04T10:52:12.3450000Z'],
    ['TicksToDateTime(10000001)', '1970-01-01T00:00:01.0000001Z'],
    ['DateTimeAdd("dd", 1, "yesterday")', nothing],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(expression)).toEqual(wanted);
  });

  test('the current time is the time of the service', async () => {
    const [text, timestamp, ticks] = (await valueOf(
      '[GetCurrentDateTime(), GetCurrentTimestamp(), GetCurrentTicks()]',
    )) as [string, number, number];
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
    expect(Math.abs(Date.parse(text) - timestamp)).toBeLessThan(1_000);
    expect(Math.abs(ticks / 10_000 - timestamp)).toBeLessThan(1_000);
  });

  if (!IS_REAL)
    test('the current time follows simulated time', async () => {
      const before = (await valueOf('GetCurrentTimestamp()')) as number;
      await account.advance(3_600);
      expect(((await valueOf('GetCurrentTimestamp()')) as number) - before).toBeGreaterThanOrEqual(3_600_000);
    });
});

describe('subqueries', () => {
  test.each<[string, unknown]>([
    ['EXISTS(SELECT VALUE p FROM p IN c.parts WHERE p.size > 4)', true],
    ['EXISTS(SELECT VALUE p FROM p IN c.parts WHERE p.size > 5)', false],
    ['EXISTS(SELECT VALUE p FROM p IN c.missing)', false],
    ['ARRAY(SELECT VALUE p.key FROM p IN c.parts WHERE IS_DEFINED(p.size))', ['k1', 'k2']],
    [
      'ARRAY(SELECT p.key, p.size * 2 AS double FROM p IN c.parts)',
      [{ key: 'k1', double: 2 }, { key: 'k2', double: 10 }, { key: 'k3' }],
    ],
    ['ARRAY(SELECT DISTINCT VALUE n FROM n IN c.list)', [3, 1, 2]],
    ['ARRAY(SELECT VALUE t FROM p IN c.parts JOIN t IN p.tags)', ['x', 'x', 'y']],
    [
      'ARRAY(SELECT t, COUNT(1) AS n FROM p IN c.parts JOIN t IN p.tags GROUP BY t)',
      [
        { t: 'x', n: 2 },
        { t: 'y', n: 1 },
      ],
    ],
    ['(SELECT VALUE COUNT(1) FROM n IN c.list WHERE n > 1)', 3],
    ['(SELECT VALUE SUM(p.size) FROM p IN c.parts)', 6],
    [
      'ARRAY(SELECT VALUE p.key FROM p IN c.parts WHERE EXISTS(SELECT VALUE t FROM t IN p.tags ' +
        'WHERE t = "y" AND c.price > 9))',
      ['k2'],
    ],
  ])('%s', async (expression, wanted) => {
    expect(await valueOf(expression)).toEqual(wanted);
  });

  test('subqueries work in WHERE and in JOIN', async () => {
    const ask = async (query: string) =>
      (await container.items.query<unknown>(query, { partitionKey: 'g' }).fetchAll()).resources;
    expect(
      await ask('SELECT VALUE c.id FROM c WHERE EXISTS(SELECT VALUE p FROM p IN c.parts WHERE p.key = "k3")'),
    ).toEqual(['thing']);
    expect(await ask('SELECT VALUE c.id FROM c WHERE NOT EXISTS(SELECT VALUE p FROM p IN c.parts)')).toEqual(
      [],
    );
    expect(
      await ask('SELECT VALUE s.key FROM c JOIN (SELECT VALUE p FROM p IN c.parts WHERE p.size > 1) AS s'),
    ).toEqual(['k2']);
    expect(await ask('SELECT VALUE n FROM c JOIN n IN (SELECT VALUE c.list)')).toEqual([3, 1, 2, 3]);
    expect(await ask('SELECT VALUE t.key FROM t IN c.parts WHERE t.size = 5')).toEqual(['k2']);
    expect(await ask('SELECT * FROM c.map')).toEqual([{ a: 1, b: 'two' }]);
    expect(await ask('SELECT p.key, t FROM c JOIN p IN c.parts JOIN t IN p.tags')).toEqual([
      { key: 'k1', t: 'x' },
      { key: 'k2', t: 'x' },
      { key: 'k2', t: 'y' },
    ]);
    await failureOf(ask('SELECT VALUE p FROM c WHERE EXISTS(SELECT VALUE p FROM p IN c.parts)'));
  });
});
