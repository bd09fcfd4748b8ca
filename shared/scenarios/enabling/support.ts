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
import type * as z from 'zod';
import type {
  Fabric,
  ReplicationProtectedItem,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import type { SiteFacts, SiteMachine } from '../../azure/facts.ts';
import type { VmSettings } from '../../siterecovery/vmSettings.ts';
import type { FindRoleRefusal } from './machineRoles.ts';
import type { EnablingPreview } from './preview.ts';
import type { ReplicationGoal, VaultRequest } from './requestFields.ts';
import type { CurrentSettings, UpdateRequest, UpdateVerdict } from './updateRequest.ts';

/**
 * The enabling of one scenario. `Request` is the request to prepare a vault, with any number of
 * VMs. Functions are methods, so that a caller can hand over the request of any scenario: the goal
 * of a request selects the driver.
 */
export interface EnablingSupport<Request> {
  /** The schema of a request to enable. Commands add their own fields. */
  readonly enableFields: z.ZodObject;
  /** The same with any number of VMs. */
  readonly prepareFields: z.ZodObject;
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
  /** The choice of source VMs in Azure. Null: the machines are on premises. */
  readonly azureSources: AzureSources | null;
  /** Evaluates an update of one replicated VM with these facts. */
  evaluateUpdate(facts: AzureFacts, current: CurrentSettings, request: UpdateRequest): UpdateVerdict;
  /** The sites on premises. Missing: the machines are in Azure. */
  readonly sites?: SiteSupport;
  /** The site of the request, if it exists. Missing: the machines are in Azure. */
  siteOf?(facts: AzureFacts, request: Request): SiteFacts | undefined;
  /** The request with the ids of its machines, where it names them. Missing: requests have only ids. */
  withMachineIds?(facts: AzureFacts, request: Request): Request;
  /** The Azure facts that a preview of the request needs. */
  neededFacts(request: Request): NeededFacts;
  /** A request for machines that replicate already, to read facts about them or to check them. */
  requestOfReplicated(replicated: ReplicatedPath): Request;
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

/** The facts about Azure that a request needs. */
export interface NeededFacts {
  /** The subscriptions of the source VMs. Empty: the machines are on premises. */
  readonly sourceSubscriptions: readonly string[];
  /** Undefined: the subscription of the first source VM. */
  readonly targetSubscription: string | undefined;
  readonly sourceRegion: string | null;
  readonly includesClassic: boolean;
  /** The source VMs to read, among all VMs of a source subscription. */
  readonly isWanted: (vm: VmPlace, subscription: string) => boolean;
  /** The wanted VMs that count, by their details. */
  readonly isListed: (vm: SourceVm) => boolean;
}

/** Lists and options for source VMs in Azure. */
export interface AzureSources {
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
}

/** The place of a source VM. */
export interface VmPlace {
  readonly id: string;
  readonly region: string;
  readonly resourceGroup: string;
}

/** The fields of every request to enable replication. The goal selects the driver that reads the rest. */
export interface CommonRequest {
  readonly goal: ReplicationGoal;
  readonly vault?: VaultRequest | undefined;
  readonly target: { readonly region: string; readonly subscription?: string | undefined };
  /** The ids of the source machines. */
  readonly vms: readonly string[];
}

/** The machines of one vault with the same source and target. */
export interface ReplicatedPath {
  readonly vaultArmId: string;
  readonly from: Location;
  readonly to: Location;
  /** Empty: only the facts about the place are needed. */
  readonly sourceVmIds: readonly string[];
  /** The ARM ids of the items of these machines. */
  readonly itemIds: readonly string[];
}

/** Reads and judges the machines of sites on premises. */
export interface SiteSupport {
  readonly read: SiteReader;
  /** The reasons against the protection of a machine, whatever its target. */
  readonly refusalsOf: (machine: SiteMachine) => readonly Refusal[];
}

/** Reads the sites of a driver's own kind. */
export type SiteReader = (
  client: SiteRecoveryManagementClient,
  at: { readonly vault: string; readonly resourceGroup: string },
  fabrics: readonly Fabric[],
  reads: SiteReads,
) => Promise<readonly SiteFacts[]>;

/** The reads of a reader besides its client. */
export interface SiteReads {
  /** The items of the vault. */
  readonly items: readonly ReplicationProtectedItem[];
  /** Reads all entries of a list in Azure that no SDK knows. A missing list is empty. */
  readonly readList: (id: string, apiVersion: string) => Promise<readonly unknown[]>;
}
