// What an environment has of the classic deployment model.

import type { Environment } from '../environments/schema.ts';
import {
  classicAccountResource,
  classicMachineResource,
  classicNetworkResource,
  classicServiceResource,
} from './build/classic.ts';
import type { Places } from './build/common.ts';
import { TYPES } from './types.ts';
import type { Resource } from './resource.ts';

export const classicOf = (environment: Environment, places: Places): Resource[] => [
  ...environment.classicNetworks.map(({ name, resourceGroup, subnets }, at) =>
    classicNetworkResource(
      places.named('classicNetworks', name),
      places.region(resourceGroup),
      `10.${120 + at}.0.0/16`,
      subnets.map((subnet, index) => ({ name: subnet, prefix: `10.${120 + at}.${index + 1}.0/24` })),
    ),
  ),
  ...environment.classicStorageAccounts.map(({ name, resourceGroup, accountType }) =>
    classicAccountResource(
      places.named('classicStorageAccounts', name),
      places.region(resourceGroup),
      accountType,
    ),
  ),
  ...environment.cloudServices.map(({ name, resourceGroup }) =>
    classicServiceResource(
      places.id(resourceGroup, TYPES.classicCloudService, name),
      places.region(resourceGroup),
    ),
  ),
  ...environment.classicMachines.flatMap((machine, at) => machineOf(machine, at, environment, places)),
];

/** The cloud service that a machine names is there with it. */
function machineOf(
  {
    name,
    resourceGroup,
    cloudService,
    size,
    osType,
    disks,
    account,
    network,
  }: Environment['classicMachines'][number],
  at: number,
  environment: Environment,
  places: Places,
): Resource[] {
  const serviceId = places.id(resourceGroup, TYPES.classicCloudService, cloudService);
  const location = places.region(resourceGroup);
  const accountId = account === undefined ? '' : places.named('classicStorageAccounts', account);
  const home = environment.classicNetworks.findIndex((one) => one.name === network?.name);
  return [
    classicServiceResource(serviceId, location),
    classicMachineResource({
      id: places.id(resourceGroup, TYPES.classicVirtualMachine, name),
      location,
      serviceId,
      size,
      osType,
      disks: disks.map((disk) => ({ ...disk, accountId })),
      ...(network && {
        network: {
          id: places.named('classicNetworks', network.name),
          subnet: network.subnet,
          address: `10.${120 + home}.1.${4 + at}`,
        },
      }),
    }),
  ];
}
