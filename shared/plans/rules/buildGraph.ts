// Builds the graph of a run from a plan, an operation and facts about the VMs.
// Previews and jobs both use this module, so a preview shows the graph of the real run.

import { phasesOf } from '../../scenarios/drivers.ts';
import { RunName } from './action.ts';
import { ALL_UP, type Graph, type Node, PlanOperation } from './graph.ts';
import { addGroupNodes } from './groupNodes.ts';
import { addDrillEnd, addLaterPhases, addCommitWindow } from './laterNodes.ts';
import { checkGroupOrder } from './lint/order.ts';
import type { LintFinding } from '../../core/finding.ts';
import { checkDuplicateVms } from './lint/vms.ts';
import { independentNode, gateNode, vmUnitsOf, type RunFacts } from './nodes.ts';
import type { Group, Plan } from './plan.ts';
import { groupsForRun } from './planRuns.ts';

const RUN_OF_OPERATION: Record<PlanOperation, RunName | null> = {
  failover: 'failover',
  changeRecoveryPoint: 'failover',
  testFailover: 'testFailover',
  cleanUpTestFailover: 'testFailover',
  failback: 'failback',
  // These operations apply to every VM of the plan, in either direction.
  commit: null,
  cancelFailover: null,
  reprotect: null,
};
/** VMs start in these operations, so their order matters. In other operations, VMs are independent. */
const ORDERED_OPERATIONS: ReadonlySet<PlanOperation> = new Set([
  'failover',
  'testFailover',
  'failback',
  'changeRecoveryPoint',
]);

/** Builds the graph. Returns findings for a plan without a valid order; such a plan must not run. */
export function buildGraph(
  plan: Plan,
  operation: PlanOperation,
  facts: RunFacts = {},
): Graph | { readonly findings: readonly LintFinding[] } {
  const run = RUN_OF_OPERATION[operation];
  const groups = groupsOfOperation(plan, operation);
  const path = ['runs', run && plan.runs[run] ? run : RunName.failover];
  const findings = [...checkGroupOrder(groups, path), ...checkDuplicateVms(groups, path)].filter(
    ({ severity }) => severity === 'error',
  );
  if (findings.length > 0) return { findings };
  const nodes: Node[] = [];
  const [firstPhase = 'failover', ...laterPhases] = phasesOf(operation);
  if (ORDERED_OPERATIONS.has(operation)) {
    const groupsToRun =
      operation === PlanOperation.changeRecoveryPoint
        ? groups.map((group) => ({ ...group, before: [], after: [], perVm: withoutActions(group) }))
        : groups;
    addGroupNodes(nodes, sortGroups(groupsToRun), firstPhase, operation, facts);
  } else {
    const vmNodes = groups.flatMap((group) =>
      vmUnitsOf(group, firstPhase, facts).map((vms) =>
        independentNode({ group, vms, phase: firstPhase, main: true }),
      ),
    );
    nodes.push(
      ...vmNodes,
      gateNode(
        ALL_UP,
        null,
        vmNodes.map(({ id }) => id),
      ),
    );
  }
  addLaterPhases(nodes, groups, firstPhase, laterPhases, facts);
  if (operation === PlanOperation.failover) addCommitWindow(nodes, plan, groups, facts);
  if (operation === PlanOperation.testFailover) addDrillEnd(nodes, plan, groups, facts);
  return { operation, nodes };
}

/** The groups of a run for this operation. */
export function groupsOfOperation(plan: Plan, operation: PlanOperation): readonly Group[] {
  const run = RUN_OF_OPERATION[operation];
  return run ? groupsForRun(plan, run) : groupsOfAllRuns(plan);
}

/** Groups that together contain each VM of the plan once. */
function groupsOfAllRuns(plan: Plan): readonly Group[] {
  const addedVms = new Set<string>();
  const failover = groupsForRun(plan, RunName.failover);
  failover.forEach(({ vms }) => vms.forEach((vm) => addedVms.add(vm)));
  const others = (['failback', 'testFailover'] as const).flatMap((run) =>
    groupsForRun(plan, run).flatMap((group) => {
      const vms = group.vms.filter((vm) => !addedVms.has(vm));
      vms.forEach((vm) => addedVms.add(vm));
      return vms.length > 0 ? [{ ...group, name: `${group.name} (${run})`, waitsFor: [], vms }] : [];
    }),
  );
  return [...failover, ...others];
}

const withoutActions = ({ perVm }: Group): Group['perVm'] =>
  Object.fromEntries(
    Object.entries(perVm).map(([vm, vmActions]) => [vm, { ...vmActions, before: [], after: [] }]),
  );

/** Sorts each group after the groups that it waits for. Otherwise keeps the order of the plan. */
export function sortGroups(groups: readonly Group[]): readonly Group[] {
  const sortedNames = new Set<string>();
  let remaining = [...groups];
  const sorted: Group[] = [];
  while (remaining.length > 0) {
    const unblocked = remaining.filter(({ waitsFor }) => waitsFor.every((name) => sortedNames.has(name)));
    unblocked.forEach((group) => {
      sortedNames.add(group.name);
      sorted.push(group);
    });
    remaining = remaining.filter(({ name }) => !sortedNames.has(name));
  }
  return sorted;
}
