// Decides whether a run may continue, from the votes of persons.
// An approval is valid for one command on one version of a plan. A change of either voids the approval.
// The approval handler and the answer route call this module. It is pure.

import type { Refusal } from '../../core/refusal.ts';

/** The command and the plan version that persons approve. */
export interface ApprovalSubject {
  readonly commandFingerprint: string;
  readonly planVersion: number;
}

/** A request for approval: its subject, its approvers and its deadline. */
export interface ApprovalRequest {
  readonly subject: ApprovalSubject;
  readonly people: 1 | 2;
  /** Ids of the allowed approvers; null: every person with the role, and the route checks the role. */
  readonly from: readonly string[] | null;
  /** The id of the person behind the run's command. */
  readonly requester: string;
  readonly askedAt: string;
  /** Null: no deadline. */
  readonly expiresAt: string | null;
}

/** The decision of one person. */
export interface Vote {
  readonly by: string;
  readonly at: string;
  readonly decision: 'approved' | 'refused';
  /** The subject that the person has read. */
  readonly subject: ApprovalSubject;
}

/** `void`: the command or the plan has changed since the request. */
export type ApprovalState = 'open' | 'approved' | 'refused' | 'expired' | 'void';

export interface ApprovalResult {
  readonly state: ApprovalState;
  readonly approvedBy: readonly string[];
  /** Number of further approvals that the request needs. */
  readonly missing: number;
  readonly reason: string;
}

/** True: both name the same command and the same plan version. */
export const isSameSubject = (a: ApprovalSubject, b: ApprovalSubject): boolean =>
  a.commandFingerprint === b.commandFingerprint && a.planVersion === b.planVersion;
const isExpired = ({ expiresAt }: ApprovalRequest, at: string): boolean =>
  expiresAt !== null && Date.parse(at) >= Date.parse(expiresAt);

/**
 * Returns the reason against a vote; null: the vote counts. The route checks before it saves a vote,
 * and `evaluateApproval` checks again.
 */
export function findVoteRefusal(
  request: ApprovalRequest,
  vote: Vote,
): (Refusal & { readonly status: 403 | 409 }) | null {
  if (vote.by === request.requester)
    return {
      status: 403,
      code: 'OwnRequest',
      message:
        `${vote.by} has asked for this run, and cannot approve it. Nothing was changed. Ask another ` +
        'person.',
    };
  if (request.from !== null && !request.from.includes(vote.by))
    return {
      status: 403,
      code: 'NotAsked',
      message:
        `${vote.by} is not among the approvers in the plan: ${request.from.join(', ')}. Nothing ` +
        'was changed.',
    };
  if (!isSameSubject(request.subject, vote.subject))
    return {
      status: 409,
      code: 'OtherSubject',
      message:
        'The command or the plan has changed since this decision. Nothing was changed. Read the ' +
        'command and the plan again, and send a new decision.',
    };
  if (isExpired(request, vote.at))
    return {
      status: 409,
      code: 'ApprovalExpired',
      message: `The time for this ended at ${String(request.expiresAt)}. Nothing was changed.`,
    };
  return Date.parse(vote.at) < Date.parse(request.askedAt)
    ? {
        status: 409,
        code: 'BeforeItWasAsked',
        message: 'This decision is older than the request for it. Nothing was changed.',
      }
    : null;
}

/** Evaluates the votes. `subject`: the command and the plan version that would run now. */
export function evaluateApproval(
  request: ApprovalRequest,
  votes: readonly Vote[],
  subject: ApprovalSubject,
  now: string,
): ApprovalResult {
  const validVotes = votes.filter((vote) => findVoteRefusal(request, vote) === null);
  const approvedBy = [
    ...new Set(validVotes.filter(({ decision }) => decision === 'approved').map(({ by }) => by)),
  ];
  const missing = Math.max(0, request.people - approvedBy.length);
  const resultOf = (state: ApprovalState, reason: string): ApprovalResult => ({
    state,
    approvedBy,
    missing,
    reason,
  });
  if (!isSameSubject(request.subject, subject))
    return resultOf(
      'void',
      'The command or the plan has changed since the request for approval. Ask for approval again.',
    );
  const refused = validVotes.find(({ decision }) => decision === 'refused');
  // One refusal decides, even with enough approvals before or after it.
  if (refused) return resultOf('refused', `${refused.by} has refused it.`);
  if (missing === 0) return resultOf('approved', `Approved by ${approvedBy.join(' and ')}.`);
  if (isExpired(request, now))
    return resultOf(
      'expired',
      `The time for it ended at ${String(request.expiresAt)}, and ${missing} of ` +
        `${request.people} had not approved it.`,
    );
  return resultOf(
    'open',
    `${missing} of ${request.people} still ${missing === 1 ? 'has' : 'have'} to approve it.`,
  );
}
