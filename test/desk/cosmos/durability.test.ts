// Nothing that was acknowledged is lost when the process is killed, and nothing is left half done.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CosmosClient, type Container } from '@azure/cosmos';
import { KEY } from './local-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'desk-cosmos-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Running { readonly process: ChildProcess; readonly client: CosmosClient; readonly container: Container }

async function start(): Promise<Running> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server-process.ts'), join(folder, 'cosmos.db')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = await once(createInterface({ input: child.stdout }), 'line') as [string];
  const client = new CosmosClient({ endpoint, key: KEY });
  return { process: child, client, container: client.database('kept').container('things') };
}

async function kill({ process: child, client }: Running): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  const [, signal] = await ended as [number | null, string];
  expect(signal).toBe('SIGKILL');
  client.dispose();
}

/** Writes until the server is gone; gives the numbers that were acknowledged. */
async function writeUntilKilled(running: Running, life: number): Promise<number[]> {
  const acknowledged: number[] = [];
  let next = 0;
  let alive = true;
  const writer = async () => {
    while (alive) {
      const number = next;
      next += 1;
      const pair = ['left', 'right'].map((side) => ({ operationType: 'Create' as const, resourceBody: { id: `${life}-${number}-${side}`, group: 'g', life, number, side } }));
      await running.container.items.batch(pair, 'g').then(() => acknowledged.push(number), () => { alive = false; });
    }
  };
  const writers = Array.from({ length: 4 }, writer);
  while (acknowledged.length < 40) await new Promise((resolve) => setTimeout(resolve, 1));
  await kill(running);
  await Promise.all(writers);
  return acknowledged;
}

test('three times killed in the middle of writing', async () => {
  for (let life = 0; life < 3; life += 1) {
    const acknowledged = await writeUntilKilled(await start(), life);
    expect(acknowledged.length).toBeGreaterThanOrEqual(40);
    const after = await start();
    const query = { query: 'SELECT c.number, c.side FROM c WHERE c.life = @life', parameters: [{ name: '@life', value: life }] };
    const { resources } = await after.container.items.query<{ number: number; side: string }>(query, { partitionKey: 'g' }).fetchAll();
    const left = resources.filter(({ side }) => side === 'left').map(({ number }) => number);
    const right = resources.filter(({ side }) => side === 'right').map(({ number }) => number);
    expect(acknowledged.filter((number) => !left.includes(number))).toEqual([]);
    // A batch whose answer was lost may have happened, but then wholly.
    expect(right.sort()).toEqual(left.sort());
    await kill(after);
  }
});
