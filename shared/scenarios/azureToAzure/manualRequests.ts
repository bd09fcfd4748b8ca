// The bodies of what a person sends by hand, as Lifeboat itself sends them.
import type { ManualRequests } from '../driver.ts';
import { recoveryPointInputs } from './groupWrites.ts';
import { A2A } from './instanceType.ts';

/** Each native plan is made for one direction, and leads from its primary side to its recovery side. */
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
