// The preview of a run: its steps, its duration, and its present obstacles.
import fc from 'fast-check';
import { keyOfPhase } from '../../../shared/plans/rules/durations.ts';
import {
  previewFromFacts,
  type PreviewFacts,
  type PreviewVm,
  type RunPreview,
} from '../../../shared/plans/rules/runPreview.ts';
import type { PlanOperation } from '../../../shared/plans/rules/graph.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { anyPlan, makeGroup, makePlan, vmId, vmsIn, waitAction } from './arbitrary.ts';

const READY = {
  protectionState: 'Protected',
  activeLocation: 'Primary',
  allowedOperations: ['TestFailover', 'UnplannedFailover'],
};
const TESTING = { ...READY, allowedOperations: ['TestFailoverCleanup', 'UnplannedFailover'] };
const vm = (at: number, more: Partial<PreviewVm> = {}): [string, PreviewVm] => [
  vmId(at),
  {
    name: `web${at}`,
    scenario: 'azureToAzure',
    direction: 'original',
    seen: READY,
    health: 'Normal',
    lockedBy: null,
    ...more,
  },
];
const learned = {
  [keyOfPhase('failover')]: { count: 20, median: 150, p90: 240 },
  [keyOfPhase('cleanUpTestFailover')]: { count: 20, median: 90, p90: 90 },
};
const facts = (...vms: [string, PreviewVm][]): PreviewFacts => ({
  vms: new Map([...Array.from({ length: 12 }, (_, at) => vm(at)), ...vms]),
  learnedDurations: learned,
});
function previewed(plan: Plan, given: PreviewFacts, operation: PlanOperation = 'failover'): RunPreview {
  const preview = previewFromFacts(plan, operation, given);
  if ('findings' in preview) throw new Error('no order');
  return preview;
}
const two = makePlan([
  makeGroup('data', [1]),
  makeGroup('web', [2, 3], { waitsFor: ['data'], before: [waitAction()] }),
]);

test('the preview lists the steps of each VM, their order, and their duration [PLAN-1]', () => {
  const preview = previewed(two, facts());
  expect(preview).toMatchObject({
    canRun: true,
    obstacles: [],
    usualSeconds: 360,
    slowSeconds: 540,
    unknown: [],
    addedByDrillSeconds: 0,
    criticalPath: [`${vmId(1)}.failover`, 'g1.before.0', `${vmId(2)}.failover`],
  });
  expect(preview.vms.map(({ name, group, phases }) => [name, group, phases])).toEqual([
    ['web1', 'data', [{ phase: 'failover', beginsSeconds: 0, endsSeconds: 150 }]],
    ...['web2', 'web3'].map((name) => [
      name,
      'web',
      [{ phase: 'failover', beginsSeconds: 210, endsSeconds: 360 }],
    ]),
  ]);
});

test('the preview lists each VM once, and names VMs without history instead of guessing [PLAN-1]', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const preview = previewed(plan, facts());
      expect(preview.vms.map(({ vm: id }) => id).sort()).toEqual(vmsIn(plan.runs.failover).sort());
      expect(preview.canRun).toBe(true);
      expect(preview.slowSeconds).toBeGreaterThanOrEqual(preview.usualSeconds);
      for (const { phases } of preview.vms)
        for (const { phase, beginsSeconds, endsSeconds } of phases)
          if (phase === 'failover') expect(endsSeconds - beginsSeconds).toBe(150);
    }),
  );
  const asking = makePlan([
    makeGroup('a', [1], { before: [{ kind: 'manual', name: 'call', instructions: 'Call.' }] }),
  ]);
  expect(previewed(asking, facts()).unknown).toEqual(['g0.before.0']);
  expect(
    previewed(asking, {
      ...facts(),
      learnedDurations: { ...learned, 'action:manual:call': { count: 1, median: 600, p90: 600 } },
    }),
  ).toMatchObject({ unknown: [], usualSeconds: 750 });
});

const way = (given: PreviewFacts, operation?: PlanOperation): unknown =>
  previewed(two, given, operation).obstacles.map(({ vm: id, code, refuses }) => [id, code, refuses]);

test('an unprotected, locked, missing or misplaced VM refuses the run [PLAN-2] [OP-7]', () => {
  expect(way(facts(vm(2, { seen: { ...READY, protectionState: 'InitialReplicationInProgress' } })))).toEqual([
    [vmId(2), 'OperationNotAllowed', true],
  ]);
  expect(previewed(two, facts(vm(2, { lockedBy: 'job-1' })))).toMatchObject({
    canRun: false,
    obstacles: [{ code: 'VmHeld', message: expect.stringContaining('locked by job-1') as string }],
  });
  const gone = { ...facts(), vms: new Map([vm(1), vm(2)]) };
  expect(way(gone)).toEqual([[vmId(3), 'VmUnknown', true]]);
  expect(way(facts(), 'failback')).toEqual([1, 2, 3].map((at) => [vmId(at), 'OperationNotAllowed', true]));
  expect(way(facts(), 'commit')).toHaveLength(3);
  expect(
    way(
      facts(
        ...[1, 2, 3].map((at) =>
          vm(at, { seen: { ...READY, activeLocation: 'Recovery', allowedOperations: ['Commit'] } }),
        ),
      ),
      'commit',
    ),
  ).toEqual([]);
});

test('bad health, a foreign operation and a shared region warn, but refuse nothing [OP-2]', () => {
  expect(
    way(facts(vm(2, { health: 'Critical' }), vm(3, { seen: { ...READY, allowedOperations: [] } }))),
  ).toEqual([
    [vmId(2), 'HealthNotNormal', false],
    [vmId(3), 'VmBusy', false],
  ]);
  const home = {
    ...facts(),
    homeRegion: 'eastasia',
    regionOf: (id: string) => (id === vmId(1) ? 'eastasia' : 'northeurope'),
  };
  expect(way(home)).toEqual([[null, 'SourceIsHome', false]]);
});

test('a failover during a drill: the minutes that its clean-up adds [OP-2]', () => {
  const first = previewed(two, facts(vm(1, { seen: TESTING })));
  expect(first).toMatchObject({
    canRun: true,
    addedByDrillSeconds: 90,
    usualSeconds: 450,
    obstacles: [
      { code: 'DrillInProgress', message: expect.stringContaining('about 2 minutes longer') as string },
    ],
  });
  expect(first.vms[0]?.phases.map(({ phase }) => phase)).toEqual(['cleanUpTestFailover', 'failover']);
  // A clean-up during the first group costs no time.
  expect(previewed(two, facts(vm(2, { seen: TESTING })))).toMatchObject({
    addedByDrillSeconds: 0,
    usualSeconds: 360,
  });
});

test('with thousands of VMs the write budget decides the duration [PLAN-2]', () => {
  const plan = makePlan([
    makeGroup(
      'all',
      Array.from({ length: 5000 }, (_, at) => at),
    ),
  ]);
  const known = {
    vms: new Map(Array.from({ length: 5000 }, (_, at) => vm(at))),
    learnedDurations: learned,
    writeBudget: { burst: 200, perSecond: 8 },
  };
  // 200 start at once, the others at eight a second. The last VM takes as long as any.
  const runPreview = previewed(plan, known);
  expect(runPreview.usualSeconds).toBe(4800 / 8 + 150);
  expect([0, 199, 200, 4999].map((at) => runPreview.vms[at]?.phases[0]?.beginsSeconds)).toEqual([
    0, 0, 0.1, 600,
  ]);
  // Sums of thirds have long fractions, and the preview shows tenths.
  const thirds = previewed(plan, { ...known, writeBudget: { burst: 200, perSecond: 3 } });
  for (const seconds of thirds.vms.flatMap(({ phases }) => phases.map(({ endsSeconds }) => endsSeconds)))
    expect(String(seconds)).toMatch(/^\d+(\.\d)?$/);
  // While the second half waits for the first, the budget collects writes for it.
  const half = (from: number) => Array.from({ length: 2500 }, (_, at) => from + at);
  expect(
    previewed(makePlan([makeGroup('a', half(0)), makeGroup('b', half(2500), { waitsFor: ['a'] })]), known)
      .usualSeconds,
  ).toBe(2 * (2300 / 8 + 150));
  expect(
    previewFromFacts(makePlan([makeGroup('a', [1], { waitsFor: ['b'] })]), 'failover', facts()),
  ).toMatchObject({
    findings: [{ code: 'GroupUnreachable' }],
  });
});

test('the preview of a drill shows the time of the clean-up and the skipped steps [OP-13]', () => {
  const check = { kind: 'manual' as const, name: 'Look', instructions: 'Look.' };
  const drill = (more: object, groups = [makeGroup('a', [1])]) =>
    previewed(
      makePlan(groups, { drill: { checks: [check], cleanUpAfterMinutes: 30, ...more } }),
      facts(),
      'testFailover',
    );
  const testSeconds = 170;
  const usual = drill({});
  expect(usual).toMatchObject({ cleanUpSeconds: testSeconds + 1800, obstacles: [] });
  expect(usual.vms[0]?.phases[1]).toEqual({
    phase: 'cleanUpTestFailover',
    beginsSeconds: testSeconds + 1800,
    endsSeconds: testSeconds + 1890,
  });
  expect(drill({ cleanUpAfterMinutes: null })).toMatchObject({
    cleanUpSeconds: null,
    canRun: true,
    obstacles: [{ code: 'DrillNotCleanedUp' }],
  });
  const slow = drill({ checks: [waitAction('Soak', { minutes: 45 })] });
  expect(slow).toMatchObject({
    cleanUpSeconds: testSeconds + 1800,
    canRun: true,
    obstacles: [{ code: 'TimeToLiveTooShort', refuses: false }],
  });
  // The run never reaches a second tier that waits longer than the first one lives.
  const cut = drill({}, [
    makeGroup('a', [1]),
    makeGroup('b', [2], {
      waitsFor: ['a'],
      before: [waitAction('Pause', { minutes: 40, alsoIn: ['testFailover'] })],
    }),
  ]);
  expect(cut).toMatchObject({
    cleanUpSeconds: testSeconds + 1800,
    obstacles: [{ code: 'TimeToLiveTooShort' }],
  });
  expect(cut.vms[0]?.phases[1]?.beginsSeconds).toBe(testSeconds + 1800);
});
