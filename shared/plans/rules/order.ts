// From a plan and an operation to the graph of its run.
import { phasesOf } from '../../scenarios/drivers.ts';
import { RunName } from './action.ts';
import { UP, type Graph, type Node, PlanOperation } from './graph.ts';
import { layGroups } from './groupNodes.ts';
import { layDrill, layLater, layWindow } from './laterNodes.ts';
import { mustBeInOrder } from './lint/order.ts';
import type { Finding } from '../../core/finding.ts';
import { vmsOnce } from './lint/vms.ts';
import { alone, gate, targetsOf, type RunFacts } from './nodes.ts';
import type { Group, Plan } from './plan.ts';
import { groupsFor } from './runs.ts';

const RUN_OF: Record<PlanOperation, RunName | null> = {
  failover: 'failover',
  changeRecoveryPoint: 'failover',
  testFailover: 'testFailover',
  cleanUpTestFailover: 'testFailover',
  failback: 'failback',
  // These are for every VM of the plan, in either direction.
  commit: null,
  cancelFailover: null,
  reprotect: null,
};
/** Machines start in these, so their order matters. In the others each VM goes for itself. */
const IN_ORDER: ReadonlySet<PlanOperation> = new Set([
  'failover',
  'testFailover',
  'failback',
  'changeRecoveryPoint',
]);

/** Findings: the plan has no order, and is not run. */
export function graphOf(
  plan: Plan,
  operation: PlanOperation,
  facts: RunFacts = {},
): Graph | { readonly findings: readonly Finding[] } {
  const run = RUN_OF[operation];
  const groups = groupsOf(plan, operation);
  const path = ['runs', run && plan.runs[run] ? run : RunName.failover];
  const findings = [...mustBeInOrder(groups, path), ...vmsOnce(groups, path)].filter(
    ({ severity }) => severity === 'error',
  );
  if (findings.length > 0) return { findings };
  const nodes: Node[] = [];
  const [first = 'failover', ...later] = phasesOf(operation);
  if (IN_ORDER.has(operation)) {
    const acting =
      operation === PlanOperation.changeRecoveryPoint
        ? groups.map((group) => ({ ...group, before: [], after: [], perVm: withoutActions(group) }))
        : groups;
    layGroups(nodes, inOrder(acting), first, operation, facts);
  } else {
    const laid = groups.flatMap((group) =>
      targetsOf(group, first, facts).map((vms) => alone({ group, vms, phase: first, main: true })),
    );
    nodes.push(
      ...laid,
      gate(
        UP,
        null,
        laid.map(({ id }) => id),
      ),
    );
  }
  layLater(nodes, groups, first, later, facts);
  if (operation === PlanOperation.failover) layWindow(nodes, plan, groups, facts);
  if (operation === PlanOperation.testFailover) layDrill(nodes, plan, groups, facts);
  return { operation, nodes };
}

/** The groups that a run for this goes through. */
export function groupsOf(plan: Plan, operation: PlanOperation): readonly Group[] {
  const run = RUN_OF[operation];
  return run ? groupsFor(plan, run) : everybody(plan);
}

/** Groups in which each VM of the plan stands once. */
function everybody(plan: Plan): readonly Group[] {
  const seen = new Set<string>();
  const failover = groupsFor(plan, RunName.failover);
  failover.forEach(({ vms }) => vms.forEach((vm) => seen.add(vm)));
  const others = (['failback', 'testFailover'] as const).flatMap((run) =>
    groupsFor(plan, run).flatMap((group) => {
      const vms = group.vms.filter((vm) => !seen.has(vm));
      vms.forEach((vm) => seen.add(vm));
      return vms.length > 0 ? [{ ...group, name: `${group.name} (${run})`, waitsFor: [], vms }] : [];
    }),
  );
  return [...failover, ...others];
}

const withoutActions = ({ perVm }: Group): Group['perVm'] =>
  Object.fromEntries(Object.entries(perVm).map(([vm, one]) => [vm, { ...one, before: [], after: [] }]));

/** Each group after those it waits for, else as they are written. */
export function inOrder(groups: readonly Group[]): readonly Group[] {
  const laid = new Set<string>();
  let left = [...groups];
  const order: Group[] = [];
  while (left.length > 0) {
    const free = left.filter(({ waitsFor }) => waitsFor.every((name) => laid.has(name)));
    free.forEach((group) => {
      laid.add(group.name);
      order.push(group);
    });
    left = left.filter(({ name }) => !laid.has(name));
  }
  return order;
}
