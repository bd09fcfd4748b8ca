// Helpers for the nodes of a graph, and the units of VMs that go together.
// `buildGraph`, `groupNodes` and `laterNodes` use these helpers.

import type { PhaseOperation } from '../../core/operations.ts';
import type { Node } from './graph.ts';
import type { Group } from './plan.ts';
import { consequenceOfFailure, type StepRule } from './rule.ts';

/** The facts about VMs that shape the graph. */
export interface RunFacts {
  /** The id of a VM's multi-VM group. */
  readonly multiVmGroupOf?: (vm: string) => string | null;
  /** VMs with a test in progress. */
  readonly vmsInTest?: ReadonlySet<string>;
}

/**
 * Site Recovery runs these phases with all members of a multi-VM group or with none. A test of the
 * whole group also ends for the whole group.
 */
const WHOLE_GROUP_PHASES: ReadonlySet<PhaseOperation> = new Set([
  'testFailover',
  'cleanUpTestFailover',
  'failover',
  'reprotect',
]);

export function vmUnitsOf(
  { vms }: Group,
  phase: PhaseOperation,
  { multiVmGroupOf }: RunFacts,
): readonly (readonly string[])[] {
  if (!WHOLE_GROUP_PHASES.has(phase)) return vms.map((vm) => [vm]);
  return [...Map.groupBy(vms, (vm) => multiVmGroupOf?.(vm) ?? vm).values()].map((members) =>
    [...members].sort(),
  );
}

/** Finds the nodes of a phase for given VMs. */
export function nodeIdsOfPhase(
  nodes: readonly Node[],
  phase: PhaseOperation,
): (vms: readonly string[]) => readonly string[] {
  const byVm = new Map(
    nodes.flatMap((node) =>
      node.kind === 'vms' && node.phase === phase ? node.vms.map((vm) => [vm, node.id] as const) : [],
    ),
  );
  return (vms) => [...new Set(vms.flatMap((vm) => byVm.get(vm) ?? []))];
}

export const OPTIONAL_RULE: StepRule = { critical: false, onFailure: 'goOn' };
export const gateNode = (id: string, group: string | null, needs: readonly string[]): Node => ({
  kind: 'gate',
  id,
  group,
  needs,
  buildsOn: [],
  always: false,
  rule: OPTIONAL_RULE,
});

export const nodeIdOf = (vms: readonly string[], phase: PhaseOperation): string => `${vms[0] ?? ''}.${phase}`;

/** A node without effect on other VMs: no other VM waits for this node. */
export const independentNode = ({
  group,
  vms,
  phase,
  main,
  needs = [],
  buildsOn = [],
  always = false,
}: { group: Group; vms: readonly string[]; phase: PhaseOperation; main: boolean } & Partial<
  Pick<Node, 'needs' | 'buildsOn' | 'always'>
>): Node => ({
  kind: 'vms',
  id: nodeIdOf(vms, phase),
  group: group.name,
  phase,
  vms,
  main,
  needs,
  buildsOn,
  always,
  rule: { critical: strictestRule(group, vms).critical, onFailure: 'goOn' },
});

const STRICTNESS = { stop: 2, ask: 1, goOn: 0 } as const;
/** The strictest rule among VMs that go together. */
export function strictestRule(group: Group, vms: readonly string[]): StepRule {
  const rules = vms.map((vm) => group.perVm[vm]?.rule ?? group.rule);
  const weight = (rule: StepRule): number =>
    STRICTNESS[consequenceOfFailure(rule)] * 2 + Number(rule.critical);
  return rules.reduce(
    (strictest, rule) => (weight(rule) > weight(strictest) ? rule : strictest),
    rules[0] ?? group.rule,
  );
}
