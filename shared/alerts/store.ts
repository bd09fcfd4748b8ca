// Alerts, the nonces of signed calls, and what rules decided: each rule's decisions in one
// partition with what serialises them.
import type { KnownAlert } from './rules/evaluate.ts';
import { DecisionState, isOpenDecision, DECISION_TRANSITIONS } from './rules/decision.ts';
import {
  writeBatch,
  createDocument,
  queryPage,
  queryFields,
  queryDocuments,
  readDocument,
  type Page,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlertDocument, DecisionDocument, NonceDocument, RuleStateDocument } from './documents.ts';

const ALERTS = 'alerts';
const partitionOf = (subject: string) => ({ key: 'subject', value: subject });

export const ruleSubject = (rule: string): string => `rule:${rule}`;

/** False when it was seen before. */
export function createNonce(subject: string, ttl: number): Promise<boolean> {
  const nonce: NonceDocument = { id: 'nonce', type: 'nonce', schema: SCHEMA_VERSION, subject, ttl };
  return createDocument(ALERTS, nonce);
}

export const readAlert = (alertId: string): Promise<WithEtag<AlertDocument> | undefined> =>
  readDocument<AlertDocument>(ALERTS, 'alert', alertId);

export const createAlert = (alert: AlertDocument): Promise<boolean> => createDocument(ALERTS, alert);

export async function saveAlert(
  alert: WithEtag<AlertDocument>,
  change: Partial<AlertDocument>,
): Promise<boolean> {
  const next: AlertDocument = { ...alert, ...change };
  return (await writeBatch(ALERTS, alert.subject, [{ replace: next, etag: alert._etag }])) !== undefined;
}

/** More than these in one window reach any threshold that a rule can name, many times over. */
const MAX_ALERTS_READ = 1000;

/** What rules compare: the texts for people stay in the store. */
const RULE_FIELDS = [
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
export const readOpenAlertsBetween = (from: string, to: string): Promise<KnownAlert[]> =>
  queryFields<KnownAlert>(ALERTS, {
    fields: RULE_FIELDS,
    where:
      "c.type = 'alert' AND c.alert.resolvedAt = null AND c.alert.firedAt >= @from AND " +
      'c.alert.firedAt <= @to',
    parameters: { from, to },
    limit: MAX_ALERTS_READ,
  });

export const readClearedAlerts = (ids: readonly string[]): Promise<WithEtag<AlertDocument>[]> =>
  queryDocuments<AlertDocument>(ALERTS, {
    where: "c.type = 'alert' AND ARRAY_CONTAINS(@ids, c.subject) AND c.alert.resolvedAt != null",
    parameters: { ids },
  });

export const readRuleState = (rule: string): Promise<WithEtag<RuleStateDocument> | undefined> =>
  readDocument<RuleStateDocument>(ALERTS, 'state', ruleSubject(rule));

/**
 * The decision, and with it the rule's state when it acts. Undefined when there is a decision
 * already, or the rule has acted since its state was read.
 */
export async function createDecision(
  decision: DecisionDocument,
  ruleStateChange?: {
    readonly state: RuleStateDocument;
    readonly before: WithEtag<RuleStateDocument> | undefined;
  },
): Promise<WithEtag<DecisionDocument> | undefined> {
  const state: BatchWrite[] = ruleStateChange
    ? [
        ruleStateChange.before
          ? { replace: ruleStateChange.state, etag: ruleStateChange.before._etag }
          : { create: ruleStateChange.state },
      ]
    : [];
  const etags = await writeBatch(ALERTS, decision.subject, [{ create: decision }, ...state]);
  return etags && { ...decision, _etag: etags[0] ?? '' };
}

export const readRuleDecision = (rule: string, id: string): Promise<WithEtag<DecisionDocument> | undefined> =>
  readDocument<DecisionDocument>(ALERTS, id, ruleSubject(rule));

/** By its id alone: people have nothing else. */
export async function findDecision(id: string): Promise<WithEtag<DecisionDocument> | undefined> {
  const [found] = await queryDocuments<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND c.id = @id",
    parameters: { id },
  });
  return found;
}

export async function saveDecision(
  decision: WithEtag<DecisionDocument>,
  change: Partial<DecisionDocument>,
  moreWrites: readonly BatchWrite[] = [],
): Promise<WithEtag<DecisionDocument> | undefined> {
  const next: DecisionDocument = { ...decision, ...change };
  const allowedStates: readonly DecisionState[] = DECISION_TRANSITIONS[decision.state];
  if (next.state !== decision.state && !allowedStates.includes(next.state))
    throw new Error(`A decision may not go from ${decision.state} to ${next.state}.`);
  const etags = await writeBatch(ALERTS, decision.subject, [
    { replace: next, etag: decision._etag },
    ...moreWrites,
  ]);
  return etags && { ...next, _etag: etags[0] ?? '' };
}

/** As if the rule had not acted: the next alert is decided about anew, without a wait for its cool-down. */
export async function voidDecision(
  decision: WithEtag<DecisionDocument>,
  outcome: string,
): Promise<WithEtag<DecisionDocument> | undefined> {
  const state = await readRuleState(decision.rule.name);
  if (!state || state.windows !== decision.window) return saveDecision(decision, { state: 'void', outcome });
  const releasedState: RuleStateDocument = { ...state, lastAt: null };
  return saveDecision(decision, { state: 'void', outcome }, [{ replace: releasedState, etag: state._etag }]);
}

const OPEN_STATES = Object.values(DecisionState).filter(isOpenDecision);
const IS_OPEN = "c.type = 'decision' AND ARRAY_CONTAINS(@open, c.state)";
export const readOpenDecisions = (): Promise<WithEtag<DecisionDocument>[]> =>
  queryDocuments<DecisionDocument>(ALERTS, { where: IS_OPEN, parameters: { open: OPEN_STATES } });

/** What somebody has yet to go on with, in one question: it is asked each minute. */
export async function readUnfinished(): Promise<{
  readonly alerts: readonly WithEtag<AlertDocument>[];
  readonly decisions: readonly WithEtag<DecisionDocument>[];
}> {
  const documents = await queryDocuments<AlertDocument | DecisionDocument>(ALERTS, {
    where: `(c.type = 'alert' AND c.considered = false) OR (${IS_OPEN})`,
    parameters: { open: OPEN_STATES },
  });
  return {
    alerts: documents.filter((document) => document.type === 'alert'),
    decisions: documents.filter((document) => document.type === 'decision'),
  };
}

/** Those about which persons are asked, or still to be told something. */
export const readDecisionsForPeople = (): Promise<WithEtag<DecisionDocument>[]> =>
  queryDocuments<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND (c.state = 'waiting' OR c.toTell = true)",
  });

/** The newest first. */
export const readDecisionPage = (
  rule: string,
  size: number,
  token?: string,
): Promise<Page<DecisionDocument>> =>
  queryPage<DecisionDocument>(
    ALERTS,
    { where: "c.type = 'decision'", orderBy: 'c.at DESC', partition: partitionOf(ruleSubject(rule)) },
    size,
    token,
  );
