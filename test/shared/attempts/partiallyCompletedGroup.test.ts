// The remaining members of a partially completed multi-VM group: how they start, and at which point
// they come up.
import fc from 'fast-check';
import {
  differingPointsWarning,
  judgeGroup,
  choosePointLikeOthers,
  pointsOfArrived,
  mergePointsUsed,
  groupWriteModeOf,
  type MemberState,
} from '../../../shared/attempts/rules/partiallyCompletedGroup.ts';
import { reversingRules as rules } from '../../../shared/scenarios/reversingRules.ts';
import { makeReplicatedItem } from '../../support/replicated-item.ts';

const STATES = {
  home: makeReplicatedItem({}),
  over: makeReplicatedItem({ activeLocation: 'Recovery', allowedOperations: ['Commit', 'SwitchProtection'] }),
  busy: makeReplicatedItem({ allowedOperations: [] }),
  testing: makeReplicatedItem({ allowedOperations: ['TestFailoverCleanup'] }),
  turned: makeReplicatedItem({ direction: 'reversed' }),
};
const member = (name: string, state: keyof typeof STATES | 'gone', arrived = false): MemberState => ({
  name,
  arrived,
  item: state === 'gone' ? undefined : STATES[state],
});
const decide = (phase: keyof typeof rules, ...members: MemberState[]) => {
  const found = judgeGroup(rules[phase], members, 'original');
  return found.kind === 'going' ? { kind: found.kind, going: found.pending.map(({ name }) => name) } : found;
};

test('members that our job failed over stay, and the remaining members start [OP-6] [A2A-15]', () => {
  expect(decide('failover', member('a', 'home'), member('b', 'over', true))).toEqual({
    kind: 'going',
    going: ['a'],
  });
  expect(decide('testFailover', member('a', 'testing', true), member('b', 'home'))).toEqual({
    kind: 'going',
    going: ['b'],
  });
  expect(decide('failover', member('a', 'over', true), member('b', 'over', true))).toEqual({
    kind: 'allThere',
  });
  // An operation that counts as done for every actor needs no record of ours.
  expect(decide('cleanUpTestFailover', member('a', 'home'), member('b', 'testing'))).toEqual({
    kind: 'going',
    going: ['b'],
  });
});

test('a moved, busy or missing member blocks its group and appears in the verdict [OP-6]', () => {
  expect(decide('failover', member('a', 'home'), member('b', 'over'))).toEqual({
    kind: 'refused',
    reasons: ['b allows Commit, SwitchProtection'],
  });
  expect(decide('testFailover', member('a', 'over', true), member('b', 'home'))).toEqual({
    kind: 'refused',
    reasons: ['a had arrived and somebody has moved it since; it allows Commit, SwitchProtection'],
  });
  expect(decide('failover', member('a', 'busy', true), member('b', 'home'))).toEqual({
    kind: 'busy',
    names: ['a'],
  });
  expect(decide('failover', member('a', 'gone'), member('b', 'home'))).toEqual({
    kind: 'missing',
    names: ['a'],
  });
  // A member that came back does not start again while another member is over. Once all are back,
  // all start as at first.
  expect(
    decide('failover', member('a', 'home', true), member('b', 'home'), member('c', 'over', true)),
  ).toEqual({
    kind: 'refused',
    reasons: ['a had arrived and somebody has moved it since; it allows UnplannedFailover, TestFailover'],
  });
  expect(decide('failover', member('a', 'home', true), member('b', 'home'))).toEqual({
    kind: 'going',
    going: ['a', 'b'],
  });
});

test('only members at the source start, whatever the records say', () => {
  const any = fc.record({
    state: fc.constantFrom('home', 'over', 'busy', 'testing', 'turned', 'gone'),
    arrived: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(any, { minLength: 2, maxLength: 6 }),
      fc.constantFrom('failover', 'testFailover'),
      (states, phase) => {
        const members = states.map(({ state, arrived }, at) => member(String(at), state, arrived));
        const found = judgeGroup(rules[phase as 'failover'], members, 'original');
        if (found.kind !== 'going') return;
        for (const pendingMember of found.pending)
          expect(
            pendingMember.item.allowedOperations.some((name) =>
              rules[phase as 'failover'].allowedBy.includes(name),
            ),
          ).toBe(true);
        // Our job moved the members that stay.
        for (const memberState of members)
          if (!found.pending.some(({ name }) => name === memberState.name))
            expect(
              memberState.arrived && rules[phase as 'failover'].isSettled(memberState.item, 'original'),
            ).toBe(true);
      },
    ),
  );
});

test('one remaining member goes alone, and several members go by their own plan [A2A-15]', () => {
  expect([
    groupWriteModeOf('failover', 3, 3, false),
    groupWriteModeOf('failover', 2, 3, false),
    groupWriteModeOf('testFailover', 1, 3, false),
  ]).toEqual(['whole', 'rest', 'alone']);
  expect([
    groupWriteModeOf('cleanUpTestFailover', 1, 3, true),
    groupWriteModeOf('cleanUpTestFailover', 2, 3, false),
    groupWriteModeOf('cleanUpTestFailover', 3, 3, false),
  ]).toEqual(['whole', 'alone', 'testOfOthers']);
  expect(groupWriteModeOf('reprotect', 1, 3, false)).toBe('whole');
});

test('a late member uses the recovery time of the others when all share one [OP-2]', () => {
  const point = (time: string, shared: boolean) => ({
    id: `/p/${time}`,
    name: time,
    time,
    appConsistent: false,
    shared,
  });
  const [early, late] = ['2026-06-01T12:00:00.000Z', '2026-06-01T12:05:00.000Z'];
  const points = [point(early, true), point(late, true)];
  expect(choosePointLikeOthers('latestMultiVmConsistent', points, early)?.time).toBe(early);
  expect(choosePointLikeOthers('latestMultiVmConsistent', points, '2026-06-01T11:00:00.000Z')?.time).toBe(
    late,
  );
  expect(choosePointLikeOthers('latestMultiVmConsistent', [point(early, false)], early)).toBeUndefined();
  expect(choosePointLikeOthers('latestProcessed', points, early)?.time).toBe(late);
  expect(choosePointLikeOthers('latest', [], early)).toBeNull();
});

test('each member keeps the time of its own point, and the job reports the different times [JOB-2]', () => {
  const first = pointsOfArrived({ id: 'p', time: '1' }, ['b'], ['a']);
  expect(first).toEqual({ id: 'p', time: '1', members: { b: '1' } });
  const both = pointsOfArrived(mergePointsUsed(first, { id: 'q', time: '2' }), ['a'], []);
  expect(both).toEqual({ id: 'q', time: '2', members: { b: '1', a: '2' } });
  expect(pointsOfArrived({ id: 'p', time: '1', members: { a: '1', b: '1' } }, ['b'], ['a'])?.members).toEqual(
    {
      b: '1',
    },
  );
  const at = (a: string, b: string) => ({ id: 'p', time: a, members: { a, b } });
  expect(differingPointsWarning(at('2026-06-01T12:00:00Z', '2026-06-01T12:00:00.000Z'))).toBeNull();
  expect(differingPointsWarning(at('2026-06-01T12:00:00Z', '2026-06-01T12:05:00Z'))).toEqual({
    code: 'RecoveryPointsDiffer',
    message: expect.stringContaining('b at 2026-06-01T12:05:00Z') as string,
  });
  expect(differingPointsWarning({ id: 'p', time: '1' })).toBeNull();
});
