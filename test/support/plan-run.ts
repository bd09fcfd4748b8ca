// A plan of many VMs failed over on a simulator: what it took, counted at the wires by those who
// answered, and by Site Recovery itself.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLifeboat } from '../../local/lifeboat.ts';
import type { Simulator, SiteRecoveryWrite } from '../../simulator/simulator.ts';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import { Lifeboat, type Job, type Replication, type Step } from './lifeboat.ts';
import { walked, type WriteBudget } from './many-vms.ts';
import { floorOf, type Floor } from './plan-floor.ts';
import { planOf, savePlan } from './plans.ts';

export interface PlanRun {
  readonly job: Job;
  readonly steps: readonly Step[];
  readonly writes: readonly SiteRecoveryWrite[];
  readonly floor: Floor;
  readonly elapsed: number;
  /** Of the run; what the registry reads of its vault all the time is told beside it. */
  readonly reads: number;
  readonly readsBeside: number;
  readonly storeRequests: number;
  readonly throttled: number;
  /** From the end of each job of Site Recovery to its step's end. */
  readonly lags: readonly number[];
  /** From the end of the last job of each group to the first start of the group that waits for it. */
  readonly lagsToNext: readonly number[];
  readonly largest: {
    readonly history: { readonly events: number; readonly bytes: number };
    readonly payload: { readonly what: string; readonly bytes: number };
  };
  /** The host with the app, at its largest. */
  readonly memoryMiB: number;
  readonly wallSeconds: number;
}

const WIRES = { store: { service: 'cosmos' }, reads: { service: 'arm', method: 'GET' } } as const;

export async function failPlanOver(vms: number, groups: number, budget: WriteBudget): Promise<PlanRun> {
  const simulator = await startLifeboat({
    clock: 'jumping',
    environment: generateEnvironment({ vms }),
    env: {
      LIFEBOAT_WRITES_BURST: String(budget.burst),
      LIFEBOAT_WRITES_PER_SECOND: String(budget.perSecond),
    },
  });
  try {
    // A rule that never acts counts what it sees.
    for (const [id, where] of Object.entries(WIRES))
      await simulator.faults.add({
        id,
        point: 'received',
        ...where,
        skip: Number.MAX_SAFE_INTEGER,
        do: { kind: 'delay', milliseconds: 0 },
      });
    const lifeboat = new Lifeboat(simulator);
    const known = await registryOf(lifeboat, vms);
    const names = known.map(({ name }) => name).sort();
    const size = vms / groups;
    const laid = Array.from({ length: groups }, (_, at) => ({
      name: `group-${at}`,
      vms: names.slice(at * size, (at + 1) * size),
    }));
    await savePlan(
      { simulator, lifeboat, vms: known },
      'shop',
      planOf({ simulator, lifeboat, vms: known }, laid),
    );
    return await measured(
      simulator,
      lifeboat,
      new Map(laid.flatMap(({ vms: members }, at) => members.map((name) => [name, at]))),
      budget,
    );
  } finally {
    await simulator.stop();
  }
}

async function registryOf(lifeboat: Lifeboat, vms: number): Promise<readonly Replication[]> {
  for (;;) {
    const known = await lifeboat.replications().catch(() => []);
    if (known.length >= vms) return known;
    await sleep(500);
  }
}

async function counts(simulator: Simulator): Promise<{
  readonly store: number;
  readonly reads: number;
  readonly throttled: number;
  readonly minutes: number;
}> {
  const seen = Object.fromEntries(
    (await simulator.faults.list()).map((rule) => [rule.id, rule.seen]),
  ) as Record<keyof typeof WIRES, number>;
  return {
    ...seen,
    throttled: (await simulator.arm.calls()).throttled,
    minutes: (await simulator.now()).getTime() / 60_000,
  };
}

/**
 * With nothing to do the clock runs from timer to timer: so it is seen what Lifeboat reads in each
 * minute of story time. Of many VMs each minute is much work, and like the others.
 */
async function readsPerMinute(simulator: Simulator, vms: number): Promise<number> {
  const before = await counts(simulator);
  let after = before;
  while (after.minutes - before.minutes < (vms > 100 ? 4 : 20)) {
    await sleep(200);
    after = await counts(simulator);
  }
  return (after.reads - before.reads) / (after.minutes - before.minutes);
}

async function measured(
  simulator: Simulator,
  lifeboat: Lifeboat,
  groupOf: ReadonlyMap<string, number>,
  budget: WriteBudget,
): Promise<PlanRun> {
  const perMinute = await readsPerMinute(simulator, groupOf.size);
  const before = await counts(simulator);
  const began = performance.now();
  const { status, body } = await lifeboat.send({ operation: 'failover', plan: 'shop' }, randomUUID());
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  await walked(simulator, body.id);
  const after = await counts(simulator);
  const wallSeconds = (performance.now() - began) / 1000;
  const job = await lifeboat.ended(body.id);
  if (job.state !== 'completed')
    throw new Error(
      `The run ended ${job.state}, the first of ${job.exceptionCount} exceptions: ` +
        (job.exceptions[0]?.message ?? ''),
    );
  const elapsed = job.seconds ?? Number.NaN;
  const readsBeside = (perMinute * elapsed) / 60;
  const [steps, writes] = [await stepsOf(lifeboat, body.id), await simulator.siteRecovery.writes()];
  const reached = endsOf(steps, writes);
  return {
    job,
    steps,
    writes,
    elapsed,
    wallSeconds,
    ...lagsOf(reached, groupOf),
    floor: floorOf(
      reached.map(({ name, at, endedAt }) => ({
        group: groupOf.get(name) ?? 0,
        at: at / 1000,
        took: (endedAt - at) / 1000,
      })),
      budget,
    ),
    reads: after.reads - before.reads - readsBeside,
    readsBeside,
    storeRequests: after.store - before.store,
    throttled: after.throttled - before.throttled,
    largest: (await (
      await fetch(new URL('/admin/simulator/largest', simulator.host.url))
    ).json()) as PlanRun['largest'],
    memoryMiB: mostMemory(simulator.host.pid),
  };
}

async function stepsOf(lifeboat: Lifeboat, jobId: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body }: { body: { steps: Step[]; next: string | null } } = await lifeboat.call(
      `/api/v1/jobs/${jobId}/steps?limit=200${next === '' ? '' : `&continuation=${encodeURIComponent(next)}`}`,
    );
    steps.push(...body.steps);
    next = body.next;
  }
  return steps;
}

interface Reached {
  readonly name: string;
  /** Milliseconds of story time: the write, the end of its job, and what our step says of both. */
  readonly at: number;
  readonly endedAt: number;
  readonly stepStarted: number;
  readonly stepEnded: number;
}

function endsOf(steps: readonly Step[], writes: readonly SiteRecoveryWrite[]): readonly Reached[] {
  const byName = new Map(writes.map((write) => [write.itemName, write]));
  return steps
    .filter(({ phase }) => phase === 'failover')
    .map(({ name, startedAt, endedAt }) => {
      const write = byName.get(name);
      if (!write || write.endedAt === null || startedAt === null || endedAt === null)
        throw new Error(`${name} was not failed over.`);
      return {
        name,
        at: write.at,
        endedAt: write.endedAt,
        stepStarted: Date.parse(startedAt),
        stepEnded: Date.parse(endedAt),
      };
    });
}

function lagsOf(
  reached: readonly Reached[],
  groupOf: ReadonlyMap<string, number>,
): Pick<PlanRun, 'lags' | 'lagsToNext'> {
  const groups = [...Map.groupBy(reached, ({ name }) => groupOf.get(name) ?? 0)]
    .sort(([a], [b]) => a - b)
    .map(([, members]) => members);
  return {
    lags: reached.map(({ endedAt, stepEnded }) => (stepEnded - endedAt) / 1000),
    lagsToNext: groups
      .slice(1)
      .map(
        (members, at) =>
          (Math.min(...members.map(({ stepStarted }) => stepStarted)) -
            Math.max(...(groups[at] ?? []).map(({ endedAt }) => endedAt))) /
          1000,
      ),
  };
}

/** As the kernel has counted it. */
const mostMemory = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
