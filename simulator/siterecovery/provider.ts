// What differs by provider, behind one interface.

import type {
  FabricRecord,
  NetworkMappingRecord,
  ProviderSettings,
  ContainerPath,
} from './configuration-records.ts';
import type { ItemRecord, JobError, JobRecord, ProviderDetails, ProviderInput } from './records.ts';
import type { ProviderTable } from './provider-table.ts';
import type { Vault } from './vault.ts';
import type { ChangeOutcome } from './job-handler.ts';

/** What an effect makes of the item, and what the job has to tell of it. */
export interface EffectResult extends ChangeOutcome {
  /** `gone`: there is no such item any more. */
  readonly item: ItemRecord | 'gone';
}

export interface RecoveryPoint {
  readonly name: string;
  readonly time: number;
  readonly type: 'CrashConsistent' | 'AppConsistent';
  readonly details: Readonly<Record<string, unknown>>;
}

export type BodyResult = { readonly input: ProviderInput } | { readonly problem: string };
export type SettingsResult =
  { readonly settings: ProviderSettings } | { readonly problem: string } | { readonly error: JobError };

/** A new item before its first job. */
export interface NewItem {
  readonly target: ContainerPath;
  readonly policy: string;
  readonly details: ProviderDetails;
}

/** The things of the ground that a provider has its own view of. */
export interface ProviderConfiguration {
  readonly fabricType: string;
  /** What a fabric or a network mapping calls this provider. */
  readonly fabricInstance: string;
  readonly networkInstance: string;
  readFabric(customDetails: unknown, vault: Vault): SettingsResult;
  readPolicy(input: unknown, before: ProviderSettings | undefined): SettingsResult;
  readMapping(input: unknown, before: ProviderSettings | undefined): SettingsResult;
  readNetworkMapping(
    input: unknown,
  ):
    { readonly primaryNetworkId: string; readonly settings: ProviderSettings } | { readonly problem: string };
  fabricName(fabric: FabricRecord, vault: Vault): string;
  fabricDetails(fabric: FabricRecord, vault: Vault, inList: boolean): Readonly<Record<string, unknown>>;
  networkDetails(mapping: NetworkMappingRecord, vault: Vault): Readonly<Record<string, unknown>>;
}

export interface Provider {
  readonly instanceType: string;
  readonly table: ProviderTable;
  readonly configuration: ProviderConfiguration;
  /** A body that cannot be read is refused before anything is accepted. */
  readBody(operation: string, body: unknown): BodyResult;
  /** What an item will be that is protected with this input. */
  newItem(name: string, place: ContainerPath, policy: string, input: ProviderInput, vault: Vault): NewItem;
  /** What the job will find wrong with a write that was accepted. */
  preflight(
    operation: string,
    item: ItemRecord,
    input: ProviderInput,
    vault: Vault,
    now: number,
  ): JobError | undefined;
  readonly conditions: Readonly<Record<string, (item: ItemRecord, input: ProviderInput) => boolean>>;
  readonly effects: Readonly<
    Record<string, (item: ItemRecord, vault: Vault, at: number, job: JobRecord | undefined) => EffectResult>
  >;
  /** What a machine's job asks for when a plan's operation asked for this. */
  planInput(operation: string, body: unknown): BodyResult;
  memberInput(operation: string, item: ItemRecord, input: ProviderInput, vault: Vault): ProviderInput;
  /** What somebody asks for who does this in the portal and changes nothing of what it suggests. */
  portalInput(operation: string, item: ItemRecord, vault: Vault, now: number): ProviderInput;
  /** `properties` of the item as the API shows them, and what is wrong with it. */
  properties(item: ItemRecord, vault: Vault, now: number): Record<string, unknown>;
  health(item: ItemRecord, vault: Vault, now: number): ItemHealth;
  recoveryPoints(item: ItemRecord, vault: Vault, now: number): RecoveryPoint[];
  targetSizes(item: ItemRecord, vault: Vault): readonly Readonly<Record<string, unknown>>[];
  /** Names and ids for `affectedObjectDetails`. */
  affectedObjects(item: ItemRecord, vault: Vault): Record<string, string>;
  friendlyName(item: ItemRecord): string;
  /** The internal GUID that jobs name as their target. */
  targetObjectId(item: ItemRecord): string;
  /** Nothing comes from the source. */
  isSourceUnreachable(item: ItemRecord, vault: Vault): boolean;
  /** The machines that share their recovery points with this one; one alone is no group. */
  consistencyGroup(item: ItemRecord): string | undefined;
  /** Where the machine runs, for those who count machines. */
  machines(item: ItemRecord, vault: Vault): readonly { readonly id: string; readonly state: string }[];
  /** The item as if it had replicated since then. */
  replicatedSince(item: ItemRecord, since: number): ItemRecord;
  readonly operatingSystems: readonly Readonly<Record<string, unknown>>[];
}

export interface HealthError {
  readonly errorSource: string;
  readonly errorType: string;
  readonly errorLevel: 'Warning' | 'Error';
  readonly errorCategory: string;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly possibleCauses: string;
  readonly recommendedAction: string;
  readonly since: number;
}

export type Health = 'Normal' | 'Warning' | 'Critical';

export interface ItemHealth {
  readonly replication: Health;
  readonly failover: Health;
  readonly errors: readonly HealthError[];
}
