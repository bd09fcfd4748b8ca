// Reads the values of a replication policy of this scenario.
import type { HyperVReplicaAzurePolicyDetails, Policy } from '@azure/arm-recoveryservices-siterecovery';
import type { PolicyValues } from '../driver.ts';
import { HYPER_V } from './instanceType.ts';

export function readPolicy({ properties }: Policy): PolicyValues | undefined {
  const details = properties?.providerSpecificDetails;
  if (details?.instanceType !== HYPER_V) return undefined;
  const { recoveryPointHistoryDurationInHours, applicationConsistentSnapshotFrequencyInHours } =
    details as HyperVReplicaAzurePolicyDetails;
  return {
    retentionMinutes: (recoveryPointHistoryDurationInHours ?? 0) * 60,
    appConsistentMinutes: (applicationConsistentSnapshotFrequencyInHours ?? 0) * 60,
  };
}
