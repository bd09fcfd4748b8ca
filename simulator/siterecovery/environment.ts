// Creates the sites, vaults and replicated items of an environment file, once at the first start.

import { resourceGroupIdFor, resourceId } from '../arm/ids.ts';
import { RESOURCE_TYPES } from '../arm/resource-types.ts';
import type { EnvironmentVmwareSite } from '../environments/on-premises-schema.ts';
import type { Environment, EnvironmentVault } from '../environments/schema.ts';
import type { PlanGroup, PlanRecord } from './configuration-records.ts';
import type { ItemJobs } from './item-jobs.ts';
import type { OnPremises } from './on-premises.ts';
import type { SiteRecoveryStore } from './store.ts';
import { isSameName, MICROSOFT_AZURE, type Vault, type Vaults } from './vault.ts';

/** Resolves the environment's names to ids. */
export class EnvironmentNames {
  readonly #groups: ReadonlyMap<string, { readonly id: string; readonly region: string }>;
  readonly #groupOf: ReadonlyMap<string, string>;

  constructor(environment: Environment) {
    const subscriptions = new Map(environment.subscriptions.map(({ name, id }) => [name, id]));
    this.#groups = new Map(
      environment.resourceGroups.map(({ name, subscription, region }) => [
        name,
        { id: resourceGroupIdFor(subscriptions.get(subscription) ?? '', name), region },
      ]),
    );
    const named = {
      vaults: environment.vaults,
      networks: environment.networks,
      storageAccounts: environment.storageAccounts,
      machines: environment.virtualMachines,
    };
    this.#groupOf = new Map(
      Object.entries(named).flatMap(([kind, things]) =>
        things.map(({ name, resourceGroup }) => [`${kind}/${name}`, resourceGroup] as const),
      ),
    );
  }

  group = (name: string): string => this.#groups.get(name)?.id ?? '';
  network = (name: string): string => this.#id('networks', RESOURCE_TYPES.virtualNetwork, name);
  networkRegion = (name: string): string =>
    this.#groups.get(this.#groupOf.get(`networks/${name}`) ?? '')?.region ?? '';
  vault = (name: string): string => this.#id('vaults', RESOURCE_TYPES.vault, name);
  storageAccount = (name: string): string => this.#id('storageAccounts', RESOURCE_TYPES.storageAccount, name);
  machineId = (name: string): string => this.#id('machines', RESOURCE_TYPES.virtualMachine, name);

  #id(kind: string, type: string, name: string): string {
    return resourceId(this.group(this.#groupOf.get(`${kind}/${name}`) ?? ''), type, name);
  }
}

/** The services and names with which a provider creates its part of a vault. */
export interface EnvironmentContext {
  readonly vault: Vault;
  readonly store: SiteRecoveryStore;
  readonly items: ItemJobs;
  readonly names: EnvironmentNames;
  readonly now: number;
}

/** Creates a provider's part of a vault. */
export type EnvironmentLoader = (definition: EnvironmentVault, context: EnvironmentContext) => void;

export function loadEnvironment(
  environment: Environment,
  loaders: readonly EnvironmentLoader[],
  {
    vaults,
    onPremises,
    ...services
  }: Omit<EnvironmentContext, 'vault' | 'names'> & {
    readonly vaults: Vaults;
    readonly onPremises: OnPremises;
  },
): void {
  const names = new EnvironmentNames(environment);
  const { hyperVSites, vmwareSites, vmmServers } = environment.onPremises;
  for (const site of hyperVSites) onPremises.addSite(site, services.now, () => ({ kind: 'HyperVHost' }));
  for (const site of vmwareSites)
    onPremises.addSite(site, services.now, (server) => describeVmwareServer(site, server, names));
  for (const server of vmmServers) onPremises.addVmmServer(server, services.now);
  onPremises.addHyperVReplicas(services.now);
  for (const definition of environment.vaults) {
    const vault = vaults.require(names.vault(definition.name));
    for (const load of loaders) load(definition, { ...services, vault, names });
    for (const plan of definition.recoveryPlans)
      services.store.putConfiguration(vault.key, 'plan', toPlanRecord(plan, vault));
  }
}

function describeVmwareServer(
  { servers, discovery }: EnvironmentVmwareSite,
  server: string,
  names: EnvironmentNames,
) {
  const { kind = '', ...found } = servers.find(({ name }) => name === server) ?? {};
  const facts = {
    ...('address' in found && { address: found.address }),
    ...('accounts' in found && { accounts: found.accounts }),
    ...('datastores' in found && { datastores: found.datastores }),
    ...(discovery &&
      kind === 'ReplicationAppliance' && {
        discoverySiteId: resourceId(
          names.group(discovery.resourceGroup),
          'Microsoft.OffAzure/VMwareSites',
          discovery.name,
        ),
      }),
  };
  return { kind, facts };
}

function toPlanRecord(
  { name, from, to, groups }: EnvironmentVault['recoveryPlans'][number],
  vault: Vault,
): PlanRecord {
  const keys = new Map(vault.items().map((item) => [item.name, item.key]));
  const group = (groupType: string, members: readonly string[]): PlanGroup => ({
    groupType,
    items: members.flatMap((member) => keys.get(member) ?? []),
    startGroupActions: [],
    endGroupActions: [],
  });
  // The fabric of a VMM server has a name of the service.
  const fabricOf = (server: string) => vault.fabrics().find(({ settings }) => settings['server'] === server);
  const fabricId = (place: string): string => vault.fabricId(fabricOf(place)?.name ?? place);
  return {
    name,
    primaryFabricId: fabricId(from),
    recoveryFabricId: isSameName(to, MICROSOFT_AZURE) ? MICROSOFT_AZURE : fabricId(to),
    failoverDeploymentModel: fabricOf(from) ? 'NotApplicable' : 'ResourceManager',
    groups: [
      group('Shutdown', []),
      group('Failover', []),
      ...groups.map((members) => group('Boot', members)),
    ],
    run: null,
    state: 'ready',
    lastTestFailover: null,
    lastUnplannedFailover: null,
  };
}
