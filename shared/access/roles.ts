// Who may do what, as data. Nobody has a right by default.
import { Role } from '../core/role.ts';
import type { Operation } from '../core/operations.ts';

const ALL_CALLERS = [Role.owner, Role.contributor, Role.operator, Role.reader, Role.approver] as const;
/** Whoever may bring VMs over and back on the worst day. */
const OPERATOR_ROLES = [Role.owner, Role.contributor, Role.operator] as const;
const MANAGER_ROLES = [Role.owner, Role.contributor] as const;

export const ROUTE_ROLES = {
  // Which operations among them stands in OPERATIONS.
  'POST /api/v1/jobs': OPERATOR_ROLES,
  'GET /api/v1/jobs': ALL_CALLERS,
  'GET /api/v1/jobs/{id}': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/measures': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/map': ALL_CALLERS,
  'GET /api/v1/schemas/resource-map': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/report': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/steps': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/log': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/deliveries': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/events': ALL_CALLERS,
  // Whoever may begin a job's operation may steer it; to take it from its walk is for those who
  // answer for the whole.
  'POST /api/v1/jobs/{id}/pause': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/resume': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/cancel': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/skip': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/retry': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/source-lost': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/take-over': MANAGER_ROLES,
  'POST /api/v1/jobs/{id}/answers': OPERATOR_ROLES,
  // Of those who operate, only whom the plan names.
  'POST /api/v1/jobs/{id}/approvals': [...OPERATOR_ROLES, Role.approver],
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': OPERATOR_ROLES,
  // Of other news than a job's own too.
  'GET /api/v1/undelivered': ALL_CALLERS,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': OPERATOR_ROLES,
  'GET /api/v1/replications': ALL_CALLERS,
  'GET /api/v1/replications/{id}': ALL_CALLERS,
  'GET /api/v1/vaults': ALL_CALLERS,
  'GET /api/v1/vaults/{vaultId}': ALL_CALLERS,
  'GET /api/v1/vaults/{vaultId}/plans': ALL_CALLERS,
  'GET /api/v1/plans': ALL_CALLERS,
  'GET /api/v1/plans/{planId}': ALL_CALLERS,
  'PUT /api/v1/plans/{planId}': MANAGER_ROLES,
  'POST /api/v1/plan-lint': ALL_CALLERS,
  'GET /api/v1/alarms': ALL_CALLERS,
  'GET /api/v1/alarms/{id}': ALL_CALLERS,
  // A schedule acts in the name of who saved it: whoever may drill by hand may do so by the calendar.
  'GET /api/v1/plans/{planId}/schedules': ALL_CALLERS,
  'GET /api/v1/plans/{planId}/schedules/{id}': ALL_CALLERS,
  'PUT /api/v1/plans/{planId}/schedules/{id}': OPERATOR_ROLES,
  'DELETE /api/v1/plans/{planId}/schedules/{id}': OPERATOR_ROLES,
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': ALL_CALLERS,
  // Where news go to is for those who answer for the whole.
  'GET /api/v1/callbacks': ALL_CALLERS,
  'GET /api/v1/callbacks/{id}': ALL_CALLERS,
  'PUT /api/v1/callbacks/{id}': MANAGER_ROLES,
  'DELETE /api/v1/callbacks/{id}': MANAGER_ROLES,
  'POST /api/v1/callbacks/{id}/test': MANAGER_ROLES,
  // An alert rule acts in the name of who saves it; which operations they may give it stands in OPERATIONS.
  'GET /api/v1/alert-rules': ALL_CALLERS,
  'GET /api/v1/alert-rules/{id}': ALL_CALLERS,
  'PUT /api/v1/alert-rules/{id}': OPERATOR_ROLES,
  'DELETE /api/v1/alert-rules/{id}': OPERATOR_ROLES,
  'GET /api/v1/alert-rules/{id}/decisions': ALL_CALLERS,
  'GET /api/v1/alert-decisions/{id}': ALL_CALLERS,
  'POST /api/v1/alert-decisions/{id}/approve': [Role.approver],
  'POST /api/v1/alert-decisions/{id}/refuse': [Role.approver],
  'POST /api/v1/alerts/azure-monitor': [Role.alerts],
  'GET /api/v1/sources/vms': ALL_CALLERS,
  'GET /api/v1/options': ALL_CALLERS,
  'GET /api/v1/firewall': ALL_CALLERS,
  // These ask much and change nothing.
  'POST /api/v1/previews': ALL_CALLERS,
  'POST /api/v1/plans/{planId}/preview': ALL_CALLERS,
  'GET /api/v1/plans/{planId}/runbook': ALL_CALLERS,
  'POST /api/v1/readiness': ALL_CALLERS,
  'POST /api/v1/network-rules': ALL_CALLERS,
  'GET /api/v1/ready': ALL_CALLERS,
} as const satisfies Record<string, readonly Role[]>;
export type Route = keyof typeof ROUTE_ROLES;

/** What anybody may ask, without a token: none of it tells of the inside, and none of it changes anything. */
export const OPEN_ROUTES = [
  'GET /api/v1/health',
  'GET /api/openapi.json',
  'GET /api/privacy',
  'GET /api/v1/privacy',
  'GET /api/problems',
  'GET /api/problems/{code}',
] as const;
/** Without a token too, but signed by a key; what is told there acts only through an alert rule. */
export const SIGNED_ROUTES = ['POST /api/v1/alerts/generic'] as const;
export type RouteWithoutToken = (typeof OPEN_ROUTES | typeof SIGNED_ROUTES)[number];

export const OPERATION_ROLES: Record<Operation, readonly Role[]> = {
  prepareVault: MANAGER_ROLES,
  enableReplication: MANAGER_ROLES,
  updateReplication: MANAGER_ROLES,
  disableReplication: MANAGER_ROLES,
  testFailover: OPERATOR_ROLES,
  cleanUpTestFailover: OPERATOR_ROLES,
  failover: OPERATOR_ROLES,
  changeRecoveryPoint: OPERATOR_ROLES,
  cancelFailover: OPERATOR_ROLES,
  commit: OPERATOR_ROLES,
  reprotect: OPERATOR_ROLES,
  failback: OPERATOR_ROLES,
};

/** Whoever may prepare a vault that is there need not be one who may make vaults. */
export const mayCreateVaults = (roles: readonly string[]): boolean => roles.includes(Role.owner);
