// Approvals: for one command on one version, by persons other than the requester, in time, and by
// enough persons.
import fc from 'fast-check';
import {
  evaluateApproval,
  findVoteRefusal,
  type ApprovalRequest,
  type Vote,
} from '../../../shared/plans/rules/approval.ts';

const T = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const subject = { commandFingerprint: 'f1', planVersion: 3 };
const request = (more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  subject,
  people: 1,
  from: null,
  requester: 'ada',
  askedAt: T(0),
  expiresAt: T(30),
  ...more,
});
const vote = (by: string, more: Partial<Vote> = {}): Vote => ({
  by,
  at: T(5),
  decision: 'approved',
  subject,
  ...more,
});
const state = (asked: ApprovalRequest, votes: readonly Vote[], now = T(10), present = subject): string =>
  evaluateApproval(asked, votes, present, now).state;

test('one person, or two different ones, and never the requester [PLAN-1] [OP-8]', () => {
  expect(state(request(), [vote('bob')])).toBe('approved');
  expect(state(request(), [vote('ada')])).toBe('open');
  expect(findVoteRefusal(request(), vote('ada'))?.code).toBe('OwnRequest');
  const two = request({ people: 2 });
  expect(evaluateApproval(two, [vote('bob'), vote('bob', { at: T(6) })], subject, T(10))).toMatchObject({
    state: 'open',
    approvedBy: ['bob'],
    missing: 1,
  });
  expect(state(two, [vote('bob'), vote('ada')])).toBe('open');
  expect(evaluateApproval(two, [vote('bob'), vote('eve')], subject, T(10))).toMatchObject({
    state: 'approved',
    approvedBy: ['bob', 'eve'],
    missing: 0,
  });
});

test('a change of the command or the plan voids an approval, also an earlier one [PLAN-1]', () => {
  for (const present of [
    { ...subject, commandFingerprint: 'f2' },
    { ...subject, planVersion: 4 },
  ]) {
    expect(state(request(), [vote('bob')], T(10), present)).toBe('void');
    expect(findVoteRefusal(request(), vote('bob', { subject: present }))?.code).toBe('OtherSubject');
    expect(state(request(), [vote('bob', { subject: present })])).toBe('open');
  }
});

test('in time: a late approval does not count, and a timely one stays [OP-8]', () => {
  expect(state(request(), [], T(30))).toBe('expired');
  expect(findVoteRefusal(request(), vote('bob', { at: T(30) }))?.code).toBe('ApprovalExpired');
  expect(state(request(), [vote('bob', { at: T(31) })], T(40))).toBe('expired');
  expect(state(request(), [vote('bob', { at: T(29) })], T(40))).toBe('approved');
  expect(state(request({ expiresAt: null }), [], T(59))).toBe('open');
  expect(findVoteRefusal(request({ askedAt: T(6) }), vote('bob'))?.code).toBe('BeforeItWasAsked');
});

test('one refusal is enough, and only the named persons count [OP-8]', () => {
  expect(state(request({ people: 2 }), [vote('bob'), vote('eve', { decision: 'refused' })])).toBe('refused');
  expect(state(request(), [vote('ada', { decision: 'refused' })])).toBe('open');
  expect(state(request({ from: ['eve'] }), [vote('bob')])).toBe('open');
  expect(findVoteRefusal(request({ from: ['eve'] }), vote('bob'))?.code).toBe('NotAsked');
});

test('an approval needs enough other people, for this command and in time [PLAN-1]', () => {
  const anyVote: fc.Arbitrary<Vote> = fc.record({
    by: fc.constantFrom('ada', 'bob', 'eve', 'joe'),
    at: fc.integer({ min: -5, max: 40 }).map(T),
    decision: fc.constantFrom('approved' as const, 'approved' as const, 'refused' as const),
    subject: fc.record({
      commandFingerprint: fc.constantFrom('f1', 'f1', 'f2'),
      planVersion: fc.constantFrom(3, 3, 4),
    }),
  });
  fc.assert(
    fc.property(
      fc.array(anyVote, { maxLength: 5 }),
      fc.constantFrom(1 as const, 2 as const),
      fc.option(fc.constant<readonly string[]>(['bob', 'joe'])),
      (votes, people, from) => {
        const evaluation = evaluateApproval(request({ people, from }), votes, subject, T(35));
        const good = votes.filter(
          (candidate) =>
            candidate.by !== 'ada' &&
            candidate.subject.commandFingerprint === 'f1' &&
            candidate.subject.planVersion === 3 &&
            candidate.at >= T(0) &&
            candidate.at < T(30) &&
            (from?.includes(candidate.by) ?? true),
        );
        const yes = new Set(good.filter(({ decision }) => decision === 'approved').map(({ by }) => by));
        expect(evaluation.state === 'approved').toBe(
          yes.size >= people && good.every(({ decision }) => decision === 'approved'),
        );
        expect(evaluation.missing).toBe(Math.max(0, people - yes.size));
        expect(evaluateApproval(request({ people, from }), [...votes].reverse(), subject, T(35)).state).toBe(
          evaluation.state,
        );
      },
    ),
    { numRuns: 500 },
  );
});
