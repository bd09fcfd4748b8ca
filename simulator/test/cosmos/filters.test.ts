// For random documents and conditions, the server finds the same documents as a plain evaluation,
// on one range and on three.

import type { Container } from '@azure/cosmos';
import fc from 'fast-check';
import { openAccount, queryPages, type TestAccount } from './account.ts';
import { anyCondition, anyDocuments, type TestDocument } from './random-conditions.ts';

const RUNS = { numRuns: 40, seed: 20261121 };

describe.each([1, 3])('on %i partition key ranges', (ranges) => {
  let account: TestAccount;
  beforeAll(async () => {
    account = await openAccount(ranges);
  });
  afterAll(() => account.close());

  async function filled(list: readonly TestDocument[]): Promise<Container> {
    const container = await account.createContainer();
    await Promise.all(list.map((thing) => container.items.create(thing)));
    return container;
  }

  const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id).sort();

  test('filters give the same rows as a plain evaluation', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyDocuments,
        fc.array(anyCondition, { minLength: 4, maxLength: 12 }),
        async (list, conditions) => {
          const container = await filled(list);
          for (const { text, holds } of conditions) {
            const wanted = list.filter((thing) => holds(thing) === true);
            const query = `SELECT * FROM c WHERE ${text}`;
            expect([
              text,
              idsOf((await container.items.query<TestDocument>(query).fetchAll()).resources),
            ]).toEqual([text, idsOf(wanted)]);
            const inside = await container.items
              .query<TestDocument>(query, { partitionKey: 'g1' })
              .fetchAll();
            expect(idsOf(inside.resources)).toEqual(idsOf(wanted.filter(({ group }) => group === 'g1')));
            const [count] = (
              await container.items.query<number>(`SELECT VALUE COUNT(1) FROM c WHERE ${text}`).fetchAll()
            ).resources;
            expect(count).toBe(wanted.length);
          }
          await container.delete();
        },
      ),
      RUNS,
    );
  });

  test('order, windows and pages give the same rows', async () => {
    const windows = fc.record({
      skip: fc.nat(6),
      most: fc.nat(6),
      page: fc.integer({ min: 1, max: 5 }),
      descending: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(anyDocuments, windows, async (list, { skip, most, page, descending }) => {
        const container = await filled(list);
        const direction = descending ? 'DESC' : 'ASC';
        const places = list
          .map(({ place }) => Number(place))
          .sort((left, right) => (descending ? right - left : left - right));
        const all = async (query: string) =>
          (await container.items.query<number>(query, { maxItemCount: page }).fetchAll()).resources;
        expect(await all(`SELECT VALUE c.place FROM c ORDER BY c.place ${direction}`)).toEqual(places);
        expect(
          await all(`SELECT VALUE c.place FROM c ORDER BY c.place ${direction} OFFSET ${skip} LIMIT ${most}`),
        ).toEqual(places.slice(skip, skip + most));
        expect(await all(`SELECT TOP ${most} VALUE c.place FROM c ORDER BY c.place ${direction}`)).toEqual(
          places.slice(0, most),
        );
        const found: TestDocument[] = [];
        for await (const rows of queryPages<TestDocument>(
          container,
          `SELECT * FROM c ORDER BY c.place ${direction}`,
          {
            maxItemCount: page,
            enableQueryControl: true,
          },
        ))
          found.push(...rows);
        expect(found.map(({ place }) => place)).toEqual(places);
        expect(idsOf(found)).toEqual(idsOf(list));
        await container.delete();
      }),
      RUNS,
    );
  });
});

describe.each([1, 3])('on %i partition key ranges, combined', (ranges) => {
  test('groups, aggregates, distinct rows and joined elements give the same results', async () => {
    const account = await openAccount(ranges);
    await fc.assert(
      fc.asyncProperty(anyDocuments, fc.integer({ min: 1, max: 5 }), async (list, page) => {
        const container = await account.createContainer();
        await Promise.all(list.map((thing) => container.items.create(thing)));
        const all = async (query: string) =>
          (
            await container.items.query<Record<string, unknown>>(query, { maxItemCount: page }).fetchAll()
          ).resources
            .map((row) => JSON.stringify(row))
            .sort();
        const places = [...new Set(list.map(({ place }) => Number(place)))];
        const groups = places.map((place) => ({
          place,
          of: list.filter((thing) => thing['place'] === place),
        }));
        expect(await all('SELECT DISTINCT c.place FROM c')).toEqual(
          places.map((place) => JSON.stringify({ place })).sort(),
        );
        expect(
          await all('SELECT c.place, COUNT(1) AS n, COUNT(c.type) AS types FROM c GROUP BY c.place'),
        ).toEqual(
          groups
            .map(({ place, of }) =>
              JSON.stringify({
                place,
                n: of.length,
                types: of.filter(({ type }) => type !== undefined).length,
              }),
            )
            .sort(),
        );
        const numbers = list.map(({ a }) => a).filter((a) => typeof a === 'number');
        const one = (value: number | undefined) => (value === undefined ? [] : [String(value)]);
        expect(await all('SELECT VALUE SUM(c.a) FROM c WHERE IS_NUMBER(c.a)')).toEqual(
          one(numbers.reduce((sum, number) => sum + number, 0)),
        );
        expect(await all('SELECT VALUE MAX(c.a) FROM c WHERE IS_NUMBER(c.a)')).toEqual(
          one(numbers.length === 0 ? undefined : Math.max(...numbers)),
        );
        expect(await all('SELECT VALUE MIN(c.a) FROM c WHERE IS_NUMBER(c.a)')).toEqual(
          one(numbers.length === 0 ? undefined : Math.min(...numbers)),
        );
        const elements = list.flatMap(({ id, a }) =>
          Array.isArray(a) ? (a as unknown[]).map((e) => ({ id, e })) : [],
        );
        expect(await all('SELECT c.id, e FROM c JOIN e IN c.a')).toEqual(
          elements.map((row) => JSON.stringify(row)).sort(),
        );
        expect(
          await all('SELECT c.id FROM c WHERE EXISTS(SELECT VALUE e FROM e IN c.a WHERE e = 1)'),
        ).toEqual(
          [...new Set(elements.filter(({ e }) => e === 1).map(({ id }) => id))]
            .map((id) => JSON.stringify({ id }))
            .sort(),
        );
        await container.delete();
      }),
      RUNS,
    );
    await account.close();
  });
});

describe('in one partition', () => {
  test('values of every type are sorted by type first, page by page', async () => {
    const account = await openAccount();
    const typeRank = (value: unknown) =>
      ['undefined', 'null', 'boolean', 'number', 'string'].indexOf(value === null ? 'null' : typeof value);
    const before = (left: unknown, right: unknown) =>
      typeRank(left) - typeRank(right) ||
      (left === right ? 0 : (left as string) < (right as string) ? -1 : 1);
    await fc.assert(
      fc.asyncProperty(
        anyDocuments,
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        async (list, page, descending) => {
          const container = await account.createContainer();
          for (const thing of list) await container.items.create({ ...thing, group: 'g' });
          const found: TestDocument[] = [];
          const query = `SELECT * FROM c ORDER BY c["odd \\"name"] ${descending ? 'DESC' : 'ASC'}`;
          for await (const rows of queryPages<TestDocument>(container, query, {
            maxItemCount: page,
            partitionKey: 'g',
          }))
            found.push(...rows);
          const wanted = list
            .map((thing) => thing['odd "name'])
            .sort(
              (left, right) =>
                (descending ? -1 : 1) *
                (left === undefined || right === undefined
                  ? typeRank(left) - typeRank(right)
                  : before(left, right)),
            );
          // An array's own sort puts undefined last, whatever the comparison returns.
          const missing = wanted.filter((value) => value === undefined);
          const present = wanted.filter((value) => value !== undefined);
          expect(found.map((thing) => thing['odd "name'])).toEqual(
            descending ? [...present, ...missing] : [...missing, ...present],
          );
          await container.delete();
        },
      ),
      RUNS,
    );
    await account.close();
  });
});
