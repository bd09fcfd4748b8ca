// Alerts, the nonces of signed calls, and what rules decided: each rule's decisions in one
// partition with what serialises them.
import type { KnownAlert } from './rules/evaluate.ts';
import { DecisionState, isOpenDecision, MAY_FOLLOW_DECISION } from './rules/decision.ts';
import {
  batch,
  create,
  page,
  pick,
  query,
  read,
  type Page,
  type Stored,
  type Write,
} from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlertDocument, DecisionDocument, NonceDocument, RuleStateDocument } from './documents.ts';

const ALERTS = 'alerts';
const inSubject = (subject: string) => ({ key: 'subject', value: subject });

export const ruleSubject = (rule: string): string => `rule:${rule}`;

/** False when it was seen before. */
export function createNonce(subject: string, ttl: number): Promise<boolean> {
  const nonce: NonceDocument = { id: 'nonce', type: 'nonce', schema: SCHEMA, subject, ttl };
  return create(ALERTS, nonce);
}

export const readAlert = (alertId: string): Promise<Stored<AlertDocument> | undefined> =>
  read<AlertDocument>(ALERTS, 'alert', alertId);

export const createAlert = (alert: AlertDocument): Promise<boolean> => create(ALERTS, alert);

export async function saveAlert(
  alert: Stored<AlertDocument>,
  change: Partial<AlertDocument>,
): Promise<boolean> {
  const next: AlertDocument = { ...alert, ...change };
  return (await batch(ALERTS, alert.subject, [{ replace: next, etag: alert._etag }])) !== undefined;
}

/** More than these in one window reach any threshold that a rule can name, many times over. */
const MOST_AROUND = 1000;

/** What rules compare: the texts for people stay in the store. */
const SEEN = [
  'subject',
  ...[
    'source',
    'id',
    'name',
    'severity',
    'signal',
    'resources',
    'regions',
    'dimensions',
    'firedAt',
    'resolvedAt',
  ].map((field) => `alert.${field}`),
];

/** Alerts that fired between two moments and are not over, as far as is known. */
export const alertsBetween = (from: string, to: string): Promise<KnownAlert[]> =>
  pick<KnownAlert>(ALERTS, {
    fields: SEEN,
    where:
      "c.type = 'alert' AND c.alert.resolvedAt = null AND c.alert.firedAt >= @from AND " +
      'c.alert.firedAt <= @to',
    parameters: { from, to },
    most: MOST_AROUND,
  });

export const alertsOver = (ids: readonly string[]): Promise<Stored<AlertDocument>[]> =>
  query<AlertDocument>(ALERTS, {
    where: "c.type = 'alert' AND ARRAY_CONTAINS(@ids, c.subject) AND c.alert.resolvedAt != null",
    parameters: { ids },
  });

export const readRuleState = (rule: string): Promise<Stored<RuleStateDocument> | undefined> =>
  read<RuleStateDocument>(ALERTS, 'state', ruleSubject(rule));

/**
 * The decision, and with it the rule's state when it acts. Undefined when there is a decision
 * already, or the rule has acted since its state was read.
 */
export async function createDecision(
  decision: DecisionDocument,
  acts?: { readonly state: RuleStateDocument; readonly before: Stored<RuleStateDocument> | undefined },
): Promise<Stored<DecisionDocument> | undefined> {
  const state: Write[] = acts
    ? [acts.before ? { replace: acts.state, etag: acts.before._etag } : { create: acts.state }]
    : [];
  const etags = await batch(ALERTS, decision.subject, [{ create: decision }, ...state]);
  return etags && { ...decision, _etag: etags[0] ?? '' };
}

export const readRuleDecision = (rule: string, id: string): Promise<Stored<DecisionDocument> | undefined> =>
  read<DecisionDocument>(ALERTS, id, ruleSubject(rule));

/** By its id alone: people have nothing else. */
export async function findDecision(id: string): Promise<Stored<DecisionDocument> | undefined> {
  const [found] = await query<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND c.id = @id",
    parameters: { id },
  });
  return found;
}

export async function saveDecision(
  decision: Stored<DecisionDocument>,
  change: Partial<DecisionDocument>,
  besides: readonly Write[] = [],
): Promise<Stored<DecisionDocument> | undefined> {
  const next: DecisionDocument = { ...decision, ...change };
  const may: readonly DecisionState[] = MAY_FOLLOW_DECISION[decision.state];
  if (next.state !== decision.state && !may.includes(next.state))
    throw new Error(`A decision may not go from ${decision.state} to ${next.state}.`);
  const etags = await batch(ALERTS, decision.subject, [{ replace: next, etag: decision._etag }, ...besides]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** As if the rule had not acted: the next alert is decided about anew, without a wait for its cool-down. */
export async function voidDecision(
  decision: Stored<DecisionDocument>,
  outcome: string,
): Promise<Stored<DecisionDocument> | undefined> {
  const state = await readRuleState(decision.rule.name);
  if (!state || state.windows !== decision.window) return saveDecision(decision, { state: 'void', outcome });
  const free: RuleStateDocument = { ...state, lastAt: null };
  return saveDecision(decision, { state: 'void', outcome }, [{ replace: free, etag: state._etag }]);
}

const OPEN = Object.values(DecisionState).filter(isOpenDecision);
const IS_OPEN = "c.type = 'decision' AND ARRAY_CONTAINS(@open, c.state)";
export const openDecisions = (): Promise<Stored<DecisionDocument>[]> =>
  query<DecisionDocument>(ALERTS, { where: IS_OPEN, parameters: { open: OPEN } });

/** What somebody has yet to go on with, in one question: it is asked each minute. */
export async function leftOver(): Promise<{
  readonly alerts: readonly Stored<AlertDocument>[];
  readonly decisions: readonly Stored<DecisionDocument>[];
}> {
  const both = await query<AlertDocument | DecisionDocument>(ALERTS, {
    where: `(c.type = 'alert' AND c.considered = false) OR (${IS_OPEN})`,
    parameters: { open: OPEN },
  });
  return {
    alerts: both.filter((one) => one.type === 'alert'),
    decisions: both.filter((one) => one.type === 'decision'),
  };
}

/** Those about which persons are asked, or still to be told something. */
export const decisionsForPeople = (): Promise<Stored<DecisionDocument>[]> =>
  query<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND (c.state = 'waiting' OR c.toTell = true)",
  });

/** The newest first. */
export const decisionsOf = (rule: string, size: number, token?: string): Promise<Page<DecisionDocument>> =>
  page<DecisionDocument>(
    ALERTS,
    { where: "c.type = 'decision'", order: 'c.at DESC', partition: inSubject(ruleSubject(rule)) },
    size,
    token,
  );
