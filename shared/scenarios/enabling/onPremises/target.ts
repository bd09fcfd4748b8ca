// Decides the target of one VM on premises: network, storage account, size, availability set and
// placement group. Pure.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { SiteMachine, VaultFacts } from '../../../azure/facts.ts';
import type { Prerequisite, PrerequisiteSpec } from '../../../azure/prerequisite.ts';
import type { VmSettings } from '../../../siterecovery/vmSettings.ts';
import { keyOf, type Lookup } from '../lookup.ts';
import { formatList, refuse, type Notes } from '../notes.ts';
import { resourceGroupIdOf } from '../resourceNames.ts';
import type { Location } from '../support.ts';

/** The facts that apply to all VMs of a request. */
export interface OnPremisesScope {
  readonly lookup: Lookup;
  readonly vault: VaultFacts | null;
  readonly target: Location;
}

/** The requested target of one VM. */
export interface RequestedTarget {
  readonly networkId?: string | undefined;
  readonly subnet?: string | undefined;
  readonly storageAccountId?: string | undefined;
  readonly availabilitySetId?: string | undefined;
  readonly placementGroupId?: string | undefined;
}

/** A prerequisite of a request. */
export const part = (
  action: Prerequisite['action'],
  id: string,
  reason: string,
  spec: PrerequisiteSpec,
  needs: readonly string[] = [],
): Prerequisite => ({ id, name: nameOf(id), action, reason, needs, spec });

/** Plans the target resource group of one VM. */
export function resourceGroupPart({ lookup, target }: OnPremisesScope, name: string): Prerequisite {
  const id = resourceGroupIdOf(target.subscription, name);
  const existing = lookup.resourceGroups.get(keyOf(id));
  return existing
    ? part('reuse', existing.id, `It exists, in ${existing.region}.`, {
        kind: 'resourceGroup',
        region: existing.region,
      })
    : part('create', id, `There is no such resource group yet; it is made in ${target.region}.`, {
        kind: 'resourceGroup',
        region: target.region,
      });
}

/** Azure allows fewer characters in the name of a VM than a hypervisor does. */
export const targetNameOf = (name: string): string =>
  name
    .replace(/[^A-Za-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);

export function chooseNetwork(
  { lookup, target }: OnPremisesScope,
  { networkId, subnet }: RequestedTarget,
  notes: Notes,
): { readonly id: string; readonly subnet: string; readonly reason: string } | undefined {
  if (networkId === undefined) {
    refuse(notes, 'NetworkMissing', `Name the network in ${target.region} in "networkId".`);
    return undefined;
  }
  const network = lookup.networks.get(keyOf(networkId));
  if (!network) {
    refuse(notes, 'NetworkUnknown', `The network ${networkId} does not exist, or cannot be seen.`);
    return undefined;
  }
  if (network.region !== target.region || !sameId(network.subscription, target.subscription)) {
    refuse(
      notes,
      'NetworkElsewhere',
      `The network ${network.name} is in ${network.region}; it must be in ${target.region}, in the target ` +
        'subscription.',
    );
    return undefined;
  }
  const found =
    subnet === undefined ? network.subnets[0] : network.subnets.find(({ name }) => sameId(name, subnet));
  if (!found) {
    refuse(
      notes,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${subnet ?? ''}". Its subnets are: ` +
        `${formatList(network.subnets.map(({ name }) => name))}.`,
    );
    return undefined;
  }
  const reason = subnet === undefined ? 'It is the first subnet of the network.' : 'It was asked for.';
  return { id: network.id, subnet: found.name, reason };
}

export function chooseStorage(
  { lookup, target }: OnPremisesScope,
  { storageAccountId }: RequestedTarget,
  notes: Notes,
): string | undefined {
  if (storageAccountId === undefined) {
    refuse(
      notes,
      'StorageMissing',
      `Name the storage account in ${target.region} that receives the changes, in "storageAccountId".`,
    );
    return undefined;
  }
  const account = lookup.storageAccounts.get(keyOf(storageAccountId));
  if (!account)
    refuse(
      notes,
      'StorageUnknown',
      `The storage account ${storageAccountId} does not exist, or cannot be seen.`,
    );
  else if (account.region !== target.region)
    refuse(
      notes,
      'StorageElsewhere',
      `The storage account ${account.name} is in ${account.region}; it must be in ${target.region}.`,
    );
  else return account.id;
  return undefined;
}

export function chooseAvailability(
  { lookup, target }: OnPremisesScope,
  { availabilitySetId }: RequestedTarget,
  group: Prerequisite,
  notes: Notes,
): VmSettings['availability'] {
  if (availabilitySetId === undefined) return { type: 'single' };
  const set = lookup.availabilitySets.get(keyOf(availabilitySetId));
  if (!set)
    refuse(
      notes,
      'SetUnknown',
      `The availability set ${availabilitySetId} does not exist, or cannot be seen.`,
    );
  else if (set.region !== target.region)
    refuse(
      notes,
      'SetElsewhere',
      `The availability set ${set.name} is in ${set.region}, not in ${target.region}.`,
    );
  else if (!sameId(resourceGroupOf(set.id), group.id))
    refuse(notes, 'SetInOtherGroup', `The availability set ${set.name} is not in the target resource group.`);
  return { type: 'set', setId: set?.id ?? availabilitySetId };
}

export function choosePlacementGroup(
  { lookup, target }: OnPremisesScope,
  { placementGroupId }: RequestedTarget,
  group: Prerequisite,
  managedDisks: boolean,
  notes: Notes,
): string | null {
  if (placementGroupId === undefined) return null;
  const found = lookup.placementGroups.get(keyOf(placementGroupId));
  if (!managedDisks)
    refuse(
      notes,
      'PlacementGroupNeedsManagedDisks',
      'Its disks would not be managed after a failover, so it cannot be in a proximity placement group.',
    );
  if (!found)
    refuse(
      notes,
      'PlacementGroupUnknown',
      `The proximity placement group ${placementGroupId} does not exist, or cannot be seen. Lifeboat makes ` +
        'none for this scenario.',
    );
  else if (found.region !== target.region)
    refuse(
      notes,
      'PlacementGroupElsewhere',
      `The proximity placement group ${found.name} is in ${found.region}, not in ${target.region}.`,
    );
  else if (!sameId(resourceGroupOf(found.id), group.id))
    refuse(
      notes,
      'PlacementGroupInOtherGroup',
      `The proximity placement group ${found.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(found.id))}; the VM must be in the same one.`,
    );
  return found?.id ?? placementGroupId;
}

/** Refuses a size that the target region lacks, or that takes fewer data disks. */
export function checkSize(
  { lookup, target }: OnPremisesScope,
  name: string,
  { disks }: Pick<SiteMachine, 'disks'>,
  notes: Notes,
): void {
  const size = lookup.findSize(target.region, name);
  if (!size || size.restricted)
    refuse(
      notes,
      'SizeNotThere',
      `The target subscription cannot have the size ${name} in ${target.region}.`,
    );
  else if (size.dataDisks < disks.length - 1)
    refuse(
      notes,
      'SizeNotThere',
      `The size ${name} takes ${size.dataDisks} data disks, and it has ${disks.length - 1}.`,
    );
}
