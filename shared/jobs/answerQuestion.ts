// Records the answers of persons to the questions of a job. The questions concern manual steps,
// failed steps, waits and approvals. Each question takes one answer, an approval one vote of each
// person. The answer route calls this module.
import { clock } from '../core/clock.ts';
import { rejected } from '../core/errors.ts';
import { Role } from '../core/role.ts';
import { answerIdOf, createAnswer, questionIdOf, readAnswer, voteIdOf } from '../journal/answers.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { readControl } from '../journal/control.ts';
import {
  AnswerValue,
  type AnswerDocument,
  type JobDocument,
  type PendingQuestion,
  type StepDocument,
} from '../journal/documents.ts';
import { type Caller } from '../access/caller.ts';
import { approvalSubjectOfJob } from '../actions/handlers/approval.ts';
import type { AnswerRequest } from '../delivery/answerRequest.ts';
import { openQuestionsOf } from '../delivery/questions.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import { requireJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { readStep } from '../journal/steps.ts';
import {
  findCastRefusal,
  findControlRefusal,
  findLateRefusal,
  findVoterRefusal,
  nothingAskedError,
  openQuestionsTextOf,
} from './answerRules.ts';

const NOTHING_CHANGED = 'Nothing was changed.';

/** Records the answer once. The same answer again by the same person changes nothing. */
export async function answerQuestion(
  jobId: string,
  request: AnswerRequest,
  caller: Caller,
): Promise<JobDocument> {
  const job = await requireJob(jobId);
  const question = job.needs.find((candidate) => questionIdOf(candidate) === request.question);
  if (question?.kind === 'approval') return voteOn(job, question, request, caller);
  // A vote may come again after the end of its question.
  const vote = question ? undefined : await readAnswer(jobId, voteIdOf(request.question, caller.id));
  if (vote) return requireSameAnswer(job, vote, caller, request.answer);
  // An approver who is late lacks no role: the question is gone.
  if (!question && isVote(request) && caller.roles.includes(Role.approver))
    throw nothingAskedError(job, request.question);
  const roleRefusal = findControlRefusal(job, caller);
  if (roleRefusal) throw roleRefusal;
  const id = answerIdOf(request.question);
  const earlier = await readAnswer(jobId, id);
  if (earlier) return requireSameAnswer(job, earlier, caller, request.answer);
  if (!question) throw nothingAskedError(job, request.question);
  assertOffered(question, request);
  await readAskingStep(job, question);
  return saveAnswer(job, question, id, { ...request, subject: null }, caller);
}

const isVote = ({ answer }: AnswerRequest): boolean =>
  answer === AnswerValue.approved || answer === AnswerValue.refused;

/** The person that requested the run may never vote. */
async function voteOn(
  job: JobDocument,
  question: PendingQuestion,
  request: AnswerRequest,
  caller: Caller,
): Promise<JobDocument> {
  const step = await readStep(job.jobId, question.stepId);
  if (!step) throw nothingAskedError(job, request.question);
  const voterRefusal = findVoterRefusal(job, step, caller);
  if (voterRefusal) throw voterRefusal;
  const id = voteIdOf(request.question, caller.id);
  const earlier = await readAnswer(job.jobId, id);
  if (earlier) return requireSameAnswer(job, earlier, caller, request.answer);
  assertOffered(question, request);
  await readAskingStep(job, question);
  const castRefusal = findCastRefusal(job, step, caller, (await clock().now()).toISOString());
  if (castRefusal) throw castRefusal;
  return saveAnswer(job, question, id, { ...request, subject: approvalSubjectOfJob(job) }, caller);
}

function assertOffered({ name, answers }: PendingQuestion, { answer }: AnswerRequest): void {
  if (answers.includes(answer)) return;
  throw rejected(
    422,
    'AnswerNotPossible',
    `${name} takes the answers ${answers.join(', ')}, not ${answer}. ${NOTHING_CHANGED}`,
    { answers },
  );
}

function requireSameAnswer(
  job: JobDocument,
  { answer: earlier, by, at, stepId }: AnswerDocument,
  caller: Caller,
  wanted: string,
): JobDocument {
  if (by.id === caller.id && earlier === wanted) return job;
  throw rejected(
    409,
    'AnsweredAlready',
    `${by.name} has answered ${stepId} with ${earlier} at ${at}. ${NOTHING_CHANGED} ${openQuestionsTextOf(job)}`,
    { given: { answer: earlier, by: by.name, at }, questions: openQuestionsOf(job) },
  );
}

/**
 * Each poll writes the list of questions, and the step may have moved on since. So read the step
 * again.
 */
async function readAskingStep(job: JobDocument, question: PendingQuestion): Promise<WithEtag<StepDocument>> {
  const [step, control] = await Promise.all([readStep(job.jobId, question.stepId), readControl(job.jobId)]);
  const refusal = findLateRefusal({ job, question, step, control });
  if (refusal || !step) throw refusal ?? nothingAskedError(job, questionIdOf(question));
  return step;
}

type GivenAnswer = Pick<AnswerRequest, 'answer' | 'reason'> & Pick<AnswerDocument, 'subject'>;

/** A running step changes often. */
const MAX_TRIES = 10;

/**
 * Writes the answer under the ETag of the step, while the step still asks. Otherwise the caller
 * gets the reason, and nothing changes.
 */
async function saveAnswer(
  job: JobDocument,
  question: PendingQuestion,
  id: string,
  { answer, reason, subject }: GivenAnswer,
  caller: Caller,
): Promise<JobDocument> {
  const { jobId } = job;
  const { stepId, tries, name } = question;
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const step = await readAskingStep(job, question);
    const now = await clock().now();
    const answerDocument: AnswerDocument = {
      id,
      type: 'answer',
      schema: SCHEMA_VERSION,
      jobId,
      stepId,
      tries,
      answer,
      by: { id: caller.id, name: caller.name },
      reason: reason ?? null,
      at: now.toISOString(),
      subject,
    };
    const message = `${name}: ${answer}, says ${caller.name}${reason === undefined ? '.' : `: ${reason}`}`;
    if (await createAnswer(answerDocument, logLine(jobId, LogSection.middle, id, message, now, caller), step))
      return job;
    const firstAnswer = await readAnswer(jobId, id);
    if (firstAnswer) return requireSameAnswer(job, firstAnswer, caller, answer);
  }
  const contended = `${name} of job ${jobId} changed at each attempt to write the answer.`;
  throw rejected(409, 'JobContended', `${contended} ${NOTHING_CHANGED} Send the answer again.`);
}
