// What an estate implies, as the resources that Azure would show of it.

import type { Estate, EstateMachine } from '../estates/schema.ts';
import { diskResource, groupResource, machineResource, networkResource, nicResource, storageAccountResource } from './build.ts';
import { groupId, resourceId, subscriptionId } from './ids.ts';
import { TYPES } from './types.ts';
import { vaultResource } from './vault.ts';
import type { Resource } from './world.ts';

interface Ground {
  readonly estate: Estate;
  readonly groups: ReadonlyMap<string, { readonly id: string; readonly region: string }>;
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The estate has no ${what}.`);
  return found;
}

export function resourcesOf(estate: Estate): Resource[] {
  const subscriptions = new Map(estate.subscriptions.map(({ id, name }) => [name, id]));
  const groups = new Map(estate.resourceGroups.map(({ name, subscription, region }) =>
    [name, { id: groupId(known(subscriptions.get(subscription), `subscription "${subscription}"`), name), region }]));
  const ground = { estate, groups };
  return [
    ...estate.subscriptions.map(({ id, name }): Resource => ({
      id: subscriptionId(id), name: id, type: TYPES.subscription, properties: { subscriptionId: id, displayName: name, tenantId: estate.tenant, state: 'Enabled' },
    })),
    ...estate.resourceGroups.map(({ name, region }) => groupResource(place(ground, name).id, name, region)),
    ...estate.networks.map((network, at) => {
      const { id, region } = place(ground, network.resourceGroup);
      const subnets = network.subnets.map((name, index) => ({ name, prefix: `10.${20 + at}.${index + 1}.0/24` }));
      return networkResource(resourceId(id, TYPES.virtualNetwork, network.name), region, [`10.${20 + at}.0.0/16`], subnets);
    }),
    ...estate.storageAccounts.map(({ name, resourceGroup }) => {
      const { id, region } = place(ground, resourceGroup);
      return storageAccountResource(resourceId(id, TYPES.storageAccount, name), region);
    }),
    ...estate.vaults.map(({ name, resourceGroup }) => {
      const { id, region } = place(ground, resourceGroup);
      return vaultResource(resourceId(id, TYPES.vault, name), region);
    }),
    ...machines(ground),
  ];
}

const place = ({ groups }: Ground, name: string) => known(groups.get(name), `resource group "${name}"`);

function machines(ground: Ground): Resource[] {
  const networks = new Map(ground.estate.networks.map((network) => [network.name, resourceId(place(ground, network.resourceGroup).id, TYPES.virtualNetwork, network.name)]));
  return ground.estate.virtualMachines.flatMap((machine) => machineWithParts(ground, networks, machine));
}

function machineWithParts(ground: Ground, networks: ReadonlyMap<string, string>, machine: EstateMachine): Resource[] {
  const { id: group, region: location } = place(ground, machine.resourceGroup);
  const id = resourceId(group, TYPES.virtualMachine, machine.name);
  const diskIdOf = (name: string): string => resourceId(group, TYPES.disk, name);
  const nicId = resourceId(group, TYPES.networkInterface, machine.nic.name);
  const network = known(networks.get(machine.nic.network), `network "${machine.nic.network}"`);
  return [
    ...machine.disks.map(({ name, sizeInGb, accountType }, index) => diskResource({
      id: diskIdOf(name), location, sizeInGb, accountType, machineId: id, ...(index === 0 && { osType: machine.osType, generation: machine.generation }),
    })),
    nicResource({ id: nicId, location, subnetId: `${network}/subnets/${machine.nic.subnet}`, privateAddress: machine.nic.privateAddress, machineId: id }),
    machineResource({
      id,
      location,
      size: machine.size,
      osType: machine.osType,
      disks: machine.disks.map(({ name, sizeInGb, accountType }) => ({ name, sizeInGb, at: { id: diskIdOf(name), accountType } })),
      nicIds: [nicId],
    }),
  ];
}
