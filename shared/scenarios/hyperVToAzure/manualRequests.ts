// The request bodies for a person that acts without Lifeboat. The bodies equal Lifeboat's own
// requests.
import type { ManualRequests } from '../driver.ts';
import { HYPER_V } from './instanceType.ts';

export const manualRequests: ManualRequests = {
  failover: (recoveryPointId) => ({
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations: 'NotRequired',
      providerSpecificDetails: {
        instanceType: HYPER_V,
        ...(recoveryPointId === undefined ? {} : { recoveryPointId }),
      },
    },
  }),
  failoverOfGroup: null,
  recoveryVmPath: 'providerSpecificDetails.recoveryAzureVmName',
  sharedPointPath: null,
};
