// The request bodies for a person that acts without Lifeboat. The bodies equal Lifeboat's own
// requests.
import type { ManualRequests } from '../driver.ts';
import { recoveryPointInputs } from './groupWrites.ts';
import { A2A } from './instanceType.ts';

/** A native plan always runs from its primary side to its recovery side. */
const FORWARD = { failoverDirection: 'PrimaryToRecovery', sourceSiteOperations: 'NotRequired' };

export const manualRequests: ManualRequests = {
  failover: (recoveryPointId) => ({
    properties: {
      ...FORWARD,
      providerSpecificDetails: {
        instanceType: A2A,
        ...(recoveryPointId === undefined ? {} : { recoveryPointId }),
      },
    },
  }),
  failoverOfGroup: (point) => ({
    properties: { ...FORWARD, providerSpecificDetails: recoveryPointInputs(point) },
  }),
  recoveryVmPath: 'providerSpecificDetails.recoveryFabricObjectId',
  sharedPointPath: 'properties.providerSpecificDetails.recoveryPointSyncType',
};
