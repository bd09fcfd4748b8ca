// An operation on a plan: a step for each node of its graph that does something, and before them
// what the nodes need made.
import type { PlanCommand } from '../commands/command.ts';
import type { ActionNode, Graph, HoldNode, Node, VmNode } from '../plans/rules/graph.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { RunName } from '../plans/rules/action.ts';
import { groupsFor } from '../plans/rules/runs.ts';
import { firstDriver, vmStateOf } from '../scenarios/drivers.ts';
import { PREPARING, type Phase } from '../core/words.ts';
import type { Fault } from '../core/errors.ts';
import { partIdOf } from '../core/ids.ts';
import { planOfJob, shapeOf } from '../runs/graphOfJob.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { stepsOf } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { cacheToMake } from './cache.ts';
import { groupTarget, layoutOf, layoutOfLaid, missingOf } from './layOutOnVms.ts';
import { partLayout, toSteps, type ComingUp, type Layout, type StepLayout } from '../runs/layout.ts';
import { groupsAmong, type VmGroup } from '../replications/multiVm.ts';

export async function layOutOnPlan(job: JobDocument, command: PlanCommand): Promise<Layout | Fault> {
  const laid = await stepsOf(job.jobId);
  if (job.laidOut) return onlyPreparing(await layoutOfLaid(job, laid));
  const plan = await planOfJob(job);
  const vms = (await findVms(vmsOf(plan))).sort((a, b) => (a.id < b.id ? -1 : 1));
  const groups = (await groupsAmong(vms)).filter((one) => one.vms.length > 1);
  const groupOf = new Map(groups.flatMap((group) => group.vms.map(({ id }) => [id, group] as const)));
  const testing = new Set(vms.filter((vm) => vmStateOf(vm) === 'testing').map(({ id }) => id));
  const graph = shapeOf(job, plan, {
    multiVmGroupOf: (vm) => {
      const group = groupOf.get(vm);
      return group ? groupTarget(group, NOWHERE).targetId : null;
    },
    testing,
  });
  const taking = new Set(graph.nodes.flatMap((node) => (node.kind === 'vms' ? node.vms : [])));
  const missing = missingOf([...taking], vms);
  if (missing) return missing;
  const known = new Map(vms.map((vm) => [vm.id, vm]));
  const made = { command, plan, known, groupOf, comingUp: comingUpIn(plan, command) };
  // A walk that died while it laid out has begun nothing; what it wrote of a step stands.
  const written = new Set(laid.map(({ id }) => id));
  const steps = ordered(job, [
    ...prepared(graph, made),
    ...graph.nodes.flatMap((node) => stepOf(node, made)),
  ]);
  return onlyPreparing(
    layoutOf(
      [...laid, ...steps.filter(({ id }) => !written.has(id))],
      vms.filter(({ id }) => taking.has(id)),
    ),
  );
}

const NOWHERE: ComingUp = { points: null, networkId: null };

const vmsOf = ({ runs }: Plan): readonly string[] => [
  ...new Set(Object.values(runs).flatMap((groups = []) => groups.flatMap(({ vms }) => vms))),
];

interface Made {
  readonly command: PlanCommand;
  readonly plan: Plan;
  readonly known: ReadonlyMap<string, ReplicatedVmDocument>;
  readonly groupOf: ReadonlyMap<string, VmGroup>;
  readonly comingUp: (group: string | null) => ComingUp;
}

/** Which vaults a plan's own steps are in is said round by round, for as many as are begun at once. */
const onlyPreparing = (layout: Layout): Layout => {
  const preparing = new Set(layout.steps.filter(({ node }) => node === null).map(({ targetId }) => targetId));
  return {
    ...layout,
    vaults: layout.vaults.map((vault) => ({
      ...vault,
      targetIds: vault.targetIds.filter((id) => preparing.has(id)),
    })),
  };
};

/** Whatever a step needs stands before it, and so do its steps in order. */
function ordered(job: JobDocument, layouts: readonly StepLayout[]): StepDocument[] {
  const steps = toSteps(job, PREPARING, [
    ...new Map(layouts.map((step) => [`${step.phase}:${step.targetId}`, step])).values(),
  ]);
  return steps.map((step, index) =>
    step.node === null ? step : { ...step, order: PREPARING.length + index },
  );
}

function comingUpIn(plan: Plan, command: PlanCommand): Made['comingUp'] {
  const run =
    command.operation === 'testFailover'
      ? RunName.testFailover
      : command.operation === 'failback'
        ? RunName.failback
        : RunName.failover;
  const rules = new Map(groupsFor(plan, run).map(({ name, recoveryPoint }) => [name, recoveryPoint]));
  const networkId =
    command.operation === 'testFailover' ? (command.networkId ?? plan.drill.networkId ?? null) : null;
  return (group) => ({ points: rules.get(group ?? '') ?? null, networkId });
}

/** The native plans of multi-VM groups, and the caches that reprotects need. */
function prepared({ nodes }: Graph, { command, known, groupOf }: Made): readonly StepLayout[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'vms') return [];
    const [vm] = node.vms.flatMap((id) => known.get(id) ?? []);
    if (!vm) return [];
    const group = node.vms.length > 1 ? groupOf.get(vm.id) : undefined;
    const part = group
      ? groupTarget(group, NOWHERE).part
      : node.phase === 'reprotect'
        ? cacheToMake(vm, command)
        : undefined;
    return part ? [partLayout(part, placeOf(vm))] : [];
  });
}

const placeOf = ({ vaultId, scenario, direction }: ReplicatedVmDocument) => ({
  vaultId,
  scenario,
  begunIn: direction,
});

function stepOf(node: Node, made: Made): readonly StepLayout[] {
  switch (node.kind) {
    case 'gate':
      return [];
    case 'vms':
      return stepOfVms(node, made);
    case 'action':
      return [
        aside(
          node,
          { kind: 'action', action: node.action, group: node.group, vm: node.vm },
          node.action.name,
          made,
        ),
      ];
    case 'hold':
      return [
        aside(
          node,
          { kind: 'hold', why: node.why, minutes: node.minutes },
          node.why === 'commitWindow' ? 'Commit window' : 'Time to live',
          made,
        ),
      ];
  }
}

function stepOfVms(node: VmNode, { command, known, groupOf, comingUp }: Made): readonly StepLayout[] {
  const [vm] = node.vms.flatMap((id) => known.get(id) ?? []);
  if (!vm) return [];
  const of = { ...placeOf(vm), phase: node.phase, node: node.id, always: node.always };
  const where = comingUp(node.group);
  const group = node.vms.length > 1 ? groupOf.get(vm.id) : undefined;
  if (group) {
    const { part, ...target } = groupTarget(group, where);
    return [{ ...of, ...target, needs: [partIdOf(part.id)] }];
  }
  const cache = node.phase === 'reprotect' ? cacheToMake(vm, command) : undefined;
  const work = {
    kind: 'replicatedVm' as const,
    change: null,
    cacheStorageAccountId: cache?.id ?? null,
    ...where,
  };
  return [{ ...of, targetId: vm.id, targetName: vm.name, work, needs: cache ? [partIdOf(cache.id)] : [] }];
}

/** What is no VM's stands in no vault. */
const aside = (
  node: ActionNode | HoldNode,
  work: StepLayout['work'],
  targetName: string,
  { known }: Made,
): StepLayout => ({
  phase: 'action' satisfies Phase,
  node: node.id,
  always: node.always,
  targetId: node.id,
  targetName,
  work,
  vaultId: '',
  scenario: [...known.values()][0]?.scenario ?? firstDriver.name,
  begunIn: 'original',
});
