// The request bodies for a person that acts without Lifeboat. The bodies equal Lifeboat's own
// requests, for VMs of a replication appliance.
import type { ManualRequests } from '../driver.ts';
import { planInputs } from './groupWrites.ts';
import { APPLIANCE } from './instanceType.ts';
import { failoverInput, TO_AZURE } from './writes.ts';

export const manualRequests: ManualRequests = {
  failover: (recoveryPointId) => ({
    properties: failoverInput(APPLIANCE.toAzure, recoveryPointId ?? null, false),
  }),
  failoverOfGroup: (point) => ({
    properties: {
      failoverDirection: TO_AZURE,
      sourceSiteOperations: 'NotRequired',
      providerSpecificDetails: planInputs(APPLIANCE.toAzure, point),
    },
  }),
  recoveryVmPath: 'providerSpecificDetails.targetVmName',
  sharedPointPath: 'properties.providerSpecificDetails.isMultiVmSyncPoint',
};
