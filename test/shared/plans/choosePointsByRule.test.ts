// The chosen recovery point and its reason: the first choice that fits, always one point, and never
// older than allowed.
import fc from 'fast-check';
import { RecoveryPointRule } from '../../../shared/plans/rules/plan.ts';
import { choosePointsByRule, type PointTarget } from '../../../shared/plans/rules/choosePointsByRule.ts';
import { RecoveryPointKind, type RecoveryPoint } from '../../../shared/siterecovery/recoveryPoint.ts';

const NOW = '2026-01-01T12:00:00.000Z';
const at = (minutesAgo: number): string => new Date(Date.parse(NOW) - minutesAgo * 60_000).toISOString();
const point = (minutesAgo: number, more: Partial<RecoveryPoint> = {}): RecoveryPoint => ({
  id: `/recoveryPoints/p${minutesAgo}`,
  name: `p${minutesAgo}`,
  time: at(minutesAgo),
  appConsistent: false,
  shared: false,
  ...more,
});
const targetOf = (...points: RecoveryPoint[]): PointTarget => ({
  isMultiVm: false,
  members: [{ vm: 'a', name: 'web', points }],
});
const rule = (...choices: object[]): RecoveryPointRule => RecoveryPointRule.parse(choices);
const HOUR_OLD = rule({ kind: 'latestAppConsistent', notOlderThanMinutes: 60 }, { kind: 'latestProcessed' });

test('app-consistent within 60 minutes, else the latest processed, with the reason [OP-2]', () => {
  const app = { appConsistent: true };
  const fresh = choosePointsByRule(HOUR_OLD, targetOf(point(5), point(60, app), point(90, app)), NOW);
  expect([fresh.kind, fresh.points.get('a')?.name]).toEqual(['latestAppConsistent', 'p60']);
  const old = choosePointsByRule(HOUR_OLD, targetOf(point(61, app), point(5)), NOW);
  expect([old.kind, old.points.get('a')?.name]).toEqual(['latestProcessed', 'p5']);
  expect(old.reason).toBe(
    'latestAppConsistent was passed over: the one of web is 61 minutes old, and no more than ' +
      `60 are allowed. latestProcessed was taken: the point of ${at(5)}.`,
  );
  expect(choosePointsByRule(HOUR_OLD, targetOf(point(5)), NOW).reason).toContain(
    'latestAppConsistent was passed over: web has none.',
  );
});

test('without any point the run uses the latest, and reports this [OP-2]', () => {
  const none = choosePointsByRule(HOUR_OLD, targetOf(), NOW);
  expect(none).toMatchObject({
    kind: 'latest',
    reason: expect.stringContaining(
      'latestProcessed was passed over: web has none. So the latest is taken',
    ) as string,
  });
  expect(none.points.get('a')).toBeNull();
});

test('a multi-VM point is one time that all members share, and a single VM ignores it [OP-2]', () => {
  const shared = { shared: true };
  const multi = rule({ kind: 'latestMultiVmConsistent' }, { kind: 'latestProcessed' });
  const members = [
    { vm: 'a', name: 'web', points: [point(5, shared), point(10, shared), point(1)] },
    { vm: 'b', name: 'sql', points: [point(10, shared), point(20, shared)] },
  ];
  const chosen = choosePointsByRule(multi, { isMultiVm: true, members }, NOW);
  expect([...chosen.points].map(([vm, found]) => [vm, found?.time])).toEqual([
    ['a', at(10)],
    ['b', at(10)],
  ]);
  expect(choosePointsByRule(multi, targetOf(point(5, shared)), NOW)).toMatchObject({
    kind: 'latestProcessed',
    reason: expect.stringContaining('only VMs of a multi-VM group') as string,
  });
  const apart = [members[0], { vm: 'b', name: 'sql', points: [point(7, shared)] }].flatMap(
    (member) => member ?? [],
  );
  expect(choosePointsByRule(multi, { isMultiVm: true, members: apart }, NOW).reason).toContain(
    'there is no moment of which all members have a point',
  );
});

test('a choice is for all members or for none: one point that is too old excludes the choice [OP-2]', () => {
  const members = [
    { vm: 'a', name: 'web', points: [point(5, { appConsistent: true })] },
    { vm: 'b', name: 'sql', points: [point(70, { appConsistent: true })] },
  ];
  expect(choosePointsByRule(HOUR_OLD, { isMultiVm: true, members }, NOW)).toMatchObject({
    kind: 'latestProcessed',
    reason: expect.stringContaining('sql is 70 minutes old') as string,
  });
});

const anyPoint = fc
  .record({ ago: fc.integer({ min: 0, max: 200 }), appConsistent: fc.boolean(), shared: fc.boolean() })
  .map(({ ago, ...more }) => point(ago, more));
const anyRule = fc
  .tuple(
    fc.array(
      fc.record(
        {
          kind: fc.constantFrom(...Object.values(RecoveryPointKind)),
          notOlderThanMinutes: fc.integer({ min: 1, max: 150 }),
        },
        { requiredKeys: ['kind'] },
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('latest' as const, 'latestProcessed' as const),
  )
  .map(([choices, last]) => RecoveryPointRule.parse([...choices, { kind: last }]));

test('each VM gets its own recovery point, of the kind and age in the rule [OP-2]', () => {
  const members = fc
    .array(fc.array(anyPoint, { maxLength: 6 }), { minLength: 1, maxLength: 3 })
    .map((lists) => lists.map((points, index) => ({ vm: `vm${index}`, name: `n${index}`, points })));
  fc.assert(
    fc.property(anyRule, members, (given, list) => {
      const target = { isMultiVm: list.length > 1, members: list };
      const { kind, points, reason } = choosePointsByRule(given, target, NOW);
      const limits = given
        .filter((choice) => choice.kind === kind)
        .map(({ notOlderThanMinutes = Infinity }) => notOlderThanMinutes);
      for (const member of list) {
        const found = points.get(member.vm);
        expect(found).toBeDefined();
        if (!found) {
          expect(kind).toBe('latest');
          continue;
        }
        expect(member.points).toContain(found);
        expect((Date.parse(NOW) - Date.parse(found.time)) / 60_000).toBeLessThanOrEqual(Math.max(...limits));
        if (kind === 'latestAppConsistent') expect(found.appConsistent).toBe(true);
        if (kind === 'latestMultiVmConsistent') expect(found.shared).toBe(true);
      }
      expect(reason).toMatch(/ (was taken|is taken)[^.]*/);
    }),
  );
});
