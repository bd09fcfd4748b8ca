import type { Container, SqlParameter } from '@azure/cosmos';
import { failureOf, IS_REAL, openAccount, queryPages, type TestAccount } from './account.ts';

/** The SDK keeps the headers of a page for itself. */
const headersOf = (page: object): Readonly<Record<string, string>> =>
  (page as { headers: Record<string, string> }).headers;

let account: TestAccount;
let container: Container;

const THINGS = [
  {
    id: 'a',
    group: 'g',
    type: 'step',
    place: 3,
    order: 3,
    name: 'Ada',
    tags: ['x', 'y'],
    size: 10,
    deleted: null,
    owner: { team: 'blue', size: 2 },
  },
  { id: 'b', group: 'g', type: 'step', place: 1, name: 'Bob', tags: ['y'], size: 20 },
  {
    id: 'c',
    group: 'g',
    type: 'log',
    place: 2,
    name: 'Cy "the" O\'Hara',
    tags: [{ key: 'k', value: 'v' }],
    size: 'large',
    deleted: true,
  },
  { id: 'd', group: 'g', type: 'log', place: 2, name: 'dan', tags: [], deleted: false },
];

beforeAll(async () => {
  account = await openAccount();
  container = await account.createContainer({
    indexingPolicy: {
      includedPaths: [{ path: '/*' }],
      compositeIndexes: [
        [
          { path: '/place', order: 'ascending' },
          { path: '/id', order: 'descending' },
        ],
        [
          { path: '/type', order: 'ascending' },
          { path: '/place', order: 'ascending' },
        ],
      ],
    },
  });
  for (const thing of THINGS) await container.items.create(thing);
  await container.items.create({ id: 'z', group: 'other', type: 'step', place: 9 });
});
afterAll(() => account.close());

async function ask(
  query: string,
  parameters: Record<string, SqlParameter['value']> = {},
): Promise<unknown[]> {
  const list = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  const { resources } = await container.items
    .query<unknown>({ query, parameters: list }, { partitionKey: 'g' })
    .fetchAll();
  return resources;
}

/** Returns the ids of the documents that match the condition. */
const idsWhere = async (condition: string, parameters = {}) =>
  (await ask(`SELECT VALUE c.id FROM c WHERE ${condition}`, parameters)).join('');

describe('WHERE', () => {
  test.each([
    ['c.type = @t', { '@t': 'step' }, 'ab'],
    ['c.type != @t', { '@t': 'step' }, 'cd'],
    ['c.place > 1 AND c.place < 3', {}, 'cd'],
    ['c.place >= 2 AND NOT (c.id = "c")', {}, 'ad'],
    ['c.place = 1 OR c.name = "Ada"', {}, 'ab'],
    ['c.place = 1 OR c.place = 2 AND c.id = "d"', {}, 'bd'],
    ['(c.place = 1 OR c.place = 2) AND c.id = "d"', {}, 'd'],
    ['c.place IN (1, 3)', {}, 'ab'],
    ['c.place NOT IN (1, 3)', {}, 'cd'],
    ['c.place BETWEEN 2 AND 3', {}, 'acd'],
    ['ARRAY_CONTAINS(@ids, c.id)', { '@ids': ['a', 'd'] }, 'ad'],
    ['ARRAY_CONTAINS(c.tags, "y")', {}, 'ab'],
    ['ARRAY_CONTAINS(c.tags, {"key": "k"})', {}, ''],
    ['ARRAY_CONTAINS(c.tags, {"key": "k"}, true)', {}, 'c'],
    ['IS_DEFINED(c.size)', {}, 'abc'],
    ['NOT IS_DEFINED(c.size)', {}, 'd'],
    ['IS_DEFINED(c.deleted)', {}, 'acd'],
    ['IS_NULL(c.deleted)', {}, 'a'],
    ['c.deleted = null', {}, 'a'],
    ['c.deleted', {}, 'c'],
    ['STARTSWITH(c.name, "D")', {}, ''],
    ['STARTSWITH(c.name, "D", true)', {}, 'd'],
    ['CONTAINS(c.name, "a")', {}, 'acd'],
    ['ENDSWITH(c.name, "b")', {}, 'b'],
    ['c.owner.team = "blue"', {}, 'a'],
    ['c["owner"]["team"] = "blue"', {}, 'a'],
    ['c.owner = {"size": 2, "team": "blue"}', {}, 'a'],
    ['c.tags = ["y"]', {}, 'b'],
    ['c.tags[0] = "y"', {}, 'b'],
    ['c.name = "Cy \\"the\\" O\'Hara"', {}, 'c'],
    ["c.name = 'Cy \"the\" O\\'Hara'", {}, 'c'],
    ['c.place + 1 = 4', {}, 'a'],
    ['c.place * 2 > c.size - 7', {}, 'a'],
    ['(c.size ?? 0) = 0', {}, 'd'],
    ['(c.type = "log" ? c.place : 0) = 2', {}, 'cd'],
    ['LOWER(c.name) = "ada"', {}, 'a'],
    ['(c.type || c.id) = "stepa"', {}, 'a'],
    ['c.type || c.id = "stepa"', {}, ''],
    ['1 < 2 = true', {}, 'abcd'],
    ['c["order"] = 3', {}, 'a'],
    ['c.size = -10 OR c.place = +1', {}, 'b'],
  ])('%s', async (condition, parameters, ids) => {
    expect(await idsWhere(condition, parameters)).toBe(ids);
  });

  test.each([
    // A comparison with undefined is undefined, and so is its opposite.
    ['c.size > 5', 'ab'],
    ['NOT (c.size > 5)', ''],
    ['c.missing = null', ''],
    ['c.missing != 1', ''],
    ['NOT (c.missing = 1)', ''],
    ['c.missing = c.missing', ''],
    ['c.missing = undefined', ''],
    // In AND and OR, undefined means "unknown".
    ['c.missing = 1 OR c.id = "a"', 'a'],
    ['NOT (c.missing = 1 AND c.id = "a")', 'bcd'],
    ['c.missing IN (1, 2)', ''],
    ['c.missing NOT IN (1, 2)', ''],
    // Numbers and strings have no order between them, but they are not equal.
    ['c.size < "zzz"', 'c'],
    ['c.size != "large"', 'ab'],
    // Only true is true.
    ['c.place', ''],
    ['c.name', ''],
    ['CONTAINS(c.place, "1")', ''],
  ])('undefined and types: %s', async (condition, ids) => {
    expect(await idsWhere(condition)).toBe(ids);
  });
});

describe('SELECT', () => {
  test('gives whole documents, values and columns, and omits undefined values', async () => {
    expect(await ask('SELECT * FROM c WHERE c.id = "a"')).toEqual([expect.objectContaining(THINGS[0])]);
    expect(
      await ask('SELECT c.id, c.owner.team, c.size AS much, c.missing FROM c WHERE c.place != 2'),
    ).toEqual([
      { id: 'a', team: 'blue', much: 10 },
      { id: 'b', much: 20 },
    ]);
    expect(await ask('SELECT VALUE c.size FROM c')).toEqual([10, 20, 'large']);
    expect(
      await ask('SELECT VALUE {"n": c.name, "all": [c.id, c.size, c.missing]} FROM c WHERE c.id = "b"'),
    ).toEqual([{ n: 'Bob', all: ['b', 20] }]);
    expect(await ask('SELECT VALUE {n: c.name, "is": {size: c.size}} FROM c WHERE c.id = "b"')).toEqual([
      { n: 'Bob', is: { size: 20 } },
    ]);
    expect(await ask('SELECT doc FROM things AS doc WHERE doc.id = "d"')).toEqual([
      { doc: expect.objectContaining(THINGS[3]) as unknown },
    ]);
    expect(await ask('SELECT c.place + 1, c.id || "!" FROM c WHERE c.id = "a"')).toEqual([
      { $1: 4, $2: 'a!' },
    ]);
    expect(await ask('select value c.id from c where c.id = "a"')).toEqual(['a']);
  });

  test('counts', async () => {
    expect(await ask('SELECT VALUE COUNT(1) FROM c')).toEqual([4]);
    expect(await ask('SELECT VALUE COUNT(c.size) FROM c')).toEqual([3]);
    expect(await ask('SELECT VALUE COUNT(1) FROM c WHERE c.id = "nobody"')).toEqual([0]);
    expect(await ask('SELECT COUNT(1) AS number FROM c WHERE c.type = "log"')).toEqual([{ number: 2 }]);
  });
});

describe('ORDER BY, TOP, OFFSET', () => {
  test.each([
    ['ORDER BY c.place', 'bcda'],
    ['ORDER BY c.place DESC', 'adcb'],
    ['ORDER BY c.name', 'abcd'],
    ['ORDER BY c.place ASC, c.id DESC', 'bdca'],
    ['ORDER BY c.place DESC, c.id ASC', 'acdb'],
    ['ORDER BY c.type, c.place', 'cdba'],
    // Undefined, then null, false, true, numbers, strings.
    ['ORDER BY c.size', 'dabc'],
    ['ORDER BY c.deleted', 'badc'],
    ['ORDER BY c.place OFFSET 1 LIMIT 2', 'cd'],
    ['ORDER BY c.place OFFSET 3 LIMIT 10', 'a'],
    ['OFFSET 1 LIMIT 2', 'bc'],
    ['OFFSET @skip LIMIT @most', 'cd'],
  ])('%s', async (clauses, ids) => {
    const query = {
      query: `SELECT c.id FROM c ${clauses}`,
      parameters: [
        { name: '@skip', value: 2 },
        { name: '@most', value: 5 },
      ],
    };
    for (const maxItemCount of [1, 2, 3, 100]) {
      const { resources } = await container.items
        .query<{ id: string }>(query, { partitionKey: 'g', maxItemCount })
        .fetchAll();
      expect(resources.map(({ id }) => id).join('')).toBe(ids);
    }
  });

  test('TOP', async () => {
    expect(await ask('SELECT TOP 2 VALUE c.id FROM c')).toEqual(['a', 'b']);
    expect(await ask('SELECT TOP @n VALUE c.id FROM c ORDER BY c.place', { '@n': 3 })).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect(await ask('SELECT TOP 0 * FROM c')).toEqual([]);
  });

  test('over several properties needs a composite index, as in Azure', async () => {
    const failure = await failureOf(ask('SELECT * FROM c ORDER BY c.name, c.place'));
    expect(failure).toMatchObject({ code: 400 });
    expect(failure.message).toContain('does not have a corresponding composite index');
    await failureOf(ask('SELECT * FROM c ORDER BY c.place, c.id'));
  });
});

describe('one partition', () => {
  test('is the whole scope of a query, also when only the option names it', async () => {
    const ids = async (partitionKey: string) =>
      (await container.items.query<string>('SELECT VALUE c.id FROM c', { partitionKey }).fetchAll())
        .resources;
    expect(await ids('g')).toEqual(['a', 'b', 'c', 'd']);
    expect(await ids('other')).toEqual(['z']);
    expect(await ids('nobody')).toEqual([]);
    const all = await container.items.readAll<{ id: string }>({ partitionKey: 'other' }).fetchAll();
    expect(all.resources.map(({ id }) => id)).toEqual(['z']);
  });

  test.each([
    ['', '0123456'],
    [' ORDER BY c.place', '0361425'],
    [' ORDER BY c.place DESC', '5241630'],
  ])('continues from a token, also when the document before it was deleted: %s', async (clause, ids) => {
    const group = `paged${clause}`;
    for (let number = 0; number < 7; number += 1)
      await container.items.create({ id: `p${number}`, group, place: number % 3 });
    const seen: string[] = [];
    for await (const page of queryPages<{ id: string }>(
      container,
      `SELECT * FROM c WHERE c.id != "gone"${clause}`,
      { partitionKey: group, maxItemCount: 2 },
    )) {
      seen.push(...page.map(({ id }) => id));
      await container.item(seen.at(-1) ?? '', group).delete();
    }
    expect(seen.map((id) => id.slice(1)).join('')).toBe(ids);
  });

  test('is refused with an invalid token', async () => {
    const failure = await failureOf(
      container.items
        .query('SELECT * FROM c', { partitionKey: 'g', continuationToken: 'nonsense' })
        .fetchNext(),
    );
    expect(failure).toMatchObject({ code: 400 });
  });
});

describe('the headers of a query', () => {
  test('have metrics when the caller asks for them', async () => {
    const query = 'SELECT VALUE c.id FROM c WHERE c.size > 10 AND IS_NUMBER(c.size)';
    const { queryMetrics, resources } = await container.items
      .query<string>(query, { partitionKey: 'g', populateQueryMetrics: true })
      .fetchNext();
    const [metrics] = Object.values(queryMetrics as unknown as Record<string, Record<string, number>>);
    expect(resources).toEqual(['b']);
    expect(metrics?.['outputDocumentCount']).toBe(1);
    expect(metrics?.['outputDocumentSize']).toBe(IS_REAL ? metrics?.['outputDocumentSize'] : 3);
    expect(metrics?.['retrievedDocumentCount']).toBeGreaterThanOrEqual(1);
    const without = await container.items.query(query, { partitionKey: 'g' }).fetchNext();
    expect(headersOf(without)['x-ms-documentdb-query-metrics']).toBeUndefined();
  });

  test('name the range of the partition', async () => {
    const page = await container.items.query('SELECT * FROM c', { partitionKey: 'g' }).fetchNext();
    const { resources } = await container.readPartitionKeyRanges().fetchAll();
    expect(resources.map(({ id }) => id)).toContain(headersOf(page)['x-ms-documentdb-partitionkeyrangeid']);
  });
});

describe('the simulator refuses unsupported queries and never answers them wrongly', () => {
  // Azure supports some of these.
  if (!IS_REAL)
    test.each([
      'SELECT DISTINCT c.type, COUNT(1) AS n FROM c GROUP BY c.type',
      'SELECT c.type, COUNT(1) AS n FROM c GROUP BY c.type ORDER BY c.type',
      'SELECT VALUE COUNTIF(c.place > 1) FROM c',
      'SELECT VALUE n FROM (SELECT DISTINCT VALUE c.name FROM c) AS n',
      'SELECT VALUE (SELECT TOP 1 VALUE t FROM t IN c.tags) FROM c',
      'SELECT t FROM c JOIN t IN c.tags ORDER BY t.key',
      'SELECT VALUE udf.twice(c.place) FROM c',
      'SELECT * FROM c WHERE NOT c.place = 1',
      'SELECT * FROM c ORDER BY LOWER(c.name)',
      'SELECT TOP 1 VALUE COUNT(1) FROM c',
      'SELECT TOP 1 * FROM c OFFSET 0 LIMIT 1',
      'SELECT 1',
    ])('unsupported: %s', async (query) => {
      expect(await failureOf(ask(query))).toMatchObject({ code: 400, body: { code: 'BadRequest' } });
    });

  test.each([
    'SELEKT * FROM c',
    'SELECT * FROM c WHERE',
    'SELECT * FROM c WHERE c.a = ',
    'SELECT * FROM c WHERE c.a == 1',
    'SELECT * FROM c WHERE c.a <> 1',
    'SELECT * FROM c WHERE c.order = 1',
    'SELECT * FROM c WHERE c.a = NULL',
    'SELECT * FROM c WHERE c.a IN ()',
    'SELECT c.a AS value FROM c',
    'SELECT c.a b FROM c',
    'SELECT VALUE {1: c.a} FROM c',
    'SELECT VALUE {a c.a} FROM c',
    'SELECT * FROM c WHERE x.a = 1',
    'SELECT * FROM c WHERE c.a = @missing',
    'SELECT * FROM c WHERE NOSUCH(c.a)',
    'SELECT * FROM c WHERE IS_DEFINED(c.a, c.b)',
    'SELECT * FROM c WHERE c.a = "unfinished',
    'SELECT * FROM c ORDER c.a',
    'SELECT * FROM c OFFSET 1',
    'SELECT * FROM c LIMIT 1',
    'SELECT TOP -1 * FROM c',
    'SELECT * FROM c WHERE c.a = 1 garbage',
    'SELECT * FROM c JOIN t IN c.tags',
    'SELECT c.name, COUNT(1) FROM c GROUP BY c.type',
    'SELECT * FROM c WHERE COUNT(1) > 1',
    'SELECT VALUE SUM(MAX(c.a)) FROM c',
    'SELECT * FROM c AS x WHERE c.a = 1',
    'SELECT VALUE x FROM c JOIN t IN x.tags',
    'SELECT * FROM c WHERE c.a LIKE "x" ESCAPE "ab"',
  ])('invalid: %s', async (query) => {
    expect(await failureOf(ask(query))).toMatchObject({ code: 400, body: { code: 'BadRequest' } });
  });
});
