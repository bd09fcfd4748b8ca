// An operation on VMs that are replicated: each VM takes part in each of its phases.
import { vaultAddressOf, vaultOf } from '../core/armId.ts';
import type { ReplicatedVmCommand } from '../commands/command.ts';
import type { Prerequisite } from '../azure/prerequisite.ts';
import type { UpdateRequest } from '../enabling/rules/update/updateContext.ts';
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
import { evaluateChanges } from '../enabling/changes.ts';
import { lockTargetsOf } from '../runs/lockTargets.ts';
import { checkCacheInAzure } from './locationChecks.ts';
import {
  actsOnWholeGroup,
  findMultiVmGroups,
  groupPlanPrerequisite,
  type MultiVmGroupSelection,
} from '../replications/multiVmGroups.ts';
import { planStepsOfRetry } from '../runs/remainingMembers.ts';

export async function planVmSteps(job: JobDocument, command: ReplicatedVmCommand): Promise<StepPlan | Fault> {
  const existingSteps = await listSteps(job.jobId);
  if (job.laidOut) return stepPlanOfExisting(job, existingSteps);
  const vms = (await findVms(command.vms)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const missingFault = missingVmFault(command.vms, vms);
  if (missingFault) return missingFault;
  const cacheFault = await checkCacheInAzure(command, vms);
  if (cacheFault) return cacheFault;
  const changes =
    'change' in command ? await checkChanges(vms, command.change) : new Map<string, ReplicationChange>();
  if ('kind' in changes) return changes;
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
        groups.find((one) => one.vms.includes(vm)),
      ),
    ),
    ...groups.flatMap((one) => stepsOfGroup(one, command)),
  ];
  // A cache that several VMs need is made once.
  const steps = toStepDocuments(job, phases, [
    ...new Map(stepDrafts.map((step) => [`${step.phase}:${step.targetId}`, step])).values(),
  ]);
  // A walk that died while it laid out has begun nothing; what it wrote of a step stands.
  const existingIds = new Set(existingSteps.map(({ id }) => id));
  return stepPlanOf([...existingSteps, ...steps.filter(({ id }) => !existingIds.has(id))], vms);
}

/**
 * Moments, ids and directions follow what the job does: planned anew in mid-run, it would come out
 * as another job. Its own steps alone say what it does.
 */
export async function stepPlanOfExisting(
  job: JobDocument,
  existingSteps: readonly StepDocument[],
): Promise<StepPlan> {
  const vms = await findVms(lockTargetsOf(existingSteps).map(({ targetId }) => targetId));
  return stepPlanOf([...existingSteps, ...(await planStepsOfRetry(job, existingSteps))], vms);
}

export const stepPlanOf = (
  steps: readonly StepDocument[],
  vms: readonly ReplicatedVmDocument[],
): StepPlan => ({
  lockTargets: vms.map((vm) => ({ vaultId: vm.vaultId, targetId: vm.id, name: vm.name })),
  steps,
  vaults: groupByVault(steps, vms),
  afterSave: () => Promise.resolve(),
});

/** A VM that the registry has lost is not left out in silence. */
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
    message: `Lifeboat knows no replicated VM ${missing.join(', ')} any more. Nothing was started.`,
  };
}

function groupByVault(steps: readonly StepDocument[], vms: readonly ReplicatedVmDocument[]): VaultTargets[] {
  return [...Map.groupBy(steps, (step) => step.vaultId)].map(([vaultId, members]) => {
    // Of a VM that has left the registry, its steps still tell where it was.
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

/** One that may not be changed so keeps the others from it too: nothing is half done. */
async function checkChanges(
  vms: readonly ReplicatedVmDocument[],
  request: UpdateRequest,
): Promise<ReadonlyMap<string, ReplicationChange> | Fault> {
  const verdicts = await evaluateChanges(vms, request);
  const refused = vms.flatMap((vm) => {
    const verdict = verdicts.get(vm.id);
    return verdict && 'refusals' in verdict
      ? verdict.refusals.map(({ code, message }) => ({ code, message: `${vm.name}: ${message}` }))
      : [];
  });
  const [first] = refused;
  if (first)
    return {
      kind: ErrorKind.rejected,
      code: first.code,
      message: `${refused.map(({ message }) => message).join(' ')} Nothing was changed.`,
    };
  return new Map(
    [...verdicts].flatMap(([id, verdict]) => ('change' in verdict ? [[id, verdict.change] as const] : [])),
  );
}

/** A multi-VM group as one target, and the native plan through which it is one. */
export function groupStepTarget(
  { id, name, vms }: MultiVmGroupSelection,
  startupOptions: StartupOptions,
): Pick<PlannedStep, 'targetId' | 'targetName' | 'work'> & { readonly planPrerequisite: Prerequisite } {
  const part = groupPlanPrerequisite({ name, vms });
  return {
    planPrerequisite: part,
    targetId: groupTargetIdOf(vms[0]?.vaultId ?? '', id),
    targetName: `${name} (${vms.map((vm) => vm.name).join(', ')})`,
    work: {
      kind: 'group',
      planId: part.id,
      vms: vms.map((vm) => ({ id: vm.id, name: vm.name })),
      ...startupOptions,
    },
  };
}

/** What the members do only together is one step of the group's. */
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

/** A disaster does not wait for the end of a drill: the test is cleaned up on the way. */
function phasesFor(
  vm: ReplicatedVmDocument,
  operation: ReplicatedVmCommand['operation'],
): readonly PhaseOperation[] {
  const phases = phasesOf(operation, vm.scenario);
  return phases.includes('failover') && vmStateOf(vm) === 'testing'
    ? ['cleanUpTestFailover', ...phases]
    : phases;
}
