// VMM servers for tests: New York and Chicago, and one server for two sites.

import type { ReplicationProtectedItem } from '@azure/arm-recoveryservices-siterecovery';

import { loadEnvironment } from '../../environments/load.ts';
import type { Environment } from '../../environments/schema.ts';
import { act, errorsOf, HOUR, runJob, type JobProperties } from './hyper-v.ts';
import { all, TestAzure, VAULT_GROUP, type ContainerLocation } from './test-azure.ts';

export const VAULT = 'newyork-vault';
export type VmmVault = Environment['vaults'][number]['vmm'];
type VmmServer = Environment['onPremises']['vmmServers'][number];

interface StartOptions {
  /** Changes of the vault, such as another policy. */
  readonly vmm?: Partial<VmmVault>;
  readonly recoveryPlans?: Environment['vaults'][number]['recoveryPlans'];
  readonly servers?: (servers: readonly VmmServer[]) => readonly VmmServer[];
}

export function startVmm({
  vmm = {},
  recoveryPlans = [],
  servers = (all) => all,
}: StartOptions = {}): Promise<TestAzure> {
  const environment = loadEnvironment('newyork-chicago');
  const { onPremises, vaults } = environment;
  return TestAzure.start({
    environment: {
      ...environment,
      onPremises: { ...onPremises, vmmServers: [...servers(onPremises.vmmServers)] },
      vaults: vaults.map((vault) => ({ ...vault, recoveryPlans, vmm: { ...vault.vmm, ...vmm } })),
    },
    vault: VAULT,
  });
}

/** The gold cloud of New York has both networks. */
export const withBothNetworks: StartOptions = {
  servers: (servers) =>
    servers.map((server) => ({
      ...server,
      clouds: server.clouds.map((cloud) =>
        cloud.name === 'GoldCloud1' ? { ...cloud, logicalNetworks: server.logicalNetworks } : cloud,
      ),
    })),
};

export const EMPTY: Partial<VmmVault> = {
  servers: [],
  policies: [],
  cloudMappings: [],
  networkMappings: [],
  storageMappings: [],
};

/** One server for two sites, registered and mapped. */
export function startOneServer(
  vmm: Partial<VmmVault>,
  change: (server: VmmServer) => VmmServer = (server) => server,
): Promise<TestAzure> {
  const environment = loadEnvironment('one-vmm-server');
  const { onPremises, vaults } = environment;
  return TestAzure.start({
    environment: {
      ...environment,
      onPremises: { ...onPremises, vmmServers: onPremises.vmmServers.map(change) },
      vaults: vaults.map((vault) => ({ ...vault, vmm: { ...vault.vmm, ...vmm } })),
    },
    vault: 'riverside-vault',
  });
}

interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly properties?: { readonly friendlyName?: string };
}

const byFriendlyName = (
  things: readonly Named[],
  name: string,
): { readonly id: string; readonly name: string } => {
  const found = things.find(({ properties }) => properties?.friendlyName === name);
  if (!found) throw new Error(`There is no ${name}.`);
  return { id: found.id ?? '', name: found.name ?? '' };
};

export const fabricOf = async (azure: TestAzure, server: string) =>
  byFriendlyName(await all(azure.client.replicationFabrics.list(azure.vault, VAULT_GROUP)), server);
export const networkOf = async (azure: TestAzure, network: string) =>
  byFriendlyName(await all(azure.client.replicationNetworks.list(azure.vault, VAULT_GROUP)), network);
export const classificationOf = async (azure: TestAzure, name: string) =>
  byFriendlyName(
    await all(azure.client.replicationStorageClassifications.list(azure.vault, VAULT_GROUP)),
    name,
  );

export async function cloudOf(azure: TestAzure, cloud: string): Promise<ContainerLocation> {
  const containers = await all(azure.client.replicationProtectionContainers.list(azure.vault, VAULT_GROUP));
  const { id, name } = byFriendlyName(containers, cloud);
  return { fabric: id.split('/replicationFabrics/')[1]?.split('/')[0] ?? '', container: name };
}

export interface VmmMachine {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly server: string;
  readonly power: string;
  readonly disks: readonly { readonly datastore?: string }[];
  readonly nics: readonly { readonly name: string; readonly network: string; readonly subnet: string }[];
  readonly facts?: { readonly role?: string };
}

/** Returns the true machines with this name: the source and its replica. */
export async function machinesNamed(azure: TestAzure, name: string): Promise<readonly VmmMachine[]> {
  const { machines } = await azure.admin<{ machines: readonly VmmMachine[] }>('on-premises');
  return machines.filter((machine) => machine.name === name);
}

export async function machineIn(azure: TestAzure, site: string, name: string): Promise<VmmMachine> {
  const found = (await machinesNamed(azure, name)).find((machine) => machine.site === site);
  if (!found) throw new Error(`${site} has no ${name}.`);
  return found;
}

export const newYork = (azure: TestAzure, name: string) => machineIn(azure, 'newyork-vmm', name);
export const chicago = (azure: TestAzure, name: string) => machineIn(azure, 'chicago-vmm', name);

/** Somebody connects the machine's only interface to another network. */
export const connect = (azure: TestAzure, { id }: VmmMachine, network: string | null) =>
  azure.admin('on-premises/connect', { machine: id, nic: 'lan', network });

/** The path of a share, such as the one for an export. */
export const sharePath = (server: string, share: string): string => ['', '', server, share].join('\\');

export const policyPath = (azure: TestAzure, policy: string): string =>
  `${azure.vaultPath}/replicationPolicies/${policy}`;

/** Returns the state of a job, and its first error. */
export const outcome = (job: JobProperties): string => [job.state, ...errorsOf(job)].join(' ');

export async function enable(
  azure: TestAzure,
  cloud: string,
  vm: string,
  { policy = 'hourly-points', type = 'HyperVReplica2012R2' } = {},
): Promise<string> {
  const place = await cloudOf(azure, cloud);
  const items = await all(
    azure.client.replicationProtectableItems.listByReplicationProtectionContainers(
      azure.vault,
      VAULT_GROUP,
      place.fabric,
      place.container,
    ),
  );
  const { id } = byFriendlyName(items, vm);
  const properties = {
    policyId: policyPath(azure, policy),
    protectableItemId: id,
    providerSpecificDetails: { instanceType: type as 'A2A' },
  };
  return outcome(
    await runJob(azure, (options) =>
      azure.client.replicationProtectedItems.beginCreate(
        azure.vault,
        VAULT_GROUP,
        place.fabric,
        place.container,
        vm,
        { properties },
        options,
      ),
    ),
  );
}

/** Enables a machine and lets its first copy end. */
export async function protect(azure: TestAzure, cloud: string, vm: string): Promise<void> {
  expect(await enable(azure, cloud, vm)).toBe('Succeeded');
  await azure.advance(2 * HOUR);
}

export async function run(
  azure: TestAzure,
  cloud: string,
  vm: string,
  action: string,
  properties?: object,
): Promise<string> {
  return outcome(await act(azure, await cloudOf(azure, cloud), vm, action, properties));
}

/** Maps a network of New York to a network of Chicago. A mapping of the same name is replaced. */
export async function mapNetwork(azure: TestAzure, from: string, to: string, name = 'mine'): Promise<string> {
  const [source, target] = [await networkOf(azure, from), await networkOf(azure, to)];
  const [fabric, recovery] = [await fabricOf(azure, 'newyork-vmm'), await fabricOf(azure, 'chicago-vmm')];
  const properties = {
    recoveryFabricName: recovery.name,
    recoveryNetworkId: target.id,
    fabricSpecificDetails: { instanceType: 'VmmToVmm' as const },
  };
  return outcome(
    await runJob(azure, (options) =>
      azure.client.replicationNetworkMappings.beginCreate(
        azure.vault,
        VAULT_GROUP,
        fabric.name,
        source.name,
        name,
        { properties },
        options,
      ),
    ),
  );
}

/** Removes the environment's mapping between the first networks. */
export async function unmapFirstNetwork(azure: TestAzure): Promise<void> {
  const { name } = await networkOf(azure, 'VMNetwork1-NewYork');
  const fabric = await fabricOf(azure, 'newyork-vmm');
  const mapping = 'VMNetwork1-NewYork-to-VMNetwork1-Chicago';
  await runJob(azure, (options) =>
    azure.client.replicationNetworkMappings.beginDelete(
      azure.vault,
      VAULT_GROUP,
      fabric.name,
      name,
      mapping,
      options,
    ),
  );
}

export const readItem = async (
  azure: TestAzure,
  cloud: string,
  vm: string,
): Promise<ReplicationProtectedItem> => azure.readItem(vm, await cloudOf(azure, cloud));

const own = { instanceType: 'HyperVReplica2012R2' };
export const FORWARD = { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails: own };
export const PLANNED = {
  ...FORWARD,
  providerSpecificDetails: { instanceType: 'ProviderSpecificFailoverInput' },
};
