import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeFeedMode,
  CosmosClient,
  PartitionKeyKind,
  TriggerOperation,
  TriggerType,
  type ContainerRequest,
} from '@azure/cosmos';
import { failureOf, IS_REAL, openAccount, type TestAccount } from './account.ts';
import { KEY, startLocalServer } from './local-server.ts';

let account: TestAccount;

beforeAll(async () => {
  account = await openAccount();
});
afterAll(() => account.close());

describe('the account', () => {
  test('shows its read and write locations', async () => {
    const { resource } = await account.client.getDatabaseAccount();
    expect(resource?.consistencyPolicy).toBe('Session');
    expect(resource?.writableLocations).toHaveLength(1);
    expect(resource?.writableLocations[0]).toMatchObject({
      databaseAccountEndpoint: `${account.endpoint.replace(/\/$/, '')}/`,
    });
  });
});

describe('a database', () => {
  test('is created once, listed, found by query, read and dropped with all its contents', async () => {
    const id = `extra-${crypto.randomUUID()}`;
    const { database } = await account.client.databases.create({ id });
    expect(await failureOf(account.client.databases.create({ id }))).toMatchObject({ code: 409 });
    const all = await account.client.databases.readAll().fetchAll();
    expect(all.resources.map((one) => one.id)).toContain(id);
    const query = { query: 'SELECT * FROM d WHERE d.id = @id', parameters: [{ name: '@id', value: id }] };
    expect((await account.client.databases.query(query).fetchAll()).resources).toMatchObject([{ id }]);
    const { container } = await database.containers.create({ id: 'things', partitionKey: '/group' });
    await container.items.create({ id: 'one', group: 'g' });
    await database.delete();
    expect(await failureOf(database.read())).toMatchObject({ code: 404 });
    expect(await failureOf(database.containers.readAll().fetchAll())).toMatchObject({ code: 404 });
    const again = await account.client.databases.createIfNotExists({ id });
    const { container: anew } = await again.database.containers.createIfNotExists({
      id: 'things',
      partitionKey: '/group',
    });
    expect((await anew.items.readAll().fetchAll()).resources).toEqual([]);
    await again.database.delete();
  });
});

describe('a container', () => {
  test('is created once, listed, read, changed without a loss of items, and dropped', async () => {
    const container = await account.createContainer({ partitionKey: { paths: ['/group'] } });
    expect(
      await failureOf(account.database.containers.create({ id: container.id, partitionKey: '/group' })),
    ).toMatchObject({ code: 409 });
    const { resource } = await container.read();
    expect(resource).toMatchObject({
      id: container.id,
      partitionKey: { paths: ['/group'] },
      indexingPolicy: { indexingMode: 'consistent' },
    });
    await container.items.create({ id: 'one', group: 'g', place: 1 });
    expect(
      await failureOf(
        container.items.query('SELECT * FROM c ORDER BY c.a, c.b', { partitionKey: 'g' }).fetchAll(),
      ),
    ).toMatchObject({ code: 400 });
    const compositeIndexes = [
      [
        { path: '/a', order: 'ascending' as const },
        { path: '/b', order: 'ascending' as const },
      ],
    ];
    await container.replace({
      ...(resource as object),
      id: container.id,
      indexingPolicy: { ...resource?.indexingPolicy, compositeIndexes },
    });
    expect(
      (await container.items.query('SELECT * FROM c ORDER BY c.a, c.b', { partitionKey: 'g' }).fetchAll())
        .resources,
    ).toHaveLength(1);
    await container.delete();
    expect(await failureOf(container.read())).toMatchObject({ code: 404 });
    expect(await failureOf(container.items.create({ id: 'one', group: 'g' }))).toMatchObject({ code: 404 });
    const { resources } = await account.database.containers.readAll().fetchAll();
    expect(resources.map(({ id }) => id)).not.toContain(container.id);
  });

  test('keeps its partition key', async () => {
    const container = await account.createContainer();
    expect(
      await failureOf(container.replace({ id: container.id, partitionKey: { paths: ['/other'] } })),
    ).toMatchObject({ code: 400 });
  });

  test.each<[string, Partial<ContainerRequest>]>([
    ['a time to live of zero', { defaultTtl: 0 }],
    ['a unique key without paths', { uniqueKeyPolicy: { uniqueKeys: [{ paths: [] }] } }],
    [
      'a key of four levels',
      { partitionKey: { paths: ['/a', '/b', '/c', '/d'], kind: PartitionKeyKind.MultiHash } },
    ],
  ])('with %s is refused, not created without it', async (_, definition) => {
    expect(await failureOf(account.createContainer(definition))).toMatchObject({
      code: 400,
      body: { code: 'BadRequest' },
    });
  });

  // Features of Azure that the simulator lacks.
  if (!IS_REAL)
    test.each<[string, Partial<ContainerRequest>]>([
      ['a throughput of its own, like in every serverless account,', { throughput: 400 }],
      [
        'computed properties',
        { computedProperties: [{ name: 'lower', query: 'SELECT VALUE LOWER(c.name) FROM c' }] },
      ],
    ])('with %s is refused by the simulator, not created without it', async (_, definition) => {
      expect(await failureOf(account.createContainer(definition))).toMatchObject({
        code: 400,
        body: { code: 'BadRequest' },
      });
    });

  if (!IS_REAL)
    test('has no scripts, no triggers and no offers in the simulator', async () => {
      const container = await account.createContainer();
      const { scripts } = container;
      const body = 'function () {}';
      const calls = [
        scripts.storedProcedures.readAll().fetchAll(),
        scripts.storedProcedures.create({ id: 'one', body }),
        scripts.storedProcedure('one').execute('g'),
        scripts.triggers.create({
          id: 'one',
          body,
          triggerOperation: TriggerOperation.All,
          triggerType: TriggerType.Pre,
        }),
        scripts.userDefinedFunctions.create({ id: 'one', body }),
        container.items.create({ id: 'one', group: 'g' }, { preTriggerInclude: 'one' }),
        container.readOffer(),
        container.items
          .getChangeFeedIterator({ changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes })
          .readNext(),
      ];
      for (const call of calls) {
        const failure = await failureOf(call);
        expect(failure).toMatchObject({ code: 400 });
        expect(failure.message).toContain('not supported');
      }
      expect((await container.item('one', 'g').read()).statusCode).toBe(404);
    });
});

describe('containers of the start file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-cosmos-'));
  const dataFile = join(folder, 'cosmos.db');
  afterAll(() => rmSync(folder, { recursive: true }));

  const jobs = { database: 'lifeboat', id: 'jobs', partitionKeyPaths: ['/jobId'] };

  test('are created, kept over restarts with their items, and get new indexes', async () => {
    await visit([jobs], (client) =>
      client.database('lifeboat').container('jobs').items.create({ id: 'a', jobId: '1', place: 2 }),
    );
    const indexed = { ...jobs, compositeIndexes: [[{ path: '/place' }, { path: '/id' }]] };
    const sorted = await visit([indexed, { ...jobs, id: 'plans' }], async (client) => {
      expect((await client.database('lifeboat').containers.readAll().fetchAll()).resources).toHaveLength(2);
      return client
        .database('lifeboat')
        .container('jobs')
        .items.query('SELECT VALUE c.id FROM c ORDER BY c.place, c.id', { partitionKey: '1' })
        .fetchAll();
    });
    expect(sorted.resources).toEqual(['a']);
  });

  test('with a changed partition key are an error at the start', async () => {
    await visit([jobs], () => Promise.resolve());
    await expect(
      visit([{ ...jobs, partitionKeyPaths: ['/other'] }], () => Promise.resolve()),
    ).rejects.toThrow(/partition key \/jobId/);
  });

  async function visit<T>(
    containers: Parameters<typeof startLocalServer>[0]['containers'],
    work: (client: CosmosClient) => Promise<T>,
  ): Promise<T> {
    const server = await startLocalServer({ dataFile, containers: containers ?? [] });
    const client = new CosmosClient({ endpoint: server.endpoint, key: KEY });
    try {
      return await work(client);
    } finally {
      client.dispose();
      await server.close();
    }
  }
});
