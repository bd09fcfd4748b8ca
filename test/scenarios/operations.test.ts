// Operations on a replicated VM beside failover and failback: drills, recovery points, and a change
// of mind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { readArmActions } from '../support/arm-trace.ts';
import { callAsPortalUser } from '../support/portal.ts';
import type { Job, Problem, Replication } from '../support/lifeboat-client.ts';
import { story } from '../support/story.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

// Each test stands alone. The last step needs them all.
const step = story();
const test = step.alone;

let environment: TestEnvironment;
let folder: string;
let next = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-trace-'));
  environment = await startTestEnvironment(9, { trace: join(folder, 'trace.ndjson') });
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

const takeVm = (): Replication => {
  const vm = environment.vms[next++];
  if (!vm) throw new Error('No VM is left for this test.');
  return vm;
};
const runToEnd = (operation: string, vm: Replication, more: object = {}): Promise<Job> =>
  environment.lifeboat.runToEnd({ operation, vms: [vm.id], ...more });
const refusal = async (command: object) => (await environment.lifeboat.send<Problem>(command)).body;
const readVm = async (vm: Replication): Promise<Replication | undefined> =>
  (await environment.lifeboat.listReplications()).find((replication) => replication.id === vm.id);
const writes = async (vm: Replication): Promise<number> =>
  (await environment.simulator.siteRecovery.writes()).filter((write) => write.itemName === vm.name).length;

interface Point {
  readonly name: string;
  readonly properties: { readonly recoveryPointTime: string; readonly recoveryPointType: string };
}
const pointsOf = async (vm: Replication): Promise<readonly Point[]> =>
  (
    (await callAsPortalUser(environment.simulator, 'GET', `${(await readVm(vm))?.armId}/recoveryPoints`))
      .body as {
      value: Point[];
    }
  ).value;

test('a drill creates a test VM, keeps replication, and cleans up [OP-1] [OP-3]', async () => {
  const vm = takeVm();
  expect(await runToEnd('testFailover', vm)).toMatchObject({
    state: 'completed',
    exceptions: [],
    steps: [{ phase: 'testFailover', state: 'succeeded', attempts: 1 }],
  });
  expect(await readVm(vm)).toMatchObject({
    state: 'testing',
    protectionState: 'Protected',
    activeLocation: 'Primary',
    allowed: ['cleanUpTestFailover', 'failover'],
  });
  expect(await refusal({ operation: 'testFailover', vms: [vm.id] })).toMatchObject({
    status: 409,
    code: 'OperationNotAllowed',
    detail: expect.stringContaining('cleanUpTestFailover') as string,
  });
  expect(await runToEnd('cleanUpTestFailover', vm, { notes: 'All came up.' })).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await readVm(vm)).toMatchObject({ state: 'protected' });
  expect(await writes(vm)).toBe(2);
});

test('a test failover into a missing network fails with a reason, and changes nothing [OP-1]', async () => {
  const vm = takeVm();
  const nowhere =
    '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/none/providers/Microsoft.Network/virtualNetworks/none';
  expect(await runToEnd('testFailover', vm, { networkId: nowhere })).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', error: { message: expect.stringContaining('network') as string } }],
  });
  expect(await readVm(vm)).toMatchObject({ state: 'protected' });
  expect(await refusal({ operation: 'testFailover', vms: [vm.id], networkId: 'somewhere' })).toMatchObject({
    status: 400,
    code: 'Invalid',
    detail: expect.stringContaining('networkId') as string,
  });
});

test('a failover during a drill is one command: it cleans up the test first [OP-1] [OP-2]', async () => {
  const vm = takeVm();
  await runToEnd('testFailover', vm);
  const job = await runToEnd('failover', vm);
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  expect(job.steps.map(({ phase, state }) => ({ phase, state }))).toEqual([
    { phase: 'cleanUpTestFailover', state: 'succeeded' },
    { phase: 'failover', state: 'succeeded' },
  ]);
  expect(await readVm(vm)).toMatchObject({ state: 'failedOver' });
});

test('a failover and a changed recovery point each report their data loss [OP-2] [OP-3] [JOB-2]', async () => {
  const vm = takeVm();
  const points = await pointsOf(vm);
  const apps = points.filter(({ properties }) => /^app/i.test(properties.recoveryPointType));
  const job = await runToEnd('failover', vm, { recoveryPoint: 'latestAppConsistent', shutDownSource: true });
  expect(job).toMatchObject({ state: 'completed', exceptions: [] });
  const [step] = job.steps;
  expect(Date.parse(step?.recoveryPoint?.time ?? '')).toBeGreaterThanOrEqual(
    Math.max(...apps.map(({ properties }) => Date.parse(properties.recoveryPointTime))),
  );
  expect(step?.dataLossSeconds).toBeGreaterThanOrEqual(0);
  const older = (await pointsOf(vm)).at(0);
  const changed = await runToEnd('changeRecoveryPoint', vm, { recoveryPoint: { id: older?.name } });
  expect(changed).toMatchObject({
    state: 'completed',
    steps: [
      {
        phase: 'changeRecoveryPoint',
        state: 'succeeded',
        recoveryPoint: { id: expect.stringContaining(older?.name ?? '?') as string },
      },
    ],
  });
  expect(changed.steps[0]?.dataLossSeconds).toBeGreaterThan(step?.dataLossSeconds ?? 0);
  expect(await runToEnd('commit', vm)).toMatchObject({ state: 'completed' });
  expect(
    await refusal({ operation: 'changeRecoveryPoint', vms: [vm.id], recoveryPoint: 'latest' }),
  ).toMatchObject({ status: 409, code: 'OperationNotAllowed' });
});

test('a cancelled failover leaves the VM protected in its first region [OP-3]', async () => {
  const vm = takeVm();
  await runToEnd('failover', vm);
  expect(await runToEnd('cancelFailover', vm)).toMatchObject({ state: 'completed', exceptions: [] });
  expect(await readVm(vm)).toMatchObject({ state: 'protected', activeLocation: 'Primary' });
  expect(await refusal({ operation: 'cancelFailover', vms: [vm.id] })).toMatchObject({
    status: 409,
    detail: expect.stringContaining('protected') as string,
  });
});

describe('refused, with the alternatives [OP-2]', () => {
  test('Azure to Azure has no planned failover', async () => {
    const vm = takeVm();
    expect(await refusal({ operation: 'failover', vms: [vm.id], kind: 'planned' })).toMatchObject({
      status: 422,
      code: 'NoPlannedFailover',
      detail: expect.stringContaining('shutDownSource') as string,
    });
  });

  test('a point by its id for several VMs, and an unknown kind of point', async () => {
    const [vm, other] = [takeVm(), takeVm()];
    expect(
      await refusal({ operation: 'failover', vms: [vm.id, other.id], recoveryPoint: { id: 'x' } }),
    ).toMatchObject({ status: 422, code: 'RecoveryPointOfOneVm' });
    expect(await refusal({ operation: 'failover', vms: [vm.id], recoveryPoint: 'yesterday' })).toMatchObject({
      status: 400,
      detail: expect.stringContaining('recoveryPoint') as string,
    });
  });

  test('a missing point: the refusal lists the existing points, and nothing changes', async () => {
    const vm = takeVm();
    const before = await writes(vm);
    const job = await runToEnd('failover', vm, { recoveryPoint: { id: 'no-such-point' } });
    expect(job).toMatchObject({
      state: 'failed',
      steps: [
        {
          error: {
            code: 'RecoveryPointMissing',
            message: expect.stringContaining('the newest of them') as string,
          },
        },
      ],
    });
    expect(await runToEnd('failover', vm, { recoveryPoint: 'latestMultiVmConsistent' })).toMatchObject({
      state: 'failed',
      steps: [{ error: { code: 'RecoveryPointMissing' } }],
    });
    expect(await writes(vm)).toBe(before);
    expect(await readVm(vm)).toMatchObject({ state: 'protected' });
  });
});

step("Lifeboat's requests to Azure match its role exactly: no extra action, and none without use", () => {
  expect(readArmActions(join(folder, 'trace.ndjson'))).toEqual([...agreement.armActions.drill].sort());
});
