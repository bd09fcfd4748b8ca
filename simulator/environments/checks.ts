// Checks the references within an environment: names must be unique, and every referenced name must
// exist.

import {
  environmentShape,
  type Environment,
  type EnvironmentMachine,
  type EnvironmentNic,
  type EnvironmentVault,
} from './schema.ts';
import { nameSet, NameSet, namesOf, requireUnique, type IssuePath, type ReportIssue } from './name-checks.ts';
import { checkVmmServers, checkVmmVaults } from './vmm-checks.ts';

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

function checkInfrastructure(environment: Environment, report: ReportIssue): void {
  for (const kind of ['subscriptions', 'regions', 'resourceGroups', ...GROUPED_KINDS] as const) {
    requireUnique(SINGULAR_NAMES[kind] ?? kind.replace(/s$/, ''), namesOf(environment[kind]), [kind], report);
  }
  const subscriptions = nameSet('subscription', environment.subscriptions);
  const regions = nameSet('region', environment.regions);
  const groups = nameSet('resource group', environment.resourceGroups);
  for (const [index, group] of environment.resourceGroups.entries()) {
    subscriptions.require(group.subscription, ['resourceGroups', index, 'subscription'], report);
    regions.require(group.region, ['resourceGroups', index, 'region'], report);
  }
  for (const kind of GROUPED_KINDS) {
    for (const [index, resource] of environment[kind].entries())
      groups.require(resource.resourceGroup, [kind, index, 'resourceGroup'], report);
  }
  const securityGroups = nameSet('security group', environment.securityGroups);
  for (const [index, network] of environment.networks.entries()) {
    for (const [at, subnet] of network.subnets.entries()) {
      if (typeof subnet !== 'string')
        securityGroups.require(
          subnet.securityGroup,
          ['networks', index, 'subnets', at, 'securityGroup'],
          report,
        );
    }
  }
  const placementGroups = nameSet('placement group', environment.placementGroups);
  for (const [index, set] of environment.availabilitySets.entries())
    placementGroups.require(set.placementGroup, ['availabilitySets', index, 'placementGroup'], report);
}

function checkClassic(environment: Environment, report: ReportIssue): void {
  const accounts = nameSet('classic storage account', environment.classicStorageAccounts);
  const networks = nameSet('classic network', environment.classicNetworks);
  for (const [index, { account, network }] of environment.classicMachines.entries()) {
    accounts.require(account, ['classicMachines', index, 'account'], report);
    networks.require(network?.name, ['classicMachines', index, 'network', 'name'], report);
    new NameSet(
      'subnet',
      environment.classicNetworks.find(({ name }) => name === network?.name)?.subnets ?? [],
    ).require(network?.subnet, ['classicMachines', index, 'network', 'subnet'], report);
  }
}

/** Checks the references of machines. */
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
      environment.networks.map(({ name, subnets }) => [name, new NameSet('subnet', subnets.map(subnetName))]),
    );
    this.#zones = new Map(environment.regions.map(({ name, zones }) => [name, zones]));
    this.#regionOfGroup = new Map(environment.resourceGroups.map((group) => [group.name, group.region]));
    this.#securityGroups = nameSet('security group', environment.securityGroups);
    this.#sets = nameSet('availability set', environment.availabilitySets);
    this.#placementGroups = nameSet('placement group', environment.placementGroups);
    this.#accounts = nameSet('storage account', environment.storageAccounts);
  }

  check(machine: EnvironmentMachine, path: IssuePath, report: ReportIssue): void {
    requireUnique('disk', namesOf(machine.disks), [...path, 'disks'], report);
    this.#checkNic(machine.nic, [...path, 'nic'], report);
    for (const [index, nic] of machine.otherNics.entries())
      this.#checkNic(nic, [...path, 'otherNics', index], report);
    this.#accounts.require(machine.unmanagedIn, [...path, 'unmanagedIn'], report);
    this.#sets.require(machine.availabilitySet, [...path, 'availabilitySet'], report);
    this.#placementGroups.require(machine.placementGroup, [...path, 'placementGroup'], report);
    const region = this.#regionOfGroup.get(machine.resourceGroup) ?? '';
    if (machine.zone !== undefined && !(this.#zones.get(region) ?? []).includes(machine.zone))
      report([...path, 'zone'], `the region ${region} has no zone ${machine.zone}`);
    if (machine.zone !== undefined && machine.availabilitySet !== undefined)
      report([...path, 'zone'], 'a machine is in a zone or in an availability set, never in both');
    if (machine.unmanagedIn !== undefined && machine.zone !== undefined)
      report([...path, 'unmanagedIn'], 'a machine in a zone has managed disks');
  }

  #checkNic(nic: EnvironmentNic, path: IssuePath, report: ReportIssue): void {
    this.#networks.require(nic.network, [...path, 'network'], report);
    this.#subnets.get(nic.network)?.require(nic.subnet, [...path, 'subnet'], report);
    this.#securityGroups.require(nic.securityGroup, [...path, 'securityGroup'], report);
  }
}

function checkMappings(
  environment: Environment,
  vault: EnvironmentVault,
  path: IssuePath,
  report: ReportIssue,
): void {
  const containers = new NameSet(
    'container',
    vault.fabrics.flatMap((fabric) => fabric.containers),
  );
  const policies = nameSet('policy', vault.policies);
  const networks = nameSet('network', environment.networks);
  const fabricRegions = new NameSet(
    'fabric for the region',
    vault.fabrics.map((fabric) => fabric.region),
  );
  for (const [index, mapping] of vault.containerMappings.entries()) {
    containers.require(mapping.from, [...path, 'containerMappings', index, 'from'], report);
    containers.require(mapping.to, [...path, 'containerMappings', index, 'to'], report);
    policies.require(mapping.policy, [...path, 'containerMappings', index, 'policy'], report);
  }
  for (const [index, mapping] of vault.networkMappings.entries()) {
    for (const end of ['from', 'to'] as const) {
      networks.require(mapping[end], [...path, 'networkMappings', index, end], report);
      const group = environment.networks.find((network) => network.name === mapping[end])?.resourceGroup;
      fabricRegions.require(
        environment.resourceGroups.find((candidate) => candidate.name === group)?.region,
        [...path, 'networkMappings', index, end],
        report,
      );
    }
  }
}

/** Site Recovery's limit of machines in a multi-VM group. */
const MAX_GROUP_SIZE = 16;

function checkPlans(vault: EnvironmentVault, path: IssuePath, report: ReportIssue): void {
  const items = new NameSet('replicated item', [
    ...namesOf([...vault.protectedItems, ...vault.hyperVSites.flatMap((site) => site.protectedItems)]),
    ...vault.vmm.protectedItems,
  ]);
  const fabrics = new NameSet('fabric', [
    ...namesOf([...vault.fabrics, ...vault.hyperVSites]),
    ...vault.vmm.servers.map(({ server }) => server),
    'Microsoft Azure',
  ]);
  for (const [index, plan] of vault.recoveryPlans.entries()) {
    const planPath = [...path, 'recoveryPlans', index];
    for (const end of ['from', 'to'] as const) fabrics.require(plan[end], [...planPath, end], report);
    for (const [at, group] of plan.groups.entries())
      for (const item of group) items.require(item, [...planPath, 'groups', at], report);
    requireUnique('replicated item', plan.groups.flat(), [...planPath, 'groups'], report);
  }
  const sizes = Map.groupBy(
    vault.protectedItems.filter(({ multiVmGroup }) => multiVmGroup !== ''),
    ({ multiVmGroup }) => multiVmGroup.toLowerCase(),
  );
  for (const [group, members] of sizes) {
    if (members.length > MAX_GROUP_SIZE)
      report(
        [...path, 'protectedItems'],
        `the multi-VM group "${group}" has ${members.length} machines; there can be ${MAX_GROUP_SIZE}`,
      );
  }
}

function checkHyperVSites(
  environment: Environment,
  vault: EnvironmentVault,
  path: IssuePath,
  report: ReportIssue,
): void {
  const { hyperVSites } = environment.onPremises;
  const [groups, accounts, networks] = [
    nameSet('resource group', environment.resourceGroups),
    nameSet('storage account', environment.storageAccounts),
    nameSet('network', environment.networks),
  ];
  requireUnique(
    'fabric',
    namesOf([...vault.fabrics, ...vault.hyperVSites]),
    [...path, 'hyperVSites'],
    report,
  );
  for (const [index, site] of vault.hyperVSites.entries()) {
    const sitePath = [...path, 'hyperVSites', index];
    nameSet('Hyper-V site', hyperVSites).require(site.site, [...sitePath, 'site'], report);
    const machines = nameSet(
      'virtual machine',
      hyperVSites.find(({ name }) => name === site.site)?.virtualMachines ?? [],
    );
    if (site.protectedItems.length > 0 && site.policies.length === 0)
      report([...sitePath, 'policies'], 'the items of the site need a policy');
    for (const [at, item] of site.protectedItems.entries()) {
      const itemPath = [...sitePath, 'protectedItems', at];
      machines.require(item.virtualMachine, [...itemPath, 'virtualMachine'], report);
      groups.require(item.resourceGroup, [...itemPath, 'resourceGroup'], report);
      accounts.require(item.storageAccount, [...itemPath, 'storageAccount'], report);
      networks.require(item.network, [...itemPath, 'network'], report);
    }
  }
}

function checkVault(
  environment: Environment,
  vault: EnvironmentVault,
  at: number,
  report: ReportIssue,
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
    requireUnique(kind, namesOf(vault[kind]), [...path, kind], report);
  }
  requireUnique(
    'container',
    vault.fabrics.flatMap((fabric) => fabric.containers),
    [...path, 'fabrics', 'containers'],
    report,
  );
  const regions = nameSet('region', environment.regions);
  for (const [index, fabric] of vault.fabrics.entries())
    regions.require(fabric.region, [...path, 'fabrics', index, 'region'], report);
  checkMappings(environment, vault, path, report);
  checkHyperVSites(environment, vault, path, report);
  checkPlans(vault, path, report);
  const machines = nameSet('virtual machine', environment.virtualMachines);
  const sources = new NameSet(
    'container mapping from container',
    vault.containerMappings.map((mapping) => mapping.from),
  );
  const groups = nameSet('resource group', environment.resourceGroups);
  const accounts = nameSet('storage account', environment.storageAccounts);
  for (const [index, item] of vault.protectedItems.entries()) {
    const itemPath = [...path, 'protectedItems', index];
    machines.require(item.virtualMachine, [...itemPath, 'virtualMachine'], report);
    sources.require(item.container, [...itemPath, 'container'], report);
    for (const side of ['home', 'away'] as const) {
      groups.require(item[side].resourceGroup, [...itemPath, side, 'resourceGroup'], report);
      accounts.require(item[side].cacheStorageAccount, [...itemPath, side, 'cacheStorageAccount'], report);
    }
  }
}

function checkDiscovery(environment: Environment, report: ReportIssue): void {
  const groups = nameSet('resource group', environment.resourceGroups);
  for (const [index, { discovery }] of environment.onPremises.vmwareSites.entries())
    groups.require(
      discovery?.resourceGroup,
      ['onPremises', 'vmwareSites', index, 'discovery', 'resourceGroup'],
      report,
    );
}

/** Faults name servers and machines without their site, so their names are unique in all sites. */
function checkSites({ onPremises }: Environment, report: ReportIssue): void {
  const { vmmServers, ...sitesByKind } = onPremises;
  for (const [kind, sites] of Object.entries(sitesByKind)) {
    requireUnique('site', namesOf(sites), ['onPremises', kind], report);
    for (const [index, { servers, virtualMachines }] of sites.entries()) {
      const path = ['onPremises', kind, index];
      for (const [at, machine] of virtualMachines.entries()) {
        const machinePath = [...path, 'virtualMachines', at];
        nameSet('server', servers).require(machine.server, [...machinePath, 'server'], report);
        requireUnique('disk', namesOf(machine.disks), [...machinePath, 'disks'], report);
      }
    }
  }
  const sites = Object.values(sitesByKind).flat();
  const vmmParts = vmmServers.flatMap((server) => [server, ...server.nodes, ...server.hosts]);
  requireUnique(
    'server',
    namesOf([...sites.flatMap(({ servers }) => servers), ...vmmParts]),
    ['onPremises'],
    report,
  );
  requireUnique(
    'virtual machine',
    [...sites, ...vmmServers].flatMap(({ virtualMachines }) => namesOf(virtualMachines)),
    ['onPremises'],
    report,
  );
}

/** The VMware part of a vault names a site, servers and machines there, and its targets in Azure. */
function checkVmwareFabrics(
  environment: Environment,
  vault: EnvironmentVault,
  at: number,
  report: ReportIssue,
): void {
  const { vmwareSites } = environment.onPremises;
  const targets = {
    resourceGroup: nameSet('resource group', environment.resourceGroups),
    network: nameSet('network', environment.networks),
    logStorageAccount: nameSet('storage account', environment.storageAccounts),
  };
  requireUnique('fabric', namesOf(vault.vmwareFabrics), ['vaults', at, 'vmwareFabrics'], report);
  for (const [index, fabric] of vault.vmwareFabrics.entries()) {
    const path = ['vaults', at, 'vmwareFabrics', index];
    nameSet('VMware site', vmwareSites).require(fabric.site, [...path, 'site'], report);
    const site = vmwareSites.find(({ name }) => name === fabric.site);
    if (!site) continue;
    for (const [place, server] of fabric.servers.entries())
      nameSet('server', site.servers).require(server, [...path, 'servers', place], report);
    if (fabric.protectedItems.length > 0 && (fabric.servers.length === 0 || fabric.policy === undefined))
      report([...path, 'protectedItems'], 'replicated machines need a registered server and a policy');
    for (const [place, item] of fabric.protectedItems.entries()) {
      const itemPath = [...path, 'protectedItems', place];
      const machines = nameSet('virtual machine', site.virtualMachines);
      machines.require(item.virtualMachine, [...itemPath, 'virtualMachine'], report);
      for (const [kind, names] of Object.entries(targets))
        names.require(item[kind as keyof typeof targets], [...itemPath, kind], report);
    }
  }
}

/** Reports every broken reference of an environment. */
export function checkEnvironment(environment: Environment, report: ReportIssue): void {
  checkInfrastructure(environment, report);
  checkClassic(environment, report);
  checkSites(environment, report);
  checkDiscovery(environment, report);
  checkVmmServers(environment, report);
  checkVmmVaults(environment, report);
  const machineChecker = new MachineChecker(environment);
  for (const [index, machine] of environment.virtualMachines.entries())
    machineChecker.check(machine, ['virtualMachines', index], report);
  for (const [index, vault] of environment.vaults.entries()) {
    checkVault(environment, vault, index, report);
    checkVmwareFabrics(environment, vault, index, report);
  }
  const replicated = new Set<string>();
  for (const { virtualMachine } of environment.vaults.flatMap((vault) => vault.protectedItems)) {
    if (replicated.has(virtualMachine))
      report(['vaults'], `virtual machine "${virtualMachine}" is replicated twice`);
    replicated.add(virtualMachine);
  }
}
/** The schema of an environment with all checks. */
export const environmentSchema = environmentShape.superRefine((environment, context) =>
  checkEnvironment(environment, (path, message) => context.addIssue({ code: 'custom', path, message })),
);
