// Common helpers of several tests: a simulator with VMs, and an operation on one of them up to its
// end.
import { randomUUID } from 'node:crypto';
import { startLifeboat, type LocalOptions } from '../../local/start-lifeboat.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import type { FaultRule } from '../../simulator/wire/fault.ts';
import { LifeboatClient, type Replication } from './lifeboat-client.ts';
import { clockAndEngine } from './test-settings.ts';

export interface TestEnvironment {
  readonly simulator: Simulator;
  readonly lifeboat: LifeboatClient;
  readonly vms: readonly Replication[];
}

/**
 * The app checks the claim of a dead sender after a second of wall time. A killed app then need not
 * wait long.
 */
const SHORT_TIMEOUTS = { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' };

export interface TestEnvironmentOptions extends LocalOptions {
  /** Starts a simulator. The default runs it as processes. */
  readonly start?: typeof startLifeboat;
}

/** Creates this number of VMs, or uses the named VMs of a given environment. */
export async function startTestEnvironment(
  vms: number | readonly string[],
  { start = startLifeboat, ...options }: TestEnvironmentOptions = {},
): Promise<TestEnvironment> {
  const simulator = await start({
    environment: typeof vms === 'number' ? generateEnvironment({ vms }) : 'contoso',
    ...options,
    ...clockAndEngine(options),
    env: { ...SHORT_TIMEOUTS, ...options.env },
  });
  const lifeboat = new LifeboatClient(simulator);
  // The harsher of two ways: a job in its first seconds does not show its owner.
  await fetch(new URL('/siterecovery/lag', simulator.addresses.admin), {
    method: 'POST',
    body: JSON.stringify({ freshJobHidesActivityId: true }),
  }).then(assertOk);
  return {
    simulator,
    lifeboat,
    vms: await (typeof vms === 'number'
      ? lifeboat.waitForReplications(vms)
      : lifeboat.waitForReplicationsNamed(vms)),
  };
}

function assertOk(answer: Response): void {
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status}.`);
}

export type NewFaultRule = Omit<FaultRule, 'id'>;

export async function withFault<T>(
  simulator: Simulator,
  rule: NewFaultRule,
  act: () => Promise<T>,
): Promise<{ result: T; acted: number }> {
  const id = randomUUID();
  await simulator.faults.add({ ...rule, id });
  try {
    const result = await act();
    return { result, acted: (await simulator.faults.list()).find((known) => known.id === id)?.acted ?? 0 };
  } finally {
    await simulator.faults.remove(id);
  }
}

/**
 * Site Recovery's own count: writes that started a job for this VM, without a later failure of that
 * job.
 */
export async function countSuccessfulWrites(
  simulator: Simulator,
  vmName: string,
  operation: string,
): Promise<number> {
  const writes = await simulator.siteRecovery.writes();
  return writes.filter(
    (write) => write.itemName === vmName && write.operation === operation && write.jobState !== 'Failed',
  ).length;
}
