// The data of a VMware item. The item keeps its ARM id for its whole life. A reprotect changes only
// the instance type: to Azure it is InMageRcm or InMageAzureV2, home it is InMageRcmFailback or
// InMage.

import type { ItemRecord } from '../../records.ts';

/** The instance types of the replication appliance, and of the older configuration server. */
export const MODERN = { toAzure: 'InMageRcm', home: 'InMageRcmFailback' } as const;
export const CLASSIC = { toAzure: 'InMageAzureV2', home: 'InMage' } as const;

export type InstanceType = (typeof MODERN | typeof CLASSIC)['toAzure' | 'home'];

/** A replicated disk of the machine. */
export interface VmwareDisk {
  /** The id in the discovered machine. */
  readonly id: string;
  readonly name: string;
  readonly sizeInGb: number;
  readonly isSystem: boolean;
  readonly logAccountId: string;
  readonly diskType: string;
  readonly encryptionSetId: string | null;
}

export interface VmwareNic {
  readonly id: string;
  readonly isPrimary: boolean;
  readonly isSelected: boolean;
  readonly macAddress: string;
  readonly sourceAddress: string;
  readonly sourceNetwork: string;
  readonly targetSubnetName: string | null;
  /** Empty: the next free address. */
  readonly targetAddress: string;
  readonly testSubnetName: string | null;
  readonly testAddress: string;
}

/** The settings of the machine in Azure. */
export interface VmwareSettings {
  readonly machineName: string;
  readonly size: string;
  readonly resourceGroupId: string;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  readonly bootDiagnosticsAccountId: string | null;
  readonly licenseType: string;
  /** The storage account of unmanaged disks. Null: managed disks. */
  readonly storageAccountId: string | null;
}

/** The way home: the agent that writes the disks, and the datastore of the disks. */
export interface WayHome {
  readonly agentId: string;
  readonly datastoreName: string;
  readonly logAccountId: string;
}

export interface VmwareDetails {
  readonly instanceType: InstanceType;
  /** The id of the machine on premises, and of the machine in Azure. */
  readonly machines: { readonly home: string; readonly away: string };
  readonly name: string;
  /** The machine's id at the place where the appliance or the configuration server found it. */
  readonly discoveryId: string;
  readonly disks: readonly VmwareDisk[];
  readonly nics: readonly VmwareNic[];
  readonly settings: VmwareSettings;
  /** The appliance or the process server. */
  readonly serverId: string;
  readonly accountId: string;
  readonly wayHome: WayHome | null;
  readonly group: { readonly id: string; readonly name: string } | null;
  /** The policy of the other direction, while it is not in use. */
  readonly lastPolicy: string | null;
  /** Counts reprotects: each reprotect gives the item new inner ids. */
  readonly turns: number;
  /** The time since when recovery points exist. Null during the first copy. */
  readonly protectedSince: number | null;
  readonly failedOverAt: number | null;
  /** The name of the recovery point that the last failover used. */
  readonly failoverRecoveryPoint: string | null;
  /** The resources that the failover created, for a change of the recovery point. */
  readonly failoverMade: readonly string[];
  readonly sourceWasShutDown: boolean;
  readonly lastSuccessfulFailover: number | null;
  readonly lastSuccessfulTest: number | null;
  readonly lastPlannedFailover: { readonly startedAt: number; readonly status: string } | null;
  /** The resources of a test failover. The clean-up removes exactly these. */
  readonly test: { readonly machineId: string; readonly made: readonly string[] } | null;
}

export type VmwareItem = ItemRecord<VmwareDetails>;

export interface DiskInput {
  readonly diskId: string;
  readonly logAccountId?: string | undefined;
  readonly diskType?: string | undefined;
  readonly encryptionSetId?: string | undefined;
}

/** The input of all operations. Each operation reads its own part. */
export interface VmwareInput {
  readonly policyId?: string | undefined;
  readonly discoveryId?: string | undefined;
  readonly serverId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly disks?: readonly DiskInput[] | undefined;
  readonly diskDefaults?: Omit<DiskInput, 'diskId'> | undefined;
  readonly groupName?: string | undefined;
  readonly targetSubnetName?: string | undefined;
  readonly testSubnetName?: string | undefined;
  readonly settings?: Partial<VmwareSettings> | undefined;
  readonly nics?: readonly NicChange[] | undefined;
  readonly recoveryPointId?: string | undefined;
  /** A plan and a failback ask for a kind of recovery point, not for a certain one. */
  readonly recoveryPointKind?: string | undefined;
  readonly sharedPoint?: boolean | undefined;
  /** The shared point of a plan is not newer than this time. */
  readonly sharedPointUpTo?: number | undefined;
  readonly shutsDownSource?: boolean | undefined;
  readonly networkId?: string | undefined;
  readonly comments?: string | undefined;
  readonly wayHome?: Partial<WayHome> | undefined;
  /** The provider that a reprotect leads to. Undefined: the other one of the same kind. */
  readonly leadsTo?: InstanceType | undefined;
}

export type NicChange = Pick<VmwareNic, 'id'> & Partial<VmwareNic>;

export const kindOf = (instanceType: InstanceType): typeof MODERN | typeof CLASSIC =>
  instanceType === MODERN.toAzure || instanceType === MODERN.home ? MODERN : CLASSIC;
const INSTANCE_TYPES: readonly string[] = [...Object.values(MODERN), ...Object.values(CLASSIC)];
export const isVmware = (item: ItemRecord): item is VmwareItem =>
  INSTANCE_TYPES.includes(item.details.instanceType);
export const isModern = ({ details }: VmwareItem): boolean => kindOf(details.instanceType) === MODERN;
/** True while the machine replicates from Azure to its old site. */
export const goesHome = ({ details: { instanceType } }: VmwareItem): boolean =>
  instanceType === MODERN.home || instanceType === CLASSIC.home;

export const withDetails = (item: VmwareItem, details: Partial<VmwareDetails>): VmwareItem => ({
  ...item,
  details: { ...item.details, ...details },
});
