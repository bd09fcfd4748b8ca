// After a kill of the process, no acknowledged write is lost and no write is partial.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { CosmosClient, type Container } from '@azure/cosmos';
import { effectiveKey, keyFromHeader } from '../../cosmos/partition-key.ts';
import { startFrom } from './change-feed-starts.ts';
import { KEY, startLocalServer } from './local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-cosmos-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Running {
  readonly process: ChildProcess;
  readonly client: CosmosClient;
  readonly container: Container;
}

async function start(): Promise<Running> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'server-process.ts'), join(folder, 'cosmos.db')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [endpoint] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const client = new CosmosClient({ endpoint, key: KEY });
  return { process: child, client, container: client.database('kept').container('things') };
}

async function kill({ process: child, client }: Running): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string];
  expect(signal).toBe('SIGKILL');
  client.dispose();
}

/** Writes until the server dies. Returns the acknowledged numbers. */
async function writeUntilKilled(running: Running, life: number): Promise<number[]> {
  const acknowledged: number[] = [];
  let next = 0;
  let alive = true;
  const writer = async () => {
    while (alive) {
      const number = next;
      next += 1;
      const pair = ['left', 'right'].map((side) => ({
        operationType: 'Create' as const,
        resourceBody: { id: `${life}-${number}-${side}`, group: 'g', life, number, side },
      }));
      await running.container.items.batch(pair, 'g').then(
        () => acknowledged.push(number),
        () => {
          alive = false;
        },
      );
    }
  };
  const writers = Array.from({ length: 4 }, writer);
  while (acknowledged.length < 40) await new Promise((resolve) => setTimeout(resolve, 1));
  await kill(running);
  await Promise.all(writers);
  return acknowledged;
}

test('three kills during writes lose nothing', async () => {
  for (let life = 0; life < 3; life += 1) {
    const acknowledged = await writeUntilKilled(await start(), life);
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    const after = await start();
    const query = {
      query: 'SELECT c.number, c.side FROM c WHERE c.life = @life',
      parameters: [{ name: '@life', value: life }],
    };
    const { resources } = await after.container.items
      .query<{ number: number; side: string }>(query, { partitionKey: 'g' })
      .fetchAll();
    const left = resources.filter(({ side }) => side === 'left').map(({ number }) => number);
    const right = resources.filter(({ side }) => side === 'right').map(({ number }) => number);
    expect(acknowledged.filter((number) => !left.includes(number))).toEqual([]);
    // A batch without an answer may have succeeded, but then completely.
    expect(right.sort()).toEqual(left.sort());
    await kill(after);
  }
});

test('unique keys, times to live and the change feed continue after a kill', async () => {
  const before = await start();
  const { container: people } = await before.client.database('kept').containers.create({
    id: 'people',
    partitionKey: { paths: ['/group'] },
    defaultTtl: -1,
    uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/mail'] }] },
  });
  await people.items.create({ id: 'ada', group: 'g', mail: 'a' });
  await people.items.create({ id: 'brief', group: 'g', mail: 'b', ttl: 1 });
  const feed = people.items.getChangeFeedIterator<{ id: string }>({
    changeFeedStartFrom: startFrom.beginning(),
  });
  const { continuationToken } = await feed.readNext();
  await people.items.create({ id: 'cy', group: 'g', mail: 'c' });
  await kill(before);
  const after = await start();
  const again = after.client.database('kept').container('people');
  await expect(again.items.create({ id: 'other', group: 'g', mail: 'c' })).rejects.toMatchObject({
    code: 409,
  });
  const changes = await again.items
    .getChangeFeedIterator<{ id: string }>({ changeFeedStartFrom: startFrom.continuation(continuationToken) })
    .readNext();
  expect((changes.result as unknown as { id: string }[]).map(({ id }) => id)).toEqual(['cy']);
  while ((await again.item('brief', 'g').read()).statusCode !== 404)
    await new Promise((resolve) => setTimeout(resolve, 100));
  await again.items.create({ id: 'other', group: 'g', mail: 'b' });
  await kill(after);
});

test("a file of the simulator's first version is upgraded", async () => {
  const file = join(folder, 'first.db');
  const old = new DatabaseSync(file);
  old.exec(`CREATE TABLE writes (one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL); INSERT INTO writes VALUES (1, 3);
    CREATE TABLE databases (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
    CREATE TABLE containers (number INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES databases ON DELETE CASCADE, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (parent, id));
    CREATE TABLE documents (number INTEGER PRIMARY KEY, container INTEGER NOT NULL REFERENCES containers ON DELETE CASCADE,
      partition TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL);`);
  old
    .prepare('INSERT INTO databases VALUES (1, ?, ?)')
    .run('old', JSON.stringify({ id: 'old', _rid: 'AQAAAA==', _etag: '"1"', _ts: 1 }));
  old.prepare('INSERT INTO containers VALUES (2, 1, ?, ?)').run(
    'things',
    JSON.stringify({
      id: 'things',
      partitionKey: { paths: ['/group'], kind: 'Hash', version: 2 },
      indexingPolicy: { compositeIndexes: [] },
      _etag: '"2"',
      _ts: 1,
    }),
  );
  old
    .prepare('INSERT INTO documents VALUES (3, 2, ?, ?, ?, ?, ?)')
    .run(
      '"g"',
      'kept',
      effectiveKey(keyFromHeader('["g"]', 1)),
      '"3"',
      JSON.stringify({ id: 'kept', group: 'g', _etag: '"3"', _ts: 1 }),
    );
  old.close();
  const server = await startLocalServer({ dataFile: file });
  const client = new CosmosClient({ endpoint: server.endpoint, key: KEY });
  const things = client.database('old').container('things');
  await things.items.create({ id: 'new', group: 'g' });
  expect(
    (await things.item('kept', 'g').patch([{ op: 'add', path: '/changed', value: true }])).statusCode,
  ).toBe(200);
  const changes = await things.items
    .getChangeFeedIterator<{ id: string }>({ changeFeedStartFrom: startFrom.beginning('g') })
    .readNext();
  expect((changes.result as unknown as { id: string }[]).map(({ id }) => id)).toEqual(['new', 'kept']);
  client.dispose();
  await server.close();
});
