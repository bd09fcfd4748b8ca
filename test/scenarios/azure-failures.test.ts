// Azure's faults on one write or on all writes: the job ends with the true outcome, and nothing
// starts twice.
import { ARM_VERBS } from '../chaos/run-with-kills.ts';
import type { FaultAction, FaultPoint } from '../../simulator/wire/fault.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import {
  startTestEnvironment,
  withFault,
  type NewFaultRule,
  type TestEnvironment,
} from '../support/test-environment.ts';

let environment: TestEnvironment;
let next = 0;

beforeAll(async () => {
  environment = await startTestEnvironment(16);
});
afterAll(() => environment.simulator.stop());

function takeVm(): Replication {
  const vm = environment.vms[next++];
  if (!vm) throw new Error('The environment is used up.');
  return vm;
}

async function failsOver(
  vm: Replication,
  rule: NewFaultRule,
): Promise<{ job: Job; acted: number; writes: { jobState: string; jobId: string }[] }> {
  const { result: job, acted } = await withFault(environment.simulator, rule, () =>
    environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] }),
  );
  const writes = (await environment.simulator.siteRecovery.writes()).filter(
    (write) => write.itemName === vm.name && write.operation === ARM_VERBS.failover,
  );
  return { job, acted, writes };
}

const write = (vm: Replication, point: FaultPoint, action: FaultAction, times = 1): NewFaultRule => ({
  service: 'arm',
  method: 'POST',
  path: `/${vm.name}/unplannedFailover`,
  point,
  times,
  do: action,
});

test.each<[string, FaultPoint, FaultAction, number]>([
  [
    '429 with Retry-After on the write',
    'received',
    {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '17' },
      body: { error: { code: 'TooManyRequests', message: 'slow down' } },
    },
    2,
  ],
  [
    '500 on the write, nothing done',
    'received',
    { kind: 'status', status: 500, body: { error: { code: 'InternalServerError', message: 'oops' } } },
    2,
  ],
  ['the connection cut before the write arrives', 'received', { kind: 'cut' }, 2],
  ['500 on the write, but it was done', 'applied', { kind: 'status', status: 500 }, 1],
  [
    '503 on the write, but it was done',
    'applied',
    { kind: 'status', status: 503, headers: { 'retry-after': '5' } },
    1,
  ],
  ['the connection cut after it was accepted', 'applied', { kind: 'cut' }, 1],
  ['an answer that comes after the deadline', 'applied', { kind: 'delay', milliseconds: 1_500 }, 1],
])('%s [OP-6]', async (_what, point, action, attempts) => {
  const vm = takeVm();
  const { job, acted, writes } = await failsOver(vm, write(vm, point, action));
  expect(acted).toBe(1);
  expect(job).toMatchObject({ state: 'completed', steps: [{ state: 'succeeded', attempts }] });
  expect(writes).toEqual([
    expect.objectContaining({ jobState: 'Succeeded', jobId: job.steps[0]?.siteRecoveryJob }),
  ]);
});

test('a failover outlasts an hour in which every read ends in 500 [OP-6]', async () => {
  const vm = takeVm();
  const { job, acted, writes } = await failsOver(vm, {
    service: 'arm',
    method: 'GET',
    point: 'received',
    times: 150,
    do: { kind: 'status', status: 500 },
  });
  expect(acted).toBe(150);
  expect(job).toMatchObject({ state: 'completed', steps: [{ state: 'succeeded', attempts: 1 }] });
  expect(writes).toHaveLength(1);
});

test('Lifeboat writes again once Azure has failed the job with code 532 [OP-6]', async () => {
  const vm = takeVm();
  const { job, acted, writes } = await failsOver(vm, {
    point: 'operation',
    path: `/${vm.name}/`,
    times: 1,
    do: { kind: 'fail', code: '532' },
  });
  expect(acted).toBe(1);
  expect(job).toMatchObject({ state: 'completed', steps: [{ state: 'succeeded', attempts: 2 }] });
  expect(writes.map((entry) => entry.jobState).sort()).toEqual(['Failed', 'Succeeded']);
  expect(job.log.some((line) => line.message.includes('ended without any change'))).toBe(true);
});

test('Lifeboat tries a failing failover once, and reports the error of Azure [OP-6] [JOB-1]', async () => {
  const vm = takeVm();
  const { job, writes } = await failsOver(vm, {
    point: 'operation',
    path: `/${vm.name}/`,
    times: 1,
    do: { kind: 'fail', code: '150097', message: 'The disk is gone.' },
  });
  expect(job).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', attempts: 1, error: { code: '150097' } }],
  });
  expect(job.exceptions).toEqual([
    expect.objectContaining({
      targetName: vm.name,
      code: '150097',
      message: expect.stringContaining('The disk is gone.') as string,
    }),
  ]);
  expect(writes).toHaveLength(1);
  expect(
    (await environment.lifeboat.listReplications()).find((replication) => replication.id === vm.id)?.state,
  ).toBe('protected');
});

test('one VM of two fails: the other arrives, and the job names the missing VM [OP-6]', async () => {
  const [good, bad] = [takeVm(), takeVm()];
  const { result: job } = await withFault(
    environment.simulator,
    { point: 'operation', path: `/${bad.name}/`, times: 1, do: { kind: 'fail', code: '150097' } },
    () => environment.lifeboat.runToEnd({ operation: 'failover', vms: [good.id, bad.id] }),
  );
  expect(job.state).toBe('completedWithExceptions');
  expect(job.exceptions.map(({ targetName, code }) => ({ targetName, code }))).toEqual([
    { targetName: bad.name, code: '150097' },
  ]);
  expect(new Map(job.steps.map((step) => [step.name, step.state]))).toEqual(
    new Map([
      [good.name, 'succeeded'],
      [bad.name, 'failed'],
    ]),
  );
});

test('a write that Azure refuses ends the step at once, with its reason [OP-6]', async () => {
  const vm = takeVm();
  const { job, writes } = await failsOver(
    vm,
    write(vm, 'received', {
      kind: 'status',
      status: 403,
      body: { error: { code: 'AuthorizationFailed', message: 'The client has no right.' } },
    }),
  );
  expect(job).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', attempts: 1, error: { kind: 'Rejected', code: 'AuthorizationFailed' } }],
  });
  expect(writes).toEqual([]);
  expect((await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] })).state).toBe(
    'completed',
  );
});

test('a failover ends even where Lifeboat cannot read the new VM [PPG-5] [OP-6]', async () => {
  const [vm, other] = [takeVm(), takeVm()];
  const noRoom: NewFaultRule = {
    point: 'operation',
    vm: vm.name,
    times: 1,
    do: { kind: 'warn', code: 'OverconstrainedAllocationRequest', message: 'There is no room.' },
  };
  const unreadable: NewFaultRule = {
    service: 'arm',
    method: 'GET',
    path: 'Microsoft.Compute/virtualMachines',
    point: 'received',
    do: { kind: 'status', status: 403 },
  };
  const {
    result: { result: job },
  } = await withFault(environment.simulator, unreadable, () =>
    withFault(environment.simulator, noRoom, () =>
      environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id, other.id] }),
    ),
  );
  expect(job).toMatchObject({
    state: 'completedWithExceptions',
    steps: [{ state: 'succeeded' }, { state: 'succeeded' }],
  });
  expect(job.exceptions).toEqual([
    expect.objectContaining({
      targetName: vm.name,
      code: 'OverconstrainedAllocationRequest',
      message: expect.stringContaining('There is no room.') as string,
    }),
  ]);
});
