// Random kills by seed with faults on: a VM is failed over, committed and reprotected while the app
// dies and Azure misbehaves.
import { setTimeout } from 'node:timers/promises';
import { seededChance } from '../../simulator/wire/chance.ts';
import type { Job, Replication } from '../support/lifeboat.ts';
import type { Scene } from '../support/story.ts';
import type { KilledOperation } from './boundaries.ts';
import { badManners, kills } from './faults.ts';
import { commandFor, play, VERB } from './kill.ts';

const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

export interface Told {
  readonly seed: number;
  readonly kills: number;
  readonly attempts: number;
  readonly failedByAzure: number;
}

/** Plays the seed's story to its end; throws with what was not true. */
export async function playSeed(world: Scene, seed: number, vm: Replication): Promise<Told> {
  const draw = seededChance(seed);
  const told = { seed, kills: 0, attempts: 0, failedByAzure: 0 };
  for (const operation of OPERATIONS) {
    for (;;) {
      const ended = (id: string): Promise<Job> => world.lifeboat.ended(id).then((job) => spared(world, job));
      const { job, kills: killed } = await play(
        world,
        commandFor(operation, [vm]),
        (pid) => [...kills(draw, pid), ...badManners(draw, VERB[operation])],
        { ended },
      );
      told.kills += killed;
      told.attempts += job.steps[0]?.attempts ?? 0;
      await mustBeTrue(world, operation, vm, job);
      if (job.state === 'completed') break;
      // Azure's own job failed, and Lifeboat said so: the ticket is sent again.
      told.failedByAzure++;
    }
  }
  return told;
}

/** From here on no kill strikes, and whoever was struck last is up again. */
export async function spared<T>({ simulator, lifeboat }: Scene, job: T): Promise<T> {
  for (const rule of await simulator.faults.list())
    if (rule.do.kind === 'kill') await simulator.faults.remove(rule.id);
  // A process that was killed is not gone at once.
  await setTimeout(300);
  await lifeboat.until(() => Promise.resolve(simulator.host.running || undefined), 'the app');
  return job;
}

/**
 * One accepted write per target unless the first one's job had failed, and the outcome that Azure
 * bears out.
 */
async function mustBeTrue(
  { simulator, lifeboat }: Scene,
  operation: KilledOperation,
  vm: Replication,
  job: Job,
): Promise<void> {
  const writes = (await simulator.siteRecovery.writes()).filter(
    (write) => write.itemName === vm.name && write.operation === VERB[operation],
  );
  const took = writes.filter((write) => write.jobState !== 'Failed');
  const step = job.steps.find((one) => one.target === vm.id);
  const state = (await lifeboat.replications()).find((one) => one.id === vm.id)?.state;
  const facts = {
    job: job.state,
    step: step?.state,
    took: took.length,
    ours: took[0]?.jobId === step?.siteRecoveryJob,
    state,
  };
  const good = {
    job: 'completed',
    step: 'succeeded',
    took: 1,
    ours: true,
    state: { failover: 'failedOver', commit: 'committed', reprotect: 'protected' }[operation],
  };
  const refused = { job: 'failed', step: 'failed', took: 0, ours: false };
  const expected =
    job.state === 'completed'
      ? good
      : {
          ...refused,
          state: { failover: 'protected', commit: 'failedOver', reprotect: 'committed' }[operation],
        };
  const before = Object.entries(expected).every(([key, value]) => facts[key as keyof typeof facts] === value);
  const inOrder = writes
    .slice(0, -1)
    .every(
      (write, i) => write.jobState === 'Failed' && (write.endedAt ?? Infinity) <= (writes[i + 1]?.at ?? 0),
    );
  if (!before || !inOrder)
    throw new Error(
      `${operation} of ${vm.name} is not as it should be: ` +
        JSON.stringify({ facts, expected, inOrder, writes, log: job.log }),
    );
}
