// An operation on VMs that are replicated: each VM takes part in each of its phases.
import { vaultAddressOf, vaultOf } from '../core/armId.ts';
import type { CommandOnVms } from '../commands/command.ts';
import type { Part } from '../azure/prerequisite.ts';
import type { UpdateWish } from '../enabling/rules/update/updateCase.ts';
import type { Change } from '../siterecovery/item.ts';
import { vmStateOf, phasesOf } from '../scenarios/drivers.ts';
import { PREPARING, type Phase, type PhaseOperation } from '../core/words.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { groupTargetOf, partIdOf } from '../core/ids.ts';
import {
  type VaultGroup,
  partLayout,
  toSteps,
  type ComingUp,
  type Layout,
  type StepLayout,
} from '../runs/layout.ts';
import { cacheToMake } from './cache.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import { stepsOf } from '../journal/steps.ts';
import { findVms } from '../replications/registry.ts';
import { judgeChanges } from '../enabling/changes.ts';
import { targetsOf } from '../runs/held.ts';
import { cacheRefused } from './places.ts';
import { goesTogether, groupsAmong, planPartOf, type VmGroup } from '../replications/multiVm.ts';
import { plansOfRests } from '../runs/restOfGroup.ts';

export async function layOutOnVms(job: JobDocument, command: CommandOnVms): Promise<Layout | Fault> {
  const laid = await stepsOf(job.jobId);
  if (job.laidOut) return layoutOfLaid(job, laid);
  const vms = (await findVms(command.vms)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const missing = missingOf(command.vms, vms);
  if (missing) return missing;
  const wrong = await cacheRefused(command, vms);
  if (wrong) return wrong;
  const changes = 'change' in command ? await changesOf(vms, command.change) : new Map<string, Change>();
  if ('kind' in changes) return changes;
  const phases: readonly Phase[] = [...PREPARING, 'cleanUpTestFailover', ...phasesOf(command.operation)];
  const groups = (await groupsAmong(vms)).filter((one) => one.vms.length > 1);
  const mine = [
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
  const steps = toSteps(job, phases, [
    ...new Map(mine.map((step) => [`${step.phase}:${step.targetId}`, step])).values(),
  ]);
  // A walk that died while it laid out has begun nothing; what it wrote of a step stands.
  const known = new Set(laid.map(({ id }) => id));
  return layoutOf([...laid, ...steps.filter(({ id }) => !known.has(id))], vms);
}

/**
 * Moments, ids and directions follow what the job does: planned anew in mid-run, it would come out
 * as another job. Its own steps alone say what it does.
 */
export async function layoutOfLaid(job: JobDocument, laid: readonly StepDocument[]): Promise<Layout> {
  const vms = await findVms(targetsOf(laid).map(({ targetId }) => targetId));
  return layoutOf([...laid, ...(await plansOfRests(job, laid))], vms);
}

export const layoutOf = (steps: readonly StepDocument[], vms: readonly ReplicatedVmDocument[]): Layout => ({
  held: vms.map((vm) => ({ vaultId: vm.vaultId, targetId: vm.id, name: vm.name })),
  steps,
  vaults: groupByVault(steps, vms),
  whenLaid: () => Promise.resolve(),
});

/** A VM that the registry has lost is not left out in silence. */
export function missingOf(ids: readonly string[], vms: readonly ReplicatedVmDocument[]): Fault | undefined {
  const known = new Set(vms.map((vm) => vm.id));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return undefined;
  return {
    kind: ErrorKind.rejected,
    code: 'VmUnknown',
    message: `Lifeboat knows no replicated VM ${missing.join(', ')} any more. Nothing was started.`,
  };
}

function groupByVault(steps: readonly StepDocument[], vms: readonly ReplicatedVmDocument[]): VaultGroup[] {
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
async function changesOf(
  vms: readonly ReplicatedVmDocument[],
  wish: UpdateWish,
): Promise<ReadonlyMap<string, Change> | Fault> {
  const verdicts = await judgeChanges(vms, wish);
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
export function groupTarget(
  { id, name, vms }: VmGroup,
  comingUp: ComingUp,
): Pick<StepLayout, 'targetId' | 'targetName' | 'work'> & { readonly part: Part } {
  const part = planPartOf({ name, vms });
  return {
    part,
    targetId: groupTargetOf(vms[0]?.vaultId ?? '', id),
    targetName: `${name} (${vms.map((vm) => vm.name).join(', ')})`,
    work: {
      kind: 'group',
      planId: part.id,
      vms: vms.map((vm) => ({ id: vm.id, name: vm.name })),
      ...comingUp,
    },
  };
}

/** What the members do only together is one step of the group's. */
function stepsOfGroup(group: VmGroup, command: CommandOnVms): StepLayout[] {
  const [first] = group.vms;
  if (!first) return [];
  const of = { vaultId: first.vaultId, scenario: first.scenario, begunIn: first.direction };
  const together = phasesFor(first, command.operation).filter(goesTogether);
  const { part, ...target } = groupTarget(group, { points: null, networkId: null });
  const steps = together.map((phase): StepLayout => ({
    ...of,
    ...target,
    phase,
    needs: [partIdOf(part.id), ...group.vms.map((vm) => vm.id)],
  }));
  return steps.length > 0 ? [partLayout(part, of), ...steps] : [];
}

function stepsOfVm(
  vm: ReplicatedVmDocument,
  command: CommandOnVms,
  change: Change | null,
  group: VmGroup | undefined,
): StepLayout[] {
  const of = { vaultId: vm.vaultId, scenario: vm.scenario, begunIn: vm.direction };
  const cache =
    group || !phasesOf(command.operation, vm.scenario).includes('reprotect')
      ? undefined
      : cacheToMake(vm, command);
  const work = {
    kind: 'replicatedVm' as const,
    change,
    cacheStorageAccountId: cache?.id ?? null,
    points: null,
    networkId: null,
  };
  const own = phasesFor(vm, command.operation).filter((phase) => !group || !goesTogether(phase));
  const steps = own.map((phase): StepLayout => ({
    ...of,
    phase,
    targetId: vm.id,
    targetName: vm.name,
    work,
    needs: [
      ...(cache && phase === 'reprotect' ? [partIdOf(cache.id)] : []),
      ...(group ? [groupTargetOf(vm.vaultId, group.id)] : []),
    ],
  }));
  return cache ? [partLayout(cache, of), ...steps] : steps;
}

/** A disaster does not wait for the end of a drill: the test is cleaned up on the way. */
function phasesFor(
  vm: ReplicatedVmDocument,
  operation: CommandOnVms['operation'],
): readonly PhaseOperation[] {
  const phases = phasesOf(operation, vm.scenario);
  return phases.includes('failover') && vmStateOf(vm) === 'testing'
    ? ['cleanUpTestFailover', ...phases]
    : phases;
}
