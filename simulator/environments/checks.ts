// What must hold between the parts of an environment: names that differ, and references to what is there.

import {
  environmentShape,
  type Environment,
  type EnvironmentMachine,
  type EnvironmentNic,
  type EnvironmentVault,
} from './schema.ts';

type Path = readonly (string | number)[];
export type Complain = (path: (string | number)[], message: string) => void;

/** The names of one kind of thing, to be looked up often. */
class Known {
  readonly #what: string;
  readonly #names: ReadonlySet<string>;

  constructor(what: string, names: Iterable<string>) {
    this.#what = what;
    this.#names = new Set(names);
  }

  must(wanted: string | undefined, path: Path, complain: Complain): void {
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
const known = (what: string, things: readonly { name: string }[]): Known => new Known(what, namesOf(things));

/** Azure's names are one whatever their case; two things of one kind with one name would be one thing. */
function mustDiffer(what: string, names: readonly string[], path: Path, complain: Complain): void {
  const seen = new Set<string>();
  for (const [index, one] of names.entries()) {
    if (seen.has(one.toLowerCase())) complain([...path, index, 'name'], `a second ${what} named "${one}"`);
    seen.add(one.toLowerCase());
  }
}

const IN_GROUPS = [
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
const SINGULAR: Readonly<Record<string, string>> = {
  storageAccounts: 'storage account',
  virtualMachines: 'virtual machine',
  automationAccounts: 'automation account',
  resourceGroups: 'resource group',
};

function checkGround(environment: Environment, complain: Complain): void {
  for (const kind of ['subscriptions', 'regions', 'resourceGroups', ...IN_GROUPS] as const) {
    mustDiffer(SINGULAR[kind] ?? kind.replace(/s$/, ''), namesOf(environment[kind]), [kind], complain);
  }
  const subscriptions = known('subscription', environment.subscriptions);
  const regions = known('region', environment.regions);
  const groups = known('resource group', environment.resourceGroups);
  for (const [index, group] of environment.resourceGroups.entries()) {
    subscriptions.must(group.subscription, ['resourceGroups', index, 'subscription'], complain);
    regions.must(group.region, ['resourceGroups', index, 'region'], complain);
  }
  for (const kind of IN_GROUPS) {
    for (const [index, thing] of environment[kind].entries())
      groups.must(thing.resourceGroup, [kind, index, 'resourceGroup'], complain);
  }
  const securityGroups = known('security group', environment.securityGroups);
  for (const [index, network] of environment.networks.entries()) {
    for (const [at, subnet] of network.subnets.entries()) {
      if (typeof subnet !== 'string')
        securityGroups.must(
          subnet.securityGroup,
          ['networks', index, 'subnets', at, 'securityGroup'],
          complain,
        );
    }
  }
  const placementGroups = known('placement group', environment.placementGroups);
  for (const [index, set] of environment.availabilitySets.entries())
    placementGroups.must(set.placementGroup, ['availabilitySets', index, 'placementGroup'], complain);
}

function checkClassic(environment: Environment, complain: Complain): void {
  const accounts = known('classic storage account', environment.classicStorageAccounts);
  const networks = known('classic network', environment.classicNetworks);
  for (const [index, { account, network }] of environment.classicMachines.entries()) {
    accounts.must(account, ['classicMachines', index, 'account'], complain);
    networks.must(network?.name, ['classicMachines', index, 'network', 'name'], complain);
    new Known(
      'subnet',
      environment.classicNetworks.find(({ name }) => name === network?.name)?.subnets ?? [],
    ).must(network?.subnet, ['classicMachines', index, 'network', 'subnet'], complain);
  }
}

/** Looks machines up in what lies around them. */
class Surroundings {
  readonly #subnets: ReadonlyMap<string, Known>;
  readonly #zones: ReadonlyMap<string, readonly string[]>;
  readonly #regionOfGroup: ReadonlyMap<string, string>;
  readonly #networks: Known;
  readonly #securityGroups: Known;
  readonly #sets: Known;
  readonly #placementGroups: Known;
  readonly #accounts: Known;

  constructor(environment: Environment) {
    const subnetName = (subnet: string | { name: string }): string =>
      typeof subnet === 'string' ? subnet : subnet.name;
    this.#networks = known('network', environment.networks);
    this.#subnets = new Map(
      environment.networks.map((one) => [one.name, new Known('subnet', one.subnets.map(subnetName))]),
    );
    this.#zones = new Map(environment.regions.map((one) => [one.name, one.zones]));
    this.#regionOfGroup = new Map(environment.resourceGroups.map((group) => [group.name, group.region]));
    this.#securityGroups = known('security group', environment.securityGroups);
    this.#sets = known('availability set', environment.availabilitySets);
    this.#placementGroups = known('placement group', environment.placementGroups);
    this.#accounts = known('storage account', environment.storageAccounts);
  }

  check(machine: EnvironmentMachine, path: Path, complain: Complain): void {
    mustDiffer('disk', namesOf(machine.disks), [...path, 'disks'], complain);
    this.#checkNic(machine.nic, [...path, 'nic'], complain);
    for (const [index, nic] of machine.otherNics.entries())
      this.#checkNic(nic, [...path, 'otherNics', index], complain);
    this.#accounts.must(machine.unmanagedIn, [...path, 'unmanagedIn'], complain);
    this.#sets.must(machine.availabilitySet, [...path, 'availabilitySet'], complain);
    this.#placementGroups.must(machine.placementGroup, [...path, 'placementGroup'], complain);
    const region = this.#regionOfGroup.get(machine.resourceGroup) ?? '';
    if (machine.zone !== undefined && !(this.#zones.get(region) ?? []).includes(machine.zone))
      complain([...path, 'zone'], `the region ${region} has no zone ${machine.zone}`);
    if (machine.zone !== undefined && machine.availabilitySet !== undefined)
      complain([...path, 'zone'], 'a machine stands in a zone or in an availability set, never in both');
    if (machine.unmanagedIn !== undefined && machine.zone !== undefined)
      complain([...path, 'unmanagedIn'], 'a machine in a zone has managed disks');
  }

  #checkNic(nic: EnvironmentNic, path: Path, complain: Complain): void {
    this.#networks.must(nic.network, [...path, 'network'], complain);
    this.#subnets.get(nic.network)?.must(nic.subnet, [...path, 'subnet'], complain);
    this.#securityGroups.must(nic.securityGroup, [...path, 'securityGroup'], complain);
  }
}

function checkMappings(
  environment: Environment,
  vault: EnvironmentVault,
  path: Path,
  complain: Complain,
): void {
  const containers = new Known(
    'container',
    vault.fabrics.flatMap((one) => one.containers),
  );
  const policies = known('policy', vault.policies);
  const networks = known('network', environment.networks);
  const fabricRegions = new Known(
    'fabric for the region',
    vault.fabrics.map((one) => one.region),
  );
  for (const [index, one] of vault.containerMappings.entries()) {
    containers.must(one.from, [...path, 'containerMappings', index, 'from'], complain);
    containers.must(one.to, [...path, 'containerMappings', index, 'to'], complain);
    policies.must(one.policy, [...path, 'containerMappings', index, 'policy'], complain);
  }
  for (const [index, one] of vault.networkMappings.entries()) {
    for (const end of ['from', 'to'] as const) {
      networks.must(one[end], [...path, 'networkMappings', index, end], complain);
      const group = environment.networks.find((network) => network.name === one[end])?.resourceGroup;
      fabricRegions.must(
        environment.resourceGroups.find((candidate) => candidate.name === group)?.region,
        [...path, 'networkMappings', index, end],
        complain,
      );
    }
  }
}

/** Site Recovery's own limit of machines that share their recovery points. */
const MOST_IN_GROUP = 16;

function checkPlans(vault: EnvironmentVault, path: Path, complain: Complain): void {
  const items = known('replicated item', vault.protectedItems);
  const fabrics = known('fabric', vault.fabrics);
  for (const [index, plan] of vault.recoveryPlans.entries()) {
    const here = [...path, 'recoveryPlans', index];
    for (const end of ['from', 'to'] as const) fabrics.must(plan[end], [...here, end], complain);
    for (const [at, group] of plan.groups.entries())
      for (const item of group) items.must(item, [...here, 'groups', at], complain);
    mustDiffer('replicated item', plan.groups.flat(), [...here, 'groups'], complain);
  }
  const sizes = Map.groupBy(
    vault.protectedItems.filter(({ multiVmGroup }) => multiVmGroup !== ''),
    ({ multiVmGroup }) => multiVmGroup.toLowerCase(),
  );
  for (const [group, members] of sizes) {
    if (members.length > MOST_IN_GROUP)
      complain(
        [...path, 'protectedItems'],
        `the multi-VM group "${group}" has ${members.length} machines; there can be ${MOST_IN_GROUP}`,
      );
  }
}

function checkVault(environment: Environment, vault: EnvironmentVault, at: number, complain: Complain): void {
  const path = ['vaults', at];
  for (const kind of [
    'policies',
    'fabrics',
    'containerMappings',
    'networkMappings',
    'protectedItems',
    'recoveryPlans',
  ] as const) {
    mustDiffer(kind, namesOf(vault[kind]), [...path, kind], complain);
  }
  mustDiffer(
    'container',
    vault.fabrics.flatMap((one) => one.containers),
    [...path, 'fabrics', 'containers'],
    complain,
  );
  const regions = known('region', environment.regions);
  for (const [index, one] of vault.fabrics.entries())
    regions.must(one.region, [...path, 'fabrics', index, 'region'], complain);
  checkMappings(environment, vault, path, complain);
  checkPlans(vault, path, complain);
  const machines = known('virtual machine', environment.virtualMachines);
  const sources = new Known(
    'container mapping from container',
    vault.containerMappings.map((mapping) => mapping.from),
  );
  const groups = known('resource group', environment.resourceGroups);
  const accounts = known('storage account', environment.storageAccounts);
  for (const [index, one] of vault.protectedItems.entries()) {
    const item = [...path, 'protectedItems', index];
    machines.must(one.virtualMachine, [...item, 'virtualMachine'], complain);
    sources.must(one.container, [...item, 'container'], complain);
    for (const where of ['home', 'away'] as const) {
      groups.must(one[where].resourceGroup, [...item, where, 'resourceGroup'], complain);
      accounts.must(one[where].cacheStorageAccount, [...item, where, 'cacheStorageAccount'], complain);
    }
  }
}

export function checkEnvironment(environment: Environment, complain: Complain): void {
  checkGround(environment, complain);
  checkClassic(environment, complain);
  const surroundings = new Surroundings(environment);
  for (const [index, machine] of environment.virtualMachines.entries())
    surroundings.check(machine, ['virtualMachines', index], complain);
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
