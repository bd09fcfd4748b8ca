// From a plan and an operation to the graph of its run.
import { phasesOf } from '../../scenarios/drivers.ts';
import type { PhaseOperation } from '../../core/words.ts';
import { RunName, type Action } from './action.ts';
import { TIME_TO_LIVE, UP, type Graph, type Node, PlanOperation } from './graph.ts';
import { mustBeInOrder } from './lint/order.ts';
import type { Finding } from '../../core/finding.ts';
import { vmsOnce } from './lint/vms.ts';
import type { Group, Plan } from './plan.ts';
import { onFailure, ruleOf, type Rule } from './rule.ts';
import { groupsFor } from './runs.ts';

/** What of the VMs the shape of a run depends on. */
export interface RunFacts {
  /** The id of the multi-VM group that a VM is in. */
  readonly multiVmGroupOf?: (vm: string) => string | null;
  /** VMs with a test in progress. */
  readonly testing?: ReadonlySet<string>;
}

const RUN_OF: Record<PlanOperation, RunName | null> = {
  failover: 'failover',
  changeRecoveryPoint: 'failover',
  testFailover: 'testFailover',
  cleanUpTestFailover: 'testFailover',
  failback: 'failback',
  // There or back, these are for whoever is in the plan.
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

/**
 * What Site Recovery does with all members of a multi-VM group or with none; a test that was begun
 * so ends so.
 */
const TOGETHER: ReadonlySet<PhaseOperation> = new Set([
  'testFailover',
  'cleanUpTestFailover',
  'failover',
  'reprotect',
]);

function targetsOf(
  { vms }: Group,
  phase: PhaseOperation,
  { multiVmGroupOf }: RunFacts,
): readonly (readonly string[])[] {
  if (!TOGETHER.has(phase)) return vms.map((vm) => [vm]);
  return [...Map.groupBy(vms, (vm) => multiVmGroupOf?.(vm) ?? vm).values()].map((members) =>
    [...members].sort(),
  );
}

/** Which nodes do this phase to these VMs. */
function doing(nodes: readonly Node[], phase: PhaseOperation): (vms: readonly string[]) => readonly string[] {
  const byVm = new Map(
    nodes.flatMap((node) =>
      node.kind === 'vms' && node.phase === phase ? node.vms.map((vm) => [vm, node.id] as const) : [],
    ),
  );
  return (vms) => [...new Set(vms.flatMap((vm) => byVm.get(vm) ?? []))];
}

const EASY: Rule = { critical: false, onFailure: 'goOn' };
const gate = (id: string, group: string | null, needs: readonly string[]): Node => ({
  kind: 'gate',
  id,
  group,
  needs,
  buildsOn: [],
  always: false,
  rule: EASY,
});

const nodeIdOf = (vms: readonly string[], phase: PhaseOperation): string => `${vms[0] ?? ''}.${phase}`;

/** One whose failure holds nobody up: no other VM waits for it. */
const alone = ({
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
  rule: { critical: ruleFor(group, vms).critical, onFailure: 'goOn' },
});

const STRICTNESS = { stop: 2, ask: 1, goOn: 0 } as const;
/** Of several VMs that go as one, the strictest. */
function ruleFor(group: Group, vms: readonly string[]): Rule {
  const rules = vms.map((vm) => group.perVm[vm]?.rule ?? group.rule);
  const weight = (rule: Rule): number => STRICTNESS[onFailure(rule)] * 2 + Number(rule.critical);
  return rules.reduce(
    (strictest, rule) => (weight(rule) > weight(strictest) ? rule : strictest),
    rules[0] ?? group.rule,
  );
}

function layGroups(
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

/** Further phases begin when all groups are up: until then what was done can be taken back. */
function layLater(
  nodes: Node[],
  groups: readonly Group[],
  first: PhaseOperation,
  later: readonly PhaseOperation[],
  facts: RunFacts,
): void {
  let before = UP;
  let built = first;
  for (const phase of later) {
    const done = doing(nodes, built);
    const laid = groups.flatMap((group) =>
      targetsOf(group, phase, facts).map((vms) =>
        alone({
          group,
          vms,
          phase,
          main: true,
          needs: [before],
          buildsOn: done(vms).map((id) => ({ id, how: 'good' })),
        }),
      ),
    );
    nodes.push(...laid);
    before = `${phase}.end`;
    built = phase;
    nodes.push(
      gate(
        before,
        null,
        laid.map(({ id }) => id),
      ),
    );
  }
}

function layWindow(
  nodes: Node[],
  { commitWindow: window }: Plan,
  groups: readonly Group[],
  facts: RunFacts,
): void {
  if (window.kind === 'wait') return;
  const phase = window.kind === 'commit' ? 'commit' : 'cancelFailover';
  nodes.push({
    kind: 'hold',
    id: 'window',
    why: 'commitWindow',
    minutes: window.afterMinutes,
    group: null,
    needs: [UP],
    buildsOn: [],
    always: false,
    rule: EASY,
  });
  const done = doing(nodes, 'failover');
  nodes.push(
    ...groups.flatMap((group) =>
      targetsOf(group, phase, facts).map((vms) =>
        alone({
          group,
          vms,
          phase,
          main: false,
          needs: ['window'],
          buildsOn: ['window', ...done(vms)].map((id) => ({ id, how: 'good' })),
        }),
      ),
    ),
  );
}

/**
 * Whatever became of the drill, it is cleaned up: test machines cost money and keep VMs from being
 * failed over in earnest.
 * The time to live waits for nobody: neither a check nor a question keeps the test VMs standing.
 */
function layDrill(nodes: Node[], { drill }: Plan, groups: readonly Group[], facts: RunFacts): void {
  drill.checks.reduce((last, action, index) => {
    nodes.push({
      kind: 'action',
      id: `check.${index}`,
      group: null,
      place: 'check',
      vm: null,
      action,
      needs: [last],
      buildsOn: [],
      always: false,
      rule: ruleOf(action),
    });
    return `check.${index}`;
  }, UP);
  const tests = nodes.flatMap((node) =>
    node.kind === 'vms' && node.phase === 'testFailover' ? [node.id] : [],
  );
  if (drill.cleanUpAfterMinutes === null || tests.length === 0) return;
  nodes.push({
    kind: 'hold',
    id: TIME_TO_LIVE,
    why: 'timeToLive',
    minutes: drill.cleanUpAfterMinutes,
    early: true,
    group: null,
    needs: tests,
    buildsOn: [],
    always: true,
    rule: EASY,
  });
  const tested = doing(nodes, 'testFailover');
  nodes.push(
    ...groups.flatMap((group) =>
      targetsOf(group, 'cleanUpTestFailover', facts).map((vms) =>
        alone({
          group,
          vms,
          phase: 'cleanUpTestFailover',
          main: false,
          always: true,
          needs: [TIME_TO_LIVE, ...tested(vms)],
          buildsOn: [
            { id: TIME_TO_LIVE, how: 'good' },
            ...tested(vms).map((id) => ({ id, how: 'begun' as const })),
          ],
        }),
      ),
    ),
  );
}
