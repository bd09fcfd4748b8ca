// The rules of each operation, as far as this scenario differs.
import type { PhaseOperation } from '../../core/operations.ts';
import type { OperationRule } from '../operationRule.ts';
import { reversingRules } from '../reversingRules.ts';

export const rules: Record<PhaseOperation, OperationRule> = {
  ...reversingRules,
  // On the way home nothing can change.
  updateReplication: { ...reversingRules.updateReplication, allowedBy: ['TestFailover'] },
  // With an appliance, the failover home is a planned one.
  failover: {
    ...reversingRules.failover,
    allowedBy: ['UnplannedFailover', 'PlannedFailover'],
    jobNames: ['UnplannedFailover', 'PlannedFailover'],
  },
};
