// What may be sent now, and what a later walk of a job may take: claims, deadlines, answers of
// persons, locks after a take-over.
import type { Mutant } from '../mutant.ts';

const IN_STORE = 'test/shared/attempts/startStep.test.ts';
const HOLDING = 'test/shared/replications/lockGuards.test.ts';
const PERSONS = 'test/shared/jobs/answerQuestion.test.ts';
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
  name: 'a look that missed an answer loses the step',
};
const BY_HOLDER = { file: HOLDING, name: 'a VM is changed, added or removed only by who still holds it' };

export const sending: readonly Mutant[] = [
  {
    id: 'a lost write is given up at once',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'return waitedSeconds < config().LIFEBOAT_PROOF_SECONDS ? undefined',
    replace: 'return waitedSeconds < 1 ? undefined',
    reason: 'The job of a write whose answer was lost may be listed later: the write would be sent twice.',
    test: GIVEN_UP,
  },
  {
    id: 'lost writes are not counted',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'lost: (step.lost ?? 0) + 1',
    replace: 'lost: step.lost ?? 0',
    reason: 'A step that loses every answer would go on for ever.',
    test: GIVEN_UP,
  },
  {
    id: 'a person does not begin the count anew',
    file: 'shared/journal/saveStep.ts',
    find: "({ state: 'planned', tries: tries + 1, lost: 0,",
    replace: "({ state: 'planned', tries: tries + 1,",
    reason: 'A step that a person tries again would end at once, without a request.',
    test: GIVEN_UP,
  },
  {
    id: 'a paused job goes on with an intention',
    file: 'shared/attempts/startStep.ts',
    find: 'return mayStart ? startByDecision(owner, step, preparedAttempt, view) : deferStep(step);',
    replace:
      'return mayStart || preparedAttempt !== null ? startByDecision(owner, step, preparedAttempt, view) : deferStep(step);',
    reason: 'A write would go out after a person had paused the job.',
    test: { file: IN_STORE, name: 'a paused job begins nothing' },
  },
  {
    id: 'a claim is not held against a cancel',
    file: 'shared/attempts/startStep.ts',
    find: 'if (!(await mayBegin(claim.step))) return withdrawAttempt(claim);',
    replace: '',
    reason: 'The rest of a wave would go out after a person had cancelled the job.',
    test: { file: IN_STORE, name: 'a cancel between the claim and the write takes the claim back' },
  },
  {
    id: 'an accepted answer without its step is lost silently',
    file: 'shared/attempts/startStep.ts',
    find: "'started' : reportLostAnswer(claim, judgement.armJobId, now);",
    replace: "'started' : 'later';",
    reason: 'Azure would work on a VM and no log would tell of that.',
    test: { file: IN_STORE, name: 'hear of an accepted answer to a lost step' },
  },
  {
    id: 'an answer is dropped when its step was touched',
    file: 'shared/attempts/startStep.ts',
    find: 'if (await saveStep(currentStep, change, now)) return true;',
    replace: 'return (await saveStep(currentStep, change, now)) !== undefined;',
    reason: 'A known answer would become an unknown one.',
    test: {
      file: IN_STORE,
      name: 'an answer to a claimed write is kept when its step was only touched meanwhile',
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
    reason: 'The sender would wait for ever, and the next attempt would go beside it.',
    test: { file: IN_STORE, name: 'a write without an answer from Azure ends at its deadline' },
  },
  {
    id: 'a new connection takes a late write',
    file: 'shared/azure/sendDeadline.ts',
    find: 'done(late ?? null, socket);',
    replace: 'done(null, socket);',
    reason: 'A connection that stands late would carry the write after its deadline.',
    test: BOTH_LATE,
  },
  {
    id: 'a kept connection takes a late write',
    file: 'shared/azure/sendDeadline.ts',
    find: 'if (late) request.destroy(late);',
    replace: '',
    reason: 'A connection that is free late would carry the write after its deadline.',
    test: BOTH_LATE,
  },
  {
    id: 'members of a group are not awaited',
    file: 'shared/attempts/targets/groupTarget.ts',
    find: 'if (item && !(await saveItemState(',
    replace: 'if (item && !(saveItemState(',
    reason: 'A group would settle although the registry knows nothing of one of its members.',
    test: { file: IN_STORE, name: 'members of a group are remembered only by the job that holds them' },
  },
  {
    id: 'an answer has no condition on its step',
    file: 'shared/journal/answers.ts',
    find: ', { replace: step, etag: step._etag }]',
    replace: ']',
    reason: 'A person would be told that an answer counts, and the opposite would happen.',
    test: LATE_ANSWER,
  },
  {
    id: 'a cancelled job takes answers',
    file: 'shared/jobs/answerQuestion.ts',
    find: "if (control?.wish === 'cancelled' && !step.always) throw jobCancelledError(jobWithoutQuestion);",
    replace: '',
    reason: 'A person would answer a question that nothing follows from.',
    test: { file: PERSONS, name: 'a job that is to be cancelled takes no more answers' },
  },
  {
    id: 'a begun step is left out',
    file: 'shared/runs/advancePlan.ts',
    find: 'if (step.state !== stepToEnd.summary.state || step.tries !== stepToEnd.summary.tries) { done = false; return; }',
    replace: '',
    reason: 'A step would be told as skipped while Azure works on it.',
    test: { file: ADVANCE, name: 'a step that has begun since it was decided about is not left out' },
  },
  {
    id: 'one answer tries again twice',
    file: 'shared/runs/advancePlan.ts',
    find: ' || step.tries !== triesOf.get(step.id)',
    replace: '',
    reason: 'The next failure would be tried again without a person.',
    test: { file: ADVANCE, name: 'a person has one try made again' },
  },
  {
    id: 'stop is forgotten',
    file: 'shared/plans/rules/nextNodes.ts',
    find: "control.answers?.get(node.id) === 'stop' || ",
    replace: '',
    reason: 'The next tier would go over although a person had stopped the run.',
    test: { file: 'test/shared/plans/nextNodes.test.ts', name: 'a person who said stop has stopped the run' },
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
      name: 'a cancel between the claim of a request and the request',
    },
  },
  {
    id: 'a start that was held up starts without a person',
    file: 'shared/alerts/processAlerts.ts',
    find: 'minutesLate > config().LIFEBOAT_ALERT_STALE_MINUTES',
    replace: 'minutesLate > Infinity',
    reason: 'An old alert would start a failover hours later.',
    test: {
      file: 'test/shared/alerts/processAlerts.test.ts',
      name: 'a start that is held up until its alert is stale',
    },
  },
];

export const holding: readonly Mutant[] = [
  {
    id: 'nothing is kept for urgent writes',
    file: 'shared/attempts/grant.ts',
    find: 'Math.floor(rule.burst * URGENT_SHARE)',
    replace: '0 * URGENT_SHARE',
    reason: 'Drills could use up the writes that a failover needs.',
    test: { file: HOLDING, name: 'of a full write budget a third is kept' },
  },
  {
    id: 'a budget is granted though its write lost the race',
    file: 'shared/attempts/writeBudget.ts',
    find: 'if (isSaved) return { granted, waitSeconds };',
    replace: 'if (isSaved || tried >= 0) return { granted, waitSeconds };',
    reason: 'Two jobs would use the same writes, and Azure would throttle both.',
    test: { file: HOLDING, name: 'a budget is granted once' },
  },
  {
    id: 'an old walk frees locks of a newer one',
    file: 'shared/replications/registry.ts',
    find: 'lock.epoch <= epoch',
    replace: 'lock.epoch <= Infinity',
    reason: 'Another job could take a VM on which this job still works.',
    test: { file: HOLDING, name: 'a walk of an older epoch frees nothing that a newer one holds' },
  },
  {
    id: 'a VM is written without its lock',
    file: 'shared/replications/registry.ts',
    find: 'etag: vm._etag }, { replace: lock, etag: lock._etag }];',
    replace: 'etag: vm._etag }];',
    reason: 'A job that lost a VM would write over what its new holder has found.',
    test: BY_HOLDER,
  },
  {
    id: 'a new VM is written without its lock',
    file: 'shared/replications/registry.ts',
    find: '[{ create: vm }, { replace: lock, etag: lock._etag }]',
    replace: '[{ create: vm }]',
    reason: 'A job that lost a VM would add it to the registry beside its new holder.',
    test: BY_HOLDER,
  },
  {
    id: 'a later walk takes locks of others',
    file: 'shared/runs/lockTargets.ts',
    find: 'lock.jobId === job.jobId && lock.epoch <= job.epoch',
    replace: 'lock.epoch <= job.epoch',
    reason: 'Two jobs would work on one VM.',
    test: { file: TAKEN_OVER, name: 'a job that lost a VM fails what has not begun there' },
  },
  {
    id: 'a step that has begun ends because its VM is held',
    file: 'shared/jobs/beginJob.ts',
    find: 'if (blockedOfStep.length === 0 || (await hasSent(step))) continue;',
    replace: 'if (blockedOfStep.length === 0) continue;',
    reason: 'A step would be told as failed while Azure works on it.',
    test: { file: TAKEN_OVER, name: 'a job that lost a VM fails what has not begun there' },
  },
  {
    id: 'one unknown look raises the epoch',
    file: 'shared/jobs/sweep.ts',
    find: 'now.getTime() - Date.parse(missingSince) < MISSING_GRACE_MILLISECONDS',
    replace: 'false',
    reason: 'One wrong answer of a gateway would take over every job in the middle of a disaster.',
    test: { file: SWEEP, name: 'only when two looks in a row miss the walk' },
  },
  {
    id: 'the sweep frees the VMs of jobs that run',
    file: 'shared/runs/lockTargets.ts',
    find: 'if (job && isFinalJobState(job.state)) await releaseLocks',
    replace: 'if (job) await releaseLocks',
    reason: 'Another job could take a VM on which this job still works.',
    test: { file: SWEEP, name: 'frees the VMs of jobs that have ended, and no others' },
  },
];
