// The settings of one VM for the enabling of its replication. A preview decides them, and the
// driver sends them.

/** The availability option of the VM on the target side. */
export type Availability =
  | { readonly type: 'single' }
  | { readonly type: 'set'; readonly setId: string }
  | { readonly type: 'zone'; readonly zone: string };
/** The replication settings of one disk. */
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
/** All settings for the enabling of one VM. */
export interface VmSettings {
  readonly containerId: string;
  readonly recoveryContainerId: string;
  readonly policyId: string;
  readonly resourceGroupId: string;
  /** Only for a classic VM: this cloud service decides the VM's resource group. */
  readonly cloudServiceId?: string;
  readonly networkId: string;
  /** The primary network interface comes first. All interfaces are in the network `networkId`. */
  readonly nics: readonly NicSettings[];
  /**
   * Null: Site Recovery keeps the size of the source. Otherwise an update sets the size after the
   * protection of the item.
   */
  readonly size: string | null;
  readonly availability: Availability;
  readonly placementGroupId: string | null;
  readonly multiVmGroup: { readonly name: string; readonly id: string | null } | null;
  readonly disks: readonly DiskSettings[];
  /** Only for a machine on premises. */
  readonly onPremises?: OnPremisesSettings;
}
/** The settings that only a machine on premises needs. */
export interface OnPremisesSettings {
  readonly osType: 'Windows' | 'Linux';
  readonly osDiskId: string;
  readonly diskIds: readonly string[];
  /** The name of the VM in Azure. */
  readonly targetName: string;
  readonly subnet: string;
  /** The account that receives the changes. */
  readonly storageAccountId: string;
  readonly managedDisks: boolean;
  /** Only for a machine whose replication runs through servers on premises. */
  readonly replication?: ReplicationSettings;
}
/** The servers of a replication, and the disks that it makes in Azure. */
export interface ReplicationSettings {
  /** Site Recovery's name of the item's form. */
  readonly form: string;
  readonly serverId: string;
  /** The account that installs the agent. Null: the agent is installed already. */
  readonly accountId: string | null;
  readonly diskType: string;
}
/** The settings of one network interface. */
export interface NicSettings {
  /** The ARM id of the source VM's interface. */
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly sourceSubnet: string;
  readonly subnet: string;
  /** Null: Azure chooses any free address of the subnet. */
  readonly address: string | null;
}
