// Computes recovery points. The policy sets the intervals of crash-consistent and
// application-consistent points; the second kind appears where both intervals meet. The machines of
// a consistency group share their points.
//
// As the service documents it, all points of the last two hours stay. Of older points, one stays
// for each hour or more. The service creates no points after a failover or while the source is
// silent. Then no point expires either: only a new point replaces the oldest one.

import { guidOf } from '../../ids.ts';
import type { RecoveryPoint } from '../../provider.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import type { AzureToAzureInput, AzureToAzureItem } from './details.ts';
import { policySettings } from './configuration.ts';

/** Returns since when the source sends no data, or null while it sends data. */
export function sourceUnreachableSince(item: AzureToAzureItem, vault: Vault): number | null {
  const { primary, machines, regions, failedOverAt } = item.details;
  if (failedOverAt !== null) return null;
  return vault.conditions.unreachableSince(vault.azure.get(machines[primary]), regions[primary]) ?? null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KEEP_ALL_MS = 2 * HOUR_MS;

/**
 * Returns the interval in which one point stays, by its age and the retention. Null: every point
 * stays.
 */
function retentionStep(age: number, retention: number): number | null {
  if (age <= KEEP_ALL_MS) return null;
  if (retention <= DAY_MS) return HOUR_MS;
  return age <= 7 * DAY_MS ? 2 * HOUR_MS : 4 * HOUR_MS;
}

/** Returns the times of the remaining points, counted back from the newest. */
function pointTimes(since: number, newest: number, step: number, retention: number): number[] {
  const rhythm = Math.ceil(since / step) * step;
  // Without a retention, only the latest point exists.
  if (retention === 0) return [Math.max(since, Math.floor(newest / step) * step)];
  const first = Math.max(rhythm, Math.ceil((newest - retention) / step) * step);
  // The end of the first copy is the first point.
  const times = since >= newest - retention && since < rhythm && since <= newest ? [since] : [];
  for (let time = first; time <= newest; time += step) {
    const every = retentionStep(newest - time, retention);
    if (every === null || Math.floor(time / every) !== Math.floor((time - step) / every)) times.push(time);
  }
  return times;
}

export function recoveryPoints(item: AzureToAzureItem, vault: Vault, now: number): RecoveryPoint[] {
  const { protectedSince, failedOverAt, turns, group, disks } = item.details;
  if (protectedSince === null) return [];
  const policy = policySettings(vault.policy(item.policy));
  const step = Math.max(1, policy.crashConsistentFrequencyInMinutes) * 60_000;
  const appStep = policy.appConsistentFrequencyInMinutes * 60_000;
  const newest = Math.min(failedOverAt ?? now, sourceUnreachableSince(item, vault) ?? now);
  const shared = group.given && policy.multiVmSyncStatus === 'Enabled';
  const copied = disks.filter((disk) => disk.protectedSince !== null);
  return pointTimes(protectedSince, newest, step, policy.recoveryPointHistory * 60_000).map(
    (time): RecoveryPoint => {
      const type = appStep > 0 && time % appStep === 0 ? 'AppConsistent' : 'CrashConsistent';
      const details = {
        instanceType: 'A2A',
        recoveryPointSyncType: shared ? 'MultiVmSyncRecoveryPoint' : 'PerVmRecoveryPoint',
        disks: copied
          .filter((disk) => (disk.protectedSince ?? 0) <= time)
          .map((disk) => disk.id.toLowerCase()),
      };
      return { name: guidOf(item.key, turns, time), time, type, details };
    },
  );
}

/** Returns the requested recovery point. Default: the newest. */
export function findRecoveryPoint(
  item: AzureToAzureItem,
  vault: Vault,
  at: number,
  { recoveryPointId, recoveryPointKind, sharedPoint }: AzureToAzureInput,
): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  if (recoveryPointId !== undefined)
    return points.find(({ name }) => name === lastSegment(recoveryPointId).toLowerCase());
  const wanted =
    recoveryPointKind === 'LatestApplicationConsistent'
      ? points.filter(({ type }) => type === 'AppConsistent')
      : points;
  const sharedPoints = sharedPoint
    ? wanted.filter(({ details }) => details['recoveryPointSyncType'] === 'MultiVmSyncRecoveryPoint')
    : wanted;
  return (sharedPoints.length > 0 ? sharedPoints : wanted).at(-1);
}
