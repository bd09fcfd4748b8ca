// What an environment implies, as the resources that Azure would show of it.

import type { Environment } from '../environments/schema.ts';
import { accountResource, runbookResource } from './build/automation.ts';
import { groupResource, KINDS, type Places, storageAccountResource } from './build/common.ts';
import { availabilitySetResource, placementGroupResource } from './build/machines.ts';
import { networkResource, ruleBody, securityGroupResource } from './build/networks.ts';
import { groupId, resourceId, subscriptionId } from './ids.ts';
import { classicOf } from './read-in-classic.ts';
import { machinesOf } from './read-in-machines.ts';
import { TYPES } from './types.ts';
import { vaultResource } from './vault.ts';
import type { Resource } from './resource.ts';

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The environment has no ${what}.`);
  return found;
}

function placesOf(environment: Environment): Places {
  const subscriptions = new Map(environment.subscriptions.map(({ id, name }) => [name, id]));
  const groups = new Map(
    environment.resourceGroups.map(({ name, subscription, region }) => [
      name,
      { id: groupId(known(subscriptions.get(subscription), `subscription "${subscription}"`), name), region },
    ]),
  );
  const group = (name: string) => known(groups.get(name), `resource group "${name}"`);
  const id = (inGroup: string, type: string, name: string): string =>
    resourceId(group(inGroup).id, type, name);
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const named = new Map(
    kinds.map((kind) => [
      kind,
      new Map(
        environment[kind].map((thing) => [thing.name, id(thing.resourceGroup, KINDS[kind], thing.name)]),
      ),
    ]),
  );
  return {
    id,
    region: (name) => group(name).region,
    named: (kind, name) => known(named.get(kind)?.get(name), `${kind} "${name}"`),
  };
}

export function resourcesOf(environment: Environment): Resource[] {
  const places = placesOf(environment);
  const tenants = new Set([
    environment.tenant,
    ...environment.subscriptions.flatMap(({ tenant }) => tenant ?? []),
  ]);
  return [
    ...[...tenants].map((tenant): Resource => ({
      id: `/tenants/${tenant}`,
      name: tenant,
      type: TYPES.tenant,
      properties: { tenantId: tenant },
    })),
    ...environment.subscriptions.map(({ id, name, tenant }): Resource => ({
      id: subscriptionId(id),
      name: id,
      type: TYPES.subscription,
      properties: {
        subscriptionId: id,
        displayName: name,
        tenantId: tenant ?? environment.tenant,
        state: 'Enabled',
      },
    })),
    ...environment.resourceGroups.map((group) =>
      groupResource(groupIdOf(environment, group), group.name, group.region, group.tags),
    ),
    ...ground(environment, places),
    ...machinesOf(environment, places),
    ...classicOf(environment, places),
    ...environment.automationAccounts.flatMap(({ name, resourceGroup, runbooks }) => {
      const account = accountResource(
        places.id(resourceGroup, TYPES.automationAccount, name),
        name,
        places.region(resourceGroup),
      );
      return [account, ...runbooks.map((runbook) => runbookResource(account, runbook))];
    }),
    ...environment.vaults.map(({ name, resourceGroup }) =>
      vaultResource(places.id(resourceGroup, TYPES.vault, name), places.region(resourceGroup)),
    ),
  ];
}

function groupIdOf(
  environment: Environment,
  { name, subscription }: Environment['resourceGroups'][number],
): string {
  return groupId(
    known(
      environment.subscriptions.find((one) => one.name === subscription),
      `subscription "${subscription}"`,
    ).id,
    name,
  );
}

function ground(environment: Environment, places: Places): Resource[] {
  return [
    ...environment.securityGroups.map(({ name, resourceGroup, rules }) => {
      const id = places.named('securityGroups', name);
      return securityGroupResource({
        id,
        location: places.region(resourceGroup),
        rules: rules.map((rule) => ruleBody(id, rule)),
      });
    }),
    ...environment.networks.map((network, at) => networkOf(network, at, places)),
    ...environment.storageAccounts.map(({ name, resourceGroup, sku, kind }) =>
      storageAccountResource({
        id: places.named('storageAccounts', name),
        location: places.region(resourceGroup),
        sku,
        kind,
      }),
    ),
    ...environment.placementGroups.map(({ name, resourceGroup, zone, room }) =>
      placementGroupResource({
        id: places.named('placementGroups', name),
        location: places.region(resourceGroup),
        zones: zone === undefined ? [] : [zone],
        ...(room !== undefined && { room }),
      }),
    ),
    ...environment.availabilitySets.map(
      ({ name, resourceGroup, faultDomains, updateDomains, aligned, placementGroup }) =>
        availabilitySetResource({
          id: places.named('availabilitySets', name),
          location: places.region(resourceGroup),
          faultDomains,
          updateDomains,
          aligned,
          ...(placementGroup !== undefined && {
            proximityPlacementGroupId: places.named('placementGroups', placementGroup),
          }),
        }),
    ),
  ];
}

function networkOf(
  { name, resourceGroup, prefix, subnets }: Environment['networks'][number],
  at: number,
  places: Places,
): Resource {
  const range = prefix ?? `10.${20 + at}.0.0/16`;
  const [first = '10', second = '0'] = range.split('.');
  const parts = subnets.map((subnet, index) => {
    const told = typeof subnet === 'string' ? { name: subnet } : subnet;
    return {
      name: told.name,
      prefix: told.prefix ?? `${first}.${second}.${index + 1}.0/24`,
      ...(told.securityGroup !== undefined && {
        securityGroupId: places.named('securityGroups', told.securityGroup),
      }),
    };
  });
  return networkResource(places.named('networks', name), places.region(resourceGroup), [range], parts);
}
