// What a job of Azure to Azure finds wrong before it touches anything.

import { isSizeSold } from '../../arm/capacity.ts';
import { groupOf, subscriptionOf } from '../../arm/ids.ts';
import { providerRefuses, regionUnreachable } from '../errors.ts';
import type { ItemRecord, JobError } from '../records.ts';
import { lastOf, placeIn, samePlace, type Vault } from '../vault.ts';
import { wrongCache } from './azure-to-azure-cache.ts';
import { misfitOfModel } from './azure-to-azure-classic.ts';
import { otherSide, type AzureToAzureInput } from './azure-to-azure-details.ts';
import { machineAt, powerOf } from './azure-to-azure-machine.ts';
import { recoveryDiskId } from './azure-to-azure-parts.ts';
import { pointFor } from './azure-to-azure-points.ts';

type Check = (item: ItemRecord, input: AzureToAzureInput, vault: Vault, now: number) => JobError | undefined;

const refuse = (causes: string, action: string): JobError => providerRefuses('A2A', causes, action);
const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const failover: Check = (item, input, vault, now) => {
  const recovery = item.details.regions[otherSide(item.details.primary)];
  if (vault.conditions.isDark(recovery)) return regionUnreachable(recovery);
  if (pointFor(item, vault, now, input)) return undefined;
  const wanted = input.recoveryPointId;
  return wanted === undefined
    ? refuse('The item has no recovery point of that kind yet.', 'Wait for the first recovery point.')
    : refuse(
        `The recovery point '${wanted}' does not exist.`,
        'List the recovery points of the item and name one of them.',
      );
};

/**
 * Target group, network, set and placement group must be there, all but the group in the region
 * that is replicated to; and so must the zone.
 */
function missingTarget(input: AzureToAzureInput, vault: Vault, region: string): JobError | undefined {
  const {
    resourceGroupId,
    cloudServiceId,
    networkId,
    testNetworkId,
    availabilitySetId,
    placementGroupId,
    zone,
    size,
  } = input.settings ?? {};
  const placed = [cloudServiceId, networkId, testNetworkId, availabilitySetId, placementGroupId];
  const missing = [resourceGroupId, ...placed].find((id) => id && !vault.azure.get(id));
  if (missing) return refuse(`The resource '${missing}' does not exist.`, 'Create it, or name another.');
  const elsewhere = placed.find((id) => id && vault.azure.get(id)?.location !== region);
  if (elsewhere)
    return refuse(
      `The resource '${elsewhere}' is not in the region '${region}' that is replicated to.`,
      'Name one of that region.',
    );
  const groups = (input.disks ?? []).map(({ recoveryPlaceId }) => recoveryPlaceId);
  const foreign = [...placed, ...groups].find(
    (id) => id && resourceGroupId && subscriptionOf(id) !== subscriptionOf(resourceGroupId),
  );
  if (foreign)
    return refuse(
      `The resource '${foreign}' is of another subscription than the target machine.`,
      'Name one of the subscription of the target resource group.',
    );
  if (placementGroupId && resourceGroupId && !same(groupOf(placementGroupId), resourceGroupId)) {
    return refuse(
      'The proximity placement group is not in the resource group of the target machine.',
      'Name a proximity placement group in the target resource group.',
    );
  }
  const offered = vault.azure.region(region);
  if (zone && !offered?.zones.includes(zone))
    return refuse(
      `The region '${region}' has no zone '${zone}'.`,
      `Name one of its zones (${offered?.zones.join(', ') || 'none'}), or none.`,
    );
  if (zone && availabilitySetId)
    return refuse(
      'A machine stands in an availability zone or in an availability set, never in both.',
      'Name one of them.',
    );
  if (size && offered && !isSizeSold(offered, size))
    return refuse(
      `The size '${size}' is not offered in '${region}'.`,
      'Name one of the target compute sizes of the item.',
    );
  return undefined;
}

function twice(item: ItemRecord, vault: Vault): ItemRecord | undefined {
  const id = item.details.machines[item.details.primary];
  for (const other of vault.store.items()) {
    if (other.key !== item.key && same(other.details.machines[other.details.primary], id)) return other;
  }
  return undefined;
}

/** So many machines can share their recovery points. */
const MOST_IN_GROUP = 16;

const groupIsFull = ({ details: { group } }: ItemRecord, vault: Vault): boolean =>
  group.given && vault.items().filter(({ details }) => details.group.id === group.id).length > MOST_IN_GROUP;

const enable: Check = (item, input, vault) => {
  const { machines, regions } = item.details;
  const machine = machineAt(vault.azure, machines.home);
  if (!machine)
    return refuse(
      `The virtual machine '${machines.home}' does not exist.`,
      'Name a virtual machine of the region of the fabric.',
    );
  if (machine.resource.location !== regions.home)
    return refuse(
      `The virtual machine is in ${machine.resource.location ?? ''} and the fabric in ${regions.home}.`,
      'Use the fabric of its region.',
    );
  if (vault.conditions.isDark(regions.home)) return regionUnreachable(regions.home);
  if (powerOf(vault, machines.home) !== 'running')
    return refuse('The virtual machine does not run.', 'Start the virtual machine, then enable replication.');
  const other = twice(item, vault);
  if (other)
    return refuse(
      `The virtual machine is replicated already, as '${other.name}'.`,
      'Disable that replication first.',
    );
  if (groupIsFull(item, vault))
    return refuse(
      `The replication group '${item.details.group.name}' has ${MOST_IN_GROUP} machines already.`,
      'Name another group, or none.',
    );
  const { resourceGroupId } = item.details.settings;
  if (regions.away !== regions.home && vault.azure.get(resourceGroupId)?.location === regions.home)
    return refuse(
      `The resource group '${lastOf(resourceGroupId)}' is kept in the region that the machine is in.`,
      'Name a resource group of another region.',
    );
  if (!vault.mapping(item.place, item.target, item.policy))
    return refuse(
      'No container mapping leads to the recovery container with this policy.',
      'Create the container mapping first.',
    );
  const unknown = input.disks?.find(({ diskId }) => !machine.disks.some(({ id }) => same(id, diskId)));
  if (unknown)
    return refuse(
      `The disk '${unknown.diskId}' is not one of the machine.`,
      `Name its disks: ${machine.disks.map(({ id }) => id).join(', ')}.`,
    );
  if (item.details.disks.length === 0 || !item.details.disks.some(({ isSystem }) => isSystem))
    return refuse('The disk of the operating system is left out.', 'Name that disk too.');
  return (
    misfitOfModel(machine, input) ??
    wrongCache(vault.azure, input.disks, regions.home) ??
    missingTarget(
      { ...input, settings: { resourceGroupId: item.details.settings.resourceGroupId, ...input.settings } },
      vault,
      regions.away,
    )
  );
};

const update: Check = (item, input, vault) => {
  const { settings, nics } = item.details;
  if (input.settings?.availabilitySetId && settings.availabilitySetId === null) {
    return refuse(
      'A machine that was enabled outside of any availability set cannot be brought into one.',
      'Disable replication and enable it again with the set.',
    );
  }
  const unknown = input.nics?.find(({ id }) => !nics.some((nic) => same(nic.id, id)));
  if (unknown)
    return refuse(
      `The network interface '${unknown.id}' is not one of the machine.`,
      `Name its interfaces: ${nics.map(({ id }) => id).join(', ')}.`,
    );
  const machine = machineAt(vault.azure, item.details.machines[item.details.primary]);
  const misfit =
    machine &&
    misfitOfModel(machine, { settings: { cloudServiceId: settings.cloudServiceId, ...input.settings } });
  if (misfit) return misfit;
  return missingTarget(
    { settings: { resourceGroupId: settings.resourceGroupId, ...input.settings } },
    vault,
    item.details.regions[otherSide(item.details.primary)],
  );
};

const addDisks: Check = (item, input, vault) => {
  const machine = machineAt(vault.azure, item.details.machines[item.details.primary]);
  const wrong = input.disks?.find(
    ({ diskId }) =>
      !machine?.disks.some(({ id }) => same(id, diskId)) ||
      item.details.disks.some(({ id }) => same(id, diskId)),
  );
  if (wrong)
    return refuse(
      `The disk '${wrong.diskId}' is not one of the machine, or is protected already.`,
      'Name disks of the machine that are not protected.',
    );
  if (!input.disks?.length)
    return refuse('No disk was named.', 'Name disks of the machine that are not protected.');
  return wrongCache(vault.azure, input.disks, item.details.regions[item.details.primary]);
};

const removeDisks: Check = (item, input) => {
  const wrong = input.diskIds?.find(
    (wanted) => !item.details.disks.some(({ id, isSystem }) => same(id, wanted) && !isSystem),
  );
  if (wrong !== undefined)
    return refuse(
      `The disk '${wrong}' is not a protected data disk.`,
      'Name protected data disks of the machine.',
    );
  return input.diskIds?.length
    ? undefined
    : refuse('No disk was named.', 'Name protected data disks of the machine.');
};

const switchprotection: Check = (item, input, vault) => {
  const { primary, regions, disks } = item.details;
  if (vault.conditions.isDark(regions[primary])) return regionUnreachable(regions[primary]);
  const back =
    vault.mapping(item.target, item.place, lastOf(input.policyId ?? '')) ??
    vault.mapping(item.target, item.place);
  if (!back)
    return refuse(
      'The recovery container is not mapped to the primary one.',
      'Map the recovery container to the primary one.',
    );
  const wanted = placeIn(input.recoveryContainerId ?? '');
  if (!wanted || !samePlace(wanted, item.place))
    return refuse(
      'The container to replicate to is not the one that the item lives under.',
      'Name the present primary container as recovery container.',
    );
  if (!same(input.policyId ?? '', vault.policyId(back.policy)))
    return refuse('The policy is not that of the mapping back.', `Use the policy '${back.policy}'.`);
  const owned = disks.map((disk) => recoveryDiskId(disk).toLowerCase());
  const foreign = input.disks?.find(
    ({ diskId, managed }) => managed && !owned.includes(diskId.toLowerCase()),
  );
  if (foreign)
    return refuse(
      `The disk '${foreign.diskId}' is not one of the machine that was failed over.`,
      `Name its disks: ${owned.join(', ')}.`,
    );
  if (!vault.azure.get(item.details.machines[otherSide(primary)]))
    return refuse(
      `The machine '${lastOf(item.details.machines[otherSide(primary)])}' that was failed over ` +
        'does not exist any more.',
      'Disable replication.',
    );
  return (
    wrongCache(vault.azure, input.disks, regions[otherSide(primary)]) ??
    missingTarget(input, vault, regions[primary])
  );
};

const CHECKS: Readonly<Record<string, Check>> = {
  enable,
  update,
  addDisks,
  removeDisks,
  switchprotection,
  unplannedFailover: failover,
  testFailover: failover,
  applyRecoveryPoint: failover,
};

export const preflight = (
  operation: string,
  item: ItemRecord,
  input: AzureToAzureInput,
  vault: Vault,
  now: number,
): JobError | undefined => CHECKS[operation]?.(item, input, vault, now);
