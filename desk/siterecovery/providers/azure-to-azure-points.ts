// Recovery points: crash consistent in the policy's rhythm, application consistent where that rhythm meets them, kept for the
// retention, shared by the machines of a consistency group; none are made after a failover or while the source is silent.

import { guidOf } from '../ids.ts';
import type { RecoveryPoint } from '../provider.ts';
import type { ItemRecord } from '../records.ts';
import { lastOf, type Vault } from '../vault.ts';
import type { AzureToAzureInput } from './azure-to-azure-details.ts';
import { policyOf } from './azure-to-azure-ground.ts';

/** Since when nothing comes from the source any more; null as long as it does. */
export function silentSince(item: ItemRecord, vault: Vault): number | null {
  const { primary, machines, regions, failedOverAt } = item.details;
  if (failedOverAt !== null) return null;
  return vault.conditions.silentSince(vault.azure.get(machines[primary]), regions[primary]) ?? null;
}

export function recoveryPoints(item: ItemRecord, vault: Vault, now: number): RecoveryPoint[] {
  const { protectedSince, failedOverAt, turns, group, disks } = item.details;
  if (protectedSince === null) return [];
  const policy = policyOf(vault.policy(item.policy));
  const step = Math.max(1, policy.crashConsistentFrequencyInMinutes) * 60_000;
  const appStep = policy.appConsistentFrequencyInMinutes * 60_000;
  const last = Math.min(failedOverAt ?? now, silentSince(item, vault) ?? now);
  const first = Math.max(protectedSince, (failedOverAt ?? now) - policy.recoveryPointHistory * 60_000);
  const shared = group.given && policy.multiVmSyncStatus === 'Enabled';
  const copied = disks.filter((disk) => disk.protectedSince !== null);
  const points: RecoveryPoint[] = [];
  const rhythm = Math.ceil(first / step) * step;
  // What ended the first copy is the first point.
  const times = first === protectedSince && protectedSince < rhythm ? [protectedSince] : [];
  for (let time = rhythm; time <= last; time += step) times.push(time);
  for (const time of times) {
    const type = appStep > 0 && time % appStep === 0 ? 'AppConsistent' : 'CrashConsistent';
    const details = {
      instanceType: 'A2A',
      recoveryPointSyncType: shared ? 'MultiVmSyncRecoveryPoint' : 'PerVmRecoveryPoint',
      disks: copied.filter((disk) => (disk.protectedSince ?? 0) <= time).map((disk) => disk.id.toLowerCase()),
    };
    points.push({ name: guidOf(item.key, turns, time), time, type, details });
  }
  return points;
}

/** The point that the input asks for; without any wish the newest. */
export function pointFor(item: ItemRecord, vault: Vault, at: number, { recoveryPointId, recoveryPointKind, sharedPoint }: AzureToAzureInput): RecoveryPoint | undefined {
  const points = recoveryPoints(item, vault, at);
  if (recoveryPointId !== undefined) return points.find(({ name }) => name === lastOf(recoveryPointId).toLowerCase());
  const wanted = recoveryPointKind === 'LatestApplicationConsistent' ? points.filter(({ type }) => type === 'AppConsistent') : points;
  const alike = sharedPoint ? wanted.filter(({ details }) => details['recoveryPointSyncType'] === 'MultiVmSyncRecoveryPoint') : wanted;
  return (alike.length > 0 ? alike : wanted).at(-1);
}
