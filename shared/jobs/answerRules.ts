// Decides whether a caller may answer a question of a job now. The answer route and the inbox use
// the same rules, so the inbox lists only questions that the route accepts. It reads nothing.
import { OPERATION_ROLES } from '../access/roles.ts';
import type { Caller } from '../access/caller.ts';
import { approvalRequestOf, approvalSubjectOfJob } from '../actions/handlers/approval.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import { Role } from '../core/role.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { isDueOrBegun } from '../core/states/step.ts';
import { openQuestionsOf } from '../delivery/questions.ts';
import { questionIdOf } from '../journal/answers.ts';
import type { ControlDocument, JobDocument, PendingQuestion, StepDocument } from '../journal/documents.ts';
import { findVoteRefusal } from '../plans/rules/approval.ts';

const NOTHING_CHANGED = 'Nothing was changed.';

/** A question with the documents that decide about its answers. */
export interface AskedQuestion {
  readonly job: JobDocument;
  readonly question: PendingQuestion;
  readonly step: StepDocument | undefined;
  readonly control: ControlDocument | undefined;
}

const hasAnyRole = (caller: Caller, roles: readonly Role[]): boolean =>
  roles.some((role) => caller.roles.includes(role));
const rolesText = ({ name, roles }: Caller): string => `${name} has ${roles.join(', ') || 'none'}`;

/** The control of a job needs the same roles as the start of its operation. */
export function findControlRefusal({ command }: JobDocument, caller: Caller): LifeboatError | undefined {
  const roles = OPERATION_ROLES[command.operation];
  return hasAnyRole(caller, roles)
    ? undefined
    : rejected(
        403,
        'RoleMissing',
        `To control a job of ${command.operation} you need ${roles.join(' or ')}; ${rolesText(caller)}. ` +
          NOTHING_CHANGED,
      );
}

/**
 * The role Approver may vote, and so may persons that the plan names, with a role to control the
 * job.
 */
export function findVoterRefusal(
  { command }: JobDocument,
  step: StepDocument,
  caller: Caller,
): LifeboatError | undefined {
  const from = approversOf(step);
  if (caller.roles.includes(Role.approver)) return undefined;
  if (from?.includes(caller.id) && hasAnyRole(caller, OPERATION_ROLES[command.operation])) return undefined;
  return rejected(
    403,
    'RoleMissing',
    `Only ${Role.approver} may approve this, or the persons in the plan with a role to control ` +
      `the job; ${rolesText(caller)}. ${NOTHING_CHANGED}`,
  );
}

const approversOf = ({ work }: StepDocument): readonly string[] | undefined =>
  work.kind === 'action' && work.action.kind === 'approval' ? work.action.from : undefined;

/** The reason against a vote of this caller at this time. */
export function findCastRefusal(
  job: JobDocument,
  step: StepDocument,
  caller: Pick<Caller, 'id'>,
  at: string,
): LifeboatError | undefined {
  const vote = { by: caller.id, at, decision: 'approved', subject: approvalSubjectOfJob(job) } as const;
  const refusal = findVoteRefusal(approvalRequestOf(job, step), vote);
  return refusal ? rejected(refusal.status, refusal.code, refusal.message, { plan: job.plan }) : undefined;
}

/** A step that exceeds its time in the plan can have a question while it runs. */
const isStillAsked = ({ state }: StepDocument, kind: PendingQuestion['kind']): boolean =>
  kind === 'failure' ? state === 'failed' || isDueOrBegun(state) : state === 'started';

/** The reason why the question takes no answer any more, from anybody. */
export function findLateRefusal({ job, question, step, control }: AskedQuestion): LifeboatError | undefined {
  const otherQuestions = { ...job, needs: job.needs.filter(({ stepId }) => stepId !== question.stepId) };
  if (isFinalJobState(job.state) || !step) return nothingAskedError(otherQuestions, questionIdOf(question));
  if (step.tries !== question.tries || !isStillAsked(step, question.kind))
    return answerTooLateError(otherQuestions, step);
  return control?.wish === 'cancelled' && !step.always ? jobCancelledError(job.jobId) : undefined;
}

/** The first reason against any answer of this caller now; undefined: the caller may answer. */
export function findAnswerRefusal(
  asked: AskedQuestion,
  caller: Caller,
  now: string,
): LifeboatError | undefined {
  const { job, question, step } = asked;
  const lateRefusal = findLateRefusal(asked);
  if (lateRefusal || !step) return lateRefusal;
  return question.kind === 'approval'
    ? (findVoterRefusal(job, step, caller) ?? findCastRefusal(job, step, caller, now))
    : findControlRefusal(job, caller);
}

/** Says what the job asks now, for a caller with an answer to something else. */
export function openQuestionsTextOf({ needs }: Pick<JobDocument, 'needs'>): string {
  if (needs.length === 0) return 'The job asks nothing now.';
  const questions = needs.map(
    (question) => `${questionIdOf(question)} (${question.name}): ${question.answers.join(' or ')}`,
  );
  return `The job asks now: ${questions.join('; ')}.`;
}

/** The refusal of an answer to a question that the job does not ask. */
export const nothingAskedError = (job: JobDocument, question: string): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    (isFinalJobState(job.state)
      ? `Job ${job.jobId} has ended: ${job.state}. `
      : `Job ${job.jobId} does not ask ${question}. `) + `${NOTHING_CHANGED} ${openQuestionsTextOf(job)}`,
    { questions: openQuestionsOf(job) },
  );

const answerTooLateError = (
  job: JobDocument,
  { id, targetName, state, tries }: StepDocument,
): LifeboatError =>
  rejected(
    409,
    'NothingAsked',
    `The answer comes too late: ${targetName} (${id}) is ${state} now, at try ${tries}. ` +
      `${NOTHING_CHANGED} ${openQuestionsTextOf(job)}`,
    { questions: openQuestionsOf(job) },
  );

const jobCancelledError = (jobId: string): LifeboatError =>
  rejected(
    409,
    'JobCancelled',
    `A person has cancelled job ${jobId}. Running steps continue to their end, and the job asks ` +
      `nothing else. ${NOTHING_CHANGED}`,
    { questions: [] },
  );
