// A prerequisite: an ARM resource that must exist before VMs can be replicated, or before a
// multi-VM group can go.

export type PrerequisiteSpec =
  | { readonly kind: 'vault'; readonly region: string }
  | { readonly kind: 'resourceGroup'; readonly region: string }
  | {
      readonly kind: 'network';
      readonly region: string;
      readonly addressPrefixes: readonly string[];
      readonly subnets: readonly { readonly name: string; readonly addressPrefixes: readonly string[] }[];
    }
  | {
      readonly kind: 'storageAccount';
      readonly region: string;
      readonly sku: string;
      readonly accountKind: string;
      readonly use: 'cache' | 'disks';
    }
  | {
      readonly kind: 'placementGroup';
      readonly region: string;
      readonly zone: string | null;
      readonly sizes: readonly string[];
    }
  | {
      readonly kind: 'availabilitySet';
      readonly region: string;
      readonly faultDomains: number;
      readonly updateDomains: number;
      readonly aligned: boolean;
      readonly placementGroupId: string | null;
    }
  | { readonly kind: 'fabric'; readonly region: string }
  | { readonly kind: 'container' }
  | { readonly kind: 'policy'; readonly retentionMinutes: number; readonly appConsistentMinutes: number }
  | { readonly kind: 'containerMapping'; readonly toContainerId: string; readonly policyId: string }
  /** Not of enabling: the small native plan through which the members of a multi-VM group go together. */
  | {
      readonly kind: 'recoveryPlan';
      readonly primaryFabricId: string;
      readonly recoveryFabricId: string;
      readonly items: readonly { readonly id: string; readonly virtualMachineId: string }[];
    }
  | {
      readonly kind: 'networkMapping';
      readonly networkId: string;
      readonly recoveryNetworkId: string;
      readonly recoveryFabricName: string;
    };
export type PrerequisiteKind = PrerequisiteSpec['kind'];
/** One ARM resource that must be there. */

export interface Prerequisite {
  readonly id: string;
  readonly name: string;
  readonly action: 'create' | 'reuse';
  readonly reason: string;
  /** Ids of other parts. */
  readonly needs: readonly string[];
  readonly spec: PrerequisiteSpec;
}
/** In this order; parts of one stage do not need each other. */

export const PREREQUISITE_STAGES: readonly (readonly PrerequisiteKind[])[] = [
  ['resourceGroup'],
  ['vault', 'network', 'storageAccount', 'placementGroup'],
  ['availabilitySet', 'fabric', 'policy'],
  ['container'],
  ['containerMapping', 'networkMapping', 'recoveryPlan'],
];
export const prerequisiteStageOf = (kind: PrerequisiteKind): number =>
  PREREQUISITE_STAGES.findIndex((kinds) => kinds.includes(kind));
/** What of the ground is Site Recovery's own. */

export type SiteRecoverySpec = Extract<
  PrerequisiteSpec,
  {
    readonly kind: 'fabric' | 'container' | 'policy' | 'containerMapping' | 'networkMapping' | 'recoveryPlan';
  }
>;
/** How a part of the ground stands that is there. */

export interface PrerequisiteStatus {
  readonly ready: boolean;
  /** It is there and is not what was asked for; told in words. */
  readonly difference: string | null;
  /** Azure gave it up. */
  readonly failed: boolean;
}
