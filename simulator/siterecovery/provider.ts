// The interface of a replication provider. All differences between providers belong behind it.

import type { ContainerMappingRecord, ContainerPath, ProviderSettings } from './configuration-records.ts';
import type { ItemRecord, JobError, JobRecord, ProviderDetails, ProviderInput } from './records.ts';
import type { ProviderTable } from './provider-table.ts';
import type { SecondsRange } from './ids.ts';
import type { Vault } from './vault.ts';
import type { ChangeOutcome } from './job-handler.ts';

/** The item after an effect, and the outcome for the job. */
export interface EffectResult extends ChangeOutcome {
  /** `gone`: the item no longer exists. */
  readonly item: ItemRecord | 'gone';
}

/** Methods, not functions: so the compiler accepts a provider of special items as a `Provider`. */
interface ItemFunctions<Details extends ProviderDetails, Input extends ProviderInput> {
  condition(item: ItemRecord<Details>, input: Input): boolean;
  effect(item: ItemRecord<Details>, vault: Vault, at: number, job: JobRecord | undefined): EffectResult;
}
export type Effect<Details extends ProviderDetails> = ItemFunctions<Details, ProviderInput>['effect'];
export type Effects<Details extends ProviderDetails> = Readonly<Record<string, Effect<Details>>>;

export interface RecoveryPoint {
  readonly name: string;
  readonly time: number;
  readonly type: 'CrashConsistent' | 'AppConsistent';
  readonly details?: Readonly<Record<string, unknown>>;
}

export type BodyResult<Input extends ProviderInput = ProviderInput> =
  { readonly input: Input } | { readonly problem: string };
export type SettingsResult =
  { readonly settings: ProviderSettings } | { readonly problem: string } | { readonly error: JobError };

/** A new item before its first job. */
export interface NewItem<Details extends ProviderDetails = ProviderDetails> {
  readonly target: ContainerPath;
  readonly policy: string;
  readonly details: Details;
}

export interface Provider<
  Details extends ProviderDetails = ProviderDetails,
  Input extends ProviderInput = ProviderInput,
> {
  readonly instanceType: string;
  readonly table: ProviderTable;
  /** How long a container mapping takes. Default: the time of Azure regions. */
  readonly mappingSeconds?: SecondsRange;
  readPolicy(input: unknown, before: ProviderSettings | undefined): SettingsResult;
  readMapping(input: unknown, before: ProviderSettings | undefined): SettingsResult;
  /** Returns why these containers cannot be mapped with this policy. Default: they can. */
  mappingError?(mapping: ContainerMappingRecord, vault: Vault): JobError | undefined;
  /** Parses a body. The server refuses an unreadable body before it accepts anything. */
  readBody(operation: string, body: unknown): BodyResult<Input>;
  /**
   * Returns the operation that an action means for this item and this input. Undefined: the action's
   * own name. A planned failover home is an example.
   */
  variantOf?(operation: string, item: ItemRecord<Details>, input: Input): string | undefined;
  /** Returns the new item for this input. */
  newItem(name: string, place: ContainerPath, policy: string, input: Input, vault: Vault): NewItem<Details>;
  /** Returns the problem that an accepted write's job will find, or undefined. */
  preflight(
    operation: string,
    item: ItemRecord<Details>,
    input: Input,
    vault: Vault,
    now: number,
  ): JobError | undefined;
  readonly conditions: Readonly<Record<string, ItemFunctions<Details, Input>['condition']>>;
  readonly effects: Effects<Details>;
  /** Parses a plan operation's body into the input for each machine's job. */
  planInput(operation: string, body: unknown): BodyResult<Input>;
  memberInput(operation: string, item: ItemRecord<Details>, input: Input, vault: Vault): Input;
  /** Returns the input of a portal user that accepts all suggestions. */
  portalInput(operation: string, item: ItemRecord<Details>, vault: Vault, now: number): Input;
  /** Returns `properties` of the item as the API shows them, with its health. */
  properties(item: ItemRecord<Details>, vault: Vault, now: number): Record<string, unknown>;
  health(item: ItemRecord<Details>, vault: Vault, now: number): ItemHealth;
  recoveryPoints(item: ItemRecord<Details>, vault: Vault, now: number): RecoveryPoint[];
  targetSizes(item: ItemRecord<Details>, vault: Vault): readonly Readonly<Record<string, unknown>>[];
  /** Names and ids for `affectedObjectDetails`. */
  affectedObjects(item: ItemRecord<Details>, vault: Vault): Record<string, string>;
  /** `providerSpecificDetails` of the item's events. */
  eventDetails(item: ItemRecord<Details>, vault: Vault): Readonly<Record<string, unknown>> | null;
  friendlyName(item: ItemRecord<Details>): string;
  /** The internal GUID that jobs name as their target. */
  targetObjectId(item: ItemRecord<Details>): string;
  /** True when the source sends no data. */
  isSourceUnreachable(item: ItemRecord<Details>, vault: Vault): boolean;
  /**
   * The name of the item's consistency group, whose machines share recovery points. Undefined for a
   * single machine.
   */
  consistencyGroup(item: ItemRecord<Details>): string | undefined;
  /** The places where the machine runs, for tests that count machines. */
  machines(
    item: ItemRecord<Details>,
    vault: Vault,
  ): readonly { readonly id: string; readonly state: string }[];
  /** Returns the item as if it had replicated since that time. */
  replicatedSince(item: ItemRecord<Details>, since: number): ItemRecord<Details>;
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
