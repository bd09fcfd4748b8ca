// The interface of enabling in one scenario: requests, previews, source VMs and updates.
// All functions are pure. shared/enabling/ reads the facts and calls them.
import type {
  AvailabilitySetFacts,
  AzureFacts,
  CloudServiceFacts,
  DeploymentModel,
  NetworkFacts,
  PlacementGroupFacts,
  RegionFacts,
  ResourceGroupFacts,
  SecurityRule,
  SourceVm,
  StorageAccountFacts,
  SubscriptionFacts,
} from '../../azure/facts.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';
import type { FindRoleRefusal } from './machineRoles.ts';
import type { EnablingPreview } from './preview.ts';
import type { CurrentSettings, UpdateRequest, UpdateVerdict } from './updateRequest.ts';

/**
 * The enabling of one scenario. `Request` is the request to prepare a vault, with any number of
 * VMs. Functions are methods, so that a caller can hand over the request of any scenario: the goal
 * of a request selects the driver.
 */
export interface EnablingSupport<Request> {
  /** The refusals of a request that do not depend on Azure. */
  checkRequest(request: Request): readonly Refusal[];
  /** The vault of the request, even when it does not exist. `subscription` is the one of the target. */
  vaultIdOf(request: Request, subscription: string): string;
  /** The target of the request, by these facts. */
  targetOf(facts: AzureFacts, request: Request): Location;
  /** The refusals of source and target, independent of the requested action. */
  locationRefusalsOf(facts: AzureFacts, request: Request): readonly Refusal[];
  /** `requestRefusals` are known before: each VM gets them. */
  preview(facts: AzureFacts, request: Request, requestRefusals: readonly Refusal[]): EnablingPreview;
  /** The security rules that the VMs of the request need. */
  ruleFixesFor(facts: AzureFacts, request: Request): readonly SecurityGroupFix[];
  /** The options for a source and, if given, a target. */
  choicesFor(
    facts: AzureFacts,
    source: Location & { readonly model?: DeploymentModel },
    target: Location | null,
  ): Choices;
  /** `existing` has the source VM ids in lower case as keys. */
  protectabilityOf(
    vms: readonly SourceVm[],
    existing: ReadonlyMap<string, ExistingReplication>,
    findRoleRefusal: FindRoleRefusal,
  ): readonly Protectability[];
  /** Evaluates an update of one replicated VM with these facts. */
  evaluateUpdate(facts: AzureFacts, current: CurrentSettings, request: UpdateRequest): UpdateVerdict;
  /** True when the enabling request cannot carry all these settings, so that an update must follow. */
  needsUpdate(settings: VmSettings): boolean;
}

/** Codes of problems with a location, independent of the requested action. */
export const LOCATION_PROBLEM_CODES = [
  'RegionUnknown',
  'SubscriptionUnknown',
  'OtherTenant',
  'SubscriptionDisabled',
  'RegionWithoutSiteRecovery',
  'OtherCloud',
  'SourceGroupUnknown',
  'SourceServiceUnknown',
] as const;

/** A region and a subscription. */
export interface Location {
  readonly region: string;
  readonly subscription: string;
}

/** A security rule in the form of an Azure request. */
export interface RuleToAdd {
  readonly name: string;
  readonly properties: {
    readonly description: string;
    readonly priority: number;
    readonly direction: SecurityRule['direction'];
    readonly access: 'Allow';
    readonly protocol: 'Tcp';
    readonly sourceAddressPrefix: string;
    readonly sourcePortRange: '*';
    readonly destinationAddressPrefix: string;
    readonly destinationPortRange: string;
  };
}

/** The rule fixes for one security group. */
export interface SecurityGroupFix {
  readonly securityGroupId: string;
  readonly securityGroupName: string;
  readonly securityRules: readonly RuleToAdd[];
  /** The connections that no rule can allow, with reasons. */
  readonly impossible: readonly string[];
}

/** One source VM with the reasons against its protection. */
export interface Protectability {
  readonly vm: SourceVm;
  readonly canBeProtected: boolean;
  readonly reasons: readonly Refusal[];
}

/** The existing item of a VM: its vault and its protection state. */
export interface ExistingReplication {
  readonly vault: string;
  readonly itemId: string;
  readonly protectionState: string;
}

/** The options for a source. */
export interface Choices {
  /** The subscriptions of the tenant; the source subscription comes first. */
  readonly subscriptions: readonly SubscriptionFacts[];
  /** Includes the source region only when replication from zone to zone is possible there. */
  readonly regions: readonly RegionFacts[];
  readonly cacheStorageAccounts: readonly StorageAccountFacts[];
  /** Null while the query has no target region. */
  readonly target: TargetChoices | null;
}

/** The options for a target region. */
export interface TargetChoices {
  /** Groups in the target region come first; groups in the source region are not allowed. */
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly diskStorageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly zones: readonly string[];
  readonly placementGroups: readonly PlacementGroupFacts[];
  /** For classic VMs. Networks and storage accounts are then classic too. */
  readonly cloudServices: readonly CloudServiceFacts[];
}
