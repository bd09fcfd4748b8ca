// The data of an Azure-to-Azure item. "Home" is the side where the machine ran before any failover;
// "away" is the other side. Each reprotect swaps primary and recovery, but not home and away.

import type { ItemRecord } from '../../records.ts';

export type Side = 'home' | 'away';

export const otherSide = (side: Side): Side => (side === 'home' ? 'away' : 'home');

/** A replicated disk and its copy on the other side. */
export interface ProtectedDisk {
  /** A managed disk's id, or the address of a blob. */
  readonly id: string;
  readonly managed: boolean;
  readonly name: string;
  readonly sizeInGb: number;
  readonly isSystem: boolean;
  readonly stagingAccountId: string;
  /** The place of the copy: a resource group, or a storage account for a blob. */
  readonly recoveryPlaceId: string;
  readonly replicaAccountType: string;
  readonly targetAccountType: string;
  readonly encryptionSetId: string | null;
  readonly failoverName: string;
  readonly testName: string;
  /** The machine's disk that the copy will replace. */
  readonly originalTargetId: string;
  /** The time since when the disk has a copy. Null during the first copy. */
  readonly protectedSince: number | null;
}

export interface NicAddress {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly subnetName: string;
  readonly privateAddress: string;
  readonly recoverySubnetName: string;
  readonly recoveryAddress: string;
  readonly recoveryPublicAddressId: string | null;
  readonly recoveryPoolIds: readonly string[];
  readonly testSubnetName: string | null;
  readonly testAddress: string | null;
  readonly testPublicAddressId: string | null;
  readonly testPoolIds: readonly string[] | null;
}

export interface ProtectedNic {
  readonly id: string;
  readonly networkName: string;
  readonly selection: string;
  readonly addresses: readonly NicAddress[];
  readonly recoverySecurityGroupId: string | null;
  readonly recoveryAcceleration: boolean;
  readonly testSecurityGroupId: string | null;
  readonly testAcceleration: boolean | null;
  readonly recoveryName: string | null;
  readonly recoveryGroupName: string | null;
  readonly reuse: boolean;
  readonly testName: string | null;
  readonly testGroupName: string | null;
  readonly testReuse: boolean;
  readonly targetName: string | null;
}

/** The settings of the machine on the other side. */
export interface RecoverySettings {
  readonly resourceGroupId: string;
  /** The target cloud service of a classic machine. Null for any other machine. */
  readonly cloudServiceId: string | null;
  readonly machineName: string;
  readonly testMachineName: string;
  readonly size: string;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  readonly bootDiagnosticsAccountId: string | null;
  readonly scaleSetId: string | null;
  readonly capacityReservationGroupId: string | null;
  readonly licenseType: string | null;
}

/** The resources of a test failover. The clean-up removes exactly these. */
export interface TestMachine {
  readonly machineId: string;
  readonly made: readonly string[];
}

export interface AzureToAzureDetails {
  readonly instanceType: 'A2A';
  /** The source side of the replication. */
  readonly primary: Side;
  /** The machine's id on each side, even when the machine does not exist there. */
  readonly machines: Readonly<Record<Side, string>>;
  readonly regions: Readonly<Record<Side, string>>;
  readonly zones: Readonly<Record<Side, string | null>>;
  readonly name: string;
  readonly osType: 'Windows' | 'Linux';
  readonly generation: string;
  readonly disks: readonly ProtectedDisk[];
  readonly nics: readonly ProtectedNic[];
  readonly settings: RecoverySettings;
  readonly group: { readonly id: string; readonly name: string; readonly given: boolean };
  /** Counts reprotects: each reprotect gives the item new inner ids. */
  readonly turns: number;
  /** The time since when recovery points exist. Null during the first copy. */
  readonly protectedSince: number | null;
  readonly failedOverAt: number | null;
  /** The name of the recovery point that the last failover used. */
  readonly failoverRecoveryPoint: string | null;
  /**
   * The resources that the failover created, for a change of the recovery point and for a cancel.
   */
  readonly failoverMade: readonly string[];
  readonly sourceWasShutDown: boolean;
  readonly lastSuccessfulFailover: number | null;
  readonly lastSuccessfulTest: number | null;
  readonly test: TestMachine | null;
}

export type AzureToAzureItem = ItemRecord<AzureToAzureDetails>;

export const isAzureToAzureItem = (item: ItemRecord): item is AzureToAzureItem =>
  item.details.instanceType === 'A2A';

export interface DiskInput {
  readonly diskId: string;
  readonly managed: boolean;
  readonly stagingAccountId: string;
  readonly recoveryPlaceId: string;
  readonly replicaAccountType?: string | undefined;
  readonly targetAccountType?: string | undefined;
  readonly encryptionSetId?: string | undefined;
}

/** The input of all operations. Each operation reads its own part. */
export interface AzureToAzureInput {
  readonly instanceType?: 'A2A';
  readonly recoveryPointId?: string | undefined;
  /** A plan asks for a kind of recovery point, not for a certain one. */
  readonly recoveryPointKind?: string | undefined;
  readonly sharedPoint?: boolean | undefined;
  /** The shared point of a plan is not newer than this time. */
  readonly sharedPointUpTo?: number | undefined;
  readonly shutsDownSource?: boolean | undefined;
  readonly networkId?: string | undefined;
  readonly comments?: string | undefined;
  readonly machineId?: string | undefined;
  readonly disks?: readonly DiskInput[] | undefined;
  readonly diskIds?: readonly string[] | undefined;
  readonly recoveryContainerId?: string | undefined;
  readonly policyId?: string | undefined;
  readonly groupId?: string | undefined;
  readonly groupName?: string | undefined;
  readonly recoverySubnetName?: string | undefined;
  readonly settings?: Partial<RecoverySettings> | undefined;
  readonly nics?: readonly NicChange[] | undefined;
  readonly diskChanges?: readonly DiskChange[] | undefined;
}

export interface NicChange extends Partial<Omit<ProtectedNic, 'id' | 'addresses'>> {
  readonly id: string;
  readonly addresses?: readonly Partial<NicAddress>[] | undefined;
}

export interface DiskChange extends Partial<
  Pick<ProtectedDisk, 'replicaAccountType' | 'targetAccountType' | 'failoverName' | 'testName'>
> {
  readonly id: string;
}
