// Reads the values of a replication policy of this scenario.
import type { A2APolicyDetails, Policy } from '@azure/arm-recoveryservices-siterecovery';
import type { PolicyValues } from '../driver.ts';
import { A2A } from './instanceType.ts';

export function readPolicy({ properties }: Policy): PolicyValues | undefined {
  const details = properties?.providerSpecificDetails;
  if (details?.instanceType !== A2A) return undefined;
  const { recoveryPointHistory, appConsistentFrequencyInMinutes } = details as A2APolicyDetails;
  return {
    retentionMinutes: recoveryPointHistory ?? 0,
    appConsistentMinutes: appConsistentFrequencyInMinutes ?? 0,
  };
}
