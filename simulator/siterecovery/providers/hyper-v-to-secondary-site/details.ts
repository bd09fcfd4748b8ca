// The data of a Hyper-V machine that replicates between two VMM clouds.

import type { ContainerPath } from '../../configuration-records.ts';
import type { ItemRecord } from '../../records.ts';

/** Hosts on Windows Server 2012 R2 and later, and hosts on Windows Server 2012. */
export const CLOUD_TYPES = ['HyperVReplica2012R2', 'HyperVReplica2012'] as const;
export type CloudType = (typeof CLOUD_TYPES)[number];

export interface CloudDetails {
  readonly instanceType: CloudType;
  readonly name: string;
  readonly osType: 'Windows' | 'Linux';
  /** The machine in the item's own cloud. */
  readonly homeId: string;
  /** The machine in the other cloud, once it exists. */
  readonly awayId: string | null;
  /** The machine runs in the other cloud and replicates home. */
  readonly isReversed: boolean;
  /** The networks of the home machine when it failed over, by the names of its interfaces. */
  readonly homeNetworks: Readonly<Record<string, string>>;
  /** The networks of the other machine when it took over, by the names of its interfaces. */
  readonly awayNetworks: Readonly<Record<string, string>>;
  /** Counts reverse replications. */
  readonly turns: number;
  readonly protectedSince: number | null;
  readonly failedOverAt: number | null;
  /** The time of the last point that a planned failover made after the shutdown. */
  readonly finalPointAt: number | null;
  readonly failoverRecoveryPoint: string | null;
  readonly sourceWasShutDown: boolean;
  readonly lastSuccessfulFailover: number | null;
  readonly lastSuccessfulTest: number | null;
  readonly testId: string | null;
}

export type CloudItem = ItemRecord<CloudDetails>;

export const isCloudItem = (item: ItemRecord): item is CloudItem =>
  CLOUD_TYPES.some((name) => name === item.details.instanceType);

/** The input of all operations. Each operation reads its own part. */
export interface CloudInput {
  readonly policyId?: string | undefined;
  readonly protectableItemId?: string | undefined;
  readonly recoveryPointId?: string | undefined;
  readonly recoveryPointKind?: string | undefined;
  readonly shutsDownSource?: boolean | undefined;
  readonly networkType?: string | undefined;
  readonly networkId?: string | undefined;
  readonly comments?: string | undefined;
}

export interface ItemSide {
  readonly place: ContainerPath;
  readonly machineId: string | null;
}

/** Returns the side that the machine replicates from, and the side of its replica. */
export function sidesOf({ place, target, details }: CloudItem): {
  readonly source: ItemSide;
  readonly replica: ItemSide;
} {
  const home = { place, machineId: details.homeId };
  const away = { place: target, machineId: details.awayId };
  return details.isReversed ? { source: away, replica: home } : { source: home, replica: away };
}
