// What an estate has of the classic deployment model.

import type { Estate } from '../estates/schema.ts';
import { classicAccountResource, classicMachineResource, classicNetworkResource, classicServiceResource } from './build/classic.ts';
import type { Places } from './build/common.ts';
import { TYPES } from './types.ts';
import type { Resource } from './resource.ts';

export const classicOf = (estate: Estate, places: Places): Resource[] => [
  ...estate.classicNetworks.map(({ name, resourceGroup, subnets }, at) => classicNetworkResource(places.named('classicNetworks', name), places.region(resourceGroup), `10.${120 + at}.0.0/16`,
    subnets.map((subnet, index) => ({ name: subnet, prefix: `10.${120 + at}.${index + 1}.0/24` })))),
  ...estate.classicStorageAccounts.map(({ name, resourceGroup, accountType }) => classicAccountResource(places.named('classicStorageAccounts', name), places.region(resourceGroup), accountType)),
  ...estate.cloudServices.map(({ name, resourceGroup }) => classicServiceResource(places.id(resourceGroup, TYPES.classicCloudService, name), places.region(resourceGroup))),
  ...estate.classicMachines.flatMap((machine, at) => machineOf(machine, at, estate, places)),
];

/** The cloud service that a machine names is there with it. */
function machineOf({ name, resourceGroup, cloudService, size, osType, disks, account, network }: Estate['classicMachines'][number], at: number, estate: Estate, places: Places): Resource[] {
  const serviceId = places.id(resourceGroup, TYPES.classicCloudService, cloudService);
  const location = places.region(resourceGroup);
  const accountId = account === undefined ? '' : places.named('classicStorageAccounts', account);
  const home = estate.classicNetworks.findIndex((one) => one.name === network?.name);
  return [
    classicServiceResource(serviceId, location),
    classicMachineResource({
      id: places.id(resourceGroup, TYPES.classicVirtualMachine, name), location, serviceId, size, osType,
      disks: disks.map((disk) => ({ ...disk, accountId })),
      ...(network && { network: { id: places.named('classicNetworks', network.name), subnet: network.subnet, address: `10.${120 + home}.1.${4 + at}` } }),
    }),
  ];
}
