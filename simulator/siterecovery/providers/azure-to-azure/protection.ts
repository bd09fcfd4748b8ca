// Builds the replication data of a machine: at the first protection, and again from the other side
// at a reprotect.

import { resourceGroupIdOf } from '../../../arm/ids.ts';
import { guidOf } from '../../ids.ts';
import type { NewItem } from '../../provider.ts';
import type { ContainerPath } from '../../configuration-records.ts';
import { lastSegment, parseContainerPath, isSameName, type Vault } from '../../vault.ts';
import {
  otherSide,
  type AzureToAzureDetails,
  type AzureToAzureInput,
  type DiskInput,
  type ProtectedDisk,
  type ProtectedNic,
  type RecoverySettings,
  type AzureToAzureItem,
} from './details.ts';
import { chooseCache } from './cache.ts';
import { recoveredMachineId } from './classic.ts';
import { fabricRegion } from './configuration.ts';
import { chooseSize } from '../common/target-sizes.ts';
import { findSourceMachine } from './machine.ts';
import type { SourceMachine, SourceNic, SourceDisk } from './source.ts';

const isSameId = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Without a list, all disks are replicated. With a list, only the listed disks are. */
function selectDisks(
  machine: SourceMachine,
  inputs: readonly DiskInput[] | undefined,
): { disk: SourceDisk; input: DiskInput | undefined }[] {
  if (!inputs || inputs.length === 0) return machine.disks.map((disk) => ({ disk, input: undefined }));
  return machine.disks.flatMap((disk) =>
    inputs
      .filter(({ diskId }) => isSameId(diskId, disk.id))
      .slice(0, 1)
      .map((input) => ({ disk, input })),
  );
}

interface DiskDefaults {
  readonly groupId: string;
  readonly stagingAccountId: string;
  /** Returns the disk that the copy replaces when the direction changes. */
  readonly original: (name: string) => { readonly id: string; readonly name: string } | undefined;
}

export function toProtectedDisks(
  machine: SourceMachine,
  inputs: readonly DiskInput[] | undefined,
  defaults: DiskDefaults,
): ProtectedDisk[] {
  return selectDisks(machine, inputs).map(({ disk, input }) => {
    const original = defaults.original(disk.name);
    const recoveryPlaceId = input?.recoveryPlaceId ?? defaults.groupId;
    const failoverName = original?.name ?? disk.name;
    return {
      id: disk.id,
      managed: disk.managed,
      name: disk.name,
      sizeInGb: disk.sizeInGb,
      isSystem: disk.isSystem,
      stagingAccountId: input?.stagingAccountId ?? defaults.stagingAccountId,
      recoveryPlaceId,
      replicaAccountType: input?.replicaAccountType ?? disk.accountType,
      targetAccountType: input?.targetAccountType ?? disk.accountType,
      encryptionSetId: input?.encryptionSetId ?? null,
      failoverName,
      testName: `${failoverName}-ASRtest`,
      originalTargetId: original?.id ?? '',
      protectedSince: null,
    };
  });
}

/**
 * A subnet named at enable belongs to the primary interface. Every other interface gets the subnet
 * with its own subnet's name.
 */
export function toProtectedNic(nic: SourceNic, recoverySubnetName = ''): ProtectedNic {
  return {
    id: nic.id,
    networkName: lastSegment(nic.networkId),
    selection: 'SelectedByDefault',
    addresses: nic.addresses.map((address) => ({
      ...address,
      recoverySubnetName: recoverySubnetName === '' ? address.subnetName : recoverySubnetName,
      recoveryAddress: '',
      recoveryPublicAddressId: null,
      recoveryPoolIds: [],
      testSubnetName: null,
      testAddress: null,
      testPublicAddressId: null,
      testPoolIds: null,
    })),
    recoverySecurityGroupId: null,
    recoveryAcceleration: false,
    testSecurityGroupId: null,
    testAcceleration: null,
    recoveryName: null,
    recoveryGroupName: null,
    reuse: false,
    testName: null,
    testGroupName: null,
    testReuse: false,
    targetName: null,
  };
}

/** Returns the target network for the machine's own network, if the vault has a mapping. */
function mappedNetwork(vault: Vault, fabric: string, machine: SourceMachine | undefined): string | null {
  const from = machine?.nics[0]?.networkId;
  const mapping =
    from === undefined
      ? undefined
      : vault.networkMappings(fabric).find(({ primaryNetworkId }) => isSameId(primaryNetworkId, from));
  return mapping?.recoveryNetworkId ?? null;
}

function recoverySettings(
  name: string,
  size: string,
  groupId: string,
  networkId: string | null,
  overrides: AzureToAzureInput['settings'],
): RecoverySettings {
  const machineName = overrides?.machineName ?? name;
  return {
    resourceGroupId: groupId,
    cloudServiceId: null,
    machineName,
    testMachineName: `${machineName}-test`,
    size,
    networkId,
    testNetworkId: null,
    availabilitySetId: null,
    zone: null,
    placementGroupId: null,
    bootDiagnosticsAccountId: null,
    scaleSetId: null,
    capacityReservationGroupId: null,
    licenseType: null,
    ...overrides,
  };
}

export const recoveryMachineId = (settings: RecoverySettings): string =>
  recoveredMachineId(settings, settings.machineName);

/** The state of a machine at the start of its replication, in either direction. */
const INITIAL_REPLICATION_STATE = {
  protectedSince: null,
  failedOverAt: null,
  failoverRecoveryPoint: null,
  failoverMade: [],
  sourceWasShutDown: false,
  lastSuccessfulFailover: null,
  lastSuccessfulTest: null,
} as const satisfies Partial<AzureToAzureDetails>;

export function newItem(
  _name: string,
  place: ContainerPath,
  policy: string,
  input: AzureToAzureInput,
  vault: Vault,
): NewItem<AzureToAzureDetails> {
  const machine = findSourceMachine(vault.azure, input.machineId ?? '');
  const id = machine?.resource.id ?? input.machineId ?? '';
  const target = parseContainerPath(input.recoveryContainerId ?? '') ?? place;
  const firstResourceGroupId = input.disks?.find(({ managed }) => managed)?.recoveryPlaceId;
  const groupId =
    input.settings?.resourceGroupId ??
    firstResourceGroupId ??
    resourceGroupIdOf(input.settings?.cloudServiceId ?? id);
  const size = machine
    ? chooseSize(vault, fabricRegion(vault, target.fabric), machine.size, {
        dataDisks: machine.disks.length - 1,
        nics: machine.nics.length,
      })
    : '';
  const settings = recoverySettings(
    lastSegment(id),
    size,
    groupId,
    mappedNetwork(vault, place.fabric, machine),
    input.settings,
  );
  const given = input.groupName !== undefined || input.groupId !== undefined;
  const groupName = input.groupName ?? input.groupId ?? '';
  const details: AzureToAzureDetails = {
    instanceType: 'A2A',
    primary: 'home',
    machines: { home: id, away: recoveryMachineId(settings) },
    regions: { home: fabricRegion(vault, place.fabric), away: fabricRegion(vault, target.fabric) },
    zones: { home: machine?.resource.zones?.[0] ?? null, away: settings.zone },
    name: lastSegment(id),
    osType: machine?.osType ?? 'Linux',
    generation: machine?.generation ?? 'V1',
    disks: machine
      ? toProtectedDisks(machine, input.disks, { groupId, stagingAccountId: '', original: () => undefined })
      : [],
    nics: machine?.nics.map((nic, at) => toProtectedNic(nic, at === 0 ? input.recoverySubnetName : '')) ?? [],
    settings,
    group: given
      ? { id: input.groupId ?? guidOf(vault.key, 'group', groupName.toLowerCase()), name: groupName, given }
      : { id: '', name: '', given },
    turns: 0,
    ...INITIAL_REPLICATION_STATE,
    test: null,
  };
  return { target, policy, details };
}

/** Makes the recovered machine the source, in the other container. */
export function reverseDirection(
  item: AzureToAzureItem,
  vault: Vault,
  input: AzureToAzureInput,
): AzureToAzureItem {
  const before = item.details;
  const primary = otherSide(before.primary);
  const machine = findSourceMachine(vault.azure, before.machines[primary]);
  const oldSource = findSourceMachine(vault.azure, before.machines[before.primary]);
  const oldId = before.machines[before.primary];
  const groupId = input.settings?.resourceGroupId ?? resourceGroupIdOf(oldId);
  const networkId =
    mappedNetwork(vault, item.target.fabric, machine) ?? oldSource?.nics[0]?.networkId ?? null;
  const zone = before.zones[before.primary];
  const settings = recoverySettings(
    lastSegment(oldId),
    oldSource?.size ?? before.settings.size,
    groupId,
    networkId,
    {
      ...(zone !== null && { zone }),
      cloudServiceId: oldSource?.cloudServiceId ?? null,
      ...input.settings,
    },
  );
  const stagingAccountId = chooseCache(
    vault.azure,
    before.machines[primary],
    before.regions[primary],
    before.disks[0]?.stagingAccountId ?? '',
  );
  const original = (name: string) => {
    const disk = before.disks.find(({ failoverName }) => isSameName(failoverName, name));
    return disk && { id: disk.id, name: disk.name };
  };
  return {
    ...item,
    place: item.target,
    target: item.place,
    policy: lastSegment(input.policyId ?? item.policy),
    details: {
      ...before,
      primary,
      machines: { ...before.machines, [before.primary]: recoveryMachineId(settings) },
      disks: machine ? toProtectedDisks(machine, input.disks, { groupId, stagingAccountId, original }) : [],
      nics: machine?.nics.map((nic) => toProtectedNic(nic)) ?? [],
      settings,
      turns: before.turns + 1,
      ...INITIAL_REPLICATION_STATE,
    },
  };
}
