// What is seen of Azure before replication is enabled: the ground on which a preview is reckoned.
// Plain data, no SDK types.
// Ids are ARM ids as Azure spells them; they are compared without regard to case (`sameId`).
import type { ReplicatedVmFacts } from './replicatedVmFacts.ts';

export interface AzureFacts {
  /** The tenant in which the vault lives, and Lifeboat works. */
  readonly tenant: string;
  /** All that can be seen, those of other tenants too. */
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly regions: readonly RegionFacts[];
  /** Of the source and the target subscriptions, as everything below. */
  readonly resourceGroups: readonly ResourceGroupFacts[];
  /** Every VM of the source: those asked for, and those that could be. */
  readonly vms: readonly SourceVm[];
  readonly networks: readonly NetworkFacts[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly storageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly placementGroups: readonly PlacementGroupFacts[];
  /**
   * Of the classic model, as are some networks and storage accounts: read only where classic VMs
   * are meant.
   */
  readonly cloudServices: readonly CloudServiceFacts[];
  /** What the source and the target region sell to the target subscription. */
  readonly sizes: readonly SizeFacts[];
  /** How many fault domains a set can have in the target region; none where Azure does not tell. */
  readonly setLimits: readonly AvailabilitySetLimit[];
  /** Of the target subscription in the target region. */
  readonly quotas: readonly QuotaFacts[];
  /**
   * What other jobs that run are about to make of the same kind: VMs that are to come up there,
   * with their sizes.
   */
  readonly incomingVms: readonly IncomingVm[];
  /** Null while there is none. */
  readonly vault: VaultFacts | null;
  /**
   * How often replication of a VM was begun by Lifeboat in this vault, this time included, by
   * source VM id in lower case; 1 for one that is not named.
   */
  readonly enableCounts: Readonly<Record<string, number>>;
  /**
   * The other vaults in which VMs are replicated already, as far as Lifeboat knows: their names, by
   * source VM id in lower case.
   */
  readonly otherVaultNames: Readonly<Record<string, string>>;
  /** Replicated VMs to which a VM that is asked for belongs, as the registry remembers them. */
  readonly registeredVms: readonly ReplicatedVmFacts[];
  /**
   * Names of storage accounts that somebody, anywhere in Azure, already has, of those that a
   * preview would make.
   */
  readonly usedAccountNames: readonly string[];
}

export interface SubscriptionFacts {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly enabled: boolean;
}

export interface RegionFacts {
  readonly name: string;
  readonly displayName: string;
  /** Where data leave it, that is warned of; null where it is not told. */
  readonly geography: string | null;
  readonly pairedWith: string | null;
  readonly zones: readonly string[];
  readonly offersSiteRecovery: boolean;
}

export interface ResourceGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
}

export interface SourceVm {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly model: DeploymentModel;
  /** Of a classic VM. */
  readonly cloudService: string | null;
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  readonly generation: 'V1' | 'V2' | null;
  readonly power: 'running' | 'stopped' | 'deallocated' | 'unknown';
  /** Whether the agent of Azure in the guest answers; null when that cannot be seen. */
  readonly agentReady: boolean | null;
  readonly zone: string | null;
  readonly availabilitySetId: string | null;
  readonly placementGroupId: string | null;
  readonly scaleSetId: string | null;
  readonly disks: readonly SourceDisk[];
  readonly nics: readonly SourceNic[];
}

export const DeploymentModel = { resourceManager: 'resourceManager', classic: 'classic' } as const;
export type DeploymentModel = (typeof DeploymentModel)[keyof typeof DeploymentModel];

export interface SourceDisk {
  /** The ARM id of a managed disk, the address of the blob of an unmanaged one. */
  readonly id: string;
  readonly name: string;
  readonly isOs: boolean;
  readonly sizeGb: number;
  /** Premium_LRS, StandardSSD_LRS ...; null for an unmanaged one. */
  readonly accountType: string | null;
  readonly managed: boolean;
  /** Of an unmanaged disk: the account in which its blob lies. */
  readonly storageAccountId: string | null;
  readonly shared: boolean;
}

export interface SourceNic {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly networkId: string;
  readonly subnet: string;
  readonly securityGroupId: string | null;
  readonly acceleratedNetworking: boolean;
}

export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
  readonly addressPrefixes: readonly string[];
  /** In the network's own order. */
  readonly subnets: readonly SubnetFacts[];
}

export interface SubnetFacts {
  readonly name: string;
  readonly addressPrefixes: readonly string[];
  readonly securityGroupId: string | null;
}

export interface SecurityGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** Its own and the default ones. */
  readonly rules: readonly SecurityRule[];
}

export interface SecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  /** Tcp, Udp, Icmp ... or *. */
  readonly protocol: string;
  /** Addresses, ranges, service tags or *. */
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** Ports, ranges or *. */
  readonly destinationPorts: readonly string[];
}

export interface StorageAccountFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
  /** Standard_LRS, Premium_LRS ... */
  readonly sku: string;
  /** StorageV2, Storage, BlobStorage ... */
  readonly kind: string;
  /** Made by Lifeboat as a cache, by its tag. */
  readonly madeAsCache: boolean;
}

export interface AvailabilitySetFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly faultDomains: number;
  readonly updateDomains: number;
  /** For managed disks. */
  readonly aligned: boolean;
  readonly placementGroupId: string | null;
}

export interface CloudServiceFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
}

export interface PlacementGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
}

export interface SizeFacts {
  readonly name: string;
  readonly region: string;
  readonly family: string;
  readonly vcpus: number;
  readonly memoryGb: number;
  readonly premiumStorage: boolean;
  readonly nics: number;
  readonly dataDisks: number;
  readonly generations: readonly string[];
  /** The zones in which it is sold; empty where the region has none, or the size has none there. */
  readonly zones: readonly string[];
  /** This subscription may not have it here, though others may. */
  readonly restricted: boolean;
  readonly acceleratedNetworking: boolean;
}

export interface IncomingVm {
  readonly vmId: string;
  readonly size: string;
}

export interface AvailabilitySetLimit {
  readonly region: string;
  /** For managed disks. */
  readonly aligned: boolean;
  readonly faultDomains: number;
}

export interface QuotaFacts {
  /** A family, `cores` for all vCPUs of the region, or another name of Azure's. */
  readonly name: string;
  readonly displayName: string;
  readonly used: number;
  readonly limit: number;
}

export interface VaultFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly fabrics: readonly { readonly id: string; readonly name: string; readonly region: string }[];
  readonly containers: readonly { readonly id: string; readonly name: string; readonly fabricName: string }[];
  readonly policies: readonly PolicyFacts[];
  readonly containerMappings: readonly {
    readonly id: string;
    readonly name: string;
    readonly fromContainerId: string;
    readonly toContainerId: string;
    readonly policyId: string;
  }[];
  readonly networkMappings: readonly {
    readonly id: string;
    readonly name: string;
    readonly fabricName: string;
    readonly networkId: string;
    readonly recoveryNetworkId: string;
    readonly recoveryFabricName: string;
  }[];
  readonly items: readonly ItemFacts[];
  /** The machines of those items. */
  readonly replicatedVms: readonly ReplicatedVmFacts[];
}

export interface PolicyFacts {
  readonly id: string;
  readonly name: string;
  /** The instance type of its scenario, as Site Recovery names it. */
  readonly instanceType: string;
  readonly retentionMinutes: number;
  /** 0: off. */
  readonly appConsistentMinutes: number;
}

export interface ItemFacts {
  readonly id: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly sourceVmId: string;
  readonly protectionState: string;
  readonly multiVmGroupName: string | null;
  readonly multiVmGroupId: string | null;
}
