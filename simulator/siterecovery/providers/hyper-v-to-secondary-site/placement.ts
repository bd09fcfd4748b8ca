// Decides where a replica stands: its host, the places of its disks and its networks.

import type { ContainerPath, OnPremisesMachine } from '../../configuration-records.ts';
import type { Vault } from '../../vault.ts';
import {
  findCloud,
  freeSpaceOf,
  machineFacts,
  mappedClassification,
  mappedNetworks,
  type PlacedCloud,
  type VmmHost,
} from './world.ts';

export interface ReplicaNic {
  readonly name: string;
  /** Empty: the interface is connected to no network. */
  readonly network: string;
  readonly subnet: string;
}

export interface Placement {
  readonly site: string;
  readonly cloud: string;
  readonly host: string;
  readonly place: string;
  readonly classification: string | undefined;
  readonly nics: readonly ReplicaNic[];
}

export type PlacementResult = Placement | { readonly problem: string };

/** A replica is in the subnet of the same name, else in the first. */
export function replicaNic(
  vault: Vault,
  nic: { readonly name: string; readonly network: string; readonly subnet: string },
  from: ContainerPath,
  to: ContainerPath,
): ReplicaNic {
  const [network] = mappedNetworks(vault, from.fabric, nic.network, to.fabric);
  return networkNic(findCloud(vault, to), nic, network ?? '');
}

export function networkNic(
  target: PlacedCloud | undefined,
  { name, subnet }: { readonly name: string; readonly subnet: string },
  network: string,
): ReplicaNic {
  const subnets = target?.facts.vmNetworks.find((found) => found.name === network)?.subnets ?? [];
  return { name, network, subnet: subnets.includes(subnet) ? subnet : (subnets[0] ?? '') };
}

/** Returns the logical networks behind the connected interfaces. */
const logicalNetworksOf = ({ facts }: PlacedCloud, nics: readonly ReplicaNic[]): string[] => [
  ...new Set(
    nics.flatMap(
      ({ network }) => facts.vmNetworks.find(({ name }) => name === network)?.logicalNetwork ?? [],
    ),
  ),
];

const isWithin = (hosts: readonly VmmHost[], names: readonly string[]): boolean =>
  hosts.some(({ name }) => names.includes(name));

export function placeReplica(
  vault: Vault,
  machine: OnPremisesMachine,
  from: ContainerPath,
  to: ContainerPath,
): PlacementResult {
  const target = findCloud(vault, to);
  if (!target) return { problem: 'The target cloud does not exist any more.' };
  const { cloud, facts, server } = target;
  const nics = machine.nics.map((nic) => replicaNic(vault, nic, from, to));
  const networks = logicalNetworksOf(target, nics);
  const foreign = networks.find((name) => !cloud.logicalNetworks.includes(name));
  if (foreign !== undefined)
    return {
      problem: `The mapped network is on '${foreign}', which the cloud '${cloud.name}' does not have.`,
    };
  const alive = target.hosts.filter(({ name }) => !vault.onPremises.isDark(name));
  const connected = alive.filter(({ logicalNetworks }) =>
    networks.every((name) => logicalNetworks.includes(name)),
  );
  if (connected.length === 0)
    return {
      problem:
        networks.length === 0
          ? `No host of the cloud '${cloud.name}' answers.`
          : `No host of the cloud '${cloud.name}' reaches ${networks.join(' and ')}.`,
    };
  const { classification } = machineFacts(machine);
  const mapped =
    classification === undefined
      ? undefined
      : mappedClassification(vault, from.fabric, classification, to.fabric);
  const needed = machine.disks.reduce((sum, { sizeInGb }) => sum + sizeInGb, 0);
  const suitable = facts.storage
    .filter(
      (place) => mapped !== undefined && place.classification === mapped && isWithin(alive, place.hosts),
    )
    .map((place) => ({ ...place, free: freeSpaceOf(vault.onPremises, place) }))
    .filter(({ free }) => free >= needed)
    .toSorted((left, right) => right.free - left.free);
  const chosen = suitable.find((place) => isWithin(connected, place.hosts));
  if (suitable.length > 0 && !chosen)
    return {
      problem:
        `No host of the cloud '${cloud.name}' reaches both the mapped network and the storage ` +
        `'${mapped ?? ''}'.`,
    };
  const host = connected.find(({ name }) => !chosen || chosen.hosts.includes(name)) as VmmHost;
  return {
    site: server.name,
    cloud: cloud.name,
    host: host.name,
    place: chosen?.name ?? host.defaultPlace,
    classification: chosen ? mapped : undefined,
    nics,
  };
}
