// One command enables many VMs on a simulator. The servers count the requests.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLifeboat } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import type { Environment } from '../../simulator/environments/schema.ts';
import type { FaultRule } from '../../simulator/wire/fault.ts';
import { makeVmId } from './enabling-environment.ts';
import { LifeboatClient, type Job } from './lifeboat-client.ts';

export interface ManyVms {
  readonly simulator: Simulator;
  readonly lifeboat: LifeboatClient;
  readonly vms: readonly string[];
}

export interface WriteBudget {
  readonly burst: number;
  readonly perSecond: number;
}

export const vmName = (index: number): string => `vm-${String(index + 1).padStart(4, '0')}`;

const ITEM_PATH = '/replicationProtectedItems/[^/?]+(\\?|$)';
const COUNTED_REQUESTS = {
  store: { service: 'cosmos' },
  arm: { service: 'arm' },
  armReads: { service: 'arm', method: 'GET' },
  questions: { service: 'arm', method: 'POST', path: '/checkNameAvailability' },
  items: { service: 'arm', path: ITEM_PATH },
  itemReads: { service: 'arm', method: 'GET', path: ITEM_PATH },
  partsMade: { service: 'arm', method: 'PUT', path: '^(?!.*/replicationProtectedItems/)', point: 'applied' },
} satisfies Record<string, Partial<FaultRule>>;
type Counts = Record<keyof typeof COUNTED_REQUESTS | 'throttled', number>;

/** An environment of VMs without any replication. */
export interface ManySourceVms {
  readonly environment: Environment;
  readonly idsOf: (lifeboat: LifeboatClient) => Promise<readonly string[]>;
}

/** VMs in one group of the source region, without the prerequisites of replication. */
export const manyAzureVms = (count: number): ManySourceVms => ({
  environment: generateEnvironment({ vms: count, replicated: 0 }),
  idsOf: () => Promise.resolve(Array.from({ length: count }, (_, index) => makeVmId(vmName(index)))),
});

/** Starts a simulator with this number of VMs in Azure, or with other VMs. */
export async function startManyVms(
  vms: number | ManySourceVms,
  budget: WriteBudget,
  env: Readonly<Record<string, string>> = {},
): Promise<ManyVms> {
  const source = typeof vms === 'number' ? manyAzureVms(vms) : vms;
  const settings = {
    LIFEBOAT_WRITES_BURST: String(budget.burst),
    LIFEBOAT_WRITES_PER_SECOND: String(budget.perSecond),
    ...env,
  };
  const simulator = await startLifeboat({
    clock: 'jumping',
    environment: source.environment,
    env: settings,
  });
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
  return { simulator, lifeboat, vms: await source.idsOf(lifeboat) };
}

async function readCounts(simulator: Simulator): Promise<Counts> {
  const seen = Object.fromEntries((await simulator.faults.list()).map((rule) => [rule.id, rule.seen]));
  return { ...seen, throttled: (await simulator.arm.calls()).throttled } as Counts;
}

export const countPrerequisitesCreated = async (simulator: Simulator): Promise<number> =>
  (await readCounts(simulator)).partsMade;

export const enableCommand = ({ vms }: ManyVms) => ({
  operation: 'enableReplication',
  vms,
  target: { region: 'southeastasia' },
});

export interface EnablingMeasures {
  readonly job: Job;
  readonly armReads: number;
  readonly prerequisiteWrites: number;
  readonly vmWrites: number;
  readonly throttled: number;
  readonly storeRequests: number;
  /** Simulated time from the first write to an item until the last. */
  readonly sendingSeconds: number;
  readonly elapsedSeconds: number;
  readonly wallSeconds: number;
}

export async function enableAndMeasure(environment: ManyVms): Promise<EnablingMeasures> {
  const { simulator, lifeboat } = environment;
  const before = await readCounts(simulator);
  const began = performance.now();
  const { status, body } = await lifeboat.send(enableCommand(environment), randomUUID(), {
    principal: 'owner',
  });
  if (status !== 202) throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`);
  await waitForOrchestration(simulator, body.id);
  const wallSeconds = (performance.now() - began) / 1000;
  const after = await readCounts(simulator);
  const increaseOf = (what: keyof Counts): number => after[what] - before[what];
  const job = await lifeboat.waitForJobEnd(body.id);
  const vmWrites = increaseOf('items') - increaseOf('itemReads');
  return {
    job,
    armReads: increaseOf('armReads'),
    vmWrites,
    prerequisiteWrites: increaseOf('arm') - increaseOf('armReads') - increaseOf('questions') - vmWrites,
    throttled: increaseOf('throttled'),
    storeRequests: increaseOf('store'),
    sendingSeconds: await readSendingSeconds(simulator, job),
    elapsedSeconds: job.seconds ?? Number.NaN,
    wallSeconds,
  };
}

async function readSendingSeconds(simulator: Simulator, job: Job): Promise<number> {
  const since = Date.parse(job.acceptedAt);
  const sent = (await simulator.siteRecovery.writes())
    .filter(({ at, operation }) => at >= since && operation === 'enable')
    .map(({ at }) => at);
  return sent.length === 0 ? 0 : (Math.max(...sent) - Math.min(...sent)) / 1000;
}

/** Polls the host instead of Lifeboat, because Lifeboat's answers would add store requests. */
export async function waitForOrchestration(simulator: Simulator, jobId: string): Promise<void> {
  for (;;) {
    const answer = await fetch(
      new URL(`/durabletask/instances/${jobId}-1?showInput=false`, simulator.host.rpcUrl),
    );
    const { runtimeStatus } = (await answer.json()) as { readonly runtimeStatus: string };
    if (runtimeStatus === 'Completed') return;
    if (answer.status !== 202) throw new Error(`The orchestration of job ${jobId} is ${runtimeStatus}.`);
    await sleep(50);
  }
}
