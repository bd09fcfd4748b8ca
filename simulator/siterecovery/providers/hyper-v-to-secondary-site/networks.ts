// Decides which networks can be mapped, connects existing replicas, and finds the networks of a
// failback.

import type { ContainerPath, NetworkMappingRecord, OnPremisesMachine } from '../../configuration-records.ts';
import { providerRefuses } from '../../errors.ts';
import type { JobError } from '../../records.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { isCloudItem, sidesOf, type CloudItem } from './details.ts';
import { networkNic, replicaNic, type ReplicaNic } from './placement.ts';
import { findCloud, findNetwork, networkId, networksMappedTo, serverOf } from './world.ts';

/** A target is available when a cloud of the source is paired with a cloud that has its network. */
export function networkMappingError(mapping: NetworkMappingRecord, vault: Vault): JobError | undefined {
  const source = findNetwork(vault, mapping.primaryNetworkId);
  const target = findNetwork(vault, mapping.recoveryNetworkId);
  const isAvailable = vault.mappings().some(({ from, to }) => {
    const [own, other] = [findCloud(vault, from), findCloud(vault, to)];
    return (
      own?.server.name === source?.server.name &&
      other?.server.name === target?.server.name &&
      own?.cloud.logicalNetworks.includes(source?.network.logicalNetwork ?? '') &&
      other?.cloud.logicalNetworks.includes(target?.network.logicalNetwork ?? '')
    );
  });
  return isAvailable
    ? undefined
    : providerRefuses(
        'VmmToVmm',
        `No cloud with the network '${source?.network.name ?? ''}' replicates to a cloud with the network ` +
          `'${target?.network.name ?? ''}'.`,
        'Map the clouds first, or choose an available network.',
      );
}

export const withNics = (machine: OnPremisesMachine, nics: readonly ReplicaNic[]): OnPremisesMachine => ({
  ...machine,
  nics: machine.nics.map((nic) => ({ ...nic, ...nics.find(({ name }) => name === nic.name) })),
});

/** A mapping connects the replicas of machines on its network. A replica that runs stays as it is. */
export function connectReplicas(mapping: NetworkMappingRecord, vault: Vault): void {
  const { onPremises } = vault;
  for (const item of vault.items().filter(isCloudItem)) {
    const { source, replica } = sidesOf(item);
    const [machine, other] = [
      onPremises.machine(source.machineId ?? ''),
      onPremises.machine(replica.machineId ?? ''),
    ];
    if (!machine || !other || item.details.isReversed || item.details.failedOverAt !== null) continue;
    if (!isSameName(source.place.fabric, mapping.fabric)) continue;
    const server = serverOf(vault, mapping.fabric)?.name ?? '';
    const nics = machine.nics
      .filter(({ network }) => isSameName(networkId(server, network), mapping.network))
      .map((nic) => replicaNic(vault, nic, source.place, replica.place));
    onPremises.putMachine(withNics(other, nics));
  }
}

interface NicAway {
  readonly home: string;
  /** The network of the replica when it took over, and now. */
  readonly before: string;
  readonly now: string;
}

/** What somebody did to the replica goes before a changed mapping. */
function homeNetwork({ home, before, now }: NicAway, sources: readonly string[]): string {
  if (now !== before) return sources[0] ?? '';
  return sources.length === 0 || sources.includes(home) ? home : (sources[0] ?? '');
}

/** Returns the interfaces of a machine that fails back to the item's own cloud. */
export function homeNics(item: CloudItem, vault: Vault): readonly ReplicaNic[] {
  const { place, target, details } = item;
  const { onPremises } = vault;
  const [home, away] = [onPremises.machine(details.homeId), onPremises.machine(details.awayId ?? '')];
  const cloud = findCloud(vault, place);
  return (home?.nics ?? []).map((nic) => {
    const now = away?.nics.find(({ name }) => name === nic.name)?.network ?? '';
    const before = details.awayNetworks[nic.name] ?? '';
    const sources = now === '' ? [] : networksMappedTo(vault, place.fabric, target.fabric, now);
    const network = homeNetwork({ home: details.homeNetworks[nic.name] ?? '', before, now }, sources);
    return networkNic(cloud, nic, network);
  });
}

/** Returns the network of a test failover by its id, when the replica's host reaches the network. */
export function testNetwork(
  vault: Vault,
  id: string,
  place: ContainerPath,
  host: string,
): string | undefined {
  const found = findNetwork(vault, id);
  const cloud = findCloud(vault, place);
  const reaches = cloud?.facts.hosts
    .find(({ name }) => name === host)
    ?.logicalNetworks.includes(found?.network.logicalNetwork ?? '');
  return found && found.server.name === cloud?.server.name && reaches ? found.network.name : undefined;
}

export const networksOf = (machine: OnPremisesMachine | undefined): Record<string, string> =>
  Object.fromEntries((machine?.nics ?? []).map(({ name, network }) => [name, network]));
