// Work that continues during splits and merges of ranges. These tests run in the simulator alone,
// because nobody can split ranges in Azure. They omit one case: a sorted or counted query of a
// client that still knows the old ranges. `@azure/cosmos` 4.10.1 asks a missing range again without
// end.

import { CosmosClient, StatusCodes, type Container, type FeedOptions } from '@azure/cosmos';
import { failureOf, IS_REAL, openAccount, type TestAccount } from './account.ts';
import { startFrom } from './change-feed-starts.ts';

const COUNT = 60;
const ALL = Array.from({ length: COUNT }, (_, number) => `d${number}`).sort();

if (!IS_REAL)
  describe.each([
    [1, 3],
    [3, 1],
    [2, 5],
    [5, 2],
  ])('when %i ranges become %i', (before, after) => {
    let account: TestAccount;
    let containerId: string;
    let client: CosmosClient;
    let container: Container;

    beforeAll(async () => {
      account = await openAccount(before);
      const { id, items } = await account.createContainer();
      containerId = id;
      for (let number = 0; number < COUNT; number += 1)
        await items.create({
          id: `d${number}`,
          group: `g${number % 20}`,
          place: (number * 7) % COUNT,
        });
    });
    beforeEach(async () => {
      await account.changeSettings({ ranges: before });
      // A new client: it does not know the ranges of another test.
      client = new CosmosClient({ endpoint: account.endpoint, key: account.key });
      container = client.database(account.database.id).container(containerId);
    });
    afterEach(() => client.dispose());
    afterAll(() => account.close());

    /** Reads all pages of one query. The ranges change after the first page. */
    async function across(query: string, options: FeedOptions): Promise<string[]> {
      const pages = container.items.query<string>(query, options);
      const found: string[] = [];
      for (let page = 0; pages.hasMoreResults(); page += 1) {
        const { resources } = (await pages.fetchNext()) as { resources?: string[] };
        found.push(...(resources ?? []));
        if (page === 0) await account.changeSettings({ ranges: after });
      }
      return found;
    }

    test('a query over the gateway finds every document once', async () => {
      expect((await across('SELECT VALUE c.id FROM c', { maxItemCount: 7 })).sort()).toEqual(ALL);
      await account.changeSettings({ ranges: before });
      expect(
        (await across('SELECT VALUE c.id FROM c WHERE c.place >= 0', { maxItemCount: 13 })).sort(),
      ).toEqual(ALL);
    });

    test('an old token still works', async () => {
      const first = await container.items
        .query<string>('SELECT VALUE c.id FROM c', { maxItemCount: 7 })
        .fetchNext();
      await account.changeSettings({ ranges: after });
      const rest = await container.items
        .query<string>('SELECT VALUE c.id FROM c', {
          maxItemCount: 7,
          continuationToken: first.continuationToken,
        })
        .fetchAll();
      expect([...first.resources, ...rest.resources].sort()).toEqual(ALL);
    });

    test('a new client finds every document in the new ranges', async () => {
      await account.changeSettings({ ranges: after });
      const { items } = container;
      expect((await items.query('SELECT VALUE COUNT(1) FROM c').fetchAll()).resources).toEqual([COUNT]);
      const sorted = await items.query<number>('SELECT VALUE c.place FROM c ORDER BY c.place').fetchAll();
      expect(sorted.resources).toEqual(Array.from({ length: COUNT }, (_, place) => place));
    });

    test.each([
      'SELECT VALUE c.id FROM c',
      'SELECT VALUE c.id FROM c ORDER BY c.place DESC',
      'SELECT DISTINCT VALUE c.id FROM c',
    ])('the token of an old range works in its successors: %s', async (query) => {
      const inRange = async (
        headers: Record<string, string>,
        continuationToken?: string,
      ): Promise<{ ids: string[]; token: string | undefined }> => {
        const options = {
          maxItemCount: 4,
          initialHeaders: headers,
          ...(continuationToken === undefined ? {} : { continuationToken }),
        } as FeedOptions;
        const page = await container.items.query<string>(query, options).fetchNext();
        return { ids: page.resources, token: page.continuationToken };
      };
      const ranges = async () =>
        (await container.readPartitionKeyRanges().fetchAll()).resources as {
          id: string;
          minInclusive: string;
          maxExclusive: string;
        }[];
      const parents = await ranges();
      const firsts = await Promise.all(
        parents.map(({ id }) => inRange({ 'x-ms-documentdb-partitionkeyrangeid': id })),
      );
      await account.changeSettings({ ranges: after });
      expect(
        await failureOf(inRange({ 'x-ms-documentdb-partitionkeyrangeid': parents[0]?.id ?? '' })),
      ).toMatchObject({ code: 410, substatus: 1002 });
      const found = firsts.flatMap(({ ids }) => ids);
      const children = await ranges();
      for (const [index, parent] of parents.entries()) {
        for (const child of children.filter(
          ({ minInclusive, maxExclusive }) =>
            minInclusive < parent.maxExclusive && maxExclusive > parent.minInclusive,
        )) {
          // Only the part of the new range that belongs to the token.
          const headers = {
            'x-ms-documentdb-partitionkeyrangeid': child.id,
            'x-ms-start-epk': parent.minInclusive,
            'x-ms-end-epk': parent.maxExclusive,
          };
          for (let token = firsts[index]?.token; token !== undefined;) {
            const page = await inRange(headers, token);
            found.push(...page.ids);
            token = page.token;
          }
        }
      }
      expect(found.sort()).toEqual(ALL);
    });

    test('bulk requests find the new ranges', async () => {
      await container.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll();
      await account.changeSettings({ ranges: after });
      const operations = Array.from({ length: 20 }, (_, number) => ({
        operationType: 'Upsert' as const,
        partitionKey: `g${number}`,
        resourceBody: { id: `d${number}`, group: `g${number}`, place: (number * 7) % COUNT },
      }));
      const results = await container.items.executeBulkOperations(operations);
      expect(results.map(({ response }) => response?.statusCode)).toEqual(operations.map(() => 200));
    });

    test('the change feed shows every change', async () => {
      const feed = container.items.getChangeFeedIterator<{ id: string }>({
        changeFeedStartFrom: startFrom.beginning(),
        maxItemCount: 7,
      });
      const found: string[] = [];
      for (let pages = 0; ; pages += 1) {
        const page = await feed.readNext();
        if (page.statusCode === StatusCodes.NotModified) break;
        found.push(...(page.result as unknown as { id: string }[]).map(({ id }) => id));
        if (pages === 1) await account.changeSettings({ ranges: after });
      }
      expect([...new Set(found)].sort()).toEqual(ALL);
      expect(found).toHaveLength(COUNT);
    });
  });
