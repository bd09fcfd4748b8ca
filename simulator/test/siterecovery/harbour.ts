// Contoso's harbour for tests: a VMware site, its appliance, and the operations on its machines with
// the real SDK.

import type {
  InMageRcmFailbackReplicationDetails,
  InMageRcmReplicationDetails,
  Job,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import { loadEnvironment } from '../../environments/load.ts';
import { MINUTE, sendWrite, TestAzure, VAULT, VAULT_GROUP, type ContainerLocation } from './test-azure.ts';

export const FABRIC = 'harbour-fabric';
export const POLICY = 'harbour-policy';
export const SITE = 'Microsoft.OffAzure/VMwareSites/harbour-site';
export const RECOVERY_GROUP = 'contoso-harbour-recovery';

export const startHarbour = (): Promise<TestAzure> =>
  TestAzure.start({ environment: loadEnvironment('contoso-harbour') });

export const groupId = ({ environment }: TestAzure, group: string): string =>
  `/subscriptions/${environment.subscriptions[0]?.id ?? ''}/resourceGroups/${group}`;
export const resourceId = (azure: TestAzure, type: string, name: string, group = RECOVERY_GROUP): string =>
  `${groupId(azure, group)}/providers/${type}/${name}`;
export const siteId = (azure: TestAzure): string => `${groupId(azure, VAULT_GROUP)}/providers/${SITE}`;

/** The SDK sends this input, though its types do not name it. */
const RCM_MAPPING = { instanceType: 'InMageRcm' as 'A2A', enableAgentAutoUpgrade: 'true' };

type Call = Parameters<typeof sendWrite>[0];

/** Sends a write and advances the clock until its job has ended. */
export async function runJob(azure: TestAzure, call: Call, vault = VAULT): Promise<Job> {
  const { status, jobId } = await sendWrite(call, 'harbour');
  expect(status).toBe(202);
  return waitForJob(azure, jobId, vault);
}

export async function waitForJob(azure: TestAzure, id: string, vault = VAULT): Promise<Job> {
  for (let waited = 0; waited < 120; waited += 1) {
    const job = await azure.client.replicationJobs.get(vault, VAULT_GROUP, id);
    if (job.properties?.endTime) return job;
    await azure.advance(MINUTE);
  }
  throw new Error(`The job ${id} did not end.`);
}

export async function succeeds(azure: TestAzure, call: Call, vault = VAULT): Promise<Job> {
  const job = await runJob(azure, call, vault);
  expect([job.properties?.friendlyName, job.properties?.state, job.properties?.errors]).toEqual([
    job.properties?.friendlyName,
    'Succeeded',
    job.properties?.errors,
  ]);
  return job;
}

/** Returns the code and the causes of the job's refusal. */
export async function refusal(azure: TestAzure, call: Call, vault = VAULT): Promise<string> {
  const job = await runJob(azure, call, vault);
  expect(job.properties?.state).toBe('Failed');
  const error = job.properties?.errors?.[0]?.serviceErrorDetails;
  return `${error?.code ?? ''} ${error?.possibleCauses ?? ''}`;
}

export const createFabric = (azure: TestAzure): Promise<Job> =>
  succeeds(azure, (options) =>
    azure.client.replicationFabrics.beginCreate(
      VAULT,
      VAULT_GROUP,
      FABRIC,
      {
        properties: {
          customDetails: {
            instanceType: 'InMageRcm',
            vmwareSiteId: siteId(azure),
            physicalSiteId: siteId(azure).replace('VMwareSites', 'ServerSites'),
            sourceAgentIdentity: identityInput,
          },
        },
      },
      options,
    ),
  );

const identityInput = {
  tenantId: '7d1c8a52-3f0e-4b7a-9c46-1e5b0a6f2d10',
  applicationId: 'a1a1a1a1-0000-0000-0000-000000000001',
  objectId: 'a1a1a1a1-0000-0000-0000-000000000002',
  audience: 'api://harbour',
  aadAuthority: 'https://login.microsoftonline.com',
};

export const registerAppliance = (azure: TestAzure, appliance = 'harbour-appliance'): Promise<Job> =>
  succeeds(azure, (options) =>
    azure.client.replicationRecoveryServicesProviders.beginCreate(
      VAULT,
      VAULT_GROUP,
      FABRIC,
      appliance,
      {
        properties: {
          machineName: appliance,
          authenticationIdentityInput: identityInput,
          resourceAccessIdentityInput: identityInput,
        },
      },
      options,
    ),
  );

/** Returns the container that the service made with the fabric. */
export async function containerOf(azure: TestAzure): Promise<ContainerLocation> {
  for await (const container of azure.client.replicationProtectionContainers.listByReplicationFabrics(
    VAULT,
    VAULT_GROUP,
    FABRIC,
  ))
    return { fabric: FABRIC, container: container.name ?? '' };
  throw new Error('The fabric has no container.');
}

export async function mapPolicy(azure: TestAzure): Promise<void> {
  await succeeds(azure, (options) =>
    azure.client.replicationPolicies.beginCreate(
      VAULT,
      VAULT_GROUP,
      POLICY,
      {
        properties: {
          providerSpecificInput: {
            instanceType: 'InMageRcm',
            recoveryPointHistoryInMinutes: 1440,
            appConsistentFrequencyInMinutes: 60,
            crashConsistentFrequencyInMinutes: 5,
            enableMultiVmSync: 'true',
          },
        },
      },
      options,
    ),
  );
  const { container } = await containerOf(azure);
  await succeeds(azure, (options) =>
    azure.client.replicationProtectionContainerMappings.beginCreate(
      VAULT,
      VAULT_GROUP,
      FABRIC,
      container,
      'harbour-mapping',
      {
        properties: {
          targetProtectionContainerId: 'Microsoft Azure',
          policyId: `${azure.vaultPath}/replicationPolicies/${POLICY}`,
          providerSpecificInput: RCM_MAPPING,
        },
      },
      options,
    ),
  );
}

/** The fabric, its appliance, the policy and its mapping. */
export async function prepareHarbour(azure: TestAzure): Promise<ContainerLocation> {
  await createFabric(azure);
  await registerAppliance(azure);
  await mapPolicy(azure);
  return containerOf(azure);
}

export interface DiscoveredMachine {
  readonly id: string;
  readonly name: string;
  readonly properties: {
    readonly displayName: string;
    readonly powerStatus: string;
    readonly disks: readonly { readonly uuid: string; readonly maxSizeInBytes: number }[];
    readonly networkAdapters: readonly { readonly nicId: string }[];
  };
}

export async function discoveredMachines(azure: TestAzure): Promise<DiscoveredMachine[]> {
  const { status, body } = await azure.sendRaw('GET', `${siteId(azure)}/machines?api-version=2020-01-01`);
  expect(status).toBe(200);
  return (body as { value: DiscoveredMachine[] }).value;
}

export async function discovered(azure: TestAzure, name: string): Promise<DiscoveredMachine> {
  const found = (await discoveredMachines(azure)).find(({ properties }) => properties.displayName === name);
  if (!found) throw new Error(`${name} was not discovered.`);
  return found;
}

export async function applianceId(azure: TestAzure, name = 'harbour-appliance'): Promise<string> {
  const { properties } = await azure.client.replicationFabrics.get(VAULT, VAULT_GROUP, FABRIC);
  const details = properties?.customDetails as { processServers?: { id?: string; name?: string }[] };
  return details.processServers?.find((server) => server.name === name)?.id ?? '';
}

type BothWays = Omit<InMageRcmReplicationDetails, 'instanceType'> &
  Omit<InMageRcmFailbackReplicationDetails, 'instanceType'> & { readonly instanceType: string };

export interface EnableChanges {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly policyId?: string;
}

/** Enables replication of a discovered machine to the harbour's network in Azure. */
export async function enable(azure: TestAzure, name: string, changes: EnableChanges = {}): Promise<Call> {
  const { container } = await containerOf(azure);
  const machine = await discovered(azure, name);
  const providerSpecificDetails = {
    instanceType: 'InMageRcm' as const,
    fabricDiscoveryMachineId: machine.id,
    processServerId: await applianceId(azure),
    runAsAccountId: `${siteId(azure)}/runasaccounts/windows-installer`,
    disksDefault: {
      logStorageAccountId: resourceId(azure, 'Microsoft.Storage/storageAccounts', 'harbourlogs'),
      diskType: 'Premium_LRS',
    },
    targetResourceGroupId: groupId(azure, RECOVERY_GROUP),
    targetNetworkId: resourceId(azure, 'Microsoft.Network/virtualNetworks', 'harbour-network-recovery'),
    targetSubnetName: 'quay',
    ...changes.details,
  };
  return (options) =>
    azure.client.replicationProtectedItems.beginCreate(
      VAULT,
      VAULT_GROUP,
      FABRIC,
      container,
      machine.name,
      {
        properties: {
          policyId: changes.policyId ?? `${azure.vaultPath}/replicationPolicies/${POLICY}`,
          providerSpecificDetails,
        },
      },
      options,
    );
}

export async function waitForState(
  azure: TestAzure,
  read: () => Promise<ReplicationProtectedItem>,
  state: string,
): Promise<ReplicationProtectedItem> {
  for (let waited = 0; waited < 120; waited += 1) {
    const item = await read();
    if (item.properties?.protectionState === state && (item.properties.allowedOperations ?? []).length > 0)
      return item;
    await azure.advance(MINUTE);
  }
  throw new Error(`The item did not become ${state}.`);
}

/** The prepared harbour with one replicated machine. */
export class ReplicatedMachine {
  readonly azure: TestAzure;
  readonly name: string;
  readonly place: ContainerLocation;

  private constructor(azure: TestAzure, name: string, place: ContainerLocation) {
    this.azure = azure;
    this.name = name;
    this.place = place;
  }

  static async enable(
    azure: TestAzure,
    name: string,
    changes: EnableChanges = {},
  ): Promise<ReplicatedMachine> {
    await succeeds(azure, await enable(azure, name, changes));
    const machine = new ReplicatedMachine(
      azure,
      (await discovered(azure, name)).name,
      await containerOf(azure),
    );
    await machine.waitFor('Protected');
    return machine;
  }

  read = (): Promise<ReplicationProtectedItem> => this.azure.readItem(this.name, this.place);
  waitFor = (state: string): Promise<ReplicationProtectedItem> => waitForState(this.azure, this.read, state);

  /** The details while the machine replicates to Azure, and while it replicates home. */
  async details(): Promise<BothWays> {
    const { properties } = await this.read();
    return properties?.providerSpecificDetails as unknown as BothWays;
  }

  readonly #args = (): [string, string, string, string, string] => [
    VAULT,
    VAULT_GROUP,
    this.place.fabric,
    this.place.container,
    this.name,
  ];

  failOver =
    (more: Readonly<Record<string, unknown>> = {}): Call =>
    (options) =>
      this.azure.client.replicationProtectedItems.beginUnplannedFailover(
        ...this.#args(),
        {
          properties: {
            failoverDirection: 'PrimaryToRecovery',
            providerSpecificDetails: { instanceType: 'InMageRcm', performShutdown: 'true', ...more },
          },
        },
        options,
      );

  commit: Call = (options) =>
    this.azure.client.replicationProtectedItems.beginFailoverCommit(...this.#args(), options);

  cancel: Call = (options) =>
    this.azure.client.replicationProtectedItems.beginFailoverCancel(...this.#args(), options);

  disable: Call = (options) =>
    this.azure.client.replicationProtectedItems.beginDelete(...this.#args(), { properties: {} }, options);

  test =
    (networkId: string): Call =>
    (options) =>
      this.azure.client.replicationProtectedItems.beginTestFailover(
        ...this.#args(),
        {
          properties: {
            failoverDirection: 'PrimaryToRecovery',
            networkType: 'VmNetworkAsInput',
            providerSpecificDetails: { instanceType: 'InMageRcm', networkId },
          },
        },
        options,
      );

  cleanUp: Call = (options) =>
    this.azure.client.replicationProtectedItems.beginTestFailoverCleanup(
      ...this.#args(),
      { properties: { comments: 'All well.' } },
      options,
    );

  update =
    (details: Readonly<Record<string, unknown>>): Call =>
    (options) =>
      this.azure.client.replicationProtectedItems.beginUpdate(
        ...this.#args(),
        { properties: { providerSpecificDetails: { instanceType: 'InMageRcm', ...details } } },
        options,
      );

  changePoint =
    (recoveryPointId: string): Call =>
    (options) =>
      this.azure.client.replicationProtectedItems.beginApplyRecoveryPoint(
        ...this.#args(),
        {
          properties: {
            recoveryPointId,
            providerSpecificDetails: { instanceType: 'InMageRcm', recoveryPointId },
          },
        },
        options,
      );

  changeAppliance =
    (targetApplianceId: string): Call =>
    (options) =>
      this.azure.client.replicationProtectedItems.beginUpdateAppliance(
        ...this.#args(),
        {
          properties: {
            targetApplianceId,
            providerSpecificDetails: {
              instanceType: 'InMageRcm',
              runAsAccountId: `${siteId(this.azure)}/runasaccounts/windows-installer`,
            },
          },
        },
        options,
      );

  async reprotectHome(changes: Readonly<Record<string, string>> = {}): Promise<Call> {
    const providerSpecificDetails = {
      instanceType: 'InMageRcm' as const,
      reprotectAgentId: await applianceId(this.azure),
      datastoreName: 'harbour-fast',
      logStorageAccountId: resourceId(this.azure, 'Microsoft.Storage/storageAccounts', 'harbourlogs'),
      ...changes,
    };
    return (options) =>
      this.azure.client.replicationProtectedItems.beginReprotect(
        ...this.#args(),
        { properties: { failoverDirection: 'RecoveryToPrimary', providerSpecificDetails } },
        options,
      );
  }

  failBack: Call = (options) =>
    this.azure.client.replicationProtectedItems.beginPlannedFailover(
      ...this.#args(),
      {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: {
            instanceType: 'InMageRcmFailback',
            recoveryPointType: 'CrashConsistent',
          },
        },
      },
      options,
    );

  async reprotectToAzure(): Promise<Call> {
    const providerSpecificDetails = {
      instanceType: 'InMageRcmFailback' as const,
      processServerId: await applianceId(this.azure),
      runAsAccountId: `${siteId(this.azure)}/runasaccounts/windows-installer`,
      policyId: `${this.azure.vaultPath}/replicationPolicies/${POLICY}`,
    };
    return (options) =>
      this.azure.client.replicationProtectedItems.beginReprotect(
        ...this.#args(),
        { properties: { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails } },
        options,
      );
  }

  /** Where the machine runs, in truth: on premises, and in Azure. */
  async power(): Promise<{ home: string; away: string }> {
    const items = await this.azure.readTrueItems();
    const [home, away] = items.find(({ name }) => name === this.name)?.machines ?? [];
    return { home: home?.state ?? 'unknown', away: away?.state ?? 'unknown' };
  }

  /** Fails over, commits and reprotects home. */
  async goHome(): Promise<void> {
    await succeeds(this.azure, this.failOver());
    await succeeds(this.azure, this.commit);
    await succeeds(this.azure, await this.reprotectHome());
    await this.waitFor('Protected');
  }
}
