// Builds the classic resources of an environment.

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

export const classicResources = (environment: Environment, ids: EnvironmentIds): Resource[] => [
  ...environment.classicNetworks.map(({ name, resourceGroup, subnets }, at) =>
    classicNetworkResource(
      ids.idByName('classicNetworks', name),
      ids.regionOf(resourceGroup),
      `10.${120 + at}.0.0/16`,
      subnets.map((subnet, index) => ({ name: subnet, prefix: `10.${120 + at}.${index + 1}.0/24` })),
    ),
  ),
  ...environment.classicStorageAccounts.map(({ name, resourceGroup, accountType }) =>
    classicAccountResource(
      ids.idByName('classicStorageAccounts', name),
      ids.regionOf(resourceGroup),
      accountType,
    ),
  ),
  ...environment.cloudServices.map(({ name, resourceGroup }) =>
    classicServiceResource(
      ids.idOf(resourceGroup, RESOURCE_TYPES.classicCloudService, name),
      ids.regionOf(resourceGroup),
    ),
  ),
  ...environment.classicMachines.flatMap((machine, at) => classicMachine(machine, at, environment, ids)),
];

/** Builds a machine together with its cloud service. */
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
  ids: EnvironmentIds,
): Resource[] {
  const serviceId = ids.idOf(resourceGroup, RESOURCE_TYPES.classicCloudService, cloudService);
  const location = ids.regionOf(resourceGroup);
  const accountId = account === undefined ? '' : ids.idByName('classicStorageAccounts', account);
  const networkIndex = environment.classicNetworks.findIndex((candidate) => candidate.name === network?.name);
  return [
    classicServiceResource(serviceId, location),
    classicMachineResource({
      id: ids.idOf(resourceGroup, RESOURCE_TYPES.classicVirtualMachine, name),
      location,
      serviceId,
      size,
      osType,
      disks: disks.map((disk) => ({ ...disk, accountId })),
      ...(network && {
        network: {
          id: ids.idByName('classicNetworks', network.name),
          subnet: network.subnet,
          address: `10.${120 + networkIndex}.1.${4 + index}`,
        },
      }),
    }),
  ];
}
