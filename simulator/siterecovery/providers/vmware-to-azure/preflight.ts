// The checks of a VMware job before it changes anything.

import { isSizeOffered } from '../../../arm/capacity.ts';
import { resourceGroupIdOf, subscriptionOf } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import { providerRefuses, regionUnreachable } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import { isSameName, lastSegment, type Vault } from '../../vault.ts';
import {
  goesHome,
  isModern,
  isVmware,
  kindOf,
  type VmwareDetails,
  type VmwareInput,
  type VmwareItem,
  type VmwareSettings,
} from './details.ts';
import { factsOf, findMachine, hasAccount, replicationServer, replicationServers } from './estate.ts';
import { mappedPolicy } from './item-home.ts';
import { targetRegion } from './protection.ts';
import { findRecoveryPoint } from './recovery-points.ts';

type Check = (item: VmwareItem, input: VmwareInput, vault: Vault, now: number) => JobError | undefined;
type Refuse = (causes: string, action: string) => JobError;

const refuseFor =
  ({ details }: VmwareItem): Refuse =>
  (causes, action) =>
    providerRefuses(details.instanceType, causes, action);
const isSameId = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** The first problem of several checks. */
const firstOf = (...checks: readonly (() => JobError | undefined)[]): JobError | undefined => {
  for (const check of checks) {
    const problem = check();
    if (problem) return problem;
  }
  return undefined;
};

/** The appliance or process server must be registered, known to have the account, and in touch. */
function serverError(
  item: VmwareItem,
  vault: Vault,
  serverId: string,
  accountId: string | undefined,
): JobError | undefined {
  const refuse = refuseFor(item);
  const what = isModern(item) ? 'appliance' : 'process server';
  const server = replicationServer(vault, item.place.fabric, serverId);
  const names = replicationServers(vault, item.place.fabric).map(({ name }) => name);
  if (!server)
    return refuse(
      `The ${what} '${serverId}' is not registered in the fabric.`,
      `Name a registered ${what}: ${names.join(', ') || 'none is registered'}.`,
    );
  if (vault.onPremises.isDark(server.name))
    return refuse(
      `The ${what} '${server.name}' lost contact with Azure.`,
      `Start it and check its connection, or name another ${what}.`,
    );
  if (accountId === undefined || accountId === '') return undefined;
  const known = isModern(item) ? [server] : replicationServers(vault, item.place.fabric);
  return known.some((candidate) => hasAccount(candidate, accountId))
    ? undefined
    : refuse(
        `The account '${lastSegment(accountId)}' does not exist.`,
        `Add it to the ${what}, or name another account.`,
      );
}

/** A log account buffers changes near the target. It must be a standard one of the target region. */
function logAccountError(
  item: VmwareItem,
  vault: Vault,
  accountIds: readonly string[],
  region: string,
): JobError | undefined {
  const refuse = refuseFor(item);
  const instead = `Name a standard storage account in '${region}'.`;
  for (const id of accountIds) {
    const account = vault.azure.get(id);
    if (account?.type !== RESOURCE_TYPES.storageAccount)
      return refuse(`The log storage account '${id}' does not exist.`, instead);
    if (account.location !== region)
      return refuse(
        `The log storage account '${account.name}' is in '${account.location ?? ''}', and the machine ` +
          `is replicated to '${region}'.`,
        instead,
      );
    if (String(account.sku?.['name']).startsWith('Premium'))
      return refuse(`The log storage account '${account.name}' is a premium one.`, instead);
  }
  return undefined;
}

/** The names of all resources in the settings that must be in the region of the machine. */
const regionalIds = (settings: Partial<VmwareSettings>): string[] =>
  [
    settings.networkId,
    settings.availabilitySetId,
    settings.placementGroupId,
    settings.bootDiagnosticsAccountId,
    settings.storageAccountId,
  ].filter((id) => id !== undefined && id !== null);

function settingsError(item: VmwareItem, vault: Vault, settings: VmwareSettings): JobError | undefined {
  const refuse = refuseFor(item);
  const { resourceGroupId, placementGroupId, zone, availabilitySetId, size, testNetworkId } = settings;
  const region = vault.location;
  const ids = regionalIds(settings);
  const missing = [resourceGroupId, ...ids, ...(testNetworkId ? [testNetworkId] : [])].find(
    (id) => !vault.azure.get(id),
  );
  if (missing !== undefined)
    return refuse(`The resource '${missing}' does not exist.`, 'Create it, or name another.');
  const elsewhere = ids.find((id) => vault.azure.get(id)?.location !== region);
  if (elsewhere !== undefined)
    return refuse(
      `The resource '${elsewhere}' is not in the vault's region '${region}'. Machines are replicated there.`,
      'Name one of that region.',
    );
  const foreign = ids.find((id) => subscriptionOf(id) !== subscriptionOf(resourceGroupId));
  if (foreign !== undefined)
    return refuse(
      `The resource '${foreign}' is of another subscription than the target machine.`,
      'Name one of the subscription of the target resource group.',
    );
  if (placementGroupId && !isSameId(resourceGroupIdOf(placementGroupId), resourceGroupId))
    return refuse(
      'The proximity placement group is not in the resource group of the target machine.',
      'Name a proximity placement group in the target resource group.',
    );
  if (placementGroupId && settings.storageAccountId !== null)
    return refuse(
      'A machine with unmanaged disks cannot be in a proximity placement group.',
      'Use managed disks, or name no group.',
    );
  const offered = vault.azure.region(region);
  if (zone && !offered?.zones.includes(zone))
    return refuse(
      `The region '${region}' has no zone '${zone}'.`,
      `Name one of its zones (${offered?.zones.join(', ') || 'none'}), or none.`,
    );
  if (zone && availabilitySetId)
    return refuse(
      'A machine is in an availability zone or in an availability set, never in both.',
      'Name one of them.',
    );
  if (offered && !isSizeOffered(offered, size))
    return refuse(
      `The size '${size}' is not offered in '${region}'.`,
      'Name one of the target compute sizes of the item.',
    );
  return undefined;
}

function disksError(item: VmwareItem, input: VmwareInput, vault: Vault): JobError | undefined {
  const refuse = refuseFor(item);
  const { disks, settings } = item.details;
  const machine = findMachine(vault, item.details.discoveryId);
  const known = machine?.disks.map(({ id }) => id) ?? [];
  const unknown = input.disks?.find(({ diskId }) => !known.some((id) => isSameId(id, diskId)));
  if (unknown)
    return refuse(
      `The disk '${unknown.diskId}' is not part of the machine.`,
      `Name its disks: ${known.join(', ')}.`,
    );
  if (!disks.some(({ isSystem }) => isSystem))
    return refuse('The disk of the operating system is left out.', 'Name that disk too.');
  if (settings.storageAccountId !== null && !disks.some(({ logAccountId }) => logAccountId !== ''))
    return undefined;
  return logAccountError(
    item,
    vault,
    disks.map(({ logAccountId }) => logAccountId),
    vault.location,
  );
}

function sourceError(item: VmwareItem, vault: Vault): JobError | undefined {
  const refuse = refuseFor(item);
  const { machines, discoveryId, name, serverId } = item.details;
  const machine = findMachine(vault, discoveryId);
  if (!machine)
    return refuse(
      `The virtual machine '${discoveryId}' was not discovered.`,
      'Name a machine that the appliance or the configuration server has found.',
    );
  const server = replicationServer(vault, item.place.fabric, serverId);
  if (server && isModern(item) && server.site !== machine.site)
    return refuse(
      `The appliance '${server.name}' does not reach the virtual machine '${name}'.`,
      'Name an appliance of the same site.',
    );
  if (vault.onPremises.powerOf(machine) !== 'running' || vault.onPremises.isDark(machine.server))
    return refuse('The virtual machine does not run.', 'Start the machine, then enable replication.');
  for (const other of vault.store.items())
    if (other.key !== item.key && isVmware(other) && other.details.machines.home === machines.home)
      return refuse(
        `The virtual machine is replicated already, as '${other.name}'.`,
        'Disable that replication first.',
      );
  return undefined;
}

const enable: Check = (item, input, vault) =>
  firstOf(
    () => sourceError(item, vault),
    () => serverError(item, vault, item.details.serverId, input.accountId),
    () =>
      vault.mappings(item.place).some(({ policy }) => isSameName(policy, item.policy)) &&
      vault.policy(item.policy)?.settings.instanceType === item.details.instanceType
        ? undefined
        : refuseFor(item)(
            'No container mapping of the container has this policy.',
            'Create the container mapping first.',
          ),
    () => disksError(item, input, vault),
    () => settingsError(item, vault, item.details.settings),
  );

const update: Check = (item, input, vault) => {
  const refuse = refuseFor(item);
  const { nics, settings } = item.details;
  const unknown = input.nics?.find(
    ({ id }) => !nics.some((nic) => isSameName(nic.id, id) || isSameName(nic.macAddress, id)),
  );
  if (unknown)
    return refuse(
      `The network interface '${unknown.id}' is not part of the machine.`,
      `Name its interfaces: ${nics.map(({ id }) => id).join(', ')}.`,
    );
  if (input.nics?.length && !nics.some((nic) => remainsSelected(nic, input)))
    return refuse('No network interface is selected.', 'Select at least one interface.');
  return settingsError(item, vault, { ...settings, ...input.settings });
};

const remainsSelected = ({ id, macAddress, isSelected }: VmwareDetails['nics'][number], input: VmwareInput) =>
  input.nics?.find((change) => isSameName(change.id, id) || isSameName(change.id, macAddress))?.isSelected ??
  isSelected;

const updateAppliance: Check = (item, input, vault) =>
  serverError(item, vault, input.serverId ?? '', input.accountId);

const failover: Check = (item, input, vault, now) => {
  if (goesHome(item)) return wayHomeError(item, vault);
  const refuse = refuseFor(item);
  const region = targetRegion(item.details.settings, vault);
  if (vault.conditions.isRegionDark(region)) return regionUnreachable(region);
  if (findRecoveryPoint(item, vault, now, input)) return undefined;
  const wanted = input.recoveryPointId;
  return wanted === undefined
    ? refuse('The item has no recovery point of that kind yet.', 'Wait for the first recovery point.')
    : refuse(
        `The recovery point '${wanted}' does not exist.`,
        'List the recovery points of the item and name one of them.',
      );
};

/** A failback needs the host and the server that writes the disks. */
function wayHomeError(item: VmwareItem, vault: Vault): JobError | undefined {
  const { wayHome, machines, name } = item.details;
  const machine = vault.onPremises.machine(machines.home);
  const agent = replicationServer(vault, item.place.fabric, wayHome?.agentId ?? '');
  const dark = [agent?.name, machine?.server].find(
    (server) => server !== undefined && vault.onPremises.isDark(server),
  );
  if (!machine)
    return refuseFor(item)(`The virtual machine '${name}' is gone on premises.`, 'Disable replication.');
  return dark === undefined
    ? undefined
    : refuseFor(item)(`The server '${dark}' does not answer.`, 'Start it, then fail back.');
}

function turnHomeError(item: VmwareItem, input: VmwareInput, vault: Vault): JobError | undefined {
  const refuse = refuseFor(item);
  const { wayHome, policyId } = input;
  const { home } = kindOf(item.details.instanceType);
  if (mappedPolicy(item, vault, home, policyId) === undefined)
    return refuse(
      'No failback policy is mapped to the container.',
      'Create a failback policy and map the container to itself with it.',
    );
  const agent = replicationServer(vault, item.place.fabric, wayHome?.agentId ?? '');
  if (!agent)
    return refuse(
      `The server '${wayHome?.agentId ?? ''}' that writes the disks is not registered in the fabric.`,
      'Name the reprotect agent of a registered appliance, or a master target server.',
    );
  if (vault.onPremises.isDark(agent.name))
    return refuse(`The server '${agent.name}' lost contact with Azure.`, 'Start it, or name another one.');
  const { datastores } = factsOf(agent);
  if (wayHome?.datastoreName && !datastores.includes(wayHome.datastoreName))
    return refuse(
      `The server '${agent.name}' cannot write to the datastore '${wayHome.datastoreName}'.`,
      `Name one of its datastores: ${datastores.join(', ') || 'none'}.`,
    );
  if (!vault.azure.get(item.details.machines.away))
    return refuse(
      `The machine '${lastSegment(item.details.machines.away)}' that was failed over does not exist any more.`,
      'Disable replication.',
    );
  return wayHome?.logAccountId
    ? logAccountError(item, vault, [wayHome.logAccountId], targetRegion(item.details.settings, vault))
    : undefined;
}

function turnToAzureError(item: VmwareItem, input: VmwareInput, vault: Vault): JobError | undefined {
  const { toAzure } = kindOf(item.details.instanceType);
  if (mappedPolicy(item, vault, toAzure, input.policyId) === undefined)
    return refuseFor(item)(
      'The policy is not mapped to the container.',
      'Name a policy to Azure that is mapped to the container.',
    );
  return firstOf(
    () => wayHomeError(item, vault),
    () => serverError(item, vault, input.serverId ?? item.details.serverId, input.accountId),
  );
}

const reProtect: Check = (item, input, vault) =>
  goesHome(item) ? turnToAzureError(item, input, vault) : turnHomeError(item, input, vault);

const CHECKS: Readonly<Record<string, Check>> = {
  enable,
  update,
  updateAppliance,
  reProtect,
  unplannedFailover: failover,
  plannedFailover: failover,
  testFailover: failover,
  applyRecoveryPoint: failover,
};

export const preflight = (
  operation: string,
  item: VmwareItem,
  input: VmwareInput,
  vault: Vault,
  now: number,
): JobError | undefined => CHECKS[operation]?.(item, input, vault, now);
