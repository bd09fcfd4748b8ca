// The facts as they are once everything that a preview says was made and enabled.
import { groupNameOf, nameOf, subscriptionOf } from '../../../shared/core/armId.ts';
import type { Facts, VaultFacts } from '../../../shared/azure/facts.ts';
import type { Preview } from '../../../shared/enabling/rules/preview.ts';
import type { Part } from '../../../shared/azure/prerequisite.ts';
import { vaultWith } from './environment.ts';

const after = (id: string, segment: string): string =>
  id.split('/')[id.split('/').indexOf(segment) + 1] ?? '';
const before = (id: string, segment: string): string => id.slice(0, id.indexOf(`/${segment}/`));

function madeInAzure(facts: Facts, { id, name, spec }: Part): Facts {
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
            subnets: spec.subnets.map((one) => ({ ...one, securityGroupId: null })),
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
        vault: vaultWith({ id, name, subscription, resourceGroup: groupNameOf(id), region: spec.region }),
      };
    case 'fabric':
    case 'container':
    case 'policy':
    case 'containerMapping':
    case 'networkMapping':
    case 'recoveryPlan':
      return facts;
  }
}

function madeInVault(vault: VaultFacts, { id, name, spec }: Part): VaultFacts {
  switch (spec.kind) {
    case 'fabric':
      return { ...vault, fabrics: [...vault.fabrics, { id, name, region: spec.region }] };
    case 'container':
      return {
        ...vault,
        containers: [...vault.containers, { id, name, fabricName: after(id, 'replicationFabrics') }],
      };
    case 'policy':
      return {
        ...vault,
        policies: [
          ...vault.policies,
          {
            id,
            name,
            provider: 'A2A',
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
            fromContainerId: before(id, 'replicationProtectionContainerMappings'),
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
            fabricName: after(id, 'replicationFabrics'),
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

export function applied(facts: Facts, preview: Preview): Facts {
  const parts = preview.parts.filter(({ action }) => action === 'create');
  const made = parts.reduce(madeInAzure, facts);
  if (!made.vault) return made;
  const vault = parts.reduce(madeInVault, made.vault);
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
