// Assembles the provider of Hyper-V to Azure from its parts.

import { azurePowerOf } from '../common/recovered-machine.ts';
import { guidOf } from '../../ids.ts';
import type { Provider } from '../../provider.ts';
import { AZURE_CONTAINER, MICROSOFT_AZURE, type Vault } from '../../vault.ts';
import { sizeBodies } from '../common/target-sizes.ts';
import { readMapping, readPolicy } from './configuration.ts';
import { HYPER_V, type HyperVDetails, type HyperVInput, type HyperVItem } from './details.ts';
import { effects } from './effects.ts';
import { healthOf } from './health.ts';
import { readBody, readPlanBody } from './input.ts';
import { itemProperties } from './item.ts';
import { preflight } from './preflight.ts';
import { newItem } from './protection.ts';
import { isSourceUnreachable, recoveryPoints } from './recovery-points.ts';
import { targetMachineId } from './recovery.ts';
import { hyperVTable } from './table.ts';

/** The service's own id of Azure as the place of a recovery. */
const AZURE_VMM_ID = '21a9403c-6ec1-44f2-b744-b4e50b792387';

function affectedObjects(item: HyperVItem, vault: Vault): Record<string, string> {
  const { place, policy, details } = item;
  return {
    primaryVmId: details.machineId,
    primaryVmName: details.name,
    recoveryVmId: '',
    recoveryVmName: details.settings.machineName,
    protectionProfileId: guidOf(vault.key, 'policy', policy),
    primaryCloudId: place.container,
    primaryCloudName: vault.container(place)?.own?.friendlyName ?? place.container,
    recoveryCloudId: AZURE_CONTAINER.container,
    recoveryCloudName: MICROSOFT_AZURE,
    primaryVmmId: vault.fabricGuid(place.fabric),
    primaryVmmName: place.fabric,
    recoveryVmmId: AZURE_VMM_ID,
    recoveryVmmName: MICROSOFT_AZURE,
    primaryFabricProviderId: 'HyperVSite',
    recoveryFabricProviderId: 'Azure',
  };
}

/** A planned failover from Azure is a failback, and a commit after a failback finalizes it. */
function variantOf(
  operation: string,
  { state }: HyperVItem,
  { isHomeward }: HyperVInput,
): string | undefined {
  if (operation === 'plannedFailover' && isHomeward) return 'failback';
  return operation === 'failoverCommit' && state === 'failedBack' ? 'finalizeFailback' : undefined;
}

/** Returns the portal's input: the portal shuts down the source, and synchronizes in one go. */
function byHand(operation: string, item: HyperVItem, vault: Vault, now: number): HyperVInput {
  switch (operation) {
    case 'unplannedFailover':
      return { shutsDownSource: true };
    case 'plannedFailover':
      return { shutsDownSource: true, isHomeward: item.details.failedOverAt !== null };
    case 'applyRecoveryPoint':
      return { recoveryPointId: recoveryPoints(item, vault, now)[0]?.name };
    default:
      return {};
  }
}

/** The machine in the site and the machine in Azure. */
function machines({ details }: HyperVItem, vault: Vault) {
  const { machineId, recovered, settings } = details;
  const home = vault.onPremises.machine(machineId);
  const homeState = home && vault.onPremises.powerOf(home) === 'running' ? 'running' : 'deallocated';
  const away = recovered?.id ?? targetMachineId(settings);
  return [
    { id: machineId, state: home ? homeState : 'absent' },
    { id: away, state: recovered ? azurePowerOf(vault, away) : 'absent' },
  ];
}

export const hyperVToAzure: Provider<HyperVDetails, HyperVInput> = {
  instanceType: HYPER_V,
  table: hyperVTable,
  mappingSeconds: [8, 12],
  readPolicy,
  readMapping,
  readBody,
  variantOf,
  newItem,
  preflight,
  conditions: {
    sourceIsLeftRunning: (_item, input) => !input.shutsDownSource,
    synchronizesInOneGo: (_item, input) => !input.synchronizesFirst,
  },
  effects,
  planInput: readPlanBody,
  memberInput: (_operation, _item, input) => input,
  portalInput: byHand,
  properties: itemProperties,
  health: healthOf,
  recoveryPoints,
  targetSizes: ({ details }, vault) =>
    sizeBodies(vault, details.region, {
      dataDisks: details.disks.filter(({ isSystem }) => !isSystem).length,
      nics: details.nics.length,
    }),
  affectedObjects,
  eventDetails: ({ place }, vault) => ({
    instanceType: HYPER_V,
    containerName: vault.container(place)?.own?.friendlyName ?? place.container,
    fabricName: place.fabric,
    remoteContainerName: MICROSOFT_AZURE,
  }),
  friendlyName: (item) => item.details.name,
  targetObjectId: (item) => item.details.machineId,
  isSourceUnreachable,
  consistencyGroup: () => undefined,
  machines,
  replicatedSince: (item, since) => ({ ...item, details: { ...item.details, protectedSince: since } }),
  operatingSystems: [],
};
