// The writes on a whole multi-VM group. Site Recovery accepts such an operation only through a
// recovery plan with all members.
import type { RecoveryPlanA2AFailoverInput } from '@azure/arm-recoveryservices-siterecovery';
import { nameOf } from '../../core/armId.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import type { GroupWrite } from '../driver.ts';
import { A2A } from './instanceType.ts';

/** The recovery point of each kind, as a native recovery plan expects it. */
const POINT_INPUTS = {
  latest: { recoveryPointType: 'Latest' },
  latestProcessed: { recoveryPointType: 'LatestProcessed' },
  latestAppConsistent: { recoveryPointType: 'LatestApplicationConsistent' },
  latestCrashConsistent: { recoveryPointType: 'LatestCrashConsistent' },
  latestMultiVmConsistent: {
    recoveryPointType: 'LatestProcessed',
    multiVmSyncPointOption: 'UseMultiVmSyncRecoveryPoint',
  },
} as const satisfies Record<
  RecoveryPointKind,
  { readonly recoveryPointType: string; readonly multiVmSyncPointOption?: string }
>;

/**
 * Lifeboat creates each native plan for one direction, so the plan always runs from its primary to
 * its recovery side.
 */
const FORWARD = 'PrimaryToRecovery';

export const recoveryPointInputs = (point: RecoveryPointKind): RecoveryPlanA2AFailoverInput[] => [
  { instanceType: A2A, ...POINT_INPUTS[point] },
];

export const writeGroup: GroupWrite = (client, { vault, resourceGroup }, request, options) => {
  const name = nameOf(request.nativePlanId);
  switch (request.operation) {
    case 'testFailover': {
      const network = request.networkId
        ? { networkType: 'VmNetworkAsInput', networkId: request.networkId }
        : { networkType: 'NoNetworkAttachAsInput' };
      return client.replicationRecoveryPlans.beginTestFailover(
        vault,
        resourceGroup,
        name,
        {
          properties: {
            failoverDirection: FORWARD,
            ...network,
            providerSpecificDetails: recoveryPointInputs(request.point),
          },
        },
        options,
      );
    }
    case 'failover': {
      const sourceSiteOperations = request.shutDownSource ? 'Required' : 'NotRequired';
      return client.replicationRecoveryPlans.beginUnplannedFailover(
        vault,
        resourceGroup,
        name,
        {
          properties: {
            failoverDirection: FORWARD,
            sourceSiteOperations,
            providerSpecificDetails: recoveryPointInputs(request.point),
          },
        },
        options,
      );
    }
    case 'cleanUpTestFailover':
      return client.replicationRecoveryPlans.beginTestFailoverCleanup(
        vault,
        resourceGroup,
        name,
        { properties: { comments: request.notes } },
        options,
      );
    case 'reprotect':
      return client.replicationRecoveryPlans.beginReprotect(vault, resourceGroup, name, options);
  }
};
