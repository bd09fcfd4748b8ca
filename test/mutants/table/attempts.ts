// The attempt protocol: one ARM write for a step, and never a second one by accident.
import type { Mutant } from '../mutant.ts';

const FILE = 'shared/attempts/rules/attemptRules.ts';
const JUDGED = 'test/shared/attempts/attemptRules.test.ts';
const ONE_WRITE = 'test/shared/attempts/oneWrite.test.ts';
const IN_AZURE = 'test/shared/actions/inAzure.test.ts';
const CALLS = 'test/shared/actions/httpAndProbe.test.ts';

const ONLY_202 = { file: JUDGED, name: "only the write's own 202 with a job is accepted" };
const OURS = { file: JUDGED, name: 'a job is ours by its request id alone' };
const ADOPT = { file: JUDGED, name: 'a busy item is waited for; with adopt' };
const LOST_START = { file: IN_AZURE, name: 'the name of a runbook job proves a lost start' };

export const attempts: readonly Mutant[] = [
  {
    id: 'a busy item is not waited for',
    file: FILE,
    find: 'if (item.allowedOperations.length === 0) {',
    replace: 'if (item.allowedOperations.length > 99) {',
    reason: 'A VM that another operation changes would be refused or written to at once.',
    test: { file: JUDGED, name: 'nothing is ever started on an item with no allowed operations' },
  },
  {
    id: 'a failover may be already so',
    file: FILE,
    find: 'if (rule.canBeAlreadyDone && rule.isSettled(',
    replace: 'if (rule.isSettled(',
    reason: "Another person's failover to another recovery point would be told as done.",
    test: { file: JUDGED, name: 'already so counts for commit and reprotect, never for failover' },
  },
  {
    id: 'an operation of another kind is adopted',
    file: FILE,
    find: 'foreign && adopt && foreign.scenario === rule.jobName',
    replace: 'foreign && adopt',
    reason: "A commit would follow somebody else's failover and take the end of that for its own.",
    test: ADOPT,
  },
  {
    id: 'an operation is adopted unasked',
    file: FILE,
    find: 'foreign && adopt && foreign.scenario',
    replace: 'foreign && foreign.scenario',
    reason: "Somebody else's operation would be followed though the command did not allow that.",
    test: ADOPT,
  },
  {
    id: 'a time-out of the server is a refusal',
    file: FILE,
    find: ' && status !== 408) return',
    replace: ') return',
    reason: 'A write that Azure may have taken would be sent again.',
    test: ONLY_202,
  },
  {
    id: 'no answer is a refusal',
    file: FILE,
    find: "return { kind: 'unknown' };",
    replace: "return { kind: 'notAccepted', again: true };",
    reason: 'A write that Azure may have taken would be sent again.',
    test: ONLY_202,
  },
  {
    id: 'a 202 without a job is accepted',
    file: FILE,
    find: 'status === 202 && answer.armJobId)',
    replace: 'status === 202)',
    reason: 'A step would wait for a job that nobody can name.',
    test: ONLY_202,
  },
  {
    id: 'any job with a request id is ours',
    file: FILE,
    find: "startsWith(clientRequestId.toLowerCase()) ? 'ours'",
    replace: "startsWith('') ? 'ours'",
    reason: "Somebody else's job would be taken for the answer to our own write.",
    test: OURS,
  },
  {
    id: 'a request id within another one is ours',
    file: FILE,
    find: '.startsWith(clientRequestId.toLowerCase())',
    replace: '.includes(clientRequestId.toLowerCase())',
    reason: 'A job that only mentions our request would be taken for ours.',
    test: OURS,
  },
  {
    id: 'a job without a request id is ours',
    file: FILE,
    find: "? 'foreign' : 'cannotTell';",
    replace: "? 'foreign' : 'ours';",
    reason: 'A job of unknown origin would be claimed instead of asked about.',
    test: OURS,
  },
  {
    id: 'any failed job is started again',
    file: FILE,
    find: 'job.errors.some((error) => error.code === OPERATION_IN_PROGRESS_CODE)',
    replace: 'job.errors.length > 0',
    reason: 'A second write would go out though the first one may have changed the VM.',
    test: { file: JUDGED, name: 'only a job that touched nothing may be followed by another write' },
  },
  {
    id: 'the sending is claimed without the ETag',
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
    reason: 'A proof could not tell which of two attempts a job belongs to.',
    test: { file: ONE_WRITE, name: 'under a request id of its own' },
  },
  {
    id: 'an unknown attempt counts as started',
    file: 'shared/attempts/startStep.ts',
    find: "isUndecided(newestAttempt?.state) ? 'later' : 'started'",
    replace: "newestAttempt?.state === 'sending' ? 'later' : 'started'",
    reason: 'A walk would be told that a write was accepted before anybody knows.',
    test: { file: ONE_WRITE, name: 'a write whose answer is lost is unknown' },
  },
  {
    id: 'an unknown answer is recorded as a refusal',
    file: 'shared/attempts/startStep.ts',
    find: "advanceAttempt(attempt, 'unknown', { ...answerChange",
    replace: "advanceAttempt(attempt, 'notAccepted', { ...answerChange",
    reason: 'A write that Azure may have taken would be sent again.',
    test: { file: ONE_WRITE, name: 'a write whose answer is lost is unknown' },
  },
  {
    id: 'a throttled write does not wait as long as Azure asks',
    file: 'shared/attempts/startStep.ts',
    find: 'answer.retryAfterSeconds ?? BUSY_SECONDS',
    replace: 'BUSY_SECONDS',
    reason: 'Azure throttles longer whoever comes back before the time.',
    test: { file: ONE_WRITE, name: 'goes again later, under a request id of its own' },
  },
  {
    id: 'what has ended may go on',
    file: 'shared/core/states/attempt.ts',
    find: 'accepted: {}, notAccepted: {},',
    replace: "accepted: { notAccepted: ['proof'] }, notAccepted: { sending: ['sender'] },",
    reason: 'An accepted write could be taken for refused, and go out again.',
    test: { file: 'test/shared/core/states.test.ts', name: 'an attempt that has ended stays as it ended' },
  },
  {
    id: 'an unanswered start is not proven by its name',
    file: 'shared/attempts/resolveUnknown.ts',
    find: 'if (await targetOf(step).exists?.(step, attempt)) await',
    replace: 'if (await targetOf(step).exists?.(step, attempt) === null) await',
    reason: 'A runbook or script that runs already would be started a second time.',
    test: LOST_START,
  },
  {
    id: 'a request is sent while another sender is at it',
    file: 'shared/actions/handlers/http.ts',
    find: "if (Date.parse(attempt.deadline ?? '') > Date.now()) return SOON_SECONDS;",
    replace: '',
    reason: 'Two processes would send the request of one step at the same time.',
    test: { file: CALLS, name: 'who sends has it alone' },
  },
  {
    id: 'each try of a request has another id',
    file: 'shared/actions/handlers/http.ts',
    find: '`${jobId}:${id}:${tries}`',
    replace: '`${jobId}:${id}:${tries}:${Math.random()}`',
    reason: 'A receiver could not tell that it has done this already.',
    test: { file: CALLS, name: 'a signed request goes again under the same id' },
  },
];
