// The checks of an Azure-to-Azure job before it changes anything.

import { providerRefuses, regionUnreachable } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import { lastSegment, parseContainerPath, isSameContainer, type Vault } from '../../vault.ts';
import { targetResourceError } from '../common/target-checks.ts';
import { cacheError } from './cache.ts';
import { deploymentModelError } from './classic.ts';
import { otherSide, type AzureToAzureInput, type AzureToAzureItem, isAzureToAzureItem } from './details.ts';
import { azurePowerOf } from '../common/recovered-machine.ts';
import { findSourceMachine } from './machine.ts';
import { recoveryDiskId } from './bodies.ts';
import { findRecoveryPoint } from './recovery-points.ts';

type Check = (
  item: AzureToAzureItem,
  input: AzureToAzureInput,
  vault: Vault,
  now: number,
) => JobError | undefined;

const a2aError = (causes: string, action: string): JobError => providerRefuses('A2A', causes, action);
const isSameId = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

const failover: Check = (item, input, vault, now) => {
  const recovery = item.details.regions[otherSide(item.details.primary)];
  if (vault.conditions.isRegionDark(recovery)) return regionUnreachable(recovery);
  if (findRecoveryPoint(item, vault, now, input)) return undefined;
  const wanted = input.recoveryPointId;
  return wanted === undefined
    ? a2aError('The item has no recovery point of that kind yet.', 'Wait for the first recovery point.')
    : a2aError(
        `The recovery point '${wanted}' does not exist.`,
        'List the recovery points of the item and name one of them.',
      );
};

const targetError = (input: AzureToAzureInput, vault: Vault, region: string): JobError | undefined =>
  targetResourceError(
    'A2A',
    {
      ...input.settings,
      regionalIds: [input.settings?.cloudServiceId],
      subscriptionIds: (input.disks ?? []).map(({ recoveryPlaceId }) => recoveryPlaceId),
    },
    vault,
    region,
  );

function otherReplication(item: AzureToAzureItem, vault: Vault): AzureToAzureItem | undefined {
  const id = item.details.machines[item.details.primary];
  for (const other of vault.store.items()) {
    if (
      isAzureToAzureItem(other) &&
      other.key !== item.key &&
      isSameId(other.details.machines[other.details.primary], id)
    )
      return other;
  }
  return undefined;
}

/** The maximum number of machines that can share their recovery points. */
const MAX_GROUP_SIZE = 16;

const isGroupTooLarge = ({ details: { group } }: AzureToAzureItem, vault: Vault): boolean =>
  group.given &&
  vault.items().filter((other) => isAzureToAzureItem(other) && other.details.group.id === group.id).length >
    MAX_GROUP_SIZE;

const enable: Check = (item, input, vault) => {
  const { machines, regions } = item.details;
  const machine = findSourceMachine(vault.azure, machines.home);
  if (!machine)
    return a2aError(
      `The virtual machine '${machines.home}' does not exist.`,
      'Name a virtual machine of the region of the fabric.',
    );
  if (machine.resource.location !== regions.home)
    return a2aError(
      `The virtual machine is in ${machine.resource.location ?? ''} and the fabric in ${regions.home}.`,
      'Use the fabric of its region.',
    );
  if (vault.conditions.isRegionDark(regions.home)) return regionUnreachable(regions.home);
  if (azurePowerOf(vault, machines.home) !== 'running')
    return a2aError(
      'The virtual machine does not run.',
      'Start the virtual machine, then enable replication.',
    );
  const other = otherReplication(item, vault);
  if (other)
    return a2aError(
      `The virtual machine is replicated already, as '${other.name}'.`,
      'Disable that replication first.',
    );
  if (isGroupTooLarge(item, vault))
    return a2aError(
      `The replication group '${item.details.group.name}' has ${MAX_GROUP_SIZE} machines already.`,
      'Name another group, or none.',
    );
  const { resourceGroupId } = item.details.settings;
  if (regions.away !== regions.home && vault.azure.get(resourceGroupId)?.location === regions.home)
    return a2aError(
      `The resource group '${lastSegment(resourceGroupId)}' is kept in the region that the machine is in.`,
      'Name a resource group of another region.',
    );
  if (!vault.mapping(item.place, item.target, item.policy))
    return a2aError(
      'No container mapping to the recovery container has this policy.',
      'Create the container mapping first.',
    );
  const unknown = input.disks?.find(({ diskId }) => !machine.disks.some(({ id }) => isSameId(id, diskId)));
  if (unknown)
    return a2aError(
      `The disk '${unknown.diskId}' is not part of the machine.`,
      `Name its disks: ${machine.disks.map(({ id }) => id).join(', ')}.`,
    );
  if (item.details.disks.length === 0 || !item.details.disks.some(({ isSystem }) => isSystem))
    return a2aError('The disk of the operating system is left out.', 'Name that disk too.');
  return (
    deploymentModelError(machine, input) ??
    cacheError(vault.azure, input.disks, regions.home) ??
    targetError(
      { ...input, settings: { resourceGroupId: item.details.settings.resourceGroupId, ...input.settings } },
      vault,
      regions.away,
    )
  );
};

const update: Check = (item, input, vault) => {
  const { settings, nics } = item.details;
  if (input.settings?.availabilitySetId && settings.availabilitySetId === null) {
    return a2aError(
      'A machine that was enabled outside of any availability set cannot join a set.',
      'Disable replication and enable it again with the set.',
    );
  }
  const unknown = input.nics?.find(({ id }) => !nics.some((nic) => isSameId(nic.id, id)));
  if (unknown)
    return a2aError(
      `The network interface '${unknown.id}' is not part of the machine.`,
      `Name its interfaces: ${nics.map(({ id }) => id).join(', ')}.`,
    );
  const machine = findSourceMachine(vault.azure, item.details.machines[item.details.primary]);
  const misfit =
    machine &&
    deploymentModelError(machine, {
      settings: { cloudServiceId: settings.cloudServiceId, ...input.settings },
    });
  if (misfit) return misfit;
  return targetError(
    { settings: { resourceGroupId: settings.resourceGroupId, ...input.settings } },
    vault,
    item.details.regions[otherSide(item.details.primary)],
  );
};

const addDisks: Check = (item, input, vault) => {
  const machine = findSourceMachine(vault.azure, item.details.machines[item.details.primary]);
  const wrong = input.disks?.find(
    ({ diskId }) =>
      !machine?.disks.some(({ id }) => isSameId(id, diskId)) ||
      item.details.disks.some(({ id }) => isSameId(id, diskId)),
  );
  if (wrong)
    return a2aError(
      `The disk '${wrong.diskId}' is not part of the machine, or is protected already.`,
      'Name disks of the machine that are not protected.',
    );
  if (!input.disks?.length)
    return a2aError('No disk was named.', 'Name disks of the machine that are not protected.');
  return cacheError(vault.azure, input.disks, item.details.regions[item.details.primary]);
};

const removeDisks: Check = (item, input) => {
  const wrong = input.diskIds?.find(
    (wanted) => !item.details.disks.some(({ id, isSystem }) => isSameId(id, wanted) && !isSystem),
  );
  if (wrong !== undefined)
    return a2aError(
      `The disk '${wrong}' is not a protected data disk.`,
      'Name protected data disks of the machine.',
    );
  return input.diskIds?.length
    ? undefined
    : a2aError('No disk was named.', 'Name protected data disks of the machine.');
};

const switchprotection: Check = (item, input, vault) => {
  const { primary, regions, disks } = item.details;
  if (vault.conditions.isRegionDark(regions[primary])) return regionUnreachable(regions[primary]);
  const back =
    vault.mapping(item.target, item.place, lastSegment(input.policyId ?? '')) ??
    vault.mapping(item.target, item.place);
  if (!back)
    return a2aError(
      'The recovery container is not mapped to the primary one.',
      'Map the recovery container to the primary one.',
    );
  const wanted = parseContainerPath(input.recoveryContainerId ?? '');
  if (!wanted || !isSameContainer(wanted, item.place))
    return a2aError(
      'The container to replicate to is not the present container of the item.',
      'Name the present primary container as recovery container.',
    );
  if (!isSameId(input.policyId ?? '', vault.policyId(back.policy)))
    return a2aError('The policy is not that of the mapping back.', `Use the policy '${back.policy}'.`);
  const owned = disks.map((disk) => recoveryDiskId(disk).toLowerCase());
  const foreign = input.disks?.find(
    ({ diskId, managed }) => managed && !owned.includes(diskId.toLowerCase()),
  );
  if (foreign)
    return a2aError(
      `The disk '${foreign.diskId}' is not part of the machine that was failed over.`,
      `Name its disks: ${owned.join(', ')}.`,
    );
  if (!vault.azure.get(item.details.machines[otherSide(primary)]))
    return a2aError(
      `The machine '${lastSegment(item.details.machines[otherSide(primary)])}' that was failed over ` +
        'does not exist any more.',
      'Disable replication.',
    );
  return (
    cacheError(vault.azure, input.disks, regions[otherSide(primary)]) ??
    targetError(input, vault, regions[primary])
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
  item: AzureToAzureItem,
  input: AzureToAzureInput,
  vault: Vault,
  now: number,
): JobError | undefined => CHECKS[operation]?.(item, input, vault, now);
