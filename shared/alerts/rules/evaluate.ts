// What a rule does about an alert, and why. Pure: whoever looks again at the same things comes to
// the same end.
import type { Alert } from './alert.ts';
import { isSameRegion, isSameText, type AlertRule, type RuleConditions } from './rule.ts';

export const RuleVerdict = {
  /** The rule is switched off. */
  off: 'off',
  notMatched: 'notMatched',
  /** It was over before anybody looked at it. */
  cleared: 'cleared',
  belowThreshold: 'belowThreshold',
  coolingDown: 'coolingDown',
  wouldStart: 'wouldStart',
  ask: 'ask',
  start: 'start',
} as const;
export type RuleVerdict = (typeof RuleVerdict)[keyof typeof RuleVerdict];

/**
 * What rules look at, of an alert that was let in: `subject` is its own id here, of this sender and
 * this life.
 */
export type KnownAlert = Omit<Alert, 'description'> & { readonly subject: string };

export interface RuleEvaluation {
  readonly verdict: RuleVerdict;
  readonly reason: string;
  /** The alerts that were counted, this one among them. */
  readonly counted: readonly KnownAlert[];
}

export interface EvaluationContext {
  /** Alerts of about the same time, this one among them or not. */
  readonly others: readonly KnownAlert[];
  /** When the rule last started something or asked for it; a dry run counts for dry runs alone. */
  readonly lastAt: string | null;
  readonly now: string;
  readonly staleMinutes: number;
}

const MINUTE_MS = 60_000;
/** By so much a sender's clock may be ahead. */
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
 * What the rule and the alert alone decide; undefined: it depends on when the rule last acted, or
 * on other alerts.
 */
export function evaluateOwnConditions(rule: AlertRule, alert: KnownAlert): RuleEvaluation | undefined {
  if (!rule.enabled) return evaluationOf(RuleVerdict.off, 'The rule is switched off.');
  const mismatch = findMismatch(rule.when, alert);
  if (mismatch !== null) return evaluationOf(RuleVerdict.notMatched, mismatch);
  if (alert.resolvedAt === null) return undefined;
  return evaluationOf(
    RuleVerdict.cleared,
    `The alert was over at ${alert.resolvedAt}, before it could start anything.`,
  );
}

/** In a storm most alerts meet a rule that has just acted, and no other alert needs to be read for them. */
export function evaluateCoolDown(
  { coolDownMinutes }: AlertRule,
  { lastAt, now }: Pick<EvaluationContext, 'lastAt' | 'now'>,
): RuleEvaluation | undefined {
  const coolDownEnd = lastAt === null ? null : Date.parse(lastAt) + coolDownMinutes * MINUTE_MS;
  if (coolDownEnd === null || Date.parse(now) >= coolDownEnd) return undefined;
  return evaluationOf(
    RuleVerdict.coolingDown,
    `The rule has acted at ${String(lastAt)} and does not before ${new Date(coolDownEnd).toISOString()}.`,
  );
}

/** Whether other alerts are counted: one alert is enough for a rule that asks for one, of whatever region. */
export const needsOtherAlerts = ({ threshold }: AlertRule): boolean =>
  threshold.alerts > 1 || threshold.regions !== undefined;

export function evaluateRule(rule: AlertRule, alert: KnownAlert, context: EvaluationContext): RuleEvaluation {
  const early = evaluateOwnConditions(rule, alert) ?? evaluateCoolDown(rule, context);
  if (early) return early;
  const counted = needsOtherAlerts(rule) ? alertsInBestWindow(rule, alert, context.others) : [alert];
  const regions = regionsOf(counted);
  const { threshold } = rule;
  const regionText =
    threshold.regions === undefined ? '' : ` from ${regions.length} of ${threshold.regions} regions`;
  const countText = `${counted.length} of ${threshold.alerts} alerts${regionText} within ${threshold.withinMinutes} minutes`;
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
        `${rule.command.operation}, but only tells so (dryRun).`,
      counted,
    );
  return askReason === null
    ? evaluationOf(RuleVerdict.start, `${countText}.`, counted)
    : evaluationOf(RuleVerdict.ask, `${countText}. ${askReason}`, counted);
}

/** Why a person must look at it first, whatever the rule says. */
function findDoubt({ firedAt }: KnownAlert, { now, staleMinutes }: EvaluationContext): string | null {
  const minutes = (Date.parse(now) - Date.parse(firedAt)) / MINUTE_MS;
  if (minutes > staleMinutes)
    return (
      `The alert fired ${Math.floor(minutes)} minutes ago; nothing is started on the word of ` +
      `one older than ${staleMinutes} minutes, so a person is asked.`
    );
  return minutes < -MAX_CLOCK_AHEAD_MINUTES
    ? `The alert says that it fired at ${firedAt}, which is still to come; a person is asked.`
    : null;
}

const joinWithOr = (texts: readonly (string | number)[]): string => texts.join(' or ') || 'none';

/** The first condition that the alert does not meet; null: it meets all. */
export function findMismatch(when: RuleConditions, alert: Omit<Alert, 'description'>): string | null {
  const mismatchText = (
    what: string,
    alertValues: readonly (string | number)[],
    wants: readonly (string | number)[],
  ): string => `Its ${what}: ${joinWithOr(alertValues)}. The rule is for ${joinWithOr(wants)}.`;
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
  if (resources && !resources.some((parentId) => alert.resources.some((one) => isSameOrBelow(one, parentId))))
    return mismatchText('resources', alert.resources, resources);
  for (const [name, values] of Object.entries(dimensions ?? {})) {
    const has =
      (Object.hasOwn(alert.dimensions, name.toLowerCase())
        ? alert.dimensions[name.toLowerCase()]
        : undefined) ?? [];
    if (!values.some((value) => has.some((one) => isSameText(one, value))))
      return mismatchText(`dimension ${name}`, has, values);
  }
  return null;
}

/** The thing itself, or what stands below it: never one whose name only begins alike. */
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
 * Those that match and are not over, in the window around this alert that comes nearest to the
 * threshold. It matters not in which order they came.
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
  const firedAtMs = (one: KnownAlert): number => Date.parse(one.firedAt);
  const windowMs = rule.threshold.withinMinutes * MINUTE_MS;
  const windowStarts = matching
    .map(firedAtMs)
    .filter((begin) => begin <= firedAtMs(alert) && firedAtMs(alert) <= begin + windowMs)
    .toSorted((a, b) => a - b);
  const windows = windowStarts.map((begin) =>
    matching.filter((one) => begin <= firedAtMs(one) && firedAtMs(one) <= begin + windowMs),
  );
  const sorted = windows.toSorted(
    (a, b) =>
      Number(isThresholdReached(rule, b)) - Number(isThresholdReached(rule, a)) || b.length - a.length,
  );
  return (sorted[0] ?? [alert]).toSorted(
    (a, b) => firedAtMs(a) - firedAtMs(b) || (a.subject < b.subject ? -1 : 1),
  );
}
