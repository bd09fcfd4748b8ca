// The registry: replicated VMs and who holds them, vaults, and how often a VM was enabled.
import type { ItemState } from '../scenarios/lifecycle.ts';
import type { ItemSettings } from '../siterecovery/item.ts';
import type { ReplicaMachines } from '../azure/replicatedVmFacts.ts';
import type { Direction } from '../core/operations.ts';
import type { Scenario } from '../core/scenario.ts';

export interface SiteInfo {
  readonly region: string;
  readonly resourceGroupId: string;
  /** Known once replication has read from this site. */
  readonly cacheStorageAccountId: string | null;
}

/** Partition: registry/{vaultId}. */
export interface ReplicatedVmDocument {
  readonly id: string;
  readonly type: 'replicatedVm';
  readonly schema: number;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly scenario: Scenario;
  readonly name: string;
  /** Null of what a failed enabling has left behind. */
  readonly lifecycleId: string | null;
  readonly armId: string;
  /** The VM that replication reads from now. */
  readonly sourceVmId: string;
  readonly direction: Direction;
  readonly sites: Readonly<Record<Direction, SiteInfo>>;
  readonly seen: ItemState & { readonly health: string; readonly at: string };
  /** Since when it is seen with a test VM; left out by older builds. */
  readonly testingSince?: string | null;
  /** Where the VM would come up, as last seen; null when it was not looked at since that is remembered. */
  readonly settings: ItemSettings | null;
  /**
   * Which machines belong to it; what the item no longer tells is remembered. Missing until it is
   * looked at.
   */
  readonly machines?: ReplicaMachines;
  /** Which step brought it to its present ARM id. */
  readonly movedBy: string | null;
  /** Since when its vault does not show it, though nobody of ours has disabled it. */
  readonly missingSince: string | null;
}

/**
 * Partition: registry/{vaultId}. A vault that Lifeboat was told of by a command; those of the
 * settings need none.
 */
export interface VaultDocument {
  readonly id: 'vault';
  readonly type: 'vault';
  readonly schema: number;
  readonly vaultId: string;
  readonly armId: string;
  readonly addedAt: string;
}

/**
 * Partition: registry/{vaultId}. How often replication of a VM was begun there by Lifeboat: the
 * names of its items follow from it.
 */
export interface SourceDocument {
  readonly id: string;
  readonly type: 'source';
  readonly schema: number;
  readonly vaultId: string;
  readonly sourceVmId: string;
  readonly generation: number;
  readonly itemName: string;
  /** This replication was ended: the VM's next one is another. */
  readonly spent: boolean;
}

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
