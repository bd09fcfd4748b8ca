// Builds the replication data of a Hyper-V machine.

import { resourceGroupIdOf } from '../../../arm/ids.ts';
import { findSize } from '../../../arm/sizes.ts';
import type { NewItem } from '../../provider.ts';
import type { ContainerPath, OnPremisesMachine, OnPremisesNic } from '../../configuration-records.ts';
import { AZURE_CONTAINER, isSameName, lastSegment, type Vault } from '../../vault.ts';
import { suitableSizes } from '../common/target-sizes.ts';
import {
  HYPER_V,
  type HyperVDetails,
  type HyperVInput,
  type HyperVSettings,
  type ReplicatedDisk,
  type ReplicatedNic,
} from './details.ts';

/** Returns the id of a machine's network interface as Hyper-V's own tools name it. */
const nicId = (machineId: string, nic: OnPremisesNic): string =>
  Buffer.from(`Microsoft:${machineId.toUpperCase()}\\${nic.id.toUpperCase()}`).toString('base64');

/** Without a list, all disks are replicated. With a list, only the listed disks are. */
function toReplicatedDisks(
  { disks }: OnPremisesMachine,
  { disks: choices, systemDiskId }: HyperVInput,
): ReplicatedDisk[] {
  const [only] = disks;
  // A machine with one disk needs no choice.
  const system = systemDiskId ?? (disks.length === 1 ? (only?.id ?? '') : '');
  return disks.flatMap((disk): ReplicatedDisk[] => {
    const choice = choices?.find(({ diskId }) => isSameName(diskId, disk.id));
    if (choices && !choice) return [];
    return [
      {
        id: disk.id,
        name: disk.name,
        sizeInGb: disk.sizeInGb,
        isSystem: isSameName(disk.id, system),
        accountType: choice?.accountType ?? 'Standard_LRS',
        encryptionSetId: choice?.encryptionSetId ?? null,
        targetName: null,
      },
    ];
  });
}

const toReplicatedNic = (
  machineId: string,
  nic: OnPremisesNic,
  recoverySubnetName: string,
): ReplicatedNic => ({
  id: nicId(machineId, nic),
  networkName: nic.network,
  subnetName: nic.subnet,
  address: nic.address,
  selection: 'SelectedByDefault',
  recoverySubnetName,
  recoveryAddress: '',
  recoveryPublicAddressId: null,
  recoverySecurityGroupId: null,
  recoveryAcceleration: null,
  testSubnetName: null,
  testAddress: null,
  testSecurityGroupId: null,
  targetName: null,
});

/** Returns the closest size that has the machine's cores and memory. */
function defaultSize(vault: Vault, { cpus, memoryInMb, disks, nics }: OnPremisesMachine): string {
  const needs = { dataDisks: disks.length - 1, nics: nics.length };
  const sizes = suitableSizes(vault, vault.location, needs);
  const excess = (name: string): number => {
    const size = findSize(name);
    if (!size) return Infinity;
    const cores = size.vCpus - cpus;
    const memory = size.memoryInGb - memoryInMb / 1024;
    // A size that is too small is worse than each size that is large enough.
    return cores < 0 || memory < 0 ? 1e6 + Math.abs(cores) * 1000 + Math.abs(memory) : cores * 1000 + memory;
  };
  return (
    sizes.map(({ name }) => name).toSorted((left, right) => excess(left) - excess(right))[0] ??
    'Standard_D2s_v5'
  );
}

function toSettings(
  vault: Vault,
  machine: OnPremisesMachine | undefined,
  nics: readonly ReplicatedNic[],
  { settings: given, disks }: HyperVInput,
): HyperVSettings {
  const storageAccountId =
    given?.storageAccountId ?? disks?.find((disk) => disk.storageAccountId !== undefined)?.storageAccountId;
  return {
    machineName: machine?.name ?? '',
    size: machine ? defaultSize(vault, machine) : '',
    networkId: null,
    testNetworkId: null,
    sourceNicId: nics[0]?.id ?? '',
    availabilitySetId: null,
    zone: null,
    placementGroupId: null,
    replicatesToDisks: false,
    usesManagedDisks: false,
    licenseType: 'NotSpecified',
    sqlServerLicenseType: 'NotSpecified',
    remoteDesktop: 'Never',
    tags: {},
    nicTags: {},
    ...given,
    storageAccountId: storageAccountId ?? '',
    // The service creates the machine beside its data, unless the request names a group.
    resourceGroupId: given?.resourceGroupId ?? resourceGroupIdOf(storageAccountId ?? vault.armId),
  };
}

export function newItem(
  _name: string,
  _place: ContainerPath,
  policy: string,
  input: HyperVInput,
  vault: Vault,
): NewItem<HyperVDetails> {
  const machineId = lastSegment(input.protectableItemId ?? '').toLowerCase();
  const machine = vault.onPremises.machine(machineId);
  const nics =
    machine?.nics.map((nic, index) =>
      toReplicatedNic(machine.id, nic, index === 0 ? (input.recoverySubnetName ?? '') : ''),
    ) ?? [];
  const details: HyperVDetails = {
    instanceType: HYPER_V,
    machineId: machine?.id ?? machineId,
    name: machine?.name ?? machineId,
    region: vault.location,
    osType: input.osType ?? 'Windows',
    generation: machine?.generation ?? 'V1',
    disks: machine ? toReplicatedDisks(machine, input) : [],
    nics,
    settings: toSettings(vault, machine, nics, input),
    turns: 0,
    protectedSince: null,
    failedOverAt: null,
    finalPointAt: null,
    failoverRecoveryPoint: null,
    sourceWasShutDown: false,
    lastSuccessfulFailover: null,
    lastSuccessfulTest: null,
    recovered: null,
    test: null,
  };
  return { target: AZURE_CONTAINER, policy, details };
}
