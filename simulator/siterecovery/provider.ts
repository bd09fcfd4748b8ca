// The interface of a replication provider. All differences between providers belong behind it.

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

/** The item after an effect, and the outcome for the job. */
export interface EffectResult extends ChangeOutcome {
  /** `gone`: the item no longer exists. */
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

/** A provider's own part of fabrics, policies and mappings. */
export interface ProviderConfiguration {
  readonly fabricType: string;
  /** The name of this provider in a fabric or a network mapping. */
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
  /** Parses a body. The server refuses an unreadable body before it accepts anything. */
  readBody(operation: string, body: unknown): BodyResult;
  /** Returns the new item for this input. */
  newItem(name: string, place: ContainerPath, policy: string, input: ProviderInput, vault: Vault): NewItem;
  /** Returns the problem that an accepted write's job will find, or undefined. */
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
  /** Parses a plan operation's body into the input for each machine's job. */
  planInput(operation: string, body: unknown): BodyResult;
  memberInput(operation: string, item: ItemRecord, input: ProviderInput, vault: Vault): ProviderInput;
  /** Returns the input of a portal user that accepts all suggestions. */
  portalInput(operation: string, item: ItemRecord, vault: Vault, now: number): ProviderInput;
  /** Returns `properties` of the item as the API shows them, with its health. */
  properties(item: ItemRecord, vault: Vault, now: number): Record<string, unknown>;
  health(item: ItemRecord, vault: Vault, now: number): ItemHealth;
  recoveryPoints(item: ItemRecord, vault: Vault, now: number): RecoveryPoint[];
  targetSizes(item: ItemRecord, vault: Vault): readonly Readonly<Record<string, unknown>>[];
  /** Names and ids for `affectedObjectDetails`. */
  affectedObjects(item: ItemRecord, vault: Vault): Record<string, string>;
  friendlyName(item: ItemRecord): string;
  /** The internal GUID that jobs name as their target. */
  targetObjectId(item: ItemRecord): string;
  /** True when the source sends no data. */
  isSourceUnreachable(item: ItemRecord, vault: Vault): boolean;
  /**
   * The name of the item's consistency group, whose machines share recovery points. Undefined for a
   * single machine.
   */
  consistencyGroup(item: ItemRecord): string | undefined;
  /** The places where the machine runs, for tests that count machines. */
  machines(item: ItemRecord, vault: Vault): readonly { readonly id: string; readonly state: string }[];
  /** Returns the item as if it had replicated since that time. */
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
