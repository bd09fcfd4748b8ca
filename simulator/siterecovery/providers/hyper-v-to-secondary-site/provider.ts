// Assembles the providers of Hyper-V between VMM clouds: one for each version of the hosts.

import type { ContainerPath } from '../../configuration-records.ts';
import { guidOf } from '../../ids.ts';
import type { NewItem, Provider } from '../../provider.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { mappingError, mappingReader, policyReader } from './configuration.ts';
import {
  CLOUD_TYPES,
  sidesOf,
  type CloudDetails,
  type CloudInput,
  type CloudItem,
  type CloudType,
} from './details.ts';
import { effects } from './effects.ts';
import { healthOf } from './health.ts';
import { readBody, readPlanBody } from './input.ts';
import { cloudName, itemProperties, serverName } from './item.ts';
import { preflight } from './preflight.ts';
import { isSourceUnreachable, recoveryPoints } from './recovery-points.ts';
import { cloudTable } from './table.ts';

/** The cloud's mapping with the policy says where the machine replicates. */
const newItem =
  (instanceType: CloudType) =>
  (
    _name: string,
    place: ContainerPath,
    policy: string,
    input: CloudInput,
    vault: Vault,
  ): NewItem<CloudDetails> => {
    const homeId = lastSegment(input.protectableItemId ?? '').toLowerCase();
    const machine = vault.onPremises.machine(homeId);
    const mapping = vault.mappings(place).find((found) => found.policy === policy);
    const details: CloudDetails = {
      instanceType,
      name: machine?.name ?? homeId,
      osType: machine?.osType ?? 'Windows',
      homeId,
      awayId: null,
      isReversed: false,
      homeNetworks: {},
      awayNetworks: {},
      turns: 0,
      protectedSince: null,
      failedOverAt: null,
      finalPointAt: null,
      failoverRecoveryPoint: null,
      sourceWasShutDown: false,
      lastSuccessfulFailover: null,
      lastSuccessfulTest: null,
      testId: null,
    };
    return { target: mapping?.to ?? place, policy, details };
  };

function affectedObjects(item: CloudItem, vault: Vault): Record<string, string> {
  const { source, replica } = sidesOf(item);
  return {
    primaryVmId: source.machineId ?? '',
    primaryVmName: item.details.name,
    recoveryVmId: replica.machineId ?? '',
    recoveryVmName: item.details.name,
    protectionProfileId: guidOf(vault.key, 'policy', item.policy),
    primaryCloudId: source.place.container,
    primaryCloudName: cloudName(vault, source.place),
    recoveryCloudId: replica.place.container,
    recoveryCloudName: cloudName(vault, replica.place),
    primaryVmmId: vault.fabricGuid(source.place.fabric),
    primaryVmmName: serverName(vault, source.place.fabric),
    recoveryVmmId: vault.fabricGuid(replica.place.fabric),
    recoveryVmmName: serverName(vault, replica.place.fabric),
    primaryFabricProviderId: 'VMM',
    recoveryFabricProviderId: 'VMM',
  };
}

function portalInput(operation: string, item: CloudItem, vault: Vault, now: number): CloudInput {
  switch (operation) {
    case 'unplannedFailover':
    case 'plannedFailover':
      return { shutsDownSource: true };
    case 'testFailover':
      return { networkType: 'NoNetworkAttachAsInput' };
    case 'applyRecoveryPoint':
      return { recoveryPointId: recoveryPoints(item, vault, now)[0]?.name };
    default:
      return {};
  }
}

/**
 * The machine in each cloud, in the order home, away. A fault on a machine concerns the source, since
 * the replica has the same name.
 */
function machines(item: CloudItem, vault: Vault) {
  const { details } = item;
  return [details.homeId, details.awayId].map((id) => {
    const machine = vault.onPremises.machine(id ?? '');
    if (!machine) return { id: id ?? '', state: 'absent' };
    const isSource = id === sidesOf(item).source.machineId;
    const power = isSource ? vault.onPremises.powerOf(machine) : machine.power;
    return { id: machine.id, state: power === 'running' ? 'running' : 'deallocated' };
  });
}

const createProvider = (instanceType: CloudType): Provider<CloudDetails, CloudInput> => ({
  instanceType,
  table: cloudTable,
  mappingSeconds: [110, 140],
  readPolicy: policyReader(instanceType),
  readMapping: mappingReader(instanceType),
  mappingError,
  readBody,
  newItem: newItem(instanceType),
  preflight,
  conditions: {
    sourceIsLeftRunning: (_item, input) => !input.shutsDownSource,
    isCommitted: ({ state }) => state === 'committed' || state === 'plannedCommitted',
    sourceIsOff: ({ details }) => details.sourceWasShutDown,
    copiesOnlyChanges: () => true,
  },
  effects,
  planInput: readPlanBody,
  memberInput: (_operation, _item, input) => input,
  portalInput,
  properties: itemProperties,
  health: healthOf,
  recoveryPoints,
  targetSizes: () => [],
  affectedObjects,
  eventDetails: (item, vault) => {
    const { source, replica } = sidesOf(item);
    return {
      instanceType,
      containerName: cloudName(vault, source.place),
      fabricName: serverName(vault, source.place.fabric),
      remoteContainerName: cloudName(vault, replica.place),
      remoteFabricName: serverName(vault, replica.place.fabric),
    };
  },
  friendlyName: (item) => item.details.name,
  targetObjectId: (item) => sidesOf(item).source.machineId ?? item.details.homeId,
  isSourceUnreachable,
  consistencyGroup: () => undefined,
  machines,
  replicatedSince: (item, since) => ({ ...item, details: { ...item.details, protectedSince: since } }),
  operatingSystems: [],
});

export const cloudProviders = Object.fromEntries(
  CLOUD_TYPES.map((instanceType) => [instanceType, createProvider(instanceType)]),
) as Readonly<Record<CloudType, Provider<CloudDetails, CloudInput>>>;
