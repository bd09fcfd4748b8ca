// Mutants of plans and of automatic starts: approvals, questions, scripts, drills, schedules, alert
// rules.
import type { Mutant } from '../mutant.ts';

const APPROVAL = 'shared/plans/rules/approval.ts';
const APPROVAL_TEST = 'test/shared/plans/approval.test.ts';
const YIELDING = 'shared/jobs/yielding.ts';
const YIELDS = 'test/shared/jobs/yielding.test.ts';
const ONCE_EACH = 'test/shared/schedules/onceEach.test.ts';
const SCHEDULE = 'shared/schedules/rules/schedule.ts';
const DECIDED = 'test/shared/schedules/schedule.test.ts';
const EVALUATE = 'shared/alerts/rules/evaluate.ts';
const EVALUATED = 'test/shared/alerts/evaluate.test.ts';
const ONCE_A_WINDOW = 'test/shared/alerts/oncePerWindow.test.ts';
const PROCESS_ALERTS = 'test/shared/alerts/processAlerts.test.ts';
const IN_AZURE = 'test/shared/actions/inAzure.test.ts';

const OTHERS = { file: APPROVAL_TEST, name: 'one person, or two different ones, and never' };
const THIS_THING = { file: APPROVAL_TEST, name: 'a change of the command or the plan voids' };
const MAKES_WAY = { file: YIELDS, name: 'a drill and its clean-up yield only to a' };
const ASKED_ONCE = { file: YIELDS, name: 'a job asks a drill for VMs, and this cancels' };
const HANDED_OVER = 'test/shared/runs/handedOver.test.ts';
const ONE_DECIDES = { file: ONCE_EACH, name: 'of two simultaneous instances one decides' };
const LEFT_ALONE = { file: ONCE_EACH, name: 'a start belongs to one instance for two minutes' };
const WINDOW = { file: ONCE_A_WINDOW, name: 'of five alerts at once one starts' };

export const approvals: readonly Mutant[] = [
  {
    id: 'the requester may approve',
    file: APPROVAL,
    find: 'if (vote.by === request.requester) return',
    replace: "if (vote.by === '') return",
    reason: 'One person alone could start a run that needs two persons.',
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
    id: 'an approval is valid for another version',
    file: APPROVAL,
    find: 'a.commandFingerprint === b.commandFingerprint && a.planVersion === b.planVersion',
    replace: 'a.commandFingerprint === b.commandFingerprint',
    reason: 'A plan that was changed after its approval would run.',
    test: THIS_THING,
  },
  {
    id: 'an approval is valid for another command',
    file: APPROVAL,
    find: 'a.commandFingerprint === b.commandFingerprint && ',
    replace: '',
    reason: 'The app would run another command than the approved one.',
    test: THIS_THING,
  },
  {
    id: 'anybody may approve',
    file: APPROVAL,
    find: 'request.from !== null && !request.from.includes(vote.by)',
    replace: 'request.from?.length === 0',
    reason: 'An answer from a person outside the plan would count.',
    test: { file: APPROVAL_TEST, name: 'one refusal is enough, and only the named' },
  },
  {
    id: 'other answers outvote a refusal',
    file: APPROVAL,
    find: 'if (refused) return resultOf(',
    replace: 'if (refused && missing > 0) return resultOf(',
    reason: 'A run would continue although a person refused it.',
    test: { file: APPROVAL_TEST, name: 'an approval needs enough other people, for' },
  },
  {
    id: 'an approval may come late',
    file: APPROVAL,
    find: 'if (isExpired(request, vote.at)) return',
    replace: 'if (isExpired(request, request.askedAt)) return',
    reason: 'A cancelled run would start hours later.',
    test: { file: APPROVAL_TEST, name: 'in time: a late approval does not count' },
  },
  {
    id: 'an operator approves without the role',
    file: 'shared/jobs/answerQuestion.ts',
    find: 'if (voterRefusal) throw voterRefusal;',
    replace: '',
    reason: "An operator could approve a colleague's run without the approver role.",
    test: {
      file: 'test/shared/jobs/answerQuestion.test.ts',
      name: 'two persons besides the requester approve',
    },
  },
  {
    id: 'the app sends another script than the reviewed one',
    file: 'shared/attempts/targets/scriptTarget.ts',
    find: 'if (actualHash === sha256) return text;',
    replace: 'if (actualHash !== undefined) return text;',
    reason: 'Anyone with write access to the address of a script could run anything in production.',
    test: {
      file: IN_AZURE,
      name: 'Lifeboat reads a script by reference when',
    },
  },
  {
    id: 'the app reads a script without TLS',
    file: 'shared/attempts/targets/scriptTarget.ts',
    find: "if (new URL(reference).protocol !== 'https:') return",
    replace: "if (new URL(reference).protocol === 'ftp:') return",
    reason: 'An attacker on the network path could see and delay the script.',
    test: { file: IN_AZURE, name: 'a script runs only as reviewed' },
  },
];

export const drills: readonly Mutant[] = [
  {
    id: 'any operation makes a drill yield',
    file: YIELDING,
    find: 'const jobs = RECOVERY_OPERATIONS.has(command.operation) ?',
    replace: 'const jobs = command.operation ?',
    reason: 'The app would accept a commit for VMs that a drill locks.',
    test: MAKES_WAY,
    equivalent: 'mayYield asks for the operation again for each of these jobs.',
  },
  {
    id: 'a commit makes a drill yield',
    file: YIELDING,
    find: "new Set(['failover', 'failback'])",
    replace: "new Set(['failover', 'failback', 'commit', 'reprotect'])",
    reason: 'The app would cancel a drill without a disaster.',
    test: MAKES_WAY,
  },
  {
    id: 'a failover yields',
    file: YIELDING,
    find: "new Set(['testFailover', 'cleanUpTestFailover'])",
    replace: "new Set(['testFailover', 'cleanUpTestFailover', 'failover'])",
    reason: 'Another failover would cancel a failover in progress.',
    test: MAKES_WAY,
  },
  {
    id: 'the app asks a drill to yield again and again',
    file: YIELDING,
    find: '!yields.some(({ vmId }) => vmId === targetId)',
    replace: 'targetId !== null',
    reason: 'Each poll would write another line into the log of the drill.',
    test: ASKED_ONCE,
  },
  {
    id: 'two jobs clean up after one drill',
    file: 'shared/journal/control.ts',
    find: "? 'cancelled' : 'paused'",
    replace: "? 'cancelled' : 'running'",
    reason: 'The drill would clean up the same VMs as the failover.',
    test: { file: YIELDS, name: 'a cancelled job still does its clean-up' },
  },
  {
    id: 'a failover takes a VM while its test runs',
    file: YIELDING,
    find: '.filter((id) => !busy.has(id))',
    replace: '',
    reason: 'Two jobs would write for one VM at once.',
    test: { file: 'test/shared/jobs/takeOver.test.ts', name: 'a drill yields only to a job that can start' },
  },
  {
    id: 'a drill forgets a VM that the other job did not clean up',
    file: 'shared/runs/handedOver.ts',
    find: 'takers.get(jobId)?.isOver ?? true',
    replace: 'takers.get(jobId) === undefined',
    reason: 'No job would clean up the test VM.',
    test: { file: HANDED_OVER, name: 'takes a VM back if the other job is cancelled' },
  },
  {
    id: 'a drill trusts a clean-up that has not ended',
    file: 'shared/runs/handedOver.ts',
    find: 'vmIdsOfStep(cleanUp).includes(vm) && hasArrived(cleanUp, vm)',
    replace: 'vmIdsOfStep(cleanUp).includes(vm)',
    reason: 'The report would name a clean-up that may fail.',
    test: { file: HANDED_OVER, name: 'a drill waits for the other job, then names' },
  },
  {
    id: 'a drill takes a VM from the job that holds it',
    file: 'shared/runs/handedOver.ts',
    find: 'holderId === undefined ? [] : [{ ...handedOver, jobId: holderId }]',
    replace: 'holderId === undefined ? [] : []',
    reason: 'The drill would begin a clean-up without the lock of the VM.',
    test: { file: HANDED_OVER, name: 'a drill waits for a third job that has taken' },
  },
  {
    id: 'a cancelled drill has no clean-up',
    file: 'shared/journal/control.ts',
    find: "=> (always ? 'running' : (control?.wish ?? 'running'))",
    replace: "=> (always ? (control?.wish ?? 'running') : (control?.wish ?? 'running'))",
    reason: 'Test machines would run and cost money until a person finds them.',
    test: { file: YIELDS, name: 'a cancelled job still does its clean-up' },
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
    reason: 'A drill would start twice.',
    test: ONE_DECIDES,
  },
  {
    id: 'the app decides about a start again',
    file: 'shared/schedules/decideStarts.ts',
    find: 'await saveDecidedStarts(document, change,',
    replace: 'await saveDecidedStarts(document, { ...change, decidedUpTo: document.decidedUpTo },',
    reason: 'The same start would return each minute.',
    test: ONE_DECIDES,
  },
  {
    id: 'the app takes up a start that another instance works on',
    file: 'shared/schedules/store.ts',
    find: "outcome === 'starting' && until !== null && until <= nowText",
    replace: "outcome === 'starting'",
    reason: 'Two instances would begin the same start.',
    test: LEFT_ALONE,
    equivalent: 'The query to the store checks the same; the query is the guard.',
  },
  {
    id: 'the app claims a start without its ETag',
    file: 'shared/schedules/store.ts',
    find: '[{ replace: next, etag: occurrence._etag }]',
    replace: '[{ put: next }]',
    reason: 'Two instances would begin the same start.',
    test: LEFT_ALONE,
  },
  {
    id: 'each try of a start has another key',
    file: 'shared/schedules/startOccurrence.ts',
    find: '`schedule:${planId}:${scheduleId}:${due}`',
    replace: '`schedule:${planId}:${scheduleId}:${due}:${Math.random()}`',
    reason: 'A dead instance would leave a second drill behind.',
    test: { file: ONCE_EACH, name: 'a start of an instance that died finds the same job' },
  },
  {
    id: 'a drill starts in a blackout',
    file: SCHEDULE,
    find: "if (blackout) return { do: 'record'",
    replace: "if (blackout && catchUpMinutes < 0) return { do: 'record'",
    reason: 'A drill would disturb the billing at night.',
    test: { file: DECIDED, name: 'a blackout stops all starts: once and each' },
  },
  {
    id: 'the app makes up for a start at any time',
    file: SCHEDULE,
    find: 'if (isLate && lateMs > catchUpMinutes * MINUTE_MS) return',
    replace: 'if (isLate && lateMs < 0) return',
    reason: 'A drill of the night would start in the middle of the day.',
    test: { file: DECIDED, name: 'a timely start runs, a late one runs within' },
  },
  {
    id: 'the app also makes an outdated start',
    file: SCHEDULE,
    find: 'if (next !== null) return missedVerdict(',
    replace: 'if (next === 0) return missedVerdict(',
    reason: 'After a long stop all drills would start one after the other.',
    test: { file: DECIDED, name: 'a timely start runs, a late one runs within' },
  },
];

export const alerts: readonly Mutant[] = [
  {
    id: 'each alert starts a run of its own',
    file: 'shared/alerts/store.ts',
    find: `ruleStateChange.before ? { replace: ruleStateChange.state, etag: ruleStateChange.before._etag }
      : { create: ruleStateChange.state }`,
    replace: '{ put: ruleStateChange.state }',
    reason: 'Each of many simultaneous alerts would start a failover.',
    test: WINDOW,
  },
  {
    id: 'a rule has no cool-down',
    file: EVALUATE,
    find: 'oolDownMinutes * MINUTE_MS',
    replace: 'oolDownMinutes * 0',
    reason: 'Each further alert would start a failover.',
    test: { file: EVALUATED, name: 'acted shortly before' },
  },
  {
    id: 'an old alert starts a run',
    file: EVALUATE,
    find: 'if (minutes > staleMinutes) return',
    replace: 'if (minutes > Infinity) return',
    reason: 'An alert of yesterday would start a failover today.',
    test: { file: EVALUATED, name: 'gets a stale alert' },
  },
  {
    id: 'an alert from the future starts a run',
    file: EVALUATE,
    find: 'return minutes < -MAX_CLOCK_AHEAD_MINUTES ?',
    replace: 'return minutes < -Infinity ?',
    reason: 'A sender with a wrong clock would start a failover.',
    test: { file: EVALUATED, name: 'gets an alert from the future' },
  },
  {
    id: 'a resolved alert starts a run',
    file: EVALUATE,
    find: 'evaluationOf(RuleVerdict.cleared,',
    replace: 'evaluationOf(RuleVerdict.start,',
    reason: 'A failover would start after the end of the problem.',
    test: { file: EVALUATED, name: 'gets a resolved alert' },
  },
  {
    id: 'a rule starts without its required approval',
    file: EVALUATE,
    find: 'doubtReason ?? (rule.approval ?',
    replace: 'doubtReason ?? (rule.approval && rule.dryRun ?',
    reason: 'A failover would start without the person who must decide.',
    test: { file: EVALUATED, name: 'needs two approvers' },
  },
  {
    id: 'a dry run starts a run',
    file: EVALUATE,
    find: 'if (rule.dryRun) return',
    replace: 'if (rule.dryRun && around.lastAt) return',
    reason: 'A rule in test would start a failover.',
    test: { file: EVALUATED, name: 'only reports its question' },
  },
  {
    id: 'a disabled rule starts a run',
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
    id: 'a resource whose name starts the same way matches',
    file: EVALUATE,
    find: 'lowerId.startsWith(`${lowerParent}/`)',
    replace: 'lowerId.startsWith(lowerParent)',
    reason: 'An alert about another group would start a failover of this group.',
    test: { file: EVALUATED, name: 'is for a group with the same first letters' },
  },
  {
    id: 'the app starts a decision of another rule version',
    file: 'shared/alerts/processAlerts.ts',
    find: 'if (voidReason !== null) return voidDecision(decision, voidReason);',
    replace: '',
    reason: 'The app would start a command that its author has withdrawn.',
    test: { file: ONCE_A_WINDOW, name: 'a due decision starts once with its own key' },
  },
  {
    id: 'each try of a start by an alert has another key',
    file: 'shared/alerts/rules/decision.ts',
    find: '`alert:${rule}:${window}`',
    replace: '`alert:${rule}:${window}:${Math.random()}`',
    reason: 'A dead process would leave a second failover behind.',
    test: { file: ONCE_A_WINDOW, name: 'a due decision starts once with its own key' },
  },
  {
    id: 'an answer to an earlier question of a rule counts for the next one',
    file: 'shared/alerts/review.ts',
    find: 'if (!approval || question !== approvalQuestionIdOf(approval)) throw',
    replace: 'if (!approval) throw',
    reason: 'A vote of yesterday would start a command of today.',
    test: { file: PROCESS_ALERTS, name: 'a start that waits until its alert is stale' },
  },
  {
    id: 'the author of a rule approves its starts',
    file: 'shared/alerts/review.ts',
    find: 'const refusal = findVoteRefusal(approval, newVote);',
    replace: "const refusal = findVoteRefusal({ ...approval, requester: '' }, newVote);",
    reason: 'One person alone could fail VMs over through alerts.',
    test: { file: ONCE_A_WINDOW, name: 'two persons besides the author of the rule' },
  },
];
