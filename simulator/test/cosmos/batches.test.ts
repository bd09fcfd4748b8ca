import type { Container, OperationInput } from '@azure/cosmos';
import { sendPlainRequest, failureOf, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
let container: Container;

beforeAll(async () => {
  account = await openAccount(3);
  container = await account.createContainer();
});
afterAll(() => account.close());

/** The SDK's types do not allow a conditional deletion. */
type Operation = OperationInput | { operationType: 'Delete'; id: string; ifMatch: string };

let numbers = 0;
/** Returns a new partition for every test. */
const newGroup = () => `group ${(numbers += 1)}`;

async function run(group: string, operations: Operation[]) {
  const { result, code } = await container.items.batch(operations, group);
  return { code, statuses: (result ?? []).map(({ statusCode }) => statusCode), result: result ?? [] };
}

async function contents(group: string) {
  const { resources } = await container.items
    .query<Record<string, unknown>>('SELECT * FROM c ORDER BY c.id', { partitionKey: group })
    .fetchAll();
  return resources;
}

describe('a batch', () => {
  test('performs every kind of operation, in order', async () => {
    const group = newGroup();
    for (const id of ['replaced', 'patched', 'deleted', 'upserted', 'read'])
      await container.items.create({ id, group, value: 1 });
    const { code, statuses, result } = await run(group, [
      { operationType: 'Create', resourceBody: { id: 'created', group, value: 2 } },
      { operationType: 'Upsert', resourceBody: { id: 'upserted', group, value: 2 } },
      { operationType: 'Upsert', resourceBody: { id: 'new', group, value: 2 } },
      { operationType: 'Read', id: 'read' },
      { operationType: 'Replace', id: 'replaced', resourceBody: { id: 'replaced', group, value: 2 } },
      {
        operationType: 'Patch',
        id: 'patched',
        resourceBody: {
          condition: 'FROM c WHERE c["value"] = 1',
          operations: [{ op: 'incr', path: '/value', value: 1 }],
        },
      },
      { operationType: 'Delete', id: 'deleted' },
      { operationType: 'Read', id: 'created' },
    ]);
    expect(code).toBe(200);
    expect(statuses).toEqual([201, 200, 201, 200, 200, 200, 204, 200]);
    expect(result[7]?.resourceBody).toMatchObject({ id: 'created', value: 2 });
    const now = await contents(group);
    expect(now.map(({ id, value }) => [id, value])).toEqual([
      ['created', 2],
      ['new', 2],
      ['patched', 2],
      ['read', 1],
      ['replaced', 2],
      ['upserted', 2],
    ]);
    expect(result[0]?.eTag).toBe(now[0]?.['_etag']);
  });

  test.each<[string, number, Operation]>([
    [
      'a create of an existing document',
      409,
      { operationType: 'Create', resourceBody: { id: 'known', group: '?' } },
    ],
    ['a read of a missing document', 404, { operationType: 'Read', id: 'nobody' }],
    [
      'a replace of a missing document',
      404,
      { operationType: 'Replace', id: 'nobody', resourceBody: { id: 'nobody', group: '?' } },
    ],
    ['a delete of a missing document', 404, { operationType: 'Delete', id: 'nobody' }],
    [
      'a replace with a stale ETag',
      412,
      {
        operationType: 'Replace',
        id: 'known',
        ifMatch: '"stale"',
        resourceBody: { id: 'known', group: '?' },
      },
    ],
    [
      'an upsert with a stale ETag',
      412,
      { operationType: 'Upsert', ifMatch: '"stale"', resourceBody: { id: 'known', group: '?' } },
    ],
    ['a delete with a stale ETag', 412, { operationType: 'Delete', id: 'known', ifMatch: '"stale"' }],
    [
      'a patch with a stale ETag',
      412,
      {
        operationType: 'Patch',
        id: 'known',
        ifMatch: '"stale"',
        resourceBody: { operations: [{ op: 'set', path: '/value', value: 9 }] },
      },
    ],
    [
      'a patch with a false condition',
      412,
      {
        operationType: 'Patch',
        id: 'known',
        resourceBody: {
          condition: 'from c where c["value"] = 2',
          operations: [{ op: 'set', path: '/value', value: 9 }],
        },
      },
    ],
    [
      'a patch of a missing path',
      400,
      {
        operationType: 'Patch',
        id: 'known',
        resourceBody: { operations: [{ op: 'replace', path: '/nowhere', value: 9 }] },
      },
    ],
    [
      'a document of another partition',
      400,
      { operationType: 'Create', resourceBody: { id: 'stray', group: 'stray' } },
    ],
  ])('with %s changes nothing', async (_, status, failing) => {
    const group = newGroup();
    if ('resourceBody' in failing && (failing.resourceBody as { group?: string }).group === '?')
      (failing.resourceBody as { group: string }).group = group;
    await container.items.create({ id: 'known', group, value: 1 });
    const before = await contents(group);
    const { code, statuses } = await run(group, [
      { operationType: 'Create', resourceBody: { id: 'created', group } },
      {
        operationType: 'Patch',
        id: 'known',
        resourceBody: { operations: [{ op: 'add', path: '/extra', value: true }] },
      },
      failing,
      { operationType: 'Delete', id: 'known' },
    ]);
    expect(code).toBe(207);
    expect(statuses).toEqual([424, 424, status, 424]);
    expect(await contents(group)).toEqual(before);
    // The ETag is unchanged too, so an earlier reader can still write.
    const { statuses: fine } = await run(group, [
      { operationType: 'Delete', id: 'known', ifMatch: String(before[0]?.['_etag']) },
    ]);
    expect(fine).toEqual([204]);
  });

  test('checks the current ETags at its turn', async () => {
    const group = newGroup();
    const { resource } = await container.items.create({ id: 'one', group, value: 0 });
    const operations: Operation[] = [
      {
        operationType: 'Patch',
        id: 'one',
        ifMatch: resource?._etag ?? '',
        resourceBody: { operations: [{ op: 'incr', path: '/value', value: 1 }] },
      },
      {
        operationType: 'Patch',
        id: 'one',
        ifMatch: resource?._etag ?? '',
        resourceBody: { operations: [{ op: 'incr', path: '/value', value: 1 }] },
      },
    ];
    expect((await run(group, operations)).statuses).toEqual([424, 412]);
    expect((await run(group, operations.slice(0, 1))).statuses).toEqual([200]);
  });

  test('may have up to 100 operations', async () => {
    const group = newGroup();
    const operations = Array.from({ length: 100 }, (_, index) => ({
      operationType: 'Create' as const,
      resourceBody: { id: `n${index}`, group },
    }));
    expect((await run(group, operations)).code).toBe(200);
    expect(await contents(group)).toHaveLength(100);
    // The SDK counts by itself, so the 101st operation goes past the SDK.
    const link = container.url;
    const headers = {
      'x-ms-cosmos-is-batch-request': 'true',
      'x-ms-cosmos-batch-atomic': 'true',
      'x-ms-documentdb-partitionkey': JSON.stringify([group]),
    };
    const { status } = await sendPlainRequest(account, {
      method: 'POST',
      type: 'docs',
      link,
      path: `/${link}/docs`,
      headers,
      body: [...operations, operations[0]],
    });
    expect(status).toBe(400);
  });

  test('is refused when an operation names another partition, and changes nothing', async () => {
    const [group, other] = [newGroup(), newGroup()];
    const { status, body } = await sendPlainRequest(account, {
      method: 'POST',
      type: 'docs',
      link: container.url,
      path: `/${container.url}/docs`,
      headers: {
        'x-ms-cosmos-is-batch-request': 'true',
        'x-ms-cosmos-batch-atomic': 'true',
        'x-ms-documentdb-partitionkey': JSON.stringify([group]),
      },
      body: [
        { operationType: 'Create', resourceBody: { id: 'one', group } },
        {
          operationType: 'Create',
          partitionKey: JSON.stringify([other]),
          resourceBody: { id: 'two', group: other },
        },
      ],
    });
    expect([status, JSON.stringify(body)]).toEqual([
      400,
      expect.stringContaining(
        'One or more operations within the batch request have a different partition key value than the request.',
      ),
    ]);
    expect([await contents(group), await contents(other)]).toEqual([[], []]);
  });

  test('may have up to 2 MB', async () => {
    const group = newGroup();
    const operations = Array.from({ length: 3 }, (_, index) => ({
      operationType: 'Create' as const,
      resourceBody: { id: `n${index}`, group, text: 'x'.repeat(900_000) },
    }));
    expect((await failureOf(run(group, operations))).message).toContain('too large');
    expect(await contents(group)).toEqual([]);
  });

  test('succeeds for one of 20 writers that claim the same document by ETag', async () => {
    const group = newGroup();
    const { resource } = await container.items.create({ id: 'claim', group, owner: 'nobody' });
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        run(group, [
          { operationType: 'Create', resourceBody: { id: `note ${writer}`, group } },
          {
            operationType: 'Replace',
            id: 'claim',
            ifMatch: resource?._etag ?? '',
            resourceBody: { id: 'claim', group, owner: String(writer) },
          },
        ]),
      ),
    );
    expect(runs.filter(({ code }) => code === 200)).toHaveLength(1);
    expect(runs.filter(({ code }) => code === 207)).toHaveLength(19);
    const [claim, ...notes] = await contents(group);
    expect(notes.map(({ id }) => id)).toEqual([`note ${String(claim?.['owner'])}`]);
  });
});
