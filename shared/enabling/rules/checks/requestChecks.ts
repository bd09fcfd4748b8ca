// Checks a request without any facts of Azure. The route refuses a wrong request before it reads
// anything. Pure.
import { checkGoal } from '../request/goal.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { enablingFor } from '../../../scenarios/drivers.ts';
import type { CommonRequest } from '../../../scenarios/enabling/support.ts';

/** The refusals of a request that do not depend on Azure. */
export function checkRequest(request: CommonRequest): readonly Refusal[] {
  const goalRefusal = checkGoal(request.goal);
  return [...(goalRefusal ? [goalRefusal] : []), ...enablingFor(request.goal).checkRequest(request)];
}
