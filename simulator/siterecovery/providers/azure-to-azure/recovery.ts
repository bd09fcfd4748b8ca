// Creates the target resources of a failover and a test failover, and removes them again: disks,
// network interfaces, the machine. Every resource has a predictable id. So a failover that repeats
// after a crash creates nothing twice.

import { hasPlacementGroupCapacity, exceededQuota } from '../../../arm/capacity.ts';
import { diskResource, machineResource, type MachineDisk } from '../../../arm/build/machines.ts';
import { nicResource } from '../../../arm/build/networks.ts';
import {
  ipConfigurationsOf,
  freeAddress,
  isUsableAddress,
  usedAddresses,
} from '../../../arm/ip-addresses.ts';
import { resourceId, subscriptionOf } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import type { AzureWorld } from '../../../arm/world.ts';
import type { Resource } from '../../../arm/resource.ts';
import {
  notEnoughAddresses,
  OVERCONSTRAINED_CODE,
  overconstrainedAllocation,
  providerRefuses,
  quotaExceeded,
  regionUnreachable,
} from '../../errors.ts';
import type { JobError, JobRecord } from '../../records.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { recoveredClassicMachine, recoveredMachineId } from './classic.ts';
import { otherSide, type ProtectedNic, type RecoverySettings, type AzureToAzureItem } from './details.ts';
import { matchingAddress, findSubnet, type Subnet } from './subnets.ts';

export interface RecoveredVm {
  readonly machineId: string;
  /** Ids of all resources that did not exist before. */
  readonly createdIds: readonly string[];
  readonly warning?: JobError;
  readonly networkName: string;
  readonly subnetName: string;
}

interface RecoveryPurpose {
  readonly isTest: boolean;
  readonly networkId: string | null;
}

interface RecoveryContext extends RecoveryPurpose {
  readonly item: AzureToAzureItem;
  readonly azure: AzureWorld;
  readonly job: JobRecord;
  readonly region: string;
  readonly machineId: string;
}

const a2aFailure = (possibleCauses: string, recommendedAction: string): { readonly error: JobError } => ({
  error: providerRefuses('A2A', possibleCauses, recommendedAction),
});

const nameTaken = (name: string, instead: string): JobError => ({
  code: '28175',
  message: `The virtual machine was created with the name '${instead}'.`,
  possibleCauses: `A virtual machine named '${name}' is in the target resource group already.`,
  recommendedAction: 'Rename or remove the other virtual machine if the name is needed.',
});

/**
 * A machine belongs to the item if a failover of this item created it, or if the item has run there
 * before.
 */
function isOwnMachine(resource: Resource, item: AzureToAzureItem): boolean {
  return resource.hidden?.['replicaOf'] === item.key || item.details.turns > 0;
}

/** Returns the machine's name, or another name when a different machine has this name. */
function freeName(
  item: AzureToAzureItem,
  azure: AzureWorld,
  wanted: string,
): { name: string; warning?: JobError } {
  const taken = (name: string): boolean => {
    const existing = azure.get(recoveredMachineId(item.details.settings, name));
    return existing !== undefined && !isOwnMachine(existing, item);
  };
  if (!taken(wanted)) return { name: wanted };
  for (let number = 1; ; number += 1) {
    const name = `${wanted}-${number}`;
    if (!taken(name)) return { name, warning: nameTaken(wanted, name) };
  }
}

export function createRecoveredVm(
  item: AzureToAzureItem,
  vault: Vault,
  job: JobRecord,
  purpose: RecoveryPurpose,
): RecoveredVm | { readonly error: JobError } {
  const { azure } = vault;
  const { settings, regions, primary } = item.details;
  const region = regions[otherSide(primary)];
  if (vault.conditions.isRegionDark(region)) return { error: regionUnreachable(region) };
  if (purpose.networkId === null || !azure.get(purpose.networkId)) {
    return a2aFailure(
      `The network '${purpose.networkId ?? ''}' for the machine does not exist.`,
      'Select a network of the recovery region for the replicated item.',
    );
  }
  const networkProblem = networkError(azure.get(purpose.networkId), settings, region);
  if (networkProblem)
    return a2aFailure(
      networkProblem,
      'Select a network of the recovery region and of the subscription of the target resource group.',
    );
  if (!azure.get(settings.resourceGroupId))
    return a2aFailure(
      `The resource group '${settings.resourceGroupId}' does not exist.`,
      'Create it, or select another for the replicated item.',
    );
  const quotaProblem = quotaError(vault, settings, region);
  if (quotaProblem) return { error: quotaProblem };
  const { name, warning: renamed } = freeName(
    item,
    azure,
    purpose.isTest ? settings.testMachineName : settings.machineName,
  );
  const context: RecoveryContext = {
    ...purpose,
    item,
    azure,
    job,
    region,
    machineId: recoveredMachineId(settings, name),
  };
  const created = settings.cloudServiceId
    ? createClassic(context, purpose.networkId)
    : createWithDependencies(context);
  if ('error' in created) return created;
  const { resources, placement, subnetName } = created;
  const fresh = resources
    .filter(({ id }) => !azure.get(id) || azure.get(id)?.hidden?.['madeBy'] === job.id)
    .map(({ id }) => id);
  azure.transaction(() => {
    for (const resource of resources)
      azure.put({ ...resource, hidden: { ...resource.hidden, replicaOf: item.key, madeBy: job.id } });
  });
  const warning = placement.warning ?? renamed;
  return {
    machineId: context.machineId,
    createdIds: fresh,
    networkName: lastSegment(purpose.networkId),
    subnetName,
    ...(warning && { warning }),
  };
}

interface RecoveredResources {
  readonly resources: readonly Resource[];
  readonly placement: Placement;
  readonly subnetName: string;
}

/** An interface and its network must be in the same region and the same subscription. */
function networkError(
  network: Resource | undefined,
  { resourceGroupId }: RecoverySettings,
  region: string,
): string | undefined {
  if (!network) return undefined;
  if (network.location !== region)
    return (
      `The network '${network.id}' is in '${network.location ?? ''}', and the machine comes up ` +
      `in '${region}'.`
    );
  return subscriptionOf(network.id) === subscriptionOf(resourceGroupId)
    ? undefined
    : `The network '${network.id}' is of another subscription than the machine.`;
}

function createWithDependencies(context: RecoveryContext): RecoveredResources | { readonly error: JobError } {
  const nics: { readonly resource: Resource; readonly subnet: Subnet | undefined }[] = [];
  for (const nic of context.item.details.nics) {
    const made = createNic(
      context,
      nic,
      nics.map(({ resource }) => resource),
    );
    if (!made) return { error: notEnoughAddresses(context.networkId ?? '') };
    nics.push(made);
  }
  const disks = createDisks(context);
  const placement = choosePlacement(context);
  const machine = createMachine(
    context,
    disks.profile,
    nics.map(({ resource }) => resource.id),
    placement,
  );
  return {
    resources: [machine, ...disks.resources, ...nics.map(({ resource }) => resource)],
    placement,
    subnetName: nics[0]?.subnet?.name ?? '',
  };
}

const createClassic = (
  { item, azure, machineId, region, isTest }: RecoveryContext,
  networkId: string,
): RecoveredResources => ({
  resources: [recoveredClassicMachine(item, azure, { id: machineId, region, networkId, isTest })],
  placement: {},
  subnetName: item.details.nics[0]?.addresses[0]?.recoverySubnetName ?? '',
});

/** Returns an error when the target subscription lacks cores for the machine. */
function quotaError(
  { azure, conditions }: Vault,
  { resourceGroupId, size, cloudServiceId }: RecoverySettings,
  regionName: string,
): JobError | undefined {
  // Classic machines have a separate quota.
  if (cloudServiceId) return undefined;
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(resourceGroupId)?.[1] ?? '';
  const region = azure.region(regionName);
  // Without a limit there is no need to count. Counting is slow with thousands of machines.
  const isLimited =
    Object.keys(region?.quotas ?? {}).length > 0 ||
    conditions.faults.activeConditions().some(({ kind }) => kind === 'quotaGone');
  if (!isLimited) return undefined;
  const short = region && exceededQuota(azure, conditions.faults, subscription, region, size);
  return short && quotaExceeded(short.name, regionName, short.limit);
}

function createDisks({ item, isTest, machineId, region }: RecoveryContext): {
  readonly profile: MachineDisk[];
  readonly resources: Resource[];
} {
  const { disks, osType, generation, settings } = item.details;
  const zones = settings.zone === null ? [] : [settings.zone];
  const resources: Resource[] = [];
  const profile = disks.map((disk): MachineDisk => {
    const name = isTest ? disk.testName : disk.failoverName;
    if (!disk.managed)
      return {
        name,
        sizeInGb: disk.sizeInGb,
        at: {
          blobUri: `https://${lastSegment(disk.recoveryPlaceId)}.blob.core.windows.net/vhds/${name}.vhd`,
        },
      };
    const id = resourceId(disk.recoveryPlaceId, RESOURCE_TYPES.disk, name);
    resources.push(
      diskResource({
        id,
        location: region,
        zones,
        sizeInGb: disk.sizeInGb,
        accountType: disk.targetAccountType,
        machineId,
        ...(disk.isSystem && { osType, generation }),
      }),
    );
    return { name, sizeInGb: disk.sizeInGb, at: { id, accountType: disk.targetAccountType } };
  });
  return { profile, resources };
}

interface AddressRequest {
  readonly nicId: string;
  readonly subnet: Subnet | undefined;
  /** The address chosen for the interface, else its address at home. */
  readonly fixed: string;
  readonly like: string;
}

/**
 * Returns the wanted address if it is free, else the first free address; undefined when there is
 * none. A repeated failover gets the same address again.
 */
function chooseAddress(
  { azure, isTest, job }: RecoveryContext,
  { nicId, subnet, fixed, like }: AddressRequest,
  others: readonly Resource[],
): string | undefined {
  const prefix = subnet?.prefix ?? '10.0.0.0/24';
  const existing = azure.get(nicId);
  const previous =
    existing?.hidden?.['madeBy'] === job.id
      ? ipConfigurationsOf(existing)[0]?.properties.privateIPAddress
      : undefined;
  const taken = usedAddresses(azure, subnet?.id ?? '', nicId);
  for (const { properties } of others.flatMap(ipConfigurationsOf))
    if (properties.subnet?.id === subnet?.id) taken.add(properties.privateIPAddress ?? '');
  const wanted = previous ?? (fixed === '' ? matchingAddress(prefix, like, isTest) : fixed);
  return isUsableAddress(prefix, wanted) && !taken.has(wanted) ? wanted : freeAddress(prefix, taken);
}

/**
 * `others` are the machine's earlier interfaces. Returns undefined when the subnet has no free
 * address.
 */
function createNic(
  context: RecoveryContext,
  nic: ProtectedNic,
  others: readonly Resource[],
): { readonly resource: Resource; readonly subnet: Subnet | undefined } | undefined {
  const { item, azure, isTest, networkId, machineId, region } = context;
  const [address] = nic.addresses;
  const wanted =
    (isTest ? address?.testSubnetName : address?.recoverySubnetName) ?? address?.subnetName ?? '';
  const subnet = findSubnet(azure, networkId ?? '', wanted === '' ? (address?.subnetName ?? '') : wanted);
  const fixed = (isTest ? address?.testAddress : address?.recoveryAddress) ?? '';
  const requestedName = isTest ? nic.testName : (nic.targetName ?? nic.recoveryName);
  const name = requestedName ?? (isTest ? `${lastSegment(nic.id)}-test` : lastSegment(nic.id));
  const securityGroupId = isTest ? nic.testSecurityGroupId : nic.recoverySecurityGroupId;
  const publicAddressId = isTest ? address?.testPublicAddressId : address?.recoveryPublicAddressId;
  const nicId = resourceId(item.details.settings.resourceGroupId, RESOURCE_TYPES.networkInterface, name);
  const privateAddress = chooseAddress(
    context,
    { nicId, subnet, fixed, like: address?.privateAddress ?? '10.0.0.4' },
    others,
  );
  if (privateAddress === undefined) return undefined;
  const resource = nicResource({
    id: nicId,
    location: region,
    subnetId: subnet?.id ?? '',
    privateAddress,
    allocation: fixed === privateAddress ? 'Static' : 'Dynamic',
    machineId,
    ...(securityGroupId !== null && { securityGroupId }),
    ...(publicAddressId ? { publicAddressId } : {}),
  });
  return { resource, subnet };
}

interface Placement {
  readonly availabilitySetId?: string;
  readonly proximityPlacementGroupId?: string;
  readonly warning?: JobError;
}

const linkedId = (resource: Resource | undefined, property: string): string | undefined =>
  (resource?.properties[property] as { id?: string } | undefined)?.id;

/**
 * Best effort. Without capacity the machine starts outside the group, and outside an availability
 * set that is pinned to the group.
 */
function choosePlacement({ item, azure, job }: RecoveryContext): Placement {
  const { availabilitySetId, placementGroupId } = item.details.settings;
  const pinnedTo =
    availabilitySetId === null
      ? undefined
      : linkedId(azure.get(availabilitySetId), 'proximityPlacementGroup');
  const group = placementGroupId ?? pinnedTo;
  const set = availabilitySetId === null ? {} : { availabilitySetId };
  if (group === undefined) return set;
  const forced = job.ending.kind === 'succeeds' && job.ending.warning?.code === OVERCONSTRAINED_CODE;
  if (!forced && hasPlacementGroupCapacity(azure, group)) return { ...set, proximityPlacementGroupId: group };
  const outside = pinnedTo === undefined ? set : {};
  return forced
    ? outside
    : {
        ...outside,
        warning: overconstrainedAllocation(`the proximity placement group '${lastSegment(group)}'`),
      };
}

function createMachine(
  { item, machineId, region, azure }: RecoveryContext,
  disks: readonly MachineDisk[],
  nicIds: readonly string[],
  placement: Placement,
): Resource {
  const { settings, osType } = item.details;
  const tags = azure.get(item.details.machines[item.details.primary])?.tags;
  return machineResource({
    id: machineId,
    location: region,
    size: settings.size,
    osType,
    disks,
    nicIds,
    ...(settings.zone !== null && { zones: [settings.zone] }),
    ...(placement.availabilitySetId !== undefined && { availabilitySetId: placement.availabilitySetId }),
    ...(placement.proximityPlacementGroupId !== undefined && {
      proximityPlacementGroupId: placement.proximityPlacementGroupId,
    }),
    ...(tags && { tags }),
  });
}

export function removeResources(azure: AzureWorld, ids: readonly string[]): void {
  azure.transaction(() => {
    for (const id of ids) azure.remove(id);
  });
}
