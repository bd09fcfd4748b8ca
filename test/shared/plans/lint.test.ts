// The findings of the linter: the code, the place, and a reason with a remedy. A correct plan has
// no findings.
import fc from 'fast-check';
import { parseAllowedAddress } from '../../../shared/core/allowedAddresses.ts';
import { hasErrors, lintValue, lintParsedPlan, lintText } from '../../../shared/plans/rules/lint.ts';
import type { LintFacts, VmFacts } from '../../../shared/plans/rules/lint/facts.ts';
import { formatJsonPath } from '../../../shared/core/finding.ts';
import type { Plan } from '../../../shared/plans/rules/plan.ts';
import { anyPlan, makeGroup, HASH, makePlan, vmId, waitAction } from './arbitrary.ts';

const vm = (at: number, more: Partial<VmFacts> = {}): [string, VmFacts] => [
  vmId(at),
  {
    name: `web${at}`,
    vaultId: 'v1',
    sourceRegion: 'eastasia',
    isProtected: true,
    stateText: 'Protected',
    multiVmGroup: null,
    ...more,
  },
];
const vms = (count: number, ...others: [string, VmFacts][]): ReadonlyMap<string, VmFacts> =>
  new Map([...Array.from({ length: count }, (_, at) => vm(at)), ...others]);
const address = (text: string) => {
  const entry = parseAllowedAddress(text);
  if (!entry) throw new Error(text);
  return entry;
};

const findingsOf = (plan: Plan, facts: LintFacts = {}): string[] =>
  lintParsedPlan(plan, facts).map(
    ({ code, severity, path }) => `${severity} ${code} ${formatJsonPath(path)}`,
  );

test('a plan with an order, of existing and protected VMs, has no errors [PLAN-1]', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      const findings = lintParsedPlan(plan, { vms: vms(12), homeRegion: 'southeastasia' });
      expect(hasErrors(findings)).toBe(false);
      for (const { message } of findings) {
        expect(message).not.toContain('undefined');
        expect(message).toMatch(/[.;] ?[^.;]+\.$/);
      }
    }),
  );
});

test('the lint reports a circle of groups once, and each group that waits for it [PLAN-1]', () => {
  const plan = makePlan([
    makeGroup('first', [1]),
    makeGroup('a', [2], { waitsFor: ['c', 'first'] }),
    makeGroup('b', [3], { waitsFor: ['a'] }),
    makeGroup('c', [4], { waitsFor: ['b'] }),
    makeGroup('after', [5], { waitsFor: ['b'] }),
    makeGroup('self', [6], { waitsFor: ['self'] }),
  ]);
  expect(findingsOf(plan)).toEqual([
    'error GroupCycle $.runs.failover[1].waitsFor',
    'error GroupUnreachable $.runs.failover[4].waitsFor',
    'error GroupCycle $.runs.failover[5].waitsFor',
  ]);
  expect(lintParsedPlan(plan, {})[0]?.message).toContain('"a" waits for "c" waits for "b" waits for "a"');
});

test('the lint finds an error exactly when the run cannot reach some group [PLAN-1]', () => {
  const waits = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(waits, (list) => {
      const plan = makePlan(
        list.map((others, at) => makeGroup(`g${at}`, [at], { waitsFor: others.map((other) => `g${other}`) })),
      );
      const reached = new Set<number>();
      for (let round = 0; round < list.length; round += 1)
        list.forEach((others, at) => {
          if (others.every((other) => reached.has(other))) reached.add(at);
        });
      expect(hasErrors(lintParsedPlan(plan, {}))).toBe(reached.size < list.length);
    }),
  );
});

test('a group that waits for a missing one, two of one name, an empty one [PLAN-1]', () => {
  expect(findingsOf(makePlan([makeGroup('a', [1], { waitsFor: ['b'] })]))).toEqual([
    'error GroupUnreachable $.runs.failover[0].waitsFor[0]',
  ]);
  expect(findingsOf(makePlan([makeGroup('a', [1]), makeGroup('a', [2])]))).toEqual([
    'error GroupTwice $.runs.failover[1].name',
  ]);
  expect(findingsOf(makePlan([makeGroup('a', [1]), makeGroup('b', [])]))).toEqual([
    'warning GroupEmpty $.runs.failover[1]',
  ]);
  expect(findingsOf(makePlan([makeGroup('a', [1]), makeGroup('b', [], { before: [waitAction()] })]))).toEqual(
    [],
  );
});

test('the lint finds duplicate, unknown, unprotected or misplaced VMs [PLAN-2]', () => {
  expect(findingsOf(makePlan([makeGroup('a', [1]), makeGroup('b', [2, 1])]))).toEqual([
    'error VmTwice $.runs.failover[1].vms[1]',
  ]);
  expect(findingsOf(makePlan([makeGroup('a', [1, 9])]), { vms: vms(3) })).toEqual([
    'error VmUnknown $.runs.failover[0].vms[1]',
  ]);
  expect(
    findingsOf(makePlan([makeGroup('a', [1, 2])]), {
      vms: vms(3, vm(2, { isProtected: false, stateText: 'InitialReplicationInProgress' })),
    }),
  ).toEqual(['warning VmNotProtected $.runs.failover[0].vms[1]']);
  expect(
    findingsOf(
      makePlan([
        makeGroup('a', [1], { perVm: { [vmId(2)]: { before: [waitAction()] } } }),
        makeGroup('b', [2]),
      ]),
    ),
  ).toEqual([`error VmElsewhere $.runs.failover[0].perVm["${vmId(2)}"]`]);
  expect(findingsOf(makePlan([makeGroup('a', [])]))).toEqual([
    'warning GroupEmpty $.runs.failover[0]',
    'warning NoVms $.runs.failover',
  ]);
});

test('all members of a multi-VM group must be in one group [PLAN-2] [A2A-15]', () => {
  const multiVmGroup = { id: 'm', name: 'orders', members: [vmId(1), vmId(2), vmId(3)] };
  const facts = { vms: vms(5, ...[1, 2, 3].map((at) => vm(at, { multiVmGroup }))) };
  expect(findingsOf(makePlan([makeGroup('a', [4, 3, 2, 1])]), facts)).toEqual([]);
  expect(findingsOf(makePlan([makeGroup('a', [4, 1, 2])]), facts)).toEqual([
    'error MultiVmPart $.runs.failover[0].vms[1]',
  ]);
  const split = makePlan([makeGroup('a', [1, 2]), makeGroup('b', [3])]);
  expect(findingsOf(split, facts)).toEqual(['error MultiVmPart $.runs.failover[0].vms[0]']);
  expect(lintParsedPlan(split, facts)[0]?.message).toContain('web3 is in "b"');
});

test("a source in Lifeboat's own region, more than Site Recovery's plan limits, several vaults [PLAN-2]", () => {
  const home = { vms: vms(2, vm(1, { sourceRegion: 'southeastasia' })), homeRegion: 'southeastasia' };
  expect(findingsOf(makePlan([makeGroup('a', [0, 1])]), home)).toEqual([
    'warning SourceIsHome $.runs.failover[0].vms',
  ]);
  expect(findingsOf(makePlan([makeGroup('a', [0])]), home)).toEqual([]);
  const big = makePlan(
    Array.from({ length: 8 }, (_, at) =>
      makeGroup(
        `g${at}`,
        Array.from({ length: 13 }, (__, entry) => at * 13 + entry),
      ),
    ),
  );
  expect(findingsOf(big, { vms: vms(104, vm(7, { vaultId: 'v2' })) })).toEqual([
    'info SeveralVaults $.runs.failover',
    'info BeyondNativeVms $.runs.failover',
    'info BeyondNativeGroups $.runs.failover',
  ]);
});

test('a VM in the failover must be in the failback, and a VM in the drill must be in the failover [OP-5]', () => {
  const plan = makePlan([makeGroup('a', [1, 2])], {
    runs: { failback: [makeGroup('a', [1])], testFailover: [makeGroup('a', [1, 3])] },
  });
  expect(findingsOf(plan)).toEqual([
    'warning NotBroughtBack $.runs.failback',
    'warning NotFailedOver $.runs.testFailover',
  ]);
});

const findingsOfAction = (before: object, facts: LintFacts = {}): string[] =>
  findingsOf(
    makePlan([makeGroup('a', [1], { before: [{ name: 'x', timeoutMinutes: 5, ...before } as never] })]),
    facts,
  );
const AT = '$.runs.failover[0].before[0]';

test('actions that may never end, and optional actions that stop the run [OP-8]', () => {
  expect(findingsOfAction({ kind: 'manual', instructions: 'Look.', timeoutMinutes: undefined })).toEqual([
    `warning CriticalWithoutTimeout ${AT}`,
  ]);
  expect(
    findingsOfAction({ kind: 'manual', instructions: 'Look.', timeoutMinutes: undefined, critical: false }),
  ).toEqual([`warning ActionWithoutTimeout ${AT}`]);
  expect(findingsOfAction({ kind: 'wait', minutes: 1, timeoutMinutes: undefined })).toEqual([]);
  expect(findingsOfAction({ kind: 'wait', minutes: 1, critical: false, onTimeout: 'stop' })).toEqual([
    `warning OptionalStops ${AT}.onTimeout`,
  ]);
  expect(
    findingsOf(makePlan([makeGroup('a', [1], { rule: { critical: false, onFailure: 'stop' } })])),
  ).toEqual(['warning OptionalStops $.runs.failover[0].rule.onFailure']);
  expect(
    findingsOf(
      makePlan([makeGroup('a', [1])], {
        drill: { checks: [{ kind: 'manual', name: 'x', instructions: 'Look.' }] },
      }),
    ),
  ).toEqual(['warning CriticalWithoutTimeout $.drill.checks[0]']);
});

test('the lint warns of a check without a time-out and of a drill without a clean-up [OP-13]', () => {
  const checked = (cleanUpAfterMinutes: number | null) =>
    lintParsedPlan(
      makePlan([makeGroup('a', [1])], {
        drill: { checks: [{ kind: 'manual', name: 'x', instructions: 'Look.' }], cleanUpAfterMinutes },
      }),
      {},
    );
  expect(checked(30)).toMatchObject([
    {
      code: 'CriticalWithoutTimeout',
      message: expect.stringContaining('time to live of 30 minutes is over: then "x" is given up') as string,
    },
  ]);
  expect(checked(null)).toMatchObject([
    { message: expect.stringContaining('the test VMs stay for ever') as string },
    { code: 'DrillNotCleanedUp', severity: 'warning' },
  ]);
});

test('approvals that nobody can give [PLAN-1] [OP-8]', () => {
  const approvers = new Set(['ada', 'bob']);
  expect(findingsOfAction({ kind: 'approval' }, { approvers })).toEqual([]);
  expect(findingsOfAction({ kind: 'approval', people: 2 }, { approvers })).toEqual([
    `warning FewCanApprove ${AT}`,
  ]);
  expect(findingsOfAction({ kind: 'approval', from: ['eve'] }, { approvers })).toEqual([
    `error NobodyCanApprove ${AT}`,
  ]);
  expect(findingsOfAction({ kind: 'approval', people: 2, from: ['ada', 'ada'] }, {})).toEqual([
    `error NobodyCanApprove ${AT}`,
  ]);
  expect(findingsOfAction({ kind: 'approval' }, { approvers: new Set() })).toEqual([
    `error NobodyCanApprove ${AT}`,
  ]);
});

test('the lint finds forbidden addresses, missing keys and changed scripts [PLAN-1]', () => {
  const addresses = [address('*.example.com'), address('http://10.0.0.4:8080 private')];
  expect(
    findingsOfAction({ kind: 'http', url: 'https://hooks.example.com/x', key: 'k' }, { addresses }),
  ).toEqual([]);
  expect(
    findingsOfAction(
      { kind: 'http', url: 'https://hooks.example.org/x', key: 'k' },
      { addresses, keys: new Set(['j']) },
    ),
  ).toEqual([`error AddressNotAllowed ${AT}.url`, `error KeyUnknown ${AT}.key`]);
  expect(findingsOfAction({ kind: 'probe', target: { url: 'http://10.0.0.4/up' } }, { addresses })).toEqual([
    `error AddressNotAllowed ${AT}.target.url`,
  ]);
  expect(findingsOfAction({ kind: 'probe', target: { tcp: '10.0.0.4:8080' } }, { addresses })).toEqual([]);
  expect(findingsOfAction({ kind: 'probe', target: { tcp: '10.0.0.4:22' } }, { addresses })).toEqual([
    `error AddressNotAllowed ${AT}.target.tcp`,
  ]);
  const script = { kind: 'script', sha256: HASH, text: 'echo', on: vmId(1), shell: 'bash' };
  expect(findingsOfAction(script, { sha256: () => HASH })).toEqual([]);
  expect(findingsOfAction(script, { sha256: () => 'b'.repeat(64) })).toEqual([
    `error ScriptChanged ${AT}.sha256`,
  ]);
  expect(findingsOfAction({ ...script, on: vmId(9) }, { vms: vms(3) })).toEqual([`error VmUnknown ${AT}.on`]);
  expect(
    findingsOfAction({ ...script, text: undefined, reference: 'https://elsewhere.org/a.sh' }, { addresses }),
  ).toEqual([`error AddressNotAllowed ${AT}.reference`]);
});

test("impossible targets by the history, or by the plan's own rule for points [JOB-2]", () => {
  const learned = { 'phase:failover': { count: 20, median: 600, p90: 900 } };
  const two = (recoveryMinutes: number) =>
    makePlan([makeGroup('a', [1]), makeGroup('b', [2], { waitsFor: ['a'] })], {
      targets: { recoveryMinutes },
    });
  expect(findingsOf(two(19), { learnedDurations: learned })).toEqual([
    'warning TargetTooShort $.targets.recoveryMinutes',
  ]);
  expect(findingsOf(two(20), { learnedDurations: learned })).toEqual([]);
  expect(findingsOf(two(1))).toEqual([]);
  const old = (notOlderThanMinutes?: number) =>
    makePlan(
      [
        makeGroup('a', [1], {
          recoveryPoint: [
            { kind: 'latestAppConsistent', ...(notOlderThanMinutes && { notOlderThanMinutes }) },
            { kind: 'latest' },
          ],
        }),
      ],
      { targets: { dataLossMinutes: 60 } },
    );
  expect([findingsOf(old(60)), findingsOf(old(61)), findingsOf(old())]).toEqual([
    [],
    ...[1, 2].map(() => ['warning TargetTooShort $.runs.failover[0].recoveryPoint[0]']),
  ]);
});

test('a plan as text: each finding has its line and column, also in an invalid plan or invalid JSON [PLAN-1]', () => {
  const text =
    `{\n  "name": "shop",\n  "runs": { "failover": [\n    { "name": "a", "vms": ` +
    `["${vmId(1)}"],\n      "waitsFor": ["b"] } ] } }`;
  expect(lintText(text, {}).findings).toEqual([
    expect.objectContaining({
      code: 'GroupUnreachable',
      severity: 'error',
      path: '$.runs.failover[0].waitsFor[0]',
      line: 5,
      column: 20,
    }),
  ]);
  expect(lintText(text, {}).plan?.name).toBe('shop');
  expect(lintText(text.replace(vmId(1), 'web'), {})).toMatchObject({
    plan: null,
    findings: [{ code: 'NotAPlan', path: '$.runs.failover[0].vms[0]', line: 4, column: 28 }],
  });
  expect(lintText(text.replace('"name": "shop",', ''), {}).findings).toMatchObject([
    { code: 'NotAPlan', path: '$.name', line: 1, column: 1 },
  ]);
  expect(lintText(text.replace('"shop",', '"shop", "name": "Shop",'), {}).findings).toMatchObject([
    { code: 'NameTwice', severity: 'error', line: 2 },
    { code: 'GroupUnreachable' },
  ]);
  expect(lintText(text.replace('"runs":', 'runs:'), {})).toMatchObject({
    plan: null,
    findings: [
      {
        code: 'NotJson',
        line: 3,
        column: 3,
        message: expect.stringContaining('a name in double quotes') as string,
      },
    ],
  });
  expect(lintValue({ runs: 1 }, {}).findings.map(({ code }) => code)).toEqual(['NotAPlan', 'NotAPlan']);
  const { findings } = lintText(`{${'"name": "shop",'.repeat(10_000)}"runs": {}}`, {});
  expect(findings.filter(({ code }) => code === 'NameTwice')).toHaveLength(100);
  expect(findings[100]).toMatchObject({
    code: 'MoreFindings',
    message: expect.stringContaining('9899') as string,
  });
});
