// Operations on a whole multi-VM group: Site Recovery takes them only through a recovery plan that
// holds its members.
import type {
  RecoveryPlanA2AFailoverInput,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import { nameOf } from '../core/armId.ts';
import { NATIVE_POINTS, type RecoveryPointKind } from './recoveryPoint.ts';
import type { SendOptions } from '../azure/send.ts';

export type GroupRequest =
  | {
      readonly operation: 'testFailover';
      readonly planId: string;
      readonly point: RecoveryPointKind;
      readonly networkId: string | null;
    }
  | { readonly operation: 'cleanUpTestFailover'; readonly planId: string; readonly notes: string }
  | {
      readonly operation: 'failover';
      readonly planId: string;
      readonly point: RecoveryPointKind;
      readonly shutDownSource: boolean;
    }
  | { readonly operation: 'reprotect'; readonly planId: string };

/** The plan is made for one direction, so it always leads from its primary side to its recovery side. */
const FORWARD = 'PrimaryToRecovery';

const at = (point: RecoveryPointKind): RecoveryPlanA2AFailoverInput[] => [
  { instanceType: 'A2A', ...NATIVE_POINTS[point] },
];

export function writeGroup(
  client: SiteRecoveryManagementClient,
  { vault, resourceGroup }: { readonly vault: string; readonly resourceGroup: string },
  request: GroupRequest,
  options: SendOptions,
): Promise<unknown> {
  const name = nameOf(request.planId);
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
          properties: { failoverDirection: FORWARD, ...network, providerSpecificDetails: at(request.point) },
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
            providerSpecificDetails: at(request.point),
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
}
