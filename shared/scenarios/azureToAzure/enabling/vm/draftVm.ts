// Decides everything about one VM alone: its settings, its checks and the reasons against it. The
// effects of other VMs come later. Pure.
import { resourceGroupNameOf, nameOf } from '../../../../core/armId.ts';
import { chooseAvailabilitySet, resolveAvailability, type ResolvedAvailability } from './availability.ts';
import { type AvailabilitySetChoice, choosePlacementGroup } from './placementGroup.ts';
import { checkMemberPort, checkOutbound } from '../network/connectivity.ts';
import { chooseDisks, sortedDisksOf, checkDiskRequests } from './disks.ts';
import { ENABLING_FAILED } from '../../../../siterecovery/item.ts';
import { CLASSIC_OUTBOUND_CHECK, chooseCloudService, checkModel } from './classic.ts';
import type { CloudServiceFacts, ItemFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { targetResourceGroup } from '../prerequisites/resourceGroups.ts';
import { keyOf } from '../../../enabling/lookup.ts';
import { checkOsSupport } from '../../../enabling/osSupport.ts';
import { checkOsVersion, checkRootCertificates } from '../checks/manualChecks.ts';
import { chooseNetwork, type NetworkChoice } from '../network/chooseNetwork.ts';
import {
  recordChoice,
  emptyNotes,
  addPrerequisite,
  refuse,
  type Notes,
  warn,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import type { SharedPrerequisites } from '../prerequisites/sharedPrerequisites.ts';
import { resourceGroupPrerequisite } from '../prerequisites/prerequisites.ts';
import type { ReadinessCheck } from '../../../enabling/preview.ts';
import type { Refusal } from '../../../../core/refusal.ts';
import type { VmSettings } from '../../../../siterecovery/vmSettings.ts';
import { chooseSize, type SizeChoice } from './sizes.ts';
import { agentNotReadyRefusal, refusalsOfLocation, refusalsOfVm } from './support.ts';
import {
  isExcluded,
  resolveVmRequest,
  type ResolvedVmRequest,
  type VmRequest,
} from '../request/vmRequest.ts';
import { enablingFailedRefusal } from '../../../enabling/enablingFailed.ts';

/** The decisions about one VM. `planned` is missing after a refusal. */
export interface VmDraft {
  readonly request: VmRequest;
  readonly vm: SourceVm | undefined;
  readonly item: ItemFacts | undefined;
  readonly notes: Notes;
  readonly checks: ReadinessCheck[];
  readonly planned:
    { readonly settings: VmSettings; readonly size: SizeChoice; readonly network: NetworkChoice } | undefined;
}

/** Decides about one VM of the request. */
export function draftVm(scope: RequestScope, shared: SharedPrerequisites, request: VmRequest): VmDraft {
  const notes = emptyNotes();
  const vm = scope.lookup.vms.get(keyOf(request.id));
  const item = scope.items.get(keyOf(request.id));
  const failed = item?.protectionState === ENABLING_FAILED;
  if (failed) notes.refusals.push(enablingFailedRefusal(item.id));
  if (!vm) {
    if (!item)
      refuse(
        notes,
        'VmUnknown',
        `The VM ${request.id} does not exist, or cannot be seen. List the VMs of the source and ` +
          'name one of them.',
      );
    return { request, vm, item, notes, checks: [], planned: undefined };
  }
  const roleRefusal = scope.findRoleRefusal(vm);
  const checks = checkVm(scope, shared, vm, request, roleRefusal);
  if (roleRefusal) {
    notes.refusals.push(roleRefusal);
    return { request, vm, item, notes, checks, planned: undefined };
  }
  if (item) {
    if (item.protectionState !== 'Protected' && !failed)
      warn(
        notes,
        'NotProtectedYet',
        `It is enabled already, and its protection state is ${item.protectionState}.`,
      );
    return { request, vm, item, notes, checks, planned: undefined };
  }
  const otherVault = scope.lookup.facts.otherVaultNames[keyOf(vm.id)];
  if (otherVault !== undefined)
    refuse(
      notes,
      'AlreadyProtected',
      `The VM is replicated already, in the vault ${otherVault}; a VM is replicated in one ` +
        'vault only. Name that vault, or disable that replication first.',
    );
  notes.refusals.push(
    ...refusalsOfLocation(vm, scope),
    ...refusalsOfVm(vm, request),
    ...(mayFail(scope, 'PRE-10') ? [] : agentRefusals(vm)),
  );
  const planned = planVm(scope, shared, vm, request, notes);
  checks.push(...checkSize(scope, notes, planned?.size));
  return { request, vm, item, notes, checks, planned };
}

/** Tells whether the request allows this check to fail. */
export const mayFail = ({ request }: RequestScope, id: string): boolean =>
  request.allowFailedChecks.includes(id);

const agentRefusals = (vm: SourceVm): readonly Refusal[] =>
  [agentNotReadyRefusal(vm)].flatMap((refusal) => refusal ?? []);

/** All checks of the VM before any change. */
function checkVm(
  scope: RequestScope,
  shared: SharedPrerequisites,
  vm: SourceVm,
  request: VmRequest,
  roleRefusal: Refusal | undefined,
): ReadinessCheck[] {
  const members = shared.multiVmGroup ? shared.members : [];
  return [
    checkSupport(vm, request, roleRefusal),
    vm.model === 'classic' ? CLASSIC_OUTBOUND_CHECK : checkOutbound(scope, vm),
    checkRootCertificates(vm),
    checkOsVersion(vm),
    ...checkOsSupport(vm.os, scope.lookup.facts.readAt),
    ...(shared.multiVmGroup ? [checkMemberPort(scope, vm, members)] : []),
  ];
}

function checkSupport(vm: SourceVm, request: VmRequest, roleRefusal: Refusal | undefined): ReadinessCheck {
  const id = 'PRE-10';
  const name = 'The VM itself';
  // For such a machine nothing else matters: it must not run, or must not be enabled.
  if (roleRefusal)
    return {
      id,
      name,
      verdict: 'fail',
      message: roleRefusal.message,
      remedy: 'Remove it from the request.',
    };
  const refusals = [...refusalsOfVm(vm, request), ...agentRefusals(vm)];
  if (refusals.length > 0)
    return {
      id,
      name,
      verdict: 'fail',
      message: refusals.map(({ message }) => message).join(' '),
      remedy: 'Change the VM as described, then repeat the request.',
    };
  const unknowns = [
    ...(vm.agentReady === null ? ['whether its VM agent answers'] : []),
    ...(vm.power === 'unknown' ? ['whether it runs'] : []),
  ];
  if (unknowns.length > 0)
    return {
      id,
      name,
      verdict: 'warn',
      message: `Lifeboat could not see ${unknowns.join(', and ')}.`,
      remedy: 'Check whether the VM runs and its VM agent is ready.',
    };
  return {
    id,
    name,
    verdict: 'pass',
    message:
      `${vm.osType}, generation ${vm.generation ?? 'unknown'}, ${vm.disks.length} disks that ` +
      'can be replicated, running, its VM agent answers.',
    remedy: null,
  };
}

function planVm(
  scope: RequestScope,
  shared: SharedPrerequisites,
  vm: SourceVm,
  request: VmRequest,
  notes: Notes,
): VmDraft['planned'] {
  const resolved = resolveVmRequest(scope.request.target, request);
  checkDiskRequests(vm, request, notes);
  checkModel(scope, vm, request, notes);
  const destination = chooseDestination(scope, vm, resolved, notes);
  const network = chooseNetwork(scope, vm, resolved, notes);
  const availability = resolveAvailability(scope, vm, resolved, notes);
  if (!destination || !network || !availability) return undefined;
  const placement =
    vm.model === 'classic'
      ? NO_PLACEMENT
      : choosePlacement(scope, vm, resolved, destination.group, availability, notes);
  const disks = chooseDisks(scope, vm, request, resolved, destination.group, notes);
  const size = chooseSize(
    scope,
    vm,
    resolved.size,
    {
      nics: vm.nics.length,
      dataDisks: sortedDisksOf(vm).filter((disk) => !disk.isOs && !isExcluded(request, disk)).length,
      premium: disks.some((disk) =>
        (disk.managed ? disk.targetType : skuOfAccount(notes, disk.storageAccountId)).startsWith('Premium'),
      ),
      generation: vm.generation,
      zone: availability.type === 'zone' ? availability.zone : null,
    },
    notes,
  );
  if (!placement || !size) return undefined;
  recordChoice(notes, 'policy', shared.policy.name, shared.policy.reason);
  for (const prerequisite of [shared.sourceContainer, shared.targetContainer, shared.forwardMapping])
    addPrerequisite(notes, prerequisite);
  const settings: VmSettings = {
    containerId: shared.sourceContainer.id,
    recoveryContainerId: shared.targetContainer.id,
    policyId: shared.policy.id,
    resourceGroupId: destination.group.id,
    ...(destination.service && { cloudServiceId: destination.service.id }),
    networkId: network.prerequisite.id,
    nics: network.nics,
    size: size.isSource ? null : size.size.name,
    availability:
      availability.type === 'set'
        ? { type: 'set', setId: placement.set?.prerequisite.id ?? '' }
        : availability,
    placementGroupId: placement.placementGroup?.id ?? null,
    multiVmGroup: shared.multiVmGroup && { name: shared.multiVmGroup.name, id: shared.multiVmGroup.id },
    disks,
  };
  return { settings, size, network };
}

const NO_PLACEMENT = { set: undefined, placementGroup: null } as const;

/**
 * The destination: a resource group, or for a classic VM a cloud service with its resource group.
 */
function chooseDestination(
  scope: RequestScope,
  vm: SourceVm,
  resolved: ResolvedVmRequest,
  notes: Notes,
): { readonly group: PlannedPrerequisite; readonly service: CloudServiceFacts | null } | undefined {
  if (vm.model === 'classic') {
    const service = chooseCloudService(scope, vm, resolved, notes);
    return service
      ? {
          service,
          group: resourceGroupPrerequisite(
            scope,
            service.subscription,
            resourceGroupNameOf(service.id),
            service.region,
          ),
        }
      : undefined;
  }
  const group = targetResourceGroup(scope, resolved.resourceGroup, vm.resourceGroup, notes);
  if (!group) return undefined;
  recordChoice(notes, 'resourceGroup', group.prerequisite.name, group.reason);
  return { group: group.prerequisite, service: null };
}

/**
 * PRE-3 checks the size and gives the reason. PRE-8 checks whether the subscription may use the
 * size.
 */
function checkSize(
  scope: RequestScope,
  notes: Notes,
  size: SizeChoice | undefined,
): readonly ReadinessCheck[] {
  const { region, subscription } = scope.target;
  const accessCheck = { id: 'PRE-8', name: 'Access to the size' };
  if (!size) {
    const sizeRefusal = notes.refusals.find(({ code }) => SIZE_REFUSAL_CODES.includes(code));
    return sizeRefusal
      ? [
          {
            ...accessCheck,
            verdict: 'fail',
            message: sizeRefusal.message,
            remedy: 'Name an available size, or ask Azure support for access to this size in the region.',
          },
        ]
      : [];
  }
  const reason = notes.choices.find(({ what }) => what === 'size')?.reason ?? '';
  return [
    {
      id: 'PRE-3',
      name: 'Target size',
      verdict: size.isSource ? 'pass' : 'warn',
      message: `${size.size.name}. ${reason}`,
      remedy: size.isSource
        ? null
        : 'Check whether this size is enough for the workload, or name another: "size".',
    },
    {
      ...accessCheck,
      verdict: 'pass',
      message:
        `The subscription ${subscription} may create VMs of the size ${size.size.name} (family ` +
        `${size.size.family}) in ${region}.`,
      remedy: null,
    },
  ];
}

const SIZE_REFUSAL_CODES: readonly string[] = ['NoSize', 'SizeNotThere', 'SizeUnknown'];

const skuOfAccount = (notes: Notes, accountId: string): string => {
  const spec = notes.prerequisites.find(({ id }) => id === accountId)?.spec;
  return spec?.kind === 'storageAccount' ? spec.sku : '';
};

function choosePlacement(
  scope: RequestScope,
  vm: SourceVm,
  resolved: ResolvedVmRequest,
  group: PlannedPrerequisite,
  availability: ResolvedAvailability,
  notes: Notes,
):
  | { readonly set: AvailabilitySetChoice | undefined; readonly placementGroup: PlannedPrerequisite | null }
  | undefined {
  const set =
    availability.type === 'set'
      ? chooseAvailabilitySet(scope, vm, resolved.availabilitySetId, group, notes)
      : undefined;
  if (availability.type === 'set' && !set) return undefined;
  const placementGroup = choosePlacementGroup(
    scope,
    vm,
    resolved,
    { group, set, zone: availability.type === 'zone' ? availability.zone : null },
    notes,
  );
  return placementGroup === false ? undefined : { set, placementGroup };
}

/** The best known name of the VM. */
export const draftNameOf = ({ vm, request, item }: VmDraft): string =>
  vm?.name ?? item?.friendlyName ?? nameOf(request.id);
