// The types for a replicated VM and its Site Recovery jobs, without SDK types. Drivers fill them;
// all other code reads them.
import type { ReplicaMachines } from '../azure/replicatedVmFacts.ts';
import type { Direction } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';

/** A replicated VM as Site Recovery returns it, in every scenario. */
export interface ReplicatedItem {
  readonly armId: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly scenario: Scenario;
  /** Site Recovery's name of the item's form. Only for a scenario with several forms. */
  readonly instanceType?: string;
  /** The server on premises that replication runs through, if any. */
  readonly server?: ReplicationServer;
  /** The only id of a VM that survives a reprotect; null until Site Recovery protects the item. */
  readonly lifecycleId: string | null;
  readonly protectionState: string;
  readonly activeLocation: string;
  /** Empty while an operation of any actor runs on the item. */
  readonly allowedOperations: readonly string[];
  readonly currentJob: { readonly scenario: string; readonly id: string } | null;
  readonly direction: Direction;
  readonly health: string;
  /** The progress of the initial replication; 100 once it is complete, null when it is unknown. */
  readonly initialReplicationPercent: number | null;
  readonly sourceVmId: string;
  /** The ids of the failed-over VM and of the test VM; null when there is none. */
  readonly recoveryVmId: string | null;
  readonly testVmId: string | null;
  readonly policyId: string;
  readonly recoveryContainerId: string;
  readonly primary: ReplicationSite;
  readonly recovery: ReplicationSite;
  readonly disks: readonly ItemDisk[];
  readonly settings: ItemSettings;
  readonly machines: ReplicaMachines;
  /** The lag of the target side at its last calculation; null when Site Recovery returns none. */
  readonly rpo: { readonly seconds: number; readonly at: string } | null;
}

/** A server on premises that passes the changes on, or that writes the disks there. */
export interface ReplicationServer {
  readonly id: string;
  readonly name: string;
}

/** The settings of the VM after a failover. */
export interface ItemSettings {
  /** Null until Site Recovery knows the size. */
  readonly size: string | null;
  readonly resourceGroupId: string;
  /** Only for a classic VM. */
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

/** The changes of an update of a replicated VM. Missing fields keep their value. */
export interface ReplicationChange {
  readonly size?: string;
  readonly networkId?: string;
  readonly testNetworkId?: string;
  /** An address of null lets Azure choose any free address. */
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

/** A disk of a replicated VM. */
export interface ItemDisk {
  /** The id of the current source disk. */
  readonly sourceDiskId: string;
  readonly managed: boolean;
  /**
   * The disk of the failed-over VM. Null when Azure does not return it, such as for an unmanaged
   * disk.
   */
  readonly recoveryDiskId: string | null;
  /** The name of the disk in the failed-over VM. */
  readonly recoveryName: string;
  readonly cacheStorageAccountId: string;
  /** The source storage account of an unmanaged disk; null when Azure does not return it. */
  readonly sourceAccountId: string | null;
}

/** The states of a Site Recovery job, reduced to four. */
export const ArmJobState = {
  running: 'running',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;
export type ArmJobState = (typeof ArmJobState)[keyof typeof ArmJobState];

/** An entry of the job list. It only shows whether the job runs or has ended. */
export interface ArmJobEntry {
  readonly id: string;
  readonly state: ArmJobState;
  readonly startTime: string | null;
}

/** A Site Recovery job with its details. */
export interface ArmJob extends ArmJobEntry {
  /**
   * Begins with the client request id of the write that started the job. Null shortly after the
   * start.
   */
  readonly activityId: string | null;
  readonly scenario: string | null;
  /** The VM's friendly name; null shortly after the start. */
  readonly targetName: string | null;
  readonly endTime: string | null;
  readonly errors: readonly ArmJobError[];
  /** The recovery point of a failover. */
  readonly recoveryPoint: UsedRecoveryPoint | null;
  /** The id of the item after a reprotect. */
  readonly newItemId: string | null;
}

/** The recovery point that a job used. */
export interface UsedRecoveryPoint {
  readonly id: string;
  readonly time: string;
  /** Only for a job with several VMs: the recovery time of each VM, by VM name. */
  readonly members?: Readonly<Record<string, string>>;
}

export interface ArmJobError {
  readonly code: string;
  readonly message: string;
  readonly level: string;
}

/**
 * The protection state of an item after a failed enabling. Such an item allows only disabling, and
 * blocks another enabling.
 */
export const ENABLING_FAILED = 'EnablingFailed';

/**
 * The error "Another operation is in progress". Azure accepted the write, but its job ended without
 * any change.
 */
export const OPERATION_IN_PROGRESS_CODE = '532';

/** Compares two ARM ids without case, because Azure varies the casing. */
export const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
