// Decides how a rule reacts to an alert, and gives the reason. Pure: the same input always gives
// the same result. `decide.ts` calls it.
import type { Alert } from './alert.ts';
import { isSameRegion, isSameText, type AlertRule, type RuleConditions } from './rule.ts';

/** The verdict of one rule about one alert. */
export const RuleVerdict = {
  /** The rule is off. */
  off: 'off',
  notMatched: 'notMatched',
  /** The alert was over before the evaluation. */
  cleared: 'cleared',
  belowThreshold: 'belowThreshold',
  coolingDown: 'coolingDown',
  wouldStart: 'wouldStart',
  ask: 'ask',
  start: 'start',
} as const;
/** The verdict of one rule about one alert. */
export type RuleVerdict = (typeof RuleVerdict)[keyof typeof RuleVerdict];

/**
 * The fields of an accepted alert that rules compare. Here `subject` is the id of this alert for
 * this sender and this life.
 */
export type KnownAlert = Omit<Alert, 'description'> & { readonly subject: string };

/** The verdict with its reason and the counted alerts. */
export interface RuleEvaluation {
  readonly verdict: RuleVerdict;
  readonly reason: string;
  /** The counted alerts, including this alert. */
  readonly counted: readonly KnownAlert[];
}

/** The facts besides the rule and the alert itself. */
export interface EvaluationContext {
  /** Alerts of about the same time, with or without this alert. */
  readonly others: readonly KnownAlert[];
  /** The time of the last start or question of the rule. A dry run counts for dry runs only. */
  readonly lastAt: string | null;
  readonly now: string;
  readonly staleMinutes: number;
}

const MINUTE_MS = 60_000;
/** The clock of a sender may be ahead by this many minutes. */
const MAX_CLOCK_AHEAD_MINUTES = 5;

const evaluationOf = (
  verdict: RuleVerdict,
  reason: string,
  counted: readonly KnownAlert[] = [],
): RuleEvaluation => ({
  verdict,
  reason,
  counted,
});

/**
 * The verdict from the rule and the alert alone. Undefined when the verdict depends on other alerts
 * or on the last start.
 */
export function evaluateOwnConditions(rule: AlertRule, alert: KnownAlert): RuleEvaluation | undefined {
  if (!rule.enabled) return evaluationOf(RuleVerdict.off, 'The rule is off.');
  const mismatch = findMismatch(rule.when, alert);
  if (mismatch !== null) return evaluationOf(RuleVerdict.notMatched, mismatch);
  if (alert.resolvedAt === null) return undefined;
  return evaluationOf(
    RuleVerdict.cleared,
    `The alert was over at ${alert.resolvedAt}, before it could start anything.`,
  );
}

/**
 * In a storm most alerts meet a rule that has just acted. The cool-down then decides without a read
 * of other alerts.
 */
export function evaluateCoolDown(
  { coolDownMinutes }: AlertRule,
  { lastAt, now }: Pick<EvaluationContext, 'lastAt' | 'now'>,
): RuleEvaluation | undefined {
  const coolDownEnd = lastAt === null ? null : Date.parse(lastAt) + coolDownMinutes * MINUTE_MS;
  if (coolDownEnd === null || Date.parse(now) >= coolDownEnd) return undefined;
  return evaluationOf(
    RuleVerdict.coolingDown,
    `The rule acted at ${String(lastAt)} and does not act again before ${new Date(coolDownEnd).toISOString()}.`,
  );
}

/**
 * Tells whether the rule counts other alerts. A threshold of one alert from any region needs no
 * other alert.
 */
export const needsOtherAlerts = ({ threshold }: AlertRule): boolean =>
  threshold.alerts > 1 || threshold.regions !== undefined;

/**
 * The full verdict of a rule about an alert. The conditions come first, then the cool-down, then
 * the threshold.
 */
export function evaluateRule(rule: AlertRule, alert: KnownAlert, context: EvaluationContext): RuleEvaluation {
  const early = evaluateOwnConditions(rule, alert) ?? evaluateCoolDown(rule, context);
  if (early) return early;
  const counted = needsOtherAlerts(rule) ? alertsInBestWindow(rule, alert, context.others) : [alert];
  const regions = regionsOf(counted);
  const { threshold } = rule;
  const regionText =
    threshold.regions === undefined ? '' : ` from ${regions.length} of ${threshold.regions} regions`;
  const countText =
    `${counted.length} of ${threshold.alerts} alerts${regionText} within ` +
    `${threshold.withinMinutes} minutes`;
  if (!isThresholdReached(rule, counted))
    return evaluationOf(RuleVerdict.belowThreshold, `${countText}: not enough yet.`, counted);
  const doubtReason = findDoubt(alert, context);
  const askReason =
    doubtReason ??
    (rule.approval
      ? `The rule wants ${rule.approval.people === 1 ? 'a person' : 'two persons'} to approve it.`
      : null);
  if (rule.dryRun)
    return evaluationOf(
      RuleVerdict.wouldStart,
      `${countText}. It would have ${askReason === null ? 'started' : `asked for`} ` +
        `${rule.command.operation}, but this is a dry run (dryRun).`,
      counted,
    );
  return askReason === null
    ? evaluationOf(RuleVerdict.start, `${countText}.`, counted)
    : evaluationOf(RuleVerdict.ask, `${countText}. ${askReason}`, counted);
}

/** The reason why a person must check the alert first, even without an approval in the rule. */
function findDoubt({ firedAt }: KnownAlert, { now, staleMinutes }: EvaluationContext): string | null {
  const minutes = (Date.parse(now) - Date.parse(firedAt)) / MINUTE_MS;
  if (minutes > staleMinutes)
    return (
      `The alert fired ${Math.floor(minutes)} minutes ago; Lifeboat starts nothing for an ` +
      `alert older than ${staleMinutes} minutes without a person, and asks one.`
    );
  return minutes < -MAX_CLOCK_AHEAD_MINUTES
    ? `The alert says that it fired at ${firedAt}, in the future. Lifeboat asks a person.`
    : null;
}

const joinWithOr = (texts: readonly (string | number)[]): string => texts.join(' or ') || 'none';

/** The first condition that the alert does not meet; null: it meets all. */
export function findMismatch(when: RuleConditions, alert: Omit<Alert, 'description'>): string | null {
  const mismatchText = (
    property: string,
    alertValues: readonly (string | number)[],
    wanted: readonly (string | number)[],
  ): string => `Its ${property}: ${joinWithOr(alertValues)}. The rule is for ${joinWithOr(wanted)}.`;
  const { sources, names, severities, signals, regions, resources, dimensions } = when;
  if (sources && !sources.includes(alert.source)) return mismatchText('source', [alert.source], sources);
  if (names && !names.some((name) => isSameText(name, alert.name)))
    return mismatchText('name', [alert.name], names);
  if (severities && !severities.includes(alert.severity))
    return mismatchText('severity', [alert.severity], severities);
  if (signals && !signals.some((signal) => isSameText(signal, alert.signal)))
    return mismatchText('signal', [alert.signal], signals);
  if (
    regions &&
    !regions.some((region) => alert.regions.some((alertRegion) => isSameRegion(alertRegion, region)))
  )
    return mismatchText('regions', alert.regions, regions);
  if (
    resources &&
    !resources.some((parentId) => alert.resources.some((resource) => isSameOrBelow(resource, parentId)))
  )
    return mismatchText('resources', alert.resources, resources);
  for (const [name, values] of Object.entries(dimensions ?? {})) {
    const alertValues =
      (Object.hasOwn(alert.dimensions, name.toLowerCase())
        ? alert.dimensions[name.toLowerCase()]
        : undefined) ?? [];
    if (!values.some((value) => alertValues.some((alertValue) => isSameText(alertValue, value))))
      return mismatchText(`dimension ${name}`, alertValues, values);
  }
  return null;
}

/** True for the same resource and for its children; a similar prefix is no match. */
function isSameOrBelow(id: string, parentId: string): boolean {
  const [lowerId, lowerParent] = [id.toLowerCase(), parentId.toLowerCase().replace(/\/+$/, '')];
  return lowerId === lowerParent || lowerId.startsWith(`${lowerParent}/`);
}

const regionsOf = (alerts: readonly KnownAlert[]): readonly string[] => [
  ...new Set(alerts.flatMap(({ regions }) => regions)),
];

const isThresholdReached = ({ threshold }: AlertRule, counted: readonly KnownAlert[]): boolean =>
  counted.length >= threshold.alerts &&
  (threshold.regions === undefined || regionsOf(counted).length >= threshold.regions);

/**
 * The open alerts that match, in the window around this alert that is nearest to the threshold. The
 * order of arrival does not matter.
 */
function alertsInBestWindow(
  rule: AlertRule,
  alert: KnownAlert,
  others: readonly KnownAlert[],
): readonly KnownAlert[] {
  const matching = [
    alert,
    ...others.filter(
      (other) =>
        other.subject !== alert.subject &&
        other.resolvedAt === null &&
        findMismatch(rule.when, other) === null,
    ),
  ];
  const firedAtMs = (candidate: KnownAlert): number => Date.parse(candidate.firedAt);
  const windowMs = rule.threshold.withinMinutes * MINUTE_MS;
  const windowStarts = matching
    .map(firedAtMs)
    .filter((start) => start <= firedAtMs(alert) && firedAtMs(alert) <= start + windowMs)
    .toSorted((a, b) => a - b);
  const windows = windowStarts.map((start) =>
    matching.filter((candidate) => start <= firedAtMs(candidate) && firedAtMs(candidate) <= start + windowMs),
  );
  const sorted = windows.toSorted(
    (a, b) =>
      Number(isThresholdReached(rule, b)) - Number(isThresholdReached(rule, a)) || b.length - a.length,
  );
  return (sorted[0] ?? [alert]).toSorted(
    (a, b) => firedAtMs(a) - firedAtMs(b) || (a.subject < b.subject ? -1 : 1),
  );
}
