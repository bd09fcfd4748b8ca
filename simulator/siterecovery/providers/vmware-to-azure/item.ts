// Prints a VMware item as the API does: the part that all instance types share.

import { guidOf } from '../../ids.ts';
import { stateRow } from '../../provider-table.ts';
import { AZURE_CONTAINER, MICROSOFT_AZURE, type Vault } from '../../vault.ts';
import { stateFields } from '../common/item-fields.ts';
import { classicDetails } from './item-classic.ts';
import { homeDetails } from './item-home.ts';
import { modernDetails } from './item-modern.ts';
import { CLASSIC, goesHome, isModern, MODERN, type InstanceType, type VmwareItem } from './details.ts';
import { replicationServer } from './estate.ts';
import { healthOf } from './health.ts';
import { applianceProviderName } from './servers.ts';
import { classicHomeTable, homeTable, toAzureTable } from './table.ts';

export const TABLES = {
  [MODERN.toAzure]: toAzureTable,
  [MODERN.home]: homeTable,
  [CLASSIC.toAzure]: toAzureTable,
  [CLASSIC.home]: classicHomeTable,
} as const;

export const targetObjectId = (item: VmwareItem): string => guidOf(item.key, 'target', item.details.turns);

/** On the way home both ends are the company's own fabric. */
function endsOf(item: VmwareItem, vault: Vault) {
  const { fabric, container } = item.place;
  const fabricName = friendlyFabric(vault, fabric);
  const containerName = vault.container(item.place)?.own?.friendlyName ?? container;
  return goesHome(item)
    ? {
        primaryFabricFriendlyName: fabricName,
        recoveryFabricFriendlyName: fabricName,
        recoveryFabricId: vault.fabricId(fabric),
        primaryProtectionContainerFriendlyName: containerName,
        recoveryProtectionContainerFriendlyName: containerName,
        recoveryContainerId: vault.containerId(item.place),
      }
    : {
        primaryFabricFriendlyName: fabricName,
        recoveryFabricFriendlyName: MICROSOFT_AZURE,
        recoveryFabricId: MICROSOFT_AZURE,
        primaryProtectionContainerFriendlyName: containerName,
        recoveryProtectionContainerFriendlyName: MICROSOFT_AZURE,
        recoveryContainerId: vault.containerId(AZURE_CONTAINER),
      };
}

export function friendlyFabric(vault: Vault, fabric: string): string {
  const friendly = vault.fabric(fabric)?.settings['friendlyName'];
  return typeof friendly === 'string' ? friendly : fabric;
}

function providerId(item: VmwareItem, vault: Vault): string {
  const { fabric } = item.place;
  const server = replicationServer(vault, fabric, item.details.serverId);
  const name = server && isModern(item) ? applianceProviderName(server) : item.details.serverId;
  return `${vault.fabricId(fabric)}/replicationRecoveryServicesProviders/${name}`;
}

const DETAILS: Readonly<
  Record<InstanceType, (item: VmwareItem, vault: Vault, now: number) => Record<string, unknown>>
> = {
  InMageRcm: modernDetails,
  InMageRcmFailback: homeDetails,
  InMageAzureV2: classicDetails,
  InMage: classicDetails,
};

export function itemProperties(item: VmwareItem, vault: Vault, now: number): Record<string, unknown> {
  const { details } = item;
  const row = stateRow(TABLES[details.instanceType], item.state);
  const { recoveryContainerId, ...ends } = endsOf(item, vault);
  const state = stateFields(item, vault, row, {
    health: healthOf(item, vault, now),
    entityId: targetObjectId(item),
    ...details,
  });
  return {
    friendlyName: details.name,
    protectedItemType: '',
    protectableItemId: isModern(item) ? null : details.discoveryId,
    recoveryServicesProviderId: providerId(item, vault),
    primaryFabricProvider: isModern(item) ? 'InMageRcmFabric' : 'VMware',
    ...ends,
    ...state,
    // A failback uses no point with a name.
    failoverRecoveryPointId: goesHome(item) ? '' : state.failoverRecoveryPointId,
    providerSpecificDetails: DETAILS[details.instanceType](item, vault, now),
    recoveryContainerId,
    eventCorrelationId: guidOf(item.key, 'events'),
  };
}

/** Names and ids for `affectedObjectDetails` of the item's jobs. */
export function affectedObjects(item: VmwareItem, vault: Vault): Record<string, string> {
  const { place, policy, details } = item;
  const home = goesHome(item);
  const fabric = guidOf(vault.key, 'fabric', place.fabric);
  const provider = isModern(item) ? 'InMageRcm' : 'VMware';
  const { primaryProtectionContainerFriendlyName: cloud, primaryFabricFriendlyName: server } = endsOf(
    item,
    vault,
  );
  return {
    primaryVmId: targetObjectId(item),
    primaryVmName: details.name,
    recoveryVmId: '',
    recoveryVmName: details.settings.machineName,
    protectionProfileId: guidOf(vault.key, 'policy', policy),
    primaryCloudId: `cloud_${fabric}`,
    primaryCloudName: cloud,
    recoveryCloudId: home ? `cloud_${fabric}` : AZURE_CONTAINER.container,
    recoveryCloudName: home ? cloud : MICROSOFT_AZURE,
    primaryVmmId: fabric,
    primaryVmmName: server,
    recoveryVmmId: home ? fabric : '21a9403c-6ec1-44f2-b744-b4e50b792387',
    recoveryVmmName: home ? server : MICROSOFT_AZURE,
    primaryFabricProviderId: provider,
    recoveryFabricProviderId: home ? provider : 'Azure',
  };
}
