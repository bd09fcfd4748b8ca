// Checks a request without any facts of Azure. The route refuses a wrong request before it reads
// anything. Pure.
import { checkGoal } from '../request/goal.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { enablingFor, type PrepareRequest } from '../../../scenarios/drivers.ts';

/** The refusals of a request that do not depend on Azure. */
export function checkRequest(request: PrepareRequest): readonly Refusal[] {
  const goalRefusal = checkGoal(request.goal);
  return [...(goalRefusal ? [goalRefusal] : []), ...enablingFor(request.goal).checkRequest(request)];
}
