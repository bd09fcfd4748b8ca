// The facts about Azure before Lifeboat enables replication. Every preview of an enabling uses
// them. Facts are plain data without SDK types.
// Ids are ARM ids in Azure's spelling; compare ids without case (`sameId`).
import type { Scenario } from '../core/scenario.ts';
import type { ReplicatedVmFacts } from './replicatedVmFacts.ts';

/** All facts about Azure for one preview. */
export interface AzureFacts {
  /** The time of the reads. */
  readonly readAt: string;
  /** The tenant of the vault and of Lifeboat. */
  readonly tenant: string;
  /** All visible subscriptions, also those of other tenants. */
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly regions: readonly RegionFacts[];
  /** From the source and the target subscriptions, like all fields below. */
  readonly resourceGroups: readonly ResourceGroupFacts[];
  /** Every VM of the source: the requested VMs and the possible other ones. */
  readonly vms: readonly SourceVm[];
  readonly networks: readonly NetworkFacts[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly storageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly placementGroups: readonly PlacementGroupFacts[];
  /**
   * Cloud services of the classic model. Lifeboat reads them, and classic networks and accounts,
   * only for classic VMs.
   */
  readonly cloudServices: readonly CloudServiceFacts[];
  /** The VM sizes that the target subscription can use in the source and the target region. */
  readonly sizes: readonly SizeFacts[];
  /**
   * The maximum number of fault domains of a set in the target region. Empty when Azure returns no
   * limit.
   */
  readonly setLimits: readonly AvailabilitySetLimit[];
  /** The quotas of the target subscription in the target region. */
  readonly quotas: readonly QuotaFacts[];
  /** The VMs that other running jobs will bring up in the target region, with their sizes. */
  readonly incomingVms: readonly IncomingVm[];
  /** Null when the vault does not exist yet. */
  readonly vault: VaultFacts | null;
  /**
   * The number of times that Lifeboat enabled replication of a VM in this vault, including this
   * time. The key is the source VM id in lower case; a missing key means 1.
   */
  readonly enableCounts: Readonly<Record<string, number>>;
  /**
   * The names of other vaults that already replicate a VM, as far as Lifeboat knows. The key is the
   * source VM id in lower case.
   */
  readonly otherVaultNames: Readonly<Record<string, string>>;
  /** The replicated VMs that a requested VM belongs to, from the registry. */
  readonly registeredVms: readonly ReplicatedVmFacts[];
  /** The manual checks that persons confirmed for the requested VMs and for any source. */
  readonly confirmations: readonly CheckConfirmation[];
  /** The storage account names of the preview that an account anywhere in Azure already uses. */
  readonly usedAccountNames: readonly string[];
}

/** A subscription that Lifeboat can see. */
export interface SubscriptionFacts {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly enabled: boolean;
}

/** An Azure region and its abilities. */
export interface RegionFacts {
  readonly name: string;
  readonly displayName: string;
  /** A preview warns when data leave the geography. Null when Azure does not return the geography. */
  readonly geography: string | null;
  readonly pairedWith: string | null;
  readonly zones: readonly string[];
  readonly offersSiteRecovery: boolean;
}

/** A resource group. */
export interface ResourceGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
}

/** A manual check that a person confirmed, for one VM or for a source. */
export interface CheckConfirmation {
  /** The id of the check, for example PRE-9. */
  readonly check: string;
  /** In lower case. Null: the check belongs to a source. */
  readonly vmId: string | null;
  /** The VM at the time of the confirmation. A changed VM has another fingerprint. */
  readonly vmFingerprint: string | null;
  readonly source: { readonly region: string; readonly subscription: string } | null;
  readonly target: { readonly region: string } | null;
  readonly by: { readonly id: string; readonly name: string };
  readonly at: string;
  readonly until: string;
  readonly note: string | null;
  /** The time of `until` is over. */
  readonly isExpired: boolean;
}

/** A VM that replication could protect. */
export interface SourceVm {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  readonly model: DeploymentModel;
  /** The cloud service of a classic VM; null for other VMs. */
  readonly cloudService: string | null;
  readonly size: string;
  readonly osType: 'Windows' | 'Linux';
  /** The name and version of the system by the VM agent, else by the image; null when unknown. */
  readonly os: string | null;
  readonly generation: 'V1' | 'V2' | null;
  readonly power: 'running' | 'stopped' | 'deallocated' | 'unknown';
  /** True when the Azure VM agent answers; null when Azure does not show the agent's state. */
  readonly agentReady: boolean | null;
  readonly zone: string | null;
  readonly availabilitySetId: string | null;
  readonly placementGroupId: string | null;
  readonly scaleSetId: string | null;
  readonly disks: readonly SourceDisk[];
  readonly nics: readonly SourceNic[];
}

/** The deployment models of Azure. */
export const DeploymentModel = { resourceManager: 'resourceManager', classic: 'classic' } as const;
export type DeploymentModel = (typeof DeploymentModel)[keyof typeof DeploymentModel];

/** A disk of a source VM. */
export interface SourceDisk {
  /** The ARM id of a managed disk, or the blob address of an unmanaged disk. */
  readonly id: string;
  readonly name: string;
  readonly isOs: boolean;
  readonly sizeGb: number;
  /** Such as Premium_LRS or StandardSSD_LRS; null for an unmanaged disk. */
  readonly accountType: string | null;
  readonly managed: boolean;
  /** The storage account with the blob of an unmanaged disk. */
  readonly storageAccountId: string | null;
  readonly shared: boolean;
}

/** A network interface of a source VM. */
export interface SourceNic {
  readonly id: string;
  readonly name: string;
  readonly primary: boolean;
  readonly networkId: string;
  readonly subnet: string;
  readonly securityGroupId: string | null;
  readonly acceleratedNetworking: boolean;
}

/** A virtual network. */
export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
  readonly addressPrefixes: readonly string[];
  /** The subnets in the order of the network. */
  readonly subnets: readonly SubnetFacts[];
}

export interface SubnetFacts {
  readonly name: string;
  readonly addressPrefixes: readonly string[];
  readonly securityGroupId: string | null;
}

/** A network security group. */
export interface SecurityGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** The group's own rules and the default rules. */
  readonly rules: readonly SecurityRule[];
}

/** A rule of a network security group, configured or effective. */
export interface SecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  /** Such as Tcp, Udp or Icmp; `*` for all protocols. */
  readonly protocol: string;
  /** Addresses, ranges, service tags or *. */
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  /** Ports, ranges or *. */
  readonly destinationPorts: readonly string[];
}

/** A storage account. */
export interface StorageAccountFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
  /** Such as Standard_LRS or Premium_LRS. */
  readonly sku: string;
  /** Such as StorageV2, Storage or BlobStorage. */
  readonly kind: string;
  /** True when the tag says that Lifeboat created the account as a cache. */
  readonly madeAsCache: boolean;
}

/** An availability set. */
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

/** A cloud service of the classic deployment model. */
export interface CloudServiceFacts {
  readonly id: string;
  readonly name: string;
  readonly subscription: string;
  readonly region: string;
}

/** A proximity placement group. */
export interface PlacementGroupFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly zones: readonly string[];
}

/** A VM size in one region, with its limits. */
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
  /** The zones that offer the size. Empty when the region has no zones, or no zone offers the size. */
  readonly zones: readonly string[];
  /** True when Azure does not offer the size to this subscription in this region. */
  readonly restricted: boolean;
  readonly acceleratedNetworking: boolean;
}

/** A VM that another running job will bring up. */
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

/** One quota of a subscription in a region. */
export interface QuotaFacts {
  /** The name of a size family, `cores` for all vCPUs of the region, or another Azure name. */
  readonly name: string;
  readonly displayName: string;
  readonly used: number;
  readonly limit: number;
}

/** A vault with its Site Recovery resources. */
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
  /** The sites on premises. */
  readonly sites: readonly SiteFacts[];
  /** The machines of `items`. */
  readonly replicatedVms: readonly ReplicatedVmFacts[];
}

/** A site on premises that is registered in a vault. */
export interface SiteFacts {
  /** The ARM id of its fabric. */
  readonly id: string;
  readonly name: string;
  /** The scenario of its machines. */
  readonly scenario: Scenario;
  /** Null before the first host has registered. */
  readonly containerId: string | null;
  readonly hosts: readonly SiteHost[];
  readonly machines: readonly SiteMachine[];
  /** The accounts that install the agent. Missing: the scenario needs none. */
  readonly accounts?: readonly RunAsAccount[] | undefined;
  /** Missing: the scenario has none. */
  readonly vCenters?: readonly SiteVCenter[] | undefined;
  /** True for servers of a kind that Microsoft is retiring. */
  readonly isRetiring?: boolean | undefined;
}

/** An account by which a server installs the agent in machines. */
export interface RunAsAccount {
  readonly id: string;
  readonly name: string;
}

/** A vCenter of a site. */
export interface SiteVCenter {
  readonly name: string;
  readonly address: string;
  /** Null: Azure does not show it. */
  readonly version: string | null;
}

/** A host or a server that connects a site to Site Recovery. */
export interface SiteHost {
  readonly name: string;
  /** Only for a server that replication runs through. */
  readonly id?: string | undefined;
  readonly kind?: 'appliance' | 'configurationServer' | 'processServer' | undefined;
  readonly health?: string | undefined;
  /** The datastores that the server can write to. */
  readonly datastores?: readonly string[] | undefined;
  readonly connected: boolean;
  readonly lastHeartbeat: string | null;
  readonly providerVersion: string | null;
  readonly agentVersion: string | null;
}

/** A machine on premises that replication could protect. */
export interface SiteMachine {
  /** The ARM id of its protectable item. */
  readonly id: string;
  readonly name: string;
  /** The item of a machine that already replicates. */
  readonly itemId: string | null;
  readonly generation: string;
  readonly osType: 'Windows' | 'Linux' | null;
  /** The edition and version of the system by Site Recovery; null when unknown. */
  readonly os: string | null;
  readonly disks: readonly { readonly id: string; readonly name: string; readonly sizeMb: number }[];
  /** The reasons of Site Recovery against its protection. */
  readonly readinessErrors: readonly string[];
  /** Parts of the machine that Site Recovery cannot replicate. */
  readonly unsupportedParts: readonly string[];
  /** Missing: Site Recovery does not show it. */
  readonly isRunning?: boolean | undefined;
  /** Missing: Site Recovery shows them only after the enabling. */
  readonly nics?:
    readonly { readonly id: string; readonly name: string; readonly address: string | null }[] | undefined;
  readonly vCenter?: string | undefined;
  readonly hostVersion?: string | undefined;
}

/** A replication policy of a vault. */
export interface PolicyFacts {
  readonly id: string;
  readonly name: string;
  /** The Site Recovery instance type of the policy's scenario. */
  readonly instanceType: string;
  readonly retentionMinutes: number;
  /** 0 means off. */
  readonly appConsistentMinutes: number;
}

/** A replicated item of a vault, as far as a preview needs it. */
export interface ItemFacts {
  readonly id: string;
  readonly name: string;
  readonly friendlyName: string;
  readonly sourceVmId: string;
  readonly protectionState: string;
  readonly multiVmGroupName: string | null;
  readonly multiVmGroupId: string | null;
}
