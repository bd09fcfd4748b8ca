// The report of a drill shows failures and leftovers, and escapes all markup.
import { drillReportMarkdown } from '../../../shared/plans/rules/drillReport.ts';
import { buildDrillReport } from '../../../shared/runs/drillReport.ts';
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

test('the report contains the missing VMs, the missing clean-ups and the check results [TRG-3] [OP-1]', () => {
  const job: JobDocument = { ...makeJobDocument('job-1', AT), state: 'completedWithExceptions', endedAt: AT };
  const failed = { kind: 'Rejected', code: 'X', message: 'No such network | <b>.' } as const;
  const check = {
    kind: 'action' as const,
    action: { kind: 'wait' as const, name: 'settle', minutes: 1, critical: true, alsoIn: [] },
    group: null,
    vm: null,
  };
  const report = buildDrillReport(
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
  );
  expect(report).toMatchObject({
    state: 'completedWithExceptions',
    final: true,
    leftBehind: ['vm-a'],
    whole: { recovery: null },
    actions: [{ name: 'settle', what: 'wait', state: 'failed', output: '503', seconds: 300 }],
  });
  expect(report.vms.map(({ name, cameUp, cleanedUp, reason }) => [name, cameUp, cleanedUp, reason])).toEqual([
    ['vm-a', true, false, null],
    ['vm-b', true, true, null],
    ['vm-c', false, false, failed.message],
  ]);
  const printed = drillReportMarkdown(report);
  expect(printed).toContain('Left behind: vm-a');
  expect(printed).toContain('No such network \\| \\<b\\>.');
  expect(drillReportMarkdown({ ...report, final: false })).toContain('not over yet');
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
    buildDrillReport(
      job,
      [
        group('testFailover', { arrived, recoveryPoint: { id: 'p', time: AT, members: { 'orders-2': AT } } }),
        group('cleanUpTestFailover', cleanUp),
      ],
      null,
    );
  expect(seen({}).vms.map(({ name, cameUp }) => [name, cameUp])).toEqual([
    ['orders-1', false],
    ['orders-2', true],
  ]);
  expect(seen({}).leftBehind).toEqual(['orders-2']);
  expect(seen({ arrived }).leftBehind).toEqual([]);
});
