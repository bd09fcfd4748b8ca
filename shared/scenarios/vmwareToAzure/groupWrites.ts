// The writes on a whole multi-VM group. Site Recovery accepts such an operation only through a
// recovery plan with all members.
import type { RecoveryPlanProviderSpecificFailoverInputUnion } from '@azure/arm-recoveryservices-siterecovery';
import { nameOf } from '../../core/armId.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';
import type { GroupWrite } from '../driver.ts';
import { APPLIANCE, CLASSIC, goesHome, isForm } from './instanceType.ts';
import { HOME, TO_AZURE } from './writes.ts';

/** The recovery point of each kind, as a native recovery plan expects it. */
const POINT_INPUTS = {
  latest: { recoveryPointType: 'Latest' },
  latestProcessed: { recoveryPointType: 'LatestProcessed' },
  latestAppConsistent: { recoveryPointType: 'LatestApplicationConsistent' },
  latestCrashConsistent: { recoveryPointType: 'LatestCrashConsistent' },
  latestMultiVmConsistent: { recoveryPointType: 'LatestProcessed', useMultiVmSyncPoint: 'true' },
} as const satisfies Record<RecoveryPointKind, object>;

/** The input of a plan's failover for members of this form. */
export function planInputs(
  form: string | undefined,
  point: RecoveryPointKind,
): RecoveryPlanProviderSpecificFailoverInputUnion[] {
  switch (form) {
    case APPLIANCE.home:
      return [{ instanceType: form, recoveryPointType: 'CrashConsistent' }];
    case CLASSIC.home:
      return [{ instanceType: form, recoveryPointType: 'LatestTime' }];
    case CLASSIC.toAzure:
      return [{ instanceType: form, ...POINT_INPUTS[point] }];
    case undefined:
    default:
      return [{ instanceType: APPLIANCE.toAzure, ...POINT_INPUTS[point] }];
  }
}

export const writeGroup: GroupWrite = (client, { vault, resourceGroup }, request, options) => {
  const { replicationRecoveryPlans: plans } = client;
  const name = nameOf(request.nativePlanId);
  const form = request.member.instanceType;
  switch (request.operation) {
    case 'testFailover': {
      const network = request.networkId
        ? { networkType: 'VmNetworkAsInput', networkId: request.networkId }
        : { networkType: 'NoNetworkAttachAsInput' };
      const properties = {
        failoverDirection: TO_AZURE,
        ...network,
        providerSpecificDetails: planInputs(form, request.point),
      };
      return plans.beginTestFailover(vault, resourceGroup, name, { properties }, options);
    }
    case 'failover': {
      const isHome = isForm(form) && goesHome(form);
      const common = {
        failoverDirection: isHome ? HOME : TO_AZURE,
        providerSpecificDetails: planInputs(form, request.point),
      };
      if (form === APPLIANCE.home)
        return plans.beginPlannedFailover(vault, resourceGroup, name, { properties: common }, options);
      const properties = {
        ...common,
        sourceSiteOperations: request.shutDownSource ? 'Required' : 'NotRequired',
      };
      return plans.beginUnplannedFailover(vault, resourceGroup, name, { properties }, options);
    }
    case 'cleanUpTestFailover':
      return plans.beginTestFailoverCleanup(
        vault,
        resourceGroup,
        name,
        { properties: { comments: request.notes } },
        options,
      );
    case 'reprotect':
      return plans.beginReprotect(vault, resourceGroup, name, options);
  }
};
