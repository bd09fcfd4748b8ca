// Stores alerts, the nonces of signed calls and decisions. One partition holds the decisions of a
// rule and the state that serialises them. Only the files of this folder and the alert routes call
// this module.
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

/** The partition key of the state and the decisions of a rule. */
export const ruleSubject = (rule: string): string => `rule:${rule}`;

/** False when the nonce is already known. */
export function createNonce(subject: string, ttl: number): Promise<boolean> {
  const nonce: NonceDocument = { id: 'nonce', type: 'nonce', schema: SCHEMA_VERSION, subject, ttl };
  return createDocument(ALERTS, nonce);
}

/** Reads one alert; gives undefined when there is none. */
export const readAlert = (alertId: string): Promise<WithEtag<AlertDocument> | undefined> =>
  readDocument<AlertDocument>(ALERTS, 'alert', alertId);

/** Saves a new alert. False when the alert already exists. */
export const createAlert = (alert: AlertDocument): Promise<boolean> => createDocument(ALERTS, alert);

/** Saves a change of an alert. False when another process changed the alert first. */
export async function saveAlert(
  alert: WithEtag<AlertDocument>,
  change: Partial<AlertDocument>,
): Promise<boolean> {
  const next: AlertDocument = { ...alert, ...change };
  return (await writeBatch(ALERTS, alert.subject, [{ replace: next, etag: alert._etag }])) !== undefined;
}

/** This many alerts in one window exceed every possible threshold. */
const MAX_ALERTS_READ = 1000;

/** The fields that rules compare. The texts for people stay in the store. */
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

/** Alerts that fired between two times and, as far as Lifeboat knows, are not over. */
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
 * Creates the decision and, when the decision acts, saves the state of the rule. Undefined when the
 * decision exists already, or when the rule has acted since the read of its state.
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

/** Finds a decision by its id alone, because people have only the id. */
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

/**
 * Frees the cool-down of the rule, as if the rule had not acted. The rule can then decide about the
 * next alert at once.
 */
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

/**
 * Reads all unfinished alerts and decisions in one query, because the timer reads them each minute.
 */
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

/** Decisions with an open question or an unsent message. */
export const readDecisionsForPeople = (): Promise<WithEtag<DecisionDocument>[]> =>
  queryDocuments<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND (c.state = 'waiting' OR c.toTell = true)",
  });

/** The next decisions with an open question, in the order of their ids. `after`: the last id so far. */
export const listWaitingDecisions = (after: string, limit: number): Promise<WithEtag<DecisionDocument>[]> =>
  queryDocuments<DecisionDocument>(ALERTS, {
    where: "c.type = 'decision' AND c.state = 'waiting' AND c.id > @after",
    parameters: { after },
    orderBy: 'c.id',
    limit,
  });

/** Newest first. */
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
