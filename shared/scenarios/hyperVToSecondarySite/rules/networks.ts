// Networks between VMM clouds: available targets, the network of a replica, and the network of a machine
// that fails back.

export interface Cloud {
  readonly name: string;
  readonly logicalNetworks: readonly string[];
}

export interface CloudPair {
  readonly source: Cloud;
  readonly target: Cloud;
}

export interface VmNetwork {
  readonly name: string;
  readonly logicalNetwork: string;
  readonly subnets: readonly string[];
}

/** A network of the source with its network at the target. */
export interface NetworkMapping {
  readonly from: string;
  readonly to: string;
}

export interface AvailableTarget {
  readonly network: string;
  /** The source clouds that use the mapped network and can reach this target. */
  readonly sourceClouds: readonly string[];
}

/** Lists the networks that a source network can be mapped to. */
export function availableTargets(
  source: VmNetwork,
  targets: readonly VmNetwork[],
  pairs: readonly CloudPair[],
): readonly AvailableTarget[] {
  const ownPairs = pairs.filter((pair) => pair.source.logicalNetworks.includes(source.logicalNetwork));
  return targets
    .map((target) => ({
      network: target.name,
      sourceClouds: ownPairs
        .filter((pair) => pair.target.logicalNetworks.includes(target.logicalNetwork))
        .map((pair) => pair.source.name),
    }))
    .filter(({ sourceClouds }) => sourceClouds.length > 0);
}

export interface Connection {
  readonly network: string;
  readonly subnet: string | null;
}

/** Returns the connection of a replica. Null: nobody mapped the network, and the replica has none. */
export function replicaConnection(
  { network, subnet }: Connection,
  mappings: readonly NetworkMapping[],
  targets: readonly VmNetwork[],
): Connection | null {
  const mapping = mappings.find(({ from }) => from === network);
  const target = targets.find(({ name }) => name === mapping?.to);
  if (!target) return null;
  const sameSubnet = target.subnets.find((name) => name === subnet);
  return { network: target.name, subnet: sameSubnet ?? target.subnets[0] ?? null };
}

export interface FailbackNetworks {
  /** The network of the machine before its failover. */
  readonly original: string | null;
  /** The network of the replica when it took over, and now. */
  readonly replicaAtFailover: string | null;
  readonly replicaNow: string | null;
}

/**
 * Returns the network of a machine that fails back. A change of the replica goes before a changed
 * mapping. Null: no network.
 */
export function failbackNetwork(
  { original, replicaAtFailover, replicaNow }: FailbackNetworks,
  mappings: readonly NetworkMapping[],
): string | null {
  const sources = mappings.filter(({ to }) => to === replicaNow).map(({ from }) => from);
  if (replicaNow !== replicaAtFailover) return sources[0] ?? null;
  if (sources.length === 0) return original;
  return original !== null && sources.includes(original) ? original : (sources[0] ?? null);
}
