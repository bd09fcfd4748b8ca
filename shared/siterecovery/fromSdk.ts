// Converts SDK objects of Site Recovery into Lifeboat's types. The special values of the API (year
// 1, "None", "") become null here, so no later code handles them.
import type { Job, RecoveryPoint as SdkRecoveryPoint } from '@azure/arm-recoveryservices-siterecovery';
import { nameOf } from '../core/armId.ts';
import { ArmJobState, type ArmJob, type ArmJobEntry, type ArmJobError } from './item.ts';
import type { RecoveryPoint } from './recoveryPoint.ts';

/**
 * Returns the recovery point of an ended failover. A test failover has one only when Azure returns
 * it.
 */
function usedPointOf(details: NonNullable<Job['properties']>['customDetails']): ArmJob['recoveryPoint'] {
  if (!details || !('protectedItemDetails' in details)) return null;
  const points = (details.protectedItemDetails ?? []).flatMap(
    ({ friendlyName, recoveryPointId, recoveryPointTime }) => {
      const at = isoTimeOrNull(recoveryPointTime);
      return recoveryPointId && at ? [{ name: friendlyName ?? '', id: recoveryPointId, time: at }] : [];
    },
  );
  const [first] = points;
  if (!first) return null;
  const point = { id: first.id, time: first.time };
  return points.length === 1
    ? point
    : { ...point, members: Object.fromEntries(points.map(({ name, time: at }) => [name, at])) };
}

const FINAL_STATES: Readonly<Record<string, ArmJobState>> = {
  Succeeded: ArmJobState.succeeded,
  PartiallySucceeded: ArmJobState.succeeded,
  CompletedWithInformation: ArmJobState.succeeded,
  Failed: ArmJobState.failed,
  Cancelled: ArmJobState.cancelled,
};

/** Converts an entry of the job list. */
export function toJobEntry(raw: Job): ArmJobEntry {
  return {
    id: raw.name ?? nameOf(raw.id ?? ''),
    state: FINAL_STATES[raw.properties?.state ?? ''] ?? ArmJobState.running,
    startTime: isoTimeOrNull(raw.properties?.startTime),
  };
}

/** Converts a job with its details. */
export function toJob(raw: Job): ArmJob {
  const properties = raw.properties ?? {};
  const details = properties.customDetails;
  return {
    ...toJobEntry(raw),
    activityId: textOrNull(properties.activityId),
    scenario: textOrNull(properties.scenarioName),
    targetName: textOrNull(properties.targetObjectName),
    endTime: isoTimeOrNull(properties.endTime),
    errors: (properties.errors ?? []).map(toError),
    recoveryPoint: usedPointOf(details),
    newItemId:
      details?.instanceType === 'SwitchProtectionJobDetails' && 'newReplicationProtectedItemId' in details
        ? textOrNull(details.newReplicationProtectedItemId)
        : null,
  };
}

/** Converts a recovery point. */
export function toRecoveryPoint({ id = '', name, properties }: SdkRecoveryPoint): RecoveryPoint {
  const details = properties?.providerSpecificDetails;
  return {
    id,
    name: name ?? nameOf(id),
    time: isoTimeOrNull(properties?.recoveryPointTime) ?? '',
    appConsistent: /^app/i.test(properties?.recoveryPointType ?? ''),
    shared:
      details !== undefined &&
      (('recoveryPointSyncType' in details && details.recoveryPointSyncType === 'MultiVmSyncRecoveryPoint') ||
        ('isMultiVmSyncPoint' in details && details.isMultiVmSyncPoint === 'true')),
  };
}

function toError(raw: NonNullable<NonNullable<Job['properties']>['errors']>[number]): ArmJobError {
  const service = raw.serviceErrorDetails;
  const message = [service?.message, service?.possibleCauses, service?.recommendedAction]
    .filter(Boolean)
    .join(' ');
  return {
    code: service?.code ?? String(raw.providerErrorDetails?.errorCode ?? ''),
    message,
    level: raw.errorLevel ?? 'Error',
  };
}

/** Returns null for a missing value: Azure sends null, "", "None" or nothing. */
export const textOrNull = (text: string | null | undefined): string | null =>
  text && text !== 'None' ? text : null;

/** Returns null for an unset time: Azure sends the year 1 or 1753. */
export const isoTimeOrNull = (date: Date | null | undefined): string | null =>
  date && date.getUTCFullYear() > 1900 ? date.toISOString() : null;
