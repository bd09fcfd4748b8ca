// Prints a machine that replicates between two clouds as the API does.

import type { OnPremisesMachine } from '../../configuration-records.ts';
import { formatTime, guidOf } from '../../ids.ts';
import { stateRow } from '../../provider-table.ts';
import type { Vault } from '../../vault.ts';
import { stateFields } from '../common/item-fields.ts';
import { policySettings } from './configuration.ts';
import { sidesOf, type CloudItem } from './details.ts';
import { servicesProviderId } from './fabric.ts';
import { healthOf } from './health.ts';
import { sourceUnreachableSince } from './recovery-points.ts';
import { cloudTable } from './table.ts';
import { networkId, serverOf } from './world.ts';

const COPYING = ['copying', 'carrying', 'resynchronizing'];

/** The percentage of the running copy. Before and after it the API shows 0. */
function copyPercentage({ state, stateSince, stateEndsAt }: CloudItem, now: number): number {
  if (!COPYING.includes(state) || stateEndsAt === null) return 0;
  const share = (100 * (now - stateSince)) / Math.max(1, stateEndsAt - stateSince);
  return Math.max(0, Math.min(99, Math.floor(share)));
}

const isFinalizing = ({ state }: CloudItem): boolean => state.startsWith('finalizing');

/** The second state of the machine, which lags behind the first one. */
function machineState(item: CloudItem) {
  const row = stateRow(cloudTable, item.state);
  if (isFinalizing(item))
    return {
      vmProtectionState: 'ReplicaConfigurationInProgress',
      vmProtectionStateDescription: 'Configuring the replica',
    };
  return item.details.protectedSince === null && row.activeLocation === 'Primary'
    ? { vmProtectionState: 'UnprotectedStatesBegin', vmProtectionStateDescription: 'Enabling protection' }
    : {
        vmProtectionState: row.protectionState,
        vmProtectionStateDescription: row.protectionStateDescription,
      };
}

function lastTransfer(item: CloudItem, vault: Vault, now: number): string | null {
  const { protectedSince, failedOverAt } = item.details;
  if (protectedSince === null) return null;
  const interval = policySettings(vault.policy(item.policy)).replicationFrequencyInSeconds * 1000;
  const end = Math.min(failedOverAt ?? now, sourceUnreachableSince(item, vault) ?? now);
  return formatTime(Math.max(protectedSince, Math.floor(end / interval) * interval));
}

function nicBodies(source: OnPremisesMachine, item: CloudItem, vault: Vault) {
  const { replica } = sidesOf(item);
  const other = vault.onPremises.machine(replica.machineId ?? '');
  const server = serverOf(vault, replica.place.fabric)?.name ?? '';
  return source.nics.map((nic) => {
    const twin = other?.nics.find(({ name }) => name === nic.name);
    const network = twin?.network ?? '';
    return {
      nicId: nic.id,
      replicaNicId: twin?.id ?? null,
      sourceNicArmId: null,
      vMSubnetName: nic.subnet,
      vMNetworkName: nic.network,
      recoveryVMNetworkId:
        network === ''
          ? null
          : `${vault.fabricId(replica.place.fabric)}/replicationNetworks/${networkId(server, network)}`,
      recoveryVMSubnetName: network === '' ? null : (twin?.subnet ?? null),
      ipAddressType: 'Dynamic',
      primaryNicStaticIPAddress: null,
      replicaNicStaticIPAddress: null,
      selectionType: 'SelectedByDefault',
    };
  });
}

function providerDetails(item: CloudItem, vault: Vault, now: number) {
  const machine = vault.onPremises.machine(sidesOf(item).source.machineId ?? '');
  const { initialReplicationMethod } = policySettings(vault.policy(item.policy));
  return {
    instanceType: item.details.instanceType,
    lastReplicatedTime: lastTransfer(item, vault, now),
    vmNics: machine ? nicBodies(machine, item, vault) : [],
    vmId: machine?.id ?? '',
    ...machineState(item),
    initialReplicationDetails: {
      initialReplicationType: initialReplicationMethod,
      initialReplicationProgressPercentage: String(copyPercentage(item, now)),
    },
    vMDiskDetails: (machine?.disks ?? []).map(({ id, name, sizeInGb }, index) => ({
      maxSizeMB: sizeInGb * 1024,
      vhdType: index === 0 ? 'OperatingSystem' : 'DataDisk',
      vhdId: id,
      vhdName: name,
    })),
  };
}

/** While the service finalizes the protection, the item names that scenario and its job. */
function finalizingScenario(item: CloudItem, vault: Vault) {
  return isFinalizing(item) && item.serviceJob !== null
    ? {
        currentScenario: {
          scenarioName: 'EnableProtection',
          jobId: vault.jobId(item.serviceJob),
          startTime: formatTime(item.stateSince),
        },
      }
    : {};
}

export const cloudName = (vault: Vault, place: CloudItem['place']): string =>
  vault.container(place)?.own?.friendlyName ?? place.container;
export const serverName = (vault: Vault, fabric: string): string => serverOf(vault, fabric)?.name ?? fabric;

export function itemProperties(item: CloudItem, vault: Vault, now: number): Record<string, unknown> {
  const { details } = item;
  const { source, replica } = sidesOf(item);
  const state = stateFields(item, vault, stateRow(cloudTable, item.state), {
    ...details,
    health: healthOf(item, vault, now),
    entityId: details.homeId,
  });
  return {
    friendlyName: details.name,
    protectedItemType: 'HyperVVirtualMachine',
    protectableItemId: `${vault.containerId(item.place)}/replicationProtectableItems/${details.homeId}`,
    recoveryServicesProviderId: servicesProviderId(vault, source.place.fabric),
    primaryFabricFriendlyName: serverName(vault, source.place.fabric),
    primaryFabricProvider: 'VmmFabric',
    recoveryFabricFriendlyName: serverName(vault, replica.place.fabric),
    recoveryFabricId: vault.fabricId(replica.place.fabric),
    primaryProtectionContainerFriendlyName: cloudName(vault, source.place),
    recoveryProtectionContainerFriendlyName: cloudName(vault, replica.place),
    ...state,
    failoverRecoveryPointId: state.failoverRecoveryPointId ?? '',
    ...finalizingScenario(item, vault),
    providerSpecificDetails: providerDetails(item, vault, now),
    recoveryContainerId: vault.containerId(replica.place),
    eventCorrelationId: guidOf(item.key, 'events', details.turns),
  };
}
