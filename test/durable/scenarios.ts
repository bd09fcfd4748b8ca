// The scenarios for the real Durable extension.
import { HOST_KEY_HEADERS } from '../../simulator/simulator.ts';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BOUNDARIES } from '../chaos/boundaries.ts';
import { runNamed } from '../chaos/kill-scenarios.ts';
import { runOperationKill } from '../chaos/operation-kills.ts';
import { commandFor, assertOperationOutcome, writesOf } from '../chaos/run-with-kills.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import { advanceTime, clockAndEngine } from '../support/test-settings.ts';
import { startOrderOf, planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';

export interface DurableScenario {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<void>;
}

export const DURABLE_SCENARIOS: readonly DurableScenario[] = [
  { name: 'demo', title: 'three VMs fail over, are committed, reprotected and failed back', run: runDemo },
  {
    name: 'plan',
    title: 'a plan asks a person, and a person pauses it',
    run: () => withTestEnvironment(2, runPausedPlan),
  },
  { name: 'kills', title: 'the host dies, and the engine dies', run: () => withTestEnvironment(2, runKills) },
];

async function withTestEnvironment(
  vms: number,
  act: (environment: TestEnvironment) => Promise<void>,
): Promise<void> {
  const testEnvironment = await startTestEnvironment(vms);
  try {
    await act(testEnvironment);
  } finally {
    await testEnvironment.simulator.stop();
  }
}

async function runDemo(): Promise<void> {
  const { clock = '' } = clockAndEngine({});
  const args = ['local/demo.ts', '--exit', '--engine', 'real', '--clock', clock];
  const demo = spawn(process.execPath, args, { stdio: 'inherit' });
  const [code] = (await once(demo, 'exit')) as [number | null];
  assert.equal(code, 0, 'The demo failed.');
}

const stateOf = (job: Job, phase: string, name: string): string | undefined =>
  job.steps.find((step) => step.phase === phase && step.name === name)?.state;

/** Pauses the run during the first group, and answers the question before the second group. */
async function runPausedPlan(environment: TestEnvironment): Promise<void> {
  const { lifeboat, simulator } = environment;
  const [first = '', second = ''] = environment.vms.map(({ name }) => name).sort();
  const question = { kind: 'manual', name: 'Look', instructions: 'Is the database up?' };
  const groups = [
    { name: 'data', vms: [first], after: [question] },
    { name: 'web', vms: [second] },
  ];
  await putPlan(environment, 'shop', planBody(environment, groups));
  const sendControl = (job: Job, what: string, body: object): Promise<{ readonly status: number }> =>
    lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body });

  const { body: sent } = await lifeboat.send({ operation: 'failover', plan: 'shop' });
  const asking = await waitForQuestions(environment, sent, 1, 'manual');
  assert.equal(stateOf(asking, 'failover', first), 'succeeded');
  assert.equal((await sendControl(asking, 'pause', { reason: 'Lunch' })).status, 200);
  const answer = { question: asking.questions[0]?.id, answer: 'done' };
  assert.equal((await sendControl(asking, 'answers', answer)).status, 200);
  await advanceTime(simulator, 600);
  const paused = await lifeboat.readJob(sent.id);
  assert.deepEqual(
    [paused.state, paused.control?.requested, stateOf(paused, 'failover', second)],
    ['running', 'paused', 'planned'],
  );
  assert.equal(await countSuccessfulWrites(simulator, second, 'unplannedFailover'), 0);
  assert.equal((await sendControl(asking, 'resume', {})).status, 200);
  const ended = await lifeboat.waitForJobEnd(sent.id);
  assert.deepEqual([ended.state, ended.exceptions], ['completed', []]);
  assert.deepEqual(startOrderOf(ended, 'failover'), [first, second]);
  for (const name of [first, second])
    assert.equal(await countSuccessfulWrites(simulator, name, 'unplannedFailover'), 1);
}

type ShopOperation = 'failover' | 'commit' | 'reprotect';
/** Two moments with the highest risk of a second write, and one moment in the middle of a step. */
const HOST_KILLS: readonly (readonly [ShopOperation, string])[] = [
  ['failover', 'ARM write: done, not answered'],
  ['commit', 'sending claimed: acknowledged'],
  ['reprotect', 'job read: answer not yet read'],
];

async function runKills(environment: TestEnvironment): Promise<void> {
  const [ofHost, ofEngine] = environment.vms;
  assert.ok(ofHost && ofEngine);
  for (const [operation, name] of HOST_KILLS) {
    const boundary = BOUNDARIES.find((candidate) => candidate.name === name);
    assert.ok(boundary, `No boundary "${name}".`);
    await runOperationKill(environment, ofHost, { run: runNamed('azureToAzure', operation), boundary });
  }
  for (const operation of ['failover', 'commit'] as const) await killEngine(environment, ofEngine, operation);
}

/** The host stays alive, and restarts the engine. */
async function killEngine(
  environment: TestEnvironment,
  vm: Replication,
  operation: ShopOperation,
): Promise<void> {
  const { lifeboat, simulator } = environment;
  const engine = async (): Promise<number> => {
    const answer = await fetch(new URL('/admin/simulator/engine', simulator.host.url), {
      headers: HOST_KEY_HEADERS,
    });
    return ((await answer.json()) as { pid: number }).pid;
  };
  const { length: before } = await writesOf(environment, vm);
  const { body: sent } = await lifeboat.send(commandFor(operation, [vm]));
  await lifeboat.waitFor(
    async () => (await lifeboat.readJob(sent.id)).steps.some((step) => step.startedAt !== null) || undefined,
    'the first write',
  );
  const [host, pid] = [simulator.host.pid, await engine()];
  process.kill(pid, 'SIGKILL');
  const job = await lifeboat.waitForJobEnd(sent.id);
  assert.deepEqual([job.state, simulator.host.pid], ['completed', host]);
  assert.notEqual(await engine(), pid);
  await assertOperationOutcome(environment, runNamed('azureToAzure', operation).operation, vm, job, before);
}
