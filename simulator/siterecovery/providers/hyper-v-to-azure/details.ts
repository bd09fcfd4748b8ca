// The data of a replicated Hyper-V machine. The machine's own side is a company's site, the other
// side is Azure.

import type { ItemRecord } from '../../records.ts';

export const HYPER_V = 'HyperVReplicaAzure';

/** A replicated disk and its copy in Azure. */
export interface ReplicatedDisk {
  readonly id: string;
  readonly name: string;
  readonly sizeInGb: number;
  readonly isSystem: boolean;
  readonly accountType: string;
  readonly encryptionSetId: string | null;
  /** The name of the disk in Azure, if somebody chose one. */
  readonly targetName: string | null;
}

export interface ReplicatedNic {
  readonly id: string;
  readonly networkName: string;
  readonly subnetName: string;
  readonly address: string;
  readonly selection: string;
  /** Empty: the first subnet of the network. */
  readonly recoverySubnetName: string;
  /** Empty: any address. */
  readonly recoveryAddress: string;
  readonly recoveryPublicAddressId: string | null;
  readonly recoverySecurityGroupId: string | null;
  readonly recoveryAcceleration: boolean | null;
  readonly testSubnetName: string | null;
  readonly testAddress: string | null;
  readonly testSecurityGroupId: string | null;
  readonly targetName: string | null;
}

/** The settings of the machine in Azure. */
export interface HyperVSettings {
  readonly resourceGroupId: string;
  readonly machineName: string;
  readonly size: string;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly sourceNicId: string;
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  /** The account that receives the changes. With `replicatesToDisks` it only keeps the log. */
  readonly storageAccountId: string;
  readonly replicatesToDisks: boolean;
  /** Whether the machine in Azure gets managed disks. */
  readonly usesManagedDisks: boolean;
  readonly licenseType: string;
  readonly sqlServerLicenseType: string;
  readonly remoteDesktop: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly nicTags: Readonly<Record<string, string>>;
}

/** The machine of a failover or of a test, and the resources that it brought. */
export interface AzureMachine {
  readonly id: string;
  readonly made: readonly string[];
}

export interface HyperVDetails {
  readonly instanceType: typeof HYPER_V;
  /** The id of the machine in the company's site. */
  readonly machineId: string;
  readonly name: string;
  readonly region: string;
  readonly osType: 'Windows' | 'Linux';
  readonly generation: 'V1' | 'V2';
  readonly disks: readonly ReplicatedDisk[];
  readonly nics: readonly ReplicatedNic[];
  readonly settings: HyperVSettings;
  /** Counts reverse replications. */
  readonly turns: number;
  /** The time since when recovery points exist. Null during the first copy. */
  readonly protectedSince: number | null;
  readonly failedOverAt: number | null;
  /** The time of the last point that a planned failover made after the shutdown. */
  readonly finalPointAt: number | null;
  readonly failoverRecoveryPoint: string | null;
  readonly sourceWasShutDown: boolean;
  readonly lastSuccessfulFailover: number | null;
  readonly lastSuccessfulTest: number | null;
  readonly recovered: AzureMachine | null;
  readonly test: AzureMachine | null;
}

export type HyperVItem = ItemRecord<HyperVDetails>;

export const isHyperVItem = (item: ItemRecord): item is HyperVItem => item.details.instanceType === HYPER_V;

export interface DiskChoice {
  readonly diskId: string;
  readonly storageAccountId?: string | undefined;
  readonly accountType?: string | undefined;
  readonly encryptionSetId?: string | undefined;
}

export interface NicChange extends Partial<Omit<ReplicatedNic, 'id'>> {
  readonly id: string;
}

export interface DiskChange {
  readonly id: string;
  readonly targetName?: string | undefined;
}

/** The input of all operations. Each operation reads its own part. */
export interface HyperVInput {
  readonly policyId?: string | undefined;
  readonly protectableItemId?: string | undefined;
  readonly osType?: 'Windows' | 'Linux' | undefined;
  readonly systemDiskId?: string | undefined;
  /** The replicated disks. Undefined: all disks. */
  readonly disks?: readonly DiskChoice[] | undefined;
  readonly recoverySubnetName?: string | undefined;
  readonly settings?: Partial<HyperVSettings> | undefined;
  readonly nics?: readonly NicChange[] | undefined;
  readonly diskChanges?: readonly DiskChange[] | undefined;
  readonly isHomeward?: boolean | undefined;
  readonly recoveryPointId?: string | undefined;
  /** A plan asks for a kind of recovery point, not for a certain one. */
  readonly recoveryPointKind?: string | undefined;
  readonly shutsDownSource?: boolean | undefined;
  readonly networkId?: string | undefined;
  readonly comments?: string | undefined;
  /** The failback copies the data first and then waits for a person. */
  readonly synchronizesFirst?: boolean | undefined;
  readonly createsMissingMachine?: boolean | undefined;
  /** The server of the company's site that gets the machine of a failback. */
  readonly homeServerId?: string | undefined;
}
