// What must hold between the parts of an environment: names that differ, and references to what is there.

import {
  environmentShape,
  type Environment,
  type EnvironmentMachine,
  type EnvironmentNic,
  type EnvironmentVault,
} from './schema.ts';

type IssuePath = readonly (string | number)[];
export type ReportIssue = (path: (string | number)[], message: string) => void;

/** The names of one kind of thing, to be looked up often. */
class NameSet {
  readonly #what: string;
  readonly #names: ReadonlySet<string>;

  constructor(what: string, names: Iterable<string>) {
    this.#what = what;
    this.#names = new Set(names);
  }

  require(wanted: string | undefined, path: IssuePath, complain: ReportIssue): void {
    if (wanted === undefined || this.#names.has(wanted)) return;
    const some = [...this.#names].slice(0, 20);
    const more = this.#names.size - some.length;
    complain(
      [...path],
      `no ${this.#what} named "${wanted}" (there is: ` +
        `${some.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''})`,
    );
  }
}

const namesOf = (things: readonly { name: string }[]): string[] => things.map((thing) => thing.name);
const nameSet = (what: string, things: readonly { name: string }[]): NameSet =>
  new NameSet(what, namesOf(things));

/** Azure's names are one whatever their case; two things of one kind with one name would be one thing. */
function requireUnique(what: string, names: readonly string[], path: IssuePath, complain: ReportIssue): void {
  const seen = new Set<string>();
  for (const [index, one] of names.entries()) {
    if (seen.has(one.toLowerCase())) complain([...path, index, 'name'], `a second ${what} named "${one}"`);
    seen.add(one.toLowerCase());
  }
}

const GROUPED_KINDS = [
  'networks',
  'securityGroups',
  'storageAccounts',
  'placementGroups',
  'availabilitySets',
  'virtualMachines',
  'cloudServices',
  'classicNetworks',
  'classicStorageAccounts',
  'classicMachines',
  'automationAccounts',
  'vaults',
] as const;
const SINGULAR_NAMES: Readonly<Record<string, string>> = {
  storageAccounts: 'storage account',
  virtualMachines: 'virtual machine',
  automationAccounts: 'automation account',
  resourceGroups: 'resource group',
};

function checkInfrastructure(environment: Environment, complain: ReportIssue): void {
  for (const kind of ['subscriptions', 'regions', 'resourceGroups', ...GROUPED_KINDS] as const) {
    requireUnique(
      SINGULAR_NAMES[kind] ?? kind.replace(/s$/, ''),
      namesOf(environment[kind]),
      [kind],
      complain,
    );
  }
  const subscriptions = nameSet('subscription', environment.subscriptions);
  const regions = nameSet('region', environment.regions);
  const groups = nameSet('resource group', environment.resourceGroups);
  for (const [index, group] of environment.resourceGroups.entries()) {
    subscriptions.require(group.subscription, ['resourceGroups', index, 'subscription'], complain);
    regions.require(group.region, ['resourceGroups', index, 'region'], complain);
  }
  for (const kind of GROUPED_KINDS) {
    for (const [index, thing] of environment[kind].entries())
      groups.require(thing.resourceGroup, [kind, index, 'resourceGroup'], complain);
  }
  const securityGroups = nameSet('security group', environment.securityGroups);
  for (const [index, network] of environment.networks.entries()) {
    for (const [at, subnet] of network.subnets.entries()) {
      if (typeof subnet !== 'string')
        securityGroups.require(
          subnet.securityGroup,
          ['networks', index, 'subnets', at, 'securityGroup'],
          complain,
        );
    }
  }
  const placementGroups = nameSet('placement group', environment.placementGroups);
  for (const [index, set] of environment.availabilitySets.entries())
    placementGroups.require(set.placementGroup, ['availabilitySets', index, 'placementGroup'], complain);
}

function checkClassic(environment: Environment, complain: ReportIssue): void {
  const accounts = nameSet('classic storage account', environment.classicStorageAccounts);
  const networks = nameSet('classic network', environment.classicNetworks);
  for (const [index, { account, network }] of environment.classicMachines.entries()) {
    accounts.require(account, ['classicMachines', index, 'account'], complain);
    networks.require(network?.name, ['classicMachines', index, 'network', 'name'], complain);
    new NameSet(
      'subnet',
      environment.classicNetworks.find(({ name }) => name === network?.name)?.subnets ?? [],
    ).require(network?.subnet, ['classicMachines', index, 'network', 'subnet'], complain);
  }
}

/** Looks machines up in what lies around them. */
class MachineChecker {
  readonly #subnets: ReadonlyMap<string, NameSet>;
  readonly #zones: ReadonlyMap<string, readonly string[]>;
  readonly #regionOfGroup: ReadonlyMap<string, string>;
  readonly #networks: NameSet;
  readonly #securityGroups: NameSet;
  readonly #sets: NameSet;
  readonly #placementGroups: NameSet;
  readonly #accounts: NameSet;

  constructor(environment: Environment) {
    const subnetName = (subnet: string | { name: string }): string =>
      typeof subnet === 'string' ? subnet : subnet.name;
    this.#networks = nameSet('network', environment.networks);
    this.#subnets = new Map(
      environment.networks.map((one) => [one.name, new NameSet('subnet', one.subnets.map(subnetName))]),
    );
    this.#zones = new Map(environment.regions.map((one) => [one.name, one.zones]));
    this.#regionOfGroup = new Map(environment.resourceGroups.map((group) => [group.name, group.region]));
    this.#securityGroups = nameSet('security group', environment.securityGroups);
    this.#sets = nameSet('availability set', environment.availabilitySets);
    this.#placementGroups = nameSet('placement group', environment.placementGroups);
    this.#accounts = nameSet('storage account', environment.storageAccounts);
  }

  check(machine: EnvironmentMachine, path: IssuePath, complain: ReportIssue): void {
    requireUnique('disk', namesOf(machine.disks), [...path, 'disks'], complain);
    this.#checkNic(machine.nic, [...path, 'nic'], complain);
    for (const [index, nic] of machine.otherNics.entries())
      this.#checkNic(nic, [...path, 'otherNics', index], complain);
    this.#accounts.require(machine.unmanagedIn, [...path, 'unmanagedIn'], complain);
    this.#sets.require(machine.availabilitySet, [...path, 'availabilitySet'], complain);
    this.#placementGroups.require(machine.placementGroup, [...path, 'placementGroup'], complain);
    const region = this.#regionOfGroup.get(machine.resourceGroup) ?? '';
    if (machine.zone !== undefined && !(this.#zones.get(region) ?? []).includes(machine.zone))
      complain([...path, 'zone'], `the region ${region} has no zone ${machine.zone}`);
    if (machine.zone !== undefined && machine.availabilitySet !== undefined)
      complain([...path, 'zone'], 'a machine stands in a zone or in an availability set, never in both');
    if (machine.unmanagedIn !== undefined && machine.zone !== undefined)
      complain([...path, 'unmanagedIn'], 'a machine in a zone has managed disks');
  }

  #checkNic(nic: EnvironmentNic, path: IssuePath, complain: ReportIssue): void {
    this.#networks.require(nic.network, [...path, 'network'], complain);
    this.#subnets.get(nic.network)?.require(nic.subnet, [...path, 'subnet'], complain);
    this.#securityGroups.require(nic.securityGroup, [...path, 'securityGroup'], complain);
  }
}

function checkMappings(
  environment: Environment,
  vault: EnvironmentVault,
  path: IssuePath,
  complain: ReportIssue,
): void {
  const containers = new NameSet(
    'container',
    vault.fabrics.flatMap((one) => one.containers),
  );
  const policies = nameSet('policy', vault.policies);
  const networks = nameSet('network', environment.networks);
  const fabricRegions = new NameSet(
    'fabric for the region',
    vault.fabrics.map((one) => one.region),
  );
  for (const [index, one] of vault.containerMappings.entries()) {
    containers.require(one.from, [...path, 'containerMappings', index, 'from'], complain);
    containers.require(one.to, [...path, 'containerMappings', index, 'to'], complain);
    policies.require(one.policy, [...path, 'containerMappings', index, 'policy'], complain);
  }
  for (const [index, one] of vault.networkMappings.entries()) {
    for (const end of ['from', 'to'] as const) {
      networks.require(one[end], [...path, 'networkMappings', index, end], complain);
      const group = environment.networks.find((network) => network.name === one[end])?.resourceGroup;
      fabricRegions.require(
        environment.resourceGroups.find((candidate) => candidate.name === group)?.region,
        [...path, 'networkMappings', index, end],
        complain,
      );
    }
  }
}

/** Site Recovery's own limit of machines that share their recovery points. */
const MAX_GROUP_SIZE = 16;

function checkPlans(vault: EnvironmentVault, path: IssuePath, complain: ReportIssue): void {
  const items = nameSet('replicated item', vault.protectedItems);
  const fabrics = nameSet('fabric', vault.fabrics);
  for (const [index, plan] of vault.recoveryPlans.entries()) {
    const here = [...path, 'recoveryPlans', index];
    for (const end of ['from', 'to'] as const) fabrics.require(plan[end], [...here, end], complain);
    for (const [at, group] of plan.groups.entries())
      for (const item of group) items.require(item, [...here, 'groups', at], complain);
    requireUnique('replicated item', plan.groups.flat(), [...here, 'groups'], complain);
  }
  const sizes = Map.groupBy(
    vault.protectedItems.filter(({ multiVmGroup }) => multiVmGroup !== ''),
    ({ multiVmGroup }) => multiVmGroup.toLowerCase(),
  );
  for (const [group, members] of sizes) {
    if (members.length > MAX_GROUP_SIZE)
      complain(
        [...path, 'protectedItems'],
        `the multi-VM group "${group}" has ${members.length} machines; there can be ${MAX_GROUP_SIZE}`,
      );
  }
}

function checkVault(
  environment: Environment,
  vault: EnvironmentVault,
  at: number,
  complain: ReportIssue,
): void {
  const path = ['vaults', at];
  for (const kind of [
    'policies',
    'fabrics',
    'containerMappings',
    'networkMappings',
    'protectedItems',
    'recoveryPlans',
  ] as const) {
    requireUnique(kind, namesOf(vault[kind]), [...path, kind], complain);
  }
  requireUnique(
    'container',
    vault.fabrics.flatMap((one) => one.containers),
    [...path, 'fabrics', 'containers'],
    complain,
  );
  const regions = nameSet('region', environment.regions);
  for (const [index, one] of vault.fabrics.entries())
    regions.require(one.region, [...path, 'fabrics', index, 'region'], complain);
  checkMappings(environment, vault, path, complain);
  checkPlans(vault, path, complain);
  const machines = nameSet('virtual machine', environment.virtualMachines);
  const sources = new NameSet(
    'container mapping from container',
    vault.containerMappings.map((mapping) => mapping.from),
  );
  const groups = nameSet('resource group', environment.resourceGroups);
  const accounts = nameSet('storage account', environment.storageAccounts);
  for (const [index, one] of vault.protectedItems.entries()) {
    const item = [...path, 'protectedItems', index];
    machines.require(one.virtualMachine, [...item, 'virtualMachine'], complain);
    sources.require(one.container, [...item, 'container'], complain);
    for (const where of ['home', 'away'] as const) {
      groups.require(one[where].resourceGroup, [...item, where, 'resourceGroup'], complain);
      accounts.require(one[where].cacheStorageAccount, [...item, where, 'cacheStorageAccount'], complain);
    }
  }
}

export function checkEnvironment(environment: Environment, complain: ReportIssue): void {
  checkInfrastructure(environment, complain);
  checkClassic(environment, complain);
  const machineChecker = new MachineChecker(environment);
  for (const [index, machine] of environment.virtualMachines.entries())
    machineChecker.check(machine, ['virtualMachines', index], complain);
  for (const [index, vault] of environment.vaults.entries()) checkVault(environment, vault, index, complain);
  const replicated = new Set<string>();
  for (const { virtualMachine } of environment.vaults.flatMap((vault) => vault.protectedItems)) {
    if (replicated.has(virtualMachine))
      complain(['vaults'], `virtual machine "${virtualMachine}" is replicated twice`);
    replicated.add(virtualMachine);
  }
}
export const environmentSchema = environmentShape.superRefine((environment, context) =>
  checkEnvironment(environment, (path, message) => context.addIssue({ code: 'custom', path, message })),
);
