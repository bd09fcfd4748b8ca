// Mutants of the attempt protocol: one ARM write for a step, and never an accidental second write.
import type { Mutant } from '../mutant.ts';

const FILE = 'shared/attempts/rules/attemptRules.ts';
const RULES = 'test/shared/attempts/attemptRules.test.ts';
const ONE_WRITE = 'test/shared/attempts/oneWrite.test.ts';
const IN_AZURE = 'test/shared/actions/inAzure.test.ts';
const CALLS = 'test/shared/actions/httpAndProbe.test.ts';

const ONLY_202 = { file: RULES, name: "only the write's own 202 with a job counts" };
const OWN_JOB = { file: RULES, name: 'only its request id makes a job ours; without' };
const ADOPT = { file: RULES, name: 'a step waits for a busy item; with adopt' };
const LOST_START = { file: IN_AZURE, name: 'the name of a runbook job proves a lost start' };

export const attempts: readonly Mutant[] = [
  {
    id: 'the app does not wait for a busy item',
    file: FILE,
    find: 'if (item.allowedOperations.length === 0) {',
    replace: 'if (item.allowedOperations.length > 99) {',
    reason: 'The app would refuse or change a VM that another operation changes.',
    test: { file: RULES, name: 'no operation starts on an item with no allowed operations' },
  },
  {
    id: 'a failover may count as already done',
    file: FILE,
    find: 'if (rule.canBeAlreadyDone && rule.isSettled(',
    replace: 'if (rule.isSettled(',
    reason: "The app would report another person's failover to another recovery point as its own success.",
    test: { file: RULES, name: 'already done counts for commit and reprotect' },
  },
  {
    id: 'adopt accepts an operation of another kind',
    file: FILE,
    find: 'foreign && adopt && rule.jobNames.includes(foreign.scenario)',
    replace: 'foreign && adopt',
    reason: "A commit would follow another caller's failover and report its end as its own.",
    test: ADOPT,
  },
  {
    id: 'the app adopts an operation without permission',
    file: FILE,
    find: 'foreign && adopt && rule.jobNames.includes',
    replace: 'foreign && rule.jobNames.includes',
    reason: "The app would follow another caller's operation although the command did not allow this.",
    test: ADOPT,
  },
  {
    id: 'a time-out of the server counts as a refusal',
    file: FILE,
    find: ' && status !== 408) return',
    replace: ') return',
    reason: 'The app would repeat a write that Azure may have accepted.',
    test: ONLY_202,
  },
  {
    id: 'a missing answer counts as a refusal',
    file: FILE,
    find: "return { kind: 'unknown' };",
    replace: "return { kind: 'notAccepted', mayRetry: true };",
    reason: 'The app would repeat a write that Azure may have accepted.',
    test: ONLY_202,
  },
  {
    id: 'a 202 without a job counts as accepted',
    file: FILE,
    find: 'status === 202 && answer.armJobId)',
    replace: 'status === 202)',
    reason: 'A step would wait for a job without a name.',
    test: ONLY_202,
  },
  {
    id: 'any job with a request id counts as ours',
    file: FILE,
    find: "startsWith(clientRequestId.toLowerCase()) ? 'ours'",
    replace: "startsWith('') ? 'ours'",
    reason: "The app would take another caller's job for the answer to its own write.",
    test: OWN_JOB,
  },
  {
    id: 'a request id within another one counts as ours',
    file: FILE,
    find: '.startsWith(clientRequestId.toLowerCase())',
    replace: '.includes(clientRequestId.toLowerCase())',
    reason: 'The app would claim a job that only mentions its request.',
    test: OWN_JOB,
  },
  {
    id: 'a job without a request id counts as ours',
    file: FILE,
    find: "? 'foreign' : 'cannotTell';",
    replace: "? 'foreign' : 'ours';",
    reason: 'The app would claim a job of unknown origin instead of asking a person.',
    test: OWN_JOB,
  },
  {
    id: 'the app restarts any failed job',
    file: FILE,
    find: 'job.errors.some((error) => error.code === OPERATION_IN_PROGRESS_CODE)',
    replace: 'job.errors.length > 0',
    reason: 'The app would send a second write although the first one may have changed the VM.',
    test: { file: RULES, name: 'only a job that changed nothing allows another write' },
  },
  {
    id: 'the app claims the sending without the ETag',
    file: 'shared/journal/saveStep.ts',
    find: '[{ replace: next, etag: step._etag }, ...attempt',
    replace: '[{ put: next }, ...attempt',
    reason: 'Two executions of one activity would both send.',
    test: { file: ONE_WRITE, name: 'five executions of the same activity at the same time write once' },
  },
  {
    id: 'every attempt has the same request id',
    file: 'shared/attempts/startStep.ts',
    find: 'const clientRequestId = newGuid();',
    replace: "const clientRequestId = '00000000-0000-4000-8000-000000000000';",
    reason: 'A proof could not tell which of two attempts owns a job.',
    test: { file: ONE_WRITE, name: 'a throttled write repeats later, under another request id' },
  },
  {
    id: 'an unknown attempt counts as started',
    file: 'shared/attempts/startStep.ts',
    find: "isUndecided(newestAttempt?.state) ? 'later' : 'started'",
    replace: "newestAttempt?.state === 'sending' ? 'later' : 'started'",
    reason: 'An orchestration would see an accepted write before anybody knows the answer.',
    test: { file: ONE_WRITE, name: 'a write with a lost answer is unknown, and' },
  },
  {
    id: 'the app records an unknown answer as a refusal',
    file: 'shared/attempts/startStep.ts',
    find: "advanceAttempt(attempt, 'unknown', { ...answerChange",
    replace: "advanceAttempt(attempt, 'notAccepted', { ...answerChange",
    reason: 'The app would repeat a write that Azure may have accepted.',
    test: { file: ONE_WRITE, name: 'a write with a lost answer is unknown, and' },
  },
  {
    id: 'a throttled write does not wait for the time that Azure requests',
    file: 'shared/attempts/startStep.ts',
    find: 'answer.retryAfterSeconds ?? BUSY_SECONDS',
    replace: 'BUSY_SECONDS',
    reason: 'Azure throttles a caller longer after a retry that comes too early.',
    test: { file: ONE_WRITE, name: 'a throttled write repeats later, under another request id' },
  },
  {
    id: 'an ended attempt may continue',
    file: 'shared/core/states/attempt.ts',
    find: 'accepted: {}, notAccepted: {},',
    replace: "accepted: { notAccepted: ['proof'] }, notAccepted: { sending: ['sender'] },",
    reason: 'The app could take an accepted write for refused, and send it again.',
    test: { file: 'test/shared/core/states.test.ts', name: 'an ended attempt stays ended, and nothing' },
  },
  {
    id: 'the name does not prove an unanswered start',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'if (await targetOf(step).exists?.(step, attempt)) await',
    replace: 'if (await targetOf(step).exists?.(step, attempt) === null) await',
    reason: 'The app would start a running runbook or script a second time.',
    test: LOST_START,
  },
  {
    id: 'a request goes out while another sender works on it',
    file: 'shared/actions/handlers/http.ts',
    find: "if (Date.parse(attempt.deadline ?? '') > Date.now()) return SOON_SECONDS;",
    replace: '',
    reason: 'Two processes would send the request of one step at the same time.',
    test: { file: CALLS, name: 'one sender owns a request, and after its' },
  },
  {
    id: 'each try of a request has another id',
    file: 'shared/actions/handlers/http.ts',
    find: '`${jobId}:${id}:${tries}`',
    replace: '`${jobId}:${id}:${tries}:${Math.random()}`',
    reason: 'A receiver could not recognise a repeated request.',
    test: { file: CALLS, name: 'a signed request repeats under the same id' },
  },
];
