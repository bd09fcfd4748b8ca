// Hyper-V to Azure for tests: the sites of contoso-hyper-v, requests through the SDK, and the setup of
// a host with a registration key.

// `@peculiar/x509` needs this import to read its own type metadata.
import 'reflect-metadata';
import { RecoveryServicesClient } from '@azure/arm-recoveryservices';
import type {
  HyperVReplicaAzureReplicationDetails,
  Job,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';
import { X509CertificateGenerator } from '@peculiar/x509';

import { loadEnvironment } from '../../environments/load.ts';
import {
  all,
  MINUTE,
  sendWrite,
  TestAzure,
  usePlainToken,
  VAULT_GROUP,
  type ContainerLocation,
} from './test-azure.ts';

export const OFFICE_VAULT = 'office-vault';
export const PLANT_VAULT = 'plant-vault';
export const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const startHyperV = (vault: string): Promise<TestAzure> =>
  TestAzure.start({ environment: loadEnvironment('contoso-hyper-v'), vault });

type SendOptions = Parameters<Parameters<typeof sendWrite>[0]>[0];
export type JobProperties = NonNullable<Job['properties']>;

/** Sends a write, lets its job end, and returns the job. */
export async function runJob(
  azure: TestAzure,
  call: (options: SendOptions) => Promise<unknown>,
): Promise<JobProperties> {
  const { status, jobId } = await sendWrite(call);
  expect(status).toBe(202);
  return waitForJob(azure, jobId);
}

/** Lets a job end, or reach the task that waits for a person. */
export async function waitForJob(azure: TestAzure, jobId: string): Promise<JobProperties> {
  for (let minute = 0; minute < 60; minute += 1) {
    await azure.advance(MINUTE);
    const { properties } = await azure.readJob(jobId);
    if (properties && !['NotStarted', 'InProgress'].includes(properties.state ?? '')) return properties;
  }
  throw new Error(`The job ${jobId} does not end.`);
}

/** Returns the code and the causes of each error of a job. */
export const errorsOf = ({ errors }: JobProperties): string[] =>
  (errors ?? []).map(
    ({ serviceErrorDetails }) =>
      `${serviceErrorDetails?.code ?? ''} ${serviceErrorDetails?.possibleCauses ?? ''}`,
  );

export const detailsOf = ({ properties }: ReplicationProtectedItem): HyperVReplicaAzureReplicationDetails =>
  properties?.providerSpecificDetails as HyperVReplicaAzureReplicationDetails;

export const groupId = (azure: TestAzure, group: string): string =>
  `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourceGroups/${group}`;
export const resourceIdOf = (azure: TestAzure, group: string, type: string, name: string): string =>
  `${groupId(azure, group)}/providers/${type}/${name}`;

/** Returns the only container of a site. */
export async function containerOf(azure: TestAzure, fabric: string): Promise<ContainerLocation> {
  const [container] = await all(
    azure.client.replicationProtectionContainers.listByReplicationFabrics(azure.vault, VAULT_GROUP, fabric),
  );
  return { fabric, container: container?.name ?? '' };
}

/** Creates a site in the vault and waits for its container. */
export async function createSite(azure: TestAzure, fabric: string): Promise<ContainerLocation> {
  const input = { properties: { customDetails: { instanceType: 'HyperVSite' } } } as never;
  await runJob(azure, (options) =>
    azure.client.replicationFabrics.beginCreate(azure.vault, VAULT_GROUP, fabric, input, options),
  );
  return containerOf(azure, fabric);
}

interface KeyOptions {
  /** The fields that differ from those of a valid key. */
  readonly change?: Readonly<Record<string, string>>;
}

async function siteIdOf(azure: TestAzure, fabric: string): Promise<string> {
  const { properties } = await azure.client.replicationFabrics.get(azure.vault, VAULT_GROUP, fabric);
  return properties?.internalIdentifier ?? '';
}

/**
 * Makes a registration key as a client does: a certificate and the integrity key of the vault. The key
 * of a VMM server names no site.
 */
export async function makeRegistrationKey(
  azure: TestAzure,
  fabric: string | undefined,
  { change = {} }: KeyOptions = {},
): Promise<string> {
  const subscription = azure.environment.subscriptions[0]?.id ?? '';
  const credential = {
    getToken: () => Promise.resolve({ token: 'tests', expiresOnTimestamp: Date.now() + HOUR }),
  };
  const client = new RecoveryServicesClient(credential, subscription, {
    endpoint: azure.url,
    allowInsecureConnection: true,
  });
  usePlainToken(client.pipeline, 'tests');
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const now = azure.clock.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=registration key',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    notBefore: new Date(now),
    notAfter: new Date(now + 5 * DAY),
  });
  const der = Buffer.from(certificate.rawData);
  await client.vaultCertificates.create(VAULT_GROUP, azure.vault, 'registration-key', {
    properties: { authType: 'AAD', certificate: der },
  });
  const integrityKey = Buffer.from('integrity').toString('base64');
  await client.vaultExtendedInfo.createOrUpdate(VAULT_GROUP, azure.vault, {
    properties: { integrityKey, algorithm: 'None' },
  });
  const fields = {
    SubscriptionId: subscription,
    ResourceGroup: VAULT_GROUP,
    ResourceName: azure.vault,
    ManagementCert: der.toString('base64'),
    ChannelIntegrityKey: integrityKey,
    SiteId: fabric === undefined ? '' : await siteIdOf(azure, fabric),
    SiteName: fabric ?? '',
    ...change,
  };
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${text}</${name}>`);
  return `<RSVaultCredentials>${elements.join('')}</RSVaultCredentials>`;
}

/** Registers a host, or returns why that was impossible. */
export async function register(azure: TestAzure, server: string, key: string): Promise<string> {
  const answer = await azure.admin<{ error?: string; fabric?: string }>('on-premises/register', {
    server,
    key,
  });
  return answer.error ?? `registered in ${answer.fabric ?? ''}`;
}

/** Creates the policy and associates it with the site. */
export async function associatePolicy(
  azure: TestAzure,
  { fabric, container }: ContainerLocation,
  policy = 'hourly',
): Promise<void> {
  const providerSpecificInput = {
    instanceType: 'HyperVReplicaAzure' as const,
    recoveryPointHistoryDuration: 2,
    applicationConsistentSnapshotFrequencyInHours: 1,
    replicationInterval: 300,
  };
  await runJob(azure, (options) =>
    azure.client.replicationPolicies.beginCreate(
      azure.vault,
      VAULT_GROUP,
      policy,
      { properties: { providerSpecificInput } },
      options,
    ),
  );
  const properties = {
    policyId: `${azure.vaultPath}/replicationPolicies/${policy}`,
    targetProtectionContainerId: 'Microsoft Azure',
  };
  await runJob(azure, (options) =>
    azure.client.replicationProtectionContainerMappings.beginCreate(
      azure.vault,
      VAULT_GROUP,
      fabric,
      container,
      `${policy}-mapping`,
      { properties },
      options,
    ),
  );
}

export interface SiteMachine {
  readonly id: string;
  readonly name: string;
  readonly power: string;
  readonly server: string;
  readonly disks: readonly { readonly id: string; readonly name: string }[];
}

/** Returns the true state of a machine in the company's site. */
export async function siteMachine(azure: TestAzure, name: string): Promise<SiteMachine> {
  const { machines } = await azure.admin<{ machines: readonly SiteMachine[] }>('on-premises');
  const found = machines.find((machine) => machine.name === name);
  if (!found) throw new Error(`There is no machine ${name}.`);
  return found;
}

/** Sends the request that enables the replication of a machine. */
export async function enable(
  azure: TestAzure,
  { fabric, container }: ContainerLocation,
  vm: string,
  details: object = {},
  { name = vm, policy = 'hourly' }: { name?: string; policy?: string } = {},
): Promise<JobProperties> {
  const { id } = await siteMachine(azure, vm);
  const place = `${azure.vaultPath}/replicationFabrics/${fabric}/replicationProtectionContainers/${container}`;
  const input = {
    properties: {
      policyId: `${azure.vaultPath}/replicationPolicies/${policy}`,
      protectableItemId: `${place}/replicationProtectableItems/${id}`,
      providerSpecificDetails: {
        instanceType: 'HyperVReplicaAzure' as const,
        osType: 'Windows',
        targetStorageAccountId: resourceIdOf(
          azure,
          'contoso-office-recovery',
          'Microsoft.Storage/storageAccounts',
          'office1disks',
        ),
        targetAzureV2ResourceGroupId: groupId(azure, 'contoso-office-recovery'),
        targetAzureNetworkId: resourceIdOf(
          azure,
          'contoso-office-recovery',
          'Microsoft.Network/virtualNetworks',
          'office-network-recovery',
        ),
        targetAzureSubnetId: 'servers',
        ...details,
      },
    },
  };
  return runJob(azure, (options) =>
    azure.client.replicationProtectedItems.beginCreate(
      azure.vault,
      VAULT_GROUP,
      fabric,
      container,
      name,
      input,
      options,
    ),
  );
}

/** The office's site in its vault, with all hosts and a policy. */
export async function prepareOffice(azure: TestAzure): Promise<ContainerLocation> {
  const place = await createSite(azure, 'office-site');
  const key = await makeRegistrationKey(azure, 'office-site');
  for (const host of ['office-hv-01', 'office-hv-02', 'office-hv-03'])
    expect(await register(azure, host, key)).toBe('registered in office-site');
  await associatePolicy(azure, place);
  return place;
}

/** Sends an action of an item and returns its job. */
export const act = (
  azure: TestAzure,
  { fabric, container }: ContainerLocation,
  name: string,
  action: string,
  properties?: object,
): Promise<JobProperties> =>
  runJob(azure, async ({ onResponse }) => {
    const path =
      `/replicationFabrics/${fabric}/replicationProtectionContainers/${container}` +
      `/replicationProtectedItems/${name}${action === '' ? '' : `/${action}`}`;
    const { status, headers } = await azure.sendRaw(
      action === '' ? 'PATCH' : 'POST',
      path,
      properties && { properties },
    );
    onResponse({ status, headers: { get: (header) => findHeader(headers, header) } });
  });

const findHeader = (headers: Record<string, string> | undefined, name: string): string | undefined =>
  Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

const own = { instanceType: 'HyperVReplicaAzure' };
export const FORWARD = { failoverDirection: 'PrimaryToRecovery', providerSpecificDetails: own };
export const HOMEWARD = {
  failoverDirection: 'RecoveryToPrimary',
  providerSpecificDetails: {
    instanceType: 'HyperVReplicaAzureFailback',
    dataSyncOption: 'ForSynchronization',
    recoveryVmCreationOption: 'NoAction',
  },
};

/** Returns the state and the operations of an item as readers see them. */
export async function stateOf(azure: TestAzure, name: string, place: ContainerLocation): Promise<string> {
  const { properties } = await azure.readItem(name, place);
  return [
    properties?.protectionState,
    properties?.protectionStateDescription,
    properties?.activeLocation,
    properties?.allowedOperations?.join(),
  ].join(' | ');
}

/** Returns the states of the machine in the site and of the machine in Azure. */
export async function powersOf(azure: TestAzure, name: string): Promise<string> {
  const item = (await azure.readTrueItems()).find((found) => found.name === name);
  return item?.machines.map(({ state }) => state).join() ?? 'gone';
}
