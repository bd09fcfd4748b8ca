// The rules of the attempt protocol without Azure. They decide when a step starts, whether Azure
// accepted a write, and which job is ours.
import fc from 'fast-check';
import {
  judgeWriteAnswer,
  judgeItem,
  judgeJobEnd,
  judgeJobOrigin,
} from '../../../shared/attempts/rules/attemptRules.ts';
import { type OperationRule } from '../../../shared/scenarios/operationRule.ts';
import type { ArmJob, ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import { reversingRules as rules } from '../../../shared/scenarios/reversingRules.ts';
import { makeReplicatedItem } from '../../support/replicated-item.ts';

const item = (change: Partial<ReplicatedItem>): ReplicatedItem =>
  makeReplicatedItem({ allowedOperations: ['UnplannedFailover'], ...change });

const failedOver = item({ activeLocation: 'Recovery', allowedOperations: ['Commit', 'SwitchProtection'] });
const committed = item({ activeLocation: 'Recovery', allowedOperations: ['SwitchProtection'] });
const busy = item({ allowedOperations: [], currentJob: { scenario: 'UnplannedFailover', id: 'theirs' } });

test('an allowed operation starts; a refusal of another lists the allowed operations', () => {
  expect(judgeItem(rules.failover, item({}), 'original', false)).toEqual({ kind: 'start' });
  expect(judgeItem(rules.failover, failedOver, 'original', false)).toEqual({
    kind: 'refused',
    allowed: ['Commit', 'SwitchProtection'],
  });
});

test('already done counts for commit and reprotect, never for failover', () => {
  expect(judgeItem(rules.commit, committed, 'original', false).kind).toBe('alreadySo');
  expect(judgeItem(rules.reprotect, item({ direction: 'reversed' }), 'original', false).kind).toBe(
    'alreadySo',
  );
  expect(judgeItem(rules.reprotect, item({ direction: 'original' }), 'original', false).kind).toBe('refused');
  expect(judgeItem(rules.failover, committed, 'original', false).kind).toBe('refused');
});

test("a step waits for another caller's running reprotect", () => {
  const moving = item({
    direction: 'reversed',
    protectionState: 'InitialReplicationInProgress',
    allowedOperations: ['DisableProtection'],
  });
  expect(judgeItem(rules.reprotect, moving, 'original', false)).toEqual({ kind: 'wait', armJobId: null });
});

test("a step waits for a busy item; with adopt it polls another caller's operation of the same kind", () => {
  expect(judgeItem(rules.failover, busy, 'original', false)).toEqual({ kind: 'wait', armJobId: 'theirs' });
  expect(judgeItem(rules.failover, busy, 'original', true)).toEqual({ kind: 'follow', armJobId: 'theirs' });
  expect(judgeItem(rules.commit, busy, 'original', true)).toEqual({ kind: 'wait', armJobId: 'theirs' });
});

test('no operation starts on an item with no allowed operations', () => {
  const rule = fc.constantFrom<OperationRule>(...Object.values(rules));
  fc.assert(
    fc.property(
      rule,
      fc.boolean(),
      fc.constantFrom('Primary', 'Recovery'),
      fc.string(),
      (anyRule, adopt, activeLocation, protectionState) => {
        const verdict = judgeItem(
          anyRule,
          item({ allowedOperations: [], activeLocation, protectionState }),
          'original',
          adopt,
        );
        expect(verdict.kind).toBe('wait');
      },
    ),
  );
});

test("only the write's own 202 with a job counts as accepted, only its own 4xx as refused; all else is unknown", () => {
  const answer = (status: number | null, armJobId: string | null = null) =>
    judgeWriteAnswer({ status, armJobId, retryAfterSeconds: null, code: '', message: '' }, true);
  expect(answer(202, 'j')).toEqual({ kind: 'accepted', armJobId: 'j' });
  expect(answer(429)).toEqual({ kind: 'notAccepted', mayRetry: true });
  // The test checks each status: random draws hardly ever contain 408 and 202.
  for (const status of [null, ...Array.from({ length: 500 }, (_, i) => i + 100)]) {
    const certain = status !== null && status >= 400 && status < 500 && status !== 408;
    expect([status, answer(status).kind]).toEqual([status, certain ? 'notAccepted' : 'unknown']);
  }
});

test('a write without a job succeeds with any 2xx, and otherwise counts as refused or unknown', () => {
  const answer = (status: number | null) =>
    judgeWriteAnswer({ status, armJobId: null, retryAfterSeconds: null, code: '', message: '' }, false);
  for (const status of [200, 201, 202]) expect(answer(status)).toEqual({ kind: 'accepted', armJobId: null });
  expect(answer(409)).toEqual({ kind: 'notAccepted', mayRetry: false });
  for (const status of [408, 500, 503, null]) expect(answer(status).kind).toBe('unknown');
});

test('only its request id makes a job ours; without one, only its kind or VM can rule it out', () => {
  const expected = { scenarios: ['UnplannedFailover', 'PlannedFailover'], vmName: 'web' };
  const job = (activityId: string | null, scenario: string | null = null, targetName: string | null = null) =>
    judgeJobOrigin({ activityId, scenario, targetName }, 'AB-1', expected);
  expect(job('ab-1 ActivityId: x')).toBe('ours');
  expect(job('cd-2 ActivityId: ab-1', 'UnplannedFailover', 'web')).toBe('foreign');
  expect(job(null)).toBe('cannotTell');
  expect(job(null, 'UnplannedFailover', 'WEB')).toBe('cannotTell');
  expect(job(null, 'PlannedFailover')).toBe('cannotTell');
  expect(job(null, 'CommitFailover')).toBe('foreign');
  expect(job(null, null, 'sql')).toBe('foreign');
});

test('without a request id of its own, an attempt never takes a job as its own', () => {
  const expected = { scenarios: ['UnplannedFailover'], vmName: 'web' };
  const job = { activityId: 'ab-1', scenario: 'UnplannedFailover', targetName: 'web' };
  for (const id of ['', null]) {
    expect(judgeJobOrigin(job, id, expected)).toBe('cannotTell');
    expect(judgeJobOrigin({ ...job, targetName: 'sql' }, id, expected)).toBe('foreign');
  }
});

test('only a job that changed nothing allows another write', () => {
  const ended = (state: ArmJob['state'], code?: string): ArmJob => ({
    id: 'j',
    state,
    startTime: null,
    endTime: null,
    activityId: null,
    scenario: null,
    targetName: null,
    recoveryPoint: null,
    newItemId: null,
    errors: code ? [{ code, message: '', level: 'Error' }] : [],
  });
  expect(judgeJobEnd(ended('succeeded', '28175'))).toBe('succeeded');
  expect(judgeJobEnd(ended('failed', '532'))).toBe('startAgain');
  expect(judgeJobEnd(ended('failed', '150261'))).toBe('failed');
  expect(judgeJobEnd(ended('cancelled'))).toBe('failed');
});
