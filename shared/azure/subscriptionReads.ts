// What Lifeboat reads of Azure's subscriptions: lists, each for a whole subscription or region,
// however many machines lie in it.
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

export const readSubscriptions = async (): Promise<SubscriptionFacts[]> =>
  (await collectAll((await subscriptionsClient()).subscriptions.list())).map(toSubscription);

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

export const readResourceGroups = async (subscription: string): Promise<ResourceGroupFacts[]> =>
  (await collectAll((await resourcesClient(subscription)).resourceGroups.list())).map(toResourceGroup);

export interface SubscriptionResources {
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly storageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly placementGroups: readonly PlacementGroupFacts[];
}

/** One list each. */
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

/** What a region sells to a subscription. */
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

export const readQuotas = async (subscription: string, region: string): Promise<QuotaFacts[]> =>
  (await collectAll((await computeClient(subscription)).usage.list(region))).map(toQuota);

const indexById = <T extends { readonly id?: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((resource) => [resource.id?.toLowerCase() ?? '', resource]));

export interface ReadVmsInput {
  readonly subscription: string;
  /** Those whose state must be known exactly, by id in lower case. */
  readonly exactStateIds: ReadonlySet<string>;
  readonly includesClassic: boolean;
  readonly storageAccounts: readonly StorageAccountFacts[];
  /** Which of the subscription's machines are wanted. */
  readonly isWanted: (vm: {
    readonly id: string;
    readonly region: string;
    readonly resourceGroup: string;
  }) => boolean;
}

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
    // The list of models tells no state, and that of states no models.
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
 * The list of states always tells the power. Whether the agent answers it may leave out; that is
 * then asked of each machine that was
 * named and runs, and of no other: for the rest it stays unknown.
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
 * The list of resources tells no properties, so each is read; where there is anything classic at
 * all, there is little.
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

/** The SDKs know no client for the classic model. */
export async function readClassicResource(id: string) {
  const provider = /\/providers\/Microsoft\.(\w+)\//i.exec(id)?.[1]?.toLowerCase() ?? '';
  return (await resourcesClient(subscriptionOf(id))).resources.getById(
    id.slice(1),
    CLASSIC_VERSIONS[provider] ?? '2017-04-01',
  );
}

export type ClassicFacts = Pick<AzureFacts, 'networks' | 'storageAccounts' | 'cloudServices'>;

/** What of the classic model VMs of it can come up in. */
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

/** Of these names, those that some storage account of Azure has already. */
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
