// What an item of Azure to Azure is made of: where its two sides are, its disks, its network interface.

import type { EstateItem, EstateMachine } from '../../estates/schema.ts';
import type { ItemRecord } from '../records.ts';
import type { VaultWorld } from '../world.ts';
import { otherSide, type Side } from './azure-to-azure-details.ts';

export const machineId = (item: ItemRecord, vault: VaultWorld, side: Side): string => {
  const enrolled = vault.item(item.name);
  return vault.idIn(enrolled[side].resourceGroup, 'Microsoft.Compute/virtualMachines', enrolled.virtualMachine);
};

export const diskId = (item: ItemRecord, vault: VaultWorld, side: Side, disk: string): string =>
  vault.idIn(vault.item(item.name)[side].resourceGroup, 'Microsoft.Compute/disks', disk);

export const recoveryContainer = (item: ItemRecord, vault: VaultWorld): string => vault.mappingMust(item.container).to;

/** All that the parts of the body are made from. */
export interface Picture {
  readonly item: ItemRecord;
  readonly vault: VaultWorld;
  readonly enrolled: EstateItem;
  readonly machine: EstateMachine;
  readonly primary: Side;
  readonly recovery: Side;
  readonly primaryRegion: string;
  readonly recoveryRegion: string;
  readonly now: number;
  readonly copying: boolean;
  /** The service is still setting replication up: neither agent nor disks have reported. */
  readonly enabling: boolean;
  readonly percent: number | null;
}

export function pictureOf(item: ItemRecord, vault: VaultWorld, now: number): Picture {
  const enrolled = vault.item(item.name);
  const { primary } = item.details;
  const ends = item.stateEndsAt;
  const copying = item.state === 'copying';
  return {
    item,
    vault,
    enrolled,
    machine: vault.machine(enrolled.virtualMachine),
    primary,
    recovery: otherSide(primary),
    primaryRegion: vault.fabricOf(item.container).region,
    recoveryRegion: vault.fabricOf(recoveryContainer(item, vault)).region,
    now,
    copying,
    enabling: copying && ends === null,
    percent: copying && ends !== null ? Math.min(99, Math.floor((100 * (now - item.stateSince)) / (ends - item.stateSince))) : null,
  };
}

function diskState({ item, enabling }: Picture): string {
  if (enabling) return 'Unavailable';
  return item.details.protectedSince === null ? 'InitialReplicationPending' : 'Protected';
}

/** After a failover the recovered disks exist; they take the source disks' names in the target's resource group. */
export function managedDisks(picture: Picture) {
  const { item, vault, enrolled, machine, primary, recovery, copying, percent } = picture;
  const idOn = (side: Side, disk: string): string => diskId(item, vault, side, disk).toLowerCase();
  const reversing = item.details.generation > 0 && item.details.protectedSince === null;
  return machine.disks.map((disk, index) => ({
    diskId: idOn(primary, disk.name),
    recoveryResourceGroupId: vault.groupId(enrolled[recovery].resourceGroup),
    recoveryTargetDiskId: item.details.failedOverAt === null ? null : idOn(recovery, disk.name),
    recoveryReplicaDiskId: `${diskId(item, vault, recovery, disk.name)}-ASRReplica`,
    recoveryOrignalTargetDiskId: reversing ? idOn(recovery, disk.name) : '',
    recoveryReplicaDiskAccountType: disk.accountType,
    recoveryTargetDiskAccountType: disk.accountType,
    recoveryDiskEncryptionSetId: null,
    primaryDiskEncryptionSetId: null,
    diskName: disk.name,
    diskCapacityInBytes: disk.sizeInGb * 2 ** 30,
    primaryStagingAzureStorageAccountId: vault.storageAccountId(enrolled[primary].cacheStorageAccount),
    diskType: index === 0 ? 'OperatingSystem' : 'Data',
    resyncRequired: false,
    monitoringPercentageCompletion: percent,
    monitoringJobType: copying ? 'InitialReplication' : null,
    dataPendingInStagingStorageAccountInMB: 0,
    dataPendingAtSourceAgentInMB: 0,
    diskState: diskState(picture),
    allowedDiskLevelOperation: [],
    isDiskEncrypted: false,
    secretIdentifier: null,
    dekKeyVaultArmId: null,
    isDiskKeyEncrypted: false,
    keyIdentifier: null,
    kekKeyVaultArmId: null,
    failoverDiskName: disk.name,
    tfoDiskName: `${disk.name}-ASRtest`,
  }));
}

export function networks({ vault, machine, primary }: Picture): { primary: string; recovery: string | undefined } {
  const mapped = vault.mappedNetwork(machine.nic.network);
  return primary === 'home' ? { primary: machine.nic.network, recovery: mapped } : { primary: mapped ?? machine.nic.network, recovery: machine.nic.network };
}

export function nics(picture: Picture) {
  const { vault, enrolled, machine, primary, enabling } = picture;
  if (enabling) return [];
  const nicId = vault.idIn(enrolled[primary].resourceGroup, 'Microsoft.Network/networkInterfaces', machine.nic.name);
  const { primary: from, recovery: to } = networks(picture);
  return [{
    nicId,
    replicaNicId: null,
    sourceNicArmId: nicId,
    vMNetworkName: from,
    recoveryVMNetworkId: to === undefined ? '' : vault.networkId(to),
    ipConfigs: [{
      name: 'ipconfig1',
      isPrimary: true,
      subnetName: machine.nic.subnet,
      staticIPAddress: machine.nic.privateAddress,
      ipAddressType: 'Dynamic',
      isSeletedForFailover: true,
      recoverySubnetName: machine.nic.subnet,
      recoveryStaticIPAddress: '',
      recoveryIPAddressType: 'Dynamic',
      recoveryPublicIPAddressId: null,
      recoveryLBBackendAddressPoolIds: [],
      tfoSubnetName: null,
      tfoStaticIPAddress: null,
      tfoPublicIPAddressId: null,
      tfoLBBackendAddressPoolIds: null,
    }],
    selectionType: 'SelectedByDefault',
    recoveryNetworkSecurityGroupId: null,
    enableAcceleratedNetworkingOnRecovery: false,
    tfoVMNetworkId: null,
    tfoNetworkSecurityGroupId: null,
    enableAcceleratedNetworkingOnTfo: null,
    recoveryNicName: null,
    recoveryNicResourceGroupName: null,
    reuseExistingNic: false,
    tfoRecoveryNicName: null,
    tfoRecoveryNicResourceGroupName: null,
    tfoReuseExistingNic: false,
    targetNicName: null,
  }];
}
