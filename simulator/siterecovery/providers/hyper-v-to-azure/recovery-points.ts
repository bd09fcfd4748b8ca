// Computes recovery points. Hyper-V Replica keeps one point for each hour of the retention, and the
// latest transfer. Application-consistent points follow the policy's own interval. After its
// shutdown a planned failover makes a last point.

import { guidOf } from '../../ids.ts';
import type { RecoveryPoint } from '../../provider.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import type { HyperVInput, HyperVItem } from './details.ts';
import { policySettings } from './configuration.ts';
import { hostOf } from './site.ts';

const HOUR_MS = 3_600_000;

/** True when the machine's host sends no data: it does not answer, or it is not registered any more. */
export function isSourceUnreachable({ place, details }: HyperVItem, vault: Vault): boolean {
  const host = hostOf(vault, place.fabric, vault.onPremises.machine(details.machineId));
  return !host || vault.onPremises.isDark(host.name);
}

/** Returns since when the host sends no data, or null while it sends data. */
export function sourceUnreachableSince(item: HyperVItem, vault: Vault): number | null {
  const { failedOverAt, machineId } = item.details;
  if (failedOverAt !== null || !isSourceUnreachable(item, vault)) return null;
  const name = vault.onPremises.machine(machineId)?.server ?? '';
  const darkSince = vault.conditions.onPremisesFaultSince('serverDark', name);
  return darkSince ?? vault.onPremises.server(name)?.unregisteredAt ?? null;
}

export function recoveryPoints(item: HyperVItem, vault: Vault, now: number): RecoveryPoint[] {
  const { protectedSince, failedOverAt, finalPointAt, turns } = item.details;
  if (protectedSince === null) return [];
  const policy = policySettings(vault.policy(item.policy));
  const step = policy.replicationInterval * 1000;
  const snapshots = policy.applicationConsistentSnapshotFrequencyInHours * HOUR_MS;
  const end = Math.min(failedOverAt ?? now, sourceUnreachableSince(item, vault) ?? now);
  const latest = Math.max(protectedSince, Math.floor(end / step) * step);
  const oldest = Math.max(protectedSince, latest - policy.recoveryPointHistoryDurationInHours * HOUR_MS);
  const hourly: number[] = [];
  for (let time = Math.ceil(oldest / HOUR_MS) * HOUR_MS; time < latest; time += HOUR_MS) hourly.push(time);
  const times = [...hourly, latest, ...(finalPointAt === null ? [] : [finalPointAt])];
  return times.map((time) => ({
    name: guidOf(item.key, turns, time),
    time,
    type: snapshots > 0 && time % snapshots === 0 ? 'AppConsistent' : 'CrashConsistent',
  }));
}

/** Returns the requested recovery point. Default: the newest. */
export function findRecoveryPoint(
  item: HyperVItem,
  vault: Vault,
  at: number,
  { recoveryPointId, recoveryPointKind }: HyperVInput,
): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  if (recoveryPointId !== undefined)
    return points.find(({ name }) => name === lastSegment(recoveryPointId).toLowerCase());
  const wanted =
    recoveryPointKind === 'LatestApplicationConsistent'
      ? points.filter(({ type }) => type === 'AppConsistent')
      : points;
  return wanted.at(-1);
}
