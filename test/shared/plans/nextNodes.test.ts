// The next steps after a failure, a pause, a cancel or a question.
import fc from 'fast-check';
import { PlanOperation } from '../../../shared/plans/rules/graph.ts';
import { nextNodes } from '../../../shared/plans/rules/nextNodes.ts';
import { buildGraph } from '../../../shared/plans/rules/buildGraph.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { anyPlan, makeGroup, makePlan, vmId, waitAction } from './arbitrary.ts';
import { anyNodeEnds, anyPick, runGraph } from './run-graph.ts';

function graph(plan: Plan, operation: PlanOperation = 'failover') {
  const planGraph = buildGraph(plan, operation);
  if ('findings' in planGraph) throw new Error('no order');
  return planGraph;
}
const failing =
  (...ids: string[]) =>
  ({ id }: { id: string }) =>
    ids.includes(id) ? ('failed' as const) : ('succeeded' as const);
const first = (n: number): number => n - 1;
const anyOperation = fc.constantFrom(...Object.values(PlanOperation));

test('every run ends, and completes only when every step has succeeded [OP-6] [OP-8]', () => {
  fc.assert(
    fc.property(
      anyPlan,
      anyOperation,
      anyPick,
      anyNodeEnds,
      fc.constantFrom('goOn' as const, 'stop' as const),
      (plan, operation, pick, fate, answer) => {
        const planGraph = graph(plan, operation);
        const { states, lastNodes } = runGraph(planGraph, pick, fate, answer);
        expect(lastNodes.jobEnd).not.toBeNull();
        const work = planGraph.nodes.filter(({ kind }) => kind !== 'gate');
        for (const { id } of work)
          expect(['succeeded', 'failed', 'timedOut', 'skipped']).toContain(states.get(id));
        expect(lastNodes.jobEnd === 'completed').toBe(work.every(({ id }) => states.get(id) === 'succeeded'));
        const main = work.flatMap((node) => (node.kind === 'vms' && node.main ? [node] : []));
        const counted = main.some(({ rule }) => rule.critical)
          ? main.filter(({ rule }) => rule.critical)
          : main;
        const arrived = new Set(counted.flatMap(({ vms }) => vms)).difference(
          new Set(counted.filter(({ id }) => states.get(id) !== 'succeeded').flatMap(({ vms }) => vms)),
        );
        expect(lastNodes.jobEnd === 'failed').toBe(arrived.size === 0);
      },
    ),
    { numRuns: 300 },
  );
});

test('after a stop a run starts nothing new, except the clean-up of a drill [OP-6]', () => {
  fc.assert(
    fc.property(anyPlan, anyOperation, anyPick, anyNodeEnds, (plan, operation, pick, fate) => {
      const planGraph = graph(plan, operation);
      const { states } = runGraph(planGraph, pick, fate, 'stop');
      const stopped = nextNodes(planGraph, states).stoppedBy !== null;
      const cancelled = nextNodes(planGraph, new Map(), { isCancelled: true });
      expect(cancelled.nodesToStart.filter(({ always }) => !always)).toEqual([]);
      expect(cancelled.stoppedBy).toBe('cancelled');
      if (!stopped) return;
      for (const node of planGraph.nodes) {
        if (node.kind !== 'vms' || node.phase !== 'cleanUpTestFailover' || operation !== 'testFailover')
          continue;
        const didStart = states.get(`${node.vms[0] ?? ''}.testFailover`) !== 'skipped';
        expect(states.get(node.id) === 'skipped').toBe(!didStart || states.get('timeToLive') !== 'succeeded');
      }
    }),
  );
});

const planWithRule = (rule: object) =>
  makePlan([makeGroup('a', [1], { rule }), makeGroup('b', [2], { waitsFor: ['a'] }), makeGroup('c', [3])]);
const A = `${vmId(1)}.failover`;
const B = `${vmId(2)}.failover`;
const C = `${vmId(3)}.failover`;

test('stop: waiting steps end as skipped with a reason, and running steps continue to their end [OP-6]', () => {
  const planGraph = graph(planWithRule({ onFailure: 'stop' }));
  const now = nextNodes(
    planGraph,
    new Map([
      [A, 'failed'],
      [C, 'running'],
    ]),
  );
  expect(now).toMatchObject({
    nodesToStart: [],
    stoppedBy: A,
    jobEnd: null,
    nodesToSkip: [{ id: B, code: 'RunStopped', reason: `The run was stopped by ${A} before its turn came.` }],
  });
  expect(
    nextNodes(
      planGraph,
      new Map([
        [A, 'failed'],
        [C, 'succeeded'],
      ]),
    ).jobEnd,
  ).toBe('completedWithExceptions');
});

test("go on: dependent steps continue, and the VM's own steps end as skipped [OP-6]", () => {
  const plan = makePlan([
    makeGroup('a', [1], { rule: { onFailure: 'goOn' }, perVm: { [vmId(1)]: { after: [waitAction()] } } }),
    makeGroup('b', [2], { waitsFor: ['a'] }),
  ]);
  const now = nextNodes(graph(plan), new Map([[A, 'failed']]));
  expect(now.nodesToStart.map(({ id }) => id)).toEqual([B]);
  expect(now.nodesToSkip).toEqual([
    { id: `${vmId(1)}.after.0`, code: 'NotBuiltOn', reason: `It builds on ${A}, which did not succeed.` },
  ]);
});

test('ask: dependent steps wait until a person answers, and the others do not [OP-6] [OP-8]', () => {
  const planGraph = graph(planWithRule({}));
  const failed = new Map([[A, 'failed' as const]]);
  expect(nextNodes(planGraph, failed)).toMatchObject({
    nodesToAskAbout: [A],
    jobEnd: null,
    stoppedBy: null,
    nodesToStart: [{ id: C }],
  });
  expect(nextNodes(planGraph, failed, { answers: new Map([[A, 'goOn']]) })).toMatchObject({
    nodesToAskAbout: [],
    nodesToStart: [{ id: C }, { id: B }],
  });
  expect(nextNodes(planGraph, failed, { answers: new Map([[A, 'stop']]) })).toMatchObject({
    nodesToAskAbout: [],
    nodesToStart: [],
    stoppedBy: A,
    jobEnd: 'failed',
  });
  // A retry forgets the state of the step.
  expect(nextNodes(planGraph, new Map()).nodesToStart.map(({ id }) => id)).toEqual([A, C]);
});

test("a person's stop ends the run, even if the slow step succeeds [OP-8]", () => {
  const planGraph = graph(planWithRule({ timeoutMinutes: 5 }));
  const answers = new Map([[A, 'stop' as const]]);
  for (const state of ['timedOut', 'succeeded'] as const)
    expect(nextNodes(planGraph, new Map([[A, state]]), { answers })).toMatchObject({
      nodesToStart: [],
      stoppedBy: A,
    });
});

test('a time-out follows the plan, even where a failure would do something else [OP-8]', () => {
  const planGraph = graph(planWithRule({ onFailure: 'stop', onTimeout: 'goOn', timeoutMinutes: 5 }));
  expect(nextNodes(planGraph, new Map([[A, 'timedOut']]))).toMatchObject({
    stoppedBy: null,
    nodesToStart: [{ id: C }, { id: B }],
  });
});

test('paused: nothing starts, nothing gets lost; cancelled: nothing starts any more [OP-8]', () => {
  const planGraph = graph(planWithRule({}));
  expect(nextNodes(planGraph, new Map([[A, 'succeeded']]), { isPaused: true })).toMatchObject({
    nodesToStart: [],
    nodesToSkip: [],
    jobEnd: null,
  });
  expect(nextNodes(planGraph, new Map([[A, 'succeeded']])).nodesToStart.map(({ id }) => id)).toEqual([C, B]);
  expect(nextNodes(planGraph, new Map([[A, 'running']]), { isCancelled: true })).toMatchObject({
    jobEnd: null,
    nodesToSkip: [{ id: C }, { id: B }],
  });
  expect(nextNodes(planGraph, new Map([[A, 'succeeded']]), { isCancelled: true }).jobEnd).toBe('cancelled');
  // A skip comes too late here.
  expect(
    nextNodes(planGraph, new Map([A, B, C].map((id) => [id, 'succeeded'])), { isCancelled: true }).jobEnd,
  ).toBe('completed');
});

test('a skipped wait skips its followers, and a cancelled wait leaves them undone [OP-3] [OP-8]', () => {
  const planGraph = graph({
    ...makePlan([makeGroup('a', [1])]),
    commitWindow: { kind: 'commit', afterMinutes: 60 },
  });
  const [hold, commit] = ['hold', 'vms'].map(
    (kind) => planGraph.nodes.find((node) => node.kind === kind && node.id !== A)?.id ?? '',
  );
  const ended = (how: 'skipped' | 'givenUp') =>
    nextNodes(
      planGraph,
      new Map([
        [A, 'succeeded'],
        [hold ?? '', how],
        [commit ?? '', how],
      ]),
      { isCancelled: how === 'givenUp' },
    );
  expect(ended('skipped')).toMatchObject({ jobEnd: 'completed', exceptions: [] });
  expect(ended('givenUp')).toMatchObject({ jobEnd: 'cancelled', exceptions: [hold, commit] });
  expect(
    nextNodes(
      planGraph,
      new Map([
        [A, 'succeeded'],
        [hold ?? '', 'givenUp'],
      ]),
    ).nodesToSkip.map(({ id }) => id),
  ).toEqual([commit]);
});

test('a failed optional VM leaves an exception, and a run without a critical arrival fails [OP-6]', () => {
  const plan = makePlan([makeGroup('a', [1]), makeGroup('b', [2], { rule: { critical: false } })]);
  expect(runGraph(graph(plan), first, failing(B)).lastNodes.jobEnd).toBe('completedWithExceptions');
  expect(runGraph(graph(plan), first, failing(A), 'goOn').lastNodes.jobEnd).toBe('failed');
});

test('a failback commits after all groups, then reprotects, and skips failed VMs [OP-5]', () => {
  const planGraph = graph(makePlan([makeGroup('a', [1]), makeGroup('b', [2])]), 'failback');
  const { begun: didStart, lastNodes } = runGraph(planGraph, first, failing(A), 'goOn');
  expect(didStart.slice(0, 2).sort()).toEqual([A, B]);
  expect(didStart.slice(2)).toEqual([`${vmId(2)}.commit`, `${vmId(2)}.reprotect`]);
  expect(lastNodes.jobEnd).toBe('completedWithExceptions');
  const done = new Map([
    [A, 'succeeded' as const],
    [B, 'succeeded' as const],
  ]);
  expect(nextNodes(planGraph, done, { isPaused: true }).nodesToStart).toEqual([]);
  expect(nextNodes(planGraph, done).nodesToStart.map(({ id }) => id)).toEqual([
    `${vmId(1)}.commit`,
    `${vmId(2)}.commit`,
  ]);
});

test('the time to live of a drill starts with its first test VM, and its end stops waiting steps [OP-13]', () => {
  const check = { kind: 'manual' as const, name: 'Look', instructions: 'Look.' };
  const groups = [
    makeGroup('a', [1], { after: [{ ...check, alsoIn: ['testFailover' as const] }] }),
    makeGroup('b', [2], { waitsFor: ['a'] }),
  ];
  const planGraph = graph(
    makePlan(groups, { drill: { checks: [check], cleanUpAfterMinutes: 30 } }),
    'testFailover',
  );
  const [tested, second, cleanUp] = [
    `${vmId(1)}.testFailover`,
    `${vmId(2)}.testFailover`,
    `${vmId(1)}.cleanUpTestFailover`,
  ];
  expect(nextNodes(planGraph, new Map()).nodesToStart.map(({ id }) => id)).toEqual([tested]);
  // One VM of two is up, and the run asks a person before the other.
  const waiting = new Map([
    [tested, 'succeeded'],
    ['g0.after.0', 'running'],
  ] as const);
  expect(nextNodes(planGraph, waiting).nodesToStart.map(({ id }) => id)).toEqual(['timeToLive']);
  expect(nextNodes(planGraph, waiting, { isPaused: true }).nodesToStart.map(({ id }) => id)).toEqual([
    'timeToLive',
  ]);
  const over = new Map([...waiting, ['timeToLive', 'succeeded']] as const);
  const ended = nextNodes(planGraph, over);
  const why = "The drill's time to live was over before its turn came.";
  expect(ended).toMatchObject({ nodesToStart: [], stoppedBy: 'timeToLive', jobEnd: null });
  expect(ended.nodesToSkip).toContainEqual({ id: second, code: 'TimeToLiveOver', reason: why });
  // The clean-up waits for a running action. Then it starts at once, also during a pause.
  const given = new Map([
    ...over,
    ['g0.after.0', 'skipped'],
    [second, 'skipped'],
    ['check.0', 'skipped'],
  ] as const);
  expect(nextNodes(planGraph, given, { isPaused: true }).nodesToStart.map(({ id }) => id)).toEqual([cleanUp]);
  expect(
    nextNodes(
      planGraph,
      new Map([...given, [cleanUp, 'succeeded'], [`${vmId(2)}.cleanUpTestFailover`, 'skipped']] as const),
    ),
  ).toMatchObject({
    jobEnd: 'completedWithExceptions',
    exceptions: expect.arrayContaining(['g0.after.0', 'check.0']) as string[],
  });
});

test('a drill ends its questions at its time to live, and cleans up running tests later [OP-13]', () => {
  const planGraph = graph(
    makePlan([makeGroup('a', [1, 2])], { drill: { cleanUpAfterMinutes: 30 } }),
    'testFailover',
  );
  const [failed, runs] = [`${vmId(1)}.testFailover`, `${vmId(2)}.testFailover`];
  const asked = nextNodes(
    planGraph,
    new Map([
      [failed, 'failed'],
      [runs, 'running'],
    ] as const),
  );
  expect(asked).toMatchObject({ nodesToAskAbout: [failed], nodesToStart: [{ id: 'timeToLive' }] });
  const over = nextNodes(
    planGraph,
    new Map([
      [failed, 'failed'],
      [runs, 'running'],
      ['timeToLive', 'succeeded'],
    ] as const),
  );
  expect(over).toMatchObject({
    nodesToAskAbout: [],
    nodesToStart: [{ id: `${vmId(1)}.cleanUpTestFailover` }],
    jobEnd: null,
  });
});
