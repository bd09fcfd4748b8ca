// The whole life of a VMware machine: its appliance registered, replicated to Azure, tested, failed
// over, and home again.

import type {
  InMageRcmReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { collect, VAULT_GROUP, type SdkEnvironment } from './sdk-environment.ts';

const VAULT = 'harbour-vault';
const FABRIC = 'harbour-fabric';
const APPLIANCE = 'harbour-appliance';
const POLICY = 'harbour-policy';
const MAPPING = 'harbour-mapping';
const RECOVERY_GROUP = 'contoso-harbour-recovery';

const IDENTITY = {
  tenantId: '7d1c8a52-3f0e-4b7a-9c46-1e5b0a6f2d10',
  applicationId: 'a1a1a1a1-0000-0000-0000-000000000001',
  objectId: 'a1a1a1a1-0000-0000-0000-000000000002',
  audience: 'api://harbour',
  aadAuthority: 'https://login.microsoftonline.com',
};

const siteId = (environment: SdkEnvironment): string =>
  environment.resourceId(VAULT_GROUP, 'Microsoft.OffAzure/VMwareSites', 'harbour-site');
const inRecoveryGroup = (environment: SdkEnvironment, type: string, name: string): string =>
  environment.resourceId(RECOVERY_GROUP, type, name);
const logAccountId = (environment: SdkEnvironment): string =>
  inRecoveryGroup(environment, 'Microsoft.Storage/storageAccounts', 'harbourlogs');
const networkId = (environment: SdkEnvironment, name: string): string =>
  inRecoveryGroup(environment, 'Microsoft.Network/virtualNetworks', name);
const policyId = (environment: SdkEnvironment, name: string): string =>
  `${environment.resourceId(VAULT_GROUP, 'Microsoft.RecoveryServices/vaults', VAULT)}/replicationPolicies/${name}`;

interface DiscoveredMachine {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly displayName: string; readonly disks: readonly { readonly uuid: string }[] };
}

async function registerAppliance(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  await environment.pollToEnd(
    'fabric of the harbour',
    client.replicationFabrics.beginCreate(VAULT, VAULT_GROUP, FABRIC, {
      properties: {
        customDetails: {
          instanceType: 'InMageRcm',
          vmwareSiteId: siteId(environment),
          physicalSiteId: siteId(environment).replace('VMwareSites', 'ServerSites'),
          sourceAgentIdentity: IDENTITY,
        },
      },
    }),
  );
  await environment.pollToEnd(
    'appliance registered',
    client.replicationRecoveryServicesProviders.beginCreate(VAULT, VAULT_GROUP, FABRIC, APPLIANCE, {
      properties: {
        machineName: APPLIANCE,
        authenticationIdentityInput: IDENTITY,
        resourceAccessIdentityInput: IDENTITY,
      },
    }),
  );
  await environment.pollToEnd(
    'appliance refreshed',
    client.replicationRecoveryServicesProviders.beginRefreshProvider(VAULT, VAULT_GROUP, FABRIC, APPLIANCE),
  );
  const { properties } = await client.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC);
  environment.expect('the fabric is healthy', properties?.health === 'Normal', properties?.health);
  await collect(client.replicationFabrics.list(VAULT, VAULT_GROUP));
  await collect(client.replicationAppliances.list(VAULT, VAULT_GROUP));
  await collect(client.replicationRecoveryServicesProviders.list(VAULT, VAULT_GROUP));
  await client.replicationRecoveryServicesProviders.get(VAULT, VAULT_GROUP, FABRIC, APPLIANCE);
}

async function createPolicies(environment: SdkEnvironment): Promise<void> {
  const { replicationPolicies: policies } = environment.siteRecovery;
  await environment.pollToEnd(
    'a policy of the way home',
    policies.beginCreate(VAULT, VAULT_GROUP, 'harbour-home', {
      properties: {
        providerSpecificInput: {
          instanceType: 'InMageRcmFailback',
          appConsistentFrequencyInMinutes: 60,
          crashConsistentFrequencyInMinutes: 5,
        },
      },
    }),
  );
  await policies.get(VAULT, VAULT_GROUP, 'harbour-home');
  await collect(policies.list(VAULT, VAULT_GROUP));
  await environment.pollToEnd('its removal', policies.beginDelete(VAULT, VAULT_GROUP, 'harbour-home'));
  await environment.pollToEnd(
    'a policy to Azure',
    policies.beginCreate(VAULT, VAULT_GROUP, POLICY, {
      properties: {
        providerSpecificInput: {
          instanceType: 'InMageRcm',
          recoveryPointHistoryInMinutes: 1440,
          appConsistentFrequencyInMinutes: 60,
          crashConsistentFrequencyInMinutes: 5,
          enableMultiVmSync: 'true',
        },
      },
    }),
  );
  await policies.get(VAULT, VAULT_GROUP, POLICY);
  await collect(policies.list(VAULT, VAULT_GROUP));
}

/** The mapping to Azure brings the policy and the mapping of the way home. */
async function mapContainer(environment: SdkEnvironment): Promise<string> {
  const { siteRecovery: client } = environment;
  const { replicationProtectionContainers: containers, replicationProtectionContainerMappings: mappings } =
    client;
  const [own] = await collect(containers.listByReplicationFabrics(VAULT, VAULT_GROUP, FABRIC));
  const container = own?.name ?? '';
  await environment.pollToEnd(
    'mapping',
    mappings.beginCreate(VAULT, VAULT_GROUP, FABRIC, container, MAPPING, {
      properties: {
        targetProtectionContainerId: 'Microsoft Azure',
        policyId: policyId(environment, POLICY),
        // The SDK sends this input, though its types do not name it.
        providerSpecificInput: { instanceType: 'InMageRcm' as 'A2A' },
      },
    }),
  );
  await containers.get(VAULT, VAULT_GROUP, FABRIC, container);
  await collect(containers.list(VAULT, VAULT_GROUP));
  for (const { name = '' } of await collect(mappings.list(VAULT, VAULT_GROUP)))
    await mappings.get(VAULT, VAULT_GROUP, FABRIC, container, name);
  for (const { name = '' } of await collect(client.replicationPolicies.list(VAULT, VAULT_GROUP)))
    await client.replicationPolicies.get(VAULT, VAULT_GROUP, name);
  return container;
}

/** One machine of the harbour in its vault. */
class HarbourMachine {
  readonly #environment: SdkEnvironment;
  readonly #place: [string, string, string, string, string];
  readonly #discovered: DiscoveredMachine;

  constructor(environment: SdkEnvironment, container: string, discovered: DiscoveredMachine) {
    this.#environment = environment;
    this.#discovered = discovered;
    this.#place = [VAULT, VAULT_GROUP, FABRIC, container, discovered.name];
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

  async #run(what: string, begin: Parameters<SdkEnvironment['pollToEnd']>[1]): Promise<void> {
    await this.#environment.pollToEnd(what, begin, this.#look);
    await this.#look();
  }

  async waitFor(state: string): Promise<void> {
    await this.#environment.waitUntil(`it is ${state}`, async () => {
      await collect(this.#items.list(VAULT, VAULT_GROUP));
      return (await this.read()).properties?.protectionState === state;
    });
  }

  async enable(applianceId: string): Promise<void> {
    const environment = this.#environment;
    await this.#run(
      'enabled',
      this.#items.beginCreate(...this.#place, {
        properties: {
          policyId: policyId(environment, POLICY),
          providerSpecificDetails: {
            instanceType: 'InMageRcm',
            fabricDiscoveryMachineId: this.#discovered.id,
            processServerId: applianceId,
            runAsAccountId: `${siteId(environment)}/runasaccounts/windows-installer`,
            disksToInclude: this.#discovered.properties.disks.map(({ uuid }) => ({
              diskId: uuid,
              logStorageAccountId: logAccountId(environment),
              diskType: 'Standard_LRS',
            })),
            targetResourceGroupId: environment.groupId(RECOVERY_GROUP),
            targetNetworkId: networkId(environment, 'harbour-network-recovery'),
            targetSubnetName: 'quay',
            testNetworkId: networkId(environment, 'harbour-network-test'),
            testSubnetName: 'quay',
          },
        },
      }),
    );
    await this.waitFor('InitialReplicationRecoveryCompletionPending');
    await this.waitFor('Protected');
  }

  async change(): Promise<void> {
    await this.#run(
      'changed',
      this.#items.beginUpdate(...this.#place, {
        properties: {
          providerSpecificDetails: {
            instanceType: 'InMageRcm',
            targetVmSize: 'Standard_D4s_v5',
            licenseType: 'WindowsServer',
            targetProximityPlacementGroupId: inRecoveryGroup(
              this.#environment,
              'Microsoft.Compute/proximityPlacementGroups',
              'harbour-near-recovery',
            ),
          },
        },
      }),
    );
    const details = (await this.read()).properties?.providerSpecificDetails as InMageRcmReplicationDetails;
    this.#environment.expect('it has the new size', details.targetVmSize === 'Standard_D4s_v5', details);
  }

  async test(): Promise<void> {
    await this.#run(
      'tested',
      this.#items.beginTestFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          networkType: 'VmNetworkAsInput',
          providerSpecificDetails: {
            instanceType: 'InMageRcm',
            networkId: networkId(this.#environment, 'harbour-network-test'),
          },
        },
      }),
    );
    await this.#run(
      'test cleaned up',
      this.#items.beginTestFailoverCleanup(...this.#place, { properties: { comments: 'All well.' } }),
    );
    await this.#environment.advance(1200);
    await this.#look();
  }

  /** Reads the recovery points, and fails over to the oldest one, then to the newest. */
  async failOver(): Promise<void> {
    const { recoveryPoints } = this.#environment.siteRecovery;
    await this.#environment.advance(7200);
    const points = await collect(recoveryPoints.listByReplicationProtectedItems(...this.#place));
    for (const { name = '' } of [points[0], points.at(-1)].filter((point) => point !== undefined))
      await recoveryPoints.get(...this.#place, name);
    await this.#run(
      'failed over',
      this.#items.beginUnplannedFailover(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          providerSpecificDetails: {
            instanceType: 'InMageRcm',
            performShutdown: 'true',
            recoveryPointId: points[0]?.id ?? '',
          },
        },
      }),
    );
    const recoveryPointId = points.at(-1)?.id ?? '';
    await this.#run(
      'another recovery point',
      this.#items.beginApplyRecoveryPoint(...this.#place, {
        properties: {
          recoveryPointId,
          providerSpecificDetails: { instanceType: 'InMageRcm', recoveryPointId },
        },
      }),
    );
    await this.commit();
  }

  commit = (): Promise<void> => this.#run('committed', this.#items.beginFailoverCommit(...this.#place));

  async turnHome(agentId: string): Promise<void> {
    await this.#run(
      'turned home',
      this.#items.beginReprotect(...this.#place, {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: {
            instanceType: 'InMageRcm',
            reprotectAgentId: agentId,
            datastoreName: 'harbour-fast',
            logStorageAccountId: logAccountId(this.#environment),
          },
        },
      }),
    );
    await this.waitFor('Protected');
    const details = (await this.read()).properties?.providerSpecificDetails;
    this.#environment.expect('it replicates home', details?.instanceType === 'InMageRcmFailback', details);
  }

  failHome = (): Promise<void> =>
    this.#run(
      'failed back',
      this.#items.beginPlannedFailover(...this.#place, {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: {
            instanceType: 'InMageRcmFailback',
            recoveryPointType: 'ApplicationConsistent',
          },
        },
      }),
    );

  cancel = (): Promise<void> =>
    this.#run('failback cancelled', this.#items.beginFailoverCancel(...this.#place));

  async turnToAzure(applianceId: string): Promise<void> {
    await this.#run(
      'turned to Azure again',
      this.#items.beginReprotect(...this.#place, {
        properties: {
          failoverDirection: 'PrimaryToRecovery',
          providerSpecificDetails: {
            instanceType: 'InMageRcmFailback',
            processServerId: applianceId,
            runAsAccountId: `${siteId(this.#environment)}/runasaccounts/windows-installer`,
            policyId: policyId(this.#environment, POLICY),
          },
        },
      }),
    );
    await this.waitFor('Protected');
  }

  disable = (): Promise<void> =>
    this.#run('let go', this.#items.beginDelete(...this.#place, { properties: {} }));
}

async function discoveredMachine(environment: SdkEnvironment, wanted: string): Promise<DiscoveredMachine> {
  const found = (await environment.read(`${siteId(environment)}/machines?api-version=2020-01-01`)) as {
    readonly value: readonly DiscoveredMachine[];
  };
  const machine = found.value.find(({ properties }) => properties.displayName === wanted);
  if (!machine) throw new Error(`${wanted} was not discovered.`);
  return machine;
}

async function applianceIdOf(environment: SdkEnvironment): Promise<string> {
  const { properties } = await environment.siteRecovery.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC);
  const details = properties?.customDetails as { processServers?: { id?: string; name?: string }[] };
  return details.processServers?.find(({ name }) => name === APPLIANCE)?.id ?? '';
}

async function checkHistory(environment: SdkEnvironment): Promise<void> {
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

export async function runVmware(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('A VMware machine to Azure and home again');
  await environment.waitForResult(
    'vault made',
    environment.vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, {
      location: 'southeastasia',
      sku: { name: 'RS0' },
      properties: { publicNetworkAccess: 'Enabled' },
    }),
  );
  await registerAppliance(environment);
  await createPolicies(environment);
  const container = await mapContainer(environment);
  const applianceId = await applianceIdOf(environment);
  const machine = new HarbourMachine(
    environment,
    container,
    await discoveredMachine(environment, 'cargo-app'),
  );
  await machine.enable(applianceId);
  await machine.change();
  await machine.test();
  await machine.failOver();
  await machine.turnHome(applianceId);
  await machine.failHome();
  await machine.cancel();
  await machine.failHome();
  await machine.commit();
  await machine.turnToAzure(applianceId);
  await checkHistory(environment);
  await machine.disable();
  const { replicationProtectedItems: items } = environment.siteRecovery;
  environment.expect('no machine is left', (await collect(items.list(VAULT, VAULT_GROUP))).length === 0);
}
