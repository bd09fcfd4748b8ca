// A replicated VM and its jobs as Site Recovery shows them, without the SDK's types.
import type { ReplicaMachines } from '../azure/replicatedVmFacts.ts';
import type { Direction } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';

export interface ReplicatedItem {
  readonly armId: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly scenario: Scenario;
  /** The only id of a VM that outlives a reprotect; null until the item is protected. */
  readonly lifecycleId: string | null;
  readonly protectionState: string;
  readonly activeLocation: string;
  /** Empty while anything runs on the item, whoever began it. */
  readonly allowedOperations: readonly string[];
  readonly currentJob: { readonly scenario: string; readonly id: string } | null;
  readonly direction: Direction;
  readonly health: string;
  readonly sourceVmId: string;
  /** The VM that a failover brought up, and the one of a test; null where there is none. */
  readonly recoveryVmId: string | null;
  readonly testVmId: string | null;
  readonly policyId: string;
  readonly recoveryContainerId: string;
  readonly primary: ReplicationSite;
  readonly recovery: ReplicationSite;
  readonly disks: readonly ItemDisk[];
  readonly settings: ItemSettings;
  readonly machines: ReplicaMachines;
  /** How far the target side is behind, as it was reckoned last; null where the service does not say. */
  readonly rpo: { readonly seconds: number; readonly at: string } | null;
}

/** Where and how the VM comes up after a failover. */
export interface ItemSettings {
  /** Null until the service knows it. */
  readonly size: string | null;
  readonly resourceGroupId: string;
  /** Of a VM of the classic model alone. */
  readonly cloudServiceId?: string;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly nics: readonly {
    readonly id: string;
    readonly subnet: string | null;
    readonly address: string | null;
  }[];
  readonly availabilitySetId: string | null;
  readonly zone: string | null;
  readonly placementGroupId: string | null;
  readonly multiVmGroup: { readonly id: string; readonly name: string } | null;
  readonly recoveryContainerId: string;
  readonly sourceZone: string | null;
  readonly disks: readonly {
    readonly id: string;
    readonly name: string;
    readonly managed: boolean;
    readonly replicaType: string | null;
    readonly targetType: string | null;
  }[];
}

export interface ReplicationSite {
  readonly region: string;
  readonly resourceGroupId: string;
}

/** What an update of a replicating VM changes; what is not named stays. */
export interface ReplicationChange {
  readonly size?: string;
  readonly networkId?: string;
  readonly testNetworkId?: string;
  /** An address of null: whatever is free. */
  readonly nics?: readonly {
    readonly nicId: string;
    readonly subnet?: string;
    readonly address?: string | null;
  }[];
  readonly resourceGroupId?: string;
  readonly availabilitySetId?: string;
  readonly placementGroupId?: string;
  readonly disks?: readonly {
    readonly id: string;
    readonly replicaType?: string;
    readonly targetType?: string;
  }[];
}

export interface ItemDisk {
  /** The disk that replication reads from now. */
  readonly sourceDiskId: string;
  readonly managed: boolean;
  /** The disk of the failed-over VM; null where it is not told, as of one that is not managed. */
  readonly recoveryDiskId: string | null;
  /** What it is called in the failed-over VM. */
  readonly recoveryName: string;
  readonly cacheStorageAccountId: string;
  /** Of a disk that is not managed: the account that replication reads it from, where it is told. */
  readonly sourceAccountId: string | null;
}

export const ArmJobState = {
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;
export type ArmJobState = (typeof ArmJobState)[keyof typeof ArmJobState];

/** An entry of the job list: a skeleton, by which one sees that a job runs or has ended, and no more. */
export interface ArmJobEntry {
  readonly id: string;
  readonly state: ArmJobState;
  readonly startTime: string | null;
}

export interface ArmJob extends ArmJobEntry {
  /** Begins with the client request id of the write that started the job; null while the job is young. */
  readonly activityId: string | null;
  readonly scenario: string | null;
  /** The VM's friendly name; null while the job is young. */
  readonly targetName: string | null;
  readonly endTime: string | null;
  readonly errors: readonly ArmJobError[];
  /** What a failover came up at. */
  readonly recoveryPoint: UsedRecoveryPoint | null;
  /** Where a reprotect put the item. */
  readonly newItemId: string | null;
}

export interface UsedRecoveryPoint {
  readonly id: string;
  readonly time: string;
  /** Of several VMs in one job: the time of each one's own, by its name. */
  readonly members?: Readonly<Record<string, string>>;
}

export interface ArmJobError {
  readonly code: string;
  readonly message: string;
  readonly level: string;
}

/**
 * The state of an item whose enabling came to nothing: it allows only to be disabled, and stands in
 * the way of another.
 */
export const ENABLING_FAILED = 'EnablingFailed';

/**
 * "Another operation is in progress": the write was taken, and its job ended without having touched
 * anything.
 */
export const OPERATION_IN_PROGRESS_CODE = '532';

/** ARM ids come back in any casing; they are compared without it. */
export const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
