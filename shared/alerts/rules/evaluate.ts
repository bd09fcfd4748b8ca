// What a rule does about an alert, and why. Pure: whoever looks again at the same things comes to
// the same end.
import type { Alert } from './alert.ts';
import { sameRegion, sameText, type AlertRule, type When } from './rule.ts';

export const Verdict = {
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
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/**
 * What rules look at, of an alert that was let in: `subject` is its own id here, of this sender and
 * this life.
 */
export type KnownAlert = Omit<Alert, 'description'> & { readonly subject: string };

export interface Evaluated {
  readonly verdict: Verdict;
  readonly why: string;
  /** The alerts that were counted, this one among them. */
  readonly counted: readonly KnownAlert[];
}

export interface Around {
  /** Alerts of about the same time, this one among them or not. */
  readonly others: readonly KnownAlert[];
  /** When the rule last started something or asked for it; a dry run counts for dry runs alone. */
  readonly lastAt: string | null;
  readonly now: string;
  readonly staleMinutes: number;
}

const MINUTE = 60_000;
/** By so much a sender's clock may be ahead. */
const AHEAD_MINUTES = 5;

const said = (verdict: Verdict, why: string, counted: readonly KnownAlert[] = []): Evaluated => ({
  verdict,
  why,
  counted,
});

/**
 * What the rule and the alert alone decide; undefined: it depends on when the rule last acted, or
 * on other alerts.
 */
export function evaluateAlone(rule: AlertRule, alert: KnownAlert): Evaluated | undefined {
  if (!rule.enabled) return said(Verdict.off, 'The rule is switched off.');
  const mismatch = mismatchOf(rule.when, alert);
  if (mismatch !== null) return said(Verdict.notMatched, mismatch);
  if (alert.resolvedAt === null) return undefined;
  return said(Verdict.cleared, `The alert was over at ${alert.resolvedAt}, before it could start anything.`);
}

/** In a storm most alerts meet a rule that has just acted, and no other alert needs to be read for them. */
export function evaluateCooling(
  { coolDownMinutes }: AlertRule,
  { lastAt, now }: Pick<Around, 'lastAt' | 'now'>,
): Evaluated | undefined {
  const free = lastAt === null ? null : Date.parse(lastAt) + coolDownMinutes * MINUTE;
  if (free === null || Date.parse(now) >= free) return undefined;
  return said(
    Verdict.coolingDown,
    `The rule has acted at ${String(lastAt)} and does not before ${new Date(free).toISOString()}.`,
  );
}

/** Whether other alerts are counted: one alert is enough for a rule that asks for one, of whatever region. */
export const countsOthers = ({ threshold }: AlertRule): boolean =>
  threshold.alerts > 1 || threshold.regions !== undefined;

export function evaluate(rule: AlertRule, alert: KnownAlert, around: Around): Evaluated {
  const decided = evaluateAlone(rule, alert) ?? evaluateCooling(rule, around);
  if (decided) return decided;
  const counted = countsOthers(rule) ? countedWith(rule, alert, around.others) : [alert];
  const regions = regionsOf(counted);
  const { threshold } = rule;
  const places =
    threshold.regions === undefined ? '' : ` from ${regions.length} of ${threshold.regions} regions`;
  const seen = `${counted.length} of ${threshold.alerts} alerts${places} within ${threshold.withinMinutes} minutes`;
  if (!isReached(rule, counted)) return said(Verdict.belowThreshold, `${seen}: not enough yet.`, counted);
  const doubt = doubtOf(alert, around);
  const asks =
    doubt ??
    (rule.approval
      ? `The rule wants ${rule.approval.people === 1 ? 'a person' : 'two persons'} to approve it.`
      : null);
  if (rule.dryRun)
    return said(
      Verdict.wouldStart,
      `${seen}. It would have ${asks === null ? 'started' : `asked for`} ` +
        `${rule.command.operation}, but only tells so (dryRun).`,
      counted,
    );
  return asks === null
    ? said(Verdict.start, `${seen}.`, counted)
    : said(Verdict.ask, `${seen}. ${asks}`, counted);
}

/** Why a person must look at it first, whatever the rule says. */
function doubtOf({ firedAt }: KnownAlert, { now, staleMinutes }: Around): string | null {
  const minutes = (Date.parse(now) - Date.parse(firedAt)) / MINUTE;
  if (minutes > staleMinutes)
    return (
      `The alert fired ${Math.floor(minutes)} minutes ago; nothing is started on the word of ` +
      `one older than ${staleMinutes} minutes, so a person is asked.`
    );
  return minutes < -AHEAD_MINUTES
    ? `The alert says that it fired at ${firedAt}, which is still to come; a person is asked.`
    : null;
}

const list = (texts: readonly (string | number)[]): string => texts.join(' or ') || 'none';

/** The first condition that the alert does not meet; null: it meets all. */
export function mismatchOf(when: When, alert: Omit<Alert, 'description'>): string | null {
  const wanted = (
    what: string,
    has: readonly (string | number)[],
    wants: readonly (string | number)[],
  ): string => `Its ${what}: ${list(has)}. The rule is for ${list(wants)}.`;
  const { sources, names, severities, signals, regions, resources, dimensions } = when;
  if (sources && !sources.includes(alert.source)) return wanted('source', [alert.source], sources);
  if (names && !names.some((name) => sameText(name, alert.name))) return wanted('name', [alert.name], names);
  if (severities && !severities.includes(alert.severity))
    return wanted('severity', [alert.severity], severities);
  if (signals && !signals.some((signal) => sameText(signal, alert.signal)))
    return wanted('signal', [alert.signal], signals);
  if (regions && !regions.some((region) => alert.regions.some((one) => sameRegion(one, region))))
    return wanted('regions', alert.regions, regions);
  if (resources && !resources.some((above) => alert.resources.some((one) => isUnder(one, above))))
    return wanted('resources', alert.resources, resources);
  for (const [name, values] of Object.entries(dimensions ?? {})) {
    const has =
      (Object.hasOwn(alert.dimensions, name.toLowerCase())
        ? alert.dimensions[name.toLowerCase()]
        : undefined) ?? [];
    if (!values.some((value) => has.some((one) => sameText(one, value))))
      return wanted(`dimension ${name}`, has, values);
  }
  return null;
}

/** The thing itself, or what stands below it: never one whose name only begins alike. */
function isUnder(id: string, above: string): boolean {
  const [one, top] = [id.toLowerCase(), above.toLowerCase().replace(/\/+$/, '')];
  return one === top || one.startsWith(`${top}/`);
}

const regionsOf = (alerts: readonly KnownAlert[]): readonly string[] => [
  ...new Set(alerts.flatMap(({ regions }) => regions)),
];

const isReached = ({ threshold }: AlertRule, counted: readonly KnownAlert[]): boolean =>
  counted.length >= threshold.alerts &&
  (threshold.regions === undefined || regionsOf(counted).length >= threshold.regions);

/**
 * Those that match and are not over, in the window around this alert that comes nearest to the
 * threshold. It matters not in which order they came.
 */
function countedWith(
  rule: AlertRule,
  alert: KnownAlert,
  others: readonly KnownAlert[],
): readonly KnownAlert[] {
  const matching = [
    alert,
    ...others.filter(
      (one) =>
        one.subject !== alert.subject && one.resolvedAt === null && mismatchOf(rule.when, one) === null,
    ),
  ];
  const at = (one: KnownAlert): number => Date.parse(one.firedAt);
  const length = rule.threshold.withinMinutes * MINUTE;
  const begins = matching
    .map(at)
    .filter((begin) => begin <= at(alert) && at(alert) <= begin + length)
    .toSorted((a, b) => a - b);
  const windows = begins.map((begin) =>
    matching.filter((one) => begin <= at(one) && at(one) <= begin + length),
  );
  const sorted = windows.toSorted(
    (a, b) => Number(isReached(rule, b)) - Number(isReached(rule, a)) || b.length - a.length,
  );
  return (sorted[0] ?? [alert]).toSorted((a, b) => at(a) - at(b) || (a.subject < b.subject ? -1 : 1));
}
