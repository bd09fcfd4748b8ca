// The progress of the copies of an item, as the API shows it.

import { seededNumber, formatTime } from '../../ids.ts';
import type { Vault } from '../../vault.ts';
import type { VmwareDisk, VmwareItem } from './details.ts';
import { sourceUnreachableSince } from './recovery-points.ts';

const GIB = 2 ** 30;
const RPO_INTERVAL_MS = 60_000;

/** The share of the first copy that has arrived, in percent. Null outside of a first copy. */
export function copiedPercent({ state, stateSince, stateEndsAt }: VmwareItem, now: number): number | null {
  if (state !== 'copying' || stateEndsAt === null) return null;
  const share = (now - stateSince) / Math.max(1, stateEndsAt - stateSince);
  return Math.max(0, Math.min(99, Math.floor(100 * share)));
}

/** The agent has reported once the copy runs. */
export const isEnabling = ({ state, stateEndsAt }: VmwareItem): boolean =>
  state === 'preparing' || (state === 'copying' && stateEndsAt === null);

const bytesOf = (disks: readonly VmwareDisk[]): number =>
  disks.reduce((sum, { sizeInGb }) => sum + sizeInGb * GIB, 0);

/** The progress of the whole machine, under names with this prefix. */
export function progressFields(item: VmwareItem, now: number) {
  const percent = copiedPercent(item, now);
  const bytes = percent === null ? null : Math.floor((bytesOf(item.details.disks) * percent) / 100);
  return {
    initialReplicationProgressPercentage: percent,
    initialReplicationProcessedBytes: bytes,
    initialReplicationTransferredBytes: bytes === null ? null : Math.floor(bytes / 2),
    initialReplicationProgressHealth: percent === null ? 'None' : 'InProgress',
    resyncProgressPercentage: null,
    resyncProcessedBytes: null,
    resyncTransferredBytes: null,
    resyncProgressHealth: 'None',
    resyncRequired: 'false',
    resyncState: 'None',
  };
}

/** The progress of one disk. Absent outside of a first copy. */
export function diskProgress(item: VmwareItem, disk: VmwareDisk, now: number) {
  if (item.state !== 'copying') return {};
  const percent = copiedPercent(item, now);
  const processed = Math.floor((disk.sizeInGb * GIB * (percent ?? 0)) / 100);
  const time = percent === null ? null : formatTime(now);
  return {
    irDetails: {
      progressHealth: percent === null ? 'None' : 'InProgress',
      transferredBytes: Math.floor(processed / 2),
      last15MinutesTransferredBytes: Math.floor(processed / 4),
      lastDataTransferTimeUtc: time,
      processedBytes: processed,
      startTime: percent === null ? null : formatTime(item.stateSince),
      lastRefreshTime: time,
      progressPercentage: percent,
    },
  };
}

export interface ReplicationLag {
  readonly seconds: number;
  readonly at: number;
}

/** The data loss that a failover would have now. Undefined during the first copy. */
export function replicationLag(item: VmwareItem, vault: Vault, now: number): ReplicationLag | undefined {
  const { failedOverAt, protectedSince } = item.details;
  if (protectedSince === null) return undefined;
  const at = Math.floor((failedOverAt ?? now) / RPO_INTERVAL_MS) * RPO_INTERVAL_MS;
  const silent = sourceUnreachableSince(item, vault);
  const waited = silent === null ? 0 : Math.max(0, Math.floor((now - silent) / 1000));
  return { seconds: 15 + Math.floor(100 * seededNumber(item.key, at)) + waited, at };
}

/** The time of the agent's last report. */
export const lastContact = (item: VmwareItem, vault: Vault, now: number): number =>
  Math.floor(Math.min(now, sourceUnreachableSince(item, vault) ?? now) / RPO_INTERVAL_MS) * RPO_INTERVAL_MS;
