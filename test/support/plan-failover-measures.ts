// A failover of a plan with many VMs on a simulator. The servers and Site Recovery itself count the
// requests.
import { HOST_KEY_HEADERS } from '../../simulator/simulator.ts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLifeboat } from '../../local/start-lifeboat.ts';
import type { Simulator, SiteRecoveryWrite } from '../../simulator/simulator.ts';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import { LifeboatClient, type Job, type Replication, type Step } from './lifeboat-client.ts';
import { waitForOrchestration, type WriteBudget } from './many-vms.ts';
import { floorOf, type Floor } from './plan-floor.ts';
import { planBody, putPlan } from './plans.ts';

export interface PlanFailoverMeasures {
  readonly job: Job;
  readonly steps: readonly Step[];
  readonly writes: readonly SiteRecoveryWrite[];
  readonly floor: Floor;
  readonly elapsedSeconds: number;
  /** The reads of the run. The constant reads of the registry are separate. */
  readonly reads: number;
  readonly backgroundReads: number;
  readonly storeRequests: number;
  readonly throttled: number;
  /** The time from the end of each Site Recovery job to its step's end. */
  readonly lags: readonly number[];
  /** The time from the end of the last job of each group to the first start in the next group. */
  readonly lagsToNext: readonly number[];
  readonly largest: {
    readonly history: { readonly events: number; readonly bytes: number };
    readonly payload: { readonly what: string; readonly bytes: number };
  };
  /** The largest memory of the host with the app. */
  readonly memoryMiB: number;
  readonly wallSeconds: number;
}

const COUNTED_REQUESTS = { store: { service: 'cosmos' }, reads: { service: 'arm', method: 'GET' } } as const;

export async function measurePlanFailover(
  vms: number,
  groups: number,
  budget: WriteBudget,
  environment = generateEnvironment({ vms }),
): Promise<PlanFailoverMeasures> {
  const simulator = await startLifeboat({
    clock: 'jumping',
    environment,
    env: {
      LIFEBOAT_WRITES_BURST: String(budget.burst),
      LIFEBOAT_WRITES_PER_SECOND: String(budget.perSecond),
    },
  });
  try {
    // A rule that never acts counts its matching requests.
    for (const [id, where] of Object.entries(COUNTED_REQUESTS))
      await simulator.faults.add({
        id,
        point: 'received',
        ...where,
        skip: Number.MAX_SAFE_INTEGER,
        do: { kind: 'delay', milliseconds: 0 },
      });
    const lifeboat = new LifeboatClient(simulator);
    const replications = await waitForRegistry(lifeboat, vms);
    const names = replications.map(({ name }) => name).sort();
    const size = vms / groups;
    const planGroups = Array.from({ length: groups }, (_, at) => ({
      name: `group-${at}`,
      vms: names.slice(at * size, (at + 1) * size),
    }));
    await putPlan(
      { simulator, lifeboat, vms: replications },
      'shop',
      planBody({ simulator, lifeboat, vms: replications }, planGroups),
    );
    return await measureRun(
      simulator,
      lifeboat,
      new Map(planGroups.flatMap(({ vms: members }, at) => members.map((name) => [name, at]))),
      budget,
    );
  } finally {
    await simulator.stop();
  }
}

async function waitForRegistry(lifeboat: LifeboatClient, vms: number): Promise<readonly Replication[]> {
  for (;;) {
    const known = await lifeboat.listReplications().catch(() => []);
    if (known.length >= vms) return known;
    await sleep(500);
  }
}

async function readCounts(simulator: Simulator): Promise<{
  readonly store: number;
  readonly reads: number;
  readonly throttled: number;
  readonly minutes: number;
}> {
  const seen = Object.fromEntries(
    (await simulator.faults.list()).map((rule) => [rule.id, rule.seen]),
  ) as Record<keyof typeof COUNTED_REQUESTS, number>;
  return {
    ...seen,
    throttled: (await simulator.arm.calls()).throttled,
    minutes: (await simulator.now()).getTime() / 60_000,
  };
}

/**
 * Without work the clock jumps from timer to timer: this shows Lifeboat's reads in each minute of
 * simulated time. With many VMs each minute is much work, and all minutes are alike.
 */
async function readsPerMinute(simulator: Simulator, vms: number): Promise<number> {
  const before = await readCounts(simulator);
  let after = before;
  while (after.minutes - before.minutes < (vms > 100 ? 4 : 20)) {
    await sleep(200);
    after = await readCounts(simulator);
  }
  return (after.reads - before.reads) / (after.minutes - before.minutes);
}

async function measureRun(
  simulator: Simulator,
  lifeboat: LifeboatClient,
  groupOf: ReadonlyMap<string, number>,
  budget: WriteBudget,
): Promise<PlanFailoverMeasures> {
  const readsEachMinute = await readsPerMinute(simulator, groupOf.size);
  const before = await readCounts(simulator);
  const began = performance.now();
  const { status, body } = await lifeboat.send({ operation: 'failover', plan: 'shop' }, randomUUID());
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  await waitForOrchestration(simulator, body.id);
  const after = await readCounts(simulator);
  const wallSeconds = (performance.now() - began) / 1000;
  const job = await lifeboat.waitForJobEnd(body.id);
  if (job.state !== 'completed')
    throw new Error(
      `The run ended ${job.state}, the first of ${job.exceptionCount} exceptions: ` +
        (job.exceptions[0]?.message ?? ''),
    );
  const elapsed = job.seconds ?? Number.NaN;
  const readsBeside = (readsEachMinute * elapsed) / 60;
  const [steps, writes] = [await readAllSteps(lifeboat, body.id), await simulator.siteRecovery.writes()];
  const failovers = vmFailoversOf(steps, writes);
  return {
    job,
    steps,
    writes,
    elapsedSeconds: elapsed,
    wallSeconds,
    ...lagsOf(failovers, groupOf),
    floor: floorOf(
      failovers.map(({ name, at, endedAt }) => ({
        group: groupOf.get(name) ?? 0,
        atSeconds: at / 1000,
        durationSeconds: (endedAt - at) / 1000,
      })),
      budget,
    ),
    reads: after.reads - before.reads - readsBeside,
    backgroundReads: readsBeside,
    storeRequests: after.store - before.store,
    throttled: after.throttled - before.throttled,
    largest: (await (
      await fetch(new URL('/admin/simulator/largest', simulator.host.url), { headers: HOST_KEY_HEADERS })
    ).json()) as PlanFailoverMeasures['largest'],
    memoryMiB: maxMemoryMiB(simulator.host.pid),
  };
}

async function readAllSteps(lifeboat: LifeboatClient, jobId: string): Promise<readonly Step[]> {
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

interface VmFailover {
  readonly name: string;
  /** Milliseconds of simulated time: the write, the end of its job, and both times in our step. */
  readonly at: number;
  readonly endedAt: number;
  readonly stepStarted: number;
  readonly stepEnded: number;
}

function vmFailoversOf(steps: readonly Step[], writes: readonly SiteRecoveryWrite[]): readonly VmFailover[] {
  // Some scenarios name an item after the machine's id.
  const byJob = new Map(writes.map((write) => [write.jobId, write]));
  return steps
    .filter(({ phase }) => phase === 'failover')
    .map(({ name, siteRecoveryJob, startedAt, endedAt }) => {
      const write = byJob.get(siteRecoveryJob ?? '');
      if (!write || write.endedAt === null || startedAt === null || endedAt === null)
        throw new Error(`${name} did not fail over.`);
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
  reached: readonly VmFailover[],
  groupOf: ReadonlyMap<string, number>,
): Pick<PlanFailoverMeasures, 'lags' | 'lagsToNext'> {
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

/** The value that the kernel has counted. */
const maxMemoryMiB = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
