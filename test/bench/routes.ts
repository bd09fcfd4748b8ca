// Measures the routes: reading a job, listing 10,000 jobs page by page, and accepting a command. It
// also measures how soon the built app answers its first request, and the size of the app. A
// hello-world with the same two packages on the same host gives the comparison.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OperationInput } from '@azure/cosmos';
import { build } from 'esbuild';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';
import { LifeboatClient } from '../support/lifeboat-client.ts';
import { openDatabase } from '../support/event-environment.ts';
import { configureProcessAsApp } from '../support/simulated-store.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

export const name = 'routes';

const ROOT = join(import.meta.dirname, '..', '..');
const JOB_COUNT = 10_000;
const PAGE_SIZE = 100;
const MAX_CONCURRENT = 8;
/** The month before the simulator's own first job. */
const MONTH = '2025-01';

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  return [...(await measureCalls(quick)), ...(await measureStarts(quick ? 3 : 9)), measureSize()];
}

async function measureCalls(quick: boolean): Promise<Record<string, unknown>[]> {
  const environment = await startTestEnvironment(quick ? 16 : 64);
  try {
    configureProcessAsApp(environment.simulator.addresses, environment.simulator.data);
    await createJobSummaries(environment);
    const { lifeboat, vms } = environment;
    const accepted = await measureCallRate(
      vms.map((vm) => () => lifeboat.send({ operation: 'testFailover', vms: [vm.id] })),
      202,
    );
    const { body } = await lifeboat.call<{ jobs: { id: string }[] }>('/api/v1/jobs?limit=1');
    const id = body.jobs[0]?.id ?? '';
    await lifeboat.waitForJobEnd(id);
    const read = await measureCallRate(
      Array.from({ length: quick ? 100 : 1000 }, () => () => lifeboat.call(`/api/v1/jobs/${id}`)),
      200,
    );
    return [
      { what: 'a command accepted, while the orchestrations of the commands before it begin', ...accepted },
      { what: 'a job read', ...read },
      { what: `${JOB_COUNT} jobs listed, page by page of ${PAGE_SIZE}`, ...(await measureListing(lifeboat)) },
    ];
  } finally {
    await environment.simulator.stop();
  }
}

async function createJobSummaries({ simulator }: TestEnvironment): Promise<void> {
  const index = openDatabase(simulator).container('jobIndex');
  for (let first = 0; first < JOB_COUNT; first += PAGE_SIZE) {
    const operations = Array.from(
      { length: PAGE_SIZE },
      (_, i) =>
        ({
          operationType: 'Create',
          resourceBody: {
            id: `job-bench-${first + i}`,
            type: 'jobSummary',
            schema: SCHEMA_VERSION,
            month: MONTH,
            epoch: 1,
            state: 'completed',
            operation: 'commit',
            vms: 1,
            targets: ['vm-1'],
            plan: null,
            requestedBy: { id: 'bench', name: 'bench', door: 'rest' },
            ticket: null,
            acceptedAt: new Date(Date.parse(`${MONTH}-01T00:00:00Z`) + (first + i) * 1000).toISOString(),
            startedAt: null,
            endedAt: null,
            exceptions: 0,
            error: null,
          },
        }) as unknown as OperationInput,
    );
    const { code } = await index.items.batch(operations, MONTH);
    if (code !== 200) throw new Error(`A batch was answered with ${code ?? 'nothing'}.`);
  }
}

interface Rate {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function measureCallRate(
  work: (() => Promise<{ readonly status: number }>)[],
  status: number,
): Promise<Rate> {
  const left = [...work];
  const times: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: MAX_CONCURRENT }, async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const at = performance.now();
        const answer = await next();
        if (answer.status !== status) throw new Error(`Answered ${answer.status}.`);
        times.push(performance.now() - at);
      }
    }),
  );
  return rateOf(times, performance.now() - startedAt);
}

/** Reads one page after the other, as every reader of a list must. */
async function measureListing(lifeboat: LifeboatClient): Promise<Rate> {
  const times: number[] = [];
  const startedAt = performance.now();
  let found = 0;
  for (let next: string | null = ''; next !== null;) {
    const at = performance.now();
    const { body }: { body: { jobs: unknown[]; next: string | null } } = await lifeboat.call(
      `/api/v1/jobs?limit=${PAGE_SIZE}&caller=bench${next === '' ? '' : `&continuation=${next}`}`,
    );
    times.push(performance.now() - at);
    found += body.jobs.length;
    next = body.next;
  }
  if (found !== JOB_COUNT) throw new Error(`${found} jobs were listed instead of ${JOB_COUNT}.`);
  return rateOf(times, performance.now() - startedAt);
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;
const rateOf = (times: readonly number[], milliseconds: number): Rate => ({
  perSecond: rounded((times.length * 1000) / milliseconds),
  p50: rounded(quantile(times, 0.5)),
  p99: rounded(quantile(times, 0.99)),
});

/** The sides take turns; the first round only warms up. */
async function measureStarts(rounds: number): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'routes-bench-'));
  try {
    const sides = [
      { app: ROOT, path: '/api/v1/health', times: [] as number[] },
      { app: await helloWorld(folder), path: '/api/hello', times: [] as number[] },
    ] as const;
    for (let round = 0; round <= rounds; round += 1) {
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const taken = await firstAnswer(
          side.app,
          side.path,
          join(folder, `data-${round}-${sides.indexOf(side)}`),
        );
        if (round > 0) side.times.push(taken);
      }
    }
    const [lifeboat, hello] = sides.map(({ times }) => quantile(times, 0.5));
    return [
      {
        what: 'start',
        milliseconds: Math.round(lifeboat ?? 0),
        helloMilliseconds: Math.round(hello ?? 0),
        ratio: Math.round(((lifeboat ?? 0) / (hello ?? 1)) * 100) / 100,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function helloWorld(folder: string): Promise<string> {
  const app = join(folder, 'hello');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "name": "hello", "type": "module", "main": "main.mjs" }');
  const contents =
    "import { app } from '@azure/functions'; import * as durable from 'durable-functions'; " +
    "durable.app.orchestration('nothing', function* () {}); app.http('hello', { methods: " +
    "['GET'], authLevel: 'anonymous', handler: () => ({ body: 'hello' }) });";
  await build({
    stdin: { contents, resolveDir: ROOT },
    outfile: join(app, 'main.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node22',
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    external: ['@azure/functions-core'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return app;
}

/** From the start of the process to the first answer, in milliseconds. */
async function firstAnswer(app: string, path: string, data: string): Promise<number> {
  mkdirSync(data);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [join(ROOT, 'simulator', 'host', 'main.ts'), '--app', app, '--port', '0', '--data', data],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const exited = once(child, 'exit');
  try {
    const line = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exited.then(() => {
        throw new Error(`The host with ${app} did not start.`);
      }),
    ]);
    const { ready } = JSON.parse(String(line[0])) as { ready: { url: string } };
    const answer = await fetch(ready.url + path);
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}.`);
    return performance.now() - startedAt;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** Measures the code that the app loads at the start, and all of its code. */
function measureSize(): Record<string, unknown> {
  const folder = join(ROOT, 'dist', 'app');
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, other = ''] of readFileSync(join(folder, file), 'utf8').matchAll(
      /(?:from|import)\s*"\.\/([\w.-]+\.mjs)"/g,
    ))
      follow(other);
  };
  follow('main.mjs');
  const kib = (list: Iterable<string>): number =>
    Math.round([...list].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0) / 1024);
  return { what: 'size', kibLoadedAtOnce: kib(seen), kibInAll: kib(files) };
}
