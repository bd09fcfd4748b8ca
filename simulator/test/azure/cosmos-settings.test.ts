// The simulator's settings reach Cosmos DB: the containers of the file, the ranges and the request
// units.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readContainers } from '../../azure/containers.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulator-azure-servers-'));
const file = join(folder, 'agreement.json');
afterAll(() => rmSync(folder, { recursive: true }));

const write = (containers: unknown[]) =>
  writeFileSync(file, JSON.stringify({ database: 'lifeboat', nodeVersion: '24', containers }));

describe('the file of the containers', () => {
  test('defines keys of one or several levels, indexes, unique keys and a time to live', () => {
    const compositeIndexes = [[{ path: '/begun', order: 'descending' }, { path: '/id' }]];
    const uniqueKeys = [{ paths: ['/name', '/kind'] }];
    write([
      { id: 'jobs', partitionKey: '/jobId' },
      { id: 'all', partitionKey: ['/tenant', '/user'], compositeIndexes, uniqueKeys, defaultTtl: -1 },
    ]);
    expect(readContainers(file)).toEqual([
      { database: 'lifeboat', id: 'jobs', partitionKeyPaths: ['/jobId'] },
      {
        database: 'lifeboat',
        id: 'all',
        partitionKeyPaths: ['/tenant', '/user'],
        compositeIndexes,
        uniqueKeys,
        defaultTtl: -1,
      },
    ]);
  });

  test.each([
    { id: 'jobs' },
    { id: 'jobs', partitionKey: 'jobId' },
    { id: 'jobs', partitionKey: '/a', defaultTtl: 'long' },
    { id: 'jobs', partitionKey: '/a', uniqueKeys: [['/b']] },
  ])('with %j is refused, and the error locates the mistake', (container) => {
    write([container]);
    expect(() => readContainers(file)).toThrow(/containers\[0\]/);
  });
});

test('ranges and request units are set at the start and can change later', async () => {
  write([{ id: 'jobs', partitionKey: '/jobId' }]);
  const script = join(import.meta.dirname, '../../azure-servers.ts');
  const child: ChildProcess = spawn(
    process.execPath,
    [
      script,
      '--data',
      join(folder, 'data'),
      '--containers',
      file,
      '--cosmos-ranges',
      '2',
      '--cosmos-throughput',
      '400',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [
    string,
  ];
  const { ready } = JSON.parse(line) as { ready: { admin: string } };
  const ask = async (method: string, body?: unknown) => {
    const response = await fetch(new URL('/cosmos', ready.admin), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  expect(await ask('GET')).toEqual({ status: 200, body: { ranges: 2, throughput: 400 } });
  expect(await ask('PATCH', { ranges: 5 })).toEqual({ status: 200, body: { ranges: 5, throughput: 400 } });
  expect(await ask('PATCH', { throughput: null })).toEqual({
    status: 200,
    body: { ranges: 5, throughput: null },
  });
  for (const wrong of [{ ranges: 0 }, { throughput: -1 }, { other: 1 }])
    expect((await ask('PATCH', wrong)).status).toBe(400);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
});
