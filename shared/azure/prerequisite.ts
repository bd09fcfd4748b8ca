// A prerequisite: an ARM resource that must exist before Lifeboat can enable VMs or move a multi-VM
// group. Previews decide prerequisites, and jobs create them.

/** The kind of a prerequisite, and the values for its creation. */
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
  /** A place on premises, such as a site of Hyper-V hosts. */
  | { readonly kind: 'site' }
  /** A vCenter that a server on premises reads. */
  | {
      readonly kind: 'vCenter';
      readonly address: string;
      readonly port: string;
      readonly serverId: string;
      readonly accountId: string;
    }
  | { readonly kind: 'container' }
  | {
      readonly kind: 'policy';
      readonly retentionMinutes: number;
      readonly appConsistentMinutes: number;
      readonly form?: PolicyForm | undefined;
    }
  | {
      readonly kind: 'containerMapping';
      readonly toContainerId: string;
      readonly policyId: string;
      readonly form?: PolicyForm | undefined;
    }
  /** Not for enabling: the small native plan that moves the members of a multi-VM group together. */
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
/** Site Recovery's name of a policy's form. Only for a scenario with several forms. */
type PolicyForm = string;
export type PrerequisiteKind = PrerequisiteSpec['kind'];

/** A prerequisite in a preview or a job. */
export interface Prerequisite {
  readonly id: string;
  readonly name: string;
  readonly action: 'create' | 'reuse';
  readonly reason: string;
  /** The ids of other prerequisites. */
  readonly needs: readonly string[];
  readonly spec: PrerequisiteSpec;
}

/** The order of creation. Prerequisites of one stage do not need each other. */
export const PREREQUISITE_STAGES: readonly (readonly PrerequisiteKind[])[] = [
  ['resourceGroup'],
  ['vault', 'network', 'storageAccount', 'placementGroup'],
  ['availabilitySet', 'fabric', 'site', 'vCenter', 'policy'],
  ['container'],
  ['containerMapping', 'networkMapping', 'recoveryPlan'],
];
/** Returns the index of the stage that creates this kind. */
export const prerequisiteStageOf = (kind: PrerequisiteKind): number =>
  PREREQUISITE_STAGES.findIndex((kinds) => kinds.includes(kind));

/** The prerequisites inside a Site Recovery vault. */
export type SiteRecoverySpec = Extract<
  PrerequisiteSpec,
  {
    readonly kind:
      | 'fabric'
      | 'site'
      | 'vCenter'
      | 'container'
      | 'policy'
      | 'containerMapping'
      | 'networkMapping'
      | 'recoveryPlan';
  }
>;

/** The state of an existing prerequisite. */
export interface PrerequisiteStatus {
  readonly ready: boolean;
  /** A sentence about the difference, when the existing resource does not match the specification. */
  readonly difference: string | null;
  /** Azure failed or cancelled the creation. */
  readonly failed: boolean;
}
