// Records the answers of persons to the questions of a job. The questions concern manual steps,
// failed steps, waits and approvals. Each question takes one answer. The HTTP routes call this
// module.
import * as z from 'zod';
import { approvalRequestOf, approvalSubjectOfJob, toVote } from '../actions/handlers/approval.ts';
import { OPERATION_ROLES } from '../access/roles.ts';
import { Role } from '../core/role.ts';
import { clock } from '../core/clock.ts';
import { findVoteRefusal } from '../plans/rules/approval.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { isDueOrBegun } from '../core/states/step.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import {
  answerIdOf,
  listAnswers,
  createAnswer,
  isAnswerToFailure,
  readAnswer,
  voteIdOf,
} from '../journal/answers.ts';
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
import { SCHEMA_VERSION } from '../store/schema.ts';
import { readJob } from '../journal/job.ts';
import { logLine, LogSection } from '../journal/log.ts';
import { readStep } from '../journal/steps.ts';
import { readSteerableJob } from './controlJob.ts';

const StepId = z.string().trim().min(1).max(300);
const Reason = z.string().trim().min(1).max(1000).optional();
const { approved, refused, ...toQuestions } = AnswerValue;

/** The request body of an answer. */
export const AnswerRequest = z
  .strictObject({
    step: StepId.optional(),
    /** The target of the step, as the job lists it, instead of the step. */
    target: StepId.optional(),
    /** Absent: the current question. */
    tries: z.int().min(0).optional(),
    answer: z.enum(toQuestions),
    reason: Reason,
  })
  .refine(
    ({ step, target }) => (step === undefined) !== (target === undefined),
    'must have either "step" or "target"',
  );
export type AnswerRequest = z.infer<typeof AnswerRequest>;

/** The request body of a vote on an approval. */
export const VoteRequest = z.strictObject({
  step: StepId,
  decision: z.enum([approved, refused]),
  /** The version of the plan that the person has read. */
  planVersion: z.int().min(1),
  reason: Reason,
});
export type VoteRequest = z.infer<typeof VoteRequest>;

const NOTHING_CHANGED = 'Nothing was changed.';

/** Records the answer once. The same answer again by the same person changes nothing. */
export async function answerQuestion(
  jobId: string,
  request: AnswerRequest,
  caller: Caller,
): Promise<JobDocument> {
  const job = await readSteerableJob(jobId, caller);
  const pendingQuestion = job.needs.find(
    (candidate) =>
      candidate.kind !== 'approval' &&
      isAbout(candidate.stepId, request) &&
      (request.tries ?? candidate.tries) === candidate.tries,
  );
  const previousAnswer = await findEarlierAnswer(jobId, request, pendingQuestion);
  if (previousAnswer) return requireSameAnswer(job, previousAnswer, caller, request.answer);
  if (!pendingQuestion) throw nothingAskedError(job, request.step ?? request.target ?? '');
  if (!pendingQuestion.answers.includes(request.answer))
    throw rejected(
      422,
      'AnswerNotPossible',
      `${pendingQuestion.name} takes the answers ${pendingQuestion.answers.join(', ')}, ` +
        `not ${request.answer}. ${NOTHING_CHANGED}`,
      { answers: pendingQuestion.answers },
    );
  return saveAnswer(
    job,
    pendingQuestion,
    answerIdOf(pendingQuestion, request.answer),
    { answer: request.answer, reason: request.reason, subject: null },
    caller,
  );
}

const isAbout = (stepId: string, { step, target }: Pick<AnswerRequest, 'step' | 'target'>): boolean =>
  target === undefined ? stepId === step : stepId.endsWith(`:${target}`);

/**
 * The earlier answer to this try, or to the newest try if no question is open. A person may repeat
 * an answer even after the step failed for it and the job asks about the failure.
 */
async function findEarlierAnswer(
  jobId: string,
  request: AnswerRequest,
  pendingQuestion: PendingQuestion | undefined,
): Promise<AnswerDocument | undefined> {
  const matches = ({ stepId, tries, answer: earlier }: AnswerDocument): boolean =>
    isAbout(stepId, request) &&
    (request.tries ?? pendingQuestion?.tries ?? tries) === tries &&
    earlier !== approved &&
    earlier !== refused &&
    isAnswerToFailure(earlier) === isAnswerToFailure(request.answer);
  const matchingAnswers = (await listAnswers(jobId)).filter(matches);
  return matchingAnswers.sort((a, b) => b.tries - a.tries)[0];
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
    { given: { answer: earlier, by: by.name, at }, questions: job.needs },
  );
}

/**
 * Records a vote. The approver role may vote, and so may persons in the plan with a role to control
 * the job. The person that requested the run may never vote.
 */
export async function approveOrRefuse(
  jobId: string,
  request: VoteRequest,
  caller: Caller,
): Promise<JobDocument> {
  const job = await readJob(jobId);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  const step = await readStep(jobId, request.step);
  if (step?.work.kind !== 'action' || step.work.action.kind !== 'approval')
    throw nothingAskedError(job, request.step);
  assertMayVote(job, step.work.action.from, caller);
  const subject = { ...approvalSubjectOfJob(job), planVersion: request.planVersion };
  const now = await clock().now();
  const question = { stepId: step.id, tries: step.tries };
  const previousVote = await readAnswer(jobId, voteIdOf(question, caller.id));
  if (previousVote) return requireSameAnswer(job, previousVote, caller, request.decision);
  const pendingQuestion = job.needs.find(
    ({ kind, stepId, tries }) => kind === 'approval' && stepId === step.id && tries === step.tries,
  );
  if (!pendingQuestion) throw nothingAskedError(job, request.step);
  await readAskingStep(job, pendingQuestion);
  const refusal = findVoteRefusal(
    approvalRequestOf(job, step),
    toVote({ by: caller, at: now.toISOString(), answer: request.decision, subject }),
  );
  if (refusal)
    throw rejected(
      refusal.code === 'OtherSubject' || refusal.code === 'ApprovalExpired' ? 409 : 403,
      refusal.code,
      refusal.message,
      { plan: job.plan },
    );
  const given = { answer: request.decision, reason: request.reason, subject };
  return saveAnswer(job, pendingQuestion, voteIdOf(question, caller.id), given, caller);
}

function assertMayVote({ command }: JobDocument, from: readonly string[] | undefined, caller: Caller): void {
  if (caller.roles.includes(Role.approver)) return;
  const steering: readonly Role[] = OPERATION_ROLES[command.operation];
  if (from?.includes(caller.id) && steering.some((role) => caller.roles.includes(role))) return;
  throw rejected(
    403,
    'RoleMissing',
    `Only ${Role.approver} may approve this, or the persons in the plan with a role to control ` +
      `the job; ${caller.name} has ${caller.roles.join(', ') || 'none'}. ${NOTHING_CHANGED}`,
  );
}

/**
 * Each poll writes the list of questions, and the step may have moved on since. So read the step
 * again.
 */
async function readAskingStep(
  job: JobDocument,
  { stepId, tries, kind }: PendingQuestion,
): Promise<WithEtag<StepDocument>> {
  const [step, control] = await Promise.all([readStep(job.jobId, stepId), readControl(job.jobId)]);
  const jobWithoutQuestion = { ...job, needs: job.needs.filter((question) => question.stepId !== stepId) };
  if (isFinalJobState(job.state) || !step) throw nothingAskedError(jobWithoutQuestion, stepId);
  if (step.tries !== tries || !isStillAsked(step, kind)) throw answerTooLateError(jobWithoutQuestion, step);
  if (control?.wish === 'cancelled' && !step.always) throw jobCancelledError(jobWithoutQuestion);
  return step;
}

/** A step that exceeds its time in the plan can have a question while it runs. */
const isStillAsked = ({ state }: StepDocument, kind: PendingQuestion['kind']): boolean =>
  kind === 'failure' ? state === 'failed' || isDueOrBegun(state) : state === 'started';

interface GivenAnswer extends Pick<AnswerDocument, 'answer' | 'subject'> {
  readonly reason: string | undefined;
}

/** A running step changes often. */
const MAX_TRIES = 10;

/**
 * Writes the answer under the ETag of the step, while the step still asks. Otherwise the caller
 * gets the reason, and nothing changes.
 */
async function saveAnswer(
  job: JobDocument,
  pendingQuestion: PendingQuestion,
  id: string,
  given: GivenAnswer,
  caller: Caller,
): Promise<JobDocument> {
  const { subject, reason } = given;
  const { jobId } = job;
  const { stepId, tries, name } = pendingQuestion;
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const step = await readAskingStep(job, pendingQuestion);
    const now = await clock().now();
    const by = { id: caller.id, name: caller.name };
    const answerDocument: AnswerDocument = {
      id,
      type: 'answer',
      schema: SCHEMA_VERSION,
      jobId,
      stepId,
      tries,
      answer: given.answer,
      by,
      reason: reason ?? null,
      at: now.toISOString(),
      subject,
    };
    const message = `${name}: ${given.answer}, says ${caller.name}${reason === undefined ? '.' : `: ${reason}`}`;
    if (await createAnswer(answerDocument, logLine(jobId, LogSection.middle, id, message, now, caller), step))
      return job;
    const firstAnswer = await readAnswer(jobId, id);
    if (firstAnswer) return requireSameAnswer(job, firstAnswer, caller, given.answer);
  }
  const contended = `${name} of job ${jobId} changed at each attempt to write the answer.`;
  throw rejected(409, 'JobContended', `${contended} ${NOTHING_CHANGED} Send the answer again.`);
}

function openQuestionsTextOf({ needs }: JobDocument): string {
  if (needs.length === 0) return 'The job asks nothing now.';
  const questions = needs.map(
    ({ stepId, name, kind, answers }) => `${stepId} (${name}, ${kind}): ${answers.join(' or ')}`,
  );
  return `The job asks now: ${questions.join('; ')}.`;
}

const answerTooLateError = (
  job: JobDocument,
  { id, targetName, state, tries }: StepDocument,
): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    `The answer comes too late: ${targetName} (${id}) is ${state} now, at try ${tries}. ` +
      `${NOTHING_CHANGED} ${openQuestionsTextOf(job)}`,
    { questions: job.needs },
  );

const jobCancelledError = (job: JobDocument): LifeboatError =>
  rejected(
    409,
    'JobCancelled',
    `A person has cancelled job ${job.jobId}. Running steps continue to their end, and the job asks ` +
      `nothing else. ${NOTHING_CHANGED}`,
    { questions: [] },
  );

const nothingAskedError = (job: JobDocument, step: string): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    (isFinalJobState(job.state)
      ? `Job ${job.jobId} has ended: ${job.state}. `
      : `Job ${job.jobId} does not ask this about ${step}. `) +
      `${NOTHING_CHANGED} ${openQuestionsTextOf(job)}`,
    { questions: job.needs },
  );
