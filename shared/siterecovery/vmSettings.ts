// The settings with which replication of one VM is enabled.

export type Availability =
  | { readonly type: 'single' }
  | { readonly type: 'set'; readonly setId: string }
  | { readonly type: 'zone'; readonly zone: string };
export type DiskSettings =
  | {
      readonly managed: true;
      readonly id: string;
      readonly cacheStorageAccountId: string;
      readonly resourceGroupId: string;
      readonly replicaType: string;
      readonly targetType: string;
    }
  | {
      readonly managed: false;
      readonly id: string;
      readonly cacheStorageAccountId: string;
      readonly storageAccountId: string;
    };
export interface VmSettings {
  readonly containerId: string;
  readonly recoveryContainerId: string;
  readonly policyId: string;
  readonly resourceGroupId: string;
  /** Of a VM of the classic model, which comes up in this and not in a resource group of its choice. */
  readonly cloudServiceId?: string;
  readonly networkId: string;
  /** The primary one first; all of them are on that network. */
  readonly nics: readonly NicSettings[];
  /**
   * Null: the source's own size, which Site Recovery chooses by itself. Otherwise set by an update
   * once the item is protected.
   */
  readonly size: string | null;
  readonly availability: Availability;
  readonly placementGroupId: string | null;
  readonly multiVmGroup: { readonly name: string; readonly id: string | null } | null;
  readonly disks: readonly DiskSettings[];
}
export interface NicSettings {
  /** The ARM id of the source VM's interface. */
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly sourceSubnet: string;
  readonly subnet: string;
  /** Null: whichever is free there. */
  readonly address: string | null;
}
