// The interface of a kind of fabric: an Azure region, a Hyper-V site. A kind of fabric can serve
// several providers.

import type {
  ContainerMappingRecord,
  ContainerPath,
  ContainerRecord,
  FabricRecord,
  NetworkMappingRecord,
  OnPremisesServer,
  PolicyRecord,
  ProviderSettings,
} from './configuration-records.ts';
import type { SecondsRange } from './ids.ts';
import type { SettingsResult } from './provider.ts';
import type { JobError } from './records.ts';
import type { Vault } from './vault.ts';

export type NetworkMappingResult =
  { readonly primaryNetworkId: string; readonly settings: ProviderSettings } | { readonly problem: string };

/** A server that connects a fabric to Site Recovery. */
export interface ServicesProvider {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The server of a company's own site. Clients can remove its registration. */
  readonly server?: OnPremisesServer;
}

/** A machine of a fabric that can replicate. */
export interface ProtectableItem {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A network, a logical network or a storage classification of a fabric. */
export interface FabricResource {
  readonly name: string;
  readonly properties: { readonly friendlyName: string; readonly [property: string]: unknown };
}

type ListFabricResources = (fabric: FabricRecord, vault: Vault) => readonly FabricResource[];

export interface FabricKind {
  /** The name of the kind in a fabric's details. */
  readonly instanceType: string;
  readonly fabricType: string;
  /** How long the creation takes. Default: the time of an Azure region. */
  readonly createSeconds?: SecondsRange;
  /** `name` is the name of the new fabric, for kinds that allow no second fabric of a place. */
  readFabric(customDetails: unknown, name: string, vault: Vault): SettingsResult;
  readNetworkMapping(input: unknown): NetworkMappingResult;
  fabricName(fabric: FabricRecord, vault: Vault): string;
  fabricDetails(
    fabric: FabricRecord,
    vault: Vault,
    inList: boolean,
    now: number,
  ): Readonly<Record<string, unknown>>;
  networkDetails(mapping: NetworkMappingRecord, vault: Vault): Readonly<Record<string, unknown>>;
  /**
   * The container that appears and goes with its fabric. Clients cannot create containers of such a
   * fabric. Undefined: clients create the containers.
   */
  ownContainer(fabric: FabricRecord, vault: Vault): ContainerRecord | undefined;
  /** The fabric's server reports its containers. Clients cannot create any. */
  readonly containersAreReported?: true;
  /** The fabric's own networks. Default: the networks of a mapping are networks of Azure. */
  readonly networks?: ListFabricResources;
  readonly logicalNetworks?: ListFabricResources;
  readonly storageClassifications?: ListFabricResources;
  /** Returns why a mapping of the fabric's own networks is impossible. */
  networkMappingError?(mapping: NetworkMappingRecord, vault: Vault): JobError | undefined;
  /** Connects the existing replicas after a mapping of networks was made or changed. */
  connectReplicas?(mapping: NetworkMappingRecord, vault: Vault): void;
  servicesProviders(fabric: FabricRecord, vault: Vault, now: number): readonly ServicesProvider[];
  /** The present faults of the fabric's servers. Default: nothing. */
  healthErrors?(
    fabric: FabricRecord,
    vault: Vault,
    now: number,
  ): readonly Readonly<Record<string, unknown>>[];
  /** Returns the name of an item that needs this registered server. */
  serverUser?(server: OnPremisesServer, fabric: string, vault: Vault): string | undefined;
  /** Returns the name of a server without which the fabric cannot go. Default: servers go with it. */
  removalBlocker?(fabric: FabricRecord, vault: Vault): string | undefined;
  protectableItems(place: ContainerPath, vault: Vault): readonly ProtectableItem[];
  /** What the service itself creates with a container mapping, such as the way home. */
  createdWithMapping?(mapping: ContainerMappingRecord, vault: Vault): MappingCompanions;
}

export interface MappingCompanions {
  readonly policies: readonly PolicyRecord[];
  readonly mappings: readonly ContainerMappingRecord[];
}

export type FabricKinds = Readonly<Record<string, FabricKind>>;
