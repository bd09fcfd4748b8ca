// What the doors take: reading a job, listing 10,000 of them page by page, accepting a command; how
// soon the built app answers its first request, beside a hello-world with the same two packages on
// the same host; and how large it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OperationInput } from '@azure/cosmos';
import { build } from 'esbuild';
import { SCHEMA } from '../../shared/store/schema.ts';
import { Lifeboat } from '../support/lifeboat.ts';
import { databaseOf } from '../support/news.ts';
import { beTheApp } from '../support/simulated-store.ts';
import { scene, type Scene } from '../support/story.ts';

export const name = 'doors';

const ROOT = join(import.meta.dirname, '..', '..');
const ALL_JOBS = 10_000;
const PAGE = 100;
const AT_ONCE = 8;
/** The month before any job of the simulator's own. */
const MONTH = '2025-01';

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  return [...(await calls(quick)), ...(await starts(quick ? 3 : 9)), size()];
}

async function calls(quick: boolean): Promise<Record<string, unknown>[]> {
  const world = await scene(quick ? 16 : 64);
  try {
    beTheApp(world.simulator.addresses, world.simulator.data);
    await fill(world);
    const { lifeboat, vms } = world;
    const accepted = await timed(
      vms.map((vm) => () => lifeboat.send({ operation: 'testFailover', vms: [vm.id] })),
      202,
    );
    const { body } = await lifeboat.call<{ jobs: { id: string }[] }>('/api/v1/jobs?limit=1');
    const id = body.jobs[0]?.id ?? '';
    await lifeboat.ended(id);
    const read = await timed(
      Array.from({ length: quick ? 100 : 1000 }, () => () => lifeboat.call(`/api/v1/jobs/${id}`)),
      200,
    );
    return [
      { what: 'a command accepted, while the walks of those before it begin', ...accepted },
      { what: 'a job read', ...read },
      { what: `${ALL_JOBS} jobs listed, page by page of ${PAGE}`, ...(await listed(lifeboat)) },
    ];
  } finally {
    await world.simulator.stop();
  }
}

async function fill({ simulator }: Scene): Promise<void> {
  const index = databaseOf(simulator).container('jobIndex');
  for (let first = 0; first < ALL_JOBS; first += PAGE) {
    const operations = Array.from(
      { length: PAGE },
      (_, i) =>
        ({
          operationType: 'Create',
          resourceBody: {
            id: `job-bench-${first + i}`,
            type: 'jobSummary',
            schema: SCHEMA,
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

async function timed(work: (() => Promise<{ readonly status: number }>)[], status: number): Promise<Rate> {
  const left = [...work];
  const times: number[] = [];
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const at = performance.now();
        const answer = await next();
        if (answer.status !== status) throw new Error(`Answered ${answer.status}.`);
        times.push(performance.now() - at);
      }
    }),
  );
  return rate(times, performance.now() - begun);
}

/** One page after the other, as whoever reads a list must. */
async function listed(lifeboat: Lifeboat): Promise<Rate> {
  const times: number[] = [];
  const begun = performance.now();
  let found = 0;
  for (let next: string | null = ''; next !== null;) {
    const at = performance.now();
    const { body }: { body: { jobs: unknown[]; next: string | null } } = await lifeboat.call(
      `/api/v1/jobs?limit=${PAGE}&caller=bench${next === '' ? '' : `&continuation=${next}`}`,
    );
    times.push(performance.now() - at);
    found += body.jobs.length;
    next = body.next;
  }
  if (found !== ALL_JOBS) throw new Error(`${found} jobs were listed instead of ${ALL_JOBS}.`);
  return rate(times, performance.now() - begun);
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
  Number.NaN;
const rate = (times: readonly number[], milliseconds: number): Rate => ({
  perSecond: rounded((times.length * 1000) / milliseconds),
  p50: rounded(quantile(times, 0.5)),
  p99: rounded(quantile(times, 0.99)),
});

/** The sides take turns; the first round only warms up. */
async function starts(rounds: number): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'doors-bench-'));
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
    const [ours, hello] = sides.map(({ times }) => quantile(times, 0.5));
    return [
      {
        what: 'start',
        milliseconds: Math.round(ours ?? 0),
        helloMilliseconds: Math.round(hello ?? 0),
        ratio: Math.round(((ours ?? 0) / (hello ?? 1)) * 100) / 100,
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
  const begun = performance.now();
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
    return performance.now() - begun;
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

/** What is loaded at once, and all of it. */
function size(): Record<string, unknown> {
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
