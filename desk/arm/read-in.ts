// What an estate implies, as the resources that Azure would show of it.

import type { Estate } from '../estates/schema.ts';
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
  if (found === undefined) throw new Error(`The estate has no ${what}.`);
  return found;
}

function placesOf(estate: Estate): Places {
  const subscriptions = new Map(estate.subscriptions.map(({ id, name }) => [name, id]));
  const groups = new Map(estate.resourceGroups.map(({ name, subscription, region }) =>
    [name, { id: groupId(known(subscriptions.get(subscription), `subscription "${subscription}"`), name), region }]));
  const group = (name: string) => known(groups.get(name), `resource group "${name}"`);
  const id = (inGroup: string, type: string, name: string): string => resourceId(group(inGroup).id, type, name);
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const named = new Map(kinds.map((kind) => [kind, new Map(estate[kind].map((thing) => [thing.name, id(thing.resourceGroup, KINDS[kind], thing.name)]))]));
  return { id, region: (name) => group(name).region, named: (kind, name) => known(named.get(kind)?.get(name), `${kind} "${name}"`) };
}

export function resourcesOf(estate: Estate): Resource[] {
  const places = placesOf(estate);
  const tenants = new Set([estate.tenant, ...estate.subscriptions.flatMap(({ tenant }) => tenant ?? [])]);
  return [
    ...[...tenants].map((tenant): Resource => ({ id: `/tenants/${tenant}`, name: tenant, type: TYPES.tenant, properties: { tenantId: tenant } })),
    ...estate.subscriptions.map(({ id, name, tenant }): Resource => ({
      id: subscriptionId(id), name: id, type: TYPES.subscription, properties: { subscriptionId: id, displayName: name, tenantId: tenant ?? estate.tenant, state: 'Enabled' },
    })),
    ...estate.resourceGroups.map((group) => groupResource(groupIdOf(estate, group), group.name, group.region, group.tags)),
    ...ground(estate, places),
    ...machinesOf(estate, places),
    ...classicOf(estate, places),
    ...estate.automationAccounts.flatMap(({ name, resourceGroup, runbooks }) => {
      const account = accountResource(places.id(resourceGroup, TYPES.automationAccount, name), name, places.region(resourceGroup));
      return [account, ...runbooks.map((runbook) => runbookResource(account, runbook))];
    }),
    ...estate.vaults.map(({ name, resourceGroup }) => vaultResource(places.id(resourceGroup, TYPES.vault, name), places.region(resourceGroup))),
  ];
}

function groupIdOf(estate: Estate, { name, subscription }: Estate['resourceGroups'][number]): string {
  return groupId(known(estate.subscriptions.find((one) => one.name === subscription), `subscription "${subscription}"`).id, name);
}

function ground(estate: Estate, places: Places): Resource[] {
  return [
    ...estate.securityGroups.map(({ name, resourceGroup, rules }) => {
      const id = places.named('securityGroups', name);
      return securityGroupResource({ id, location: places.region(resourceGroup), rules: rules.map((rule) => ruleBody(id, rule)) });
    }),
    ...estate.networks.map((network, at) => networkOf(network, at, places)),
    ...estate.storageAccounts.map(({ name, resourceGroup, sku, kind }) =>
      storageAccountResource({ id: places.named('storageAccounts', name), location: places.region(resourceGroup), sku, kind })),
    ...estate.placementGroups.map(({ name, resourceGroup, zone, room }) => placementGroupResource({
      id: places.named('placementGroups', name), location: places.region(resourceGroup), zones: zone === undefined ? [] : [zone], ...(room !== undefined && { room }),
    })),
    ...estate.availabilitySets.map(({ name, resourceGroup, faultDomains, updateDomains, aligned, placementGroup }) => availabilitySetResource({
      id: places.named('availabilitySets', name),
      location: places.region(resourceGroup),
      faultDomains,
      updateDomains,
      aligned,
      ...(placementGroup !== undefined && { proximityPlacementGroupId: places.named('placementGroups', placementGroup) }),
    })),
  ];
}

function networkOf({ name, resourceGroup, prefix, subnets }: Estate['networks'][number], at: number, places: Places): Resource {
  const range = prefix ?? `10.${20 + at}.0.0/16`;
  const [first = '10', second = '0'] = range.split('.');
  const parts = subnets.map((subnet, index) => {
    const told = typeof subnet === 'string' ? { name: subnet } : subnet;
    return {
      name: told.name,
      prefix: told.prefix ?? `${first}.${second}.${index + 1}.0/24`,
      ...(told.securityGroup !== undefined && { securityGroupId: places.named('securityGroups', told.securityGroup) }),
    };
  });
  return networkResource(places.named('networks', name), places.region(resourceGroup), [range], parts);
}
