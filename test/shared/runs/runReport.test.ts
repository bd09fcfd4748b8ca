// The report of a run shows failures, what never began and what is left behind, and escapes all markup.
import { runReportMarkdown } from '../../../shared/plans/rules/runReport.ts';
import { buildRunReport, type RunRecords } from '../../../shared/runs/runReport.ts';
import type { JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';

const AT = '2026-06-01T12:00:00.000Z';
const step = (vm: string, phase: StepDocument['phase'], change: Partial<StepDocument>): StepDocument => ({
  ...makeStepDocument('job-1', vm),
  id: `step:${phase}:${vm}`,
  phase,
  startedAt: AT,
  endedAt: '2026-06-01T12:05:00.000Z',
  ...change,
});

const NO_RECORDS: RunRecords = {
  answers: [],
  lines: [],
  leftResources: [],
  isSourceLost: false,
  handedOverVms: [],
  excludedVms: [],
};
const jobOf = (command: Partial<JobDocument['command']>, change: Partial<JobDocument> = {}): JobDocument => {
  const job = makeJobDocument('job-1', AT);
  return {
    ...job,
    state: 'completed',
    endedAt: AT,
    ...change,
    command: { ...job.command, ...command } as JobDocument['command'],
  };
};
const openEndsOf = (job: JobDocument, steps: readonly StepDocument[], records: Partial<RunRecords> = {}) =>
  buildRunReport(job, steps, null, { ...NO_RECORDS, ...records }).leftBehind.map(
    ({ code, vm }) => `${code} ${vm?.name ?? ''}`,
  );

test('the report contains the missing VMs, the missing clean-ups and the check results [TRG-3] [OP-1]', () => {
  const job: JobDocument = { ...makeJobDocument('job-1', AT), state: 'completedWithExceptions', endedAt: AT };
  const failed = { kind: 'Rejected', code: 'X', message: 'No such network | <b>.' } as const;
  const check = {
    kind: 'action' as const,
    action: { kind: 'wait' as const, name: 'settle', minutes: 1, critical: true, alsoIn: [] },
    group: null,
    vm: null,
  };
  const report = buildRunReport(
    job,
    [
      step('vm-a', 'testFailover', { state: 'succeeded' }),
      step('vm-a', 'cleanUpTestFailover', { state: 'failed' }),
      step('vm-b', 'testFailover', { state: 'succeeded' }),
      step('vm-b', 'cleanUpTestFailover', { state: 'succeeded' }),
      step('vm-c', 'testFailover', { state: 'failed', error: failed }),
      step('vm-d', 'testFailover', {
        work: check,
        targetName: 'settle',
        phase: 'failover',
        state: 'failed',
        output: '503',
      }),
    ],
    null,
    NO_RECORDS,
  );
  expect(report).toMatchObject({
    state: 'completedWithExceptions',
    final: true,
    leftBehind: [{ code: 'TestVmLeft', vm: { name: 'vm-a' } }],
    whole: { recovery: null },
    actions: [{ name: 'settle', what: 'wait', state: 'failed', output: '503', seconds: 300 }],
  });
  expect(report.vms.map(({ name, cameUp, cleanedUp, reason }) => [name, cameUp, cleanedUp, reason])).toEqual([
    ['vm-a', true, false, null],
    ['vm-b', true, true, null],
    ['vm-c', false, false, failed.message],
  ]);
  const printed = runReportMarkdown(report);
  expect(printed).toMatch(/Left behind: 1[^]*TestVmLeft \| vm-a/);
  expect(printed).toContain('No such network \\| \\<b\\>.');
  expect(runReportMarkdown({ ...report, final: false })).toContain('not over yet');
});

test('the report shows the members of a partially completed group that came up, and the others [OP-1] [A2A-15]', () => {
  const job: JobDocument = { ...makeJobDocument('job-1', AT), state: 'failed', endedAt: AT };
  const work = {
    kind: 'multiVmGroup' as const,
    nativePlanId: 'p',
    vms: [
      { id: 'vm-a', name: 'orders-1' },
      { id: 'vm-b', name: 'orders-2' },
    ],
    points: null,
    networkId: null,
  };
  const arrived = [{ vm: 'vm-b', armStartedAt: AT }];
  const group = (phase: 'testFailover' | 'cleanUpTestFailover', change: Partial<StepDocument>) =>
    step('group-1', phase, { work, state: 'failed', ...change });
  const seen = (cleanUp: Partial<StepDocument>) =>
    buildRunReport(
      job,
      [
        group('testFailover', { arrived, recoveryPoint: { id: 'p', time: AT, members: { 'orders-2': AT } } }),
        group('cleanUpTestFailover', cleanUp),
      ],
      null,
      NO_RECORDS,
    );
  expect(seen({}).vms.map(({ name, cameUp }) => [name, cameUp])).toEqual([
    ['orders-1', false],
    ['orders-2', true],
  ]);
  expect(seen({}).leftBehind.map(({ vm }) => vm?.name)).toEqual(['orders-2']);
  expect(seen({ arrived }).leftBehind).toEqual([]);
});

test('the report of a failover names what is not committed, and sources that may still run [EVD-1]', () => {
  const failover = step('vm-a', 'failover', { state: 'succeeded' });
  const commit = step('vm-a', 'commit', { state: 'succeeded', order: 1 });
  const reprotect = step('vm-a', 'reprotect', { state: 'succeeded', order: 2 });
  const asked = jobOf({ operation: 'failover', shutDownSource: true });
  const notAsked = jobOf({ operation: 'failover', shutDownSource: false });
  expect(openEndsOf(asked, [failover])).toEqual(['NotCommitted vm-a']);
  expect(openEndsOf(notAsked, [failover])).toEqual(['NotCommitted vm-a', 'SourceNotShutDown vm-a']);
  expect(openEndsOf(asked, [failover], { isSourceLost: true })).toContain('SourceNotShutDown vm-a');
  expect(openEndsOf(asked, [failover, commit])).toEqual(['NotReprotected vm-a']);
  expect(openEndsOf(notAsked, [failover, commit, reprotect])).toEqual([]);
  expect(openEndsOf(asked, [{ ...failover, state: 'failed' }])).toEqual([]);
  expect(openEndsOf(asked, [{ ...failover, state: 'leftRunning' }])).toEqual(['LeftRunning vm-a']);
  expect(
    openEndsOf(jobOf({ operation: 'cleanUpTestFailover' }), [
      step('vm-a', 'cleanUpTestFailover', { state: 'failed' }),
    ]),
  ).toEqual(['TestVmLeft vm-a']);
  expect(openEndsOf(asked, [], { leftResources: ['/subscriptions/s/resourceGroups/g/p/x'] })).toEqual([
    'LeftBehind ',
  ]);
});

test('the report counts planned, done and open steps, and says why a step never began [EVD-1]', () => {
  const skipped = step('vm-b', 'failover', {
    state: 'skipped',
    startedAt: null,
    error: { kind: 'Rejected', code: 'NotBuiltOn', message: 'The group before it failed.' },
  });
  const steps = [
    step('vm-a', 'failover', { state: 'succeeded' }),
    skipped,
    step('vm-c', 'failover', { state: 'failed' }),
    step('vm-d', 'failover', { state: 'waiting', startedAt: null }),
  ];
  const records = { ...NO_RECORDS, excludedVms: [{ id: 'vm-e', name: 'old' }] };
  const running = buildRunReport(jobOf({}, { state: 'running' }), steps, null, records);
  expect(running.steps).toEqual({ planned: 4, succeeded: 1, failed: 1, notExecuted: 1, open: 1 });
  expect(running.notExecuted.map(({ name, code, reason }) => [name, code, reason])).toEqual([
    ['vm-b', 'NotBuiltOn', 'The group before it failed.'],
    ['old', 'Excluded', expect.stringContaining('excludes') as string],
  ]);
  const error = { kind: 'Rejected', code: 'Cancelled', message: 'Stop.' } as const;
  const cancelled = buildRunReport(jobOf({}, { state: 'cancelled', error }), steps, null, records);
  expect(cancelled).toMatchObject({
    error: { code: 'Cancelled' },
    steps: { notExecuted: 2, open: 0 },
  });
  expect(cancelled.notExecuted.map(({ name, code }) => [name, code])).toContainEqual(['vm-d', 'Cancelled']);
  expect(runReportMarkdown(cancelled)).toContain('The group before it failed.');
});

test('the report has the votes and the words of persons [EVD-1]', () => {
  const by = { id: 'p-1', name: 'Ada', roles: ['Approver'], door: 'rest' } as const;
  const report = buildRunReport(
    jobOf({ operation: 'cleanUpTestFailover', notes: 'Login worked' }),
    [step('vm-a', 'cleanUpTestFailover', { state: 'succeeded' })],
    null,
    {
      ...NO_RECORDS,
      answers: [
        {
          id: 'vote:step:cleanUpTestFailover:vm-a:1:p-1',
          type: 'answer',
          schema: 1,
          jobId: 'job-1',
          stepId: 'step:cleanUpTestFailover:vm-a',
          tries: 1,
          answer: 'approved',
          by: { id: by.id, name: by.name },
          reason: 'Fine',
          at: AT,
          subject: null,
        },
      ],
      lines: [
        {
          id: 'log:1',
          type: 'log',
          schema: 1,
          jobId: 'job-1',
          at: AT,
          targetName: null,
          phase: null,
          message: 'Paused by Ada: lunch',
          by: { ...by, roles: [...by.roles] },
        },
      ],
    },
  );
  expect(report.approvals).toEqual([
    { name: 'vm-a', answer: 'approved', by: { id: 'p-1', name: 'Ada' }, at: AT, reason: 'Fine' },
  ]);
  expect(report.notes.map(({ text }) => text)).toEqual(['Login worked', 'Paused by Ada: lunch']);
  expect(report.vms).toMatchObject([{ name: 'vm-a', cleanedUp: true, cameUp: null, committed: null }]);
  expect(runReportMarkdown(report)).toMatch(/## Approvals[^]*Ada \(p-1\)[^]*## Notes[^]*Login worked/);
});
