// Whether the run may go on from here, by the word of one or two persons.
import { judgeApproval, type ApprovalRequest, type Subject, type Vote } from '../../plans/rules/approval.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../journal/documents.ts';
import { votesOn } from '../../journal/answers.ts';
import {
  actionOf,
  deadlineOf,
  fail,
  LATEST,
  rejected,
  succeed,
  timedOut,
  type Kind,
  type Next,
  type Turn,
} from '../../attempts/turn.ts';

export const approval: Kind = { acts: false, follow };

/**
 * What a run is, for those who approve it: the command as it was sent, and the version of the plan
 * that it runs.
 */
export const subjectOf = (job: JobDocument): Subject => ({
  commandFingerprint: job.fingerprint,
  planVersion: job.plan?.version ?? 0,
});

export function requestOf(job: JobDocument, step: StepDocument): ApprovalRequest {
  const { people, from } = actionOf(step, 'approval');
  return {
    subject: subjectOf(job),
    people,
    from: from ?? null,
    requester: job.caller.id,
    askedAt: step.startedAt ?? job.acceptedAt,
    expiresAt: deadlineOf(step)?.toISOString() ?? null,
  };
}

export const voteOf = ({
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

async function follow(turn: Turn): Promise<Next> {
  const { step, job, now } = turn;
  const votes = votesOn(await turn.answers(), step);
  const judged = judgeApproval(requestOf(job, step), votes.map(voteOf), subjectOf(job), now.toISOString());
  const names = votes.filter(({ by }) => judged.approvedBy.includes(by.id)).map(({ by }) => by.name);
  switch (judged.state) {
    case 'open':
      return LATEST;
    case 'approved':
      return succeed(turn, `Approved by ${names.join(' and ')}.`);
    case 'refused':
      return fail(
        turn,
        rejected(
          'ApprovalRefused',
          `${step.targetName} was refused by ${votes
            .filter(({ answer }) => answer === 'refused')
            .map(({ by, reason }) => `${by.name}${reason === null ? '' : ` (${reason})`}`)
            .join(', ')}.`,
        ),
      );
    case 'void':
      return fail(turn, rejected('ApprovalVoid', `${step.targetName}: ${judged.why}`));
    // What the plan says of time-outs holds here too.
    case 'expired':
      return fail(turn, {
        ...timedOut(step),
        message: `${step.targetName} was not approved in time. ${judged.why}`,
      });
  }
}
