// The nodes of groups whose VMs come up in order, with the actions around groups and VMs.
import type { PhaseOperation } from '../../core/words.ts';
import type { Action } from './action.ts';
import { UP, type Node, PlanOperation } from './graph.ts';
import { alone, gate, nodeIdOf, ruleFor, targetsOf, type RunFacts } from './nodes.ts';
import type { Group } from './plan.ts';
import { ruleOf } from './rule.ts';

export function layGroups(
  nodes: Node[],
  groups: readonly Group[],
  phase: PhaseOperation,
  operation: PlanOperation,
  facts: RunFacts,
): void {
  const at = new Map(groups.map(({ name }, index) => [name, `g${index}`]));
  const cleaned = (vms: readonly string[]): boolean =>
    operation === PlanOperation.failover || operation === PlanOperation.failback
      ? vms.some((vm) => facts.testing?.has(vm))
      : false;
  // A disaster does not wait for the end of a drill. The test is cleaned up at once, beside what
  // goes before the VM: so it costs least.
  for (const group of groups) {
    for (const vms of targetsOf(group, 'cleanUpTestFailover', facts)) {
      if (cleaned(vms))
        nodes.push({
          ...alone({ group, vms, phase: 'cleanUpTestFailover', main: false }),
          rule: ruleFor(group, vms),
        });
    }
  }
  for (const group of groups) layGroup(nodes, group, at, phase, { facts, cleaned });
  nodes.push(
    gate(
      UP,
      null,
      groups.map(({ name }) => `${at.get(name) ?? ''}.end`),
    ),
  );
}

interface Around {
  readonly facts: RunFacts;
  readonly cleaned: (vms: readonly string[]) => boolean;
}

type Put = (node: Node) => string;

/** Puts actions one after the other, behind `from`. The result is the id of the last one. */
function layActions(
  put: Put,
  { group, id, vm, target }: { group: string; id: string; vm: string | null; target: string | null },
  place: 'before' | 'after',
  actions: readonly Action[],
  from: string,
): string {
  const layNext = (last: string, action: Action, index: number): string =>
    put({
      kind: 'action',
      id: `${vm ?? id}.${place}.${index}`,
      group,
      place,
      vm,
      action,
      needs: [last],
      always: false,
      buildsOn: target === null ? [] : [{ id: target, how: 'good' }],
      rule: ruleOf(action),
    });
  return actions.reduce(layNext, from);
}

interface Readied {
  readonly vms: readonly string[];
  readonly readied: readonly string[];
}

function layGroup(
  nodes: Node[],
  group: Group,
  at: ReadonlyMap<string, string>,
  phase: PhaseOperation,
  { facts, cleaned }: Around,
): void {
  const id = at.get(group.name) ?? '';
  const put: Put = (node) => {
    nodes.push(node);
    return node.id;
  };
  const putGate = (name: string, needs: readonly string[]): string =>
    put(gate(`${id}.${name}`, group.name, needs));
  const own = { group: group.name, id, vm: null, target: null };
  const ends = group.waitsFor.map((name) => `${at.get(name) ?? ''}.end`);
  const begin = putGate('begin', ends);
  const ready = putGate('ready', [layActions(put, own, 'before', group.before, begin)]);
  const around = (vm: string) => group.perVm[vm] ?? { before: [], after: [] };
  const targets = targetsOf(group, phase, facts).map((vms): Readied => ({
    vms,
    readied: vms.map((vm) => layActions(put, { ...own, vm }, 'before', around(vm).before, ready)),
  }));
  const allReady = group.together
    ? putGate(
        'allReady',
        targets.flatMap(({ readied }) => readied),
      )
    : null;
  const started = targets.map(({ vms, readied }) => {
    const cleanUp = cleaned(vms) ? [nodeIdOf(vms, 'cleanUpTestFailover')] : [];
    const needs = [...new Set(allReady ? [allReady] : readied), ...cleanUp];
    const buildsOn = cleanUp.map((one) => ({ id: one, how: 'good' as const }));
    const rest = { main: true, always: false, rule: ruleFor(group, vms), needs, buildsOn };
    const node = put({ kind: 'vms', id: nodeIdOf(vms, phase), group: group.name, phase, vms, ...rest });
    return { vms, node };
  });
  const allUp = group.together
    ? putGate(
        'allUp',
        started.map(({ node }) => node),
      )
    : null;
  const last = started.flatMap(({ vms, node }) =>
    vms.map((vm) => layActions(put, { ...own, vm, target: node }, 'after', around(vm).after, allUp ?? node)),
  );
  const up = putGate('up', last.length > 0 ? [...new Set(last)] : [ready]);
  putGate('end', [layActions(put, own, 'after', group.after, up)]);
}
