// Lets each alert rule decide once about each alert. A decision that acts takes the next window of
// its rule in the same batch. So only one of two simultaneous alerts starts a job.
// `processAlerts.ts` calls this module.
import { clock, addSeconds } from '../core/clock.ts';
import { config } from '../core/config.ts';
import {
  needsOtherAlerts,
  evaluateRule,
  evaluateOwnConditions,
  evaluateCoolDown,
  RuleVerdict,
  type RuleEvaluation,
  type KnownAlert,
} from './rules/evaluate.ts';
import type { Alert } from './rules/alert.ts';
import type { AlertRule } from './rules/rule.ts';
import { transient } from '../core/errors.ts';
import { decisionIdOf } from '../core/ids.ts';
import {
  readOpenAlertsBetween,
  createDecision,
  readAlert,
  readRuleDecision,
  readRuleState,
  ruleSubject,
  saveAlert,
} from './store.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlertDocument, AlertRuleDocument, DecisionDocument, RuleStateDocument } from './documents.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import { readAllAlertRules, readApprovalSubject } from './alertRules.ts';

const MAX_TRIES = 20;

/**
 * Lets every rule decide about this alert; earlier decisions stay unchanged. Gives only the new
 * decisions.
 */
export async function decideAboutAlert(alertId: string): Promise<readonly WithEtag<DecisionDocument>[]> {
  const newDecisions: WithEtag<DecisionDocument>[] = [];
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const alert = await readAlert(alertId);
    if (!alert || alert.considered) return newDecisions;
    const rules = await readAllAlertRules();
    const readOthers = readOthersOnce(alert.alert, rules);
    for (const rule of rules) {
      const decision = await decideByRule(rule, alert, readOthers);
      if (decision) newDecisions.push(decision);
    }
    if (await saveAlert(alert, { considered: true })) return newDecisions;
  }
  throw transient(
    'AlertContended',
    `The alert ${alertId} was changed by others each time Lifeboat read the alert. Lifeboat will try again.`,
  );
}

/** Decides about the alerts that a dead process left, the oldest first. */
export async function decideAboutAlerts(unfinished: readonly AlertDocument[]): Promise<void> {
  for (const { subject } of unfinished.toSorted((first, second) =>
    first.receivedAt < second.receivedAt ? -1 : 1,
  ))
    await decideAboutAlert(subject);
}

type ReadOtherAlerts = () => Promise<readonly KnownAlert[]>;

/**
 * Reads the other alerts once for all rules, at the first need, for the longest time span of any
 * rule.
 */
function readOthersOnce({ firedAt }: Alert, rules: readonly AlertRuleDocument[]): ReadOtherAlerts {
  const seconds = 60 * Math.max(0, ...rules.map(({ rule }) => rule.threshold.withinMinutes));
  const firedDate = new Date(firedAt);
  let alertsTask: Promise<readonly KnownAlert[]> | undefined;
  return () =>
    (alertsTask ??= readOpenAlertsBetween(
      addSeconds(firedDate, -seconds).toISOString(),
      addSeconds(firedDate, seconds).toISOString(),
    ));
}

/** Undefined when this rule has already decided about the alert. */
async function decideByRule(
  rule: AlertRuleDocument,
  alert: AlertDocument,
  readOthers: ReadOtherAlerts,
): Promise<WithEtag<DecisionDocument> | undefined> {
  const name = documentNameOf(rule);
  const id = decisionIdOf(name, alert.subject);
  const { subject, alert: alertData } = alert;
  const knownAlert: KnownAlert = { ...alertData, subject };
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const now = await clock().now();
    const ownEvaluation = evaluateOwnConditions(rule.rule, knownAlert);
    const ruleState = ownEvaluation ? undefined : await readRuleState(name);
    const evaluation =
      ownEvaluation ??
      (await evaluateWithOthers(rule.rule, knownAlert, { before: ruleState, others: readOthers, now }));
    const newState = nextRuleState(name, ruleState, evaluation, now);
    const created = await createDecision(
      await buildDecision(id, rule, alert, { evaluated: evaluation, window: newState?.windows ?? null, now }),
      newState && { state: newState, before: ruleState },
    );
    if (created) return created;
    if (await readRuleDecision(name, id)) return undefined;
  }
  throw transient(
    'RuleContended',
    `The rule ${name} has acted on other alerts each time Lifeboat read the rule. Lifeboat will try again.`,
  );
}

async function evaluateWithOthers(
  rule: AlertRule,
  alert: KnownAlert,
  {
    before,
    others: readOthers,
    now,
  }: { readonly before: RuleStateDocument | undefined; readonly others: ReadOtherAlerts; readonly now: Date },
): Promise<RuleEvaluation> {
  const context = {
    lastAt: lastActedAt(rule, before),
    now: now.toISOString(),
    staleMinutes: config().LIFEBOAT_ALERT_STALE_MINUTES,
  };
  const needsOthers = evaluateCoolDown(rule, context) === undefined && needsOtherAlerts(rule);
  return evaluateRule(rule, alert, { ...context, others: needsOthers ? await readOthers() : [] });
}

/** A dry run does not delay a rule that has left dry-run mode. */
const lastActedAt = (rule: AlertRule, state: RuleStateDocument | undefined): string | null =>
  state?.lastDry === true && !rule.dryRun ? null : (state?.lastAt ?? null);

const ACTING_VERDICTS: ReadonlySet<RuleVerdict> = new Set([RuleVerdict.start, RuleVerdict.ask]);

/** Undefined when the evaluation does not change the state of the rule. */
function nextRuleState(
  name: string,
  before: WithEtag<RuleStateDocument> | undefined,
  { verdict }: RuleEvaluation,
  now: Date,
): RuleStateDocument | undefined {
  const isActing = ACTING_VERDICTS.has(verdict);
  if (!isActing && verdict !== RuleVerdict.wouldStart) return undefined;
  return {
    id: 'state',
    type: 'ruleState',
    schema: SCHEMA_VERSION,
    subject: ruleSubject(name),
    windows: (before?.windows ?? 0) + Number(isActing),
    lastAt: now.toISOString(),
    lastDry: !isActing,
  };
}

const NO_SUBJECT = { commandFingerprint: '', planVersion: 0 };

interface DecisionInput {
  readonly evaluated: RuleEvaluation;
  readonly window: number | null;
  readonly now: Date;
}

async function buildDecision(
  id: string,
  { id: ruleId, kind, version, rule, grant }: AlertRuleDocument,
  { subject: alertId, alert }: AlertDocument,
  { evaluated, window, now }: DecisionInput,
): Promise<DecisionDocument> {
  const name = documentNameOf({ id: ruleId, kind, version });
  const isActing = ACTING_VERDICTS.has(evaluated.verdict);
  const isAsking = evaluated.verdict === RuleVerdict.ask;
  // A plan may be large, and most alerts start nothing: read the plan only on demand.
  const subject =
    isActing || evaluated.verdict === RuleVerdict.wouldStart
      ? await readApprovalSubject(rule.command)
      : NO_SUBJECT;
  const { people = 1, from, expiresAfterMinutes } = rule.approval ?? {};
  const expiresAt =
    expiresAfterMinutes === undefined ? null : addSeconds(now, expiresAfterMinutes * 60).toISOString();
  return {
    id,
    type: 'decision',
    schema: SCHEMA_VERSION,
    subject: ruleSubject(name),
    rule: { name, version },
    alert: {
      id: alertId,
      source: alert.source,
      name: alert.name,
      severity: alert.severity,
      regions: alert.regions,
      firedAt: alert.firedAt,
    },
    verdict: evaluated.verdict,
    why: evaluated.reason,
    counted: evaluated.counted.map((counted) => counted.subject),
    at: now.toISOString(),
    state: isAsking ? 'waiting' : isActing ? 'due' : 'nothing',
    outcome: null,
    window: isActing ? window : null,
    command: isActing ? rule.command : null,
    grant: isActing ? grant : null,
    planVersion: subject.planVersion,
    approval: isAsking
      ? { subject, people, from: from ?? null, requester: grant.by.id, askedAt: now.toISOString(), expiresAt }
      : null,
    votes: [],
    dueAt: isActing && !isAsking ? now.toISOString() : null,
    jobId: null,
    error: null,
    cleared: [],
    toTell: false,
  };
}
