// The machines of an environment with their disks, network interfaces and addresses.

import type { Environment, EnvironmentMachine, EnvironmentNic } from '../environments/schema.ts';
import { diskResource, machineResource } from './build/machines.ts';
import { nicResource, publicAddressResource } from './build/networks.ts';
import { guidOf } from './guid.ts';
import type { Places } from './build/common.ts';
import { TYPES } from './types.ts';
import type { Resource } from './resource.ts';

export const machinesOf = (environment: Environment, places: Places): Resource[] =>
  environment.virtualMachines.flatMap((machine) => machineWithParts(places, machine));

function machineWithParts(places: Places, machine: EnvironmentMachine): Resource[] {
  const { resourceGroup, zone, availabilitySet, placementGroup, unmanagedIn, tags } = machine;
  const location = places.region(resourceGroup);
  const id = places.id(resourceGroup, TYPES.virtualMachine, machine.name);
  const nics = [machine.nic, ...machine.otherNics];
  const blobs = unmanagedIn === undefined ? undefined : `https://${unmanagedIn}.blob.core.windows.net/vhds`;
  const diskIdOf = (name: string): string => places.id(resourceGroup, TYPES.disk, name);
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
      nicIds: nics.map(({ name }) => places.id(resourceGroup, TYPES.networkInterface, name)),
      power: machine.power,
      agentReady: machine.agentReady,
      generation: machine.generation,
      ...(zone !== undefined && { zones: [zone] }),
      ...(tags && { tags }),
      ...(availabilitySet !== undefined && {
        availabilitySetId: places.named('availabilitySets', availabilitySet),
      }),
      ...(placementGroup !== undefined && {
        proximityPlacementGroupId: places.named('placementGroups', placementGroup),
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

function nicWithAddress(places: Places, group: string, nic: EnvironmentNic, machineId: string): Resource[] {
  const location = places.region(group);
  const id = places.id(group, TYPES.networkInterface, nic.name);
  const addressId = places.id(group, TYPES.publicAddress, `${nic.name}-address`);
  return [
    ...(nic.publicAddress ? [publicAddressResource(addressId, location, addressFor(addressId))] : []),
    nicResource({
      id,
      location,
      subnetId: `${places.named('networks', nic.network)}/subnets/${nic.subnet}`,
      privateAddress: nic.privateAddress,
      machineId,
      ...(nic.publicAddress && { publicAddressId: addressId }),
      ...(nic.securityGroup !== undefined && {
        securityGroupId: places.named('securityGroups', nic.securityGroup),
      }),
    }),
  ];
}

/** One of the addresses that are set aside for examples. */
export const addressFor = (id: string): string =>
  `203.0.113.${1 + (Number.parseInt(guidOf(id).slice(0, 6), 16) % 254)}`;
