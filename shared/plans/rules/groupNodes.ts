// Adds the nodes of groups to a graph, for operations that start VMs in order.
// The nodes include the actions around groups and VMs.

import type { PhaseOperation } from '../../core/operations.ts';
import type { Action } from './action.ts';
import { ALL_UP, type Node, PlanOperation } from './graph.ts';
import { independentNode, gateNode, nodeIdOf, strictestRule, vmUnitsOf, type RunFacts } from './nodes.ts';
import type { Group } from './plan.ts';
import { stepRuleOf } from './rule.ts';

export function addGroupNodes(
  nodes: Node[],
  groups: readonly Group[],
  phase: PhaseOperation,
  operation: PlanOperation,
  facts: RunFacts,
): void {
  const groupIdByName = new Map(groups.map(({ name }, index) => [name, `g${index}`]));
  const needsCleanUp = (vms: readonly string[]): boolean =>
    operation === PlanOperation.failover || operation === PlanOperation.failback
      ? vms.some((vm) => facts.vmsInTest?.has(vm))
      : false;
  // A failover does not wait for the end of a drill. The clean-up of the test starts at once, parallel
  // to the actions before the VM. This order costs the least time.
  for (const group of groups) {
    for (const vms of vmUnitsOf(group, 'cleanUpTestFailover', facts)) {
      if (needsCleanUp(vms))
        nodes.push({
          ...independentNode({ group, vms, phase: 'cleanUpTestFailover', main: false }),
          rule: strictestRule(group, vms),
        });
    }
  }
  for (const group of groups) addNodesOfGroup(nodes, group, groupIdByName, phase, { facts, needsCleanUp });
  nodes.push(
    gateNode(
      ALL_UP,
      null,
      groups.map(({ name }) => `${groupIdByName.get(name) ?? ''}.end`),
    ),
  );
}

interface GroupGraphContext {
  readonly facts: RunFacts;
  readonly needsCleanUp: (vms: readonly string[]) => boolean;
}

type AddNode = (node: Node) => string;

/** Adds the actions as a chain after `previousId`. Returns the id of the last node. */
function addActionNodes(
  addNode: AddNode,
  { group, id, vm, target }: { group: string; id: string; vm: string | null; target: string | null },
  place: 'before' | 'after',
  actions: readonly Action[],
  previousId: string,
): string {
  const addNext = (last: string, action: Action, index: number): string =>
    addNode({
      kind: 'action',
      id: `${vm ?? id}.${place}.${index}`,
      group,
      place,
      vm,
      action,
      needs: [last],
      always: false,
      buildsOn: target === null ? [] : [{ id: target, how: 'good' }],
      rule: stepRuleOf(action),
    });
  return actions.reduce(addNext, previousId);
}

interface PreparedTarget {
  readonly vms: readonly string[];
  readonly readyIds: readonly string[];
}

function addNodesOfGroup(
  nodes: Node[],
  group: Group,
  groupIdByName: ReadonlyMap<string, string>,
  phase: PhaseOperation,
  { facts, needsCleanUp }: GroupGraphContext,
): void {
  const id = groupIdByName.get(group.name) ?? '';
  const addNode: AddNode = (node) => {
    nodes.push(node);
    return node.id;
  };
  const addGate = (name: string, needs: readonly string[]): string =>
    addNode(gateNode(`${id}.${name}`, group.name, needs));
  const owner = { group: group.name, id, vm: null, target: null };
  const waitedGates = group.waitsFor.map((name) => `${groupIdByName.get(name) ?? ''}.end`);
  const begin = addGate('begin', waitedGates);
  const ready = addGate('ready', [addActionNodes(addNode, owner, 'before', group.before, begin)]);
  const actionsAround = (vm: string) => group.perVm[vm] ?? { before: [], after: [] };
  const targets = vmUnitsOf(group, phase, facts).map((vms): PreparedTarget => ({
    vms,
    readyIds: vms.map((vm) =>
      addActionNodes(addNode, { ...owner, vm }, 'before', actionsAround(vm).before, ready),
    ),
  }));
  const allReady = group.together
    ? addGate(
        'allReady',
        targets.flatMap(({ readyIds }) => readyIds),
      )
    : null;
  const started = targets.map(({ vms, readyIds }) => {
    const cleanUp = needsCleanUp(vms) ? [nodeIdOf(vms, 'cleanUpTestFailover')] : [];
    const needs = [...new Set(allReady ? [allReady] : readyIds), ...cleanUp];
    const buildsOn = cleanUp.map((cleanUpId) => ({ id: cleanUpId, how: 'good' as const }));
    const commonFields = { main: true, always: false, rule: strictestRule(group, vms), needs, buildsOn };
    const node = addNode({
      kind: 'vms',
      id: nodeIdOf(vms, phase),
      group: group.name,
      phase,
      vms,
      ...commonFields,
    });
    return { vms, node };
  });
  const allUp = group.together
    ? addGate(
        'allUp',
        started.map(({ node }) => node),
      )
    : null;
  const lastIds = started.flatMap(({ vms, node }) =>
    vms.map((vm) =>
      addActionNodes(
        addNode,
        { ...owner, vm, target: node },
        'after',
        actionsAround(vm).after,
        allUp ?? node,
      ),
    ),
  );
  const up = addGate('up', lastIds.length > 0 ? [...new Set(lastIds)] : [ready]);
  addGate('end', [addActionNodes(addNode, owner, 'after', group.after, up)]);
}
