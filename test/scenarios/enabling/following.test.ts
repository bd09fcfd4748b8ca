// While a VM replicates for the first time: what is seen of it, what may be done with it, and a
// caller who does not wait for its end.
import type { Replicated } from '../../../shared/replications/readReplication.ts';
import { EnablingSimulator, shopVm, contosoWith, vm } from '../../support/enabling.ts';
import type { Job, Problem, Replication } from '../../support/lifeboat.ts';

let world: EnablingSimulator;
beforeAll(async () => {
  world = await EnablingSimulator.start({
    clock: 'scaled:600',
    environment: contosoWith({ virtualMachines: [shopVm('slow'), shopVm('left')] }),
  });
}, 60_000);
afterAll(() => world.stop());

type Fresh = Replication & Replicated;
const fresh = async (id: string): Promise<Fresh | undefined> => {
  const { status, body } = await world.lifeboat.call<Fresh>(`/api/v1/replications/${id}`);
  return status === 200 ? body : undefined;
};
const stepOf = ({ steps }: Job, name: string) => steps.find((step) => step.name === name);

test('a VM is ready for failover only after Finalize Protection [A2A-16] [OP-9]', async () => {
  const id = await world.accepted(
    { operation: 'enableReplication', target: { region: 'southeastasia' }, vms: [vm('slow')] },
    'owner',
  );
  const target = await world.lifeboat.until(
    async () => stepOf(await world.lifeboat.job(id), 'slow')?.target,
    'the step of slow',
  );
  const seen: Fresh[] = [];
  const refused: Problem[] = [];
  let done: Job;
  do {
    done = await world.lifeboat.job(id);
    const one = await fresh(target);
    if (one) seen.push(one);
    if (one && one.protectionState !== 'Protected' && refused.length === 0)
      refused.push(await world.refusal({ operation: 'failover', vms: [target] }, 'operator'));
  } while (done.endedAt === null);
  expect(done).toMatchObject({ state: 'completed' });
  const last = await fresh(stepOf(done, 'slow')?.replication ?? '');
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

test('a job that stops following a VM leaves replication running [OP-9] [A2A-16] [A2A-17]', async () => {
  const done = await world.enable({ vms: [vm('left')], followHours: 0.2 });
  expect(done).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [
      {
        targetName: 'left',
        state: 'leftRunning',
        code: 'StillReplicating',
        message: expect.stringMatching(/goes on in Azure.*again/) as string,
      },
    ],
  });
  // The story does not wait for this test: by now it may have arrived.
  expect(await fresh(stepOf(done, 'left')?.target ?? '')).toMatchObject({
    protectionState: expect.stringMatching(
      /^(UnprotectedStatesBegin|InitialReplication|Protected)/,
    ) as string,
  });
  const before = world.writes();
  const again = await world.enable({ vms: [vm('left')] });
  expect(again).toMatchObject({
    state: 'completed',
    exceptions: [],
    steps: [{ state: expect.stringMatching(/takenOver|alreadySo/) as string, attempts: 0 }],
  });
  expect(world.writes()).toEqual(before);
  expect(await world.named('left')).toMatchObject({ state: 'protected' });
});

test('[A2A-16] an id that nothing has is refused', async () => {
  const { status, body } = await world.lifeboat.call<Problem>('/api/v1/replications/source-nothing');
  expect([status, body.code]).toEqual([404, 'VmUnknown']);
});
