// Handles approval actions: one or two persons decide whether the run may continue.

import {
  evaluateApproval,
  type ApprovalRequest,
  type ApprovalSubject,
  type Vote,
} from '../../plans/rules/approval.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../journal/documents.ts';
import { votesOf } from '../../journal/answers.ts';
import {
  actionOf,
  deadlineOf,
  fail,
  MAX_POLL_SECONDS,
  rejectedFault,
  succeed,
  timedOutFault,
  type ActionHandler,
  type NextActionPoll,
  type ActionContext,
} from '../../attempts/actionContext.ts';

export const approvalHandler: ActionHandler = { runsExternally: false, poll: pollApproval };

/**
 * The subject of an approval: the fingerprint of the command, and the version of the plan in this
 * run.
 */
export const approvalSubjectOfJob = (job: JobDocument): ApprovalSubject => ({
  commandFingerprint: job.fingerprint,
  planVersion: job.plan?.version ?? 0,
});

/** The approval request of a step, from its action and its job. */
export function approvalRequestOf(job: JobDocument, step: StepDocument): ApprovalRequest {
  const { people, from } = actionOf(step, 'approval');
  return {
    subject: approvalSubjectOfJob(job),
    people,
    from: from ?? null,
    requester: job.caller.id,
    askedAt: step.startedAt ?? job.acceptedAt,
    expiresAt: deadlineOf(step)?.toISOString() ?? null,
  };
}

/** Translates a stored answer into a vote. */
export const toVote = ({
  by,
  at,
  answer,
  subject,
}: Pick<AnswerDocument, 'by' | 'at' | 'answer' | 'subject'>): Vote => ({
  by: by.id,
  at,
  decision: answer === 'approved' ? 'approved' : 'refused',
  subject: subject ?? { commandFingerprint: '', planVersion: 0 },
});

async function pollApproval(context: ActionContext): Promise<NextActionPoll> {
  const { step, job, now } = context;
  const votes = votesOf(await context.answers(), step);
  const result = evaluateApproval(
    approvalRequestOf(job, step),
    votes.map(toVote),
    approvalSubjectOfJob(job),
    now.toISOString(),
  );
  const approverNames = votes.filter(({ by }) => result.approvedBy.includes(by.id)).map(({ by }) => by.name);
  switch (result.state) {
    case 'open':
      return MAX_POLL_SECONDS;
    case 'approved':
      return succeed(context, `Approved by ${approverNames.join(' and ')}.`);
    case 'refused':
      return fail(
        context,
        rejectedFault(
          'ApprovalRefused',
          `${step.targetName} was refused by ${votes
            .filter(({ answer }) => answer === 'refused')
            .map(({ by, reason }) => `${by.name}${reason === null ? '' : ` (${reason})`}`)
            .join(', ')}.`,
        ),
      );
    case 'void':
      return fail(context, rejectedFault('ApprovalVoid', `${step.targetName}: ${result.reason}`));
    // The plan's rule for timeouts applies here too.
    case 'expired':
      return fail(context, {
        ...timedOutFault(step),
        message: `${step.targetName} was not approved in time. ${result.reason}`,
      });
  }
}
