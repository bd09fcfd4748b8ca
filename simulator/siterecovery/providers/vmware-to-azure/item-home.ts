// Prints the details of an InMageRcmFailback item: it replicates from Azure to its old site.

import { guidOf, formatTime } from '../../ids.ts';
import { isSameName, lastSegment, type Vault } from '../../vault.ts';
import type { VmwareDisk, VmwareItem, VmwareNic } from './details.ts';
import { diskUuid } from './discovered.ts';
import { factsOf, homeMachine, replicationServer, vCenterOf } from './estate.ts';
import { discoveredBody } from './item-modern.ts';
import { diskProgress, lastContact, progressFields } from './progress.ts';
import { AGENT_VERSION } from './versions.ts';

const GIB = 2 ** 30;

const diskBody = (item: VmwareItem, disk: VmwareDisk, now: number) => ({
  diskId: `{${disk.id.toUpperCase()}}`,
  diskName: `\\\\.\\PHYSICALDRIVE${item.details.disks.indexOf(disk)}`,
  isOSDisk: String(disk.isSystem),
  capacityInBytes: disk.sizeInGb * GIB,
  diskUuid: diskUuid(disk.id),
  dataPendingInLogDataStoreInMB: 0,
  dataPendingAtSourceAgentInMB: 0,
  isInitialReplicationComplete: String(item.details.protectedSince !== null),
  ...diskProgress(item, disk, now),
});

const nicBody = (item: VmwareItem, nic: VmwareNic, vault: Vault) => ({
  macAddress: nic.macAddress,
  networkName: null,
  adapterType: null,
  sourceIpAddress: azureAddress(item, vault) ?? nic.sourceAddress,
});

/** The address of the machine in Azure. */
function azureAddress({ details }: VmwareItem, vault: Vault): string | undefined {
  const machine = vault.azure.get(details.machines.away)?.properties as
    { networkProfile?: { networkInterfaces?: readonly { id: string }[] } } | undefined;
  const nicId = machine?.networkProfile?.networkInterfaces?.[0]?.id;
  const nic = nicId === undefined ? undefined : vault.azure.get(nicId);
  const addresses = nic?.properties as
    { ipConfigurations?: readonly { properties: { privateIPAddress?: string } }[] } | undefined;
  return addresses?.ipConfigurations?.[0]?.properties.privateIPAddress;
}

function wayHomeFields(item: VmwareItem, vault: Vault) {
  const { wayHome, settings } = item.details;
  const machine = homeMachine(item, vault);
  const agent = replicationServer(vault, item.place.fabric, wayHome?.agentId ?? '');
  const site = (agent && factsOf(agent).discoverySiteId) ?? '';
  const vCenter = machine && vCenterOf(vault, machine.site);
  return {
    reprotectAgentId: wayHome?.agentId ?? '',
    reprotectAgentName: agent?.name ?? '',
    osType: machine?.osType ?? 'Windows',
    logStorageAccountId: wayHome?.logAccountId ?? '',
    targetvCenterId: `${site}/vcenters/${vCenter?.name ?? ''}`,
    targetDataStoreName: wayHome?.datastoreName ?? '',
    targetVmName: machine?.name ?? settings.machineName,
  };
}

export function homeDetails(item: VmwareItem, vault: Vault, now: number): Record<string, unknown> {
  const { details } = item;
  const last = details.lastPlannedFailover;
  return {
    instanceType: details.instanceType,
    internalIdentifier: guidOf(item.key, 'target', details.turns),
    azureVirtualMachineId: details.machines.away,
    multiVmGroupName: details.group?.name ?? null,
    ...wayHomeFields(item, vault),
    ...progressFields(item, now),
    protectedDisks: details.disks.map((disk) => diskBody(item, disk, now)),
    mobilityAgentDetails: {
      version: AGENT_VERSION,
      latestVersion: null,
      driverVersion: AGENT_VERSION,
      latestUpgradableVersionWithoutReboot: null,
      lastHeartbeatUtc: formatTime(lastContact(item, vault, now)),
      reasonsBlockingUpgrade: ['UnsupportedProtectionScenario'],
      isUpgradeable: 'false',
    },
    vmNics: details.nics.filter(({ isSelected }) => isSelected).map((nic) => nicBody(item, nic, vault)),
    ...(last && {
      lastPlannedFailoverStartTime: formatTime(last.startedAt),
      lastPlannedFailoverStatus: last.status,
    }),
    discoveredVmDetails: last ? discoveredBody(item, vault, now) : null,
    lastUsedPolicyId: vault.policyId(details.lastPolicy ?? ''),
    lastUsedPolicyFriendlyName: details.lastPolicy ?? '',
    isAgentRegistrationSuccessfulAfterFailover: details.failedOverAt === null ? null : true,
  };
}

/** The name of a mapped policy for the way home, if the container has one. */
export const mappedPolicy = (
  item: VmwareItem,
  vault: Vault,
  instanceType: string,
  wanted: string | undefined,
): string | undefined =>
  vault
    .mappings(item.place)
    .find(
      ({ policy }) =>
        vault.policy(policy)?.settings.instanceType === instanceType &&
        (wanted === undefined || isSameName(policy, lastSegment(wanted))),
    )?.policy;
