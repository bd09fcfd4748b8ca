// From the SDK's shapes to ours. The wire's sentinels (year 1, "None", "") end here.
import type { Job, RecoveryPoint as SdkRecoveryPoint } from '@azure/arm-recoveryservices-siterecovery';
import { nameOf } from '../core/armId.ts';
import { ArmJobState, type ArmJob, type ArmJobEntry, type ArmJobError } from './item.ts';
import type { RecoveryPoint } from './recoveryPoint.ts';

/** What a failover, or a test where that is told, came up at, once it has ended. */
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

export function toJobEntry(raw: Job): ArmJobEntry {
  return {
    id: raw.name ?? nameOf(raw.id ?? ''),
    state: FINAL_STATES[raw.properties?.state ?? ''] ?? ArmJobState.running,
    startTime: isoTimeOrNull(raw.properties?.startTime),
  };
}

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

export function toRecoveryPoint({ id = '', name, properties }: SdkRecoveryPoint): RecoveryPoint {
  const details = properties?.providerSpecificDetails;
  return {
    id,
    name: name ?? nameOf(id),
    time: isoTimeOrNull(properties?.recoveryPointTime) ?? '',
    appConsistent: /^app/i.test(properties?.recoveryPointType ?? ''),
    shared:
      details !== undefined &&
      'recoveryPointSyncType' in details &&
      details.recoveryPointSyncType === 'MultiVmSyncRecoveryPoint',
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

/** What is not there comes as null, "", "None" or not at all. */
export const textOrNull = (text: string | null | undefined): string | null =>
  text && text !== 'None' ? text : null;

/** Unset times are in year 1 or 1753. */
export const isoTimeOrNull = (date: Date | null | undefined): string | null =>
  date && date.getUTCFullYear() > 1900 ? date.toISOString() : null;
