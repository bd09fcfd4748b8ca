// One VM: every decision about it, and what speaks against it. What other VMs do to it comes afterwards.
import { groupNameOf, nameOf } from '../../../core/armId.ts';
import { chooseSet, meantAvailability, type Meant } from './availability.ts';
import { type SetChoice, choosePlacementGroup } from './placement.ts';
import { checkMembers, checkOutbound } from '../network/connectivity.ts';
import { chooseDisks, disksOf, judgeDiskWishes } from './disks.ts';
import { ENABLING_FAILED } from '../../../siterecovery/item.ts';
import { checkClassicOutbound, chooseService, judgeModel } from './classic.ts';
import type { CloudServiceFacts, ItemFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { targetGroup } from '../prerequisites/resourceGroups.ts';
import { key } from '../lookup.ts';
import { checkOsVersion, checkRoots } from '../checks/manual.ts';
import { chooseNetwork, type NetworkChoice } from '../network/network.ts';
import { choose, emptyNotes, need, refuse, type Notes, warn, type Planned } from '../notes.ts';
import type { Base } from '../prerequisites/base.ts';
import { groupPart } from '../prerequisites/prerequisites.ts';
import type { Check } from '../preview.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { chooseSize, type SizeChoice } from './sizes.ts';
import { agentSilent, failedBefore, wrongWithPlace, wrongWithVm } from './support.ts';
import { isLeftOut, wishesFor, type VmWishes } from '../request/requestOfVm.ts';
import type { VmWish } from '../request/request.ts';

export interface Draft {
  readonly wish: VmWish;
  readonly vm: SourceVm | undefined;
  readonly item: ItemFacts | undefined;
  readonly notes: Notes;
  readonly checks: Check[];
  readonly plan:
    { readonly settings: VmSettings; readonly size: SizeChoice; readonly network: NetworkChoice } | undefined;
}

export function draftFor(ground: Ground, base: Base, wish: VmWish): Draft {
  const notes = emptyNotes();
  const vm = ground.look.vms.get(key(wish.id));
  const item = ground.items.get(key(wish.id));
  const failed = item?.protectionState === ENABLING_FAILED;
  if (failed) notes.refusals.push(failedBefore(item.id));
  if (!vm) {
    if (!item)
      refuse(
        notes,
        'VmUnknown',
        `The VM ${wish.id} does not exist, or cannot be seen. List the VMs of the source and ` +
          'name one of them.',
      );
    return { wish, vm, item, notes, checks: [], plan: undefined };
  }
  const role = ground.roleOf(vm);
  const checks = checksOf(ground, base, vm, wish, role);
  if (role) {
    notes.refusals.push(role);
    return { wish, vm, item, notes, checks, plan: undefined };
  }
  if (item) {
    if (item.protectionState !== 'Protected' && !failed)
      warn(
        notes,
        'NotProtectedYet',
        `It is enabled already, and its protection state is ${item.protectionState}.`,
      );
    return { wish, vm, item, notes, checks, plan: undefined };
  }
  const elsewhere = ground.look.facts.protectedElsewhere[key(vm.id)];
  if (elsewhere !== undefined)
    refuse(
      notes,
      'AlreadyProtected',
      `The VM is replicated already, in the vault ${elsewhere}; a VM is replicated in one ` +
        'vault only. Name that vault, or disable that replication first.',
    );
  notes.refusals.push(
    ...wrongWithPlace(vm, ground),
    ...wrongWithVm(vm, wish),
    ...(mayFail(ground, 'PRE-10') ? [] : agentRefusal(vm)),
  );
  const plan = planFor(ground, base, vm, wish, notes);
  checks.push(...checkSize(ground, notes, plan?.size));
  return { wish, vm, item, notes, checks, plan };
}

export const mayFail = ({ wish }: Ground, id: string): boolean => wish.allowFailedChecks.includes(id);

const agentRefusal = (vm: SourceVm): readonly Refusal[] => [agentSilent(vm)].flatMap((one) => one ?? []);

/** Everything that can be seen of the VM before anything is done. */
function checksOf(
  ground: Ground,
  base: Base,
  vm: SourceVm,
  wish: VmWish,
  role: Refusal | undefined,
): Check[] {
  const peers = base.multiVm ? base.members : [];
  return [
    checkSupport(vm, wish, role),
    vm.model === 'classic' ? checkClassicOutbound : checkOutbound(ground, vm),
    checkRoots(vm),
    checkOsVersion(vm),
    ...(base.multiVm ? [checkMembers(ground, vm, peers)] : []),
  ];
}

function checkSupport(vm: SourceVm, wish: VmWish, role: Refusal | undefined): Check {
  const id = 'PRE-10';
  const name = 'The VM itself';
  // Nothing else counts of a machine that is not to run, or not to be enabled.
  if (role)
    return {
      id,
      name,
      verdict: 'fail',
      message: role.message,
      remedy: 'Take it out of what is to be enabled.',
    };
  const wrong = [...wrongWithVm(vm, wish), ...agentRefusal(vm)];
  if (wrong.length > 0)
    return {
      id,
      name,
      verdict: 'fail',
      message: wrong.map(({ message }) => message).join(' '),
      remedy: 'Change the VM as told, then ask again.',
    };
  const unseen = [
    ...(vm.agentReady === null ? ['whether its VM agent answers'] : []),
    ...(vm.power === 'unknown' ? ['whether it runs'] : []),
  ];
  if (unseen.length > 0)
    return {
      id,
      name,
      verdict: 'warn',
      message: `It could not be seen ${unseen.join(', and ')}.`,
      remedy: 'Look whether the VM runs and its VM agent is ready.',
    };
  return {
    id,
    name,
    verdict: 'pass',
    message:
      `${vm.osType}, generation ${vm.generation ?? 'not told'}, ${vm.disks.length} disks that ` +
      'can be replicated, running, its VM agent answers.',
    remedy: null,
  };
}

function planFor(ground: Ground, base: Base, vm: SourceVm, wish: VmWish, notes: Notes): Draft['plan'] {
  const wishes = wishesFor(ground.wish.target, wish);
  judgeDiskWishes(vm, wish, notes);
  judgeModel(ground, vm, wish, notes);
  const home = homeOf(ground, vm, wishes, notes);
  const network = chooseNetwork(ground, vm, wishes, notes);
  const meant = meantAvailability(ground, vm, wishes, notes);
  if (!home || !network || !meant) return undefined;
  const placed = vm.model === 'classic' ? NOT_PLACED : placeVm(ground, vm, wishes, home.group, meant, notes);
  const disks = chooseDisks(ground, vm, wish, wishes, home.group, notes);
  const size = chooseSize(
    ground,
    vm,
    wishes.size,
    {
      nics: vm.nics.length,
      dataDisks: disksOf(vm).filter((disk) => !disk.isOs && !isLeftOut(wish, disk)).length,
      premium: disks.some((disk) =>
        (disk.managed ? disk.targetType : skuOf(notes, disk.storageAccountId)).startsWith('Premium'),
      ),
      generation: vm.generation,
      zone: meant.type === 'zone' ? meant.zone : null,
    },
    notes,
  );
  if (!placed || !size) return undefined;
  choose(notes, 'policy', base.policy.name, base.policy.reason);
  for (const part of [base.from, base.to, base.forward]) need(notes, part);
  const settings: VmSettings = {
    containerId: base.from.id,
    recoveryContainerId: base.to.id,
    policyId: base.policy.id,
    resourceGroupId: home.group.id,
    ...(home.service && { cloudServiceId: home.service.id }),
    networkId: network.part.id,
    nics: network.nics,
    size: size.isSource ? null : size.size.name,
    availability: meant.type === 'set' ? { type: 'set', setId: placed.set?.part.id ?? '' } : meant,
    placementGroupId: placed.near?.id ?? null,
    multiVmGroup: base.multiVm && { name: base.multiVm.name, id: base.multiVm.id },
    disks,
  };
  return { settings, size, network };
}

const NOT_PLACED = { set: undefined, near: null } as const;

/**
 * Where it comes up: in a resource group or, of the classic model, in a cloud service, whose group
 * that is.
 */
function homeOf(
  ground: Ground,
  vm: SourceVm,
  wishes: VmWishes,
  notes: Notes,
): { readonly group: Planned; readonly service: CloudServiceFacts | null } | undefined {
  if (vm.model === 'classic') {
    const service = chooseService(ground, vm, wishes, notes);
    return service
      ? { service, group: groupPart(ground, service.subscription, groupNameOf(service.id), service.region) }
      : undefined;
  }
  const group = targetGroup(ground, wishes.resourceGroup, vm.resourceGroup, notes);
  if (!group) return undefined;
  choose(notes, 'resourceGroup', group.part.name, group.why);
  return { group: group.part, service: null };
}

/** PRE-3: which size, and why; PRE-8: whether the subscription may have it there at all. */
function checkSize(ground: Ground, notes: Notes, size: SizeChoice | undefined): readonly Check[] {
  const { region, subscription } = ground.target;
  const may = { id: 'PRE-8', name: 'The size may be had' };
  if (!size) {
    const refused = notes.refusals.find(({ code }) => SIZE_CODES.includes(code));
    return refused
      ? [
          {
            ...may,
            verdict: 'fail',
            message: refused.message,
            remedy: 'Name a size that can be had, or ask Azure support for access to this one in the region.',
          },
        ]
      : [];
  }
  const why = notes.choices.find(({ what }) => what === 'size')?.reason ?? '';
  return [
    {
      id: 'PRE-3',
      name: 'Target size',
      verdict: size.isSource ? 'pass' : 'warn',
      message: `${size.size.name}. ${why}`,
      remedy: size.isSource
        ? null
        : 'Look whether the workload is content with this size, or name another: "size".',
    },
    {
      ...may,
      verdict: 'pass',
      message:
        `The subscription ${subscription} may create VMs of the size ${size.size.name} (family ` +
        `${size.size.family}) in ${region}.`,
      remedy: null,
    },
  ];
}

const SIZE_CODES: readonly string[] = ['NoSize', 'SizeNotThere', 'SizeUnknown'];

const skuOf = (notes: Notes, accountId: string): string => {
  const spec = notes.parts.find(({ id }) => id === accountId)?.spec;
  return spec?.kind === 'storageAccount' ? spec.sku : '';
};

function placeVm(
  ground: Ground,
  vm: SourceVm,
  wishes: VmWishes,
  group: Planned,
  meant: Meant,
  notes: Notes,
): { readonly set: SetChoice | undefined; readonly near: Planned | null } | undefined {
  const set =
    meant.type === 'set' ? chooseSet(ground, vm, wishes.availabilitySetId, group, notes) : undefined;
  if (meant.type === 'set' && !set) return undefined;
  const near = choosePlacementGroup(
    ground,
    vm,
    wishes,
    { group, set, zone: meant.type === 'zone' ? meant.zone : null },
    notes,
  );
  return near === false ? undefined : { set, near };
}

export const draftName = ({ vm, wish, item }: Draft): string =>
  vm?.name ?? item?.friendlyName ?? nameOf(wish.id);
