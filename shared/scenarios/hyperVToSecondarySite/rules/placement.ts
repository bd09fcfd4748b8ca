// The place of a replica: a host that reaches the network, and the storage with most free space.

export interface ReplicaHost {
  readonly name: string;
  readonly logicalNetworks: readonly string[];
  readonly defaultPlace: string;
}

export interface StoragePlace {
  readonly name: string;
  readonly classification: string | null;
  readonly freeInGb: number;
  readonly hosts: readonly string[];
}

export interface ReplicaNeeds {
  readonly diskSizesInGb: readonly number[];
  /** The mapped classification. Null: the machine has none, or nobody mapped it. */
  readonly classification: string | null;
  /** The logical networks behind the mapped networks. */
  readonly logicalNetworks: readonly string[];
}

export type Placement =
  | { readonly host: string; readonly place: string; readonly isDefaultPlace: boolean }
  | { readonly refusedFor: 'noHostReachesNetwork' | 'noHostReachesNetworkAndStorage' };

/** Without a suitable place of the classification, the replica goes to the host's default place. */
export function placeReplica(
  { diskSizesInGb, classification, logicalNetworks }: ReplicaNeeds,
  hosts: readonly ReplicaHost[],
  places: readonly StoragePlace[],
): Placement {
  const connected = hosts.filter((host) =>
    logicalNetworks.every((network) => host.logicalNetworks.includes(network)),
  );
  if (!connected[0]) return { refusedFor: 'noHostReachesNetwork' };
  const neededInGb = diskSizesInGb.reduce((sum, size) => sum + size, 0);
  const isReachedBy = (place: StoragePlace, some: readonly ReplicaHost[]): boolean =>
    some.some(({ name }) => place.hosts.includes(name));
  const suitable = places
    .filter((place) => classification !== null && place.classification === classification)
    .filter((place) => place.freeInGb >= neededInGb && isReachedBy(place, hosts))
    .toSorted((left, right) => right.freeInGb - left.freeInGb);
  if (suitable.length === 0)
    return { host: connected[0].name, place: connected[0].defaultPlace, isDefaultPlace: true };
  for (const place of suitable) {
    const host = connected.find(({ name }) => place.hosts.includes(name));
    if (host) return { host: host.name, place: place.name, isDefaultPlace: false };
  }
  return { refusedFor: 'noHostReachesNetworkAndStorage' };
}
