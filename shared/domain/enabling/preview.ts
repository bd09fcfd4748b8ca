// What enabling replication will do, in full, before it does anything. The doing executes this and nothing else, so that the two cannot differ.
import type { Warning } from '../warning.ts';
import type { Scenario } from '../words.ts';

export interface Preview {
  readonly scenario: Scenario;
  readonly vault: { readonly id: string; readonly name: string; readonly region: string };
  readonly source: { readonly region: string; readonly subscription: string };
  readonly target: { readonly region: string; readonly subscription: string };
  /** What must be there, each after what it needs. */
  readonly parts: readonly Part[];
  /** In the order in which they were asked for. */
  readonly vms: readonly VmPreview[];
  /** Why nothing at all may begin. */
  readonly refusals: readonly Refusal[];
  /** Checks with the result "warn" are among them. */
  readonly warnings: readonly Warning[];
  /** Of the readiness checks, those that concern the whole: quota counted together, the vault, what to allow in firewalls. */
  readonly checks: readonly Check[];
}

export interface Refusal {
  readonly code: string;
  /** What is wrong, and what to do instead; where there is a choice, the possible values. */
  readonly message: string;
}

export interface VmPreview {
  readonly vmId: string;
  readonly name: string;
  readonly verdict: 'enable' | 'alreadyEnabled' | 'refused';
  /** The verdict in words, with the warnings by their codes. */
  readonly summary: string;
  readonly refusals: readonly Refusal[];
  /** Among them are checks with the result "warn", and those that fail and that the command allows. */
  readonly warnings: readonly Warning[];
  readonly checks: readonly Check[];
  /** The replicated item: its name is a GUID derived from the source VM and how often it was enabled. Of one already enabled: that item's. */
  readonly itemId: string;
  /** Null when it is refused, or enabled already. */
  readonly settings: VmSettings | null;
  readonly choices: readonly Choice[];
  /** Ids of the parts that must stand before this VM is enabled. */
  readonly needs: readonly string[];
}

/** One decision, and why it fell that way. */
export interface Choice {
  /** resourceGroup, network, subnet, size, availability, placementGroup, cacheStorageAccount, diskType, policy ... */
  readonly what: string;
  readonly chosen: string;
  readonly why: string;
}

export type Availability =
  | { readonly type: 'single' }
  | { readonly type: 'set'; readonly setId: string }
  | { readonly type: 'zone'; readonly zone: string };

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
  /** Null: the source's own size, which Site Recovery chooses by itself. Otherwise set by an update once the item is protected. */
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

export type DiskSettings =
  | { readonly managed: true; readonly id: string; readonly cacheStorageAccountId: string; readonly resourceGroupId: string; readonly replicaType: string; readonly targetType: string }
  | { readonly managed: false; readonly id: string; readonly cacheStorageAccountId: string; readonly storageAccountId: string };

/** One ARM resource that must be there. */
export interface Part {
  readonly id: string;
  readonly name: string;
  readonly action: 'create' | 'reuse';
  readonly why: string;
  /** Ids of other parts. */
  readonly needs: readonly string[];
  readonly spec: PartSpec;
}

export type PartSpec =
  | { readonly kind: 'vault'; readonly region: string }
  | { readonly kind: 'resourceGroup'; readonly region: string }
  | { readonly kind: 'network'; readonly region: string; readonly addressPrefixes: readonly string[]; readonly subnets: readonly { readonly name: string; readonly addressPrefixes: readonly string[] }[] }
  | { readonly kind: 'storageAccount'; readonly region: string; readonly sku: string; readonly accountKind: string; readonly use: 'cache' | 'disks' }
  | { readonly kind: 'placementGroup'; readonly region: string; readonly zone: string | null; readonly sizes: readonly string[] }
  | { readonly kind: 'availabilitySet'; readonly region: string; readonly faultDomains: number; readonly updateDomains: number; readonly aligned: boolean; readonly placementGroupId: string | null }
  | { readonly kind: 'fabric'; readonly region: string }
  | { readonly kind: 'container' }
  | { readonly kind: 'policy'; readonly retentionMinutes: number; readonly appConsistentMinutes: number }
  | { readonly kind: 'containerMapping'; readonly toContainerId: string; readonly policyId: string }
  /** Not of enabling: the small native plan through which the members of a multi-VM group go together. */
  | { readonly kind: 'recoveryPlan'; readonly primaryFabricId: string; readonly recoveryFabricId: string; readonly items: readonly { readonly id: string; readonly virtualMachineId: string }[] }
  | { readonly kind: 'networkMapping'; readonly networkId: string; readonly recoveryNetworkId: string; readonly recoveryFabricName: string };

export type PartKind = PartSpec['kind'];

/** In this order; parts of one stage do not need each other. */
export const STAGES: readonly (readonly PartKind[])[] = [
  ['resourceGroup'],
  ['vault', 'network', 'storageAccount', 'placementGroup'],
  ['availabilitySet', 'fabric', 'policy'],
  ['container'],
  ['containerMapping', 'networkMapping', 'recoveryPlan'],
];

export const stageOf = (kind: PartKind): number => STAGES.findIndex((kinds) => kinds.includes(kind));

export interface Check {
  /** The requirement it answers, such as PRE-4. */
  readonly id: string;
  readonly name: string;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'manual';
  readonly message: string;
  /** What to do; of a manual check, how to look. Null when there is nothing to do. */
  readonly remedy: string | null;
}
