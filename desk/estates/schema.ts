// What an estate file may say: a small world of Azure with its vaults and replicated machines. What it refers to must be in it.

import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,89}$/, 'letters, digits, dots, hyphens and underscores, up to 90');
const regionName = z.string().regex(/^[a-z0-9]+$/, "Azure's short name, for example eastasia");

const region = z.strictObject({ name: regionName, displayName: z.string(), zones: z.array(z.string()).default([]) });
const subscription = z.strictObject({ id: z.uuid(), name: z.string() });
const resourceGroup = z.strictObject({ name, subscription: z.string(), region: regionName });
const network = z.strictObject({ name, resourceGroup: name, subnets: z.array(name).min(1) });
const storageAccount = z.strictObject({ name, resourceGroup: name });

const disk = z.strictObject({
  name,
  sizeInGb: z.int().min(1),
  accountType: z.enum(['Standard_LRS', 'StandardSSD_LRS', 'Premium_LRS']),
});

const virtualMachine = z.strictObject({
  name,
  resourceGroup: name,
  size: z.string(),
  osType: z.enum(['Windows', 'Linux']),
  generation: z.enum(['V1', 'V2']).default('V2'),
  /** The first disk holds the operating system. */
  disks: z.array(disk).min(1),
  nic: z.strictObject({ name, network: name, subnet: name, privateAddress: z.ipv4() }),
});

const policy = z.strictObject({
  name,
  recoveryPointHistoryInMinutes: z.int().min(0),
  crashConsistentFrequencyInMinutes: z.int().min(1).default(5),
  appConsistentFrequencyInMinutes: z.int().min(0),
  multiVmSyncStatus: z.enum(['Enabled', 'Disabled']).default('Enabled'),
});

const fabric = z.strictObject({ name, region: regionName, containers: z.array(name).min(1) });
const containerMapping = z.strictObject({ name, from: name, to: name, policy: name });
const networkMapping = z.strictObject({ name, from: name, to: name });

/** One side's place to put what comes over: where the machine and its disks go, and what buffers their changes on the way. */
const side = z.strictObject({ resourceGroup: name, cacheStorageAccount: name });

const protectedItem = z.strictObject({
  name,
  virtualMachine: name,
  /** Where the machine runs before any failover. */
  container: name,
  home: side,
  away: side,
  multiVmGroup: z.string().default(''),
});

const vault = z.strictObject({
  name,
  resourceGroup: name,
  policies: z.array(policy),
  fabrics: z.array(fabric),
  containerMappings: z.array(containerMapping),
  networkMappings: z.array(networkMapping),
  protectedItems: z.array(protectedItem),
});

const estateShape = z.strictObject({
  name,
  tenant: z.uuid(),
  subscriptions: z.array(subscription).min(1),
  regions: z.array(region).min(1),
  resourceGroups: z.array(resourceGroup).min(1),
  networks: z.array(network),
  storageAccounts: z.array(storageAccount),
  virtualMachines: z.array(virtualMachine),
  vaults: z.array(vault).min(1),
});

export type Estate = z.infer<typeof estateShape>;
export type EstateVault = Estate['vaults'][number];
export type EstateItem = EstateVault['protectedItems'][number];
export type EstateMachine = Estate['virtualMachines'][number];
export type EstateFabric = EstateVault['fabrics'][number];
export type EstatePolicy = EstateVault['policies'][number];
export type EstateContainerMapping = EstateVault['containerMappings'][number];
export type EstateNetworkMapping = EstateVault['networkMappings'][number];

type Complain = (path: (string | number)[], message: string) => void;

const namesOf = (things: readonly { name: string }[]): string[] => things.map((thing) => thing.name);

/** Azure's names are one whatever their case; two things of one kind with one name would be one thing. */
function mustDiffer(what: string, names: readonly string[], path: (string | number)[], complain: Complain): void {
  const seen = new Set<string>();
  for (const [index, one] of names.entries()) {
    if (seen.has(one.toLowerCase())) complain([...path, index, 'name'], `a second ${what} named "${one}"`);
    seen.add(one.toLowerCase());
  }
}

function mustKnow(what: string, wanted: string, known: readonly string[], path: (string | number)[], complain: Complain): void {
  if (!known.includes(wanted)) complain(path, `no ${what} named "${wanted}" (there is: ${known.join(', ') || 'none'})`);
}

function checkGround(estate: Estate, complain: Complain): void {
  const groups = namesOf(estate.resourceGroups);
  for (const kind of ['regions', 'resourceGroups', 'networks', 'storageAccounts', 'virtualMachines', 'vaults'] as const) {
    mustDiffer(kind.replace(/s$/, ''), namesOf(estate[kind]), [kind], complain);
  }
  for (const [index, group] of estate.resourceGroups.entries()) {
    mustKnow('subscription', group.subscription, estate.subscriptions.map((one) => one.name), ['resourceGroups', index, 'subscription'], complain);
    mustKnow('region', group.region, namesOf(estate.regions), ['resourceGroups', index, 'region'], complain);
  }
  for (const kind of ['networks', 'storageAccounts', 'virtualMachines', 'vaults'] as const) {
    for (const [index, thing] of estate[kind].entries()) mustKnow('resource group', thing.resourceGroup, groups, [kind, index, 'resourceGroup'], complain);
  }
  const networks = new Map(estate.networks.map((one) => [one.name, one]));
  for (const [index, machine] of estate.virtualMachines.entries()) {
    const path = ['virtualMachines', index, 'nic'];
    mustKnow('network', machine.nic.network, [...networks.keys()], [...path, 'network'], complain);
    mustKnow('subnet', machine.nic.subnet, networks.get(machine.nic.network)?.subnets ?? [], [...path, 'subnet'], complain);
    mustDiffer('disk', namesOf(machine.disks), ['virtualMachines', index, 'disks'], complain);
  }
}

function checkVault(estate: Estate, vault: EstateVault, at: number, complain: Complain): void {
  const path = ['vaults', at];
  const containers = vault.fabrics.flatMap((one) => one.containers);
  const know = (what: string, wanted: string, known: readonly string[], ...below: (string | number)[]) => mustKnow(what, wanted, known, [...path, ...below], complain);
  for (const kind of ['policies', 'fabrics', 'containerMappings', 'networkMappings', 'protectedItems'] as const) {
    mustDiffer(kind, namesOf(vault[kind]), [...path, kind], complain);
  }
  mustDiffer('container', containers, [...path, 'fabrics', 'containers'], complain);
  for (const [index, one] of vault.fabrics.entries()) know('region', one.region, namesOf(estate.regions), 'fabrics', index, 'region');
  for (const [index, one] of vault.containerMappings.entries()) {
    know('container', one.from, containers, 'containerMappings', index, 'from');
    know('container', one.to, containers, 'containerMappings', index, 'to');
    know('policy', one.policy, namesOf(vault.policies), 'containerMappings', index, 'policy');
  }
  for (const [index, one] of vault.networkMappings.entries()) {
    know('network', one.from, namesOf(estate.networks), 'networkMappings', index, 'from');
    know('network', one.to, namesOf(estate.networks), 'networkMappings', index, 'to');
    for (const end of ['from', 'to'] as const) {
      const group = estate.networks.find((network) => network.name === one[end])?.resourceGroup;
      const region = estate.resourceGroups.find((candidate) => candidate.name === group)?.region;
      if (region !== undefined) know('fabric for the region', region, vault.fabrics.map((candidate) => candidate.region), 'networkMappings', index, end);
    }
  }
  for (const [index, one] of vault.protectedItems.entries()) {
    know('virtual machine', one.virtualMachine, namesOf(estate.virtualMachines), 'protectedItems', index, 'virtualMachine');
    know('container mapping from container', one.container, vault.containerMappings.map((mapping) => mapping.from), 'protectedItems', index, 'container');
    for (const where of ['home', 'away'] as const) {
      know('resource group', one[where].resourceGroup, namesOf(estate.resourceGroups), 'protectedItems', index, where, 'resourceGroup');
      know('storage account', one[where].cacheStorageAccount, namesOf(estate.storageAccounts), 'protectedItems', index, where, 'cacheStorageAccount');
    }
  }
}

export const estateSchema = estateShape.superRefine((estate, context) => {
  const complain: Complain = (path, message) => context.addIssue({ code: 'custom', path, message });
  checkGround(estate, complain);
  for (const [index, vault] of estate.vaults.entries()) checkVault(estate, vault, index, complain);
  const replicated = estate.vaults.flatMap((vault) => vault.protectedItems.map((item) => item.virtualMachine));
  for (const machine of new Set(replicated.filter((one, index) => replicated.indexOf(one) !== index))) {
    complain(['vaults'], `virtual machine "${machine}" is replicated twice`);
  }
});
