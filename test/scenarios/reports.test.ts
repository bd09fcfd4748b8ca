// Every job has a report: failovers with a commit window, failbacks, single VMs, and jobs without VMs.
import type { RunReport } from '../../shared/plans/rules/runReport.ts';
import { planBody, putPlan, waitForQuestions } from '../support/plans.ts';
import type { Problem } from '../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(4);
});
afterAll(() => environment.simulator.stop());

const readReport = async (job: string): Promise<RunReport> => {
  const { status, body } = await environment.lifeboat.call<RunReport>(`/api/v1/jobs/${job}/report`, {
    principal: 'reader',
  });
  expect(status).toBe(200);
  return body;
};
const nameOf = (index: number): string => environment.vms[index]?.name ?? '';
const codesOf = ({ leftBehind }: RunReport) => leftBehind.map(({ code, vm }) => [code, vm?.name]).sort();

test('a failover by plan reports its approval, its commit window and its open ends [EVD-1] [OP-3]', async () => {
  await putPlan(
    environment,
    'shop',
    planBody(
      environment,
      [
        { name: 'data', vms: [nameOf(0)], before: [{ kind: 'approval', name: 'Board' }] },
        { name: 'web', vms: [nameOf(1), nameOf(2)] },
      ],
      {
        commitWindow: { kind: 'commit', afterMinutes: 10_000 },
        targets: { recoveryMinutes: 600, dataLossMinutes: 60 },
      },
    ),
  );
  const { body: job } = await environment.lifeboat.send({
    operation: 'failover',
    plan: 'shop',
    exclude: [environment.vms[2]?.id],
    reason: 'Fire in the first region',
    ticket: 'INC-7',
  });
  const asked = await waitForQuestions(environment, job, 1, 'approval');
  const early = await readReport(job.id);
  expect(early).toMatchObject({
    final: false,
    state: 'running',
    vms: [{ cameUp: false }, { cameUp: false }],
  });
  expect(early.steps.open).toBe(early.steps.planned);
  await environment.lifeboat.answer(asked.questions[0], 'approved', {
    principal: 'approver',
    reason: 'Go.',
  });
  const inWindow = await waitForQuestions(environment, job, 1, 'hold');
  const open = await readReport(job.id);
  expect(codesOf(open)).toEqual([
    ['NotCommitted', nameOf(0)],
    ['NotCommitted', nameOf(1)],
    ['SourceNotShutDown', nameOf(0)],
    ['SourceNotShutDown', nameOf(1)],
  ]);
  await environment.lifeboat.answer(inWindow.questions[0], 'endNow', { reason: 'All is well.' });
  await environment.lifeboat.waitForJobEnd(job.id);
  const report = await readReport(job.id);
  expect(report).toMatchObject({
    operation: 'failover',
    plan: { id: 'shop', version: 1 },
    ticket: 'INC-7',
    reason: 'Fire in the first region',
    state: 'completed',
    error: null,
    final: true,
    targets: { recoveryMinutes: 600 },
    whole: { recovery: 'met' },
    approvals: [{ name: 'Board', answer: 'approved', reason: 'Go.' }],
    exceptionCount: 0,
    notExecuted: [{ name: nameOf(2), code: 'Excluded' }],
  });
  expect(report.steps).toMatchObject({ failed: 0, notExecuted: 0, open: 0 });
  expect(report.steps.succeeded).toBe(report.steps.planned);
  expect(
    report.vms.map(({ name, group, cameUp, committed, cleanedUp }) => [
      name,
      group,
      cameUp,
      committed,
      cleanedUp,
    ]),
  ).toEqual([
    [nameOf(0), 'data', true, true, null],
    [nameOf(1), 'web', true, true, null],
  ]);
  for (const { recoveryPoint, dataLossSeconds, recoverySeconds } of report.vms)
    expect([typeof recoveryPoint, typeof dataLossSeconds, typeof recoverySeconds]).toEqual([
      'string',
      'number',
      'number',
    ]);
  expect(report.notes.map(({ text }) => text).join(' ')).toMatch(/All is well/);
  expect(report.timeline.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['approval', 'failover', 'commitWindow', 'commit']),
  );
  expect(codesOf(report)).toEqual([
    ['NotReprotected', nameOf(0)],
    ['NotReprotected', nameOf(1)],
    ['SourceNotShutDown', nameOf(0)],
    ['SourceNotShutDown', nameOf(1)],
  ]);
  const printed = await fetch(new URL(`/api/v1/jobs/${job.id}/report`, environment.simulator.host.url), {
    headers: {
      authorization: `Bearer ${await environment.simulator.token('reader')}`,
      accept: 'text/markdown',
    },
  });
  expect(await printed.text()).toMatch(
    /^# Failover of Shop, version 1\n[^]*ticket INC-7: Fire in[^]*## Left behind[^]*NotReprotected[^]*## Approvals[^]*Board/,
  );
});

test('a failover and a failback of a single VM have reports, and end with nothing open [EVD-1] [OP-5]', async () => {
  const vms = [environment.vms[3]?.id];
  const over = await environment.lifeboat.runToEnd({ operation: 'failover', vms, shutDownSource: true });
  const failover = await readReport(over.id);
  expect(failover).toMatchObject({
    operation: 'failover',
    plan: null,
    vms: [{ name: nameOf(3), group: null, cameUp: true, committed: null }],
  });
  expect(codesOf(failover)).toEqual([['NotCommitted', nameOf(3)]]);
  const commit = await environment.lifeboat.runToEnd({ operation: 'commit', vms });
  expect(codesOf(await readReport(commit.id))).toEqual([['NotReprotected', nameOf(3)]]);
  const reprotect = await environment.lifeboat.runToEnd({ operation: 'reprotect', vms });
  expect(await readReport(reprotect.id)).toMatchObject({
    vms: [{ reprotected: true, cameUp: null }],
    whole: { recoverySeconds: null },
    leftBehind: [],
  });
  const back = await environment.lifeboat.runToEnd({ operation: 'failback', vms });
  expect(await readReport(back.id)).toMatchObject({
    operation: 'failback',
    state: 'completed',
    vms: [{ name: nameOf(3), cameUp: true, committed: true, reprotected: true }],
    leftBehind: [],
    notExecuted: [],
  });
});

test('a job without a run of VMs has a report, too, and an unknown job has none [EVD-1]', async () => {
  const { body: vm } = await environment.lifeboat.call<{ sourceVmId: string }>(
    `/api/v1/replications/${environment.vms[0]?.id ?? ''}`,
  );
  const sourceVmId = vm.sourceVmId
    .replace('resourcegroups', 'resourceGroups')
    .replace('microsoft.compute/virtualmachines', 'Microsoft.Compute/virtualMachines');
  const { body: job } = await environment.lifeboat.send(
    { operation: 'prepareVault', target: { region: 'southeastasia' }, vms: [sourceVmId] },
    undefined,
    { principal: 'owner' },
  );
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(await readReport(job.id)).toMatchObject({
    operation: 'prepareVault',
    state: ended.state,
    error: ended.error && { code: ended.error.code },
    steps: { planned: ended.steps.length },
    leftBehind: [],
  });
  expect((await environment.lifeboat.call<Problem>('/api/v1/jobs/job-none/report')).body).toMatchObject({
    status: 404,
    code: 'JobUnknown',
  });
});
