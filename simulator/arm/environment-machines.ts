// Builds the machines of an environment with their disks, network interfaces and addresses.

import type { Environment, EnvironmentMachine, EnvironmentNic } from '../environments/schema.ts';
import { diskResource, machineResource } from './build/machines.ts';
import { nicResource, publicAddressResource } from './build/networks.ts';
import { stableGuid } from './guid.ts';
import type { EnvironmentIds } from './build/common.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { Resource } from './resource.ts';

export const machineResources = (environment: Environment, ids: EnvironmentIds): Resource[] =>
  environment.virtualMachines.flatMap((machine) => machineWithDependencies(ids, machine));

function machineWithDependencies(ids: EnvironmentIds, machine: EnvironmentMachine): Resource[] {
  const { resourceGroup, zone, availabilitySet, placementGroup, unmanagedIn, tags } = machine;
  const location = ids.regionOf(resourceGroup);
  const id = ids.idOf(resourceGroup, RESOURCE_TYPES.virtualMachine, machine.name);
  const nics = [machine.nic, ...machine.otherNics];
  const blobs = unmanagedIn === undefined ? undefined : `https://${unmanagedIn}.blob.core.windows.net/vhds`;
  const diskIdOf = (name: string): string => ids.idOf(resourceGroup, RESOURCE_TYPES.disk, name);
  return [
    ...(blobs === undefined ? disksOf(machine, location, id, diskIdOf) : []),
    ...nics.flatMap((nic) => nicWithAddress(ids, resourceGroup, nic, id)),
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
      nicIds: nics.map(({ name }) => ids.idOf(resourceGroup, RESOURCE_TYPES.networkInterface, name)),
      power: machine.power,
      agentReady: machine.agentReady,
      generation: machine.generation,
      ...(machine.os && { os: machine.os }),
      ...(machine.image && { image: machine.image }),
      ...(zone !== undefined && { zones: [zone] }),
      ...(tags && { tags }),
      ...(availabilitySet !== undefined && {
        availabilitySetId: ids.idByName('availabilitySets', availabilitySet),
      }),
      ...(placementGroup !== undefined && {
        proximityPlacementGroupId: ids.idByName('placementGroups', placementGroup),
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
  ids: EnvironmentIds,
  group: string,
  nic: EnvironmentNic,
  machineId: string,
): Resource[] {
  const location = ids.regionOf(group);
  const id = ids.idOf(group, RESOURCE_TYPES.networkInterface, nic.name);
  const addressId = ids.idOf(group, RESOURCE_TYPES.publicAddress, `${nic.name}-address`);
  return [
    ...(nic.publicAddress ? [publicAddressResource(addressId, location, exampleAddress(addressId))] : []),
    nicResource({
      id,
      location,
      subnetId: `${ids.idByName('networks', nic.network)}/subnets/${nic.subnet}`,
      privateAddress: nic.privateAddress,
      machineId,
      ...(nic.publicAddress && { publicAddressId: addressId }),
      ...(nic.securityGroup !== undefined && {
        securityGroupId: ids.idByName('securityGroups', nic.securityGroup),
      }),
    }),
  ];
}

/** Returns a fixed address for an id, from the address range for examples. */
export const exampleAddress = (id: string): string =>
  `203.0.113.${1 + (Number.parseInt(stableGuid(id).slice(0, 6), 16) % 254)}`;
