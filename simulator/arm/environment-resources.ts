// Builds all ARM resources of an environment. `world.ts` stores them at the first start.

import type { Environment } from '../environments/schema.ts';
import { accountResource, runbookResource } from './build/automation.ts';
import { groupResource, NAMED_TYPES, type EnvironmentIds, storageAccountResource } from './build/common.ts';
import { availabilitySetResource, placementGroupResource } from './build/machines.ts';
import { networkResource, ruleBody, securityGroupResource } from './build/networks.ts';
import { resourceGroupIdFor, resourceId, subscriptionId } from './ids.ts';
import { classicResources } from './environment-classic.ts';
import { machineResources } from './environment-machines.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import { vaultResource } from './vault.ts';
import type { Resource } from './resource.ts';

function requireFound<T>(found: T | undefined, description: string): T {
  if (found === undefined) throw new Error(`The environment has no ${description}.`);
  return found;
}

function createEnvironmentIds(environment: Environment): EnvironmentIds {
  const subscriptions = new Map(environment.subscriptions.map(({ id, name }) => [name, id]));
  const groups = new Map(
    environment.resourceGroups.map(({ name, subscription, region }) => [
      name,
      {
        id: resourceGroupIdFor(
          requireFound(subscriptions.get(subscription), `subscription "${subscription}"`),
          name,
        ),
        region,
      },
    ]),
  );
  const group = (name: string) => requireFound(groups.get(name), `resource group "${name}"`);
  const id = (inGroup: string, type: string, name: string): string =>
    resourceId(group(inGroup).id, type, name);
  const kinds = Object.keys(NAMED_TYPES) as (keyof typeof NAMED_TYPES)[];
  const named = new Map(
    kinds.map((kind) => [
      kind,
      new Map(
        environment[kind].map((resource) => [
          resource.name,
          id(resource.resourceGroup, NAMED_TYPES[kind], resource.name),
        ]),
      ),
    ]),
  );
  return {
    idOf: id,
    regionOf: (name) => group(name).region,
    idByName: (kind, name) => requireFound(named.get(kind)?.get(name), `${kind} "${name}"`),
  };
}

export function environmentResources(environment: Environment): Resource[] {
  const ids = createEnvironmentIds(environment);
  const tenants = new Set([
    environment.tenant,
    ...environment.subscriptions.flatMap(({ tenant }) => tenant ?? []),
  ]);
  return [
    ...[...tenants].map((tenant): Resource => ({
      id: `/tenants/${tenant}`,
      name: tenant,
      type: RESOURCE_TYPES.tenant,
      properties: { tenantId: tenant },
    })),
    ...environment.subscriptions.map(({ id, name, tenant }): Resource => ({
      id: subscriptionId(id),
      name: id,
      type: RESOURCE_TYPES.subscription,
      properties: {
        subscriptionId: id,
        displayName: name,
        tenantId: tenant ?? environment.tenant,
        state: 'Enabled',
      },
    })),
    ...environment.resourceGroups.map((group) =>
      groupResource(environmentGroupId(environment, group), group.name, group.region, group.tags),
    ),
    ...sharedResources(environment, ids),
    ...machineResources(environment, ids),
    ...classicResources(environment, ids),
    ...environment.automationAccounts.flatMap(({ name, resourceGroup, runbooks }) => {
      const account = accountResource(
        ids.idOf(resourceGroup, RESOURCE_TYPES.automationAccount, name),
        name,
        ids.regionOf(resourceGroup),
      );
      return [account, ...runbooks.map((runbook) => runbookResource(account, runbook))];
    }),
    ...environment.vaults.map(({ name, resourceGroup }) =>
      vaultResource(ids.idOf(resourceGroup, RESOURCE_TYPES.vault, name), ids.regionOf(resourceGroup)),
    ),
  ];
}

function environmentGroupId(
  environment: Environment,
  { name, subscription }: Environment['resourceGroups'][number],
): string {
  return resourceGroupIdFor(
    requireFound(
      environment.subscriptions.find((candidate) => candidate.name === subscription),
      `subscription "${subscription}"`,
    ).id,
    name,
  );
}

function sharedResources(environment: Environment, ids: EnvironmentIds): Resource[] {
  return [
    ...environment.securityGroups.map(({ name, resourceGroup, rules }) => {
      const id = ids.idByName('securityGroups', name);
      return securityGroupResource({
        id,
        location: ids.regionOf(resourceGroup),
        rules: rules.map((rule) => ruleBody(id, rule)),
      });
    }),
    ...environment.networks.map((network, at) => networkFromEnvironment(network, at, ids)),
    ...environment.storageAccounts.map(({ name, resourceGroup, sku, kind }) =>
      storageAccountResource({
        id: ids.idByName('storageAccounts', name),
        location: ids.regionOf(resourceGroup),
        sku,
        kind,
      }),
    ),
    ...environment.placementGroups.map(({ name, resourceGroup, zone, room }) =>
      placementGroupResource({
        id: ids.idByName('placementGroups', name),
        location: ids.regionOf(resourceGroup),
        zones: zone === undefined ? [] : [zone],
        ...(room !== undefined && { room }),
      }),
    ),
    ...environment.availabilitySets.map(
      ({ name, resourceGroup, faultDomains, updateDomains, aligned, placementGroup }) =>
        availabilitySetResource({
          id: ids.idByName('availabilitySets', name),
          location: ids.regionOf(resourceGroup),
          faultDomains,
          updateDomains,
          aligned,
          ...(placementGroup !== undefined && {
            proximityPlacementGroupId: ids.idByName('placementGroups', placementGroup),
          }),
        }),
    ),
  ];
}

function networkFromEnvironment(
  { name, resourceGroup, prefix, subnets }: Environment['networks'][number],
  networkIndex: number,
  ids: EnvironmentIds,
): Resource {
  const range = prefix ?? `10.${20 + networkIndex}.0.0/16`;
  const [first = '10', second = '0'] = range.split('.');
  const parts = subnets.map((subnet, index) => {
    const definition = typeof subnet === 'string' ? { name: subnet } : subnet;
    return {
      name: definition.name,
      prefix: definition.prefix ?? `${first}.${second}.${index + 1}.0/24`,
      ...(definition.securityGroup !== undefined && {
        securityGroupId: ids.idByName('securityGroups', definition.securityGroup),
      }),
    };
  });
  return networkResource(ids.idByName('networks', name), ids.regionOf(resourceGroup), [range], parts);
}
