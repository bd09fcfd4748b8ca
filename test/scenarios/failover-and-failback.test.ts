// Three VMs fail over, commit, reprotect, and fail back, with the real SDKs from REST to ARM.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { readArmActions } from '../support/arm-trace.ts';
import { story } from '../support/story.ts';
import {
  startTestEnvironment,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: TestEnvironment;
let cache: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  environment = await startTestEnvironment(['web', 'app', 'sql'], {
    cosmosRanges: 3,
    trace: join(folder, 'trace.ndjson'),
  });
  cache = cacheIn(environment.vms[0]);
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

const cacheIn = (vm: Replication | undefined): string =>
  `${vm?.sites.reversed.resourceGroupId}/providers/Microsoft.Storage/storageAccounts/shopcachesoutheastasia`;
const ids = () => environment.vms.map((vm) => vm.id);
const replications = () =>
  environment.lifeboat.waitForReplicationsNamed(environment.vms.map((vm) => vm.name));
const armIds = async () => (await replications()).map((vm) => vm.armId);

function expectAllSucceeded(job: Job, phases: number): void {
  expect(job).toMatchObject({ state: 'completed', exceptions: [], error: null });
  expect(job.steps).toHaveLength(3 * phases);
  for (const step of job.steps) {
    expect(step).toMatchObject({ state: 'succeeded', attempts: 1, error: null });
    expect(step.siteRecovery.seconds).toBeGreaterThan(0);
    expect(step.seconds).toBeGreaterThanOrEqual(step.siteRecovery.seconds ?? Infinity);
  }
}

// Also covers [OP-5] [OP-6] [TRG-1].
test('a VM keeps its id over and back [OP-2] [OP-3] [OP-4]', async () => {
  const { lifeboat, simulator } = environment;
  const armIdsBefore = await armIds();

  expectAllSucceeded(await lifeboat.runToEnd({ operation: 'failover', vms: ids(), ticket: 'INC-1' }), 1);
  expect((await replications()).map((vm) => vm.state)).toEqual(['failedOver', 'failedOver', 'failedOver']);
  expectAllSucceeded(await lifeboat.runToEnd({ operation: 'commit', vms: ids() }), 1);
  expect((await replications()).map((vm) => vm.state)).toEqual(['committed', 'committed', 'committed']);
  expect(await armIds()).toEqual(armIdsBefore);

  expectAllSucceeded(
    await lifeboat.runToEnd({ operation: 'reprotect', vms: ids(), cacheStorageAccountId: cache }),
    1,
  );
  const reprotectedVms = await replications();
  expect(
    reprotectedVms.map(({ id, direction, state, allowed }) => ({ id, direction, state, allowed })),
  ).toEqual(
    environment.vms.map(({ id }) => ({
      id,
      direction: 'reversed',
      state: 'protected',
      allowed: ['testFailover', 'failback', 'updateReplication', 'disableReplication'],
    })),
  );
  expect(reprotectedVms.every((vm) => !armIdsBefore.includes(vm.armId))).toBe(true);

  const failbackJob = await lifeboat.runToEnd({ operation: 'failback', vms: ids() });
  expectAllSucceeded(failbackJob, 3);
  expect(failbackJob.steps.map((step) => step.phase)).toEqual([
    'failover',
    'failover',
    'failover',
    'commit',
    'commit',
    'commit',
    'reprotect',
    'reprotect',
    'reprotect',
  ]);
  const again = await replications();
  expect(again.map((vm) => vm.armId.toLowerCase())).toEqual(armIdsBefore.map((id) => id.toLowerCase()));
  expect(again.map(({ id, direction, state }) => ({ id, direction, state }))).toEqual(
    environment.vms.map(({ id }) => ({ id, direction: 'original', state: 'protected' })),
  );

  for (const vm of environment.vms) {
    expect(await countSuccessfulWrites(simulator, vm.name, 'unplannedFailover')).toBe(2);
    expect(await countSuccessfulWrites(simulator, vm.name, 'failoverCommit')).toBe(2);
    expect(await countSuccessfulWrites(simulator, vm.name, 'switchprotection')).toBe(2);
  }
  expect(await simulator.siteRecovery.unknown()).toEqual([]);
});

test('the job shows the caller, the source, the ticket and every step [JOB-1]', async () => {
  const { lifeboat } = environment;
  const { body } = await lifeboat.send({
    operation: 'failover',
    vms: ids(),
    ticket: 'INC-2',
    reason: 'East Asia is dark',
  });
  const job = await lifeboat.waitForJobEnd(body.id);
  expect(job.command).toMatchObject({ ticket: 'INC-2', reason: 'East Asia is dark', adopt: false });
  expect(job.requestedBy).toMatchObject({ trigger: 'rest', name: expect.any(String) as string });
  for (const step of job.steps)
    expect(job.log.map((line) => line.message)).toContain(
      `Accepted: Site Recovery's job ${step.siteRecoveryJob}.`,
    );
  expect(job.log.at(0)?.message).toBe('Started: failover.');
  expect(job.log.at(-1)?.message).toBe('Ended: completed.');
});

test("Lifeboat's requests to Azure match its role exactly: no extra action, and none without use", () => {
  expect(readArmActions(join(folder, 'trace.ndjson'))).toEqual([...agreement.armActions.operate].sort());
});
