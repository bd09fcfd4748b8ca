// Whether a run may go on, by the word of persons. An approval is for one command on one version of
// a plan: when either changes it is worth nothing.

/** What is approved. */
export interface ApprovalSubject {
  readonly commandFingerprint: string;
  readonly planVersion: number;
}

export interface ApprovalRequest {
  readonly subject: ApprovalSubject;
  readonly people: 1 | 2;
  /** The ids of those who may; null: whoever has the role for it, as the door has seen. */
  readonly from: readonly string[] | null;
  /** The id of who asked for the run. */
  readonly requester: string;
  readonly askedAt: string;
  /** Null: it is waited for as long as it takes. */
  readonly expiresAt: string | null;
}

export interface Vote {
  readonly by: string;
  readonly at: string;
  readonly decision: 'approved' | 'refused';
  /** What the person had before them. */
  readonly subject: ApprovalSubject;
}

/** `void`: what it was asked for is not what would be done now. */
export type ApprovalState = 'open' | 'approved' | 'refused' | 'expired' | 'void';

export interface ApprovalResult {
  readonly state: ApprovalState;
  readonly approvedBy: readonly string[];
  /** How many more persons are needed. */
  readonly missing: number;
  readonly reason: string;
}

export const isSameSubject = (a: ApprovalSubject, b: ApprovalSubject): boolean =>
  a.commandFingerprint === b.commandFingerprint && a.planVersion === b.planVersion;
const isExpired = ({ expiresAt }: ApprovalRequest, at: string): boolean =>
  expiresAt !== null && Date.parse(at) >= Date.parse(expiresAt);

/**
 * Why this vote does not count; null: it does. A door asks before it writes it, and whoever judges
 * asks again.
 */
export function findVoteRefusal(
  request: ApprovalRequest,
  vote: Vote,
): { readonly code: string; readonly message: string } | null {
  if (vote.by === request.requester)
    return {
      code: 'OwnRequest',
      message:
        `${vote.by} has asked for this run, and cannot be the one who approves it. Nothing was ` +
        'changed. Ask somebody else.',
    };
  if (request.from !== null && !request.from.includes(vote.by))
    return {
      code: 'NotAsked',
      message:
        `${vote.by} is not one of those whom the plan asks: ${request.from.join(', ')}. Nothing ` +
        'was changed.',
    };
  if (!isSameSubject(request.subject, vote.subject))
    return {
      code: 'OtherSubject',
      message:
        'The command or the plan is another than the one this was said about. Nothing was ' +
        'changed. Read it again, and say it anew.',
    };
  if (isExpired(request, vote.at))
    return {
      code: 'ApprovalExpired',
      message: `The time for this ended at ${String(request.expiresAt)}. Nothing was changed.`,
    };
  return Date.parse(vote.at) < Date.parse(request.askedAt)
    ? { code: 'BeforeItWasAsked', message: 'This was said before it was asked for. Nothing was changed.' }
    : null;
}

/** `subject`: what would be done now. */
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
  const resultOf = (state: ApprovalState, why: string): ApprovalResult => ({
    state,
    approvedBy,
    missing,
    reason: why,
  });
  if (!isSameSubject(request.subject, subject))
    return resultOf(
      'void',
      'The command or the plan has changed since this was asked. It has to be asked anew.',
    );
  const refused = validVotes.find(({ decision }) => decision === 'refused');
  // One who says no is heard, whatever others have said or will say.
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
