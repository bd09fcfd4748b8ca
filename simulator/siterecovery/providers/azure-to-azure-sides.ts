// What replication takes over from a machine: at first, and again from the other side when the
// direction turns.

import { groupOf } from '../../arm/ids.ts';
import { guidOf } from '../ids.ts';
import type { NewItem } from '../provider.ts';
import type { ItemRecord } from '../records.ts';
import type { Place } from '../ground-records.ts';
import { lastOf, placeIn, sameName, type Vault } from '../vault.ts';
import {
  otherSide,
  type AzureToAzureDetails,
  type AzureToAzureInput,
  type DiskInput,
  type ProtectedDisk,
  type ProtectedNic,
  type RecoverySettings,
} from './azure-to-azure-details.ts';
import { ownCache } from './azure-to-azure-cache.ts';
import { recoveredId } from './azure-to-azure-classic.ts';
import { regionOf } from './azure-to-azure-ground.ts';
import { sizeIn } from './azure-to-azure-support.ts';
import { machineAt } from './azure-to-azure-machine.ts';
import type { SourceMachine, SourceNic, SourceDisk } from './azure-to-azure-source.ts';

const sameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Without a list all disks are meant, with it those that it names. */
function chosen(
  machine: SourceMachine,
  inputs: readonly DiskInput[] | undefined,
): { disk: SourceDisk; input: DiskInput | undefined }[] {
  if (!inputs || inputs.length === 0) return machine.disks.map((disk) => ({ disk, input: undefined }));
  return machine.disks.flatMap((disk) =>
    inputs
      .filter(({ diskId }) => sameId(diskId, disk.id))
      .slice(0, 1)
      .map((input) => ({ disk, input })),
  );
}

interface DiskGround {
  readonly groupId: string;
  readonly stagingAccountId: string;
  /** The disk that the copy takes the place of, when the direction turns. */
  readonly original: (name: string) => { readonly id: string; readonly name: string } | undefined;
}

export function protectedDisks(
  machine: SourceMachine,
  inputs: readonly DiskInput[] | undefined,
  ground: DiskGround,
): ProtectedDisk[] {
  return chosen(machine, inputs).map(({ disk, input }) => {
    const original = ground.original(disk.name);
    const recoveryPlaceId = input?.recoveryPlaceId ?? ground.groupId;
    const failoverName = original?.name ?? disk.name;
    return {
      id: disk.id,
      managed: disk.managed,
      name: disk.name,
      sizeInGb: disk.sizeInGb,
      isSystem: disk.isSystem,
      stagingAccountId: input?.stagingAccountId ?? ground.stagingAccountId,
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
 * A subnet that is named when a machine is enabled is the primary interface's; each other has the
 * one of its own subnet's name.
 */
export function protectedNic(nic: SourceNic, recoverySubnetName = ''): ProtectedNic {
  return {
    id: nic.id,
    networkName: lastOf(nic.networkId),
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

/** The network that takes the place of the machine's own on the other side, if the vault says which. */
function mappedNetwork(vault: Vault, fabric: string, machine: SourceMachine | undefined): string | null {
  const from = machine?.nics[0]?.networkId;
  const mapping =
    from === undefined
      ? undefined
      : vault.networkMappings(fabric).find(({ primaryNetworkId }) => sameId(primaryNetworkId, from));
  return mapping?.recoveryNetworkId ?? null;
}

function settingsFor(
  name: string,
  size: string,
  groupId: string,
  networkId: string | null,
  given: AzureToAzureInput['settings'],
): RecoverySettings {
  const machineName = given?.machineName ?? name;
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
    ...given,
  };
}

export const recoveryMachineId = (settings: RecoverySettings): string =>
  recoveredId(settings, settings.machineName);

/** Of a machine whose replication begins, the first time or in another direction. */
const FROM_THE_BEGINNING = {
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
  place: Place,
  policy: string,
  input: AzureToAzureInput,
  vault: Vault,
): NewItem {
  const machine = machineAt(vault.azure, input.machineId ?? '');
  const id = machine?.resource.id ?? input.machineId ?? '';
  const target = placeIn(input.recoveryContainerId ?? '') ?? place;
  const firstPlace = input.disks?.find(({ managed }) => managed)?.recoveryPlaceId;
  const groupId =
    input.settings?.resourceGroupId ?? firstPlace ?? groupOf(input.settings?.cloudServiceId ?? id);
  const size = machine
    ? sizeIn(vault, regionOf(vault, target.fabric), machine.size, {
        dataDisks: machine.disks.length - 1,
        nics: machine.nics.length,
      })
    : '';
  const settings = settingsFor(
    lastOf(id),
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
    regions: { home: regionOf(vault, place.fabric), away: regionOf(vault, target.fabric) },
    zones: { home: machine?.resource.zones?.[0] ?? null, away: settings.zone },
    name: lastOf(id),
    osType: machine?.osType ?? 'Linux',
    generation: machine?.generation ?? 'V1',
    disks: machine
      ? protectedDisks(machine, input.disks, { groupId, stagingAccountId: '', original: () => undefined })
      : [],
    nics: machine?.nics.map((nic, at) => protectedNic(nic, at === 0 ? input.recoverySubnetName : '')) ?? [],
    settings,
    group: given
      ? { id: input.groupId ?? guidOf(vault.key, 'group', groupName.toLowerCase()), name: groupName, given }
      : { id: '', name: '', given },
    turns: 0,
    ...FROM_THE_BEGINNING,
    test: null,
  };
  return { target, policy, details };
}

/** The recovered machine becomes the source, under the other container. */
export function turned(item: ItemRecord, vault: Vault, input: AzureToAzureInput): ItemRecord {
  const before = item.details;
  const primary = otherSide(before.primary);
  const machine = machineAt(vault.azure, before.machines[primary]);
  const oldSource = machineAt(vault.azure, before.machines[before.primary]);
  const oldId = before.machines[before.primary];
  const groupId = input.settings?.resourceGroupId ?? groupOf(oldId);
  const networkId =
    mappedNetwork(vault, item.target.fabric, machine) ?? oldSource?.nics[0]?.networkId ?? null;
  const zone = before.zones[before.primary];
  const settings = settingsFor(lastOf(oldId), oldSource?.size ?? before.settings.size, groupId, networkId, {
    ...(zone !== null && { zone }),
    cloudServiceId: oldSource?.cloudServiceId ?? null,
    ...input.settings,
  });
  const stagingAccountId = ownCache(
    vault.azure,
    before.machines[primary],
    before.regions[primary],
    before.disks[0]?.stagingAccountId ?? '',
  );
  const original = (name: string) => {
    const disk = before.disks.find(({ failoverName }) => sameName(failoverName, name));
    return disk && { id: disk.id, name: disk.name };
  };
  return {
    ...item,
    place: item.target,
    target: item.place,
    policy: lastOf(input.policyId ?? item.policy),
    details: {
      ...before,
      primary,
      machines: { ...before.machines, [before.primary]: recoveryMachineId(settings) },
      disks: machine ? protectedDisks(machine, input.disks, { groupId, stagingAccountId, original }) : [],
      nics: machine?.nics.map((nic) => protectedNic(nic)) ?? [],
      settings,
      turns: before.turns + 1,
      ...FROM_THE_BEGINNING,
    },
  };
}
