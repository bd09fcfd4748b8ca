// Assembles the Azure-to-Azure provider from its parts.

import { guidOf } from '../../ids.ts';
import type { Provider } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import {
  otherSide,
  type AzureToAzureDetails,
  type AzureToAzureInput,
  type AzureToAzureItem,
} from './details.ts';
import { effects } from './effects.ts';
import { readMapping, readPolicy } from './configuration.ts';
import { healthOf } from './health.ts';
import { readBody, readPlanBody } from './input.ts';
import { itemProperties } from './item.ts';
import { azurePowerOf } from '../common/recovered-machine.ts';
import { recoveryPoints } from './recovery-points.ts';
import { preflight } from './preflight.ts';
import { newItem } from './protection.ts';
import { OPERATING_SYSTEMS, targetSizes } from './support.ts';
import { azureToAzureTable } from './table.ts';

const targetObjectId = (item: AzureToAzureItem): string => guidOf(item.key, 'target', item.details.turns);

function affectedObjects(item: AzureToAzureItem, vault: Vault): Record<string, string> {
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

type AzureToAzureProvider = Provider<AzureToAzureDetails, AzureToAzureInput>;

const memberInput: AzureToAzureProvider['memberInput'] = (operation, item, input, vault) =>
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
function byHand(operation: string, item: AzureToAzureItem, vault: Vault, now: number): AzureToAzureInput {
  switch (operation) {
    case 'unplannedFailover':
      return { shutsDownSource: true };
    case 'applyRecoveryPoint':
      return { recoveryPointId: recoveryPoints(item, vault, now)[0]?.name };
    default:
      return memberInput(operation, item, {}, vault);
  }
}

export const azureToAzure: AzureToAzureProvider = {
  instanceType: 'A2A',
  table: azureToAzureTable,
  readPolicy,
  readMapping,
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
  eventDetails: () => null,
  friendlyName: (item) => item.details.name,
  targetObjectId,
  isSourceUnreachable: ({ details: { machines, primary, regions } }, vault) =>
    vault.conditions.isUnreachable(vault.azure.get(machines[primary]), regions[primary]),
  consistencyGroup: ({ details: { group } }) => (group.given ? group.id : undefined),
  machines: ({ details: { machines } }, vault) =>
    (['home', 'away'] as const).map((side) => ({
      id: machines[side],
      state: azurePowerOf(vault, machines[side]),
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
