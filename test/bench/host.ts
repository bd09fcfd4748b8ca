// Measures the cost of one activity in the local host when an orchestration fans out over many. It
// compares one fan-out (0 shards) with shards of 100.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export const name = 'host';

/** The app uses the same shard size. */
const SHARD = 100;
/** The number of activities, and the runs in a round. Small fan-outs end soon and their times scatter. */
const SIZES = [
  { activities: 100, runs: 25 },
  { activities: 1_000, runs: 10 },
  { activities: 5_000, runs: 3 },
];
const FAN_OUTS = ['plain', 'sharded'] as const;

type FanOut = (typeof FAN_OUTS)[number];

export async function bench({ quick }: { quick: boolean }): Promise<Record<string, unknown>[]> {
  const host = await startHost();
  try {
    const samples = new Map<string, number[]>();
    // The first round only warms up.
    const rounds = quick ? 5 : 9;
    for (let round = 0; round <= rounds; round++) {
      for (const { activities, runs } of SIZES) {
        for (const side of round % 2 === 0 ? FAN_OUTS : FAN_OUTS.toReversed()) {
          const cost = await measure(host.rpcUrl, side, activities, runs);
          if (round > 0)
            samples.set(`${side} ${activities}`, [...(samples.get(`${side} ${activities}`) ?? []), cost]);
        }
      }
    }
    return FAN_OUTS.flatMap((side) =>
      SIZES.map(({ activities }) => ({
        activities,
        shards: side === 'plain' ? 0 : activities / SHARD,
        microsecondsPerActivity: Math.round(median(samples.get(`${side} ${activities}`) ?? []) * 10) / 10,
      })),
    );
  } finally {
    await host.stop();
  }
}

/** Microseconds for one activity: the median of a round's runs. */
async function measure(rpcUrl: string, side: FanOut, activities: number, runs: number): Promise<number> {
  const costs: number[] = [];
  for (let index = 0; index < runs; index++)
    costs.push(((await run(rpcUrl, side, activities)) * 1_000) / activities);
  return median(costs);
}

/** Milliseconds from the first activity to the last, as the app saw them. */
async function run(rpcUrl: string, side: FanOut, activities: number): Promise<number> {
  const started = await fetch(`${rpcUrl}/durabletask/orchestrators/${side}`, {
    method: 'POST',
    body: String(activities),
    headers: { 'content-type': 'application/json' },
  });
  const { id } = (await started.json()) as { id: string };
  for (;;) {
    await sleep(10);
    const answer = await fetch(`${rpcUrl}/durabletask/instances/${id}?showInput=false`);
    const { runtimeStatus, output } = (await answer.json()) as { runtimeStatus: string; output: unknown };
    if (answer.status === 202) continue;
    if (runtimeStatus !== 'Completed' || typeof output !== 'number')
      throw new Error(`The fan-out ended as ${runtimeStatus}: ${String(output)}`);
    return output;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ];
  return (low + high) / 2;
}

/**
 * Starts the host in its own process, as in the simulator. Its cost must not slow down the
 * measuring process.
 */
async function startHost() {
  const dataDir = mkdtempSync(join(tmpdir(), 'host-bench-'));
  const main = join(import.meta.dirname, '../../simulator/host/main.ts');
  const child = spawn(
    process.execPath,
    [main, '--app', join(import.meta.dirname, 'host-app'), '--port', '0', '--data', dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => {
      throw new Error('The host did not start.');
    }),
  ]);
  const { ready } = JSON.parse(String(line[0])) as { ready: { rpcUrl: string } };
  return {
    rpcUrl: ready.rpcUrl,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
