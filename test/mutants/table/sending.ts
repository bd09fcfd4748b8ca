// Mutants of sending: which writes may go out now, and which documents a later orchestration may
// take. They cover claims, deadlines, answers of persons, and locks after a take-over.
import type { Mutant } from '../mutant.ts';

const IN_STORE = 'test/shared/attempts/startStep.test.ts';
const LOCK_GUARDS = 'test/shared/replications/lockGuards.test.ts';
const PERSONS = 'test/shared/jobs/answerQuestion.test.ts';
const INBOX = 'test/shared/inbox/readInbox.test.ts';
const CONNECTIONS = 'test/shared/azure/sendDeadline.test.ts';
const ADVANCE = 'test/shared/runs/advancePlan.test.ts';
const SWEEP = 'test/shared/jobs/sweep.test.ts';
const TAKEN_OVER = 'test/shared/jobs/takeOver.test.ts';

const GIVEN_UP = { file: IN_STORE, name: 'ten lost writes end a step' };
const BOTH_LATE = {
  file: CONNECTIONS,
  name: 'a request past its deadline writes nothing to a new or a kept connection',
};
const LATE_ANSWER = {
  file: PERSONS,
  name: 'a poll that missed an answer loses the step',
};
const BY_LOCK_OWNER = { file: LOCK_GUARDS, name: 'only the job that still locks a VM changes' };

export const sending: readonly Mutant[] = [
  {
    id: 'the app gives a lost write up at once',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'return waitedSeconds < config().LIFEBOAT_PROOF_SECONDS ? undefined',
    replace: 'return waitedSeconds < 1 ? undefined',
    reason: 'Azure may list the job of an unanswered write later, so the app would send the write twice.',
    test: GIVEN_UP,
  },
  {
    id: 'the app does not count lost writes',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'lost: (step.lost ?? 0) + 1',
    replace: 'lost: step.lost ?? 0',
    reason: 'A step that loses every answer would continue for ever.',
    test: GIVEN_UP,
  },
  {
    id: "a person's retry does not reset the count",
    file: 'shared/journal/saveStep.ts',
    find: "({ state: 'planned', tries: tries + 1, lost: 0,",
    replace: "({ state: 'planned', tries: tries + 1,",
    reason: 'A step that a person retries would end at once, without a request.',
    test: GIVEN_UP,
  },
  {
    id: 'a paused job continues with an intention',
    file: 'shared/attempts/startStep.ts',
    find: 'return mayStart ? startByDecision(owner, step, preparedAttempt, view) : deferStep(step);',
    replace: `return mayStart || preparedAttempt !== null ? startByDecision(owner, step, preparedAttempt, view)
      : deferStep(step);`,
    reason: 'A write would go out after a person had paused the job.',
    test: { file: IN_STORE, name: 'a paused job starts nothing, and an unsent' },
  },
  {
    id: 'a cancel does not stop a claim',
    file: 'shared/attempts/startStep.ts',
    find: 'if (!(await mayBegin(claim.step))) return withdrawAttempt(claim);',
    replace: '',
    reason: 'The rest of a wave would go out after a person had cancelled the job.',
    test: { file: IN_STORE, name: 'a cancel between the claim and the write takes the claim back' },
  },
  {
    id: 'an accepted answer without its step gets lost silently',
    file: 'shared/attempts/startStep.ts',
    find: "'started' : reportLostAnswer(claim, judgement.armJobId, now);",
    replace: "'started' : 'later';",
    reason: 'Azure would work on a VM and no log would show this.',
    test: { file: IN_STORE, name: 'the job log and the caller get an accepted' },
  },
  {
    id: 'the app drops an answer when another write changed its step',
    file: 'shared/attempts/startStep.ts',
    find: 'if (await saveStep(currentStep, change, now)) return true;',
    replace: 'return (await saveStep(currentStep, change, now)) !== undefined;',
    reason: 'A known answer would become an unknown one.',
    test: {
      file: IN_STORE,
      name: 'an answer to a claimed write stays when another',
    },
  },
  {
    id: 'a late sender sends',
    file: 'shared/azure/sendOnce.ts',
    find: 'if (remainingMs <= 0) return notSentAnswer;',
    replace: '',
    reason: 'A process that stood still would send a second write beside the next attempt.',
    test: { file: IN_STORE, name: 'a sender past its deadline sends nothing' },
  },
  {
    id: 'a write has no deadline',
    file: 'shared/azure/sendOnce.ts',
    find: 'abortSignal: AbortSignal.timeout(remainingMs),',
    replace: 'abortSignal: new AbortController().signal,',
    reason: 'The sender would wait for ever, and the next attempt would run beside it.',
    test: { file: IN_STORE, name: 'a write without an answer from Azure ends at its deadline' },
  },
  {
    id: 'a new connection accepts a late write',
    file: 'shared/azure/sendDeadline.ts',
    find: 'done(late ?? null, socket);',
    replace: 'done(null, socket);',
    reason: 'A connection that opens late would carry the write after its deadline.',
    test: BOTH_LATE,
  },
  {
    id: 'a reused connection accepts a late write',
    file: 'shared/azure/sendDeadline.ts',
    find: 'if (late) request.destroy(late);',
    replace: '',
    reason: 'A connection that becomes free late would carry the write after its deadline.',
    test: BOTH_LATE,
  },
  {
    id: 'the app does not wait for members of a group',
    file: 'shared/attempts/targets/groupTarget.ts',
    find: 'if (item && !(await saveItemState(',
    replace: 'if (item && !(saveItemState(',
    reason: 'A group would settle although the registry lacks the state of one member.',
    test: { file: IN_STORE, name: 'only the job with the locks stores group' },
  },
  {
    id: 'an answer does not depend on the state of its step',
    file: 'shared/journal/answers.ts',
    find: ', { replace: step, etag: step._etag }]',
    replace: ']',
    reason: "The app would confirm a person's answer, and do the opposite.",
    test: LATE_ANSWER,
  },
  {
    id: 'a cancelled job accepts answers',
    file: 'shared/jobs/answerRules.ts',
    find: "return control?.wish === 'cancelled' && !step.always ? jobCancelledError(job.jobId) : undefined;",
    replace: 'return undefined;',
    reason: 'A person would answer a question without any effect.',
    test: { file: PERSONS, name: 'a job with a requested cancel accepts no' },
  },
  {
    id: 'the inbox lists questions of other persons',
    file: 'shared/inbox/readInbox.ts',
    find: '&& findAnswerRefusal(asked, caller, now) === undefined',
    replace: '',
    reason: 'Persons would get requests that Lifeboat refuses to them.',
    test: { file: INBOX, name: 'each caller sees only questions that this caller' },
  },
  {
    id: 'the inbox lists answered questions',
    file: 'shared/inbox/readInbox.ts',
    find: '!facts.answerIds.has(keyInJob(jobId, answerId)) &&',
    replace: '',
    reason: 'After a crash, persons would answer a question twice.',
    test: { file: INBOX, name: 'each request of the inbox is accepted unchanged' },
  },
  {
    id: 'the app skips a started step',
    file: 'shared/runs/advancePlan.ts',
    find: `if (step.state !== stepToEnd.summary.state || step.tries !== stepToEnd.summary.tries) {
      done = false; return; }`,
    replace: '',
    reason: 'The app would report a step as skipped while Azure works on it.',
    test: { file: ADVANCE, name: 'the poll does not skip a step that started' },
  },
  {
    id: 'one answer retries twice',
    file: 'shared/runs/advancePlan.ts',
    find: ' || step.tries !== triesOf.get(step.id)',
    replace: '',
    reason: 'The app would retry the next failure without a person.',
    test: { file: ADVANCE, name: 'a person retries one try, and not the next failure' },
  },
  {
    id: 'the app forgets a stop',
    file: 'shared/plans/rules/nextNodes.ts',
    find: "control.answers?.get(node.id) === 'stop' || ",
    replace: '',
    reason: 'The next tier would fail over although a person had stopped the run.',
    test: { file: 'test/shared/plans/nextNodes.test.ts', name: "a person's stop ends the run, even if the" },
  },
  {
    id: 'a request goes out after a cancel',
    file: 'shared/actions/handlers/http.ts',
    find:
      "if (step.state === 'waiting' && !(await mayBegin(claimedStep))) return withdrawAttempt({ ...context, " +
      'step: claimedStep }, attempt);',
    replace: '',
    reason: 'A request would go out after a person had cancelled the job.',
    test: {
      file: 'test/shared/actions/httpAndProbe.test.ts',
      name: "a cancel between a request's claim and its",
    },
  },
  {
    id: 'a delayed start starts without a person',
    file: 'shared/alerts/processAlerts.ts',
    find: 'minutesLate > config().LIFEBOAT_ALERT_STALE_MINUTES',
    replace: 'minutesLate > Infinity',
    reason: 'An old alert would start a failover hours later.',
    test: {
      file: 'test/shared/alerts/processAlerts.test.ts',
      name: 'a start that waits until its alert is stale',
    },
  },
];

export const holding: readonly Mutant[] = [
  {
    id: 'the budget reserves nothing for urgent writes',
    file: 'shared/attempts/reserveWrites.ts',
    find: 'Math.floor(rule.burst * URGENT_SHARE)',
    replace: '0 * URGENT_SHARE',
    reason: 'Drills could use up the writes that a failover needs.',
    test: { file: LOCK_GUARDS, name: 'a third of a full write budget stays reserved' },
  },
  {
    id: 'the app uses a budget grant whose write lost the race',
    file: 'shared/attempts/writeBudget.ts',
    find: 'if (isSaved) return { granted, waitSeconds };',
    replace: 'if (isSaved || tried >= 0) return { granted, waitSeconds };',
    reason: 'Two jobs would use the same writes, and Azure would throttle both.',
    test: { file: LOCK_GUARDS, name: 'simultaneous requests get a budget only once' },
  },
  {
    id: 'an old orchestration unlocks VMs of a newer one',
    file: 'shared/replications/registry.ts',
    find: 'lock.epoch <= epoch',
    replace: 'lock.epoch <= Infinity',
    reason: 'Another job could lock a VM on which this job still works.',
    test: { file: LOCK_GUARDS, name: 'an orchestration of an older epoch removes' },
  },
  {
    id: 'the app writes a VM without its lock',
    file: 'shared/replications/registry.ts',
    find: 'etag: vm._etag }, { replace: lock, etag: lock._etag }];',
    replace: 'etag: vm._etag }];',
    reason: 'A job that lost a VM would overwrite the data of the new owner.',
    test: BY_LOCK_OWNER,
  },
  {
    id: 'the app writes a new VM without its lock',
    file: 'shared/replications/registry.ts',
    find: '[{ create: vm }, { replace: lock, etag: lock._etag }]',
    replace: '[{ create: vm }]',
    reason: 'A job that lost a VM would add it to the registry beside the new owner.',
    test: BY_LOCK_OWNER,
  },
  {
    id: 'a later orchestration takes locks of others',
    file: 'shared/runs/lockTargets.ts',
    find: 'lock.jobId === job.jobId && lock.epoch <= job.epoch',
    replace: 'lock.epoch <= job.epoch',
    reason: 'Two jobs would work on one VM.',
    test: { file: TAKEN_OVER, name: 'a job that lost a VM fails unstarted steps' },
  },
  {
    id: 'a started step ends because another job locks its VM',
    file: 'shared/jobs/beginJob.ts',
    find: 'if (blockedOfStep.length === 0 || (await hasSent(step))) continue;',
    replace: 'if (blockedOfStep.length === 0) continue;',
    reason: 'The app would report a step as failed while Azure works on it.',
    test: { file: TAKEN_OVER, name: 'a job that lost a VM fails unstarted steps' },
  },
  {
    id: 'one unknown status raises the epoch',
    file: 'shared/jobs/sweep.ts',
    find: 'now.getTime() - Date.parse(missingSince) < MISSING_GRACE_MILLISECONDS',
    replace: 'false',
    reason: 'One wrong answer of a gateway would take over every job in the middle of a disaster.',
    test: { file: SWEEP, name: 'the sweep raises the epoch only when two' },
  },
  {
    id: 'the sweep unlocks the VMs of running jobs',
    file: 'shared/runs/lockTargets.ts',
    find: 'if (job && isFinalJobState(job.state)) await releaseLocks',
    replace: 'if (job) await releaseLocks',
    reason: 'Another job could lock a VM on which this job still works.',
    test: { file: SWEEP, name: 'the sweep unlocks the VMs of ended jobs' },
  },
];
