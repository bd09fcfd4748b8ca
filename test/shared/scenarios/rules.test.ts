// Properties of small rules: the write budget, the job outcome, the poll times, and the VM state.
import fc from 'fast-check';
import { allowedOperations, vmStateOf } from '../../../shared/scenarios/drivers.ts';
import { reserveTokens } from '../../../shared/core/tokenBucket.ts';
import { jobOutcomeOf, type StepResult } from '../../../shared/core/jobOutcome.ts';
import {
  learnedDuration,
  usualDuration,
  secondsBetweenPolls,
  secondsToFirstPoll,
  secondsToNextPoll,
} from '../../../shared/core/polling.ts';
import type { StepState } from '../../../shared/core/states/step.ts';

test('for any requests, the budget never grants more than it holds', () => {
  const asks = fc.array(
    fc.record({ want: fc.integer({ min: 1, max: 500 }), after: fc.integer({ min: 0, max: 60_000 }) }),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(asks, (list) => {
      const rule = { burst: 150, perSecond: 8 };
      let budget;
      let now = 0;
      let granted = 0;
      for (const { want, after } of list) {
        now += after;
        const grant = reserveTokens(budget, rule, want, now);
        budget = grant.budget;
        granted += grant.granted;
        expect(grant.granted).toBeLessThanOrEqual(want);
        expect(granted).toBeLessThanOrEqual(rule.burst + (now / 1000) * rule.perSecond + 1e-6);
        if (grant.granted < want)
          expect(reserveTokens(budget, rule, 1, now + grant.waitSeconds * 1000).granted).toBe(1);
      }
    }),
    // A request beyond the whole budget, whatever the random requests are.
    { examples: [[[{ want: 500, after: 0 }]]] },
  );
});

test('senders that wait as told use the whole budget, rounded up to a second', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (want) => {
      const rule = { burst: 150, perSecond: 8 };
      let [budget, now, left]: [ReturnType<typeof reserveTokens>['budget'] | undefined, number, number] = [
        undefined,
        0,
        want,
      ];
      for (;;) {
        const grant = reserveTokens(budget, rule, left, now);
        [budget, left] = [grant.budget, left - grant.granted];
        if (left === 0) break;
        now += grant.waitSeconds * 1000;
      }
      expect(now / 1000).toBeLessThan(Math.max(0, (want - rule.burst) / rule.perSecond) + 1);
    }),
  );
});

test('less urgent writes never use the reserve for failovers', () => {
  const rule = { burst: 150, perSecond: 8 };
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 100 }),
      fc.integer({ min: 0, max: 150 }),
      (want, keep, tokens) => {
        const { granted, budget, waitSeconds } = reserveTokens({ tokens, at: 0 }, rule, want, 0, keep);
        expect(granted).toBe(Math.min(want, Math.max(0, tokens - keep)));
        expect(reserveTokens(budget, rule, 500, 0).granted).toBe(tokens - granted);
        if (granted < want) expect(reserveTokens(budget, rule, 1, waitSeconds * 1000, keep).granted).toBe(1);
      },
    ),
  );
});

test('a job completes only with every VM in place, and its exceptions name all other VMs', () => {
  const step: fc.Arbitrary<StepResult> = fc.record({
    ofVm: fc.constant(true),
    targetId: fc.constantFrom('a', 'b', 'c'),
    targetName: fc.string(),
    phase: fc.constant('failover'),
    state: fc.constantFrom<StepState>('succeeded', 'alreadySo', 'takenOver', 'failed', 'skipped'),
    error: fc.constant(null),
    warnings: fc.array(fc.record({ code: fc.string(), message: fc.string() }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), (steps) => {
      const { state, exceptions } = jobOutcomeOf(steps);
      const good = (stepResult: StepResult) =>
        ['succeeded', 'alreadySo', 'takenOver'].includes(stepResult.state);
      expect(state === 'completed').toBe(
        steps.every((stepResult) => good(stepResult) && stepResult.warnings.length === 0),
      );
      for (const stepResult of steps.filter((other) => !good(other)))
        expect(exceptions).toContainEqual(
          expect.objectContaining({ targetId: stepResult.targetId, state: stepResult.state }),
        );
      const arrived = new Set(
        steps
          .map((stepResult) => stepResult.targetId)
          .filter((vm) => steps.every((stepResult) => stepResult.targetId !== vm || good(stepResult))),
      );
      expect(state === 'failed').toBe(arrived.size === 0);
      // Some requested work existed already, so the missing rest is an exception.
      expect(jobOutcomeOf(steps, true).state).toBe(
        exceptions.length > 0 ? 'completedWithExceptions' : 'completed',
      );
    }),
  );
});

test('polls come early, once in the middle, and often around the usual end [JOB-2]', () => {
  expect([150, 20, 4].map((usual) => secondsToFirstPoll(usualDuration(usual)))).toEqual([30, 18, 5]);
  expect([1, 500, 600, 1000, 5000].map(secondsBetweenPolls)).toEqual([5, 5, 6, 10, 10]);
  // Once in the middle, and then when an end is likely.
  const polls: number[] = [];
  for (let at = 30; at < 150; at += secondsToNextPoll(at, usualDuration(150))) polls.push(at);
  expect(polls).toEqual([30, 83, 135, 140, 145]);
});

test('polls are rare in the middle, close while an end is likely, and never stop [JOB-2]', () => {
  const learned = learnedDuration({ min: 1000, max: 1400 });
  expect(secondsToNextPoll(0, usualDuration(1200))).toBeGreaterThan(300);
  for (const [elapsed, expected] of [
    [1195, usualDuration(1200)],
    [900, learned],
    [1200, learned],
    [1540, learned],
  ] as const)
    expect(secondsToNextPoll(elapsed, expected)).toBeLessThanOrEqual(10);
  expect(secondsToNextPoll(3600, learnedDuration({ min: 3600, max: 3 * 86_400 }))).toBe(600);
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e7 }),
      fc.integer({ min: 1, max: 1e5 }),
      fc.integer({ min: 0, max: 1e5 }),
      (elapsed, least, more) => {
        for (const expected of [usualDuration(least), learnedDuration({ min: least, max: least + more })]) {
          const next = secondsToNextPoll(elapsed, expected);
          expect(next).toBeGreaterThanOrEqual(5);
          expect(next).toBeLessThanOrEqual(600);
        }
      },
    ),
  );
  // For any history, a poll sees an end at a usual time within ten seconds.
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 600 }),
      fc.integer({ min: 0, max: 450 }),
      fc.nat(),
      (least, more, at) => {
        const end = least + (at % (more + 1));
        let [last, now] = [0, 0];
        while (now < end)
          [last, now] = [
            now,
            now + secondsToNextPoll(now, learnedDuration({ min: least, max: least + more })),
          ];
        expect(now - end).toBeLessThanOrEqual(10);
        expect(last).toBeLessThan(end);
      },
    ),
  );
});

test('the visible state of a VM decides its allowed operations [OP-2]', () => {
  const seen = {
    protectionState: 'Protected',
    activeLocation: 'Primary',
    allowedOperations: ['UnplannedFailover'],
  };
  const vm = { scenario: 'azureToAzure', direction: 'original', seen } as const;
  const stateSeen = (change: Partial<typeof seen>) => vmStateOf({ ...vm, seen: { ...seen, ...change } });
  expect(stateSeen({})).toBe('protected');
  expect(allowedOperations(vm)).toEqual([
    'testFailover',
    'failover',
    'updateReplication',
    'disableReplication',
  ]);
  expect(allowedOperations({ ...vm, direction: 'reversed' })).toEqual([
    'testFailover',
    'failback',
    'updateReplication',
    'disableReplication',
  ]);
  expect(stateSeen({ allowedOperations: [] })).toBe('busy');
  expect(stateSeen({ activeLocation: 'Recovery', allowedOperations: ['Commit'] })).toBe('failedOver');
  expect(stateSeen({ activeLocation: 'Recovery' })).toBe('committed');
  expect(
    allowedOperations({ ...vm, seen: { ...seen, protectionState: 'InitialReplicationInProgress' } }),
  ).toEqual(['disableReplication']);
});
