// Plans the steps of an operation on a plan. Each active node of its graph has a step, and the
// prerequisites of the nodes come first. beginJob.ts calls this module.
import type { PlanCommand } from '../commands/command.ts';
import type { ActionNode, Graph, HoldNode, Node, VmNode } from '../plans/rules/graph.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { RunName } from '../plans/rules/action.ts';
import { groupsForRun } from '../plans/rules/planRuns.ts';
import { defaultDriver, vmStateOf } from '../scenarios/drivers.ts';
import { PREREQUISITE_PHASES, type Phase } from '../core/operations.ts';
import type { Fault } from '../core/errors.ts';
import { prerequisiteIdOf } from '../core/ids.ts';
import { readPlanOfJob, buildRunGraph } from '../runs/jobGraph.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { listSteps } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { cacheToCreate } from './reprotectCache.ts';
import { groupStepTarget, stepPlanOf, stepPlanOfExisting, missingVmFault } from './planVmSteps.ts';
import {
  prerequisiteStep,
  toStepDocuments,
  type StartupOptions,
  type StepPlan,
  type PlannedStep,
} from '../runs/stepPlan.ts';
import { findMultiVmGroups, type MultiVmGroupSelection } from '../replications/multiVmGroups.ts';

/** Plans the steps of the command, or returns the fault that refuses the job. */
export async function planRecoveryPlanSteps(
  job: JobDocument,
  command: PlanCommand,
): Promise<StepPlan | Fault> {
  const existingSteps = await listSteps(job.jobId);
  if (job.laidOut) return keepPreparingTargets(await stepPlanOfExisting(job, existingSteps));
  const plan = await readPlanOfJob(job);
  const vms = (await findVms(vmsOf(plan))).sort((a, b) => (a.id < b.id ? -1 : 1));
  const groups = (await findMultiVmGroups(vms)).filter((candidate) => candidate.vms.length > 1);
  const groupOf = new Map(groups.flatMap((group) => group.vms.map(({ id }) => [id, group] as const)));
  const testingVms = new Set(vms.filter((vm) => vmStateOf(vm) === 'testing').map(({ id }) => id));
  const graph = buildRunGraph(job, plan, {
    multiVmGroupOf: (vm) => {
      const group = groupOf.get(vm);
      return group ? groupStepTarget(group, NO_STARTUP_OPTIONS).targetId : null;
    },
    vmsInTest: testingVms,
  });
  const takingPart = new Set(graph.nodes.flatMap((node) => (node.kind === 'vms' ? node.vms : [])));
  const missingFault = missingVmFault([...takingPart], vms);
  if (missingFault) return missingFault;
  const vmById = new Map(vms.map((vm) => [vm.id, vm]));
  const context = { command, plan, vmById, groupOf, startupOptionsOf: startupOptionsIn(plan, command) };
  // If an orchestration died while it planned the steps, no step has begun. The steps that it wrote
  // stay.
  const existingIds = new Set(existingSteps.map(({ id }) => id));
  const steps = orderSteps(job, [
    ...prerequisiteStepsFor(graph, context),
    ...graph.nodes.flatMap((node) => stepsOfNode(node, context)),
  ]);
  return keepPreparingTargets(
    stepPlanOf(
      [...existingSteps, ...steps.filter(({ id }) => !existingIds.has(id))],
      vms.filter(({ id }) => takingPart.has(id)),
    ),
  );
}

const NO_STARTUP_OPTIONS: StartupOptions = { points: null, networkId: null };

const vmsOf = ({ runs }: Plan): readonly string[] => [
  ...new Set(Object.values(runs).flatMap((groups = []) => groups.flatMap(({ vms }) => vms))),
];

interface PlanContext {
  readonly command: PlanCommand;
  readonly plan: Plan;
  readonly vmById: ReadonlyMap<string, ReplicatedVmDocument>;
  readonly groupOf: ReadonlyMap<string, MultiVmGroupSelection>;
  readonly startupOptionsOf: (group: string | null) => StartupOptions;
}

/**
 * Keeps only the targets of prerequisites. Each round names the vaults of the steps that it begins.
 */
const keepPreparingTargets = (stepPlan: StepPlan): StepPlan => {
  const preparing = new Set(
    stepPlan.steps.filter(({ node }) => node === null).map(({ targetId }) => targetId),
  );
  return {
    ...stepPlan,
    vaults: stepPlan.vaults.map((vault) => ({
      ...vault,
      targetIds: vault.targetIds.filter((id) => preparing.has(id)),
    })),
  };
};

/** Orders the steps: each step follows the steps that it needs. */
function orderSteps(job: JobDocument, plannedSteps: readonly PlannedStep[]): StepDocument[] {
  const steps = toStepDocuments(job, PREREQUISITE_PHASES, [
    ...new Map(plannedSteps.map((step) => [`${step.phase}:${step.targetId}`, step])).values(),
  ]);
  return steps.map((step, index) =>
    step.node === null ? step : { ...step, order: PREREQUISITE_PHASES.length + index },
  );
}

function startupOptionsIn(plan: Plan, command: PlanCommand): PlanContext['startupOptionsOf'] {
  const run =
    command.operation === 'testFailover'
      ? RunName.testFailover
      : command.operation === 'failback'
        ? RunName.failback
        : RunName.failover;
  const rules = new Map(groupsForRun(plan, run).map(({ name, recoveryPoint }) => [name, recoveryPoint]));
  const networkId =
    command.operation === 'testFailover' ? (command.networkId ?? plan.drill.networkId ?? null) : null;
  return (group) => ({ points: rules.get(group ?? '') ?? null, networkId });
}

/** The steps that create native plans for multi-VM groups and caches for reprotects. */
function prerequisiteStepsFor(
  { nodes }: Graph,
  { command, vmById, groupOf }: PlanContext,
): readonly PlannedStep[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'vms') return [];
    const [vm] = node.vms.flatMap((id) => vmById.get(id) ?? []);
    if (!vm) return [];
    const group = node.vms.length > 1 ? groupOf.get(vm.id) : undefined;
    const part = group
      ? groupStepTarget(group, NO_STARTUP_OPTIONS).planPrerequisite
      : node.phase === 'reprotect'
        ? cacheToCreate(vm, command)
        : undefined;
    return part ? [prerequisiteStep(part, commonFieldsOf(vm))] : [];
  });
}

const commonFieldsOf = ({ vaultId, scenario, direction }: ReplicatedVmDocument) => ({
  vaultId,
  scenario,
  begunIn: direction,
});

function stepsOfNode(node: Node, context: PlanContext): readonly PlannedStep[] {
  switch (node.kind) {
    case 'gate':
      return [];
    case 'vms':
      return stepsOfVmNode(node, context);
    case 'action':
      return [
        actionStepOf(
          node,
          { kind: 'action', action: node.action, group: node.group, vm: node.vm },
          node.action.name,
          context,
        ),
      ];
    case 'hold':
      return [
        actionStepOf(
          node,
          { kind: 'hold', why: node.purpose, minutes: node.minutes },
          node.purpose === 'commitWindow' ? 'Commit window' : 'Time to live',
          context,
        ),
      ];
  }
}

function stepsOfVmNode(
  node: VmNode,
  { command, vmById, groupOf, startupOptionsOf }: PlanContext,
): readonly PlannedStep[] {
  const [vm] = node.vms.flatMap((id) => vmById.get(id) ?? []);
  if (!vm) return [];
  const { id, group: planGroup, always, phase } = node;
  const common = { ...commonFieldsOf(vm), phase, node: id, planGroup, always };
  const startupOptions = startupOptionsOf(node.group);
  const group = node.vms.length > 1 ? groupOf.get(vm.id) : undefined;
  if (group) {
    const { planPrerequisite, ...target } = groupStepTarget(group, startupOptions);
    return [{ ...common, ...target, needs: [prerequisiteIdOf(planPrerequisite.id)] }];
  }
  const cache = node.phase === 'reprotect' ? cacheToCreate(vm, command) : undefined;
  const work = {
    kind: 'replicatedVm' as const,
    change: null,
    cacheStorageAccountId: cache?.id ?? null,
    ...startupOptions,
  };
  return [
    {
      ...common,
      targetId: vm.id,
      targetName: vm.name,
      work,
      needs: cache ? [prerequisiteIdOf(cache.id)] : [],
    },
  ];
}

/** The step of an action belongs to no VM, so it has no vault. */
const actionStepOf = (
  node: ActionNode | HoldNode,
  work: PlannedStep['work'],
  targetName: string,
  { vmById }: PlanContext,
): PlannedStep => ({
  phase: 'action' satisfies Phase,
  node: node.id,
  planGroup: node.group,
  always: node.always,
  targetId: node.id,
  targetName,
  work,
  vaultId: '',
  scenario: [...vmById.values()][0]?.scenario ?? defaultDriver.name,
  begunIn: 'original',
});
