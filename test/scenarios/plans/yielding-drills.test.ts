// A failover takes some VMs of a drill. Exactly one job cleans up each test VM, and the report names it.
import type { RunReport } from '../../../shared/plans/rules/runReport.ts';
import { planBody, putPlan } from '../../support/plans.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import {
  countSuccessfulWrites,
  startTestEnvironment,
  withFault,
  type TestEnvironment,
} from '../../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(6);
});
afterAll(() => environment.simulator.stop());

let taken = 0;
/** VMs that no other test uses. */
const takeNames = (count: number): readonly string[] =>
  environment.vms
    .map(({ name }) => name)
    .sort()
    .slice(taken, (taken += count));
const idOf = (name: string): string => environment.vms.find((vm) => vm.name === name)?.id ?? name;
const readReport = async (job: Job): Promise<RunReport> =>
  (await environment.lifeboat.call<RunReport>(`/api/v1/jobs/${job.id}/report`)).body;
const cleanUpsOf = (name: string) =>
  countSuccessfulWrites(environment.simulator, name, 'testFailoverCleanup');

/** A drill whose test VMs are up, and which waits for hours with its clean-up. */
async function startWaitingDrill(plan: string, names: readonly string[]): Promise<Job> {
  await putPlan(
    environment,
    plan,
    planBody(environment, [{ name: 'all', vms: names }], { drill: { cleanUpAfterMinutes: 600 } }),
  );
  const { body } = await environment.lifeboat.send({ operation: 'testFailover', plan });
  return environment.lifeboat.waitFor(async () => {
    const job = await environment.lifeboat.readJob(body.id);
    const tests = job.steps.filter(({ phase }) => phase === 'testFailover');
    const areUp = tests.length === names.length && tests.every(({ state }) => state === 'succeeded');
    return areUp ? job : undefined;
  }, 'the test VMs');
}

test('a drill cleans up the VMs that a failover of one VM leaves to it [OP-1] [OP-2] [OP-13]', async () => {
  const names = takeNames(3);
  const [needed = '', ...others] = names;
  const drill = await startWaitingDrill('shop', names);
  const failover = await environment.lifeboat.runToEnd({ operation: 'failover', vms: [idOf(needed)] });
  expect(failover).toMatchObject({ state: 'completed', exceptions: [] });
  const ended = await environment.lifeboat.waitForJobEnd(drill.id);
  expect(ended).toMatchObject({
    state: 'cancelled',
    exceptions: [{ code: 'CleanedUpByOtherJob', targetName: needed }],
  });
  for (const name of names) expect([name, await cleanUpsOf(name)]).toEqual([name, 1]);
  const report = await readReport(drill);
  expect(report.leftBehind).toEqual([]);
  expect(Object.fromEntries(report.vms.map(({ name, cleanedUpBy }) => [name, cleanedUpBy]))).toEqual({
    [needed]: failover.id,
    ...Object.fromEntries(others.map((name) => [name, drill.id])),
  });
  // A retry has nothing to do: it must not touch the VM that has failed over.
  const again = { method: 'POST', body: {}, principal: 'operator' } as const;
  expect(await environment.lifeboat.call(`/api/v1/jobs/${drill.id}/retry`, again)).toMatchObject({
    status: 409,
    body: { code: 'NothingToRetry', detail: expect.stringContaining('no unsuccessful step') as string },
  });
  expect((await environment.lifeboat.listReplications()).filter(({ state }) => state === 'testing')).toEqual(
    [],
  );
});

test('a drill takes a VM back if the failover ends without its clean-up [OP-1] [OP-13]', async () => {
  const names = takeNames(3);
  const [needed = ''] = names;
  const drill = await startWaitingDrill('office', names);
  const fault = {
    point: 'operation',
    vm: needed,
    times: 1,
    do: { kind: 'fail', code: '150097', message: 'No room.' },
  } as const;
  const { result: failover } = await withFault(environment.simulator, fault, () =>
    environment.lifeboat.runToEnd({ operation: 'failover', vms: [idOf(needed)] }),
  );
  expect(failover.state).toBe('failed');
  const ended = await environment.lifeboat.waitForJobEnd(drill.id);
  expect(ended).toMatchObject({ state: 'completed', exceptions: [] });
  for (const name of names) expect([name, await cleanUpsOf(name)]).toEqual([name, 1]);
  const report = await readReport(drill);
  expect(report.vms.map(({ cleanedUpBy }) => cleanedUpBy)).toEqual(names.map(() => drill.id));
  expect(report.leftBehind).toEqual([]);
});
