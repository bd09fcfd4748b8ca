// Reads the values of a replication policy of this scenario.
import type {
  InMageAzureV2PolicyDetails,
  InMageRcmPolicyDetails,
  Policy,
} from '@azure/arm-recoveryservices-siterecovery';
import type { PolicyValues } from '../driver.ts';
import { isForm } from './instanceType.ts';

type Values = Pick<
  InMageRcmPolicyDetails,
  'recoveryPointHistoryInMinutes' | 'appConsistentFrequencyInMinutes'
> &
  Pick<InMageAzureV2PolicyDetails, 'recoveryPointHistory'>;

export function readPolicy({ properties }: Policy): PolicyValues | undefined {
  const details = properties?.providerSpecificDetails;
  if (!isForm(details?.instanceType)) return undefined;
  const { recoveryPointHistoryInMinutes, recoveryPointHistory, appConsistentFrequencyInMinutes } =
    details as Partial<Values>;
  return {
    // A policy of the way home keeps no points.
    retentionMinutes: recoveryPointHistoryInMinutes ?? recoveryPointHistory ?? 0,
    appConsistentMinutes: appConsistentFrequencyInMinutes ?? 0,
  };
}
