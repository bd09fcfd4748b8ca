// The machines of an environment with their disks, network interfaces and addresses.

import type { Environment, EnvironmentMachine, EnvironmentNic } from '../environments/schema.ts';
import { diskResource, machineResource } from './build/machines.ts';
import { nicResource, publicAddressResource } from './build/networks.ts';
import { stableGuid } from './guid.ts';
import type { EnvironmentIds } from './build/common.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { Resource } from './resource.ts';

export const machineResources = (environment: Environment, places: EnvironmentIds): Resource[] =>
  environment.virtualMachines.flatMap((machine) => machineWithDependencies(places, machine));

function machineWithDependencies(places: EnvironmentIds, machine: EnvironmentMachine): Resource[] {
  const { resourceGroup, zone, availabilitySet, placementGroup, unmanagedIn, tags } = machine;
  const location = places.regionOf(resourceGroup);
  const id = places.idOf(resourceGroup, RESOURCE_TYPES.virtualMachine, machine.name);
  const nics = [machine.nic, ...machine.otherNics];
  const blobs = unmanagedIn === undefined ? undefined : `https://${unmanagedIn}.blob.core.windows.net/vhds`;
  const diskIdOf = (name: string): string => places.idOf(resourceGroup, RESOURCE_TYPES.disk, name);
  return [
    ...(blobs === undefined ? disksOf(machine, location, id, diskIdOf) : []),
    ...nics.flatMap((nic) => nicWithAddress(places, resourceGroup, nic, id)),
    machineResource({
      id,
      location,
      size: machine.size,
      osType: machine.osType,
      disks: machine.disks.map(({ name, sizeInGb, accountType }) => ({
        name,
        sizeInGb,
        at: blobs === undefined ? { id: diskIdOf(name), accountType } : { blobUri: `${blobs}/${name}.vhd` },
      })),
      nicIds: nics.map(({ name }) => places.idOf(resourceGroup, RESOURCE_TYPES.networkInterface, name)),
      power: machine.power,
      agentReady: machine.agentReady,
      generation: machine.generation,
      ...(zone !== undefined && { zones: [zone] }),
      ...(tags && { tags }),
      ...(availabilitySet !== undefined && {
        availabilitySetId: places.idByName('availabilitySets', availabilitySet),
      }),
      ...(placementGroup !== undefined && {
        proximityPlacementGroupId: places.idByName('placementGroups', placementGroup),
      }),
    }),
  ];
}

const disksOf = (
  machine: EnvironmentMachine,
  location: string,
  machineId: string,
  idOf: (name: string) => string,
): Resource[] =>
  machine.disks.map(({ name, sizeInGb, accountType }, index) =>
    diskResource({
      id: idOf(name),
      location,
      sizeInGb,
      accountType,
      machineId,
      zones: machine.zone === undefined ? [] : [machine.zone],
      ...(index === 0 && { osType: machine.osType, generation: machine.generation }),
    }),
  );

function nicWithAddress(
  places: EnvironmentIds,
  group: string,
  nic: EnvironmentNic,
  machineId: string,
): Resource[] {
  const location = places.regionOf(group);
  const id = places.idOf(group, RESOURCE_TYPES.networkInterface, nic.name);
  const addressId = places.idOf(group, RESOURCE_TYPES.publicAddress, `${nic.name}-address`);
  return [
    ...(nic.publicAddress ? [publicAddressResource(addressId, location, exampleAddress(addressId))] : []),
    nicResource({
      id,
      location,
      subnetId: `${places.idByName('networks', nic.network)}/subnets/${nic.subnet}`,
      privateAddress: nic.privateAddress,
      machineId,
      ...(nic.publicAddress && { publicAddressId: addressId }),
      ...(nic.securityGroup !== undefined && {
        securityGroupId: places.idByName('securityGroups', nic.securityGroup),
      }),
    }),
  ];
}

/** One of the addresses that are set aside for examples. */
export const exampleAddress = (id: string): string =>
  `203.0.113.${1 + (Number.parseInt(stableGuid(id).slice(0, 6), 16) % 254)}`;
