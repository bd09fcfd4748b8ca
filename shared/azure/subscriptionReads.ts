// Reads lists of whole subscriptions or regions for previews and choices. The number of list reads
// does not depend on the number of VMs.
import type { Disk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import type {
  AvailabilitySetFacts,
  AzureFacts,
  NetworkFacts,
  PlacementGroupFacts,
  QuotaFacts,
  RegionFacts,
  ResourceGroupFacts,
  SecurityGroupFacts,
  SourceVm,
  StorageAccountFacts,
  SubscriptionFacts,
} from './facts.ts';
import { resourceGroupNameOf, nameOf, regionName, subscriptionOf } from '../core/armId.ts';
import {
  collectAll,
  computeClient,
  networkClient,
  undefinedIfNotFound,
  resourcesClient,
  mapLimited,
  storageClient,
  subscriptionsClient,
} from './clients.ts';
import {
  regionsOffering,
  toAvailabilitySet,
  toNetwork,
  toPlacementGroup,
  toQuota,
  toRegion,
  toResourceGroup,
  toSecurityGroup,
  toSetLimit,
  toSize,
  toStorageAccount,
  toSubscription,
} from './resourceFacts.ts';
import { toClassicAccount, toClassicNetwork, toClassicVm, toCloudService } from './classic.ts';
import { powerStateOf, toVm, type RelatedResources } from './vmFacts.ts';

/** Returns all subscriptions that Lifeboat can see. */
export const readSubscriptions = async (): Promise<SubscriptionFacts[]> =>
  (await collectAll((await subscriptionsClient()).subscriptions.list())).map(toSubscription);

/** Returns the physical regions of a subscription. */
export async function readRegions(subscription: string): Promise<RegionFacts[]> {
  const [locations, provider] = await Promise.all([
    collectAll((await subscriptionsClient()).subscriptions.listLocations(subscription)),
    (await resourcesClient(subscription)).providers.get('Microsoft.RecoveryServices'),
  ]);
  const vaultsIn = regionsOffering(provider, 'vaults');
  return locations
    .filter(({ metadata }) => metadata?.regionType !== 'Logical')
    .map((location) => toRegion(location, vaultsIn));
}

/** Returns all resource groups of a subscription. */
export const readResourceGroups = async (subscription: string): Promise<ResourceGroupFacts[]> =>
  (await collectAll((await resourcesClient(subscription)).resourceGroups.list())).map(toResourceGroup);

/** The resources of one subscription that a preview can use. */
export interface SubscriptionResources {
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly storageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly placementGroups: readonly PlacementGroupFacts[];
}

/** Reads the resources of a subscription, with one list for each type. */
export async function readSubscriptionResources(subscription: string): Promise<SubscriptionResources> {
  const [computeApi, networkApi, storageApi] = await Promise.all([
    computeClient(subscription),
    networkClient(subscription),
    storageClient(subscription),
  ]);
  const [resourceGroups, networks, securityGroups, storageAccounts, availabilitySets, placementGroups] =
    await Promise.all([
      readResourceGroups(subscription),
      collectAll(networkApi.virtualNetworks.listAll()),
      collectAll(networkApi.networkSecurityGroups.listAll()),
      collectAll(storageApi.storageAccounts.list()),
      collectAll(computeApi.availabilitySets.listBySubscription()),
      collectAll(computeApi.proximityPlacementGroups.listBySubscription()),
    ]);
  return {
    resourceGroups,
    networks: networks.map(toNetwork),
    securityGroups: securityGroups.map(toSecurityGroup),
    storageAccounts: storageAccounts.map(toStorageAccount),
    availabilitySets: availabilitySets.map(toAvailabilitySet),
    placementGroups: placementGroups.map(toPlacementGroup),
  };
}

/** Reads the VM sizes and set limits that a region offers to a subscription. */
export async function readRegionOffers(
  subscription: string,
  region: string,
): Promise<Pick<AzureFacts, 'sizes' | 'setLimits'>> {
  const skus = await collectAll(
    (await computeClient(subscription)).resourceSkus.list({ filter: `location eq '${region}'` }),
  );
  return {
    sizes: skus.flatMap((sku) => toSize(sku, region) ?? []),
    setLimits: skus.flatMap((sku) => toSetLimit(sku, region) ?? []),
  };
}

/** Returns the compute quotas of a subscription in a region. */
export const readQuotas = async (subscription: string, region: string): Promise<QuotaFacts[]> =>
  (await collectAll((await computeClient(subscription)).usage.list(region))).map(toQuota);

const indexById = <T extends { readonly id?: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((resource) => [resource.id?.toLowerCase() ?? '', resource]));

export interface ReadVmsInput {
  readonly subscription: string;
  /** The ids of the VMs that need an exact agent state, in lower case. */
  readonly exactStateIds: ReadonlySet<string>;
  readonly includesClassic: boolean;
  readonly storageAccounts: readonly StorageAccountFacts[];
  /** Selects the VMs that the caller needs. */
  readonly isWanted: (vm: {
    readonly id: string;
    readonly region: string;
    readonly resourceGroup: string;
  }) => boolean;
}

/** Returns the selected VMs of a subscription with their state, disks and network interfaces. */
export async function readVms({
  subscription,
  exactStateIds,
  includesClassic,
  storageAccounts,
  isWanted,
}: ReadVmsInput): Promise<SourceVm[]> {
  const client = await computeClient(subscription);
  const [machines, states, disks, nics, classicVms] = await Promise.all([
    collectAll(client.virtualMachines.listAll()),
    // The list of models contains no states, and the list of states contains no models.
    collectAll(client.virtualMachines.listAll({ statusOnly: 'true' })),
    collectAll(client.disks.list()),
    readNics(subscription),
    includesClassic ? listClassicResources(subscription, 'Microsoft.ClassicCompute/virtualMachines') : [],
  ]);
  const related: RelatedResources = {
    disks: indexById<Disk>(disks),
    nics: indexById(nics),
    storageAccountIds: new Map(storageAccounts.map(({ name, id }) => [name, id])),
  };
  const wantedVms = machines.filter(({ id = '', location }) =>
    isWanted({ id, region: regionName(location), resourceGroup: resourceGroupNameOf(id) }),
  );
  const views = await readInstanceViews(subscription, wantedVms, indexById(states), exactStateIds);
  return [
    ...wantedVms.map((machine) => toVm(machine, views.get(machine.id?.toLowerCase() ?? ''), related)),
    ...classicVms.map((machine) => toClassicVm(machine, related)).filter(isWanted),
  ];
}

const readNics = async (subscription: string): Promise<NetworkInterface[]> =>
  collectAll((await networkClient(subscription)).networkInterfaces.listAll());

/**
 * The list of states always contains the power state, but may omit the agent state. The code then
 * reads the agent state of each VM in `exactStateIds` that runs. For all other VMs the agent state
 * stays unknown.
 */
async function readInstanceViews(
  subscription: string,
  machines: readonly VirtualMachine[],
  states: ReadonlyMap<string, VirtualMachine>,
  exactStateIds: ReadonlySet<string>,
) {
  const views = new Map<string, VirtualMachineInstanceView | undefined>(
    machines.map(({ id }) => [id?.toLowerCase() ?? '', states.get(id?.toLowerCase() ?? '')?.instanceView]),
  );
  const agentUnknown = [...views].filter(
    ([id, view]) =>
      exactStateIds.has(id) &&
      view?.vmAgent === undefined &&
      (view === undefined || powerStateOf(view) === 'running'),
  );
  const client = await computeClient(subscription);
  await mapLimited(agentUnknown, async ([id]) =>
    views.set(
      id,
      await undefinedIfNotFound(client.virtualMachines.instanceView(resourceGroupNameOf(id), nameOf(id))),
    ),
  );
  return views;
}

/**
 * The list of resources contains no properties, so the code reads each resource. Subscriptions have
 * few classic resources.
 */
async function listClassicResources(subscription: string, type: string) {
  const listed = await collectAll(
    (await resourcesClient(subscription)).resources.list({ filter: `resourceType eq '${type}'` }),
  );
  return mapLimited(listed, ({ id = '' }) => readClassicResource(id));
}

const CLASSIC_VERSIONS: Readonly<Record<string, string>> = {
  classiccompute: '2017-04-01',
  classicnetwork: '2016-11-01',
  classicstorage: '2016-11-01',
};

/** Reads a classic resource through the generic client, because the SDKs have no classic client. */
export async function readClassicResource(id: string) {
  const provider = /\/providers\/Microsoft\.(\w+)\//i.exec(id)?.[1]?.toLowerCase() ?? '';
  return (await resourcesClient(subscriptionOf(id))).resources.getById(
    id.slice(1),
    CLASSIC_VERSIONS[provider] ?? '2017-04-01',
  );
}

/** The classic resources that a classic VM can come up in. */
export type ClassicFacts = Pick<AzureFacts, 'networks' | 'storageAccounts' | 'cloudServices'>;

/** Reads the classic networks, storage accounts and cloud services of a subscription. */
export async function readClassicFacts(subscription: string): Promise<ClassicFacts> {
  const [networks, accounts, services] = await Promise.all([
    listClassicResources(subscription, 'Microsoft.ClassicNetwork/virtualNetworks'),
    listClassicResources(subscription, 'Microsoft.ClassicStorage/storageAccounts'),
    listClassicResources(subscription, 'Microsoft.ClassicCompute/domainNames'),
  ]);
  return {
    networks: networks.map(toClassicNetwork),
    storageAccounts: accounts.map(toClassicAccount),
    cloudServices: services.map(toCloudService),
  };
}

/** Returns the names that a storage account anywhere in Azure already has. */
export async function findUsedAccountNames(
  subscription: string,
  names: readonly string[],
): Promise<string[]> {
  const client = (await storageClient(subscription)).storageAccounts;
  const answers = await mapLimited(names, async (name) => ({
    name,
    isFree:
      (await client.checkNameAvailability({ name, type: 'Microsoft.Storage/storageAccounts' }))
        .nameAvailable === true,
  }));
  return answers.filter(({ isFree }) => !isFree).map(({ name }) => name);
}
