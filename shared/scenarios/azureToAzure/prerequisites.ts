// Reads and creates the prerequisites inside Site Recovery: fabrics, containers, policies, mappings
// and native plans. Each write is a PUT by name, so a repeated write changes nothing.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { SiteRecoverySpec } from '../../azure/prerequisite.ts';
import { nameOf, nameAfter } from '../../core/armId.ts';
import { sameId } from '../../siterecovery/item.ts';
import type { PrerequisiteAccess } from '../driver.ts';
import {
  existing,
  findContainerMapping,
  findNativePlan,
  writeContainerMapping,
  writeNativePlan,
  writePolicy,
} from '../vaultPrerequisites.ts';
import { A2A } from './instanceType.ts';

type Client = SiteRecoveryManagementClient;

/** Site Recovery stores all network mappings of Azure to Azure under this name. */
const AZURE_NETWORK = 'azureNetwork';

const fabricOf = (id: string): string => nameAfter(id, 'replicationFabrics');

const noSite = (id: string): Error => new Error(`${id} is a site on premises, which this scenario has not.`);

const findPrerequisite: PrerequisiteAccess['find'] = async (client, at, id, spec) => {
  const { vault, resourceGroup } = at;
  const name = nameOf(id);
  switch (spec.kind) {
    case 'fabric':
      await client.replicationFabrics.get(vault, resourceGroup, name);
      return existing();
    case 'site':
    case 'vCenter':
      throw noSite(id);
    case 'container':
      await client.replicationProtectionContainers.get(vault, resourceGroup, fabricOf(id), name);
      return existing();
    case 'policy':
      return existing(
        policyDifference(await client.replicationPolicies.get(vault, resourceGroup, name), spec),
      );
    case 'containerMapping':
      return findContainerMapping(client, at, id, spec);
    case 'recoveryPlan':
      return findNativePlan(client, at, id);
    case 'networkMapping': {
      const { properties } = await client.replicationNetworkMappings.get(
        vault,
        resourceGroup,
        fabricOf(id),
        AZURE_NETWORK,
        name,
      );
      return existing(
        sameId(properties?.recoveryNetworkId ?? '', spec.recoveryNetworkId)
          ? null
          : `it leads to the network ${properties?.recoveryNetworkId ?? ''}`,
      );
    }
  }
};

function policyDifference(
  policy: Awaited<ReturnType<Client['replicationPolicies']['get']>>,
  spec: Extract<SiteRecoverySpec, { kind: 'policy' }>,
): string | null {
  const details = policy.properties?.providerSpecificDetails;
  if (details?.instanceType !== A2A || !('recoveryPointHistory' in details))
    return 'it is a policy of another scenario';
  const { recoveryPointHistory: history = 0, appConsistentFrequencyInMinutes: app = 0 } = details as {
    recoveryPointHistory?: number;
    appConsistentFrequencyInMinutes?: number;
  };
  return history === spec.retentionMinutes && app === spec.appConsistentMinutes
    ? null
    : `it keeps points for ${history} minutes and takes app-consistent ones every ${app}`;
}

type Spec<Kind> = Extract<SiteRecoverySpec, { kind: Kind }>;

const policyInput = (spec: Spec<'policy'>) => ({
  instanceType: A2A,
  recoveryPointHistory: spec.retentionMinutes,
  appConsistentFrequencyInMinutes: spec.appConsistentMinutes,
  crashConsistentFrequencyInMinutes: 5,
  multiVmSyncStatus: 'Enable' as const,
});

const MAPPING_INPUT = { instanceType: A2A, agentAutoUpdateStatus: 'Disabled' as const };

const networkMappingOf = (spec: Spec<'networkMapping'>) => ({
  recoveryFabricName: spec.recoveryFabricName,
  recoveryNetworkId: spec.recoveryNetworkId,
  fabricSpecificDetails: { instanceType: 'AzureToAzure' as const, primaryNetworkId: spec.networkId },
});

const writePrerequisite: PrerequisiteAccess['write'] = (client, at, id, spec, options) => {
  const { vault, resourceGroup } = at;
  const name = nameOf(id);
  switch (spec.kind) {
    case 'fabric': {
      const properties = { customDetails: { instanceType: 'Azure' as const, location: spec.region } };
      return client.replicationFabrics.beginCreate(vault, resourceGroup, name, { properties }, options);
    }
    case 'site':
    case 'vCenter':
      throw noSite(id);
    case 'container': {
      const properties = { providerSpecificInput: [{ instanceType: A2A }] };
      const { replicationProtectionContainers: containers } = client;
      return containers.beginCreate(vault, resourceGroup, fabricOf(id), name, { properties }, options);
    }
    case 'policy':
      return writePolicy(client, at, id, policyInput(spec), options);
    case 'containerMapping':
      return writeContainerMapping(client, at, id, spec, MAPPING_INPUT, options);
    case 'recoveryPlan':
      return writeNativePlan(client, at, id, spec, options);
    case 'networkMapping':
      return client.replicationNetworkMappings.beginCreate(
        vault,
        resourceGroup,
        fabricOf(id),
        AZURE_NETWORK,
        name,
        { properties: networkMappingOf(spec) },
        options,
      );
  }
};

export const prerequisites: PrerequisiteAccess = { find: findPrerequisite, write: writePrerequisite };
