// Plans and what starts without a person: approvals, questions, scripts, drills, schedules, alert rules.
import type { Mutant } from '../mutant.ts';

const APPROVAL = 'shared/plans/rules/approval.ts';
const JUDGED = 'test/shared/plans/approval.test.ts';
const YIELDING = 'shared/jobs/yielding.ts';
const YIELDS = 'test/shared/jobs/yielding.test.ts';
const ONCE_EACH = 'test/shared/schedules/onceEach.test.ts';
const SCHEDULE = 'shared/schedules/rules/schedule.ts';
const DECIDED = 'test/shared/schedules/schedule.test.ts';
const EVALUATE = 'shared/alerts/rules/evaluate.ts';
const EVALUATED = 'test/shared/alerts/evaluate.test.ts';
const ONCE_A_WINDOW = 'test/shared/alerts/oncePerWindow.test.ts';
const IN_AZURE = 'test/shared/actions/inAzure.test.ts';

const OTHERS = { file: JUDGED, name: 'one person, or two different ones, and never who asked' };
const THIS_THING = { file: JUDGED, name: 'void as soon as the command or the plan is another one' };
const MAKES_WAY = { file: YIELDS, name: 'a drill and its clean-up make way' };
const ASKED_ONCE = { file: YIELDS, name: 'is cancelled for that job, once' };
const ONE_DECIDES = { file: ONCE_EACH, name: 'of two instances that look at the same time, one decides' };
const LEFT_ALONE = { file: ONCE_EACH, name: 'a start belongs to one instance for two minutes' };
const WINDOW = { file: ONCE_A_WINDOW, name: 'of five alerts at once one starts' };

export const approvals: readonly Mutant[] = [
  {
    id: 'who asks may approve',
    file: APPROVAL,
    find: 'if (vote.by === request.requester) return',
    replace: "if (vote.by === '') return",
    reason: 'One person alone could begin what two are to decide.',
    test: OTHERS,
  },
  {
    id: 'one person counts as two',
    file: APPROVAL,
    find: "[...new Set(validVotes.filter(({ decision }) => decision === 'approved').map(({ by }) => by))]",
    replace: "validVotes.filter(({ decision }) => decision === 'approved').map(({ by }) => by)",
    reason: 'One person who approves twice would be enough.',
    test: OTHERS,
  },
  {
    id: 'an approval is good for another version',
    file: APPROVAL,
    find: 'a.commandFingerprint === b.commandFingerprint && a.planVersion === b.planVersion',
    replace: 'a.commandFingerprint === b.commandFingerprint',
    reason: 'A plan that was changed after its approval would run.',
    test: THIS_THING,
  },
  {
    id: 'an approval is good for another command',
    file: APPROVAL,
    find: 'a.commandFingerprint === b.commandFingerprint && ',
    replace: '',
    reason: 'Something else than what was approved would run.',
    test: THIS_THING,
  },
  {
    id: 'anybody may approve',
    file: APPROVAL,
    find: 'request.from !== null && !request.from.includes(vote.by)',
    replace: 'request.from?.length === 0',
    reason: 'The word of somebody whom the plan does not ask would count.',
    test: { file: JUDGED, name: 'one refusal is enough, and only those count who are asked' },
  },
  {
    id: 'a refusal is outvoted',
    file: APPROVAL,
    find: 'if (refused) return resultOf(',
    replace: 'if (refused && missing > 0) return resultOf(',
    reason: 'A run would go on although somebody has seen that it must not.',
    test: { file: JUDGED, name: 'an approval takes enough other people' },
  },
  {
    id: 'an approval comes late',
    file: APPROVAL,
    find: 'if (isExpired(request, vote.at)) return',
    replace: 'if (isExpired(request, request.askedAt)) return',
    reason: 'A run that was given up would begin hours later.',
    test: { file: JUDGED, name: 'in time: what comes late does not count' },
  },
  {
    id: 'an operator approves unasked',
    file: 'shared/jobs/answerQuestion.ts',
    find: 'assertMayVote(job, step.work.action.from, caller);',
    replace: '',
    reason: 'Whoever may begin a run could approve the run of a colleague without the role.',
    test: {
      file: 'test/shared/jobs/answerQuestion.test.ts',
      name: 'two persons approve, none of them who asked for the run',
    },
  },
  {
    id: 'another script than the reviewed one is sent',
    file: 'shared/attempts/targets/scriptTarget.ts',
    find: 'if (actualHash === sha256) return text;',
    replace: 'if (actualHash !== undefined) return text;',
    reason: 'Whoever can write to the address of a script could run anything in production.',
    test: {
      file: IN_AZURE,
      name: 'a script by reference is read when it is needed, and only as it was reviewed',
    },
  },
  {
    id: 'a script is read without TLS',
    file: 'shared/attempts/targets/scriptTarget.ts',
    find: "if (new URL(reference).protocol !== 'https:') return",
    replace: "if (new URL(reference).protocol === 'ftp:') return",
    reason: 'Whoever is on the way could see, and hold up, what is to run.',
    test: { file: IN_AZURE, name: 'a script runs only as reviewed' },
  },
];

export const drills: readonly Mutant[] = [
  {
    id: 'anything makes a drill give way',
    file: YIELDING,
    find: 'const jobs = RECOVERY_OPERATIONS.has(command.operation) ?',
    replace: 'const jobs = command.operation ?',
    reason: 'A commit would be accepted for VMs that a drill holds.',
    test: MAKES_WAY,
    equivalent: 'Each of these jobs is judged by mayYield, which asks for the operation again.',
  },
  {
    id: 'a commit makes a drill give way',
    file: YIELDING,
    find: "new Set(['failover', 'failback'])",
    replace: "new Set(['failover', 'failback', 'commit', 'reprotect'])",
    reason: 'A drill would be cancelled for what is no disaster.',
    test: MAKES_WAY,
  },
  {
    id: 'a failover gives way',
    file: YIELDING,
    find: "new Set(['testFailover', 'cleanUpTestFailover'])",
    replace: "new Set(['testFailover', 'cleanUpTestFailover', 'failover'])",
    reason: 'A failover under way would be cancelled by another one.',
    test: MAKES_WAY,
  },
  {
    id: 'a drill is asked again and again',
    file: YIELDING,
    find: 'control?.yieldTo === jobId',
    replace: 'control === null',
    reason: 'Each look would write another line into the log of the drill.',
    test: ASKED_ONCE,
  },
  {
    id: 'two jobs clean up after one drill',
    file: 'shared/journal/control.ts',
    find: "=== null ? 'running'",
    replace: "!== undefined ? 'running'",
    reason: 'The drill would clean up what the failover is cleaning up.',
    test: { file: YIELDS, name: 'unless the job makes way for another' },
  },
  {
    id: 'a cancelled drill is not cleaned up',
    file: 'shared/journal/control.ts',
    find: "? 'running' : (control?.wish ?? 'running')",
    replace: "? (control?.wish ?? 'running') : (control?.wish ?? 'running')",
    reason: 'Test machines would run, and cost, until somebody finds them.',
    test: { file: YIELDS, name: 'unless the job makes way for another' },
  },
];

export const schedules: readonly Mutant[] = [
  {
    id: 'each instance decides for itself',
    file: 'shared/schedules/store.ts',
    find: '{ replace: next, etag: before._etag }, ...occurrences.map(',
    replace:
      '{ put: next }, ...occurrences.map((one): Write => ({ put: one })), ...([] as ' +
      'OccurrenceDocument[]).map(',
    reason: 'A drill would begin twice.',
    test: ONE_DECIDES,
  },
  {
    id: 'a start is decided again',
    file: 'shared/schedules/decideStarts.ts',
    find: 'await saveDecidedStarts(document, change,',
    replace: 'await saveDecidedStarts(document, { ...change, decidedUpTo: document.decidedUpTo },',
    reason: 'The same start would come up each minute.',
    test: ONE_DECIDES,
  },
  {
    id: 'a start that somebody is at is taken up',
    file: 'shared/schedules/store.ts',
    find: "outcome === 'starting' && until !== null && until <= nowText",
    replace: "outcome === 'starting'",
    reason: 'Two instances would begin the same start.',
    test: LEFT_ALONE,
    equivalent: 'The question to the store asks for the same; that one is the guard.',
  },
  {
    id: 'a start is claimed without its ETag',
    file: 'shared/schedules/store.ts',
    find: '[{ replace: next, etag: occurrence._etag }]',
    replace: '[{ put: next }]',
    reason: 'Two instances would take the same start up.',
    test: LEFT_ALONE,
  },
  {
    id: 'each try of a start has another key',
    file: 'shared/schedules/startOccurrence.ts',
    find: '`schedule:${planId}:${scheduleId}:${due}`',
    replace: '`schedule:${planId}:${scheduleId}:${due}:${Math.random()}`',
    reason: 'An instance that died would leave a second drill behind.',
    test: { file: ONCE_EACH, name: 'meets the same job' },
  },
  {
    id: 'a drill begins in a black-out',
    file: SCHEDULE,
    find: "if (blackout) return { do: 'record'",
    replace: "if (blackout && catchUpMinutes < 0) return { do: 'record'",
    reason: 'A drill would disturb the night of the billing.',
    test: { file: DECIDED, name: 'in a black-out nothing is begun' },
  },
  {
    id: 'a start is made up for at any time',
    file: SCHEDULE,
    find: 'if (isLate && lateMs > catchUpMinutes * MINUTE_MS) return',
    replace: 'if (isLate && lateMs < 0) return',
    reason: 'A drill of the night would begin in the middle of the day.',
    test: { file: DECIDED, name: 'in time it is started, later caught up' },
  },
  {
    id: 'a start that was overtaken begins too',
    file: SCHEDULE,
    find: 'if (next !== null) return missedVerdict(',
    replace: 'if (next === 0) return missedVerdict(',
    reason: 'After a long stop all drills would begin one after the other.',
    test: { file: DECIDED, name: 'in time it is started, later caught up' },
  },
];

export const alerts: readonly Mutant[] = [
  {
    id: 'each alert starts for itself',
    file: 'shared/alerts/store.ts',
    find: 'ruleStateChange.before ? { replace: ruleStateChange.state, etag: ruleStateChange.before._etag } : { create: ruleStateChange.state }',
    replace: '{ put: ruleStateChange.state }',
    reason: 'Of many alerts at once each would begin a failover.',
    test: WINDOW,
  },
  {
    id: 'a rule does not cool down',
    file: EVALUATE,
    find: 'oolDownMinutes * MINUTE',
    replace: 'oolDownMinutes * 0',
    reason: 'Each further alert would begin a failover.',
    test: { file: EVALUATED, name: 'has acted a short while ago' },
  },
  {
    id: 'an old alert starts',
    file: EVALUATE,
    find: 'if (minutes > staleMinutes) return',
    replace: 'if (minutes > Infinity) return',
    reason: 'An alert of yesterday would begin a failover today.',
    test: { file: EVALUATED, name: 'is told of a stale one' },
  },
  {
    id: 'an alert of times to come starts',
    file: EVALUATE,
    find: 'return minutes < -MAX_CLOCK_AHEAD_MINUTES ?',
    replace: 'return minutes < -Infinity ?',
    reason: 'A sender whose clock is wrong would begin a failover.',
    test: { file: EVALUATED, name: 'is told of one that is still to come' },
  },
  {
    id: 'an alert that is over starts',
    file: EVALUATE,
    find: 'evaluationOf(RuleVerdict.cleared,',
    replace: 'evaluationOf(RuleVerdict.start,',
    reason: 'A failover would begin when all is well again.',
    test: { file: EVALUATED, name: 'is told of one that is over' },
  },
  {
    id: 'a rule starts without the approval that it wants',
    file: EVALUATE,
    find: 'doubtReason ?? (rule.approval ?',
    replace: 'doubtReason ?? (rule.approval && rule.dryRun ?',
    reason: 'A failover would begin without the person who is to decide.',
    test: { file: EVALUATED, name: 'wants two to approve' },
  },
  {
    id: 'a dry run starts',
    file: EVALUATE,
    find: 'if (rule.dryRun) return',
    replace: 'if (rule.dryRun && around.lastAt) return',
    reason: 'A rule that is only tried would begin a failover.',
    test: { file: EVALUATED, name: 'only tells what it would ask' },
  },
  {
    id: 'a rule that is switched off starts',
    file: EVALUATE,
    find: 'if (!rule.enabled) return',
    replace: 'if (rule.enabled === undefined) return',
    reason: 'Nobody could stop a rule.',
    test: { file: EVALUATED, name: 'is switched off' },
  },
  {
    id: 'alerts of any time count together',
    file: EVALUATE,
    find: 'start <= firedAtMs(candidate) && firedAtMs(candidate) <= start + windowMs)',
    replace: 'start <= firedAtMs(candidate))',
    reason: 'Three alerts of three weeks would look like a region that is dark.',
    test: { file: EVALUATED, name: 'three alerts from two regions within ten minutes' },
  },
  {
    id: 'a resource whose name begins alike matches',
    file: EVALUATE,
    find: 'lowerId.startsWith(`${lowerParent}/`)',
    replace: 'lowerId.startsWith(lowerParent)',
    reason: 'An alert about another group would begin a failover of this one.',
    test: { file: EVALUATED, name: 'is for a group whose name begins alike' },
  },
  {
    id: 'what was decided by another rule is started',
    file: 'shared/alerts/processAlerts.ts',
    find: 'if (voidReason !== null) return voidDecision(decision, voidReason);',
    replace: '',
    reason: 'A command would begin that its author has taken back.',
    test: { file: ONCE_A_WINDOW, name: 'never when the rule has changed' },
  },
  {
    id: 'each try of a start by an alert has another key',
    file: 'shared/alerts/rules/decision.ts',
    find: '`alert:${rule}:${window}`',
    replace: '`alert:${rule}:${window}:${Math.random()}`',
    reason: 'A process that died would leave a second failover behind.',
    test: { file: ONCE_A_WINDOW, name: 'what is due is started once' },
  },
  {
    id: 'the author of a rule approves its starts',
    file: 'shared/alerts/review.ts',
    find: 'const refusal = findVoteRefusal(approval, newVote);',
    replace: "const refusal = findVoteRefusal({ ...approval, requester: '' }, newVote);",
    reason: 'One person alone could have VMs failed over by alerts.',
    test: { file: ONCE_A_WINDOW, name: 'two others than the author of the rule approve' },
  },
];
