// The prerequisites: vault, fabrics, containers, policies, mappings, alert settings. The run
// creates them first and deletes them last.

import {
  collect,
  SHOP_GROUP,
  SHOP_RECOVERY_GROUP,
  VAULT,
  VAULT_GROUP,
  type SdkEnvironment,
} from './sdk-environment.ts';

export const PRIMARY_SIDE = {
  fabric: 'fabric-eastasia',
  container: 'container-eastasia',
  region: 'eastasia',
} as const;
export const RECOVERY_SIDE = {
  fabric: 'fabric-southeastasia',
  container: 'container-southeastasia',
  region: 'southeastasia',
} as const;
export const SIDES = [PRIMARY_SIDE, RECOVERY_SIDE] as const;
export const POLICY = 'day-of-points';

export const containerId = (
  environment: SdkEnvironment,
  { fabric, container }: { fabric: string; container: string },
): string =>
  `${environment.vaultId}/replicationFabrics/${fabric}/replicationProtectionContainers/${container}`;

export async function createPrerequisites(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client, vaults } = environment;
  environment.printTitle('A vault, and its prerequisites');
  const vault = {
    location: 'southeastasia',
    sku: { name: 'RS0' },
    properties: { publicNetworkAccess: 'Enabled' },
  };
  await environment.waitForResult('vault made', vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, vault));
  await environment.waitForResult(
    'vault written again',
    vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, vault),
  );
  environment.expect(
    'the vault is there',
    (await vaults.vaults.get(VAULT_GROUP, VAULT)).properties?.provisioningState === 'Succeeded',
  );
  await readEmptyLists(environment);
  for (const { fabric, container, region } of SIDES) {
    const made = await environment.pollToEnd(
      `fabric of ${region}`,
      client.replicationFabrics.beginCreate(VAULT, VAULT_GROUP, fabric, {
        properties: { customDetails: { instanceType: 'Azure', location: region } },
      }),
    );
    environment.expect(
      "the fabric has the region's display name",
      made?.properties?.friendlyName !== undefined,
      made,
    );
    await environment.pollToEnd(
      'its container',
      client.replicationProtectionContainers.beginCreate(VAULT, VAULT_GROUP, fabric, container, {
        properties: { providerSpecificInput: [{ instanceType: 'A2A' }] },
      }),
    );
    await client.replicationFabrics.get(VAULT, VAULT_GROUP, fabric);
  }
  await createPolicies(environment);
  await createMappings(environment);
  await createAlertSettings(environment);
}

/** Reads the lists of an empty vault. */
async function readEmptyLists({ siteRecovery: client }: SdkEnvironment): Promise<void> {
  await collect(client.replicationProtectedItems.list(VAULT, VAULT_GROUP));
  await collect(client.replicationProtectionContainers.list(VAULT, VAULT_GROUP));
  await collect(client.replicationProtectionContainerMappings.list(VAULT, VAULT_GROUP));
  await collect(client.replicationNetworkMappings.list(VAULT, VAULT_GROUP));
  await collect(client.replicationNetworks.list(VAULT, VAULT_GROUP));
  await collect(client.replicationPolicies.list(VAULT, VAULT_GROUP));
  await collect(client.replicationRecoveryServicesProviders.list(VAULT, VAULT_GROUP));
  await collect(client.replicationStorageClassifications.list(VAULT, VAULT_GROUP));
  await collect(client.replicationStorageClassificationMappings.list(VAULT, VAULT_GROUP));
  await collect(client.replicationvCenters.list(VAULT, VAULT_GROUP));
  await collect(client.replicationMigrationItems.list(VAULT, VAULT_GROUP));
  await collect(client.replicationAppliances.list(VAULT, VAULT_GROUP));
  await collect(client.replicationEvents.list(VAULT, VAULT_GROUP));
  await client.replicationVaultHealth.get(VAULT, VAULT_GROUP);
}

const policyInput = (recoveryPointHistory: number, appConsistentFrequencyInMinutes: number) => ({
  instanceType: 'A2A' as const,
  recoveryPointHistory,
  appConsistentFrequencyInMinutes,
  multiVmSyncStatus: 'Enable',
});

async function createPolicies(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  const input = (history: number, app: number) => ({
    properties: { providerSpecificInput: policyInput(history, app) },
  });
  await environment.pollToEnd(
    'policy',
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, POLICY, input(720, 60)),
  );
  await environment.pollToEnd(
    'policy changed',
    client.replicationPolicies.beginUpdate(VAULT, VAULT_GROUP, POLICY, {
      properties: { replicationProviderSettings: policyInput(1440, 240) },
    }),
  );
  const { properties } = await client.replicationPolicies.get(VAULT, VAULT_GROUP, POLICY);
  environment.expect(
    'the policy reads as written',
    JSON.stringify(properties?.providerSpecificDetails).includes('1440'),
    properties,
  );
  await environment.expectFailure('policy with application consistency once a day', '150261', () =>
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, 'too-rare', input(5400, 1440)),
  );
  await environment.pollToEnd(
    'unused policy',
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, 'idle', input(0, 0)),
  );
  await environment.pollToEnd(
    'and its end',
    client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, 'idle'),
  );
}

async function createMappings(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  for (const [from, to] of [
    [PRIMARY_SIDE, RECOVERY_SIDE],
    [RECOVERY_SIDE, PRIMARY_SIDE],
  ] as const) {
    const input = {
      properties: {
        policyId: `${environment.vaultId}/replicationPolicies/${POLICY}`,
        targetProtectionContainerId: containerId(environment, to),
        providerSpecificInput: { instanceType: 'A2A' as const, agentAutoUpdateStatus: 'Disabled' },
      },
    };
    await environment.pollToEnd(
      `mapping from ${from.region}`,
      client.replicationProtectionContainerMappings.beginCreate(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        from.container,
        `from-${from.region}`,
        input,
      ),
    );
    const group = from === PRIMARY_SIDE ? SHOP_GROUP : SHOP_RECOVERY_GROUP;
    const other = from === PRIMARY_SIDE ? SHOP_RECOVERY_GROUP : SHOP_GROUP;
    const network = (name: string): string =>
      environment.resourceId(
        name,
        'Microsoft.Network/virtualNetworks',
        name === SHOP_GROUP ? 'shop-network' : 'shop-network-recovery',
      );
    const networks = {
      properties: {
        recoveryFabricName: to.fabric,
        recoveryNetworkId: network(other),
        fabricSpecificDetails: { instanceType: 'AzureToAzure' as const, primaryNetworkId: network(group) },
      },
    };
    await environment.pollToEnd(
      'networks mapped',
      client.replicationNetworkMappings.beginCreate(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        'azureNetwork',
        `net-${from.region}`,
        networks,
      ),
    );
    await client.replicationNetworkMappings.get(
      VAULT,
      VAULT_GROUP,
      from.fabric,
      'azureNetwork',
      `net-${from.region}`,
    );
    await collect(
      client.replicationNetworkMappings.listByReplicationNetworks(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        'azureNetwork',
      ),
    );
    await collect(
      client.replicationProtectionContainerMappings.listByReplicationProtectionContainers(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        from.container,
      ),
    );
    await client.replicationProtectionContainerMappings.get(
      VAULT,
      VAULT_GROUP,
      from.fabric,
      from.container,
      `from-${from.region}`,
    );
    await collect(
      client.replicationProtectionContainers.listByReplicationFabrics(VAULT, VAULT_GROUP, from.fabric),
    );
    await collect(
      client.replicationProtectableItems.listByReplicationProtectionContainers(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        from.container,
      ),
    );
    await collect(
      client.replicationRecoveryServicesProviders.listByReplicationFabrics(VAULT, VAULT_GROUP, from.fabric),
    );
  }
  await collect(client.replicationFabrics.list(VAULT, VAULT_GROUP));
}

async function createAlertSettings(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  await client.replicationAlertSettings.create(VAULT, VAULT_GROUP, 'defaultAlertSetting', {
    properties: {
      sendToOwners: 'Send',
      customEmailAddresses: ['operations@contoso.example'],
      locale: 'en-US',
    },
  });
  await client.replicationAlertSettings.get(VAULT, VAULT_GROUP, 'defaultAlertSetting');
  environment.expect(
    'there is one alert setting',
    (await collect(client.replicationAlertSettings.list(VAULT, VAULT_GROUP))).length === 1,
  );
  environment.expect(
    'Site Recovery lists its supported versions',
    (
      (await client.supportedOperatingSystemsOperations.get(VAULT, VAULT_GROUP)).properties
        ?.supportedOsList ?? []
    ).length > 0,
  );
}

export async function removePrerequisites(environment: SdkEnvironment): Promise<void> {
  const { siteRecovery: client } = environment;
  environment.printTitle('The prerequisites removed');
  await environment.expectFailure('the policy while it is used', 'in use', () =>
    client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, POLICY),
  );
  for (const { fabric, region } of SIDES)
    await environment.pollToEnd(
      'networks unmapped',
      client.replicationNetworkMappings.beginDelete(
        VAULT,
        VAULT_GROUP,
        fabric,
        'azureNetwork',
        `net-${region}`,
      ),
    );
  await environment.pollToEnd(
    'mapping removed',
    client.replicationProtectionContainerMappings.beginDelete(
      VAULT,
      VAULT_GROUP,
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      `from-${PRIMARY_SIDE.region}`,
      { properties: {} },
    ),
  );
  await environment.pollToEnd(
    'mapping purged',
    client.replicationProtectionContainerMappings.beginPurge(
      VAULT,
      VAULT_GROUP,
      RECOVERY_SIDE.fabric,
      RECOVERY_SIDE.container,
      `from-${RECOVERY_SIDE.region}`,
    ),
  );
  for (const { fabric, container } of SIDES) {
    environment.expect(
      'the container is paired no more',
      (await client.replicationProtectionContainers.get(VAULT, VAULT_GROUP, fabric, container)).properties
        ?.pairingStatus === 'NotPaired',
    );
    await environment.pollToEnd(
      'container removed',
      client.replicationProtectionContainers.beginDelete(VAULT, VAULT_GROUP, fabric, container),
    );
  }
  await environment.pollToEnd(
    'fabric removed',
    client.replicationFabrics.beginDelete(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric),
  );
  await environment.pollToEnd(
    'fabric purged',
    client.replicationFabrics.beginPurge(VAULT, VAULT_GROUP, RECOVERY_SIDE.fabric),
  );
  await environment.pollToEnd(
    'policy deleted',
    client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, POLICY),
  );
}
