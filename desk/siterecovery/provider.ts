// What differs by provider, behind one interface.

import type { EstateItem } from '../estates/schema.ts';
import type { ItemRecord, JobError, JobRecord, OperationInput, ProviderDetails } from './records.ts';
import type { ProviderTable } from './table.ts';
import type { VaultWorld } from './world.ts';

/** What an effect makes of the item, and what the job has to tell of it. */
export interface Effect {
  readonly item: ItemRecord;
  readonly outcome?: Readonly<Record<string, unknown>>;
}

export interface RecoveryPoint {
  readonly name: string;
  readonly time: number;
  readonly type: 'CrashConsistent' | 'AppConsistent';
}

export type ReadBody = { readonly input: OperationInput } | { readonly problem: string };

export interface Provider {
  readonly table: ProviderTable;
  /** The provider's part of an item that replicates since `protectedSince`. */
  enrol(item: EstateItem, protectedSince: number): ProviderDetails;
  /** A body that cannot be read is refused before anything is accepted. */
  readBody(operation: string, body: unknown): ReadBody;
  /** What the job will find wrong with a write that was accepted. */
  preflight(operation: string, item: ItemRecord, input: OperationInput, vault: VaultWorld, now: number): JobError | undefined;
  readonly conditions: Readonly<Record<string, (item: ItemRecord, input: OperationInput) => boolean>>;
  readonly effects: Readonly<Record<string, (item: ItemRecord, vault: VaultWorld, at: number, job: JobRecord | undefined) => Effect>>;
  /** `properties` of the item as the API shows them. */
  properties(item: ItemRecord, vault: VaultWorld, now: number): Record<string, unknown>;
  recoveryPoints(item: ItemRecord, vault: VaultWorld, now: number): RecoveryPoint[];
  /** Names and ids for `affectedObjectDetails`. */
  affectedObjects(item: ItemRecord, vault: VaultWorld): Record<string, string>;
  /** The internal GUID that jobs name as their target. */
  targetObjectId(item: ItemRecord): string;
  /** Where the machine runs, for those who count machines. */
  machines(item: ItemRecord, vault: VaultWorld): readonly { readonly id: string; readonly state: string }[];
}
