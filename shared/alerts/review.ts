// Handles decisions that wait for a vote: the votes, the expiry and the void decisions. The alert
// routes and `processAlerts.ts` call this module.
import { clock } from '../core/clock.ts';
import { evaluateApproval, findVoteRefusal } from '../plans/rules/approval.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import { readClearedAlerts, findDecision, readOpenDecisions, saveDecision, voidDecision } from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { Caller } from '../access/caller.ts';
import type { AnswerRequest } from '../delivery/answerRequest.ts';
import type { DecisionDocument, NamedVote } from './documents.ts';
import { approvalQuestionIdOf, openQuestionsOfDecision } from './questions.ts';
import { findVoidReason } from './alertRules.ts';

const MAX_TRIES = 5;

/** Reads one decision, or throws 404 DecisionUnknown. */
export async function requireDecision(id: string): Promise<WithEtag<DecisionDocument>> {
  const decision = await findDecision(id);
  if (!decision)
    throw rejected(
      404,
      'DecisionUnknown',
      `There is no decision ${id}. GET /api/v1/alert-rules/{id}/decisions lists the decisions of a rule.`,
    );
  return decision;
}

/**
 * Records a vote. The decision is due once all required people approve, and ends at the first
 * refusal.
 */
export async function recordVote(
  id: string,
  { question, answer, reason }: AnswerRequest,
  caller: Caller,
): Promise<WithEtag<DecisionDocument>> {
  const decided = voteOf(answer);
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const decision = await requireDecision(id);
    const { approval, votes, state } = decision;
    if (!approval || question !== approvalQuestionIdOf(approval)) throw nothingAskedError(decision, question);
    if (votes.some((existingVote) => existingVote.by === caller.id && existingVote.decision === decided))
      return decision;
    // A change of the plan may have made the decision void before this vote. The voter gets the
    // same error either way.
    if (state === 'void')
      throw decisionVoidError(decision.outcome ?? 'The subject of the question has changed.');
    if (state !== 'waiting')
      throw rejected(
        409,
        'DecisionSettled',
        `The decision ${id} is ` +
          `${state}${decision.outcome === null ? '' : `: ${decision.outcome}`}. Nothing was ` +
          'changed.',
      );
    const now = await clock().now();
    const voidReason = await findVoidReason(decision);
    if (voidReason !== null) {
      await voidDecision(decision, voidReason);
      throw decisionVoidError(voidReason);
    }
    const newVote: NamedVote = {
      by: caller.id,
      name: caller.name,
      at: now.toISOString(),
      decision: decided,
      subject: approval.subject,
      reason: reason ?? null,
    };
    const refusal = findVoteRefusal(approval, newVote);
    if (refusal) throw rejected(refusal.status, refusal.code, refusal.message);
    const saved = await saveDecision(
      decision,
      changeByVotes({ ...decision, votes: [...votes, newVote] }, now),
    );
    if (saved) return saved;
  }
  throw rejected(
    409,
    'DecisionContended',
    `Others decide about ${id} at the same time. Nothing was changed. Read the decision, and send the answer again.`,
  );
}

function voteOf(answer: AnswerRequest['answer']): NamedVote['decision'] {
  if (answer === 'approved' || answer === 'refused') return answer;
  throw rejected(
    422,
    'AnswerNotPossible',
    `An approval takes the answers approved, refused, not ${answer}. Nothing was changed.`,
    { answers: ['approved', 'refused'] },
  );
}

function nothingAskedError(decision: DecisionDocument, question: string): LifeboatError {
  const questions = openQuestionsOfDecision(decision);
  const asked = questions.map(({ id, name }) => `It asks now: ${id} (${name}).`).join(' ');
  return rejected(
    409,
    'NothingAsked',
    `The decision ${decision.id} (${decision.state}) does not ask ${question}. Nothing was changed. ` +
      (asked || 'It asks nothing now.'),
    { questions },
  );
}

function decisionVoidError(reason: string): LifeboatError {
  return rejected(
    409,
    'DecisionVoid',
    `${reason} Lifeboat does only the exact thing that people approved, so this is void. Nothing was started. The ` +
      'next alert asks again.',
  );
}

function changeByVotes(decision: DecisionDocument, now: Date): Partial<DecisionDocument> {
  const { approval, votes } = decision;
  if (!approval) throw new Error(`The decision ${decision.id} has no approval request.`);
  const { state, reason } = evaluateApproval(approval, votes, approval.subject, now.toISOString());
  const names = new Map(votes.map(({ by, name }) => [by, name]));
  const outcome = [...names].reduce((text, [by, name]) => text.replaceAll(by, name), reason);
  if (state === 'open') return { votes };
  return state === 'approved'
    ? { votes, state: 'due', dueAt: now.toISOString(), outcome }
    : { votes, state, outcome };
}

/**
 * Without a vote a decision ends in one of two ways. It is void when the rule or its plan has
 * changed; it expires when its time is over. Also records the end of counted alerts.
 */
export async function reviewDecision(decision: WithEtag<DecisionDocument>): Promise<void> {
  if (decision.state !== 'waiting') return;
  const now = await clock().now();
  const voidReason = await findVoidReason(decision);
  const { state, ...verdict } = changeByVotes(decision, now);
  const clearedAlertIds = (await readClearedAlerts(decision.counted))
    .map(({ subject }) => subject)
    .filter((id) => !decision.cleared.includes(id));
  if (voidReason !== null) await voidDecision(decision, voidReason);
  else if (state !== undefined) await saveDecision(decision, { ...verdict, state });
  else if (clearedAlertIds.length > 0)
    await saveDecision(decision, { cleared: [...decision.cleared, ...clearedAlertIds] });
}

/** Reviews every open decision after a change that may affect it. The timer finds all others. */
export async function reviewOpenDecisions(): Promise<void> {
  for (const decision of await readOpenDecisions()) await reviewDecision(decision);
}
