// The ground: vault, fabrics, containers, policies, mappings, alert settings; laid at the
// beginning, taken up at the end.

import { all, SHOP, SHOP_AWAY, VAULT, VAULT_GROUP, type Stage } from './stage.ts';

export const HOME = {
  fabric: 'fabric-eastasia',
  container: 'container-eastasia',
  region: 'eastasia',
} as const;
export const AWAY = {
  fabric: 'fabric-southeastasia',
  container: 'container-southeastasia',
  region: 'southeastasia',
} as const;
export const SIDES = [HOME, AWAY] as const;
export const POLICY = 'day-of-points';

export const containerId = (
  stage: Stage,
  { fabric, container }: { fabric: string; container: string },
): string => `${stage.vaultId}/replicationFabrics/${fabric}/replicationProtectionContainers/${container}`;

export async function layGround(stage: Stage): Promise<void> {
  const { siteRecovery: client, vaults } = stage;
  stage.tell('A vault, and the ground in it');
  const vault = {
    location: 'southeastasia',
    sku: { name: 'RS0' },
    properties: { publicNetworkAccess: 'Enabled' },
  };
  await stage.made('vault made', vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, vault));
  await stage.made('vault written again', vaults.vaults.createOrUpdate(VAULT_GROUP, VAULT, vault));
  stage.expect(
    'the vault is there',
    (await vaults.vaults.get(VAULT_GROUP, VAULT)).properties?.provisioningState === 'Succeeded',
  );
  await emptyLists(stage);
  for (const { fabric, container, region } of SIDES) {
    const made = await stage.done(
      `fabric of ${region}`,
      client.replicationFabrics.beginCreate(VAULT, VAULT_GROUP, fabric, {
        properties: { customDetails: { instanceType: 'Azure', location: region } },
      }),
    );
    stage.expect(
      "the fabric has the region's display name",
      made?.properties?.friendlyName !== undefined,
      made,
    );
    await stage.done(
      'its container',
      client.replicationProtectionContainers.beginCreate(VAULT, VAULT_GROUP, fabric, container, {
        properties: { providerSpecificInput: [{ instanceType: 'A2A' }] },
      }),
    );
    await client.replicationFabrics.get(VAULT, VAULT_GROUP, fabric);
  }
  await policies(stage);
  await mappings(stage);
  await settings(stage);
}

/** Lists of a vault in which nothing is yet. */
async function emptyLists({ siteRecovery: client }: Stage): Promise<void> {
  await all(client.replicationProtectedItems.list(VAULT, VAULT_GROUP));
  await all(client.replicationProtectionContainers.list(VAULT, VAULT_GROUP));
  await all(client.replicationProtectionContainerMappings.list(VAULT, VAULT_GROUP));
  await all(client.replicationNetworkMappings.list(VAULT, VAULT_GROUP));
  await all(client.replicationNetworks.list(VAULT, VAULT_GROUP));
  await all(client.replicationPolicies.list(VAULT, VAULT_GROUP));
  await all(client.replicationRecoveryServicesProviders.list(VAULT, VAULT_GROUP));
  await all(client.replicationStorageClassifications.list(VAULT, VAULT_GROUP));
  await all(client.replicationStorageClassificationMappings.list(VAULT, VAULT_GROUP));
  await all(client.replicationvCenters.list(VAULT, VAULT_GROUP));
  await all(client.replicationMigrationItems.list(VAULT, VAULT_GROUP));
  await all(client.replicationAppliances.list(VAULT, VAULT_GROUP));
  await all(client.replicationEvents.list(VAULT, VAULT_GROUP));
  await client.replicationVaultHealth.get(VAULT, VAULT_GROUP);
}

const policyInput = (recoveryPointHistory: number, appConsistentFrequencyInMinutes: number) => ({
  instanceType: 'A2A' as const,
  recoveryPointHistory,
  appConsistentFrequencyInMinutes,
  multiVmSyncStatus: 'Enable',
});

async function policies(stage: Stage): Promise<void> {
  const { siteRecovery: client } = stage;
  const input = (history: number, app: number) => ({
    properties: { providerSpecificInput: policyInput(history, app) },
  });
  await stage.done(
    'policy',
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, POLICY, input(720, 60)),
  );
  await stage.done(
    'policy changed',
    client.replicationPolicies.beginUpdate(VAULT, VAULT_GROUP, POLICY, {
      properties: { replicationProviderSettings: policyInput(1440, 240) },
    }),
  );
  const { properties } = await client.replicationPolicies.get(VAULT, VAULT_GROUP, POLICY);
  stage.expect(
    'the policy reads what was written',
    JSON.stringify(properties?.providerSpecificDetails).includes('1440'),
    properties,
  );
  await stage.fails('policy with application consistency once a day', '150261', () =>
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, 'too-rare', input(5400, 1440)),
  );
  await stage.done(
    'policy that nobody uses',
    client.replicationPolicies.beginCreate(VAULT, VAULT_GROUP, 'idle', input(0, 0)),
  );
  await stage.done('and its end', client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, 'idle'));
}

async function mappings(stage: Stage): Promise<void> {
  const { siteRecovery: client } = stage;
  for (const [from, to] of [
    [HOME, AWAY],
    [AWAY, HOME],
  ] as const) {
    const input = {
      properties: {
        policyId: `${stage.vaultId}/replicationPolicies/${POLICY}`,
        targetProtectionContainerId: containerId(stage, to),
        providerSpecificInput: { instanceType: 'A2A' as const, agentAutoUpdateStatus: 'Disabled' },
      },
    };
    await stage.done(
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
    const group = from === HOME ? SHOP : SHOP_AWAY;
    const other = from === HOME ? SHOP_AWAY : SHOP;
    const network = (name: string): string =>
      stage.idIn(
        name,
        'Microsoft.Network/virtualNetworks',
        name === SHOP ? 'shop-network' : 'shop-network-recovery',
      );
    const networks = {
      properties: {
        recoveryFabricName: to.fabric,
        recoveryNetworkId: network(other),
        fabricSpecificDetails: { instanceType: 'AzureToAzure' as const, primaryNetworkId: network(group) },
      },
    };
    await stage.done(
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
    await all(
      client.replicationNetworkMappings.listByReplicationNetworks(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        'azureNetwork',
      ),
    );
    await all(
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
    await all(
      client.replicationProtectionContainers.listByReplicationFabrics(VAULT, VAULT_GROUP, from.fabric),
    );
    await all(
      client.replicationProtectableItems.listByReplicationProtectionContainers(
        VAULT,
        VAULT_GROUP,
        from.fabric,
        from.container,
      ),
    );
    await all(
      client.replicationRecoveryServicesProviders.listByReplicationFabrics(VAULT, VAULT_GROUP, from.fabric),
    );
  }
  await all(client.replicationFabrics.list(VAULT, VAULT_GROUP));
}

async function settings(stage: Stage): Promise<void> {
  const { siteRecovery: client } = stage;
  await client.replicationAlertSettings.create(VAULT, VAULT_GROUP, 'defaultAlertSetting', {
    properties: {
      sendToOwners: 'Send',
      customEmailAddresses: ['operations@contoso.example'],
      locale: 'en-US',
    },
  });
  await client.replicationAlertSettings.get(VAULT, VAULT_GROUP, 'defaultAlertSetting');
  stage.expect(
    'there is one alert setting',
    (await all(client.replicationAlertSettings.list(VAULT, VAULT_GROUP))).length === 1,
  );
  stage.expect(
    'Site Recovery says what it supports',
    (
      (await client.supportedOperatingSystemsOperations.get(VAULT, VAULT_GROUP)).properties
        ?.supportedOsList ?? []
    ).length > 0,
  );
}

export async function takeUpGround(stage: Stage): Promise<void> {
  const { siteRecovery: client } = stage;
  stage.tell('The ground taken up');
  await stage.fails('the policy while it is used', 'in use', () =>
    client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, POLICY),
  );
  for (const { fabric, region } of SIDES)
    await stage.done(
      'networks unmapped',
      client.replicationNetworkMappings.beginDelete(
        VAULT,
        VAULT_GROUP,
        fabric,
        'azureNetwork',
        `net-${region}`,
      ),
    );
  await stage.done(
    'mapping removed',
    client.replicationProtectionContainerMappings.beginDelete(
      VAULT,
      VAULT_GROUP,
      HOME.fabric,
      HOME.container,
      `from-${HOME.region}`,
      { properties: {} },
    ),
  );
  await stage.done(
    'mapping purged',
    client.replicationProtectionContainerMappings.beginPurge(
      VAULT,
      VAULT_GROUP,
      AWAY.fabric,
      AWAY.container,
      `from-${AWAY.region}`,
    ),
  );
  for (const { fabric, container } of SIDES) {
    stage.expect(
      'the container is paired no more',
      (await client.replicationProtectionContainers.get(VAULT, VAULT_GROUP, fabric, container)).properties
        ?.pairingStatus === 'NotPaired',
    );
    await stage.done(
      'container removed',
      client.replicationProtectionContainers.beginDelete(VAULT, VAULT_GROUP, fabric, container),
    );
  }
  await stage.done('fabric removed', client.replicationFabrics.beginDelete(VAULT, VAULT_GROUP, HOME.fabric));
  await stage.done('fabric purged', client.replicationFabrics.beginPurge(VAULT, VAULT_GROUP, AWAY.fabric));
  await stage.done('policy deleted', client.replicationPolicies.beginDelete(VAULT, VAULT_GROUP, POLICY));
}
