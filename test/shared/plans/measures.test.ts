// Measured values, targets, and the durations that Lifeboat learns.
import fc from 'fast-check';
import { estimateRun } from '../../../shared/plans/rules/criticalPath.ts';
import {
  durationOfPhase,
  keyOfPhase,
  keyOfVm,
  learnDurations,
  MAX_SAMPLES,
  quantile,
} from '../../../shared/plans/rules/durations.ts';
import type { Graph } from '../../../shared/plans/rules/graph.ts';
import { measureRun, type NodeTimes } from '../../../shared/plans/rules/measures.ts';
import { buildGraph } from '../../../shared/plans/rules/buildGraph.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { anyPlan, makeGroup, makePlan, vmId, waitAction } from './arbitrary.ts';

const T = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
function graph(plan: Plan): Graph {
  const made = buildGraph(plan, 'failover');
  if ('findings' in made) throw new Error('no order');
  return made;
}
const id = (vm: number, phase = 'failover'): string => `${vmId(vm)}.${phase}`;
const took = (from: number, to: number, more: Partial<NodeTimes> = {}): NodeTimes => ({
  beganAt: T(from),
  endedAt: T(to),
  armBeganAt: T(from + 5),
  isGood: true,
  ...more,
});
const pointAt = (vm: number, at: number) => ({ points: { [vmId(vm)]: T(at) } });

const tiers = makePlan(
  [
    makeGroup('data', [1], { after: [waitAction('settle')] }),
    makeGroup('web', [2, 3], { waitsFor: ['data'], perVm: { [vmId(2)]: { after: [waitAction('warm')] } } }),
  ],
  { targets: { recoveryMinutes: 10, dataLossMinutes: 5 } },
);
const good = new Map<string, NodeTimes>([
  [id(1), took(10, 160, pointAt(1, -100))],
  ['g0.after.0', took(165, 225, { armBeganAt: null })],
  [id(2), took(230, 400, pointAt(2, -60))],
  [id(3), took(230, 420, pointAt(3, 200))],
  [`${vmId(2)}.after.0`, took(410, 470, { armBeganAt: null })],
]);

test('the measures judge recovery time and data loss per VM, group and plan [JOB-2]', () => {
  const { plan, groups, vms } = measureRun(graph(tiers), tiers.targets, T(0), good, true);
  expect(plan).toEqual({
    fromCommandSeconds: 470,
    fromSiteRecoverySeconds: 455,
    dataLossSeconds: 295,
    recovery: 'met',
    dataLoss: 'met',
  });
  expect(groups).toEqual([
    {
      name: 'data',
      fromCommandSeconds: 225,
      fromSiteRecoverySeconds: 210,
      dataLossSeconds: 115,
      recovery: 'met',
      dataLoss: 'met',
    },
    {
      name: 'web',
      fromCommandSeconds: 470,
      fromSiteRecoverySeconds: 235,
      dataLossSeconds: 295,
      recovery: 'met',
      dataLoss: 'met',
    },
  ]);
  expect(
    vms.map(({ vm, group, fromCommandSeconds, dataLossSeconds }) => [
      vm,
      group,
      fromCommandSeconds,
      dataLossSeconds,
    ]),
  ).toEqual([
    [vmId(1), 'data', 160, 115],
    [vmId(2), 'web', 470, 295],
    [vmId(3), 'web', 420, 35],
  ]);
  const promised = measureRun(graph(tiers), { recoveryMinutes: 7, dataLossMinutes: 4 }, T(0), good, true);
  expect([promised.plan, ...promised.vms].map(({ recovery, dataLoss }) => [recovery, dataLoss])).toEqual([
    ['missed', 'missed'],
    ['met', 'met'],
    ['missed', 'missed'],
    ['met', 'met'],
  ]);
  expect(measureRun(graph(tiers), {}, T(0), good, true).plan).toMatchObject({
    recovery: null,
    dataLoss: null,
  });
});

test('each VM of a partially completed group counts its data loss from its own start [JOB-2] [A2A-15]', () => {
  const both = {
    points: { [vmId(2)]: T(200), [vmId(3)]: T(900) },
    armBeganAt: T(235),
    armBeganByVm: { [vmId(2)]: T(235), [vmId(3)]: T(905) },
  };
  const together = buildGraph(tiers, 'failover', {
    multiVmGroupOf: (vm) => (vm === vmId(1) ? null : 'group'),
  });
  if ('findings' in together) throw new Error('no order');
  const { vms, groups } = measureRun(
    together,
    {},
    T(0),
    new Map(good).set(id(2), took(230, 1100, both)),
    true,
  );
  expect(vms.map(({ vm, dataLossSeconds }) => [vm, dataLossSeconds])).toEqual([
    [vmId(1), 115],
    [vmId(2), 35],
    [vmId(3), 5],
  ]);
  expect(groups[1]).toMatchObject({ dataLossSeconds: 35, fromSiteRecoverySeconds: 865 });
});

test('the critical path names each step that delayed the end, and its wait [JOB-2]', () => {
  expect(measureRun(graph(tiers), {}, T(0), good, true).criticalPath).toEqual([
    { id: id(1), waitedSeconds: 10, seconds: 150 },
    { id: 'g0.after.0', waitedSeconds: 5, seconds: 60 },
    { id: id(2), waitedSeconds: 5, seconds: 170 },
    { id: `${vmId(2)}.after.0`, waitedSeconds: 10, seconds: 60 },
  ]);
});

test('a VM that did not arrive misses its target, and an unknown value meets no target [JOB-2]', () => {
  const failed = new Map(good).set(id(3), took(230, 420, { isGood: false }));
  const { plan, vms } = measureRun(graph(tiers), tiers.targets, T(0), failed, true);
  expect(plan).toMatchObject({
    fromCommandSeconds: null,
    recovery: 'missed',
    dataLossSeconds: null,
    dataLoss: 'unknown',
  });
  expect(vms[2]).toMatchObject({ fromCommandSeconds: null, recovery: 'missed', dataLoss: 'unknown' });
  const running = new Map(good).set(id(3), took(230, 420, { endedAt: null, isGood: false }));
  expect(measureRun(graph(tiers), tiers.targets, T(0), running, false).plan.recovery).toBe('unknown');
  const pointless = new Map(good).set(id(1), took(10, 160));
  expect(measureRun(graph(tiers), tiers.targets, T(0), pointless, true).plan).toMatchObject({
    recovery: 'met',
    dataLossSeconds: null,
    dataLoss: 'unknown',
  });
  expect(measureRun(graph(tiers), { dataLossMinutes: 1 }, T(0), pointless, true).plan.dataLoss).toBe(
    'missed',
  );
});

test('an optional VM does not count for its group, and has its own measures [JOB-2]', () => {
  const plan = makePlan([makeGroup('all', [1, 2], { perVm: { [vmId(2)]: { rule: { critical: false } } } })], {
    targets: { recoveryMinutes: 5 },
  });
  const times = new Map([
    [id(1), took(0, 100)],
    [id(2), took(0, 200, { isGood: false })],
  ]);
  const measured = measureRun(graph(plan), plan.targets, T(0), times, true);
  expect(measured.plan.recovery).toBe('met');
  expect(measured.vms.map(({ recovery }) => recovery)).toEqual(['met', 'missed']);
});

test('a run without delays takes exactly the estimated time, and no VM takes longer [JOB-2]', () => {
  fc.assert(
    fc.property(anyPlan, fc.integer({ min: 1, max: 500 }), (plan, seconds) => {
      const made = graph(plan);
      const expected = estimateRun(made, {
        [keyOfPhase('failover')]: { count: 9, median: seconds, p90: seconds },
      });
      const times = new Map(
        made.nodes.flatMap((node) => {
          const { begins, ends } = expected.times.get(node.id) ?? { begins: 0, ends: 0 };
          return node.kind === 'gate'
            ? []
            : [[node.id, took(begins, ends, { armBeganAt: T(begins) })] as const];
        }),
      );
      const measured = measureRun(made, {}, T(0), times, true);
      expect(measured.plan.fromCommandSeconds).toBe(expected.seconds);
      expect(measured.criticalPath.reduce((sum, entry) => sum + entry.waitedSeconds + entry.seconds, 0)).toBe(
        expected.seconds,
      );
      for (const entry of [...measured.vms, ...measured.groups])
        expect(entry.fromCommandSeconds).toBeLessThanOrEqual(expected.seconds);
    }),
  );
});

test('learned durations: median and p90 of the newest twenty; one outlier moves neither [JOB-2]', () => {
  const key = keyOfPhase('failover');
  const samples = Array.from({ length: 30 }, (_, at) => ({
    key,
    seconds: at < 10 ? 9000 : 100 + at,
    at: T(at),
  }));
  expect(learnDurations(samples)[key]).toEqual({ count: MAX_SAMPLES, median: 119, p90: 127 });
  const odd = [...samples.slice(11), { key, seconds: 1e6, at: T(99) }];
  expect(learnDurations(odd)[key]?.median).toBeLessThan(125);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 40 }), (seconds) => {
      const {
        median = 0,
        p90 = 0,
        count = 0,
      } = learnDurations(seconds.map((second, at) => ({ key, seconds: second, at: T(at) })))[key] ?? {};
      const newest = seconds.slice(-MAX_SAMPLES);
      expect(count).toBe(newest.length);
      expect(newest).toContain(median);
      expect(newest.filter((candidate) => candidate <= median).length * 2).toBeGreaterThanOrEqual(
        newest.length,
      );
      expect(newest.filter((candidate) => candidate < p90).length).toBeLessThan(newest.length * 0.9);
      expect(p90).toBeGreaterThanOrEqual(median);
      expect(
        quantile(
          [...newest].sort((a, b) => a - b),
          1,
        ),
      ).toBe(Math.max(...newest));
    }),
  );
  expect(
    learnDurations([
      { key, seconds: NaN, at: T(0) },
      { key, seconds: -1, at: T(0) },
    ]),
  ).toEqual({});
});

test("a VM's own history comes first, then that of all VMs, then the default; two runs are no history [JOB-2]", () => {
  const own = {
    [keyOfVm('failover', 'a')]: { count: 3, median: 50, p90: 60 },
    [keyOfPhase('failover')]: { count: 3, median: 70, p90: 80 },
  };
  expect(durationOfPhase(own, 'failover', 'a').median).toBe(50);
  expect(durationOfPhase(own, 'failover', 'b').median).toBe(70);
  expect(
    durationOfPhase({ [keyOfPhase('failover')]: { count: 2, median: 70, p90: 80 } }, 'failover'),
  ).toEqual({ count: 0, median: 160, p90: 320 });
});
