// Checks a request without any facts of Azure. The route refuses a wrong request before it reads
// anything. Pure.
import { checkGoal } from '../request/goal.ts';
import { checkMemberCount } from '../vm/multiVmGroup.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { PrepareRequest } from '../request/request.ts';

/** The refusals of a request that do not depend on Azure. */
export function checkRequest(request: PrepareRequest): readonly Refusal[] {
  const refusals = [
    checkGoal(request.goal),
    checkRegions(request),
    request.multiVmGroup &&
      checkMemberCount(
        { name: request.multiVmGroup.name, id: null, existingMembers: [] },
        request.vms.length,
      ),
  ];
  return refusals.filter((refusal) => refusal !== undefined);
}

function checkRegions({ source, target, perVm }: PrepareRequest): Refusal | undefined {
  const namesZone = target.zone !== undefined || Object.values(perVm).some(({ zone }) => zone !== undefined);
  if (source?.region !== target.region || namesZone) return undefined;
  return {
    code: 'SameRegion',
    message:
      `The target region ${target.region} is the source region. Name another region or, to ` +
      'replicate from zone to zone, the target zone in "target.zone".',
  };
}
