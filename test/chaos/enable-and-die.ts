// Many VMs are enabled by one command, and disabled by another, while the app dies at a boundary of
// each; then counted: each VM once, each part once.
import assert from 'node:assert/strict';
import { commandToEnable, manyVms, partsMade, type ManyVms } from '../support/many-vms.ts';
import type { Boundary } from './boundaries.ts';
import { DISABLING, ENABLING } from './enabling-boundaries.ts';
import { play, type Played, type Sent } from './kill.ts';

/** More than are enabled here may go at once. */
const BUDGET = { burst: 150, perSecond: 8 };

export interface Deaths {
  readonly enabling: Boundary;
  readonly disabling: Boundary;
}

/** All boundaries of enabling, and with each one of disabling in its turn. */
export const DEATHS: readonly Deaths[] = ENABLING.map((enabling, index) => {
  const disabling = DISABLING[index % DISABLING.length];
  if (!disabling) throw new Error('There is no boundary of disabling.');
  return { enabling, disabling };
});

/** On a simulator of its own: nothing that replication needs is there. Throws with what was not true. */
export async function enableAndDie(vms: number, { enabling, disabling }: Deaths): Promise<void> {
  const world = await manyVms(vms, BUDGET, { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' });
  try {
    const enabled = await killedAt(world, enabling, commandToEnable(world), 'owner');
    await mustBeEnabled(world, enabled);
    const ids = (await world.lifeboat.replications()).map(({ id }) => id);
    await killedAt(world, disabling, { operation: 'disableReplication', vms: ids }, 'contributor');
    await mustBeDisabled(world);
  } finally {
    await world.simulator.stop();
  }
}

async function killedAt(
  world: ManyVms,
  { point, where }: Boundary,
  command: Sent,
  who: string,
): Promise<Played> {
  const played = await play(
    world,
    command,
    (pid) => [{ ...where('commit'), point, times: 1, do: { kind: 'kill', pid } }],
    { who },
  );
  const { state, exceptions, error } = played.job;
  assert.deepEqual(
    { operation: command.operation, kills: played.kills, state, exceptions, error },
    { operation: command.operation, kills: 1, state: 'completed', exceptions: [], error: null },
  );
  return played;
}

/** By Site Recovery's own count: how many writes each item took. */
async function writesTaken({ simulator }: ManyVms, operation: string): Promise<readonly number[]> {
  const took = (await simulator.siteRecovery.writes()).filter(
    (write) => write.operation === operation && write.jobState !== 'Failed',
  );
  return [...Map.groupBy(took, (write) => write.itemName).values()].map((writes) => writes.length);
}

async function mustBeEnabled(world: ManyVms, { job }: Played): Promise<void> {
  const once = world.vms.map(() => 1);
  assert.deepEqual(await writesTaken(world, 'enable'), once, 'each VM is enabled once');
  const parts = job.steps.filter((step) => step.kind === 'part');
  assert.ok(parts.length > 10);
  assert.equal(await partsMade(world.simulator), parts.length, 'each part is made once');
  const known = await world.lifeboat.replications();
  assert.equal(new Set(known.map(({ name }) => name)).size, world.vms.length);
  assert.deepEqual(
    known.map(({ state }) => state),
    world.vms.map(() => 'protected'),
  );
}

async function mustBeDisabled(world: ManyVms): Promise<void> {
  assert.deepEqual(
    await writesTaken(world, 'remove'),
    world.vms.map(() => 1),
    'each VM is disabled once',
  );
  assert.deepEqual(await world.lifeboat.replications(), []);
  assert.deepEqual(await world.simulator.siteRecovery.items(), []);
}
