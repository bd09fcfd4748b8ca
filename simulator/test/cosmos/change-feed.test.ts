// The change feed in its latest version mode: each changed document in its present version, with no
// loss between two pages.

import {
  PartitionKeyDefinitionVersion,
  PartitionKeyKind,
  StatusCodes,
  type ChangeFeedIteratorResponse,
  type ChangeFeedStartFrom,
  type ChangeFeedPullModelIterator,
  type Container,
} from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';
import { startFrom } from './change-feed-starts.ts';

interface Change {
  id: string;
  group: string;
  value: number;
  _lsn: number;
  _ts: number;
}
type Feed = ChangeFeedPullModelIterator<Change>;
type Page = ChangeFeedIteratorResponse<Change[]>;

/** Reads pages until nothing is new. Returns the changes and the continuation. */
async function read(feed: Feed): Promise<{ changes: Change[]; pages: Page[]; continuation: string }> {
  const pages: Page[] = [];
  for (;;) {
    const page = await feed.readNext();
    if (page.statusCode === StatusCodes.NotModified)
      return { changes: pages.flatMap(({ result }) => result), pages, continuation: page.continuationToken };
    pages.push(page);
  }
}

const ids = (changes: readonly Change[]) => changes.map(({ id }) => id);

describe.each([1, 3])('on %i partition key ranges', (ranges) => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount(ranges);
  });
  beforeEach(async () => {
    container = await account.createContainer();
  });
  afterAll(() => account.close());

  const feed = (start: ChangeFeedStartFrom, maxItemCount = 100): Feed =>
    container.items.getChangeFeedIterator<Change>({ changeFeedStartFrom: start, maxItemCount });
  const goingOn = (continuation: string): Feed => feed(startFrom.continuation(continuation));
  const fill = async (count: number) => {
    for (let number = 0; number < count; number += 1)
      await container.items.create({ id: `d${number}`, group: `g${number % 5}`, value: 0 });
  };

  test.each([1, 2, 7, 100])(
    'the feed from the beginning has every document once, in pages of %i, in order per partition',
    async (size) => {
      await fill(20);
      const { changes, pages } = await read(feed(startFrom.beginning(), size));
      expect(ids(changes).sort()).toEqual(Array.from({ length: 20 }, (_, number) => `d${number}`).sort());
      for (const { result } of pages) expect(result.length).toBeLessThanOrEqual(size);
      for (const group of ['g0', 'g3']) {
        const numbers = changes
          .filter((change) => change.group === group)
          .map(({ id }) => Number(id.slice(1)));
        expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
      }
    },
  );

  test('an empty container has no changes until the first document', async () => {
    const changes = feed(startFrom.beginning());
    expect((await changes.readNext()).statusCode).toBe(StatusCodes.NotModified);
    await container.items.create({ id: 'first', group: 'g', value: 1 });
    expect(ids((await read(changes)).changes)).toEqual(['first']);
    expect((await changes.readNext()).statusCode).toBe(StatusCodes.NotModified);
  });

  test('a document that changed often appears once, and a deleted document does not appear', async () => {
    await fill(3);
    const { continuation } = await read(feed(startFrom.beginning()));
    const item = container.item('d1', 'g1');
    await item.replace({ id: 'd1', group: 'g1', value: 1 });
    await item.patch([{ op: 'incr', path: '/value', value: 1 }]);
    await container.items.upsert({ id: 'd1', group: 'g1', value: 3 });
    await container.item('d2', 'g2').delete();
    const { changes } = await read(goingOn(continuation));
    expect(changes.map(({ id, value }) => [id, value])).toEqual([['d1', 3]]);
    const all = await read(feed(startFrom.beginning()));
    expect(ids(all.changes).sort()).toEqual(['d0', 'd1']);
    expect(all.changes.every(({ _lsn }) => typeof _lsn === 'number')).toBe(true);
  });

  test('a feed from now has only later changes', async () => {
    await fill(3);
    const changes = feed(startFrom.now());
    expect((await changes.readNext()).statusCode).toBe(StatusCodes.NotModified);
    await container.items.create({ id: 'new', group: 'g', value: 1 });
    await container.item('d0', 'g0').patch([{ op: 'set', path: '/value', value: 5 }]);
    expect(ids((await read(changes)).changes).sort()).toEqual(['d0', 'new']);
  });

  test('a feed from a point in time has the changes since then', async () => {
    await fill(3);
    await account.advance(2);
    const { resource } = await container.items.create({ id: 'late', group: 'g', value: 1 });
    await container.item('d0', 'g0').patch([{ op: 'set', path: '/value', value: 5 }]);
    const start = new Date((resource?._ts ?? 0) * 1000);
    expect(ids((await read(feed(startFrom.time(start)))).changes).sort()).toEqual(['d0', 'late']);
  });

  test('a feed of one partition has only its changes', async () => {
    await fill(10);
    const own = feed(startFrom.beginning('g3'), 1);
    const { changes, continuation } = await read(own);
    expect(ids(changes)).toEqual(['d3', 'd8']);
    await container.items.upsert({ id: 'd3', group: 'g3', value: 1 });
    await container.items.upsert({ id: 'd4', group: 'g4', value: 1 });
    expect(ids((await read(goingOn(continuation))).changes)).toEqual(['d3']);
  });

  test('the feeds of all feed ranges together have all changes', async () => {
    await fill(20);
    const parts = await container.getFeedRanges();
    expect(parts.length).toBeGreaterThanOrEqual(1);
    const found: string[] = [];
    for (const part of parts) found.push(...ids((await read(feed(startFrom.beginning(part), 3))).changes));
    expect(found.sort()).toEqual(Array.from({ length: 20 }, (_, number) => `d${number}`).sort());
  });

  test('the feed continues from the token of every page', async () => {
    await fill(11);
    const found: string[] = [];
    let page = await feed(startFrom.beginning(), 2).readNext();
    while (page.statusCode !== StatusCodes.NotModified) {
      found.push(...ids(page.result));
      page = await container.items
        .getChangeFeedIterator<Change>({
          changeFeedStartFrom: startFrom.continuation(page.continuationToken),
          maxItemCount: 2,
        })
        .readNext();
    }
    expect(found.sort()).toEqual(Array.from({ length: 11 }, (_, number) => `d${number}`).sort());
  });

  test('the token of another container is refused', async () => {
    await fill(1);
    const { continuation } = await read(feed(startFrom.beginning()));
    container = await account.createContainer();
    await expect(goingOn(continuation).readNext()).rejects.toThrow(/continuation/i);
  });

  test('a feed of the first levels of a hierarchical key has only their changes', async () => {
    container = await account.createContainer({
      partitionKey: {
        paths: ['/tenant', '/user'],
        kind: PartitionKeyKind.MultiHash,
        version: PartitionKeyDefinitionVersion.V2,
      },
    });
    for (const [tenant, user] of [
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ])
      await container.items.create({ id: `${tenant}${user}`, tenant, user });
    expect(ids((await read(feed(startFrom.beginning(['a'])))).changes).sort()).toEqual(['ax', 'ay']);
    expect(ids((await read(feed(startFrom.beginning(['b', 'x'])))).changes)).toEqual(['bx']);
  });
});

test('an invalid continuation is refused', async () => {
  const account = await openAccount();
  const container = await account.createContainer();
  const options = {
    changeFeedStartFrom: startFrom.continuation(
      JSON.stringify({
        rid: (await container.read()).resource?._rid,
        Continuation: '"x"',
        partitionKey: 'g',
      }),
    ),
  };
  expect(await failureOf(container.items.getChangeFeedIterator(options).readNext())).toMatchObject({
    code: 400,
  });
  await account.close();
});
