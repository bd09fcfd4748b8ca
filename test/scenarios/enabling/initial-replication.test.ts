// The first replication of a VM: its visible state and its possible operations. One caller does not
// wait for its end. The clock flows slowly enough that a busy machine still sees each state.
import type { ReplicationFromAzure } from '../../../shared/replications/readReplication.ts';
import {
  EnablingEnvironment,
  makeShopVm,
  makeContosoWith,
  makeVmId,
} from '../../support/enabling-environment.ts';
import type { Job, Problem, Replication } from '../../support/lifeboat-client.ts';

let environment: EnablingEnvironment;
beforeAll(async () => {
  environment = await EnablingEnvironment.start({
    clock: 'scaled:120',
    environment: makeContosoWith({ virtualMachines: [makeShopVm('slow'), makeShopVm('left')] }),
  });
  // Only an owner creates a vault.
  const request = { target: { region: 'southeastasia' }, vms: [makeVmId('slow'), makeVmId('left')] };
  await environment.runJob({ operation: 'prepareVault', ...request }, 'owner');
}, 120_000);
afterAll(() => environment.stop());

type FullReplication = Replication & ReplicationFromAzure;
const readReplicationOf = async (id: string): Promise<FullReplication | undefined> => {
  const { status, body } = await environment.lifeboat.call<FullReplication>(`/api/v1/replications/${id}`);
  return status === 200 ? body : undefined;
};
const stepOf = ({ steps }: Job, name: string) => steps.find((step) => step.name === name);

test('a VM is ready for failover only after Finalize Protection [A2A-16] [OP-9]', async () => {
  const id = await environment.sendAccepted(
    { operation: 'enableReplication', target: { region: 'southeastasia' }, vms: [makeVmId('slow')] },
    'owner',
  );
  const target = await environment.lifeboat.waitFor(
    async () => stepOf(await environment.lifeboat.readJob(id), 'slow')?.target,
    'the step of slow',
  );
  const seen: FullReplication[] = [];
  const refused: Problem[] = [];
  let done: Job;
  do {
    done = await environment.lifeboat.readJob(id);
    const replicatedVm = await readReplicationOf(stepOf(done, 'slow')?.replication ?? '');
    // The id of the step works before Site Recovery shows the VM.
    expect(replicatedVm).toMatchObject({ name: 'slow' });
    if (replicatedVm?.jobs) seen.push(replicatedVm);
    if (replicatedVm?.protectionState !== 'Protected' && refused.length === 0)
      refused.push(await environment.sendRefused({ operation: 'failover', vms: [target] }, 'operator'));
  } while (done.endedAt === null);
  expect(done).toMatchObject({ state: 'completed' });
  const last = await readReplicationOf(stepOf(done, 'slow')?.replication ?? '');
  expect(
    [...new Set(seen.map(({ protectionState }) => protectionState))].filter((state) => state !== 'Protected'),
  ).toEqual([
    'UnprotectedStatesBegin',
    'InitialReplicationInProgress',
    'InitialReplicationRecoveryCompletionPending',
  ]);
  const percents = seen
    .filter(({ protectionState }) => protectionState === 'InitialReplicationInProgress')
    .map(({ initialReplicationPercent }) => initialReplicationPercent ?? -1);
  expect(Math.max(...percents)).toBeGreaterThan(Math.min(...percents));
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  for (const { allowedOperations, protectionState } of seen)
    expect([protectionState, allowedOperations.includes('UnplannedFailover')]).toEqual([
      protectionState,
      protectionState === 'Protected',
    ]);
  expect(refused).toEqual([
    expect.objectContaining({
      status: 409,
      code: 'NotProtectedYet',
      detail: expect.stringMatching(/slow.*not.*protected/i) as string,
    }),
  ]);
  expect(last).toMatchObject({
    protectionState: 'Protected',
    state: 'protected',
    initialReplicationPercent: 100,
    health: { replication: 'Normal' },
  });
  expect(last?.rpoSeconds).toBeGreaterThanOrEqual(0);
  const jobs = last?.jobs ?? [];
  expect(jobs.map(({ operation, state }) => [operation, state])).toEqual([
    ['IrCompletion', 'Succeeded'],
    ['EnableDr', 'Succeeded'],
  ]);
  for (const job of jobs) {
    expect(job.tasks.length).toBeGreaterThan(3);
    for (const task of job.tasks)
      expect(task).toMatchObject({ state: 'Succeeded', name: expect.stringMatching(/\w/) as string });
  }
  expect(stepOf(done, 'slow')).toMatchObject({
    siteRecoveryJob: jobs.find(({ operation }) => operation === 'EnableDr')?.id,
  });
});

test('a job that stops polling a VM leaves replication running [OP-9] [A2A-16] [A2A-17]', async () => {
  const done = await environment.enable({ vms: [makeVmId('left')], followHours: 0.2 });
  expect(done).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [
      {
        targetName: 'left',
        state: 'leftRunning',
        code: 'StillReplicating',
        message: expect.stringMatching(/continues in Azure.*again/) as string,
      },
    ],
  });
  // Simulated time continues, so the VM may have arrived by now.
  expect(await readReplicationOf(stepOf(done, 'left')?.target ?? '')).toMatchObject({
    protectionState: expect.stringMatching(
      /^(UnprotectedStatesBegin|InitialReplication|Protected)/,
    ) as string,
  });
  const before = environment.listArmWrites();
  const again = await environment.enable({ vms: [makeVmId('left')] });
  expect(again).toMatchObject({
    state: 'completed',
    exceptions: [],
    steps: [{ state: expect.stringMatching(/takenOver|alreadySo/) as string, attempts: 0 }],
  });
  expect(environment.listArmWrites()).toEqual(before);
  expect(await environment.findReplication('left')).toMatchObject({ state: 'protected' });
});

test('the route refuses an unknown id [A2A-16]', async () => {
  const { status, body } = await environment.lifeboat.call<Problem>('/api/v1/replications/source-nothing');
  expect([status, body.code]).toEqual([404, 'VmUnknown']);
});
