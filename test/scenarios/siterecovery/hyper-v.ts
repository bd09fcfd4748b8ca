// The whole life of a machine on Hyper-V: its hosts registered, replicated to Azure, tested, failed
// over, and home again.

import type {
  HyperVReplicaAzureReplicationDetails,
  HyperVVirtualMachineDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { registrationFile, type KeyCertificate } from '../../../shared/enabling/rules/registrationFile.ts';
import { collect, VAULT_GROUP, type SdkEnvironment } from './sdk-environment.ts';

const VAULT = 'office-vault';
const SITE = 'office-site';
const HOSTS = ['office-hv-01', 'office-hv-02', 'office-hv-03'];
const POLICY = 'office-policy';
const MAPPING = 'office-mapping';
const RECOVERY_GROUP = 'contoso-office-recovery';
const OWN = { instanceType: 'HyperVReplicaAzure' } as const;

const vaultId = (environment: SdkEnvironment): string =>
  environment.resourceId(VAULT_GROUP, 'Microsoft.RecoveryServices/vaults', VAULT);
const inRecoveryGroup = (environment: SdkEnvironment, type: string, name: string): string =>
  environment.resourceId(RECOVERY_GROUP, type, name);
const networkId = (environment: SdkEnvironment, name: string): string =>
  inRecoveryGroup(environment, 'Microsoft.Network/virtualNetworks', name);

/** A key of the site, made as a person makes it in the portal. */
async function makeKey(environment: SdkEnvironment): Promise<string> {
  const integrityKey = Buffer.from('integrity key of the office').toString('base64');
  const { location } = await environment.vaults.vaults.get(VAULT_GROUP, VAULT);
  await environment.vaults.vaultExtendedInfo.createOrUpdate(VAULT_GROUP, VAULT, {
    properties: { integrityKey, algorithm: 'None' },
  });
  const { properties: certificate } = (await environment.send(
    'PUT',
    `${vaultId(environment)}/certificates/office-key?api-version=2024-04-01`,
    { certificateCreateOptions: { validityInHours: 120 } },
  )) as { properties: Omit<KeyCertificate, 'resourceId'> & { readonly resourceId: number } };
  const site = await environment.siteRecovery.replicationFabrics.get(VAULT, VAULT_GROUP, SITE);
  return registrationFile(
    { subscription: environment.subscription, resourceGroup: VAULT_GROUP, vault: VAULT, location },
    { name: SITE, id: site.properties?.internalIdentifier ?? '' },
    { ...certificate, resourceId: String(certificate.resourceId) },
    integrityKey,
  );
}

async function registerHosts(environment: SdkEnvironment): Promise<void> {
  const { replicationFabrics: fabrics, replicationRecoveryServicesProviders: providers } =
    environment.siteRecovery;
  // The types of the SDK do not name this kind.
  const customDetails = { instanceType: 'HyperVSite' };
  await environment.pollToEnd(
    'site made',
    fabrics.beginCreate(VAULT, VAULT_GROUP, SITE, { properties: { customDetails } } as Parameters<
      typeof fabrics.beginCreate
    >[3]),
  );
  await fabrics.get(VAULT, VAULT_GROUP, SITE);
  const key = await makeKey(environment);
  for (const host of HOSTS) await environment.simulator.siteRecovery.register(host, key);
  await fabrics.get(VAULT, VAULT_GROUP, SITE);
  await collect(fabrics.list(VAULT, VAULT_GROUP));
  await collect(providers.list(VAULT, VAULT_GROUP));
  const registered = await collect(providers.listByReplicationFabrics(VAULT, VAULT_GROUP, SITE));
  environment.expect('all hosts are registered', registered.length === HOSTS.length, registered.length);
  for (const { name = '' } of registered) await providers.get(VAULT, VAULT_GROUP, SITE, name);
  await environment.pollToEnd(
    'a host refreshed',
    providers.beginRefreshProvider(VAULT, VAULT_GROUP, SITE, registered[0]?.name ?? ''),
  );
}

async function createPolicy(environment: SdkEnvironment, container: string): Promise<void> {
  const { replicationPolicies: policies, replicationProtectionContainerMappings: mappings } =
    environment.siteRecovery;
  await environment.pollToEnd(
    'policy made',
    policies.beginCreate(VAULT, VAULT_GROUP, POLICY, {
      properties: {
        providerSpecificInput: {
          ...OWN,
          recoveryPointHistoryDuration: 4,
          applicationConsistentSnapshotFrequencyInHours: 1,
          replicationInterval: 300,
          onlineReplicationStartTime: undefined,
        },
      },
    }),
  );
  await policies.get(VAULT, VAULT_GROUP, POLICY);
  await environment.pollToEnd(
    'policy associated with the site',
    mappings.beginCreate(VAULT, VAULT_GROUP, SITE, container, MAPPING, {
      properties: {
        targetProtectionContainerId: 'Microsoft Azure',
        policyId: `${vaultId(environment)}/replicationPolicies/${POLICY}`,
      },
    }),
  );
  await policies.get(VAULT, VAULT_GROUP, POLICY);
  await collect(policies.list(VAULT, VAULT_GROUP));
  await mappings.get(VAULT, VAULT_GROUP, SITE, container, MAPPING);
  await collect(mappings.list(VAULT, VAULT_GROUP));
}

/** One machine of the office in its vault. */
class OfficeMachine {
  readonly #environment: SdkEnvironment;
  readonly #name: string;
  readonly #place: [string, string, string, string, string];

  constructor(environment: SdkEnvironment, container: string, name: string) {
    this.#environment = environment;
    this.#name = name;
    this.#place = [VAULT, VAULT_GROUP, SITE, container, name];
  }

  get #items() {
    return this.#environment.siteRecovery.replicationProtectedItems;
  }

  read = (): Promise<ReplicationProtectedItem> => this.#items.get(...this.#place);

  /** Reads the item, all items and the newest job while an operation runs. */
  readonly #look = async (): Promise<void> => {
    await this.#environment.readNewestJob(VAULT);
    await collect(this.#items.list(VAULT, VAULT_GROUP));
    await this.read().catch(() => undefined);
  };

  async run(what: string, begin: Parameters<SdkEnvironment['pollToEnd']>[1]): Promise<void> {
    await this.#environment.pollToEnd(`${this.#name} ${what}`, begin, this.#look);
    await this.#look();
  }

  waitFor = (state: string): Promise<void> =>
    this.#environment.waitUntil(`${this.#name} is ${state}`, async () => {
      await this.#look();
      return (await this.read()).properties?.protectionState === state;
    });

  async enable(settings: object = {}): Promise<void> {
    const environment = this.#environment;
    const [, , , container] = this.#place;
    const protectable = environment.siteRecovery.replicationProtectableItems;
    const found = await collect(
      protectable.listByReplicationProtectionContainers(VAULT, VAULT_GROUP, SITE, container),
    );
    const machine = found.find(({ properties }) => properties?.friendlyName === this.#name);
    await protectable.get(VAULT, VAULT_GROUP, SITE, container, machine?.name ?? '');
    // Site Recovery does not know which disk of several holds the operating system.
    const { diskDetails: [systemDisk] = [] } = machine?.properties
      ?.customDetails as HyperVVirtualMachineDetails;
    await this.run(
      'enabled',
      this.#items.beginCreate(...this.#place, {
        properties: {
          policyId: `${vaultId(environment)}/replicationPolicies/${POLICY}`,
          protectableItemId: machine?.id ?? '',
          providerSpecificDetails: {
            ...OWN,
            osType: 'Windows',
            vhdId: systemDisk?.vhdId ?? '',
            targetAzureVmName: this.#name,
            targetStorageAccountId: inRecoveryGroup(
              environment,
              'Microsoft.Storage/storageAccounts',
              'office1disks',
            ),
            targetAzureV2ResourceGroupId: environment.groupId(RECOVERY_GROUP),
            targetAzureNetworkId: networkId(environment, 'office-network-recovery'),
            targetAzureSubnetId: 'servers',
            ...settings,
          },
        },
      }),
    );
    await this.waitFor('Protected');
    await protectable.get(VAULT, VAULT_GROUP, SITE, container, machine?.name ?? '');
  }

  async change(): Promise<void> {
    const { properties } = await this.read();
    const details = properties?.providerSpecificDetails as HyperVReplicaAzureReplicationDetails;
    await this.run(
      'changed',
      this.#items.beginUpdate(...this.#place, {
        properties: {
          recoveryAzureVMSize: 'Standard_D4s_v5',
          selectedRecoveryAzureNetworkId: networkId(this.#environment, 'office-network-recovery'),
          vmNics: (details.vmNics ?? []).map(({ nicId = '' }) => ({
            nicId,
            ipConfigs: [{ isPrimary: true, recoverySubnetName: 'clients' }],
          })),
          providerSpecificDetails: OWN,
        },
      }),
    );
    const after = (await this.read()).properties
      ?.providerSpecificDetails as HyperVReplicaAzureReplicationDetails;
    this.#environment.expect(
      'it has the new size',
      after.recoveryAzureVMSize === 'Standard_D4s_v5',
      after.recoveryAzureVMSize,
    );
  }

  async test(): Promise<void> {
    await this.run(
      'tested',
      this.#items.beginTestFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          networkType: 'VmNetworkAsInput',
          networkId: networkId(this.#environment, 'office-network-drill'),
          providerSpecificDetails: OWN,
        },
      }),
    );
    await this.run(
      'test cleaned up',
      this.#items.beginTestFailoverCleanup(...this.#place, { properties: { comments: 'All well.' } }),
    );
    await this.#environment.advance(1200);
    await this.#look();
  }

  planned = (): Promise<void> =>
    this.run(
      'failed over as planned',
      this.#items.beginPlannedFailover(...this.#place, {
        properties: { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails: OWN },
      }),
    );

  /** Fails over to the oldest recovery point, then takes the next one. The newest is soon replaced. */
  async unplanned(): Promise<void> {
    const { recoveryPoints } = this.#environment.siteRecovery;
    await this.#environment.advance(7200);
    const points = await collect(recoveryPoints.listByReplicationProtectedItems(...this.#place));
    for (const { name = '' } of points.slice(0, 2)) await recoveryPoints.get(...this.#place, name);
    await this.run(
      'failed over',
      this.#items.beginUnplannedFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          sourceSiteOperations: 'Required',
          providerSpecificDetails: { ...OWN, recoveryPointId: points[0]?.id ?? '' },
        },
      }),
    );
    await this.run(
      'another recovery point',
      this.#items.beginApplyRecoveryPoint(...this.#place, {
        properties: { recoveryPointId: points[1]?.id ?? '', providerSpecificDetails: OWN },
      }),
    );
  }

  commit = (): Promise<void> => this.run('committed', this.#items.beginFailoverCommit(...this.#place));

  beginFailback = (): Parameters<SdkEnvironment['pollToEnd']>[1] =>
    this.#items.beginPlannedFailover(...this.#place, {
      properties: {
        failoverDirection: 'RecoveryToPrimary',
        providerSpecificDetails: {
          instanceType: 'HyperVReplicaAzureFailback',
          dataSyncOption: 'ForSynchronization',
          recoveryVmCreationOption: 'NoAction',
        },
      },
    });

  async failHome(): Promise<void> {
    await this.run('failed back', this.beginFailback());
    await this.commit();
    await this.run(
      'replicates to Azure again',
      this.#items.beginReprotect(...this.#place, {
        properties: { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails: OWN },
      }),
    );
    await this.waitFor('Protected');
  }

  disable = (): Promise<void> =>
    this.run('let go', this.#items.beginDelete(...this.#place, { properties: {} }));
}

async function readHistory(environment: SdkEnvironment): Promise<void> {
  const {
    replicationJobs: jobs,
    replicationEvents: events,
    replicationVaultHealth: health,
  } = environment.siteRecovery;
  for (const { name = '' } of await collect(jobs.list(VAULT, VAULT_GROUP)))
    await jobs.get(VAULT, VAULT_GROUP, name);
  for (const { name = '' } of await collect(events.list(VAULT, VAULT_GROUP)))
    await events.get(VAULT, VAULT_GROUP, name);
  await health.get(VAULT, VAULT_GROUP);
}

export async function runHyperV(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('Machines on Hyper-V to Azure and home again');
  await environment.waitForResult(
    'vault made',
    environment.vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, {
      location: 'southeastasia',
      sku: { name: 'RS0' },
      properties: { publicNetworkAccess: 'Enabled' },
    }),
  );
  await registerHosts(environment);
  const { replicationProtectionContainers: containers, replicationProtectedItems: items } =
    environment.siteRecovery;
  const [own] = await collect(containers.listByReplicationFabrics(VAULT, VAULT_GROUP, SITE));
  const container = own?.name ?? '';
  await createPolicy(environment, container);
  await containers.get(VAULT, VAULT_GROUP, SITE, container);
  await collect(containers.list(VAULT, VAULT_GROUP));
  const [web, database] = [
    new OfficeMachine(environment, container, 'erp-web'),
    new OfficeMachine(environment, container, 'erp-db'),
  ];
  await web.enable();
  await database.enable({ useManagedDisks: 'true' });
  await web.change();
  await web.test();
  await web.planned();
  await web.commit();
  await web.failHome();
  await database.unplanned();
  await database.commit();
  await environment.expectFailure('a failback from managed disks', '539', () => database.beginFailback());
  await readHistory(environment);
  await web.disable();
  await database.disable();
  environment.expect('no machine is left', (await collect(items.list(VAULT, VAULT_GROUP))).length === 0);
}
