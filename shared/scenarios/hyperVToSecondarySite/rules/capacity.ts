// The capacity that replication between VMM clouds needs: storage for replicas and recovery points,
// and bandwidth by copy frequency.

/** Churn is measured in windows of this length, the shortest interval of Hyper-V Replica. */
export const CHURN_WINDOW_SECONDS = 30;
const COPY_EVERY_SECONDS = [30, 300, 900] as const;
const MB_PER_GB = 1024;
const BITS_PER_BYTE = 8;
/** The share of the link that stays free for other traffic. */
const LINK_RESERVE = 0.2;

export interface MachineLoad {
  readonly name: string;
  readonly diskSizesInGb: readonly number[];
  /** Changed megabytes in each window. */
  readonly churnInMb: readonly number[];
}

export interface BandwidthNeed {
  readonly copyEverySeconds: number;
  /** Enough to copy the busiest interval before the next one ends. */
  readonly mbitPerSecond: number;
}

export interface CapacityReport {
  readonly machines: number;
  readonly disks: number;
  readonly replicaStorageInGb: number;
  /** Each recovery point keeps the changes of its hour. */
  readonly recoveryPointStorageInGb: number;
  readonly churnInGbPerDay: number;
  readonly bandwidth: readonly BandwidthNeed[];
  readonly throttling: Throttling | null;
}

/** `limitInMbitPerSecond` caps replication. Null: the link is too small for this copy frequency. */
export interface Throttling {
  readonly copyEverySeconds: number;
  readonly limitInMbitPerSecond: number | null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Adds the churn of all machines, window by window. */
function totalChurn(machines: readonly MachineLoad[]): readonly number[] {
  const windows = Math.max(0, ...machines.map(({ churnInMb }) => churnInMb.length));
  return Array.from({ length: windows }, (_none, at) =>
    sum(machines.map(({ churnInMb }) => churnInMb[at] ?? 0)),
  );
}

/** The busiest interval decides: its changes must arrive before the next interval ends. */
export function bandwidthNeed(churnInMb: readonly number[], copyEverySeconds: number): BandwidthNeed {
  const windows = copyEverySeconds / CHURN_WINDOW_SECONDS;
  let busiest = 0;
  for (let start = 0; start < churnInMb.length; start += windows)
    busiest = Math.max(busiest, sum(churnInMb.slice(start, start + windows)));
  return { copyEverySeconds, mbitPerSecond: (busiest * BITS_PER_BYTE) / copyEverySeconds };
}

function throttlingOf(
  { copyEverySeconds, mbitPerSecond }: BandwidthNeed,
  linkInMbitPerSecond: number,
): Throttling {
  const usable = linkInMbitPerSecond * (1 - LINK_RESERVE);
  return { copyEverySeconds, limitInMbitPerSecond: mbitPerSecond <= usable ? usable : null };
}

export interface CapacityQuestion {
  readonly machines: readonly MachineLoad[];
  readonly recoveryPoints: number;
  readonly copyEverySeconds: (typeof COPY_EVERY_SECONDS)[number];
  readonly linkInMbitPerSecond?: number | undefined;
}

/** Reports the storage and the bandwidth that the replication of these machines needs. */
export function capacityReport(question: CapacityQuestion): CapacityReport {
  const { machines, recoveryPoints, copyEverySeconds, linkInMbitPerSecond } = question;
  const churn = totalChurn(machines);
  const measuredHours = (churn.length * CHURN_WINDOW_SECONDS) / 3600;
  const churnInGbPerHour = measuredHours === 0 ? 0 : sum(churn) / MB_PER_GB / measuredHours;
  const bandwidth = COPY_EVERY_SECONDS.map((seconds) => bandwidthNeed(churn, seconds));
  return {
    machines: machines.length,
    disks: sum(machines.map(({ diskSizesInGb }) => diskSizesInGb.length)),
    replicaStorageInGb: sum(machines.flatMap(({ diskSizesInGb }) => diskSizesInGb)),
    recoveryPointStorageInGb: churnInGbPerHour * recoveryPoints,
    churnInGbPerDay: churnInGbPerHour * 24,
    bandwidth,
    throttling:
      linkInMbitPerSecond === undefined
        ? null
        : throttlingOf(bandwidthNeed(churn, copyEverySeconds), linkInMbitPerSecond),
  };
}
