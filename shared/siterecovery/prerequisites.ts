// The ground that is Site Recovery's own: fabrics, containers, policies, mappings. Each is made by
// a PUT of its name, and is the same when it is made again.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { nameOf, segmentOf } from '../core/armId.ts';
import { sameId } from './item.ts';
import type { PartSeen, GroundSpec } from '../azure/prerequisite.ts';
import type { SendOptions } from '../azure/send.ts';

interface At {
  readonly vault: string;
  readonly resourceGroup: string;
}
type Client = SiteRecoveryManagementClient;

/** Azure to Azure maps networks under this name, whichever the network is. */
const AZURE_NETWORK = 'azureNetwork';

const fabricOf = (id: string): string => segmentOf(id, 'replicationFabrics');
const containerOf = (id: string): string => segmentOf(id, 'replicationProtectionContainers');
const there = (differs: string | null = null): PartSeen => ({ ready: true, failed: false, differs });

/** Throws a 404 when it is not there. */
export async function findGround(
  client: Client,
  { vault, resourceGroup }: At,
  id: string,
  spec: GroundSpec,
): Promise<PartSeen> {
  const name = nameOf(id);
  switch (spec.kind) {
    case 'fabric':
      await client.replicationFabrics.get(vault, resourceGroup, name);
      return there();
    case 'container':
      await client.replicationProtectionContainers.get(vault, resourceGroup, fabricOf(id), name);
      return there();
    case 'policy':
      return there(differingPolicy(await client.replicationPolicies.get(vault, resourceGroup, name), spec));
    case 'containerMapping': {
      const { properties } = await client.replicationProtectionContainerMappings.get(
        vault,
        resourceGroup,
        fabricOf(id),
        containerOf(id),
        name,
      );
      return there(
        sameId(properties?.policyId ?? '', spec.policyId)
          ? null
          : `it uses the policy ${nameOf(properties?.policyId ?? '')}`,
      );
    }
    case 'recoveryPlan':
      // Its name says what it holds.
      await client.replicationRecoveryPlans.get(vault, resourceGroup, name);
      return there();
    case 'networkMapping': {
      const { properties } = await client.replicationNetworkMappings.get(
        vault,
        resourceGroup,
        fabricOf(id),
        AZURE_NETWORK,
        name,
      );
      return there(
        sameId(properties?.recoveryNetworkId ?? '', spec.recoveryNetworkId)
          ? null
          : `it leads to the network ${properties?.recoveryNetworkId ?? ''}`,
      );
    }
  }
}

function differingPolicy(
  policy: Awaited<ReturnType<Client['replicationPolicies']['get']>>,
  spec: Extract<GroundSpec, { kind: 'policy' }>,
): string | null {
  const details = policy.properties?.providerSpecificDetails;
  if (details?.instanceType !== 'A2A' || !('recoveryPointHistory' in details))
    return 'it is a policy of another scenario';
  const { recoveryPointHistory: history = 0, appConsistentFrequencyInMinutes: app = 0 } = details as {
    recoveryPointHistory?: number;
    appConsistentFrequencyInMinutes?: number;
  };
  return history === spec.retentionMinutes && app === spec.appConsistentMinutes
    ? null
    : `it keeps points for ${history} minutes and takes app-consistent ones every ${app}`;
}

export function writeGround(
  client: Client,
  { vault, resourceGroup }: At,
  id: string,
  spec: GroundSpec,
  options: SendOptions,
): Promise<unknown> {
  const name = nameOf(id);
  switch (spec.kind) {
    case 'fabric':
      return client.replicationFabrics.beginCreate(
        vault,
        resourceGroup,
        name,
        { properties: { customDetails: { instanceType: 'Azure', location: spec.region } } },
        options,
      );
    case 'container':
      return client.replicationProtectionContainers.beginCreate(
        vault,
        resourceGroup,
        fabricOf(id),
        name,
        { properties: { providerSpecificInput: [{ instanceType: 'A2A' }] } },
        options,
      );
    case 'policy': {
      const providerSpecificInput = {
        instanceType: 'A2A' as const,
        recoveryPointHistory: spec.retentionMinutes,
        appConsistentFrequencyInMinutes: spec.appConsistentMinutes,
        crashConsistentFrequencyInMinutes: 5,
        multiVmSyncStatus: 'Enable' as const,
      };
      return client.replicationPolicies.beginCreate(
        vault,
        resourceGroup,
        name,
        { properties: { providerSpecificInput } },
        options,
      );
    }
    case 'containerMapping': {
      const properties = {
        targetProtectionContainerId: spec.toContainerId,
        policyId: spec.policyId,
        providerSpecificInput: { instanceType: 'A2A' as const, agentAutoUpdateStatus: 'Disabled' as const },
      };
      return client.replicationProtectionContainerMappings.beginCreate(
        vault,
        resourceGroup,
        fabricOf(id),
        containerOf(id),
        name,
        { properties },
        options,
      );
    }
    case 'recoveryPlan': {
      const groups = [
        { groupType: 'Boot' as const, replicationProtectedItems: spec.items.map((item) => ({ ...item })) },
      ];
      return client.replicationRecoveryPlans.beginCreate(
        vault,
        resourceGroup,
        name,
        {
          properties: {
            primaryFabricId: spec.primaryFabricId,
            recoveryFabricId: spec.recoveryFabricId,
            failoverDeploymentModel: 'ResourceManager',
            groups,
          },
        },
        options,
      );
    }
    case 'networkMapping': {
      const fabricSpecificDetails = {
        instanceType: 'AzureToAzure' as const,
        primaryNetworkId: spec.networkId,
      };
      const properties = {
        recoveryFabricName: spec.recoveryFabricName,
        recoveryNetworkId: spec.recoveryNetworkId,
        fabricSpecificDetails,
      };
      return client.replicationNetworkMappings.beginCreate(
        vault,
        resourceGroup,
        fabricOf(id),
        AZURE_NETWORK,
        name,
        { properties },
        options,
      );
    }
  }
}
