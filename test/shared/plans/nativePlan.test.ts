// The import of a Site Recovery plan: it drops nothing silently.
import fc from 'fast-check';
import { Plan } from '../../../shared/plans/rules/plan.ts';
import {
  convertNativePlan,
  type NativeAction,
  type NativeGroup,
} from '../../../shared/plans/rules/nativePlan.ts';

const action: fc.Arbitrary<NativeAction> = fc.record({
  name: fc.uuid(),
  operations: fc.subarray(['UnplannedFailover', 'PlannedFailover', 'TestFailover', 'Commit']),
  directions: fc.subarray(['PrimaryToRecovery', 'RecoveryToPrimary']),
  instanceType: fc.constantFrom(
    'ScriptActionDetails',
    'AutomationRunbookActionDetails',
    'ManualActionDetails',
    'NewActionDetails',
  ),
  details: fc.constant({
    path: '/x',
    runbookId: 'r',
    description: 'd',
    timeout: null,
    fabricLocation: 'Primary',
  }),
});
const actions = fc.array(action, { maxLength: 3 });
const group = (
  type: string,
  items: fc.Arbitrary<readonly string[]> = fc.constant([]),
): fc.Arbitrary<NativeGroup> =>
  fc.record({ type: fc.constant(type), items, before: actions, after: actions });
const native = fc.record({
  armId: fc.constant('/plan'),
  name: fc.constant('plan'),
  groups: fc
    .tuple(
      group('Shutdown'),
      group('Failover'),
      fc.array(group('Boot', fc.array(fc.constantFrom('/a', '/b', '/unknown'), { maxLength: 3 })), {
        maxLength: 4,
      }),
    )
    .map(([shutdown, failover, boots]) => [shutdown, failover, ...boots]),
});
const vmOf = (armId: string): string | undefined =>
  armId === '/unknown' ? undefined : `vm-${armId.slice(1).repeat(26)}`;

test('the plan keeps each VM and each action in place, or a warning names it [OP-11]', () => {
  fc.assert(
    fc.property(native, (given) => {
      const { plan, warnings } = convertNativePlan(given, vmOf);
      const { runs } = plan;
      expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
      const boots = given.groups.filter(({ type }) => type === 'Boot');
      expect(runs.failover.map(({ vms }) => vms)).toEqual(
        boots.length === 0 ? [[]] : boots.map(({ items }) => items.flatMap((armId) => vmOf(armId) ?? [])),
      );
      expect(runs.failover.map(({ waitsFor }) => waitsFor)).toEqual(
        runs.failover.map((_, at) => (at === 0 ? [] : [`Group ${at}`])),
      );
      if (boots.some(({ items }) => items.includes('/unknown')))
        expect(JSON.stringify(warnings)).toContain('/unknown');
      const names = (
        of: readonly {
          readonly before: readonly { readonly name: string }[];
          readonly after: readonly { readonly name: string }[];
        }[],
      ) => of.flatMap(({ before, after }) => [...before, ...after].map(({ name }) => name));
      const messages = warnings.map(({ message }) => message).join();
      for (const nativeAction of given.groups.flatMap(({ before, after }) => [...before, ...after])) {
        const wanted = (['failover', 'testFailover'] as const).filter((run) =>
          names(runs[run] ?? []).includes(nativeAction.name),
        );
        if (wanted.length === 0) expect(messages).toContain(nativeAction.name);
        if (nativeAction.operations.length > 0 && !nativeAction.operations.includes('TestFailover'))
          expect(wanted).not.toContain('testFailover');
      }
    }),
  );
});

test('server scripts and unknown runbooks become manual steps with warnings [OP-11] [PLAN-1]', () => {
  const RUNBOOK =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/runbooks/dns';
  const actionOf = (
    name: string,
    instanceType: string,
    details: Record<string, string | null>,
  ): NativeAction => ({
    name,
    operations: [],
    directions: [],
    instanceType,
    details,
  });
  const before = [
    actionOf('stop', 'ScriptActionDetails', {
      path: '/stop.ps1',
      timeout: 'PT5M',
      fabricLocation: 'Primary',
    }),
    actionOf('dns', 'AutomationRunbookActionDetails', { runbookId: RUNBOOK, timeout: 'PT1H30M' }),
    actionOf('odd', 'AutomationRunbookActionDetails', { runbookId: 'dns', timeout: 'soon' }),
    actionOf('look', 'ManualActionDetails', { description: '' }),
  ];
  const { plan, warnings } = convertNativePlan(
    { armId: '/plan', name: 'plan', groups: [{ type: 'Boot', items: ['/a'], before, after: [] }] },
    vmOf,
  );
  expect(plan.runs.failover[0]?.before).toMatchObject([
    {
      kind: 'manual',
      name: 'stop',
      timeoutMinutes: 5,
      instructions: expect.stringContaining('/stop.ps1') as string,
    },
    { kind: 'runbook', name: 'dns', runbookId: RUNBOOK, timeoutMinutes: 90 },
    { kind: 'manual', name: 'odd', instructions: expect.stringContaining('dns') as string },
    { kind: 'manual', name: 'look', instructions: 'look' },
  ]);
  expect(plan.runs.failover[0]?.before[2]).not.toHaveProperty('timeoutMinutes');
  expect(warnings).toMatchObject([
    { code: 'ScriptBecomesManual', message: expect.stringContaining('"stop" is a script') as string },
    { code: 'RunbookUnknown', message: expect.stringContaining('"odd" names no runbook') as string },
  ]);
});
