// Computes recovery points: the latest transfer, and one point for each hour that the policy keeps.
// After its shutdown a planned failover makes a last point.

import { guidOf } from '../../ids.ts';
import type { RecoveryPoint } from '../../provider.ts';
import { lastSegment, type Vault } from '../../vault.ts';
import { policySettings } from './configuration.ts';
import { sidesOf, type CloudInput, type CloudItem } from './details.ts';

const HOUR_MS = 3_600_000;

export const sourceHost = (item: CloudItem, vault: Vault): string =>
  vault.onPremises.machine(sidesOf(item).source.machineId ?? '')?.server ?? '';

/** True when the host of the machine sends no data. */
export function isSourceUnreachable(item: CloudItem, vault: Vault): boolean {
  const host = sourceHost(item, vault);
  return host === '' || vault.onPremises.isDark(host);
}

/** Returns since when the host sends no data, or null while it sends data. */
export function sourceUnreachableSince(item: CloudItem, vault: Vault): number | null {
  if (item.details.failedOverAt !== null || !isSourceUnreachable(item, vault)) return null;
  return vault.conditions.onPremisesFaultSince('serverDark', sourceHost(item, vault)) ?? null;
}

export function recoveryPoints(item: CloudItem, vault: Vault, now: number): RecoveryPoint[] {
  const { protectedSince, failedOverAt, finalPointAt, turns } = item.details;
  if (protectedSince === null) return [];
  const policy = policySettings(vault.policy(item.policy));
  const step = policy.replicationFrequencyInSeconds * 1000;
  const snapshots = policy.applicationConsistentSnapshotFrequencyInHours * HOUR_MS;
  const end = Math.min(failedOverAt ?? now, sourceUnreachableSince(item, vault) ?? now);
  const latest = Math.max(protectedSince, Math.floor(end / step) * step);
  const oldest = Math.max(protectedSince, latest - policy.recoveryPoints * HOUR_MS);
  const hourly: number[] = [];
  for (let time = Math.ceil(oldest / HOUR_MS) * HOUR_MS; time < latest; time += HOUR_MS) hourly.push(time);
  return [...hourly, latest, ...(finalPointAt === null ? [] : [finalPointAt])].map((time) => ({
    name: guidOf(item.key, turns, time),
    time,
    type: snapshots > 0 && time % snapshots === 0 ? 'AppConsistent' : 'CrashConsistent',
  }));
}

/** Returns the requested recovery point. Default: the newest. */
export function findRecoveryPoint(
  item: CloudItem,
  vault: Vault,
  at: number,
  { recoveryPointId }: CloudInput,
): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  return recoveryPointId === undefined
    ? points.at(-1)
    : points.find(({ name }) => name === lastSegment(recoveryPointId).toLowerCase());
}
