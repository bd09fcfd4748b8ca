// The decisions of a rule: conditions, thresholds, cool-down, doubt. A slower reference
// implementation checks them.
import fc from 'fast-check';
import {
  evaluateRule,
  findMismatch,
  RuleVerdict,
  type EvaluationContext,
  type KnownAlert,
} from '../../../shared/alerts/rules/evaluate.ts';
import { AlertRule } from '../../../shared/alerts/rules/rule.ts';

const START = Date.parse('2026-01-05T08:00:00Z');
const minute = (count: number): string => new Date(START + count * 60_000).toISOString();
const command = { operation: 'failover', vms: [`vm-${'a'.repeat(26)}`] };
const ruleOf = (rule: object): AlertRule =>
  AlertRule.parse({ when: { severities: [0, 1] }, command, ...rule });
const alertOf = (change: Partial<KnownAlert> = {}): KnownAlert => ({
  source: 'generic',
  id: 'a',
  name: 'Region dark',
  severity: 1,
  signal: 'Metric',
  subject: 'alert-a',
  resources: ['/subscriptions/s/resourcegroups/shop/providers/microsoft.compute/virtualmachines/web'],
  regions: ['eastasia'],
  dimensions: { tier: ['front'] },
  firedAt: minute(0),
  resolvedAt: null,
  ...change,
});
const evaluationContext = (change: Partial<EvaluationContext> = {}): EvaluationContext => ({
  others: [],
  lastAt: null,
  now: minute(1),
  staleMinutes: 15,
  ...change,
});
const verdict = (rule: object, alert: Partial<KnownAlert> = {}, more: Partial<EvaluationContext> = {}) =>
  evaluateRule(ruleOf(rule), alertOf(alert), evaluationContext(more));

test.each<[string, object, Partial<KnownAlert>, Partial<EvaluationContext>, RuleVerdict, RegExp]>([
  ['matches', {}, {}, {}, 'start', /1 of 1 alerts/],
  ['is switched off', { enabled: false }, {}, {}, 'off', /is off/],
  ['is for other severities', {}, { severity: 3 }, {}, 'notMatched', /severity: 3. The rule is for 0 or 1/],
  [
    'is for another region',
    { when: { regions: ['West Europe'] } },
    {},
    {},
    'notMatched',
    /regions: eastasia/,
  ],
  ['is for this region in another spelling', { when: { regions: ['East Asia'] } }, {}, {}, 'start', /1 of 1/],
  [
    'is for the resource group',
    { when: { resources: ['/subscriptions/S/resourceGroups/Shop'] } },
    {},
    {},
    'start',
    /1 of 1/,
  ],
  [
    'is for a group with the same first letters',
    { when: { resources: ['/subscriptions/s/resourceGroups/sho'] } },
    {},
    {},
    'notMatched',
    /resources/,
  ],
  [
    'is for another dimension',
    { when: { dimensions: { Tier: ['back'] } } },
    {},
    {},
    'notMatched',
    /dimension Tier: front/,
  ],
  ['is for this dimension', { when: { dimensions: { Tier: ['BACK', 'Front'] } } }, {}, {}, 'start', /1 of 1/],
  [
    'is for a dimension without a value',
    { when: { dimensions: { constructor: ['x'] } } },
    {},
    {},
    'notMatched',
    /none/,
  ],
  ['gets a resolved alert', {}, { resolvedAt: minute(1) }, {}, 'cleared', /over at/],
  [
    'acted shortly before',
    {},
    {},
    { lastAt: minute(-30) },
    'coolingDown',
    /not act again before 2026-01-05T08:30/,
  ],
  ['acted long before', {}, {}, { lastAt: minute(-59) }, 'start', /1 of 1/],
  ['only tells', { dryRun: true }, {}, {}, 'wouldStart', /would have started failover/],
  ['only reports its question', { dryRun: true, approval: {} }, {}, {}, 'wouldStart', /would have asked/],
  ['needs two approvers', { approval: { people: 2 } }, {}, {}, 'ask', /two persons/],
  ['gets a stale alert', {}, {}, { now: minute(16) }, 'ask', /16 minutes ago/],
  ['gets an alert from the future', {}, { firedAt: minute(7) }, {}, 'ask', /in the future/],
])('a rule that %s [TRG-4]', (_what, rule, alert, more, expected, why) => {
  const evaluation = verdict(rule, alert, more);
  expect(evaluation.verdict).toBe(expected);
  expect(evaluation.reason).toMatch(why);
});

test('Lifeboat refuses a meaningless rule [TRG-4]', () => {
  for (const wrong of [
    { when: {} },
    { when: { severity: [1] } },
    { when: { severities: [] } },
    { when: { severities: [5] } },
    { threshold: { alerts: 1, regions: 2 } },
    { threshold: { alerts: 0 } },
    { coolDownMinutes: 5 },
    { approval: { people: 3 } },
    { command: { operation: 'prepareVault' } },
    { command: { operation: 'explode' } },
    { colour: 'red' },
  ])
    expect(AlertRule.safeParse({ when: { severities: [0] }, command, ...wrong }).success).toBe(false);
});

const WITHIN = 10;
const threshold = { alerts: 3, regions: 2, withinMinutes: WITHIN };
const anyAlerts = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 25 }),
      severity: fc.constantFrom(1, 1, 1, 3),
      regions: fc.constantFrom(['eastasia'], ['eastasia'], ['southeastasia'], []),
      over: fc.constantFrom(false, false, true),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) =>
    list.map(({ at, severity, regions, over }, i) =>
      alertOf({
        id: `a${i}`,
        subject: `alert-${i}`,
        firedAt: minute(at),
        severity,
        regions,
        resolvedAt: over ? minute(30) : null,
      }),
    ),
  );

/**
 * The reference: three alerts from two regions, including this one, with no two further apart than
 * the window.
 */
function matchesByReference(alert: KnownAlert, all: readonly KnownAlert[]): boolean {
  const severeOpenAlerts = all.filter(
    (knownAlert) => knownAlert.severity <= 1 && knownAlert.resolvedAt === null,
  );
  if (!severeOpenAlerts.includes(alert)) return false;
  for (const a of severeOpenAlerts)
    for (const b of severeOpenAlerts) {
      const picked = [alert, a, b];
      const times = picked.map((knownAlert) => Date.parse(knownAlert.firedAt));
      if (
        new Set(picked).size === 3 &&
        new Set(picked.flatMap((knownAlert) => knownAlert.regions)).size >= 2 &&
        Math.max(...times) - Math.min(...times) <= WITHIN * 60_000
      )
        return true;
      // Three alerts may share one region. A fourth alert then brings the second region.
      for (const c of severeOpenAlerts) {
        const more = [...picked, c];
        const span = more.map((knownAlert) => Date.parse(knownAlert.firedAt));
        if (
          new Set(more).size === 4 &&
          new Set(more.flatMap((knownAlert) => knownAlert.regions)).size >= 2 &&
          Math.max(...span) - Math.min(...span) <= WITHIN * 60_000
        )
          return true;
      }
    }
  return false;
}

test('three alerts from two regions within ten minutes count in any order [TRG-4]', () => {
  let started = 0;
  const rule = ruleOf({ threshold });
  fc.assert(
    fc.property(anyAlerts, (all) => {
      for (const alert of all) {
        const evaluation = evaluateRule(rule, alert, evaluationContext({ others: all, now: alert.firedAt }));
        const backwards = evaluateRule(
          rule,
          alert,
          evaluationContext({ others: all.toReversed(), now: alert.firedAt }),
        );
        expect(backwards).toEqual(evaluation);
        expect(evaluation.verdict === 'start').toBe(matchesByReference(alert, all));
        if (evaluation.verdict === 'start') started++;
        if (evaluation.counted.length > 0) expect(evaluation.counted).toContain(alert);
      }
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(started).toBeGreaterThan(100);
});

test('a rule starts only on fresh, open, matching alerts, after its cool-down and approval [TRG-4]', () => {
  const rules = fc.record({
    dryRun: fc.boolean(),
    enabled: fc.boolean(),
    approval: fc.constantFrom(undefined, { people: 1 }, { people: 2 }),
    coolDownMinutes: fc.constantFrom(10, 60),
  });
  fc.assert(
    fc.property(
      rules,
      anyAlerts,
      fc.integer({ min: 0, max: 90 }),
      fc.option(fc.integer({ min: -90, max: 25 })),
      (request, all, now, last) => {
        const rule = ruleOf(request);
        for (const alert of all) {
          const evaluation = evaluateRule(
            rule,
            alert,
            evaluationContext({ others: all, now: minute(now), lastAt: last === null ? null : minute(last) }),
          );
          expect(evaluation.reason).not.toBe('');
          if (evaluation.verdict !== 'start') continue;
          expect([
            rule.enabled,
            rule.dryRun,
            rule.approval,
            findMismatch(rule.when, alert),
            alert.resolvedAt,
          ]).toEqual([true, false, undefined, null, null]);
          expect(now - (Date.parse(alert.firedAt) - START) / 60_000).toBeLessThanOrEqual(15);
          if (last !== null) expect(now - last).toBeGreaterThanOrEqual(rule.coolDownMinutes);
        }
      },
    ),
    { numRuns: 300 },
  );
});
