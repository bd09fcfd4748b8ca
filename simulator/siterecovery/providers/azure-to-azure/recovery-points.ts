// Computes recovery points. The policy sets the intervals of crash-consistent and
// application-consistent points; the second kind appears where both intervals meet. The machines of
// a consistency group share their points.
//
// The service creates no points after a failover or while the source is silent. Then no point
// expires either: only a new point replaces the oldest one.

import { guidOf } from '../../ids.ts';
import type { RecoveryPoint } from '../../provider.ts';
import { pointTimes } from '../common/point-times.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import type { AzureToAzureInput, AzureToAzureItem } from './details.ts';
import { policySettings } from './configuration.ts';

/** Returns since when the source sends no data, or null while it sends data. */
export function sourceUnreachableSince(item: AzureToAzureItem, vault: Vault): number | null {
  const { primary, machines, regions, failedOverAt } = item.details;
  if (failedOverAt !== null) return null;
  return vault.conditions.unreachableSince(vault.azure.get(machines[primary]), regions[primary]) ?? null;
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
  { recoveryPointId, recoveryPointKind, sharedPoint, sharedPointUpTo = at }: AzureToAzureInput,
): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  if (recoveryPointId !== undefined)
    return points.find(({ name }) => name === lastSegment(recoveryPointId).toLowerCase());
  const wanted =
    recoveryPointKind === 'LatestApplicationConsistent'
      ? points.filter(({ type }) => type === 'AppConsistent')
      : points;
  const sharedPoints = sharedPoint
    ? wanted.filter(
        ({ time, details }) =>
          time <= sharedPointUpTo && details?.['recoveryPointSyncType'] === 'MultiVmSyncRecoveryPoint',
      )
    : wanted;
  return (sharedPoints.length > 0 ? sharedPoints : wanted).at(-1);
}
