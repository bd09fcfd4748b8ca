// Aggregates over many documents. In one partition the server computes them; over several, the SDK
// combines the results of the ranges.

import type { Container, FeedOptions } from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';

interface Machine {
  id: string;
  group: string;
  zone?: string;
  size?: number | string | null;
  tags: string[];
}

/**
 * 24 machines in 8 partitions. The zone of one machine is missing, and the size of another is not a
 * number.
 */
const MACHINES: Machine[] = Array.from({ length: 24 }, (_, index) => ({
  id: `m${index}`,
  group: `group-${index % 8}`,
  tags: [`t${index % 3}`, `u${index % 2}`],
  size: index,
  ...(index === 5 ? {} : { zone: `zone ${index % 3}` }),
}));
const ODD: Machine = { id: 'odd', group: 'group-0', zone: 'odd', size: 'large', tags: [] };

/** Sorts the rows, because nothing guarantees their order. */
const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

describe.each([1, 3])('over %i partition key ranges', (ranges) => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount(ranges);
    container = await account.createContainer();
    await Promise.all([...MACHINES, ODD].map((machine) => container.items.create(machine)));
  });
  afterAll(() => account.close());

  async function ask(query: string, options: FeedOptions = {}): Promise<unknown[]> {
    return (await container.items.query<unknown>(query, options).fetchAll()).resources;
  }

  test.each<[string, unknown[]]>([
    ['SELECT VALUE COUNT(1) FROM c', [25]],
    ['SELECT VALUE COUNT(c.zone) FROM c', [24]],
    ['SELECT VALUE SUM(c.size) FROM c WHERE c.zone != "odd"', [271]],
    ['SELECT VALUE SUM(c.size) FROM c WHERE c.id = "nobody"', [0]],
    ['SELECT VALUE SUM(c.size) FROM c', []],
    ['SELECT VALUE AVG(c.size) FROM c WHERE c.size >= 20', [21.5]],
    ['SELECT VALUE AVG(c.size) FROM c WHERE c.id = "nobody"', []],
    ['SELECT VALUE MIN(c.size) FROM c', [0]],
    ['SELECT VALUE MAX(c.size) FROM c WHERE IS_NUMBER(c.size)', [23]],
    ['SELECT VALUE MAX(c.size) FROM c', ['large']],
    ['SELECT VALUE MIN(c.zone) FROM c', ['odd']],
    ['SELECT VALUE MAX(c.missing) FROM c', []],
    ['SELECT VALUE AVG(c.size) FROM c WHERE c.size >= 20 ORDER BY c.size', [21.5]],
    ['SELECT VALUE COUNT(1) FROM c ORDER BY c["group"] DESC', [25]],
    [
      'SELECT COUNT(1) AS machines, MAX(c.size) AS largest, AVG(c.size) AS usual FROM c WHERE c.size < 4',
      [{ machines: 4, largest: 3, usual: 1.5 }],
    ],
  ])('%s', async (query, wanted) => {
    expect(await ask(query)).toEqual(wanted);
    expect(await ask(query, { maxItemCount: 1 })).toEqual(wanted);
  });

  test.each<[string, unknown[]]>([
    [
      'SELECT c.zone, COUNT(1) AS machines FROM c GROUP BY c.zone',
      [
        { zone: 'zone 0', machines: 8 },
        { zone: 'zone 1', machines: 8 },
        { zone: 'zone 2', machines: 7 },
        { machines: 1 },
        { zone: 'odd', machines: 1 },
      ],
    ],
    [
      'SELECT c.zone AS z, SUM(c.size) AS s, MIN(c.size) AS l, MAX(c.size) AS h, AVG(c.size) ' +
        'AS a FROM c WHERE c.zone = "zone 1" GROUP BY c.zone',
      [{ z: 'zone 1', s: 92, l: 1, h: 22, a: 11.5 }],
    ],
    [
      'SELECT c.zone, c["group"] FROM c WHERE c.size < 3 GROUP BY c.zone, c["group"]',
      [
        { zone: 'zone 0', group: 'group-0' },
        { zone: 'zone 1', group: 'group-1' },
        { zone: 'zone 2', group: 'group-2' },
      ],
    ],
    [
      'SELECT VALUE c.zone FROM c WHERE IS_DEFINED(c.zone) GROUP BY c.zone',
      ['zone 0', 'zone 1', 'zone 2', 'odd'],
    ],
    ['SELECT VALUE COUNT(1) FROM c WHERE c.zone != "odd" GROUP BY c.zone', [8, 8, 7]],
    [
      'SELECT LEFT(c.id, 1) AS kind, COUNT(1) AS n FROM c GROUP BY LEFT(c.id, 1)',
      [
        { kind: 'm', n: 24 },
        { kind: 'o', n: 1 },
      ],
    ],
    [
      'SELECT t, COUNT(1) AS n FROM c JOIN t IN c.tags GROUP BY t',
      [
        { t: 't0', n: 8 },
        { t: 't1', n: 8 },
        { t: 't2', n: 8 },
        { t: 'u0', n: 12 },
        { t: 'u1', n: 12 },
      ],
    ],
  ])('%s', async (query, wanted) => {
    expect(sorted(await ask(query))).toEqual(sorted(wanted));
    expect(sorted(await ask(query, { maxItemCount: 2 }))).toEqual(sorted(wanted));
  });

  test('GROUP BY works with OFFSET LIMIT and with TOP', async () => {
    expect(
      await ask(
        'SELECT c.zone, COUNT(1) AS n FROM c WHERE IS_DEFINED(c.zone) GROUP BY c.zone OFFSET 1 LIMIT 2',
      ),
    ).toHaveLength(2);
    expect(
      await ask('SELECT TOP 3 c.zone, COUNT(1) AS n FROM c WHERE IS_DEFINED(c.zone) GROUP BY c.zone'),
    ).toHaveLength(3);
    for (const [row] of [
      await ask('SELECT TOP 1 c.zone, COUNT(1) AS n FROM c WHERE c.zone = "zone 0" GROUP BY c.zone'),
    ])
      expect(row).toEqual({ zone: 'zone 0', n: 8 });
  });

  test.each<[string, unknown[]]>([
    ['SELECT DISTINCT VALUE c.zone FROM c', ['zone 0', 'zone 1', 'zone 2', 'odd']],
    [
      'SELECT DISTINCT c.zone FROM c WHERE c.zone != "odd"',
      [{ zone: 'zone 0' }, { zone: 'zone 1' }, { zone: 'zone 2' }],
    ],
    ['SELECT DISTINCT VALUE t FROM c JOIN t IN c.tags', ['t0', 't1', 't2', 'u0', 'u1']],
    ['SELECT DISTINCT TOP 2 VALUE LEFT(c.id, 1) FROM c', ['m', 'o']],
    [
      'SELECT DISTINCT VALUE {"b": c.zone, "a": 1} FROM c WHERE c.size < 9 AND c.size != 5',
      [
        { b: 'zone 0', a: 1 },
        { b: 'zone 1', a: 1 },
        { b: 'zone 2', a: 1 },
      ],
    ],
  ])('%s', async (query, wanted) => {
    for (const maxItemCount of [1, 2, 100])
      expect(sorted(await ask(query, { maxItemCount }))).toEqual(sorted(wanted));
  });

  test('DISTINCT keeps the order, whole and limited', async () => {
    for (const maxItemCount of [1, 3, 100]) {
      expect(await ask('SELECT DISTINCT VALUE c.zone FROM c ORDER BY c.zone', { maxItemCount })).toEqual([
        'odd',
        'zone 0',
        'zone 1',
        'zone 2',
      ]);
      expect(
        await ask('SELECT DISTINCT VALUE c.zone FROM c ORDER BY c.zone DESC OFFSET 1 LIMIT 2', {
          maxItemCount,
        }),
      ).toEqual(['zone 1', 'zone 0']);
      expect(
        await ask('SELECT DISTINCT TOP 3 c.zone FROM c WHERE IS_DEFINED(c.zone) ORDER BY c.zone', {
          maxItemCount,
        }),
      ).toEqual([{ zone: 'odd' }, { zone: 'zone 0' }, { zone: 'zone 1' }]);
    }
  });

  test('JOIN gives a row for each element, sorted by the document', async () => {
    const wanted = MACHINES.flatMap(({ id, tags }) => tags.map((tag) => ({ id, tag })));
    for (const maxItemCount of [1, 3, 100]) {
      expect(sorted(await ask('SELECT c.id, t AS tag FROM c JOIN t IN c.tags', { maxItemCount }))).toEqual(
        sorted(wanted),
      );
      expect(
        await ask('SELECT c.id, t AS tag FROM c JOIN t IN c.tags WHERE c.size < 6 ORDER BY c.size DESC', {
          maxItemCount,
        }),
      ).toEqual(
        MACHINES.slice(0, 6)
          .reverse()
          .flatMap(({ id, tags }) => tags.map((tag) => ({ id, tag }))),
      );
    }
  });

  test('an aggregate inside an expression is refused over several partitions', async () => {
    expect(await failureOf(ask('SELECT VALUE COUNT(1) + 1 FROM c'))).toMatchObject({ code: 400 });
    expect(await failureOf(ask('SELECT c.zone, ABS(SUM(c.size)) AS n FROM c GROUP BY c.zone'))).toMatchObject(
      { code: 400 },
    );
    await failureOf(ask('SELECT c.zone, COUNT(1) AS n FROM c GROUP BY c.zone ORDER BY c.zone'));
  });
});

describe('in one partition', () => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount();
    container = await account.createContainer();
    await Promise.all(MACHINES.map((machine) => container.items.create({ ...machine, group: 'all' })));
  });
  afterAll(() => account.close());

  async function paged(query: string, maxItemCount: number): Promise<unknown[]> {
    const rows: unknown[] = [];
    let continuationToken: string | undefined;
    do {
      const page = await container.items
        .query<unknown>(query, {
          partitionKey: 'all',
          maxItemCount,
          ...(continuationToken === undefined ? {} : { continuationToken }),
        })
        .fetchNext();
      expect(page.resources.length).toBeLessThanOrEqual(maxItemCount);
      rows.push(...page.resources);
      continuationToken = page.continuationToken;
    } while (continuationToken);
    return rows;
  }

  test.each<[string, unknown[]]>([
    [
      'SELECT c.zone, COUNT(1) AS n FROM c GROUP BY c.zone',
      [{ zone: 'zone 0', n: 8 }, { zone: 'zone 1', n: 8 }, { zone: 'zone 2', n: 7 }, { n: 1 }],
    ],
    ['SELECT DISTINCT VALUE c.zone FROM c', ['zone 0', 'zone 1', 'zone 2']],
    ['SELECT DISTINCT VALUE c.zone FROM c ORDER BY c.zone DESC', ['zone 2', 'zone 1', 'zone 0']],
    ['SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.size < 2', ['t0', 'u0', 't1', 'u1']],
    ['SELECT VALUE t FROM t IN c.tags OFFSET 1 LIMIT 4', ['u0', 't1', 'u1', 't2']],
    [
      'SELECT VALUE t FROM c JOIN t IN c.tags WHERE c.size < 3 ORDER BY c.size DESC',
      ['t2', 'u0', 't1', 'u1', 't0', 'u0'],
    ],
  ])('continues from a continuation token: %s', async (query, wanted) => {
    for (const size of [1, 2, 3, 100]) expect(await paged(query, size)).toEqual(wanted);
  });

  test('computes with aggregates', async () => {
    expect(await paged('SELECT VALUE COUNT(1) * 2 + MAX(c.size) FROM c', 10)).toEqual([71]);
    expect(await paged('SELECT VALUE {"n": COUNT(1), "all": [MIN(c.size), MAX(c.size)]} FROM c', 10)).toEqual(
      [{ n: 24, all: [0, 23] }],
    );
  });
});
