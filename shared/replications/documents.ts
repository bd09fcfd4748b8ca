// The registry documents: replicated VMs, their locks, added vaults and enabling counts.
// `registry.ts` and `sources.ts` write them.
import type { ItemState } from '../scenarios/lifecycle.ts';
import type { ItemSettings } from '../siterecovery/item.ts';
import type { ReplicaMachines } from '../azure/replicatedVmFacts.ts';
import type { Direction } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';

/** One side of the replication of a VM. */
export interface SiteInfo {
  readonly region: string;
  readonly resourceGroupId: string;
  /** Null until replication has read from this site. */
  readonly cacheStorageAccountId: string | null;
}

/** A replicated VM. Partition: registry/{vaultId}. */
export interface ReplicatedVmDocument {
  readonly id: string;
  readonly type: 'replicatedVm';
  readonly schema: number;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly scenario: Scenario;
  readonly name: string;
  /** Null for the remains of a failed enabling. */
  readonly lifecycleId: string | null;
  readonly armId: string;
  /** Replication now reads from this VM. */
  readonly sourceVmId: string;
  readonly direction: Direction;
  readonly sites: Readonly<Record<Direction, SiteInfo>>;
  readonly seen: ItemState & { readonly health: string; readonly at: string };
  /** The time since the VM has a test VM; missing in documents of older builds. */
  readonly testingSince?: string | null;
  /**
   * The target settings from the last read; null when no read since the introduction of this field.
   */
  readonly settings: ItemSettings | null;
  /**
   * The machines of the VM, including machines that the item no longer shows. Missing until the
   * first read.
   */
  readonly machines?: ReplicaMachines;
  /** The step that moved the VM to its present ARM id. */
  readonly movedBy: string | null;
  /** The time since the vault no longer shows the VM, although Lifeboat did not disable it. */
  readonly missingSince: string | null;
}

/**
 * Partition: registry/{vaultId}. A VM on its way to protection, as the last read of its vault showed
 * it. No command may name it, because Site Recovery has given it no lifecycle id yet.
 */
export interface EnablingVmDocument extends Pick<
  ReplicatedVmDocument,
  'schema' | 'vaultId' | 'vaultArmId' | 'scenario' | 'name' | 'armId' | 'direction' | 'sites' | 'seen'
> {
  /** `enabling:` and the id that stands for the VM until its protection. */
  readonly id: string;
  readonly type: 'enablingVm';
  /** The progress of the initial replication. Null: not begun, or unknown. */
  readonly percent: number | null;
}

/**
 * Partition: registry/{vaultId}. A vault that a command added; vaults of the settings need no
 * document.
 */
export interface VaultDocument {
  readonly id: 'vault';
  readonly type: 'vault';
  readonly schema: number;
  readonly vaultId: string;
  readonly armId: string;
  readonly addedAt: string;
  /** Each registration adds one. Missing: 1. */
  readonly version?: number;
  /** The vault is no longer registered since this time. */
  readonly removedAt?: string;
}

/**
 * Partition: registry/{vaultId}. Counts how often Lifeboat began the replication of a VM. The names
 * of the items follow from this count.
 */
export interface SourceDocument {
  readonly id: string;
  readonly type: 'source';
  readonly schema: number;
  readonly vaultId: string;
  readonly sourceVmId: string;
  readonly generation: number;
  readonly itemName: string;
  /** This replication has ended. The next replication of the VM gets another number. */
  readonly spent: boolean;
}

/** The lock of a job on a VM. Partition: registry/{vaultId}. It has no expiry. */
export interface LockDocument {
  readonly id: string;
  readonly type: 'lock';
  readonly schema: number;
  readonly vaultId: string;
  readonly targetId: string;
  readonly jobId: string;
  readonly epoch: number;
  readonly takenAt: string;
}
