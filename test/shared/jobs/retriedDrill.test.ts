// The finished steps of a drill that a retry opens again, beside the tests themselves.
import { isOfRetriedDrill } from '../../../shared/jobs/retriedDrill.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import { makeStepDocument } from '../../support/job-documents.ts';

const test1 = (change: Partial<StepDocument>): StepDocument => ({
  ...makeStepDocument('job', 'vm-a'),
  phase: 'testFailover',
  node: 'a',
  ...change,
});
const cleanUp = (change: Partial<StepDocument> = {}): StepDocument => ({
  ...makeStepDocument('job', 'vm-a'),
  phase: 'cleanUpTestFailover',
  node: 'a.cleanUp',
  always: true,
  state: 'succeeded',
  ...change,
});
const timeToLive = cleanUp({
  targetId: 'timeToLive',
  node: 'timeToLive',
  work: { kind: 'hold', why: 'timeToLive', minutes: 30 },
});

const again = (tests: readonly StepDocument[], step: StepDocument = cleanUp()) =>
  isOfRetriedDrill({ retried: 2 }, step, tests);

test('a retry opens the clean-up and the time to live of a failed test [OP-13]', () => {
  const failed = [test1({ state: 'failed' })];
  expect([again(failed), again(failed, timeToLive)]).toEqual([true, true]);
});

test('a retry that died after it opened the test still opens the clean-up [OP-8] [OP-13]', () => {
  const open = [test1({ state: 'planned', epoch: 2 })];
  expect([again(open), again(open, timeToLive)]).toEqual([true, true]);
});

test('a retry does not clean up a test whose VM another job locks [OP-7] [OP-13]', () => {
  const failedTests = [test1({ state: 'failed', epoch: 2 })];
  expect([again(failedTests), again(failedTests, timeToLive)]).toEqual([false, false]);
});

test('a successful test, or a test of another VM, opens nothing again [OP-13]', () => {
  expect(again([test1({ state: 'succeeded' })])).toBe(false);
  expect(again([test1({ state: 'failed', targetId: 'vm-b' })])).toBe(false);
  expect(isOfRetriedDrill({ retried: null }, cleanUp(), [test1({ state: 'failed' })])).toBe(false);
});
