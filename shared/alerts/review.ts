// What waits for a person's word: their word, and what becomes of it without one.
import { clock } from '../core/clock.ts';
import { evaluateApproval, findVoteRefusal } from '../plans/rules/approval.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import { readClearedAlerts, findDecision, readOpenDecisions, saveDecision, voidDecision } from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { Caller } from '../access/caller.ts';
import type { DecisionDocument, NamedVote } from './documents.ts';
import { findVoidReason } from './alertRules.ts';

const MAX_TRIES = 5;

export async function requireDecision(id: string): Promise<WithEtag<DecisionDocument>> {
  const decision = await findDecision(id);
  if (!decision)
    throw rejected(
      404,
      'DecisionUnknown',
      `There is no decision ${id}. GET /api/v1/alert-rules/{id}/decisions lists those of a rule.`,
    );
  return decision;
}

/**
 * The decision as it is then: to be started once all who are asked have approved it, ended when one
 * has refused it.
 */
export async function recordVote(
  id: string,
  decided: NamedVote['decision'],
  caller: Caller,
  reason: string | undefined,
): Promise<WithEtag<DecisionDocument>> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const decision = await requireDecision(id);
    const { approval, votes, state } = decision;
    if (votes.some((existingVote) => existingVote.by === caller.id && existingVote.decision === decided))
      return decision;
    // Its plan's change may have made it void before this word came: it is the same to whoever says it.
    if (state === 'void') throw decisionVoidError(decision.outcome ?? 'What it was asked about has changed.');
    if (state !== 'waiting' || !approval)
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
    if (refusal)
      throw rejected(
        refusal.code === 'OwnRequest' || refusal.code === 'NotAsked' ? 403 : 409,
        refusal.code,
        refusal.message,
      );
    const saved = await saveDecision(
      decision,
      changeByVotes({ ...decision, votes: [...votes, newVote] }, now),
    );
    if (saved) return saved;
  }
  throw rejected(
    409,
    'DecisionContended',
    `Others decide about ${id} at the same time. Nothing was changed; look at it, and say it again.`,
  );
}

function decisionVoidError(reason: string): LifeboatError {
  return rejected(
    409,
    'DecisionVoid',
    `${reason} What is approved must be what is done, so this is void. Nothing was started. The ` +
      'next alert asks anew.',
  );
}

function changeByVotes(decision: DecisionDocument, now: Date): Partial<DecisionDocument> {
  const { approval, votes } = decision;
  if (!approval) throw new Error(`The decision ${decision.id} waits for nobody.`);
  const { state, reason } = evaluateApproval(approval, votes, approval.subject, now.toISOString());
  const names = new Map(votes.map(({ by, name }) => [by, name]));
  const outcome = [...names].reduce((text, [by, name]) => text.replaceAll(by, name), reason);
  if (state === 'open') return { votes };
  return state === 'approved'
    ? { votes, state: 'due', dueAt: now.toISOString(), outcome }
    : { votes, state, outcome };
}

/**
 * Without a word: void, when the rule or its plan is another now; expired, when its time is over;
 * and told, when an alert is over meanwhile.
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

/** At once, when something has changed that what waits may depend on; the timer finds what this misses. */
export async function reviewOpenDecisions(): Promise<void> {
  for (const decision of await readOpenDecisions()) await reviewDecision(decision);
}
