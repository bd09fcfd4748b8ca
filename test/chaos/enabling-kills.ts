// One command enables many VMs and another disables them, and the app dies at a boundary of each.
// The test then counts: each VM once, each prerequisite once.
import assert from 'node:assert/strict';
import { startManyVms, countPrerequisitesCreated, type ManyVms } from '../support/many-vms.ts';
import type { Boundary } from './boundaries.ts';
import { DISABLING_BOUNDARIES, enablingBoundaries } from './enabling-boundaries.ts';
import { ENABLING_SCENARIOS, type EnablingScenarioName } from './enabling-scenarios.ts';
import { runWithFaults, type KilledRun, type SentCommand } from './run-with-kills.ts';

/** The budget allows more writes at once than this test needs. */
const WRITE_BUDGET = { burst: 150, perSecond: 8 };

export interface EnablingKills {
  readonly scenario: EnablingScenarioName;
  readonly enabling: Boundary;
  readonly disabling: Boundary;
}

/** All boundaries of enabling, each paired with one boundary of disabling in turn. */
export const enablingKillsOf = (scenario: EnablingScenarioName): readonly EnablingKills[] =>
  enablingBoundaries(ENABLING_SCENARIOS[scenario].requests).map((enabling, index) => {
    const disabling = DISABLING_BOUNDARIES[index % DISABLING_BOUNDARIES.length];
    if (!disabling) throw new Error('No boundary of disabling exists.');
    return { scenario, enabling, disabling };
  });

/** Uses its own simulator. Throws on a broken expectation. */
export async function runEnablingKills(
  vms: number,
  { scenario, enabling, disabling }: EnablingKills,
): Promise<void> {
  const { machines, command, minPrerequisites } = ENABLING_SCENARIOS[scenario];
  const environment = await startManyVms(machines(vms), WRITE_BUDGET, { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' });
  try {
    const enabled = await runKilledAt(environment, enabling, command(environment), 'owner');
    await assertEnabled(environment, enabled, minPrerequisites);
    const ids = (await environment.lifeboat.listReplications()).map(({ id }) => id);
    await runKilledAt(environment, disabling, { operation: 'disableReplication', vms: ids }, 'contributor');
    await assertDisabled(environment);
  } finally {
    await environment.simulator.stop();
  }
}

async function runKilledAt(
  environment: ManyVms,
  { point, where }: Boundary,
  command: SentCommand,
  who: string,
): Promise<KilledRun> {
  const played = await runWithFaults(
    environment,
    command,
    (pid) => [{ ...where(undefined), point, times: 1, do: { kind: 'kill', pid } }],
    { who },
  );
  const { state, exceptions, error } = played.job;
  assert.deepEqual(
    { operation: command.operation, kills: played.kills, state, exceptions, error },
    { operation: command.operation, kills: 1, state: 'completed', exceptions: [], error: null },
  );
  return played;
}

/** Returns how many writes each item took, by Site Recovery's own count. */
async function countWritesPerItem({ simulator }: ManyVms, operation: string): Promise<readonly number[]> {
  const took = (await simulator.siteRecovery.writes()).filter(
    (write) => write.operation === operation && write.jobState !== 'Failed',
  );
  return [...Map.groupBy(took, (write) => write.itemName).values()].map((writes) => writes.length);
}

async function assertEnabled(
  environment: ManyVms,
  { job }: KilledRun,
  minPrerequisites: number,
): Promise<void> {
  const once = environment.vms.map(() => 1);
  assert.deepEqual(await countWritesPerItem(environment, 'enable'), once, 'each VM is enabled once');
  const prerequisites = job.steps.filter((step) => step.kind === 'prerequisite');
  assert.ok(prerequisites.length >= minPrerequisites);
  assert.equal(
    await countPrerequisitesCreated(environment.simulator),
    prerequisites.length,
    'each prerequisite exists once',
  );
  const known = await environment.lifeboat.listReplications();
  assert.equal(new Set(known.map(({ name }) => name)).size, environment.vms.length);
  assert.deepEqual(
    known.map(({ state }) => state),
    environment.vms.map(() => 'protected'),
  );
}

async function assertDisabled(environment: ManyVms): Promise<void> {
  assert.deepEqual(
    await countWritesPerItem(environment, 'remove'),
    environment.vms.map(() => 1),
    'each VM is disabled once',
  );
  assert.deepEqual(await environment.lifeboat.listReplications(), []);
  assert.deepEqual(await environment.simulator.siteRecovery.items(), []);
}
