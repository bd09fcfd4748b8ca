// What waits for a person's word: their word, and what becomes of it without one.
import { clock } from '../core/clock.ts';
import { judgeApproval, refusalOfVote } from '../plans/rules/approval.ts';
import { rejected, type LifeboatError } from '../core/errors.ts';
import { alertsOver, findDecision, openDecisions, saveDecision, voidDecision } from './store.ts';
import type { Stored } from '../store/cosmos.ts';
import type { Caller } from '../access/caller.ts';
import type { DecisionDocument, NamedVote } from './documents.ts';
import { whyVoid } from './rules.ts';

const MOST_TRIES = 5;

export async function knownDecision(id: string): Promise<Stored<DecisionDocument>> {
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
export async function vote(
  id: string,
  decided: NamedVote['decision'],
  caller: Caller,
  reason: string | undefined,
): Promise<Stored<DecisionDocument>> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const decision = await knownDecision(id);
    const { approval, votes, state } = decision;
    if (votes.some((one) => one.by === caller.id && one.decision === decided)) return decision;
    // Its plan's change may have made it void before this word came: it is the same to whoever says it.
    if (state === 'void') throw nowVoid(decision.outcome ?? 'What it was asked about has changed.');
    if (state !== 'waiting' || !approval)
      throw rejected(
        409,
        'DecisionSettled',
        `The decision ${id} is ` +
          `${state}${decision.outcome === null ? '' : `: ${decision.outcome}`}. Nothing was ` +
          'changed.',
      );
    const now = await clock().now();
    const changed = await whyVoid(decision);
    if (changed !== null) {
      await voidDecision(decision, changed);
      throw nowVoid(changed);
    }
    const mine: NamedVote = {
      by: caller.id,
      name: caller.name,
      at: now.toISOString(),
      decision: decided,
      subject: approval.subject,
      reason: reason ?? null,
    };
    const refusal = refusalOfVote(approval, mine);
    if (refusal)
      throw rejected(
        refusal.code === 'OwnRequest' || refusal.code === 'NotAsked' ? 403 : 409,
        refusal.code,
        refusal.message,
      );
    const saved = await saveDecision(decision, judged({ ...decision, votes: [...votes, mine] }, now));
    if (saved) return saved;
  }
  throw rejected(
    409,
    'DecisionContended',
    `Others decide about ${id} at the same time. Nothing was changed; look at it, and say it again.`,
  );
}

function nowVoid(why: string): LifeboatError {
  return rejected(
    409,
    'DecisionVoid',
    `${why} What is approved must be what is done, so this is void. Nothing was started. The ` +
      'next alert asks anew.',
  );
}

function judged(decision: DecisionDocument, now: Date): Partial<DecisionDocument> {
  const { approval, votes } = decision;
  if (!approval) throw new Error(`The decision ${decision.id} waits for nobody.`);
  const { state, why } = judgeApproval(approval, votes, approval.subject, now.toISOString());
  const names = new Map(votes.map(({ by, name }) => [by, name]));
  const outcome = [...names].reduce((text, [by, name]) => text.replaceAll(by, name), why);
  if (state === 'open') return { votes };
  return state === 'approved'
    ? { votes, state: 'due', dueAt: now.toISOString(), outcome }
    : { votes, state, outcome };
}

/**
 * Without a word: void, when the rule or its plan is another now; expired, when its time is over;
 * and told, when an alert is over meanwhile.
 */
export async function review(decision: Stored<DecisionDocument>): Promise<void> {
  if (decision.state !== 'waiting') return;
  const now = await clock().now();
  const changed = await whyVoid(decision);
  const { state, ...verdict } = judged(decision, now);
  const over = (await alertsOver(decision.counted))
    .map(({ subject }) => subject)
    .filter((id) => !decision.cleared.includes(id));
  if (changed !== null) await voidDecision(decision, changed);
  else if (state !== undefined) await saveDecision(decision, { ...verdict, state });
  else if (over.length > 0) await saveDecision(decision, { cleared: [...decision.cleared, ...over] });
}

/** At once, when something has changed that what waits may depend on; the timer finds what this misses. */
export async function reviewAll(): Promise<void> {
  for (const decision of await openDecisions()) await review(decision);
}
