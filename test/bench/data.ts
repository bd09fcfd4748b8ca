// Measures Cosmos DB in the simulator through the unmodified SDK, which runs in another process.
// Rows show reads, writes and queries a second, and the time of each. Further rows write
// a job of 1,000 steps, page it, and list it among 10,000 jobs, with the time and the requests. The
// last rows show messages and the events of a job.
import { spawn } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  CosmosClient,
  type Container,
  type Database,
  type FeedOptions,
  type OperationInput,
} from '@azure/cosmos';
import { DATABASE, JOBS, KEY, STEPS, THINGS } from './data/constants.ts';
import { measureEvents } from './data/events.ts';
import { bench as messages } from './servicebus.ts';

export const name = 'data';

const MAX_CONCURRENT = 16;
const GROUPS = 100;
const THINGS_IN_GROUP = 30;
/** The largest number of operations in one batch, and the size of one list page. */
const BATCH = 100;
const STEPS_OF_JOB = 1_000;
const JOB_COUNT = 10_000;
const TEXT = 'x'.repeat(200);

type Act = (number: number) => Promise<unknown>;
interface DataOperation {
  readonly what: string;
  readonly count: number;
  readonly act: Act;
}
interface Throughput {
  readonly perSecond: number;
  readonly times: readonly number[];
}
interface CountedRun {
  readonly what: string;
  readonly requests: number;
  readonly milliseconds: number;
  readonly times: readonly number[];
}

let requests = 0;

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  subscribe('http.client.request.start', () => {
    requests += 1;
  });
  const server = await startCosmos();
  const client = new CosmosClient({ endpoint: server.endpoint, key: KEY });
  const database = client.database(DATABASE);
  try {
    const things = database.container(THINGS);
    await createThings(things, GROUPS, THINGS_IN_GROUP);
    const rates = await compare(await makeOperations(things, quick ? 300 : 1_500), quick ? 2 : 7);
    return [
      ...rates,
      ...(await measureJobs(database, quick ? 1 : 5)),
      ...(await messages({ quick })),
      ...(await measureEvents({ quick })),
    ];
  } finally {
    client.dispose();
    await server.stop();
  }
}

const thing = (group: number, number: number) => ({
  id: `thing ${number}`,
  group: `group ${group}`,
  number,
  place: (number * 7) % THINGS_IN_GROUP,
  kind: number % 3 === 0 ? 'step' : 'log',
  text: TEXT,
});

async function createThings(container: Container, groups: number, size: number): Promise<void> {
  for (let group = 0; group < groups; group += 1) {
    await write(
      container,
      `group ${group}`,
      Array.from({ length: size }, (_, number) => thing(group, number)),
    );
  }
}

async function write(
  container: Container,
  group: string,
  documents: readonly Record<string, unknown>[],
): Promise<void> {
  const operations = documents.map(
    (resourceBody) => ({ operationType: 'Upsert', resourceBody }) as OperationInput,
  );
  const { code } = await container.items.batch(operations, group);
  if (code !== 200) throw new Error(`A batch was answered with ${code ?? 'nothing'}.`);
}

async function makeOperations(things: Container, count: number): Promise<DataOperation[]> {
  const etags = new Map<number, string>();
  // Each concurrent worker has its own group, so that no worker changes another worker's ETag.
  for (let group = 0; group < MAX_CONCURRENT; group += 1)
    etags.set(group, (await things.item('thing 0', `group ${group}`).read()).etag);
  const replace: Act = async (worker) => {
    const { etag } = await things.item('thing 0', `group ${worker}`).replace(thing(worker, 0), {
      accessCondition: { type: 'IfMatch', condition: etags.get(worker) ?? '' },
    });
    etags.set(worker, etag);
  };
  const queryAll = async (query: string, options: FeedOptions = {}): Promise<void> => {
    const { resources } = await things.items.query<unknown>(query, options).fetchAll();
    if (resources.length === 0) throw new Error(`Nothing was found by ${query}`);
  };
  const next = counter();
  const group = (): string => `group ${next() % GROUPS}`;
  return [
    { what: 'point read', count, act: () => things.item('thing 1', group()).read() },
    { what: 'upsert', count, act: () => things.items.upsert(thing(next() % GROUPS, 2)) },
    { what: 'replace under If-Match', count, act: replace },
    { what: 'batch of 10 writes', count: count / 4, act: () => batchOfTen(things, next() % GROUPS) },
    {
      what: `query in a partition of ${THINGS_IN_GROUP}, filtered and sorted`,
      count: count / 2,
      act: () =>
        queryAll('SELECT * FROM c WHERE c.kind = "step" ORDER BY c.place', { partitionKey: group() }),
    },
    {
      what: `query over ${GROUPS * THINGS_IN_GROUP} in all partitions, sorted, the first 10`,
      count: count / 20,
      act: () => queryAll('SELECT TOP 10 * FROM c WHERE c.kind = "step" ORDER BY c.place'),
    },
    {
      what: `count and sum by kind over ${GROUPS * THINGS_IN_GROUP} in all partitions`,
      count: count / 20,
      act: () => queryAll('SELECT c.kind, COUNT(1) AS things, SUM(c.number) AS sum FROM c GROUP BY c.kind'),
    },
  ];
}

const batchOfTen = (things: Container, group: number): Promise<void> =>
  write(
    things,
    `group ${group}`,
    Array.from({ length: 10 }, (_, index) => thing(group, 10 + index)),
  );

function counter(): () => number {
  let number = 0;
  return () => {
    number += 1;
    return number;
  };
}

/** The sides take turns; the first round only warms up. */
async function compare(sides: readonly DataOperation[], rounds: number): Promise<Record<string, unknown>[]> {
  const taken = new Map<string, Throughput[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const throughput = await measureThroughput(side);
      if (round > 0) taken.set(side.what, [...(taken.get(side.what) ?? []), throughput]);
    }
  }
  return sides.map(({ what }) => {
    const rows = taken.get(what) ?? [];
    return {
      what,
      perSecond: Math.round(
        quantile(
          rows.map(({ perSecond }) => perSecond),
          0.5,
        ),
      ),
      ...latencies(rows.flatMap(({ times }) => times)),
    };
  });
}

async function measureThroughput({ count, act }: DataOperation): Promise<Throughput> {
  const times: number[] = [];
  let left = Math.ceil(count);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: MAX_CONCURRENT }, async (_, worker) => {
      while (left > 0) {
        left -= 1;
        times.push(await millisecondsOf(() => act(worker)));
      }
    }),
  );
  return { perSecond: times.length / ((performance.now() - start) / 1_000), times };
}

/** One job after the other, each in a partition of its own. */
async function measureJobs(database: Database, rounds: number): Promise<Record<string, unknown>[]> {
  const steps = database.container(STEPS);
  const list = database.container(JOBS);
  for (let first = 0; first < JOB_COUNT; first += BATCH) {
    await write(
      list,
      'month',
      Array.from({ length: BATCH }, (_, index) => ({
        id: `job ${first + index}`,
        group: 'month',
        begun: ((first + index) * 7_919) % JOB_COUNT,
        state: 'completed',
        text: TEXT,
      })),
    );
  }
  const rows: CountedRun[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const group = `job ${round}`;
    const query = 'SELECT * FROM c ORDER BY c.begun DESC';
    rows.push(
      await writeSteps(steps, group),
      await readPages(
        steps,
        `${STEPS_OF_JOB} steps read, page by page of ${BATCH}`,
        'SELECT * FROM c',
        group,
        STEPS_OF_JOB,
      ),
      await readPages(list, `the first page of ${JOB_COUNT} jobs, the newest first`, query, 'month', BATCH),
      await readPages(
        list,
        `all of ${JOB_COUNT} jobs, the newest first, page by page of ${BATCH}`,
        query,
        'month',
        JOB_COUNT,
      ),
    );
  }
  return [...new Set(rows.map(({ what }) => what))].map((what) => {
    const same = rows.filter((row) => row.what === what);
    const median = (of: (row: CountedRun) => number): number => Math.round(quantile(same.map(of), 0.5));
    return {
      what,
      requests: median((row) => row.requests),
      milliseconds: median((row) => row.milliseconds),
      ...latencies(same.flatMap(({ times }) => times)),
    };
  });
}

async function writeSteps(steps: Container, group: string): Promise<CountedRun> {
  return countRequests(`${STEPS_OF_JOB} steps written, in batches of ${BATCH}`, async (time) => {
    for (let first = 0; first < STEPS_OF_JOB; first += BATCH) {
      await time(() =>
        write(
          steps,
          group,
          Array.from({ length: BATCH }, (_, index) => ({
            id: `step ${first + index}`,
            group,
            number: first + index,
            state: 'prepared',
            text: TEXT,
          })),
        ),
      );
    }
  });
}

/** A query of its own asks for every page, as a caller does with only a continuation token. */
async function readPages(
  container: Container,
  what: string,
  query: string,
  partitionKey: string,
  expectedCount: number,
): Promise<CountedRun> {
  let found = 0;
  const row = await countRequests(what, async (time) => {
    let continuationToken: string | undefined;
    do {
      const options: FeedOptions = {
        partitionKey,
        maxItemCount: BATCH,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      };
      await time(async () => {
        const page = await container.items.query<unknown>(query, options).fetchNext();
        found += page.resources.length;
        continuationToken = page.continuationToken;
      });
    } while (continuationToken && found < expectedCount);
  });
  if (found !== expectedCount) throw new Error(`${found} were found instead of ${expectedCount}: ${what}.`);
  return row;
}

async function countRequests(
  what: string,
  work: (time: (act: () => Promise<unknown>) => Promise<void>) => Promise<void>,
): Promise<CountedRun> {
  const times: number[] = [];
  const before = requests;
  const milliseconds = await millisecondsOf(() =>
    work(async (act) => {
      times.push(await millisecondsOf(act));
    }),
  );
  return { what, requests: requests - before, milliseconds, times };
}

async function millisecondsOf(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

function latencies(times: readonly number[]): { p50Milliseconds: number; p99Milliseconds: number } {
  const rounded = (share: number): number => Math.round(quantile(times, share) * 100) / 100;
  return { p50Milliseconds: rounded(0.5), p99Milliseconds: rounded(0.99) };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function startCosmos() {
  const folder = mkdtempSync(join(tmpdir(), 'data-bench-'));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'data', 'server.ts'),
      join(folder, 'cosmos.db'),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const [endpoint] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('Cosmos DB did not start.');
    }),
  ])) as [string];
  return {
    endpoint,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
