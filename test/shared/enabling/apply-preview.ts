// The facts after the app has created and enabled everything in a preview.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../../shared/core/armId.ts';
import type { AzureFacts, VaultFacts } from '../../../shared/azure/facts.ts';
import type { EnablingPreview } from '../../../shared/scenarios/enabling/preview.ts';
import type { Prerequisite } from '../../../shared/azure/prerequisite.ts';
import { makeVault } from './facts.ts';

const segmentAfter = (id: string, segment: string): string =>
  id.split('/')[id.split('/').indexOf(segment) + 1] ?? '';
const pathBefore = (id: string, segment: string): string => id.slice(0, id.indexOf(`/${segment}/`));

function createInAzure(facts: AzureFacts, { id, name, spec }: Prerequisite): AzureFacts {
  const subscription = subscriptionOf(id);
  switch (spec.kind) {
    case 'resourceGroup':
      return {
        ...facts,
        resourceGroups: [...facts.resourceGroups, { id, name, subscription, region: spec.region }],
      };
    case 'network':
      return {
        ...facts,
        networks: [
          ...facts.networks,
          {
            id,
            name,
            subscription,
            region: spec.region,
            addressPrefixes: spec.addressPrefixes,
            subnets: spec.subnets.map((subnet) => ({ ...subnet, securityGroupId: null })),
          },
        ],
      };
    case 'storageAccount':
      return {
        ...facts,
        storageAccounts: [
          ...facts.storageAccounts,
          {
            id,
            name,
            subscription,
            region: spec.region,
            sku: spec.sku,
            kind: spec.accountKind,
            madeAsCache: spec.use === 'cache',
          },
        ],
      };
    case 'placementGroup':
      return {
        ...facts,
        placementGroups: [
          ...facts.placementGroups,
          { id, name, region: spec.region, zones: spec.zone === null ? [] : [spec.zone] },
        ],
      };
    case 'availabilitySet':
      return {
        ...facts,
        availabilitySets: [
          ...facts.availabilitySets,
          {
            id,
            name,
            region: spec.region,
            faultDomains: spec.faultDomains,
            updateDomains: spec.updateDomains,
            aligned: spec.aligned,
            placementGroupId: spec.placementGroupId,
          },
        ],
      };
    case 'vault':
      return {
        ...facts,
        vault: makeVault({
          id,
          name,
          subscription,
          resourceGroup: resourceGroupNameOf(id),
          region: spec.region,
        }),
      };
    case 'fabric':
    case 'site':
    case 'container':
    case 'policy':
    case 'containerMapping':
    case 'networkMapping':
    case 'recoveryPlan':
    case 'vCenter':
      return facts;
  }
}

function createInVault(vault: VaultFacts, { id, name, spec }: Prerequisite): VaultFacts {
  switch (spec.kind) {
    case 'fabric':
      return { ...vault, fabrics: [...vault.fabrics, { id, name, region: spec.region }] };
    case 'site':
    case 'vCenter':
      return vault;
    case 'container':
      return {
        ...vault,
        containers: [...vault.containers, { id, name, fabricName: segmentAfter(id, 'replicationFabrics') }],
      };
    case 'policy':
      return {
        ...vault,
        policies: [
          ...vault.policies,
          {
            id,
            name,
            instanceType: 'A2A',
            retentionMinutes: spec.retentionMinutes,
            appConsistentMinutes: spec.appConsistentMinutes,
          },
        ],
      };
    case 'containerMapping':
      return {
        ...vault,
        containerMappings: [
          ...vault.containerMappings,
          {
            id,
            name,
            fromContainerId: pathBefore(id, 'replicationProtectionContainerMappings'),
            toContainerId: spec.toContainerId,
            policyId: spec.policyId,
          },
        ],
      };
    case 'networkMapping':
      return {
        ...vault,
        networkMappings: [
          ...vault.networkMappings,
          {
            id,
            name,
            fabricName: segmentAfter(id, 'replicationFabrics'),
            networkId: spec.networkId,
            recoveryNetworkId: spec.recoveryNetworkId,
            recoveryFabricName: spec.recoveryFabricName,
          },
        ],
      };
    case 'vault':
    case 'resourceGroup':
    case 'network':
    case 'storageAccount':
    case 'placementGroup':
    case 'availabilitySet':
    case 'recoveryPlan':
      return vault;
  }
}

export function applyPreview(facts: AzureFacts, preview: EnablingPreview): AzureFacts {
  const toCreate = preview.prerequisites.filter(({ action }) => action === 'create');
  const made = toCreate.reduce(createInAzure, facts);
  if (!made.vault) return made;
  const vault = toCreate.reduce(createInVault, made.vault);
  const items = preview.vms
    .filter(({ verdict }) => verdict === 'enable')
    .map(({ itemId, name, vmId, settings }) => ({
      id: itemId,
      name: nameOf(itemId),
      friendlyName: name,
      sourceVmId: vmId.toLowerCase(),
      protectionState: 'Protected',
      multiVmGroupName: settings?.multiVmGroup?.name ?? null,
      multiVmGroupId: settings?.multiVmGroup ? 'a-group' : null,
    }));
  return { ...made, vault: { ...vault, items: [...vault.items, ...items] } };
}
