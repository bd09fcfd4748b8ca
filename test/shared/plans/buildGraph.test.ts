// A run of a plan: each VM once, nothing before its prerequisites, and always an end.
import fc from 'fast-check';
import { ALL_UP, PlanOperation, type Graph, type Node } from '../../../shared/plans/rules/graph.ts';
import type { RunFacts } from '../../../shared/plans/rules/nodes.ts';
import { buildGraph } from '../../../shared/plans/rules/buildGraph.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { actionsOfGroup, groupsForRun } from '../../../shared/plans/rules/planRuns.ts';
import { anyPlan, makeGroup, makePlan, vmId, vmsIn, waitAction } from './arbitrary.ts';
import { anyNodeEnds, anyPick, runGraph } from './run-graph.ts';

function graph(plan: Plan, operation: PlanOperation, facts?: RunFacts): Graph {
  const built = buildGraph(plan, operation, facts);
  if ('findings' in built) throw new Error(built.findings.map(({ message }) => message).join('\n'));
  return built;
}

const anyOperation = fc.constantFrom(...Object.values(PlanOperation));
const phasesOf = ({ nodes }: Graph, phase: string): string[] =>
  nodes.flatMap((node) => (node.kind === 'vms' && node.phase === phase ? node.vms : []));
const MAIN: Record<PlanOperation, readonly string[]> = {
  failover: ['failover'],
  testFailover: ['testFailover'],
  failback: ['failover', 'commit', 'reprotect'],
  changeRecoveryPoint: ['changeRecoveryPoint'],
  commit: ['commit'],
  cancelFailover: ['cancelFailover'],
  reprotect: ['reprotect'],
  cleanUpTestFailover: ['cleanUpTestFailover'],
};
/** Some VMs form a multi-VM group, some are in a test. */
const anyFacts = fc
  .record({ pairs: fc.boolean(), testing: fc.subarray([0, 1, 2, 3].map(vmId)) })
  .map(({ pairs, testing }): RunFacts => ({
    vmsInTest: new Set(testing),
    ...(pairs && { multiVmGroupOf: (vm: string) => ([vmId(0), vmId(5)].includes(vm) ? 'm' : null) }),
  }));

test('every VM of the plan occurs exactly once in each phase of each operation [OP-6] [PLAN-1]', () => {
  fc.assert(
    fc.property(anyPlan, anyOperation, anyFacts, (plan, operation, facts) => {
      const built = graph(plan, operation, facts);
      for (const phase of MAIN[operation])
        expect(phasesOf(built, phase).sort()).toEqual(vmsIn(plan.runs.failover).sort());
      expect(new Set(built.nodes.map(({ id }) => id)).size).toBe(built.nodes.length);
      expect(graph(plan, operation, facts)).toEqual(built);
    }),
  );
});

test('every action occurs once in a failover, drill or failback, and in no other operation [PLAN-1]', () => {
  fc.assert(
    fc.property(anyPlan, anyOperation, (plan, operation) => {
      const acting = operation === 'failover' || operation === 'testFailover' || operation === 'failback';
      const expected = acting
        ? [
            ...groupsForRun(plan, operation).flatMap(actionsOfGroup),
            ...(operation === 'testFailover' ? plan.drill.checks : []),
          ]
        : [];
      const planned = graph(plan, operation).nodes.flatMap((node) =>
        node.kind === 'action' ? [JSON.stringify(node.action)] : [],
      );
      expect(planned.sort()).toEqual(expected.map((action) => JSON.stringify(action)).sort());
    }),
  );
});

test('each node comes after its prerequisites, so no circle is possible [OP-6]', () => {
  fc.assert(
    fc.property(anyPlan, anyOperation, anyFacts, (plan, operation, facts) => {
      const seen = new Set<string>();
      for (const { id, needs, buildsOn } of graph(plan, operation, facts).nodes) {
        for (const text of [...needs, ...buildsOn.map((built) => built.id)])
          expect(seen.has(text)).toBe(true);
        seen.add(id);
      }
    }),
  );
});

/** Uses the plan alone, without the graph: whether the first step must wait for the end of the second. */
function mustFollow(
  plan: Plan,
  operation: 'failover' | 'testFailover' | 'failback',
): (later: Node, earlier: Node) => boolean {
  const groups = new Map(groupsForRun(plan, operation).map((group) => [group.name, group]));
  const waits = (name: string | null, other: string | null): boolean =>
    name !== null &&
    other !== null &&
    (groups.get(name)?.waitsFor ?? []).some((text) => text === other || waits(text, other));
  const acts = (node: Node, place: string, vm: boolean): boolean =>
    node.kind === 'action' && node.place === place && (node.vm !== null) === vm;
  const isMain = (node: Node): boolean => node.kind === 'vms' && node.phase === MAIN[operation][0];
  const shares = (a: Node, b: Node): boolean =>
    a.kind === 'vms' && b.kind === 'action' && b.vm !== null && a.vms.includes(b.vm);
  return (later, earlier) => {
    if (
      later.kind === 'gate' ||
      earlier.kind === 'gate' ||
      earlier.group === null ||
      (earlier.kind === 'vms' && !isMain(earlier))
    )
      return false;
    if (later.group === null) return true;
    if (later.kind === 'vms' && !isMain(later)) return operation === 'failback';
    if (waits(later.group, earlier.group)) return true;
    if (later.group !== earlier.group) return false;
    const together = groups.get(later.group)?.together ?? false;
    if (acts(earlier, 'before', false)) return !acts(later, 'before', false);
    if (acts(later, 'after', false)) return !acts(earlier, 'after', false);
    if (acts(earlier, 'before', true) && isMain(later)) return together || shares(later, earlier);
    return isMain(earlier) && acts(later, 'after', true) ? together || shares(earlier, later) : false;
  };
}

test('in any order of starts no step begins too early, and the run reaches all steps [OP-6] [PLAN-1]', () => {
  fc.assert(
    fc.property(
      anyPlan,
      fc.constantFrom('failover' as const, 'testFailover' as const, 'failback' as const),
      anyPick,
      (plan, operation, pick) => {
        const built = graph(plan, operation);
        const history: string[] = [];
        const { ended, begun, lastNodes } = runGraph(
          built,
          pick,
          (node) => {
            history.push(`ends ${node.id}`);
            return 'succeeded';
          },
          undefined,
          { isTimeToLiveLast: true },
        );
        expect(lastNodes.jobEnd).toBe('completed');
        expect([...ended].sort()).toEqual(
          built.nodes
            .filter(({ kind }) => kind !== 'gate')
            .map(({ id }) => id)
            .sort(),
        );
        const order = new Map(ended.map((id, at) => [id, at]));
        const must = mustFollow(plan, operation);
        for (const later of built.nodes)
          for (const earlier of built.nodes)
            if (must(later, earlier)) expect(order.get(earlier.id)).toBeLessThan(order.get(later.id) ?? -1);
        expect(begun.length).toBe(ended.length);
      },
    ),
  );
});

test('groups that do not wait for one another run in parallel, and a VM delays no other [OP-6]', () => {
  const plan = makePlan([
    makeGroup('a', [1, 2], { perVm: { [vmId(1)]: { before: [waitAction()], after: [waitAction()] } } }),
    makeGroup('b', [3]),
    makeGroup('c', [4], { waitsFor: ['a'] }),
  ]);
  const needs = (id: string, built: Graph): Set<string> => {
    const found = new Set([id]);
    for (const node of [...built.nodes].reverse())
      if (found.has(node.id)) node.needs.forEach((need) => found.add(need));
    return found;
  };
  const built = graph(plan, 'failover');
  expect([...needs(`${vmId(2)}.failover`, built)].filter((id) => id.startsWith('vm-'))).toEqual([
    `${vmId(2)}.failover`,
  ]);
  expect(needs(`${vmId(3)}.failover`, built).has('g0.begin')).toBe(false);
  expect(needs(`${vmId(4)}.failover`, built).has(`${vmId(1)}.after.0`)).toBe(true);
  const kept = graph(
    { ...plan, runs: { failover: plan.runs.failover.map((group) => ({ ...group, together: true })) } },
    'failover',
  );
  expect(needs(`${vmId(2)}.failover`, kept).has(`${vmId(1)}.before.0`)).toBe(true);
  expect(needs(`${vmId(1)}.after.0`, kept).has(`${vmId(2)}.failover`)).toBe(true);
});

test('members of a multi-VM group go as one, after each is ready, and by the strictest rule [OP-6]', () => {
  const plan = makePlan([
    makeGroup('a', [1, 2, 3], {
      rule: { critical: false },
      perVm: { [vmId(2)]: { before: [waitAction()], rule: { onFailure: 'stop' } } },
    }),
  ]);
  const built = graph(plan, 'failover', { multiVmGroupOf: (vm) => (vm === vmId(3) ? null : 'm') });
  const together = built.nodes.find(({ id }) => id === `${vmId(1)}.failover`);
  expect(together).toMatchObject({ vms: [vmId(1), vmId(2)], rule: { critical: true, onFailure: 'stop' } });
  expect(together?.needs).toContain(`${vmId(2)}.before.0`);
  // The members commit one by one, and reprotect together: the reprotect builds on both commits.
  const back = graph(plan, 'failback', { multiVmGroupOf: (vm) => (vm === vmId(3) ? null : 'm') }).nodes;
  expect(back.flatMap((node) => (node.kind === 'vms' ? [[node.phase, node.vms.length]] : []))).toEqual([
    ['failover', 2],
    ['failover', 1],
    ...[1, 2, 3].map(() => ['commit', 1]),
    ['reprotect', 2],
    ['reprotect', 1],
  ]);
  expect(back.find(({ id }) => id === `${vmId(2)}.commit`)?.buildsOn).toEqual([
    { id: `${vmId(1)}.failover`, how: 'good' },
  ]);
  expect(back.find(({ id }) => id === `${vmId(1)}.reprotect`)?.buildsOn.map(({ id }) => id)).toEqual([
    `${vmId(1)}.commit`,
    `${vmId(2)}.commit`,
  ]);
});

test('a failover during a drill cleans up the test of a VM first and at once [OP-1] [OP-2]', () => {
  const plan = makePlan([makeGroup('a', [1]), makeGroup('b', [2, 3], { waitsFor: ['a'] })]);
  const built = graph(plan, 'failover', { vmsInTest: new Set([vmId(2)]) });
  expect(built.nodes.find(({ id }) => id === `${vmId(2)}.cleanUpTestFailover`)).toMatchObject({
    needs: [],
    kind: 'vms',
  });
  expect(built.nodes.find(({ id }) => id === `${vmId(2)}.failover`)?.needs).toContain(
    `${vmId(2)}.cleanUpTestFailover`,
  );
  expect(phasesOf(built, 'cleanUpTestFailover')).toEqual([vmId(2)]);
  const failed = runGraph(
    built,
    (n) => n - 1,
    ({ id }) => (id.endsWith('cleanUpTestFailover') ? 'failed' : 'succeeded'),
    'goOn',
  );
  expect(failed.begun).not.toContain(`${vmId(2)}.failover`);
  expect(failed.lastNodes.jobEnd).toBe('completedWithExceptions');
});

test('the commit window acts only on VMs that went over, and on none after a skip [OP-3]', () => {
  fc.assert(
    fc.property(anyPlan, anyPick, anyNodeEnds, (plan, pick, fate) => {
      const built = graph(plan, 'failover');
      const { states, lastNodes } = runGraph(
        built,
        pick,
        (node) => (node.kind === 'hold' ? 'succeeded' : fate(node)),
        'goOn',
      );
      const phase = { wait: null, commit: 'commit', cancel: 'cancelFailover' }[plan.commitWindow.kind];
      for (const node of built.nodes) {
        if (node.kind !== 'vms' || node.phase === 'failover') continue;
        expect(node.phase).toBe(phase);
        const good = states.get(`${node.vms[0] ?? ''}.failover`) === 'succeeded';
        expect(states.get(node.id) === 'skipped').toBe(
          (lastNodes.stoppedBy !== null && states.get('window') === 'skipped') || !good,
        );
      }
    }),
  );
  const plan = makePlan([makeGroup('a', [1])], { commitWindow: { kind: 'commit', afterMinutes: 30 } });
  const skipped = runGraph(
    graph(plan, 'failover'),
    () => 0,
    (node) => (node.kind === 'hold' ? ('skipped' as never) : 'succeeded'),
  );
  expect(skipped.states.get(`${vmId(1)}.commit`)).toBe('skipped');
  expect(skipped.lastNodes.jobEnd).toBe('completed');
});

test('a plan without an order has no graph, and gives the reason [PLAN-2]', () => {
  const circle = makePlan([
    makeGroup('a', [1], { waitsFor: ['b'] }),
    makeGroup('b', [2], { waitsFor: ['a'] }),
  ]);
  expect(buildGraph(circle, 'failover')).toMatchObject({ findings: [{ code: 'GroupCycle' }] });
  expect(buildGraph(makePlan([makeGroup('a', [1]), makeGroup('b', [1])]), 'commit')).toMatchObject({
    findings: [{ code: 'VmTwice' }],
  });
});

test('5,000 VMs in ten groups: the edges grow with the nodes, not with their pairs [PLAN-2]', () => {
  const plan = makePlan(
    Array.from({ length: 10 }, (_, at) =>
      makeGroup(
        `g${at}`,
        Array.from({ length: 500 }, (__, entry) => at * 500 + entry),
        at === 0 ? {} : { waitsFor: [`g${at - 1}`] },
      ),
    ),
  );
  const { nodes } = graph(plan, 'failback');
  expect(nodes.length).toBeLessThan(15_100);
  expect(nodes.reduce((sum, { needs }) => sum + needs.length, 0)).toBeLessThan(35_000);
  expect(nodes.find(({ id }) => id === ALL_UP)?.needs).toHaveLength(10);
});
