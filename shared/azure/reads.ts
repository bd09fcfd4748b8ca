// What Lifeboat reads of Azure's subscriptions: lists, each for a whole subscription or region,
// however many machines lie in it.
import type { Disk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import type {
  AvailabilitySetFacts,
  Facts,
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
import { groupNameOf, nameOf, regionName, subscriptionOf } from '../core/armId.ts';
import {
  all,
  compute,
  network,
  orUndefined,
  resources,
  someAtATime,
  storage,
  subscriptions,
} from './clients.ts';
import {
  offeredIn,
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
import { powerOf, toVm, type Surroundings } from './machineFacts.ts';

export const readSubscriptions = async (): Promise<SubscriptionFacts[]> =>
  (await all((await subscriptions()).subscriptions.list())).map(toSubscription);

export async function readRegions(subscription: string): Promise<RegionFacts[]> {
  const [locations, provider] = await Promise.all([
    all((await subscriptions()).subscriptions.listLocations(subscription)),
    (await resources(subscription)).providers.get('Microsoft.RecoveryServices'),
  ]);
  const vaultsIn = offeredIn(provider, 'vaults');
  return locations
    .filter(({ metadata }) => metadata?.regionType !== 'Logical')
    .map((location) => toRegion(location, vaultsIn));
}

export const readResourceGroups = async (subscription: string): Promise<ResourceGroupFacts[]> =>
  (await all((await resources(subscription)).resourceGroups.list())).map(toResourceGroup);

export interface Ground {
  readonly resourceGroups: readonly ResourceGroupFacts[];
  readonly networks: readonly NetworkFacts[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly storageAccounts: readonly StorageAccountFacts[];
  readonly availabilitySets: readonly AvailabilitySetFacts[];
  readonly placementGroups: readonly PlacementGroupFacts[];
}

/** One list each. */
export async function readGround(subscription: string): Promise<Ground> {
  const [computing, networking, storing] = await Promise.all([
    compute(subscription),
    network(subscription),
    storage(subscription),
  ]);
  const [resourceGroups, networks, securityGroups, storageAccounts, availabilitySets, placementGroups] =
    await Promise.all([
      readResourceGroups(subscription),
      all(networking.virtualNetworks.listAll()),
      all(networking.networkSecurityGroups.listAll()),
      all(storing.storageAccounts.list()),
      all(computing.availabilitySets.listBySubscription()),
      all(computing.proximityPlacementGroups.listBySubscription()),
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
export async function readOffers(
  subscription: string,
  region: string,
): Promise<Pick<Facts, 'sizes' | 'setLimits'>> {
  const skus = await all(
    (await compute(subscription)).resourceSkus.list({ filter: `location eq '${region}'` }),
  );
  return {
    sizes: skus.flatMap((sku) => toSize(sku, region) ?? []),
    setLimits: skus.flatMap((sku) => toSetLimit(sku, region) ?? []),
  };
}

export const readQuotas = async (subscription: string, region: string): Promise<QuotaFacts[]> =>
  (await all((await compute(subscription)).usage.list(region))).map(toQuota);

const byId = <T extends { readonly id?: string }>(list: readonly T[]): ReadonlyMap<string, T> =>
  new Map(list.map((one) => [one.id?.toLowerCase() ?? '', one]));

export interface VmQuestion {
  readonly subscription: string;
  /** Those whose state must be known exactly, by id in lower case. */
  readonly named: ReadonlySet<string>;
  readonly classic: boolean;
  readonly storageAccounts: readonly StorageAccountFacts[];
  /** Which of the subscription's machines are wanted. */
  readonly wanted: (vm: {
    readonly id: string;
    readonly region: string;
    readonly resourceGroup: string;
  }) => boolean;
}

export async function readVms({
  subscription,
  named,
  classic,
  storageAccounts,
  wanted,
}: VmQuestion): Promise<SourceVm[]> {
  const client = await compute(subscription);
  const [machines, states, disks, nics, classicVms] = await Promise.all([
    all(client.virtualMachines.listAll()),
    // The list of models tells no state, and that of states no models.
    all(client.virtualMachines.listAll({ statusOnly: 'true' })),
    all(client.disks.list()),
    readNics(subscription),
    classic ? readClassic(subscription, 'Microsoft.ClassicCompute/virtualMachines') : [],
  ]);
  const around: Surroundings = {
    disks: byId<Disk>(disks),
    nics: byId(nics),
    storageAccountIds: new Map(storageAccounts.map(({ name, id }) => [name, id])),
  };
  const asked = machines.filter(({ id = '', location }) =>
    wanted({ id, region: regionName(location), resourceGroup: groupNameOf(id) }),
  );
  const views = await viewsOf(subscription, asked, byId(states), named);
  return [
    ...asked.map((machine) => toVm(machine, views.get(machine.id?.toLowerCase() ?? ''), around)),
    ...classicVms.map((machine) => toClassicVm(machine, around)).filter(wanted),
  ];
}

const readNics = async (subscription: string): Promise<NetworkInterface[]> =>
  all((await network(subscription)).networkInterfaces.listAll());

/**
 * The list of states always tells the power. Whether the agent answers it may leave out; that is
 * then asked of each machine that was
 * named and runs, and of no other: for the rest it stays unknown.
 */
async function viewsOf(
  subscription: string,
  machines: readonly VirtualMachine[],
  states: ReadonlyMap<string, VirtualMachine>,
  named: ReadonlySet<string>,
) {
  const views = new Map<string, VirtualMachineInstanceView | undefined>(
    machines.map(({ id }) => [id?.toLowerCase() ?? '', states.get(id?.toLowerCase() ?? '')?.instanceView]),
  );
  const silent = [...views].filter(
    ([id, view]) =>
      named.has(id) && view?.vmAgent === undefined && (view === undefined || powerOf(view) === 'running'),
  );
  const client = await compute(subscription);
  await someAtATime(silent, async ([id]) =>
    views.set(id, await orUndefined(client.virtualMachines.instanceView(groupNameOf(id), nameOf(id)))),
  );
  return views;
}

/**
 * The list of resources tells no properties, so each is read; where there is anything classic at
 * all, there is little.
 */
async function readClassic(subscription: string, type: string) {
  const listed = await all(
    (await resources(subscription)).resources.list({ filter: `resourceType eq '${type}'` }),
  );
  return someAtATime(listed, ({ id = '' }) => readClassicOne(id));
}

const CLASSIC_VERSIONS: Readonly<Record<string, string>> = {
  classiccompute: '2017-04-01',
  classicnetwork: '2016-11-01',
  classicstorage: '2016-11-01',
};

/** The SDKs know no client for the classic model. */
export async function readClassicOne(id: string) {
  const provider = /\/providers\/Microsoft\.(\w+)\//i.exec(id)?.[1]?.toLowerCase() ?? '';
  return (await resources(subscriptionOf(id))).resources.getById(
    id.slice(1),
    CLASSIC_VERSIONS[provider] ?? '2017-04-01',
  );
}

export type ClassicGround = Pick<Facts, 'networks' | 'storageAccounts' | 'cloudServices'>;

/** What of the classic model VMs of it can come up in. */
export async function readClassicGround(subscription: string): Promise<ClassicGround> {
  const [networks, accounts, services] = await Promise.all([
    readClassic(subscription, 'Microsoft.ClassicNetwork/virtualNetworks'),
    readClassic(subscription, 'Microsoft.ClassicStorage/storageAccounts'),
    readClassic(subscription, 'Microsoft.ClassicCompute/domainNames'),
  ]);
  return {
    networks: networks.map(toClassicNetwork),
    storageAccounts: accounts.map(toClassicAccount),
    cloudServices: services.map(toCloudService),
  };
}

/** Of these names, those that some storage account of Azure has already. */
export async function takenAccountNames(subscription: string, names: readonly string[]): Promise<string[]> {
  const client = (await storage(subscription)).storageAccounts;
  const answers = await someAtATime(names, async (name) => ({
    name,
    free:
      (await client.checkNameAvailability({ name, type: 'Microsoft.Storage/storageAccounts' }))
        .nameAvailable === true,
  }));
  return answers.filter(({ free }) => !free).map(({ name }) => name);
}
