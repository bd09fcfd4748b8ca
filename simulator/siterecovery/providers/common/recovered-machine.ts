// Creates the resources of a failover to Azure, or of its test: disks, network interfaces, the
// machine. Every resource has a predictable id. So a failover that repeats after a crash creates
// nothing twice. Each provider says which machine it wants.

import { hasPlacementGroupCapacity, exceededQuota } from '../../../arm/capacity.ts';
import { powerOf } from '../../../arm/fault-conditions.ts';
import { diskResource, machineResource, type MachineDisk } from '../../../arm/build/machines.ts';
import { nicResource } from '../../../arm/build/networks.ts';
import {
  freeAddress,
  ipConfigurationsOf,
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
import { findSubnet, matchingAddress, type Subnet } from './subnets.ts';
import { lastSegment, type Vault } from '../../vault.ts';

export interface WantedDisk {
  readonly name: string;
  readonly sizeInGb: number;
  readonly isSystem: boolean;
  /** The place of the disk: a new managed disk, or a blob in a storage account. */
  readonly at: { readonly id: string; readonly accountType: string } | { readonly blobUri: string };
}

export interface WantedNic {
  readonly id: string;
  readonly subnetName: string;
  /** A chosen address. Empty: none. */
  readonly fixedAddress: string;
  /** Without a chosen address, the machine gets the address with the host part of this one. */
  readonly likeAddress: string;
  readonly securityGroupId?: string | undefined;
  readonly publicAddressId?: string | undefined;
}

export interface WantedMachine {
  readonly instanceType: string;
  /** The key of the item. */
  readonly owner: string;
  readonly isTest: boolean;
  readonly name: string;
  readonly resourceGroupId: string;
  readonly region: string;
  readonly networkId: string | null;
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  readonly generation: string;
  readonly zone: string | null;
  readonly availabilitySetId: string | null;
  readonly placementGroupId: string | null;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly disks: readonly WantedDisk[];
  readonly nics: readonly WantedNic[];
  /** True when a machine with this id may be replaced. */
  readonly mayReplace: (machine: Resource) => boolean;
  /** A machine of the older deployment model: one resource, outside of the quotas. */
  readonly classic?:
    { readonly idOf: (name: string) => string; readonly build: (id: string) => Resource } | undefined;
}

export interface RecoveredVm {
  readonly machineId: string;
  /** Ids of all resources that did not exist before. */
  readonly createdIds: readonly string[];
  readonly warning?: JobError;
  readonly networkName: string;
  readonly subnetName: string;
}

interface Context {
  readonly wanted: WantedMachine;
  readonly azure: AzureWorld;
  readonly job: JobRecord;
  readonly machineId: string;
}

const nameTaken = (name: string, instead: string): JobError => ({
  code: '28175',
  message: `The virtual machine was created with the name '${instead}'.`,
  possibleCauses: `A virtual machine named '${name}' is in the target resource group already.`,
  recommendedAction: 'Rename or remove the other virtual machine if the name is needed.',
});

const machineIdOf = ({ resourceGroupId, classic }: WantedMachine, name: string): string =>
  classic ? classic.idOf(name) : resourceId(resourceGroupId, RESOURCE_TYPES.virtualMachine, name);

/** Returns the machine's name, or another name when a different machine has this name. */
function freeName(azure: AzureWorld, wanted: WantedMachine): { name: string; warning?: JobError } {
  const isTaken = (name: string): boolean => {
    const existing = azure.get(machineIdOf(wanted, name));
    return existing !== undefined && !wanted.mayReplace(existing);
  };
  if (!isTaken(wanted.name)) return { name: wanted.name };
  for (let number = 1; ; number += 1) {
    const name = `${wanted.name}-${number}`;
    if (!isTaken(name)) return { name, warning: nameTaken(wanted.name, name) };
  }
}

/** Returns why the machine cannot come up in its target. */
function targetError(wanted: WantedMachine, vault: Vault): JobError | undefined {
  const { azure } = vault;
  const { instanceType, region, networkId, resourceGroupId } = wanted;
  const refuse = (causes: string, action: string): JobError => providerRefuses(instanceType, causes, action);
  if (vault.conditions.isRegionDark(region)) return regionUnreachable(region);
  const network = azure.get(networkId ?? '');
  if (!network)
    return refuse(
      `The network '${networkId ?? ''}' for the machine does not exist.`,
      'Select a network of the recovery region for the replicated item.',
    );
  const networkAction =
    'Select a network of the recovery region and of the subscription of the target group.';
  if (network.location !== region)
    return refuse(
      `The network '${network.id}' is in '${network.location ?? ''}', and the machine comes up ` +
        `in '${region}'.`,
      networkAction,
    );
  if (subscriptionOf(network.id) !== subscriptionOf(resourceGroupId))
    return refuse(`The network '${network.id}' is of another subscription than the machine.`, networkAction);
  if (!azure.get(resourceGroupId))
    return refuse(
      `The resource group '${resourceGroupId}' does not exist.`,
      'Create it, or select another for the replicated item.',
    );
  return wanted.classic ? undefined : quotaError(wanted, vault);
}

/** Returns an error when the target subscription lacks cores for the machine. */
function quotaError(
  { resourceGroupId, region: regionName, size }: WantedMachine,
  { azure, conditions }: Vault,
): JobError | undefined {
  const region = azure.region(regionName);
  // Without a limit there is no need to count. Counting is slow with thousands of machines.
  const isLimited =
    Object.keys(region?.quotas ?? {}).length > 0 ||
    conditions.faults.activeConditions().some(({ kind }) => kind === 'quotaGone');
  if (!isLimited) return undefined;
  const short =
    region && exceededQuota(azure, conditions.faults, subscriptionOf(resourceGroupId), region, size);
  return short && quotaExceeded(short.name, regionName, short.limit);
}

function createDisks({ wanted, machineId }: Context): {
  readonly profile: MachineDisk[];
  readonly resources: Resource[];
} {
  const resources: Resource[] = [];
  const profile = wanted.disks.map(({ name, sizeInGb, isSystem, at }): MachineDisk => {
    if ('id' in at)
      resources.push(
        diskResource({
          id: at.id,
          location: wanted.region,
          zones: wanted.zone === null ? [] : [wanted.zone],
          sizeInGb,
          accountType: at.accountType,
          machineId,
          ...(isSystem && { osType: wanted.osType, generation: wanted.generation }),
        }),
      );
    return { name, sizeInGb, at };
  });
  return { profile, resources };
}

/**
 * Returns the wanted address if it is free, else the first free address; undefined when there is
 * none. A repeated failover gets the same address again.
 */
function chooseAddress(
  { azure, wanted: { isTest }, job }: Context,
  { id, fixedAddress, likeAddress }: WantedNic,
  subnet: Subnet | undefined,
  others: readonly Resource[],
): string | undefined {
  const prefix = subnet?.prefix ?? '10.0.0.0/24';
  const existing = azure.get(id);
  const previous =
    existing?.hidden?.['madeBy'] === job.id
      ? ipConfigurationsOf(existing)[0]?.properties.privateIPAddress
      : undefined;
  const taken = usedAddresses(azure, subnet?.id ?? '', id);
  for (const { properties } of others.flatMap(ipConfigurationsOf))
    if (properties.subnet?.id === subnet?.id) taken.add(properties.privateIPAddress ?? '');
  const address =
    previous ?? (fixedAddress === '' ? matchingAddress(prefix, likeAddress, isTest) : fixedAddress);
  return isUsableAddress(prefix, address) && !taken.has(address) ? address : freeAddress(prefix, taken);
}

interface CreatedNic {
  readonly resource: Resource;
  readonly subnet: Subnet | undefined;
}

/** `others` are the machine's earlier interfaces. Undefined: the subnet has no free address. */
function createNic(context: Context, nic: WantedNic, others: readonly Resource[]): CreatedNic | undefined {
  const { azure, wanted, machineId } = context;
  const subnet = findSubnet(azure, wanted.networkId ?? '', nic.subnetName);
  const privateAddress = chooseAddress(context, nic, subnet, others);
  if (privateAddress === undefined) return undefined;
  const resource = nicResource({
    id: nic.id,
    location: wanted.region,
    subnetId: subnet?.id ?? '',
    privateAddress,
    allocation: nic.fixedAddress === privateAddress ? 'Static' : 'Dynamic',
    machineId,
    ...(nic.securityGroupId !== undefined && { securityGroupId: nic.securityGroupId }),
    ...(nic.publicAddressId !== undefined && { publicAddressId: nic.publicAddressId }),
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
function choosePlacement({ wanted, azure, job }: Context): Placement {
  const { availabilitySetId, placementGroupId } = wanted;
  const pinnedTo =
    availabilitySetId === null
      ? undefined
      : linkedId(azure.get(availabilitySetId), 'proximityPlacementGroup');
  const group = placementGroupId ?? pinnedTo;
  const set = availabilitySetId === null ? {} : { availabilitySetId };
  if (group === undefined) return set;
  const isForced = job.ending.kind === 'succeeds' && job.ending.warning?.code === OVERCONSTRAINED_CODE;
  if (!isForced && hasPlacementGroupCapacity(azure, group))
    return { ...set, proximityPlacementGroupId: group };
  const outside = pinnedTo === undefined ? set : {};
  return isForced
    ? outside
    : {
        ...outside,
        warning: overconstrainedAllocation(`the proximity placement group '${lastSegment(group)}'`),
      };
}

function createNics(context: Context): CreatedNic[] | undefined {
  const nics: CreatedNic[] = [];
  for (const nic of context.wanted.nics) {
    const created = createNic(
      context,
      nic,
      nics.map(({ resource }) => resource),
    );
    if (!created) return undefined;
    nics.push(created);
  }
  return nics;
}

/** Returns the ids of the resources that did not exist before this job. */
function putRecovered({ azure, wanted, job }: Context, resources: readonly Resource[]): string[] {
  const fresh = resources
    .filter(({ id }) => !azure.get(id) || azure.get(id)?.hidden?.['madeBy'] === job.id)
    .map(({ id }) => id);
  azure.transaction(() => {
    for (const resource of resources)
      azure.put({ ...resource, hidden: { ...resource.hidden, replicaOf: wanted.owner, madeBy: job.id } });
  });
  return fresh;
}

interface RecoveredResources {
  readonly resources: readonly Resource[];
  readonly subnetName: string;
  readonly warning?: JobError | undefined;
}

function createWithDependencies(context: Context): RecoveredResources | { readonly error: JobError } {
  const { wanted, machineId } = context;
  const nics = createNics(context);
  if (!nics) return { error: notEnoughAddresses(wanted.networkId ?? '') };
  const disks = createDisks(context);
  const { warning, ...placement } = choosePlacement(context);
  const machine = machineResource({
    id: machineId,
    location: wanted.region,
    size: wanted.size,
    osType: wanted.osType,
    disks: disks.profile,
    nicIds: nics.map(({ resource }) => resource.id),
    ...(wanted.zone !== null && { zones: [wanted.zone] }),
    ...placement,
    ...(wanted.tags && { tags: wanted.tags }),
  });
  return {
    resources: [machine, ...disks.resources, ...nics.map(({ resource }) => resource)],
    subnetName: nics[0]?.subnet?.name ?? '',
    warning,
  };
}

/** Creates the machine with its disks and interfaces, or returns why that is impossible. */
export function createRecoveredMachine(
  wanted: WantedMachine,
  vault: Vault,
  job: JobRecord,
): RecoveredVm | { readonly error: JobError } {
  const { azure } = vault;
  const problem = targetError(wanted, vault);
  if (problem) return { error: problem };
  const { name, warning: renamed } = freeName(azure, wanted);
  const context: Context = { wanted, azure, job, machineId: machineIdOf(wanted, name) };
  const created = wanted.classic
    ? { resources: [wanted.classic.build(context.machineId)], subnetName: wanted.nics[0]?.subnetName ?? '' }
    : createWithDependencies(context);
  if ('error' in created) return created;
  const { resources, subnetName, warning = renamed }: RecoveredResources = created;
  return {
    machineId: context.machineId,
    createdIds: putRecovered(context, resources),
    networkName: lastSegment(wanted.networkId ?? ''),
    subnetName,
    ...(warning && { warning }),
  };
}

export function removeResources(azure: AzureWorld, ids: readonly string[]): void {
  azure.transaction(() => {
    for (const id of ids) azure.remove(id);
  });
}

/** Sets the power of a machine in Azure. */
export function setAzurePower(
  azure: AzureWorld,
  id: string,
  power: 'running' | 'deallocated',
  at: number,
): void {
  const resource = azure.get(id);
  if (resource) azure.put({ ...resource, hidden: { ...resource.hidden, power, powerSince: at } });
}

/** Returns `absent` or the machine's power state. */
export function azurePowerOf({ azure, conditions }: Vault, id: string): string {
  const resource = azure.get(id);
  if (!resource) return 'absent';
  // A fault names a machine by its name. A recovered replica has the same name, but the fault does
  // not affect it.
  return resource.hidden?.['replicaOf'] === undefined
    ? powerOf(conditions.faults, resource)
    : ((resource.hidden['power'] as string | undefined) ?? 'running');
}
