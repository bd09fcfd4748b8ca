// The whole life of a Hyper-V machine between two VMM clouds: both servers registered, networks and
// storage mapped, replicated, tested, failed over, and home again.

import { X509Certificate } from 'node:crypto';

import type { ReplicationProtectedItem } from '@azure/arm-recoveryservices-siterecovery';

import { createCertificates } from '../../../simulator/wire/certificate.ts';
import { collect, VAULT_GROUP, type SdkEnvironment } from './sdk-environment.ts';

const VAULT = 'clouds-vault';
const POLICY = 'clouds-policy';
const MACHINE = 'VM1';
const SERVERS = ['newyork-vmm', 'chicago-vmm-01', 'chicago-vmm-02'];

interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly properties?: { readonly friendlyName?: string };
}

/** A fabric, cloud, network or classification by the name that people gave it. */
async function findByName(
  things: AsyncIterable<Named>,
  wanted: string,
): Promise<{ id: string; name: string }> {
  const found = (await collect(things)).find(({ properties }) => properties?.friendlyName === wanted);
  if (!found) throw new Error(`There is no ${wanted}.`);
  return { id: found.id ?? '', name: found.name ?? '' };
}

/** Makes a registration key as a client does: a certificate and the integrity key of the vault. */
async function makeKey(environment: SdkEnvironment): Promise<string> {
  const certificate = new X509Certificate((await createCertificates()).authority).raw;
  const integrityKey = Buffer.from('integrity of the clouds').toString('base64');
  await environment.vaults.vaultCertificates.create(VAULT_GROUP, VAULT, 'registration-key', {
    properties: { authType: 'AAD', certificate },
  });
  await environment.vaults.vaultExtendedInfo.createOrUpdate(VAULT_GROUP, VAULT, {
    properties: { integrityKey, algorithm: 'None' },
  });
  const fields = {
    SubscriptionId: environment.subscription,
    ResourceGroup: VAULT_GROUP,
    ResourceName: VAULT,
    ManagementCert: certificate.toString('base64'),
    ChannelIntegrityKey: integrityKey,
  };
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`);
  return `<RSVaultCredentials>${elements.join('')}</RSVaultCredentials>`;
}

async function registerServers(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  const key = await makeKey(environment);
  for (const server of SERVERS) await environment.simulator.siteRecovery.register(server, key);
  for (const { name = '' } of await collect(client.replicationFabrics.list(VAULT, VAULT_GROUP))) {
    const { properties } = await client.replicationFabrics.get(VAULT, VAULT_GROUP, name);
    environment.expect('the server is healthy', properties?.health === 'Normal', properties?.health);
    await collect(client.replicationLogicalNetworks.listByReplicationFabrics(VAULT, VAULT_GROUP, name));
    await collect(
      client.replicationRecoveryServicesProviders.listByReplicationFabrics(VAULT, VAULT_GROUP, name),
    );
  }
  const providers = await collect(client.replicationRecoveryServicesProviders.list(VAULT, VAULT_GROUP));
  environment.expect('the cluster has two providers', providers.length === 3, providers.length);
}

const findFabric = (environment: SdkEnvironment, name: string) =>
  findByName(environment.siteRecovery.replicationFabrics.list(VAULT, VAULT_GROUP), name);
const findCloud = (environment: SdkEnvironment, name: string) =>
  findByName(environment.siteRecovery.replicationProtectionContainers.list(VAULT, VAULT_GROUP), name);

async function mapClouds(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  await environment.pollToEnd(
    'a policy of the clouds',
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, POLICY, {
      properties: {
        providerSpecificInput: {
          instanceType: 'HyperVReplica2012R2',
          replicationFrequencyInSeconds: 300,
          recoveryPoints: 4,
          compression: 'Enable',
          initialReplicationMethod: 'OverNetwork',
          allowedAuthenticationType: 2,
          replicationPort: 8084,
          replicaDeletion: 'Required',
        },
      },
    }),
  );
  const policy = await client.replicationPolicies.get(VAULT, VAULT_GROUP, POLICY);
  const { name: fabric } = await findFabric(environment, 'newyork-vmm');
  const [source, target] = [
    await findCloud(environment, 'GoldCloud1'),
    await findCloud(environment, 'GoldCloud2'),
  ];
  await environment.pollToEnd(
    'clouds mapped',
    client.replicationProtectionContainerMappings.beginCreate(
      VAULT,
      VAULT_GROUP,
      fabric,
      source.name,
      'gold',
      {
        properties: { targetProtectionContainerId: target.id, policyId: policy.id ?? '' },
      },
    ),
  );
  await client.replicationProtectionContainerMappings.get(VAULT, VAULT_GROUP, fabric, source.name, 'gold');
}

async function mapNetworksAndStorage(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  const [from, to] = [
    await findFabric(environment, 'newyork-vmm'),
    await findFabric(environment, 'chicago-vmm'),
  ];
  const findNetwork = (name: string) => findByName(client.replicationNetworks.list(VAULT, VAULT_GROUP), name);
  const [network, target] = [
    await findNetwork('VMNetwork1-NewYork'),
    await findNetwork('VMNetwork1-Chicago'),
  ];
  const place = [VAULT, VAULT_GROUP, from.name, network.name, 'lan'] as const;
  await environment.pollToEnd(
    'networks mapped',
    client.replicationNetworkMappings.beginCreate(...place, {
      properties: {
        recoveryFabricName: to.name,
        recoveryNetworkId: target.id,
        fabricSpecificDetails: { instanceType: 'VmmToVmm' },
      },
    }),
  );
  await environment.pollToEnd(
    'mapping of networks changed',
    client.replicationNetworkMappings.beginUpdate(...place, {
      properties: {
        recoveryFabricName: to.name,
        recoveryNetworkId: target.id,
        fabricSpecificDetails: { instanceType: 'VmmToVmm' },
      },
    }),
  );
  await client.replicationNetworkMappings.get(...place);
  const findClass = (name: string) =>
    findByName(client.replicationStorageClassifications.list(VAULT, VAULT_GROUP), name);
  const [gold, goldTarget] = [await findClass('GOLD'), await findClass('GOLD_TARGET')];
  await environment.pollToEnd(
    'storage mapped',
    client.replicationStorageClassificationMappings.beginCreate(
      VAULT,
      VAULT_GROUP,
      from.name,
      gold.name,
      'gold',
      { properties: { targetStorageClassificationId: goldTarget.id } },
    ),
  );
  await collect(client.replicationStorageClassificationMappings.list(VAULT, VAULT_GROUP));
}

/** The machine of the gold cloud. */
class CloudMachine {
  readonly #environment: SdkEnvironment;
  readonly #place: [string, string, string, string, string];

  constructor(environment: SdkEnvironment, fabric: string, container: string) {
    this.#environment = environment;
    this.#place = [VAULT, VAULT_GROUP, fabric, container, MACHINE];
  }

  get #items() {
    return this.#environment.siteRecovery.replicationProtectedItems;
  }

  read = (): Promise<ReplicationProtectedItem> => this.#items.get(...this.#place);

  readonly #look = async (): Promise<void> => {
    await this.#environment.readNewestJob(VAULT);
    await this.read().catch(() => undefined);
  };

  async #run(what: string, begin: Parameters<SdkEnvironment['pollToEnd']>[1]): Promise<void> {
    await this.#environment.pollToEnd(what, begin, this.#look);
    await this.#look();
  }

  async #waitForOperation(operation: string): Promise<void> {
    await this.#environment.waitUntil(`it allows ${operation}`, async () =>
      ((await this.read()).properties?.allowedOperations ?? []).includes(operation),
    );
  }

  async enable(): Promise<void> {
    const { siteRecovery: client } = this.#environment;
    const [, , fabric, container] = this.#place;
    const { id } = await findByName(
      client.replicationProtectableItems.listByReplicationProtectionContainers(
        VAULT,
        VAULT_GROUP,
        fabric,
        container,
      ),
      MACHINE,
    );
    const policy = await client.replicationPolicies.get(VAULT, VAULT_GROUP, POLICY);
    await this.#run(
      'enabled',
      this.#items.beginCreate(...this.#place, {
        properties: {
          policyId: policy.id ?? '',
          protectableItemId: id,
          // The SDK sends this input, though its types do not name it.
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'A2A' },
        },
      }),
    );
    await this.#waitForOperation('PlannedFailover');
  }

  async test(): Promise<void> {
    const { id } = await findByName(
      this.#environment.siteRecovery.replicationNetworks.list(VAULT, VAULT_GROUP),
      'VMNetwork2-Chicago',
    );
    await this.#run(
      'tested',
      this.#items.beginTestFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          networkType: 'VmNetworkAsInput',
          networkId: id,
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'A2A' },
        },
      }),
    );
    await this.#run(
      'test cleaned up',
      this.#items.beginTestFailoverCleanup(...this.#place, { properties: { comments: 'All well.' } }),
    );
    await this.#environment.advance(1200);
  }

  async failOver(): Promise<void> {
    await this.#environment.advance(7200);
    const { recoveryPoints } = this.#environment.siteRecovery;
    const points = await collect(recoveryPoints.listByReplicationProtectedItems(...this.#place));
    await recoveryPoints.get(...this.#place, points[0]?.name ?? '');
    await this.#run(
      'failed over',
      this.#items.beginUnplannedFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          sourceSiteOperations: 'Required',
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'A2A' },
        },
      }),
    );
    await this.#run(
      'another recovery point',
      this.#items.beginApplyRecoveryPoint(...this.#place, {
        properties: {
          recoveryPointId: points[1]?.id ?? '',
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'A2A' },
        },
      }),
    );
    await this.#run('committed', this.#items.beginFailoverCommit(...this.#place));
  }

  async turn(what: string): Promise<void> {
    await this.#run(
      what,
      this.#items.beginReprotect(...this.#place, {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'A2A' },
        },
      }),
    );
    await this.#waitForOperation('PlannedFailover');
  }

  goHome = (): Promise<void> =>
    this.#run(
      'home again',
      this.#items.beginPlannedFailover(...this.#place, {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: { instanceType: 'HyperVReplica2012R2' as 'HyperVReplicaAzure' },
        },
      }),
    );

  disable = (): Promise<void> =>
    this.#run('let go', this.#items.beginDelete(...this.#place, { properties: {} }));
}

async function checkHome(environment: SdkEnvironment, machine: CloudMachine): Promise<void> {
  const { properties } = await machine.read();
  environment.expect(
    'it replicates from New York again',
    properties?.primaryFabricFriendlyName === 'newyork-vmm',
    properties?.primaryFabricFriendlyName,
  );
  const { machines } = await environment.simulator.siteRecovery.onPremises();
  const running = machines.filter(({ name, power }) => name === MACHINE && power === 'running');
  environment.expect(
    'one machine runs, on its own network',
    running.length === 1 && running[0]?.nics[0]?.network === 'VMNetwork1-NewYork',
    running.map(({ site, nics }) => [site, nics]),
  );
}

export async function runVmm(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('A Hyper-V machine to another VMM cloud and home again');
  await environment.waitForResult(
    'vault made',
    environment.vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, {
      location: 'southeastasia',
      sku: { name: 'RS0' },
      properties: { publicNetworkAccess: 'Enabled' },
    }),
  );
  await registerServers(environment);
  await mapClouds(environment);
  await mapNetworksAndStorage(environment);
  const { name: fabric } = await findFabric(environment, 'newyork-vmm');
  const { name: container } = await findCloud(environment, 'GoldCloud1');
  const machine = new CloudMachine(environment, fabric, container);
  await machine.enable();
  await machine.test();
  await machine.failOver();
  await machine.turn('turned home');
  await machine.goHome();
  await machine.turn('turned away again');
  await checkHome(environment, machine);
  await machine.disable();
  const { replicationProtectedItems: items, replicationJobs: jobs } = environment.siteRecovery;
  environment.expect('no machine is left', (await collect(items.list(VAULT, VAULT_GROUP))).length === 0);
  for (const { name = '' } of await collect(jobs.list(VAULT, VAULT_GROUP)))
    await jobs.get(VAULT, VAULT_GROUP, name);
}
