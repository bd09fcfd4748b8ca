// Plans the steps of an operation on replicated VMs: each VM has one step in each of its phases.
// beginJob.ts calls this module.
import { vaultAddressOf, vaultOf } from '../core/armId.ts';
import type { ReplicatedVmCommand } from '../commands/command.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { ReplicationChange } from '../siterecovery/item.ts';
import { vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { PREREQUISITE_PHASES, type Phase, type PhaseOperation } from '../core/operations.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { groupTargetIdOf, prerequisiteIdOf } from '../core/ids.ts';
import {
  type VaultTargets,
  prerequisiteStep,
  toStepDocuments,
  type StartupOptions,
  type StepPlan,
  type PlannedStep,
} from '../runs/stepPlan.ts';
import { cacheToCreate } from './reprotectCache.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { listSteps } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { changeRefusalsOf, evaluateChanges } from '../enabling/changes.ts';
import { lockTargetsOf } from '../runs/lockTargets.ts';
import { checkCacheInAzure, checkPlaceInAzure } from './locationChecks.ts';
import {
  actsOnWholeGroup,
  findMultiVmGroups,
  groupPlanPrerequisite,
  type MultiVmGroupSelection,
} from '../replications/multiVmGroups.ts';
import { planStepsOfRetry } from '../runs/remainingMembers.ts';
import type { UpdateRequest } from '../scenarios/enabling/updateRequest.ts';

/** Plans the steps of the command, or returns the fault that refuses the job. */
export async function planVmSteps(job: JobDocument, command: ReplicatedVmCommand): Promise<StepPlan | Fault> {
  const existingSteps = await listSteps(job.jobId);
  if (job.laidOut) return stepPlanOfExisting(job, existingSteps);
  const vms = (await findVms(command.vms)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const missingFault = missingVmFault(command.vms, vms);
  if (missingFault) return missingFault;
  const cacheFault = await checkCacheInAzure(command, vms);
  if (cacheFault) return cacheFault;
  const placeFault = await checkPlaceInAzure(command, vms);
  if (placeFault) return placeFault;
  const changes =
    'change' in command ? await checkChanges(vms, command.change) : new Map<string, ReplicationChange>();
  if ('kind' in changes) return changes;
  // A multi-VM group may need its native plan, and a reprotect its cache account, before the operation.
  const phases: readonly Phase[] = [
    ...PREREQUISITE_PHASES,
    'cleanUpTestFailover',
    ...phasesOf(command.operation),
  ];
  const groups = (await findMultiVmGroups(vms)).filter((group) => group.vms.length > 1);
  const stepDrafts = [
    ...vms.flatMap((vm) =>
      stepsOfVm(
        vm,
        command,
        changes.get(vm.id) ?? null,
        groups.find((group) => group.vms.includes(vm)),
      ),
    ),
    ...groups.flatMap((group) => stepsOfGroup(group, command)),
  ];
  // Several VMs may need the same cache: one step creates it.
  const steps = toStepDocuments(job, phases, [
    ...new Map(stepDrafts.map((step) => [`${step.phase}:${step.targetId}`, step])).values(),
  ]);
  // If an orchestration died while it planned the steps, no step has begun. The steps that it wrote
  // stay.
  const existingIds = new Set(existingSteps.map(({ id }) => id));
  return stepPlanOf([...existingSteps, ...steps.filter(({ id }) => !existingIds.has(id))], vms);
}

/**
 * Builds the plan from existing steps. States, ids and directions change while the job runs, so new
 * planning would give another job. Only the existing steps define the job.
 */
export async function stepPlanOfExisting(
  job: JobDocument,
  existingSteps: readonly StepDocument[],
): Promise<StepPlan> {
  const vms = await findVms(lockTargetsOf(existingSteps).map(({ targetId }) => targetId));
  return stepPlanOf([...existingSteps, ...(await planStepsOfRetry(job, existingSteps))], vms);
}

/** Builds the plan of these steps, with locks for all the VMs. */
export const stepPlanOf = (
  steps: readonly StepDocument[],
  vms: readonly ReplicatedVmDocument[],
): StepPlan => ({
  lockTargets: vms.map((vm) => ({ vaultId: vm.vaultId, targetId: vm.id, name: vm.name })),
  steps,
  vaults: groupByVault(steps, vms),
  afterSave: () => Promise.resolve(),
});

/** A fault for a VM that the registry has lost: the job must not silently omit the VM. */
export function missingVmFault(
  ids: readonly string[],
  vms: readonly ReplicatedVmDocument[],
): Fault | undefined {
  const known = new Set(vms.map((vm) => vm.id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return undefined;
  return {
    kind: ErrorKind.rejected,
    code: 'VmUnknown',
    message: `Lifeboat no longer knows the replicated VM ${missing.join(', ')}. Nothing was started.`,
  };
}

function groupByVault(steps: readonly StepDocument[], vms: readonly ReplicatedVmDocument[]): VaultTargets[] {
  return [...Map.groupBy(steps, (step) => step.vaultId)].map(([vaultId, members]) => {
    // After a VM leaves the registry, its steps still name its vault.
    const vaultArmId =
      vms.find((vm) => vm.vaultId === vaultId)?.vaultArmId ??
      vaultOf(members.find((step) => step.armIdBefore !== null)?.armIdBefore ?? '');
    return {
      vaultId,
      vaultArmId,
      subscription: vaultAddressOf(vaultArmId).subscription,
      targetIds: [...new Set(members.map((step) => step.targetId))],
    };
  });
}

/** One forbidden change refuses the changes of all VMs: a partial change would be worse. */
async function checkChanges(
  vms: readonly ReplicatedVmDocument[],
  request: UpdateRequest,
): Promise<ReadonlyMap<string, ReplicationChange> | Fault> {
  const verdicts = await evaluateChanges(vms, request);
  const [first, ...others] = changeRefusalsOf(vms, verdicts);
  if (first)
    return {
      kind: ErrorKind.rejected,
      code: first.code,
      message: `${[first, ...others].map(({ message }) => message).join(' ')} Nothing was changed.`,
    };
  return new Map([...verdicts].map(([id, { change }]) => [id, change]));
}

/** A multi-VM group as one target, with its native recovery plan. */
export function groupStepTarget(
  { id, name, vms }: MultiVmGroupSelection,
  startupOptions: StartupOptions,
): Pick<PlannedStep, 'targetId' | 'targetName' | 'work'> & { readonly planPrerequisite: Prerequisite } {
  const planPrerequisite = groupPlanPrerequisite({ name, vms });
  return {
    planPrerequisite,
    targetId: groupTargetIdOf(vms[0]?.vaultId ?? '', id),
    targetName: `${name} (${vms.map((vm) => vm.name).join(', ')})`,
    work: {
      kind: 'multiVmGroup',
      nativePlanId: planPrerequisite.id,
      vms: vms.map((vm) => ({ id: vm.id, name: vm.name })),
      ...startupOptions,
    },
  };
}

/** The steps of a group: one step for each phase that all members run together. */
function stepsOfGroup(group: MultiVmGroupSelection, command: ReplicatedVmCommand): PlannedStep[] {
  const [first] = group.vms;
  if (!first) return [];
  const common = { vaultId: first.vaultId, scenario: first.scenario, begunIn: first.direction };
  const groupPhases = phasesFor(first, command.operation).filter(actsOnWholeGroup);
  const { planPrerequisite, ...target } = groupStepTarget(group, {
    points: null,
    networkId: null,
  });
  const steps = groupPhases.map((phase): PlannedStep => ({
    ...common,
    ...target,
    phase,
    needs: [prerequisiteIdOf(planPrerequisite.id), ...group.vms.map((vm) => vm.id)],
  }));
  return steps.length > 0 ? [prerequisiteStep(planPrerequisite, common), ...steps] : [];
}

function stepsOfVm(
  vm: ReplicatedVmDocument,
  command: ReplicatedVmCommand,
  change: ReplicationChange | null,
  group: MultiVmGroupSelection | undefined,
): PlannedStep[] {
  const common = { vaultId: vm.vaultId, scenario: vm.scenario, begunIn: vm.direction };
  const cache =
    group || !phasesOf(command.operation, vm.scenario).includes('reprotect')
      ? undefined
      : cacheToCreate(vm, command);
  const work = {
    kind: 'replicatedVm' as const,
    change,
    cacheStorageAccountId: cache?.id ?? null,
    points: null,
    networkId: null,
  };
  const ownPhases = phasesFor(vm, command.operation).filter((phase) => !group || !actsOnWholeGroup(phase));
  const steps = ownPhases.map((phase): PlannedStep => ({
    ...common,
    phase,
    targetId: vm.id,
    targetName: vm.name,
    work,
    needs: [
      ...(cache && phase === 'reprotect' ? [prerequisiteIdOf(cache.id)] : []),
      ...(group ? [groupTargetIdOf(vm.vaultId, group.id)] : []),
    ],
  }));
  return cache ? [prerequisiteStep(cache, common), ...steps] : steps;
}

/** Adds a clean-up for a VM in a drill: a disaster does not wait for the end of the drill. */
function phasesFor(
  vm: ReplicatedVmDocument,
  operation: ReplicatedVmCommand['operation'],
): readonly PhaseOperation[] {
  const phases = phasesOf(operation, vm.scenario);
  return phases.includes('failover') && vmStateOf(vm) === 'testing'
    ? ['cleanUpTestFailover', ...phases]
    : phases;
}
