// Builds the replication data of a machine at its first protection, and turns its direction at a
// reprotect.

import { guidOf } from '../../ids.ts';
import type { ContainerPath, OnPremisesMachine } from '../../configuration-records.ts';
import type { NewItem } from '../../provider.ts';
import { AZURE_CONTAINER, lastSegment, type Vault } from '../../vault.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import {
  kindOf,
  type DiskInput,
  type InstanceType,
  type VmwareDetails,
  type VmwareDisk,
  type VmwareInput,
  type VmwareItem,
  type VmwareNic,
  type VmwareSettings,
} from './details.ts';
import { findMachine } from './estate.ts';
import { sizeFor } from './sizes.ts';

const isSameId = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Without a list, all disks are replicated. With a list, only the listed disks are. */
function toDisks(
  machine: OnPremisesMachine,
  { disks, diskDefaults }: Pick<VmwareInput, 'disks' | 'diskDefaults'>,
): VmwareDisk[] {
  const listed = disks && disks.length > 0 ? disks : undefined;
  return machine.disks.flatMap((disk, index): VmwareDisk[] => {
    const input = listed?.find(({ diskId }) => isSameId(diskId, disk.id));
    if (listed && !input) return [];
    const chosen: Omit<DiskInput, 'diskId'> = { ...diskDefaults, ...definedOnly(input ?? {}) };
    return [
      {
        id: disk.id,
        name: disk.name,
        sizeInGb: disk.sizeInGb,
        isSystem: index === 0,
        logAccountId: chosen.logAccountId ?? '',
        diskType: chosen.diskType ?? 'Standard_LRS',
        encryptionSetId: chosen.encryptionSetId ?? null,
      },
    ];
  });
}

const definedOnly = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The MAC addresses of VMware begin with VMware's own number. */
const macOf = (id: string): string =>
  `00:50:56:${id.slice(0, 2)}:${id.slice(2, 4)}:${id.slice(4, 6)}`.toUpperCase();

function toNics(machine: OnPremisesMachine, input: VmwareInput): VmwareNic[] {
  return machine.nics.map((nic, index) => ({
    id: nic.id,
    isPrimary: index === 0,
    isSelected: true,
    macAddress: macOf(nic.id),
    sourceAddress: nic.address,
    sourceNetwork: nic.network,
    targetSubnetName: input.targetSubnetName ?? null,
    targetAddress: '',
    testSubnetName: input.testSubnetName ?? null,
    testAddress: '',
  }));
}

/** The region of the machine in Azure: of its network, else of the vault. */
export const targetRegion = (settings: Pick<VmwareSettings, 'networkId'>, vault: Vault): string =>
  (settings.networkId === null ? undefined : vault.azure.get(settings.networkId)?.location) ?? vault.location;

function toSettings(
  name: string,
  machine: OnPremisesMachine | undefined,
  given: VmwareInput['settings'],
  vault: Vault,
): VmwareSettings {
  const region = targetRegion({ networkId: given?.networkId ?? null }, vault);
  return {
    machineName: name,
    size: machine ? sizeFor(vault, region, machine) : '',
    resourceGroupId: '',
    networkId: null,
    testNetworkId: null,
    availabilitySetId: null,
    zone: null,
    placementGroupId: null,
    bootDiagnosticsAccountId: null,
    licenseType: 'NotSpecified',
    storageAccountId: null,
    ...given,
  };
}

export const azureMachineId = ({ resourceGroupId, machineName }: VmwareSettings): string =>
  resourceId(resourceGroupId, RESOURCE_TYPES.virtualMachine, machineName);

/** The state of a machine at the start of its replication, in either direction. */
const INITIAL_REPLICATION_STATE = {
  protectedSince: null,
  failedOverAt: null,
  failoverRecoveryPoint: null,
  sourceWasShutDown: false,
  lastPlannedFailover: null,
} as const satisfies Partial<VmwareDetails>;

export const newItem =
  (instanceType: InstanceType) =>
  (
    _name: string,
    _place: ContainerPath,
    policy: string,
    input: VmwareInput,
    vault: Vault,
  ): NewItem<VmwareDetails> => {
    const machine = findMachine(vault, input.discoveryId ?? '');
    const name = machine?.name ?? lastSegment(input.discoveryId ?? '');
    const settings = toSettings(name, machine, input.settings, vault);
    const { groupName } = input;
    return {
      target: AZURE_CONTAINER,
      policy,
      details: {
        instanceType,
        machines: { home: machine?.id ?? '', away: azureMachineId(settings) },
        name,
        discoveryId: input.discoveryId ?? '',
        disks: machine ? toDisks(machine, input) : [],
        nics: machine ? toNics(machine, input) : [],
        settings,
        serverId: input.serverId ?? '',
        accountId: input.accountId ?? '',
        wayHome: null,
        group:
          groupName === undefined
            ? null
            : { id: guidOf(vault.key, 'group', groupName.toLowerCase()), name: groupName },
        lastPolicy: null,
        turns: 0,
        ...INITIAL_REPLICATION_STATE,
        failoverMade: [],
        lastSuccessfulFailover: null,
        lastSuccessfulTest: null,
        test: null,
      },
    };
  };

/** Turns the direction. The item keeps its place and its name. */
export function turn(item: VmwareItem, policy: string, change: Partial<VmwareDetails>): VmwareItem {
  const { details } = item;
  const kind = kindOf(details.instanceType);
  return {
    ...item,
    policy,
    details: {
      ...details,
      instanceType: details.instanceType === kind.toAzure ? kind.home : kind.toAzure,
      lastPolicy: item.policy,
      turns: details.turns + 1,
      ...INITIAL_REPLICATION_STATE,
      ...change,
    },
  };
}
