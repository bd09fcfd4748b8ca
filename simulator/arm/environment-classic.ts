// What an environment has of the classic deployment model.

import type { Environment } from '../environments/schema.ts';
import {
  classicAccountResource,
  classicMachineResource,
  classicNetworkResource,
  classicServiceResource,
} from './build/classic.ts';
import type { EnvironmentIds } from './build/common.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { Resource } from './resource.ts';

export const classicResources = (environment: Environment, places: EnvironmentIds): Resource[] => [
  ...environment.classicNetworks.map(({ name, resourceGroup, subnets }, at) =>
    classicNetworkResource(
      places.idByName('classicNetworks', name),
      places.regionOf(resourceGroup),
      `10.${120 + at}.0.0/16`,
      subnets.map((subnet, index) => ({ name: subnet, prefix: `10.${120 + at}.${index + 1}.0/24` })),
    ),
  ),
  ...environment.classicStorageAccounts.map(({ name, resourceGroup, accountType }) =>
    classicAccountResource(
      places.idByName('classicStorageAccounts', name),
      places.regionOf(resourceGroup),
      accountType,
    ),
  ),
  ...environment.cloudServices.map(({ name, resourceGroup }) =>
    classicServiceResource(
      places.idOf(resourceGroup, RESOURCE_TYPES.classicCloudService, name),
      places.regionOf(resourceGroup),
    ),
  ),
  ...environment.classicMachines.flatMap((machine, at) => classicMachine(machine, at, environment, places)),
];

/** The cloud service that a machine names is there with it. */
function classicMachine(
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
  index: number,
  environment: Environment,
  places: EnvironmentIds,
): Resource[] {
  const serviceId = places.idOf(resourceGroup, RESOURCE_TYPES.classicCloudService, cloudService);
  const location = places.regionOf(resourceGroup);
  const accountId = account === undefined ? '' : places.idByName('classicStorageAccounts', account);
  const networkIndex = environment.classicNetworks.findIndex((one) => one.name === network?.name);
  return [
    classicServiceResource(serviceId, location),
    classicMachineResource({
      id: places.idOf(resourceGroup, RESOURCE_TYPES.classicVirtualMachine, name),
      location,
      serviceId,
      size,
      osType,
      disks: disks.map((disk) => ({ ...disk, accountId })),
      ...(network && {
        network: {
          id: places.idByName('classicNetworks', network.name),
          subnet: network.subnet,
          address: `10.${120 + networkIndex}.1.${4 + index}`,
        },
      }),
    }),
  ];
}
