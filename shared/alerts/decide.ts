// Each rule decides about each alert, once. What acts takes the rule's next window in the same
// batch, so that of two alerts at once only one starts anything.
import { clock, later } from '../core/clock.ts';
import { config } from '../core/config.ts';
import {
  countsOthers,
  evaluate,
  evaluateAlone,
  evaluateCooling,
  Verdict,
  type Evaluated,
  type KnownAlert,
} from './rules/evaluate.ts';
import type { Alert } from './rules/alert.ts';
import type { AlertRule } from './rules/rule.ts';
import { transient } from '../core/errors.ts';
import { decisionIdOf } from '../core/ids.ts';
import {
  alertsBetween,
  createDecision,
  readAlert,
  readRuleDecision,
  readRuleState,
  ruleSubject,
  saveAlert,
} from './store.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlertDocument, AlertRuleDocument, DecisionDocument, RuleStateDocument } from './documents.ts';
import { nameOf } from '../store/kept.ts';
import { allRules, subjectOf } from './rules.ts';

const MOST_TRIES = 20;

/**
 * Every rule there is decides about this alert; what was decided before stays as it is. The
 * decisions that were made just now.
 */
export async function consider(alertId: string): Promise<readonly Stored<DecisionDocument>[]> {
  const made: Stored<DecisionDocument>[] = [];
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const alert = await readAlert(alertId);
    if (!alert || alert.considered) return made;
    const rules = await allRules();
    const others = aroundOnce(alert.alert, rules);
    for (const rule of rules) {
      const decision = await decideOnce(rule, alert, others);
      if (decision) made.push(decision);
    }
    if (await saveAlert(alert, { considered: true })) return made;
  }
  throw transient(
    'AlertContended',
    `The alert ${alertId} was changed by others each time it was read. It will be tried again.`,
  );
}

/** What a process that died has left. */
export async function considerAll(left: readonly AlertDocument[]): Promise<void> {
  for (const { subject } of left.toSorted((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1)))
    await consider(subject);
}

type Others = () => Promise<readonly KnownAlert[]>;

/** One question for all rules, within the longest of their times; asked when the first of them needs it. */
function aroundOnce({ firedAt }: Alert, rules: readonly AlertRuleDocument[]): Others {
  const seconds = 60 * Math.max(0, ...rules.map(({ rule }) => rule.threshold.withinMinutes));
  const at = new Date(firedAt);
  let asked: Promise<readonly KnownAlert[]> | undefined;
  return () => (asked ??= alertsBetween(later(at, -seconds).toISOString(), later(at, seconds).toISOString()));
}

/** Undefined when it was decided before. */
async function decideOnce(
  rule: AlertRuleDocument,
  alert: AlertDocument,
  others: Others,
): Promise<Stored<DecisionDocument> | undefined> {
  const name = nameOf(rule);
  const id = decisionIdOf(name, alert.subject);
  const { subject, alert: told } = alert;
  const known: KnownAlert = { ...told, subject };
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const now = await clock().now();
    const alone = evaluateAlone(rule.rule, known);
    const before = alone ? undefined : await readRuleState(name);
    const evaluated = alone ?? (await beside(rule.rule, known, { before, others, now }));
    const state = nextState(name, before, evaluated, now);
    const made = await createDecision(
      await decisionOf(id, rule, alert, { evaluated, window: state?.windows ?? null, now }),
      state && { state, before },
    );
    if (made) return made;
    if (await readRuleDecision(name, id)) return undefined;
  }
  throw transient(
    'RuleContended',
    `The rule ${name} has acted on other alerts each time it was read. It will be tried again.`,
  );
}

async function beside(
  rule: AlertRule,
  alert: KnownAlert,
  {
    before,
    others,
    now,
  }: { readonly before: RuleStateDocument | undefined; readonly others: Others; readonly now: Date },
): Promise<Evaluated> {
  const around = {
    lastAt: lastOf(rule, before),
    now: now.toISOString(),
    staleMinutes: config().LIFEBOAT_ALERT_STALE_MINUTES,
  };
  const needed = evaluateCooling(rule, around) === undefined && countsOthers(rule);
  return evaluate(rule, alert, { ...around, others: needed ? await others() : [] });
}

/** What was only tried does not keep a rule from acting once it is in earnest. */
const lastOf = (rule: AlertRule, state: RuleStateDocument | undefined): string | null =>
  state?.lastDry === true && !rule.dryRun ? null : (state?.lastAt ?? null);

const ACTING: ReadonlySet<Verdict> = new Set([Verdict.start, Verdict.ask]);

/** Undefined when nothing comes of it. */
function nextState(
  name: string,
  before: Stored<RuleStateDocument> | undefined,
  { verdict }: Evaluated,
  now: Date,
): RuleStateDocument | undefined {
  const acts = ACTING.has(verdict);
  if (!acts && verdict !== Verdict.wouldStart) return undefined;
  return {
    id: 'state',
    type: 'ruleState',
    schema: SCHEMA,
    subject: ruleSubject(name),
    windows: (before?.windows ?? 0) + Number(acts),
    lastAt: now.toISOString(),
    lastDry: !acts,
  };
}

const NO_SUBJECT = { commandFingerprint: '', planVersion: 0 };

interface Made {
  readonly evaluated: Evaluated;
  readonly window: number | null;
  readonly now: Date;
}

async function decisionOf(
  id: string,
  { id: ruleId, kind, version, rule, grant }: AlertRuleDocument,
  { subject: alertId, alert }: AlertDocument,
  { evaluated, window, now }: Made,
): Promise<DecisionDocument> {
  const name = nameOf({ id: ruleId, kind, version });
  const acts = ACTING.has(evaluated.verdict);
  const asks = evaluated.verdict === Verdict.ask;
  // A plan may be large, and of most alerts nothing comes.
  const subject =
    acts || evaluated.verdict === Verdict.wouldStart ? await subjectOf(rule.command) : NO_SUBJECT;
  const { people = 1, from, expiresAfterMinutes } = rule.approval ?? {};
  const expiresAt =
    expiresAfterMinutes === undefined ? null : later(now, expiresAfterMinutes * 60).toISOString();
  return {
    id,
    type: 'decision',
    schema: SCHEMA,
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
    why: evaluated.why,
    counted: evaluated.counted.map((one) => one.subject),
    at: now.toISOString(),
    state: asks ? 'waiting' : acts ? 'due' : 'nothing',
    outcome: null,
    window: acts ? window : null,
    command: acts ? rule.command : null,
    grant: acts ? grant : null,
    planVersion: subject.planVersion,
    approval: asks
      ? { subject, people, from: from ?? null, requester: grant.by.id, askedAt: now.toISOString(), expiresAt }
      : null,
    votes: [],
    dueAt: acts && !asks ? now.toISOString() : null,
    jobId: null,
    error: null,
    cleared: [],
    toTell: false,
  };
}
