import type { Container, FeedOptions } from '@azure/cosmos';
import { failureOf, IS_REAL, openAccount, queryPages, type TestAccount } from './account.ts';

interface Thing {
  id: string;
  group: string;
  place: number;
  name: string;
  type: string;
}

const THINGS: Thing[] = Array.from({ length: 60 }, (_, index) => ({
  id: `t${index}`,
  group: `group-${index % 12}`,
  place: (index * 37) % 20,
  name: `name ${String((index * 7) % 60).padStart(2, '0')} 'q"\\`,
  type: index % 3 === 0 ? 'step' : 'log',
}));
const PAGE_SIZES = [1, 2, 3, 7, 25, 100];

const byPlace = (left: Thing, right: Thing) => left.place - right.place;
const byName = (left: Thing, right: Thing) => (left.name < right.name ? -1 : 1);
const ids = (things: readonly { id: string }[]) => things.map(({ id }) => id);

describe.each([1, 3])('with %i partition key ranges', (ranges) => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount(ranges);
    container = await account.createContainer({
      indexingPolicy: {
        includedPaths: [{ path: '/*' }],
        compositeIndexes: [
          [
            { path: '/place', order: 'descending' },
            { path: '/name', order: 'ascending' },
          ],
        ],
      },
    });
    for (const thing of THINGS) await container.items.create(thing);
  });
  afterAll(() => account.close());

  async function ask<T = Thing>(
    query: string,
    options: FeedOptions = {},
    parameters: { name: string; value: string | number }[] = [],
  ): Promise<T[]> {
    return (await container.items.query<T>({ query, parameters }, options).fetchAll()).resources;
  }

  if (!IS_REAL)
    test('the ranges cover the whole space, and each range has documents', async () => {
      const { resources } = await container.readPartitionKeyRanges().fetchAll();
      expect(resources).toHaveLength(ranges);
      expect([resources[0]?.minInclusive, resources.at(-1)?.maxExclusive]).toEqual(['', 'FF']);
      // A sorted query goes to every range separately.
      const before = account.requests.length;
      await ask('SELECT * FROM c ORDER BY c.place');
      const asked = account.requests
        .slice(before)
        .map(({ headers }) => headers['x-ms-documentdb-partitionkeyrangeid'])
        .filter((id) => id !== undefined);
      expect(new Set(asked).size).toBe(ranges);
    });

  test.each(PAGE_SIZES)('a query finds every document once, in pages of %i', async (maxItemCount) => {
    const found = await ask('SELECT * FROM c', { maxItemCount });
    expect(ids(found).sort()).toEqual(ids(THINGS).sort());
    const steps = await ask('SELECT * FROM c WHERE c.type = @type', { maxItemCount }, [
      { name: '@type', value: 'step' },
    ]);
    expect(ids(steps).sort()).toEqual(ids(THINGS.filter(({ type }) => type === 'step')).sort());
  });

  test.each(PAGE_SIZES)('a query sorts by one property and by two, in pages of %i', async (maxItemCount) => {
    const ascending = await ask('SELECT * FROM c ORDER BY c.name', { maxItemCount });
    expect(ids(ascending)).toEqual(ids([...THINGS].sort(byName)));
    const descending = await ask('SELECT c.id, c.place FROM c ORDER BY c.place DESC', { maxItemCount });
    expect(descending.map(({ place }) => place)).toEqual(
      [...THINGS]
        .sort(byPlace)
        .reverse()
        .map(({ place }) => place),
    );
    expect(ids(descending).sort()).toEqual(ids(THINGS).sort());
    const both = await ask('SELECT * FROM c ORDER BY c.place DESC, c.name ASC', { maxItemCount });
    expect(ids(both)).toEqual(
      ids([...THINGS].sort((left, right) => byPlace(right, left) || byName(left, right))),
    );
    const reversed = await ask<string>('SELECT VALUE c.id FROM c ORDER BY c.place ASC, c.name DESC', {
      maxItemCount,
    });
    expect(reversed).toEqual(
      ids([...THINGS].sort((left, right) => byPlace(left, right) || byName(right, left))),
    );
  });

  test.each(PAGE_SIZES)('TOP and OFFSET LIMIT work in pages of %i', async (maxItemCount) => {
    const sorted = ids([...THINGS].sort(byName));
    expect(await ask<string>('SELECT TOP 10 VALUE c.id FROM c ORDER BY c.name', { maxItemCount })).toEqual(
      sorted.slice(0, 10),
    );
    expect(
      await ask<string>('SELECT VALUE c.id FROM c ORDER BY c.name OFFSET 5 LIMIT 9', { maxItemCount }),
    ).toEqual(sorted.slice(5, 14));
    expect(await ask('SELECT TOP 13 * FROM c', { maxItemCount })).toHaveLength(13);
    expect(new Set(ids(await ask('SELECT * FROM c OFFSET 50 LIMIT 20', { maxItemCount }))).size).toBe(10);
  });

  test('a query counts documents', async () => {
    expect(await ask('SELECT VALUE COUNT(1) FROM c')).toEqual([60]);
    expect(
      await ask('SELECT VALUE COUNT(1) FROM c WHERE c.type = @type', {}, [{ name: '@type', value: 'step' }]),
    ).toEqual([20]);
  });

  test.each([1, 2, 7, 100])(
    'queries continue from tokens in pages of %i, sorted and unsorted',
    async (maxItemCount) => {
      for (const query of [
        'SELECT * FROM c',
        'SELECT * FROM c WHERE c.place < 15',
        'SELECT * FROM c ORDER BY c.name',
        'SELECT * FROM c ORDER BY c.place DESC',
      ]) {
        const found: Thing[] = [];
        const sorts = query.includes('ORDER BY');
        for await (const page of queryPages<Thing>(container, query, {
          maxItemCount,
          enableQueryControl: sorts,
        }))
          found.push(...page);
        const wanted = THINGS.filter(({ place }) => !query.includes('< 15') || place < 15);
        expect(ids(found).sort()).toEqual(ids(wanted).sort());
        if (query.includes('c.name')) expect(ids(found)).toEqual(ids([...THINGS].sort(byName)));
        if (query.includes('DESC'))
          expect(found.map(({ place }) => place)).toEqual(
            [...THINGS]
              .sort(byPlace)
              .reverse()
              .map(({ place }) => place),
          );
      }
    },
  );

  test('each partition can be read alone', async () => {
    const found = await ask('SELECT * FROM c', { partitionKey: 'group-3', maxItemCount: 2 });
    expect(ids(found).sort()).toEqual(ids(THINGS.filter(({ group }) => group === 'group-3')).sort());
  });

  test('bulk requests go to the range that the SDK computes', async () => {
    const bulk = await account.createContainer();
    const keys = [
      'text',
      'größe ☂',
      '',
      'x'.repeat(200),
      0,
      1.5,
      -1e30,
      true,
      false,
      null,
      ...Array.from({ length: 30 }, (_, index) => `key ${index}`),
    ];
    const operations = keys.map((group, index) => ({
      operationType: 'Create' as const,
      partitionKey: group,
      resourceBody: { id: `b${index}`, group },
    }));
    const results = await bulk.items.executeBulkOperations([...operations, ...operations.slice(0, 1)]);
    expect(results.map(({ response, error }) => error?.code ?? response?.statusCode)).toEqual([
      ...keys.map(() => 201),
      409,
    ]);
    expect((await bulk.items.query('SELECT * FROM c').fetchAll()).resources).toHaveLength(keys.length);
  });

  if (!IS_REAL)
    test('a missing range answers with 410', async () => {
      const options = { initialHeaders: { 'x-ms-documentdb-partitionkeyrangeid': '17' } } as FeedOptions;
      expect(await failureOf(container.items.query('SELECT * FROM c', options).fetchNext())).toMatchObject({
        code: 410,
        substatus: 1002,
      });
    });
});
