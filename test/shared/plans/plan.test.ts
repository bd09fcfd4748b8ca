// A valid plan, its defaults from the failover, and the refused forms.
import fc from 'fast-check';
import { Action } from '../../../shared/plans/rules/action.ts';
import { PLAN_LIMITS, Plan, RecoveryPointRule } from '../../../shared/plans/rules/plan.ts';
import { consequenceOfFailure, consequenceOfTimeout, StepRule } from '../../../shared/plans/rules/rule.ts';
import { actionsOfGroup, groupsForRun, vmsOfPlan } from '../../../shared/plans/rules/planRuns.ts';
import { anyPlan, makeGroup, HASH, makePlan, RUNBOOK, vmId, vmsIn, waitAction } from './arbitrary.ts';

const messagesOf = (given: unknown): string => {
  const read = Plan.safeParse(given);
  return read.success
    ? ''
    : read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n');
};
const NAME = 'cut over';

test('a plan stays the same after writing and reading [PLAN-1]', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    }),
  );
});

test("a drill and a failback keep the failover's order and only the actions marked for them [PLAN-1]", () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      for (const run of ['testFailover', 'failback'] as const) {
        const groups = groupsForRun(plan, run);
        if (plan.runs[run]) {
          expect(groups).toBe(plan.runs[run]);
          continue;
        }
        expect(groups.map(({ name, vms, waitsFor }) => ({ name, vms, waitsFor }))).toEqual(
          plan.runs.failover.map(({ name, vms, waitsFor }) => ({ name, vms, waitsFor })),
        );
        groups.forEach((group, at) => {
          const original = plan.runs.failover[at];
          expect(actionsOfGroup(group)).toEqual(
            original ? actionsOfGroup(original).filter(({ alsoIn }) => alsoIn.includes(run)) : [],
          );
        });
      }
      expect([...vmsOfPlan(plan)].sort()).toEqual(vmsIn(plan.runs.failover).sort());
    }),
  );
});

test('a run with its own groups has these groups and no others [PLAN-1]', () => {
  const plan = makePlan(
    [makeGroup('all', [1, 2], { before: [waitAction('cut over', { alsoIn: ['testFailover'] })] })],
    { runs: { testFailover: [makeGroup('one', [1])] } },
  );
  expect(groupsForRun(plan, 'testFailover')).toMatchObject([{ name: 'one', vms: [vmId(1)], before: [] }]);
});

test('every kind of action [PLAN-1]', () => {
  const script = { kind: 'script', name: NAME, sha256: HASH, text: 'echo', on: vmId(1), shell: 'bash' };
  const machine = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/jump';
  for (const action of [
    { kind: 'runbook', name: NAME, runbookId: RUNBOOK, parameters: { zone: 'shop' } },
    script,
    { ...script, text: undefined, reference: 'https://scripts.example.com/a.sh', on: machine },
    { kind: 'http', name: NAME, url: 'https://a.example.com/x', key: 'k1' },
    { kind: 'probe', name: NAME, target: { url: 'http://10.0.0.4/up', status: [200, 204] } },
    { kind: 'probe', name: NAME, target: { tcp: '10.0.0.4:1433' } },
    { kind: 'manual', name: NAME, instructions: 'Call.' },
    { kind: 'approval', name: NAME, people: 2, from: ['ada', 'bob'] },
    waitAction(),
  ])
    expect(Action.safeParse(action).error?.issues ?? []).toEqual([]);
  for (const wrong of [
    { ...script, reference: 'https://scripts.example.com/a.sh' },
    { ...script, text: undefined },
    { ...script, sha256: 'abc' },
    { ...script, on: 'jump' },
    { ...script, shell: 'cmd' },
    { kind: 'runbook', name: NAME, runbookId: 'dns' },
    { kind: 'http', name: NAME, url: 'ftp://a.example.com', key: 'k1' },
    { kind: 'http', name: NAME, url: 'https://a.example.com' },
    { kind: 'probe', name: NAME, target: { tcp: '10.0.0.4:70000' } },
    { kind: 'probe', name: NAME, target: { tcp: '10.0.0.4' } },
    { kind: 'probe', name: NAME, target: {} },
    { kind: 'manual', name: NAME },
    { kind: 'approval', name: NAME, people: 3 },
    { kind: 'wait', name: NAME, minutes: 0 },
    { ...waitAction(), sometimes: true },
    { kind: 'email', name: NAME },
  ])
    expect(Action.safeParse(wrong).success).toBe(false);
});

test("a plan may exceed Site Recovery's 100 VMs and 7 groups, but not Lifeboat's limits [PLAN-2]", () => {
  const many = (count: number, size: number) =>
    Array.from({ length: count }, (_, at) =>
      makeGroup(
        `g${at}`,
        Array.from({ length: size }, (__, entry) => at * size + entry),
      ),
    );
  expect(messagesOf({ name: 'shop', runs: { failover: many(PLAN_LIMITS.groups, 25) } })).toBe('');
  expect(messagesOf({ name: 'shop', runs: { failover: many(PLAN_LIMITS.groups + 1, 1) } })).toContain(
    'runs.failover',
  );
  expect(messagesOf({ name: 'shop', runs: { failover: many(2, 2501) } })).toContain(
    'must not have more than 5000 VMs',
  );
  expect(
    messagesOf({ name: 'shop', runs: { failover: many(1, 1) }, description: 'x'.repeat(4001) }),
  ).toContain('description');
});

test('the refusal of an invalid plan names the place [PLAN-1]', () => {
  expect(messagesOf({ name: 'shop' })).toContain('runs');
  expect(messagesOf({ name: 'shop', runs: { failover: [] } })).toContain('runs.failover');
  expect(
    messagesOf({ name: 'shop', runs: { failover: [{ ...makeGroup('a', []), vms: ['web'] }] } }),
  ).toContain("runs.failover.0.vms.0 must be one of Lifeboat's ids");
  expect(messagesOf({ name: 'shop', runs: { failover: [makeGroup('a', [1])], commit: [] } })).toContain(
    'runs',
  );
  expect(
    messagesOf({ name: 'shop', runs: { failover: [makeGroup('a', [1])] }, commitWindow: { kind: 'commit' } }),
  ).toContain('commitWindow.afterMinutes');
});

test('a rule for recovery points ends in a choice that always exists [OP-2]', () => {
  const fresh = { kind: 'latestAppConsistent', notOlderThanMinutes: 60 };
  expect(RecoveryPointRule.safeParse([fresh, { kind: 'latestProcessed' }]).success).toBe(true);
  for (const wrong of [
    [],
    [fresh],
    [{ kind: 'latestAppConsistent' }],
    [{ kind: 'latestProcessed', notOlderThanMinutes: 60 }],
  ])
    expect(RecoveryPointRule.safeParse(wrong).success).toBe(false);
});

test('by default a failed critical step asks a person, and a time-out is a failure [OP-6] [OP-8]', () => {
  expect([
    consequenceOfFailure(StepRule.parse({})),
    consequenceOfFailure(StepRule.parse({ critical: false })),
  ]).toEqual(['ask', 'goOn']);
  expect(consequenceOfTimeout(StepRule.parse({ onFailure: 'stop' }))).toBe('stop');
  expect(consequenceOfTimeout(StepRule.parse({ onFailure: 'stop', onTimeout: 'goOn' }))).toBe('goOn');
});
