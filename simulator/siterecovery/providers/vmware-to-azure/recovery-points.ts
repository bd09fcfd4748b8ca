// Computes the recovery points of VMware items. The policy sets the intervals. On the way home the
// service keeps no points: a failback takes the latest one of a kind.

import { guidOf } from '../../ids.ts';
import type { RecoveryPoint } from '../../provider.ts';
import { pointTimes } from '../common/point-times.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { goesHome, type VmwareInput, type VmwareItem } from './details.ts';
import { homeUnreachableSince } from './estate.ts';
import { policyOf } from './policies.ts';

/** Returns since when the source sends no data, or null while it sends data. */
export function sourceUnreachableSince(item: VmwareItem, vault: Vault): number | null {
  if (item.details.failedOverAt !== null) return null;
  if (!goesHome(item)) return homeUnreachableSince(item, vault);
  const machine = vault.azure.get(item.details.machines.away);
  return vault.conditions.unreachableSince(machine, machine?.location ?? '') ?? null;
}

export function recoveryPoints(item: VmwareItem, vault: Vault, now: number): RecoveryPoint[] {
  const { instanceType, protectedSince, failedOverAt, turns, group } = item.details;
  if (protectedSince === null || goesHome(item)) return [];
  const policy = policyOf(vault.policy(item.policy));
  const step = Math.max(1, policy.crash) * 60_000;
  const newest = Math.min(failedOverAt ?? now, sourceUnreachableSince(item, vault) ?? now);
  const shared = String(policy.shared && group !== null);
  return pointTimes(protectedSince, newest, step, policy.history * 60_000).map((time): RecoveryPoint => {
    const isApp = policy.app > 0 && time % (policy.app * 60_000) === 0;
    return {
      name: guidOf(item.key, turns, time),
      time,
      type: isApp ? 'AppConsistent' : 'CrashConsistent',
      details: { instanceType, isMultiVmSyncPoint: shared },
    };
  });
}

/** Returns the requested recovery point. Default: the newest. */
export function findRecoveryPoint(
  item: VmwareItem,
  vault: Vault,
  at: number,
  { recoveryPointId, recoveryPointKind, sharedPoint, sharedPointUpTo = at }: VmwareInput,
): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  if (recoveryPointId !== undefined)
    return points.find(({ name }) => name === lastSegment(recoveryPointId).toLowerCase());
  const wanted = recoveryPointKind?.endsWith('ApplicationConsistent')
    ? points.filter(({ type }) => type === 'AppConsistent')
    : points;
  const sharedPoints = sharedPoint
    ? wanted.filter(
        ({ time, details }) => time <= sharedPointUpTo && details?.['isMultiVmSyncPoint'] === 'true',
      )
    : wanted;
  return (sharedPoints.length > 0 ? sharedPoints : wanted).at(-1);
}
