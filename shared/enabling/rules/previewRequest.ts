// Previews a request with the rules of its scenario. Pure.
import type { AzureFacts } from '../../azure/facts.ts';
import { enablingFor } from '../../scenarios/drivers.ts';
import type { CommonRequest } from '../../scenarios/enabling/support.ts';
import type { EnablingPreview } from '../../scenarios/enabling/preview.ts';
import { withConfirmations } from './checks/confirmation.ts';
import { checkGoal } from './request/goal.ts';

/** Previews a request with these facts. */
export function previewRequest(facts: AzureFacts, request: CommonRequest): EnablingPreview {
  const goalRefusal = checkGoal(request.goal);
  const enabling = enablingFor(request.goal);
  const preview = enabling.preview(facts, request, goalRefusal ? [goalRefusal] : []);
  return withConfirmations(preview, facts, enabling.siteOf?.(facts, request));
}
