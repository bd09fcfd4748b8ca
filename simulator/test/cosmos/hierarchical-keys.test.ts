// Partition keys of several levels: a document's whole key, and its first levels, which many
// documents share.

import {
  PartitionKeyDefinitionVersion,
  PartitionKeyKind,
  type Container,
  type PartitionKey,
} from '@azure/cosmos';
import { failureOf, openAccount, queryPages, type TestAccount } from './account.ts';

interface Entry {
  id: string;
  tenant?: string;
  user?: string;
  session?: number;
}

const ENTRIES: Entry[] = ['a', 'b', 'c'].flatMap((tenant) =>
  ['u1', 'u2'].flatMap((user) =>
    [1, 2, 3].map((session) => ({ id: `${tenant}-${user}-${session}`, tenant, user, session })),
  ),
);

describe.each([1, 3])('on %i partition key ranges', (ranges) => {
  let account: TestAccount;
  let container: Container;

  beforeAll(async () => {
    account = await openAccount(ranges);
    container = await account.createContainer({
      partitionKey: {
        paths: ['/tenant', '/user', '/session'],
        kind: PartitionKeyKind.MultiHash,
        version: PartitionKeyDefinitionVersion.V2,
      },
    });
    for (const entry of ENTRIES) await container.items.create(entry);
  });
  afterAll(() => account.close());

  const idsOf = async (partitionKey: PartitionKey, query = 'SELECT VALUE c.id FROM c') =>
    (await container.items.query<string>(query, { partitionKey }).fetchAll()).resources.sort();
  const wanted = (start: string) => ENTRIES.map(({ id }) => id).filter((id) => id.startsWith(start));

  test('the container shows its key levels', async () => {
    const { resource } = await container.read();
    expect(resource?.partitionKey).toMatchObject({
      paths: ['/tenant', '/user', '/session'],
      kind: 'MultiHash',
      version: PartitionKeyDefinitionVersion.V2,
    });
  });

  test('a document is read, changed, patched and deleted by its whole key', async () => {
    const { item } = await container.items.create({
      id: 'one',
      tenant: 'x',
      user: 'u',
      session: 1,
      value: 1,
    });
    const key: PartitionKey = ['x', 'u', 1];
    expect((await container.item('one', key).read<{ value: number }>()).resource?.value).toBe(1);
    await container.item('one', key).patch([{ op: 'incr', path: '/value', value: 1 }]);
    await container.items.upsert({ id: 'one', tenant: 'x', user: 'u', session: 1, value: 5 });
    expect((await item.read<{ value: number }>()).resource?.value).toBe(5);
    expect(
      await failureOf(container.items.create({ id: 'one', tenant: 'x', user: 'u', session: 1 })),
    ).toMatchObject({ code: 409 });
    await container.items.create({ id: 'one', tenant: 'x', user: 'u', session: 2 });
    expect(
      await failureOf(container.item('one', key).patch([{ op: 'set', path: '/user', value: 'v' }])),
    ).toMatchObject({ code: 400 });
    await container.item('one', key).delete();
    expect((await container.item('one', key).read()).statusCode).toBe(404);
    expect((await container.item('one', ['x', 'u', 2]).read()).statusCode).toBe(200);
  });

  test('a part of the key does not identify a document', async () => {
    for (const key of [['a'], ['a', 'u1']] as PartitionKey[]) {
      expect(
        await failureOf(
          container.item('a-u1-1', key).replace({ id: 'a-u1-1', tenant: 'a', user: 'u1', session: 1 }),
        ),
      ).toMatchObject({ code: 400 });
    }
    expect(await failureOf(container.item('a-u1-1', ['a', 'u1', 1, 'more']).delete())).toMatchObject({
      code: 400,
    });
    expect((await container.item('a-u1-1', ['a', 'u1', 1]).read()).statusCode).toBe(200);
  });

  test('a query finds the documents that begin with the given levels', async () => {
    expect(await idsOf(['a', 'u1', 2])).toEqual(['a-u1-2']);
    expect(await idsOf(['a', 'u1'])).toEqual(wanted('a-u1'));
    expect(await idsOf(['b'])).toEqual(wanted('b-'));
    expect(await idsOf(['nobody'])).toEqual([]);
    expect(await idsOf(['b'], 'SELECT VALUE c.id FROM c WHERE c.session = 3')).toEqual(['b-u1-3', 'b-u2-3']);
    expect(
      (await container.items.readAll<Entry>({ partitionKey: ['c', 'u2'] }).fetchAll()).resources
        .map(({ id }) => id)
        .sort(),
    ).toEqual(wanted('c-u2'));
    expect(await failureOf(idsOf(['a', 'u1', 2, 'more']))).toMatchObject({ code: 400 });
  });

  test('such a query also sorts, counts and pages', async () => {
    const ask = async (query: string, partitionKey: PartitionKey) =>
      (await container.items.query<unknown>(query, { partitionKey, maxItemCount: 2 }).fetchAll()).resources;
    expect(await ask('SELECT VALUE COUNT(1) FROM c', ['a'])).toEqual([6]);
    expect(await ask('SELECT VALUE c.id FROM c ORDER BY c.id DESC', ['a', 'u2'])).toEqual([
      'a-u2-3',
      'a-u2-2',
      'a-u2-1',
    ]);
    expect(await ask('SELECT DISTINCT VALUE c.user FROM c ORDER BY c.user', ['c'])).toEqual(['u1', 'u2']);
    const found: Entry[] = [];
    for await (const page of queryPages<Entry>(container, 'SELECT * FROM c', {
      partitionKey: ['b'],
      maxItemCount: 2,
    }))
      found.push(...page);
    expect(found.map(({ id }) => id).sort()).toEqual(wanted('b-'));
  });

  test('a query over all partitions finds every document once', async () => {
    const query = {
      query: 'SELECT VALUE c.id FROM c WHERE c.user = @user ORDER BY c.id',
      parameters: [{ name: '@user', value: 'u2' }],
    };
    expect((await container.items.query<string>(query, { maxItemCount: 2 }).fetchAll()).resources).toEqual(
      ENTRIES.filter(({ user }) => user === 'u2').map(({ id }) => id),
    );
  });

  test('a batch belongs to one whole key, and bulk reaches every key', async () => {
    const key: PartitionKey = ['batch', 'u', 1];
    const { code } = await container.items.batch(
      [
        { operationType: 'Create', resourceBody: { id: 'b1', tenant: 'batch', user: 'u', session: 1 } },
        { operationType: 'Create', resourceBody: { id: 'b2', tenant: 'batch', user: 'u', session: 1 } },
      ],
      key,
    );
    expect(code).toBe(200);
    const { result } = await container.items.batch(
      [{ operationType: 'Create', resourceBody: { id: 'b3', tenant: 'batch', user: 'other', session: 1 } }],
      key,
    );
    expect(result?.[0]?.statusCode).toBe(400);
    const operations = Array.from({ length: 20 }, (_, session) => ({
      operationType: 'Create' as const,
      partitionKey: ['bulk', 'u', session],
      resourceBody: { id: 'bulk', tenant: 'bulk', user: 'u', session },
    }));
    const results = await container.items.executeBulkOperations(operations);
    expect(results.map(({ response }) => response?.statusCode)).toEqual(operations.map(() => 201));
    expect(await idsOf(['bulk'])).toHaveLength(20);
  });

  test('a missing level is undefined, not null', async () => {
    await container.items.create({ id: 'lacking', tenant: 'lack', user: 'u' });
    expect(await idsOf(['lack', 'u'])).toEqual(['lacking']);
    expect((await container.item('lacking', ['lack', 'u', null]).read()).statusCode).toBe(404);
    expect((await container.item('lacking', ['lack', 'u', {}]).read()).statusCode).toBe(200);
  });
});
