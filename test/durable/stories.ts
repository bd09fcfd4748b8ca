// What is played on the real Durable extension.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BOUNDARIES, type KilledOperation } from '../chaos/boundaries.ts';
import { die } from '../chaos/die-at.ts';
import { commandFor, judge } from '../chaos/kill.ts';
import type { Job, Replication } from '../support/lifeboat.ts';
import { letPass, playSettings } from '../support/play-settings.ts';
import { orderOf, planOf, savePlan, untilNeeds } from '../support/plans.ts';
import { scene, writesThatTook, type Scene } from '../support/story.ts';

export interface Story {
  readonly name: string;
  readonly title: string;
  readonly play: () => Promise<void>;
}

export const STORIES: readonly Story[] = [
  { name: 'demo', title: 'three VMs fail over, are committed, reprotected and failed back', play: playDemo },
  { name: 'plan', title: 'a plan asks a person, and a person pauses it', play: () => onScene(2, playPlan) },
  { name: 'kills', title: 'the host dies, and the engine dies', play: () => onScene(2, playKills) },
];

async function onScene(vms: number, act: (world: Scene) => Promise<void>): Promise<void> {
  const world = await scene(vms);
  try {
    await act(world);
  } finally {
    await world.simulator.stop();
  }
}

async function playDemo(): Promise<void> {
  const { clock = '' } = playSettings({});
  const args = ['local/demo.ts', '--exit', '--engine', 'real', '--clock', clock];
  const demo = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = (await once(demo, 'exit')) as [number | null];
  assert.equal(code, 0, 'The demo failed.');
}

const stateOf = (job: Job, phase: string, name: string): string | undefined =>
  job.steps.find((step) => step.phase === phase && step.name === name)?.state;

/** Paused while the first group runs, and asked about before the second group begins. */
async function playPlan(world: Scene): Promise<void> {
  const { lifeboat, simulator } = world;
  const [first = '', second = ''] = world.vms.map(({ name }) => name).sort();
  const question = { kind: 'manual', name: 'Look', instructions: 'Is the database up?' };
  const groups = [
    { name: 'data', vms: [first], after: [question] },
    { name: 'web', vms: [second] },
  ];
  await savePlan(world, 'shop', planOf(world, groups));
  const steer = (job: Job, what: string, body: object): Promise<{ readonly status: number }> =>
    lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body });

  const { body: sent } = await lifeboat.send({ operation: 'failover', plan: 'shop' });
  const asking = await untilNeeds(world, sent, 1, 'manual');
  assert.equal(stateOf(asking, 'failover', first), 'succeeded');
  assert.equal((await steer(asking, 'pause', { reason: 'Lunch' })).status, 200);
  const answer = { step: asking.questions[0]?.stepId, answer: 'done' };
  assert.equal((await steer(asking, 'answers', answer)).status, 200);
  await letPass(simulator, 600);
  const paused = await lifeboat.job(sent.id);
  assert.deepEqual(
    [paused.state, paused.control?.wish, stateOf(paused, 'failover', second)],
    ['running', 'paused', 'planned'],
  );
  assert.equal(await writesThatTook(simulator, second, 'unplannedFailover'), 0);
  assert.equal((await steer(asking, 'resume', {})).status, 200);
  const ended = await lifeboat.ended(sent.id);
  assert.deepEqual([ended.state, ended.exceptions], ['completed', []]);
  assert.deepEqual(orderOf(ended, 'failover'), [first, second]);
  for (const name of [first, second])
    assert.equal(await writesThatTook(simulator, name, 'unplannedFailover'), 1);
}

/** The two moments at which a second write would be nearest, and one in the middle of nothing. */
const HOST_DIES: readonly (readonly [KilledOperation, string])[] = [
  ['failover', 'ARM write: done, not answered'],
  ['commit', 'sending claimed: acknowledged'],
  ['reprotect', 'job read: answer not yet read'],
];

async function playKills(world: Scene): Promise<void> {
  const [ofHost, ofEngine] = world.vms;
  assert.ok(ofHost && ofEngine);
  for (const [operation, name] of HOST_DIES) {
    const boundary = BOUNDARIES.find((one) => one.name === name);
    assert.ok(boundary, `No boundary "${name}".`);
    await die(world, ofHost, { operation, boundary });
  }
  for (const operation of ['failover', 'commit'] as const) await killEngine(world, ofEngine, operation);
}

/** The host lives on, and starts the engine again. */
async function killEngine(world: Scene, vm: Replication, operation: KilledOperation): Promise<void> {
  const { lifeboat, simulator } = world;
  const engine = async (): Promise<number> => {
    const answer = await fetch(new URL('/admin/simulator/engine', simulator.host.url));
    return ((await answer.json()) as { pid: number }).pid;
  };
  const { body: sent } = await lifeboat.send(commandFor(operation, [vm]));
  await lifeboat.until(
    async () => (await lifeboat.job(sent.id)).steps.some((step) => step.startedAt !== null) || undefined,
    'the first write',
  );
  const [host, pid] = [simulator.host.pid, await engine()];
  process.kill(pid, 'SIGKILL');
  const job = await lifeboat.ended(sent.id);
  assert.deepEqual([job.state, simulator.host.pid], ['completed', host]);
  assert.notEqual(await engine(), pid);
  await judge(world, operation, vm, job);
}
