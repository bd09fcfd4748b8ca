// Assembles the Azure-to-Azure provider from its parts.

import { guidOf } from '../ids.ts';
import type { Provider } from '../provider.ts';
import type { ItemRecord } from '../records.ts';
import type { Vault } from '../vault.ts';
import { otherSide, type AzureToAzureInput } from './azure-to-azure-details.ts';
import { effects } from './azure-to-azure-effects.ts';
import { azureToAzureConfiguration } from './azure-to-azure-configuration.ts';
import { healthOf } from './azure-to-azure-health.ts';
import { readBody, readPlanBody } from './azure-to-azure-input.ts';
import { itemProperties } from './azure-to-azure-item.ts';
import { powerOf } from './azure-to-azure-machine.ts';
import { recoveryPoints } from './azure-to-azure-recovery-points.ts';
import { preflight } from './azure-to-azure-preflight.ts';
import { newItem } from './azure-to-azure-protection.ts';
import { OPERATING_SYSTEMS, targetSizes } from './azure-to-azure-support.ts';
import { azureToAzureTable } from './azure-to-azure-table.ts';

const targetObjectId = (item: ItemRecord): string => guidOf(item.key, 'target', item.details.turns);

function affectedObjects(item: ItemRecord, vault: Vault): Record<string, string> {
  const {
    place,
    target,
    policy,
    details: { name, settings, regions, primary },
  } = item;
  return {
    primaryVmId: targetObjectId(item),
    primaryVmName: name,
    recoveryVmId: '',
    recoveryVmName: settings.machineName,
    protectionProfileId: guidOf(vault.key, 'policy', policy),
    primaryCloudId: guidOf(vault.key, 'container', place.fabric, place.container),
    primaryCloudName: place.container,
    recoveryCloudId: guidOf(vault.key, 'container', target.fabric, target.container),
    recoveryCloudName: target.container,
    primaryVmmId: guidOf(vault.key, 'fabric', place.fabric),
    primaryVmmName: vault.regionName(regions[primary]),
    recoveryVmmId: guidOf(vault.key, 'fabric', target.fabric),
    recoveryVmmName: vault.regionName(regions[otherSide(primary)]),
    primaryFabricProviderId: 'Azure',
    recoveryFabricProviderId: 'Azure',
  };
}

const memberInput: Provider['memberInput'] = (operation, item, input, vault) =>
  operation === 'switchprotection'
    ? {
        ...input,
        recoveryContainerId: vault.containerId(item.place),
        policyId: vault.policyId(vault.mapping(item.target, item.place)?.policy ?? ''),
      }
    : input;

/**
 * Returns the portal's input: the portal shuts down the source and offers the existing recovery
 * points.
 */
function byHand(operation: string, item: ItemRecord, vault: Vault, now: number): AzureToAzureInput {
  switch (operation) {
    case 'unplannedFailover':
      return { shutsDownSource: true };
    case 'applyRecoveryPoint':
      return { recoveryPointId: recoveryPoints(item, vault, now)[0]?.name };
    default:
      return memberInput(operation, item, {}, vault);
  }
}

export const azureToAzure: Provider = {
  instanceType: 'A2A',
  table: azureToAzureTable,
  configuration: azureToAzureConfiguration,
  readBody,
  newItem,
  preflight,
  conditions: {
    sourceIsLeftRunning: (_item, input: AzureToAzureInput) => !input.shutsDownSource,
    failoverIsCommitted: (item) => item.state === 'committed',
  },
  effects,
  planInput: readPlanBody,
  memberInput,
  portalInput: byHand,
  properties: itemProperties,
  health: healthOf,
  recoveryPoints,
  targetSizes,
  affectedObjects,
  friendlyName: (item) => item.details.name,
  targetObjectId,
  isSourceUnreachable: ({ details: { machines, primary, regions } }, vault) =>
    vault.conditions.isUnreachable(vault.azure.get(machines[primary]), regions[primary]),
  consistencyGroup: ({ details: { group } }) => (group.given ? group.id : undefined),
  machines: ({ details: { machines } }, vault) =>
    (['home', 'away'] as const).map((side) => ({
      id: machines[side],
      state: powerOf(vault, machines[side]),
    })),
  replicatedSince: (item, since) => ({
    ...item,
    details: {
      ...item.details,
      protectedSince: since,
      disks: item.details.disks.map((disk) => ({ ...disk, protectedSince: since })),
    },
  }),
  operatingSystems: OPERATING_SYSTEMS,
};
