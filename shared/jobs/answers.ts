// What persons answer to the questions of a job: a manual step, one that failed, a wait, an
// approval. Each question is answered once.
import * as z from 'zod';
import { requestOf, subjectOf, voteOf } from '../actions/kinds/approval.ts';
import { OPERATIONS } from '../access/roles.ts';
import { Role } from '../core/role.ts';
import { clock } from '../core/clock.ts';
import { refusalOfVote } from '../plans/rules/approval.ts';
import { isFinalJob } from '../core/states/job.ts';
import { isAtTurn } from '../core/states/step.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import {
  answerIdOf,
  answersOf,
  createAnswer,
  isOnFailure,
  readAnswer,
  voteIdOf,
} from '../journal/answers.ts';
import type { Stored } from '../store/cosmos.ts';
import { readControl } from '../journal/control.ts';
import {
  AnswerValue,
  type AnswerDocument,
  type JobDocument,
  type Need,
  type StepDocument,
} from '../journal/documents.ts';
import { type Caller } from '../access/caller.ts';
import { SCHEMA } from '../store/schema.ts';
import { readJob } from '../journal/job.ts';
import { logLine, Place } from '../journal/log.ts';
import { readStep } from '../journal/steps.ts';
import { jobFor } from './control.ts';

const StepId = z.string().trim().min(1).max(300);
const Reason = z.string().trim().min(1).max(1000).optional();
const { approved, refused, ...toQuestions } = AnswerValue;

export const AnswerWish = z
  .strictObject({
    step: StepId.optional(),
    /** What the step acts on, as the job lists it; instead of the step. */
    target: StepId.optional(),
    /** Left out: the question as it stands now. */
    tries: z.int().min(0).optional(),
    answer: z.enum(toQuestions),
    reason: Reason,
  })
  .refine(
    ({ step, target }) => (step === undefined) !== (target === undefined),
    'must have either "step" or "target"',
  );
export type AnswerWish = z.infer<typeof AnswerWish>;

export const ApprovalWish = z.strictObject({
  step: StepId,
  decision: z.enum([approved, refused]),
  /** The version of the plan that the person has read. */
  planVersion: z.int().min(1),
  reason: Reason,
});
export type ApprovalWish = z.infer<typeof ApprovalWish>;

const NOTHING = 'Nothing was changed.';

/** Says it once; the same again by the same person changes nothing. */
export async function answer(jobId: string, wish: AnswerWish, caller: Caller): Promise<JobDocument> {
  const job = await jobFor(jobId, caller);
  const need = job.needs.find(
    (one) => one.kind !== 'approval' && isAbout(one.stepId, wish) && (wish.tries ?? one.tries) === one.tries,
  );
  const earlier = await earlierAnswer(jobId, wish, need);
  if (earlier) return sameAgain(job, earlier, caller, wish.answer);
  if (!need) throw nothingAsked(job, wish.step ?? wish.target ?? '');
  if (!need.answers.includes(wish.answer))
    throw rejected(
      422,
      'AnswerNotPossible',
      `${need.name} is answered by ${need.answers.join(', ')}, not by ${wish.answer}. ${NOTHING}`,
      { answers: need.answers },
    );
  return write(
    job,
    need,
    answerIdOf(need, wish.answer),
    { answer: wish.answer, reason: wish.reason, subject: null },
    caller,
  );
}

const isAbout = (stepId: string, { step, target }: Pick<AnswerWish, 'step' | 'target'>): boolean =>
  target === undefined ? stepId === step : stepId.endsWith(`:${target}`);

/**
 * To this try; once nothing is open, the newest of the step's. An answer is repeated also when its
 * step has failed for it and that is what is asked now.
 */
async function earlierAnswer(
  jobId: string,
  wish: AnswerWish,
  need: Need | undefined,
): Promise<AnswerDocument | undefined> {
  const mayBe = ({ stepId, tries, answer: earlier }: AnswerDocument): boolean =>
    isAbout(stepId, wish) &&
    (wish.tries ?? need?.tries ?? tries) === tries &&
    earlier !== approved &&
    earlier !== refused &&
    isOnFailure(earlier) === isOnFailure(wish.answer);
  const given = (await answersOf(jobId)).filter(mayBe);
  return given.sort((a, b) => b.tries - a.tries)[0];
}

function sameAgain(
  job: JobDocument,
  { answer: earlier, by, at, stepId }: AnswerDocument,
  caller: Caller,
  wanted: string,
): JobDocument {
  if (by.id === caller.id && earlier === wanted) return job;
  throw rejected(
    409,
    'AnsweredAlready',
    `${by.name} has answered ${stepId} with ${earlier} at ${at}. ${NOTHING} ${asked(job)}`,
    { given: { answer: earlier, by: by.name, at }, questions: job.needs },
  );
}

/**
 * Who may approve: whoever has the role for it; of those who steer, whom the plan names. Never who
 * asked for the run.
 */
export async function approveOrRefuse(
  jobId: string,
  wish: ApprovalWish,
  caller: Caller,
): Promise<JobDocument> {
  const job = await readJob(jobId);
  if (!job) throw rejected(404, 'JobUnknown', `There is no job ${jobId}.`);
  const step = await readStep(jobId, wish.step);
  if (step?.work.kind !== 'action' || step.work.action.kind !== 'approval')
    throw nothingAsked(job, wish.step);
  mayVote(job, step.work.action.from, caller);
  const subject = { ...subjectOf(job), planVersion: wish.planVersion };
  const now = await clock().now();
  const question = { stepId: step.id, tries: step.tries };
  const earlier = await readAnswer(jobId, voteIdOf(question, caller.id));
  if (earlier) return sameAgain(job, earlier, caller, wish.decision);
  const need = job.needs.find(
    ({ kind, stepId, tries }) => kind === 'approval' && stepId === step.id && tries === step.tries,
  );
  if (!need) throw nothingAsked(job, wish.step);
  await openStepOf(job, need);
  const refusal = refusalOfVote(
    requestOf(job, step),
    voteOf({ by: caller, at: now.toISOString(), answer: wish.decision, subject }),
  );
  if (refusal)
    throw rejected(
      refusal.code === 'OtherSubject' || refusal.code === 'ApprovalExpired' ? 409 : 403,
      refusal.code,
      refusal.message,
      { plan: job.plan },
    );
  const given = { answer: wish.decision, reason: wish.reason, subject };
  return write(job, need, voteIdOf(question, caller.id), given, caller);
}

function mayVote({ command }: JobDocument, from: readonly string[] | undefined, caller: Caller): void {
  if (caller.roles.includes(Role.approver)) return;
  const steering: readonly Role[] = OPERATIONS[command.operation];
  if (from?.includes(caller.id) && steering.some((role) => caller.roles.includes(role))) return;
  throw rejected(
    403,
    'RoleMissing',
    `This is approved by ${Role.approver}, or by those whom the plan names if they may steer ` +
      `the job; ${caller.name} has ${caller.roles.join(', ') || 'none'}. ${NOTHING}`,
  );
}

/** The list of what is asked is written at each look, and the step may have gone on since. */
async function openStepOf(job: JobDocument, { stepId, tries, kind }: Need): Promise<Stored<StepDocument>> {
  const [step, control] = await Promise.all([readStep(job.jobId, stepId), readControl(job.jobId)]);
  const others = { ...job, needs: job.needs.filter((one) => one.stepId !== stepId) };
  if (isFinalJob(job.state) || !step) throw nothingAsked(others, stepId);
  if (step.tries !== tries || !isAskedOf(step, kind)) throw tooLate(others, step);
  if (control?.wish === 'cancelled' && !step.always) throw cancelled(others);
  return step;
}

/** What takes longer than its plan allows is asked about while it runs. */
const isAskedOf = ({ state }: StepDocument, kind: Need['kind']): boolean =>
  kind === 'failure' ? state === 'failed' || isAtTurn(state) : state === 'started';

interface Said extends Pick<AnswerDocument, 'answer' | 'subject'> {
  readonly reason: string | undefined;
}

/** A step that runs is written often. */
const MOST_TRIES = 10;

/**
 * Written under the ETag of the step as long as that still asks; else it is told why not, and
 * nothing is written.
 */
async function write(
  job: JobDocument,
  need: Need,
  id: string,
  given: Said,
  caller: Caller,
): Promise<JobDocument> {
  const { subject, reason } = given;
  const { jobId } = job;
  const { stepId, tries, name } = need;
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const step = await openStepOf(job, need);
    const now = await clock().now();
    const by = { id: caller.id, name: caller.name };
    const said: AnswerDocument = {
      id,
      type: 'answer',
      schema: SCHEMA,
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
    if (await createAnswer(said, logLine(jobId, Place.middle, id, message, now, caller), step)) return job;
    const first = await readAnswer(jobId, id);
    if (first) return sameAgain(job, first, caller, given.answer);
  }
  const contended = `${name} of job ${jobId} was changed each time that the answer was to be written.`;
  throw rejected(409, 'JobContended', `${contended} ${NOTHING} Say it again.`);
}

function asked({ needs }: JobDocument): string {
  if (needs.length === 0) return 'The job asks nothing now.';
  const questions = needs.map(
    ({ stepId, name, kind, answers }) => `${stepId} (${name}, ${kind}): ${answers.join(' or ')}`,
  );
  return `The job asks now: ${questions.join('; ')}.`;
}

const tooLate = (job: JobDocument, { id, targetName, state, tries }: StepDocument): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    `The answer comes too late: ${targetName} (${id}) is ${state} now, at try ${tries}. ` +
      `${NOTHING} ${asked(job)}`,
    { questions: job.needs },
  );

const cancelled = (job: JobDocument): LifeboatError =>
  rejected(
    409,
    'JobCancelled',
    `Job ${job.jobId} is to be cancelled: what runs is followed to its end, and nothing else ` +
      `is asked. ${NOTHING}`,
    { questions: [] },
  );

const nothingAsked = (job: JobDocument, step: string): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    (isFinalJob(job.state)
      ? `Job ${job.jobId} has ended: ${job.state}. `
      : `Job ${job.jobId} does not ask this about ${step}. `) + `${NOTHING} ${asked(job)}`,
    { questions: job.needs },
  );
