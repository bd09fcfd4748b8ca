// Plans as people might write them: valid plans of any shape with an order.
import fc from 'fast-check';
import type * as z from 'zod';
import { Plan, type Group } from '../../../shared/plans/rules/plan.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** The ids of VMs: the number stands at the end, in letters. */
export const vmId = (at: number): string =>
  `vm-${'a'.repeat(23)}${[Math.floor(at / 676), Math.floor(at / 26), at].map((entry) => LETTERS[entry % 26]).join('')}`;
export const HASH = 'a'.repeat(64);
export const RUNBOOK =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/runbooks/dns';

type PlanInput = z.input<typeof Plan>;
type GroupInput = PlanInput['runs']['failover'][number];
type ActionInput = NonNullable<GroupInput['before']>[number];

/** The parsed plan with these groups. */
export const makePlan = (
  failover: readonly GroupInput[],
  more: Omit<Partial<PlanInput>, 'runs'> & { readonly runs?: Partial<PlanInput['runs']> } = {},
): Plan => Plan.parse({ name: 'shop', ...more, runs: { ...more.runs, failover: [...failover] } });
export const makeGroup = (
  name: string,
  vms: readonly number[],
  more: Partial<GroupInput> = {},
): GroupInput => ({ name, vms: vms.map(vmId), ...more });

export const waitAction = (name = 'wait', more: object = {}): ActionInput => ({
  kind: 'wait',
  name,
  minutes: 1,
  ...more,
});

const failureRules = {
  critical: fc.boolean(),
  onFailure: fc.constantFrom('stop' as const, 'goOn' as const, 'ask' as const),
  onTimeout: fc.constantFrom('stop' as const, 'goOn' as const, 'ask' as const),
  timeoutMinutes: fc.integer({ min: 1, max: 60 }),
};
const optional: { requiredKeys: [] } = { requiredKeys: [] };
const alsoIn = fc.subarray(['testFailover' as const, 'failback' as const]);
const anyActionFields = fc
  .tuple(fc.record(failureRules, optional), alsoIn, fc.constantFrom('a', 'b', 'c'))
  .map(([given, also, name]) => ({ ...given, alsoIn: also, name }));
const anyAction: fc.Arbitrary<ActionInput> = fc
  .tuple(
    anyActionFields,
    fc.constantFrom<ActionInput>(
      { kind: 'wait', name: '', minutes: 2 },
      { kind: 'manual', name: '', instructions: 'Look.' },
      { kind: 'approval', name: '', people: 2 },
      { kind: 'runbook', name: '', runbookId: RUNBOOK },
      { kind: 'probe', name: '', target: { tcp: 'shop.example.com:443' } },
      { kind: 'http', name: '', url: 'https://hooks.example.com/go', key: 'k1' },
    ),
  )
  .map(([given, action]) => ({ ...action, ...given }));
const anyActions = fc.array(anyAction, { maxLength: 2 });

/** Up to twelve VMs, spread over up to five groups that wait only for groups before them. */
function anyGroups(): fc.Arbitrary<GroupInput[]> {
  const place = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 });
  const waits = fc.array(fc.subarray([0, 1, 2, 3, 4]), { minLength: 5, maxLength: 5 });
  const shapes = fc.array(
    fc.record({
      before: anyActions,
      after: anyActions,
      together: fc.boolean(),
      rule: fc.record(failureRules, optional),
      around: fc.array(fc.tuple(anyActions, anyActions), { minLength: 3, maxLength: 3 }),
    }),
    { minLength: 5, maxLength: 5 },
  );
  return fc
    .tuple(fc.integer({ min: 1, max: 5 }), place, waits, shapes)
    .map(([count, places, before, given]) =>
      Array.from({ length: count }, (_, at) => {
        const vms = places.flatMap((groupIndex, vm) => (groupIndex % count === at ? [vmId(vm)] : []));
        const { around = [], ...shape } = given[at] ?? {};
        return {
          ...shape,
          name: `g${at}`,
          vms,
          waitsFor: (before[at] ?? []).filter((candidate) => candidate < at).map((index) => `g${index}`),
          perVm: Object.fromEntries(
            around.flatMap(([first, last], vmIndex) => {
              const vm = vms[vmIndex];
              return vm ? [[vm, { before: first, after: last }]] : [];
            }),
          ),
        };
      }),
    );
}

const anyMinutes = fc.integer({ min: 1, max: 120 });
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    failover: anyGroups(),
    failback: fc.option(fc.boolean(), { nil: undefined }),
    checks: anyActions,
    cleanUp: fc.option(anyMinutes, { nil: null }),
    commitWindow: fc.oneof(
      fc.constant({ kind: 'wait' as const }),
      anyMinutes.map((afterMinutes) => ({ kind: 'commit' as const, afterMinutes })),
      anyMinutes.map((afterMinutes) => ({ kind: 'cancel' as const, afterMinutes })),
    ),
  })
  .map(({ failover, failback, checks, cleanUp, commitWindow }) =>
    makePlan(failover, {
      commitWindow,
      drill: { checks, cleanUpAfterMinutes: cleanUp },
      // The failback has one group.
      ...(failback === true
        ? { runs: { failback: [{ name: 'all', vms: failover.flatMap(({ vms = [] }) => vms) }] } }
        : {}),
    }),
  );

export const vmsIn = (groupsOfPlan: readonly Group[]): string[] => groupsOfPlan.flatMap(({ vms }) => vms);
